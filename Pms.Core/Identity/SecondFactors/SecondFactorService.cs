using System.Data.Common;
using Pms.Core.Data;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;

namespace Pms.Core.Identity.SecondFactors;

/// <summary>
/// People set their second factor up, renew its recovery codes and turn it off, each with their password; an administrator resets somebody
/// else's. Every change ends the person's other sessions and is a security event. What proves it works once: a time step, a recovery code.
/// </summary>
public sealed class SecondFactorService(
    Db db, SecondFactorRepository factors, SecondFactorSecrets secrets, UserRepository users, UserService accounts, FailureRepository failures, Hashing hashing, SessionService sessions,
    SecurityEvents security, Rights rights, PlantClock clock)
{
    public const int RecoveryCodes = 10;

    private const string Entity = "user";

    /// <summary>How the actor stands with it.</summary>
    public async Task<SecondFactorState> GetMineAsync(Actor actor, CancellationToken ct = default) => await factors.StateAsync(Self(actor), ct) ?? throw new NotFoundException(Entity, actor.UserId);

    /// <summary>How another user stands with it.</summary>
    public async Task<SecondFactorState> GetAsync(Actor actor, long userId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminUsers);
        return await factors.StateAsync(userId, ct) ?? throw new NotFoundException(Entity, userId);
    }

    /// <summary>Makes a secret for the actor's app; it counts only once <see cref="ConfirmAsync"/> has seen a code of it.</summary>
    /// <exception cref="InvalidException"><c>password.wrong</c></exception>
    /// <exception cref="RuleException"><c>mfa.already_on</c></exception>
    public async Task<Enrolment> StartAsync(Actor actor, string? password, CancellationToken ct = default)
    {
        var user = await users.GetAsync(Self(actor), ct);
        var secret = TimeCodes.NewSecret();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WithPasswordAsync(actor, user, password, async tx =>
                {
                    if (!await SecondFactorRepository.StartAsync(tx, user.Id, secrets.Close(user.Id, secret), clock.Now))
                        throw new RuleException("mfa.already_on");
                }, ct);
                return new(secret, user.UserName);
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e) && attempt < 3)
            {
                continue;   // two pages began at once
            }
        }
    }

    /// <summary>The app shows the right code: the second factor counts from now on. Returns the recovery codes, once.</summary>
    /// <exception cref="InvalidException"><c>mfa.wrong</c></exception>
    /// <exception cref="RuleException"><c>mfa.not_started</c>, <c>mfa.already_on</c></exception>
    public async Task<IReadOnlyList<string>> ConfirmAsync(Actor actor, string? code, CancellationToken ct = default)
    {
        var userId = Self(actor);
        var begun = await factors.FindAsync(userId, ct) ?? throw new RuleException("mfa.not_started");
        if (begun.ConfirmedAt is not null)
            throw new RuleException("mfa.already_on");
        if (Digits(code) is not { } digits || TimeCodes.StepOf(secrets.Open(begun), digits, clock.Now) is not { } step)
            throw new InvalidException("Code", "mfa.wrong");
        var codes = NewCodes();
        await db.InTransactionAsync(async tx =>
        {
            if (!await SecondFactorRepository.ConfirmAsync(tx, begun, step, clock.Now))
                throw new ConflictException("changed_meanwhile");
            await SecondFactorRepository.SetRecoveryCodesAsync(tx, userId, codes.Select(c => HashOf(userId, c)));
            await SessionRepository.EndAllAsync(tx, userId, null, actor.SessionId, clock.Now);
            security.Write(tx, actor, "mfa.on", Entity, userId, Change(false, true));
            tx.Raise(new SessionEnded(null));
        }, ct);
        sessions.Forget();
        return codes;
    }

    /// <summary>New recovery codes, shown once; those before are worth nothing any more.</summary>
    /// <exception cref="InvalidException"><c>password.wrong</c>, <c>mfa.wrong</c></exception>
    public async Task<IReadOnlyList<string>> RenewCodesAsync(Actor actor, string? password, string? code, CancellationToken ct = default)
    {
        var codes = NewCodes();
        await ProvenAsync(actor, password, code, async (tx, user) =>
        {
            await SecondFactorRepository.SetRecoveryCodesAsync(tx, user.Id, codes.Select(c => HashOf(user.Id, c)));
            security.Write(tx, actor, "mfa.codes_renewed", Entity, user.Id, new Dictionary<string, object?[]> { ["RecoveryCodes"] = [null, RecoveryCodes] });
        }, ct);
        return codes;
    }

    /// <summary>No second factor any more; where a role asks for one, the next thing is to set up another.</summary>
    /// <exception cref="InvalidException"><c>password.wrong</c>, <c>mfa.wrong</c></exception>
    public async Task TurnOffAsync(Actor actor, string? password, string? code, CancellationToken ct = default)
    {
        await ProvenAsync(actor, password, code, async (tx, user) =>
        {
            await SecondFactorRepository.RemoveAsync(tx, user.Id);
            await SessionRepository.EndAllAsync(tx, user.Id, null, actor.SessionId, clock.Now);
            if (actor.SessionId is { } session && (await factors.StateAsync(user.Id, ct))!.Required)
                await SessionRepository.EnrolFirstAsync(tx, session);
            security.Write(tx, actor, "mfa.off", Entity, user.Id, Change(true, false));
            tx.Raise(new SessionEnded(null));
        }, ct);
        sessions.Forget();
    }

    /// <summary>Somebody lost phone and codes: the second factor goes, their sessions end, and the next sign-in takes the password alone.</summary>
    /// <exception cref="RuleException"><c>mfa.not_on</c>; <c>mfa.reset_own</c>: one's own is turned off with password and code.</exception>
    public async Task ResetAsync(Actor actor, long userId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminUsers);
        if (actor.UserId == userId)
            throw new RuleException("mfa.reset_own");
        await accounts.DemandManagesAsync(actor, userId, ct);
        await db.InTransactionAsync(async tx =>
        {
            if (!await SecondFactorRepository.RemoveAsync(tx, userId))
                throw new RuleException("mfa.not_on");
            await SessionRepository.EndAllAsync(tx, userId, null, null, clock.Now);
            security.Write(tx, actor, "mfa.reset", Entity, userId, Change(true, false));
            tx.Raise(new SessionEnded(null));
        }, ct);
        sessions.Forget();
    }

    /// <summary>Uses a code of the app or a recovery code up and says which it was; null where it proves nothing.</summary>
    internal async Task<string?> UseAsync(Tx tx, long userId, string? code)
    {
        if (Digits(code) is { } digits)
            return await SecondFactorRepository.FindAsync(tx, userId) is { ConfirmedAt: not null } factor && TimeCodes.StepOf(secrets.Open(factor), digits, clock.Now) is { } step
                && await SecondFactorRepository.UseStepAsync(tx, userId, step) ? "Code" : null;
        return Recovery(code) is { } recovery && await SecondFactorRepository.UseRecoveryCodeAsync(tx, userId, HashOf(userId, recovery), clock.Now) ? "RecoveryCode" : null;
    }

    private async Task ProvenAsync(Actor actor, string? password, string? code, Func<Tx, User, Task> change, CancellationToken ct)
    {
        var user = await users.GetAsync(Self(actor), ct);
        if (!(await factors.StateAsync(user.Id, ct))!.IsOn)
            throw new RuleException("mfa.not_on");
        await WithPasswordAsync(actor, user, password, async tx =>
        {
            if (await UseAsync(tx, user.Id, code) is null)
                throw new InvalidException("Code", "mfa.wrong");
            await change(tx, user);
        }, ct);
    }

    /// <summary>A page left open is no place to guess at: wrong tries count as those of a change of password do, and are taken back with the change itself.</summary>
    private async Task WithPasswordAsync(Actor actor, User user, string? password, Func<Tx, Task> change, CancellationToken ct)
    {
        FailureSubject[] subject = [new($"w:{user.Id}|", failures.Settings.FromDevice)];
        await failures.ReserveAsync(subject, ct);
        if (!await hashing.VerifyAsync(password is { Length: <= 256 } ? password : "", user.PasswordHash, ct))
        {
            await security.WriteAsync(actor, "mfa.refused", Entity, user.Id, ct: ct);
            throw new InvalidException("Before", "password.wrong");
        }
        try
        {
            await db.InTransactionAsync(async tx =>
            {
                await FailureRepository.TakeBackAsync(tx, subject, subject[0].Key);
                await change(tx);
            }, ct);
        }
        catch (InvalidException)
        {
            await security.WriteAsync(actor, "mfa.refused", Entity, user.Id, ct: ct);
            throw;
        }
    }

    /// <summary>Only who signed in with the password; a PIN, a badge or an API key doesn't open the way to it.</summary>
    private static long Self(Actor actor) => actor is { Scopes: null, BadgeOnly: false, UserId: { } id } ? id : throw new ForbiddenException("mfa.change");

    private static IReadOnlyList<string> NewCodes() => [.. Enumerable.Range(0, RecoveryCodes).Select(_ => Token.NewReadable(4))];

    /// <summary>With the user's id, so that the same code of two people would look different.</summary>
    private static string HashOf(long userId, string code) => Token.Hash($"recovery {userId} {code}");

    private static string? Digits(string? code) =>
        code is { Length: < 40 } && new string([.. code.Where(c => !char.IsWhiteSpace(c) && c != '-')]) is { Length: TimeCodes.Digits } digits && digits.All(char.IsAsciiDigit) ? digits : null;

    private static string? Recovery(string? code) =>
        code is { Length: < 40 } && new string([.. code.Where(char.IsAsciiLetterOrDigit)]).ToLowerInvariant() is { Length: 16 } plain ? string.Join('-', plain.Chunk(4).Select(c => new string(c))) : null;

    private static Dictionary<string, object?[]> Change(bool before, bool after) => new() { ["SecondFactor"] = [before, after] };
}
