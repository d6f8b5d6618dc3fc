using System.Data.Common;
using Pms.Core.Data;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;

namespace Pms.Core.Identity.SignIns;

/// <summary>
/// Signs people in: user name + password, employee number + PIN, or a badge at an enrolled terminal. An unknown name gets the same answer
/// in the same time as a wrong password. Failures slow down the account on the device they come from, not the account, so that nobody can
/// lock out a shift; a device that signed this person in before isn't slowed by failures elsewhere.
/// </summary>
public sealed class SignInService(
    Db db, SignInRepository accounts, FailureRepository failures, Hashing hashing, SessionService sessions, TerminalRepository terminals, SecondFactorService secondFactors,
    SecondFactorSecrets secrets, SecurityEvents security, Rights rights, PlantClock clock)
{
    /// <exception cref="UnauthenticatedException"><c>sign_in.wrong</c>: name or password; which of them is not told.</exception>
    /// <exception cref="SecondFactorNeededException">The password is right and a code is asked for: <see cref="WithCodeAsync"/> goes on.</exception>
    /// <exception cref="TooManyException">Too many failures; wait.</exception>
    public Task<SignedIn> WithPasswordAsync(string? userName, string? password, Origin origin, CancellationToken ct = default) => WithPasswordAsync(userName, password, null, origin, ct);

    /// <summary>Both steps at once, for programs: with a code of the app or a recovery code where the account has a second factor.</summary>
    /// <exception cref="UnauthenticatedException"><c>sign_in.wrong</c>, <c>mfa.needed</c>, <c>mfa.wrong</c></exception>
    /// <exception cref="TooManyException">Too many failures; wait.</exception>
    public async Task<SignedIn> WithPasswordAsync(string? userName, string? password, string? code, Origin origin, CancellationToken ct = default)
    {
        var key = Text.Key(Cut(userName, 64));
        var account = await accounts.FindByUserNameAsync(key, ct);
        var expired = account is { MustChange: true, ExpiresAt: { } until } && until <= clock.Now;
        return await TryAsync(PasswordAccount(key), account, expired ? null : Cut(password, 256), SignInMethod.Password, origin, ct, code);
    }

    /// <summary>The second step: the ticket of the first and a code of the app, or a recovery code. Wrong ones count as wrong passwords do, on the same counter.</summary>
    /// <exception cref="UnauthenticatedException"><c>mfa.wrong</c>; <c>mfa.expired</c>: begin with the password again.</exception>
    /// <exception cref="TooManyException">Too many failures; wait.</exception>
    public async Task<SignedIn> WithCodeAsync(string? ticket, string? code, Origin origin, CancellationToken ct = default)
    {
        if (secrets.ReadTicket(ticket) is not { } first || await accounts.FindByUserAsync(first.UserId, ct) is not { Active: true, SecondFactor: true, Hash: { } hash } account || Token.Hash(hash) != first.Password)
            throw new UnauthenticatedException("mfa.expired");
        var (terminal, subjects) = await ReserveAsync(first.Subject, account, origin, ct);
        return await OpenAsync(account, SignInMethod.Password, origin, terminal, subjects, subjects[0].Key, ct, code ?? "");
    }

    /// <summary>Away from a terminal this is an operator's own phone; at a terminal it unlocks what the badge alone doesn't.</summary>
    /// <exception cref="UnauthenticatedException"><c>sign_in.wrong</c></exception>
    /// <exception cref="TooManyException">Too many failures; wait.</exception>
    public async Task<SignedIn> WithPinAsync(string? employeeNumber, string? pin, Origin origin, CancellationToken ct = default)
    {
        var key = Text.Key(Cut(employeeNumber, 32));
        return await TryAsync(PinAccount(key), await accounts.FindByNumberAsync(key, ct), Cut(pin, 64), SignInMethod.Pin, origin, ct);
    }

    /// <summary>A badge signs in at an enrolled terminal only, for job taps only.</summary>
    /// <exception cref="UnauthenticatedException"><c>sign_in.no_terminal</c>, <c>sign_in.wrong_badge</c></exception>
    public async Task<SignedIn> WithBadgeAsync(string? badge, Origin origin, CancellationToken ct = default)
    {
        if (await TerminalAsync(origin, ct) is not { } terminal)
            throw new UnauthenticatedException("sign_in.no_terminal");
        // The terminal is proven by its token and a badge can't be guessed, so nobody else's failures keep a shift from its badges.
        var token = new string([.. (Cut(badge, 64) ?? "").Where(char.IsAsciiLetterOrDigit)]);
        if (await accounts.FindByBadgeAsync(token, ct) is not { Active: true } account)
        {
            await failures.CountAddressAsync(origin.Ip, false, ct);
            await FailedAsync(null, SignInMethod.Badge, origin, ct);
            throw new UnauthenticatedException("sign_in.wrong_badge");
        }
        return await OpenAsync(account, SignInMethod.Badge, origin, terminal, [], "", ct);
    }

    /// <summary>At a terminal the person enters their PIN for one command that a badge is not enough for; returns the actor for it.</summary>
    /// <exception cref="UnauthenticatedException"><c>sign_in.wrong_pin</c></exception>
    /// <exception cref="TooManyException">Too many failures; wait.</exception>
    public async Task<Actor> ConfirmPinAsync(Actor actor, string? pin, CancellationToken ct = default)
    {
        var account = actor.EmployeeId is { } id ? await accounts.FindByEmployeeAsync(id, ct) : null;
        FailureSubject[] subjects = [new($"c:{actor.EmployeeId}|{actor.TerminalId}", failures.Settings.FromDevice)];
        await failures.ReserveAsync(subjects, ct);
        if (!await hashing.VerifyAsync(Cut(pin, 64) ?? "", account?.Hash, ct) || account is not { Active: true })
        {
            await security.WriteAsync(actor, "pin.wrong", "employee", actor.EmployeeId ?? 0, ct: ct);
            throw new UnauthenticatedException("sign_in.wrong_pin");
        }
        await db.InTransactionAsync(tx => FailureRepository.TakeBackAsync(tx, subjects, subjects[0].Key), ct);
        return actor with { BadgeOnly = false };
    }

    private async Task<SignedIn> TryAsync(string subject, Account? account, string? secret, SignInMethod method, Origin origin, CancellationToken ct, string? code = null)
    {
        var (terminal, subjects) = await ReserveAsync(subject, account, origin, ct);
        var right = await hashing.VerifyAsync(secret ?? "", secret is null ? null : account?.Hash, ct);
        if (!right || account is not { Active: true })
        {
            await FailedAsync(account, method, origin, ct);
            throw new UnauthenticatedException("sign_in.wrong");
        }
        if (!account.SecondFactor)
            return await OpenAsync(account, method, origin, terminal, subjects, subjects[0].Key, ct);
        if (code is not null)
            return await OpenAsync(account, method, origin, terminal, subjects, subjects[0].Key, ct, code);
        // Only this try is taken back: who knows the password must not wipe out wrong codes by it.
        await db.InTransactionAsync(async tx =>
        {
            await FailureRepository.TakeBackAsync(tx, subjects, "");
            if (origin.Ip is { } ip)
                await FailureRepository.TakeBackAddressAsync(tx, ip);
        }, ct);
        throw new SecondFactorNeededException(secrets.NewTicket(account.UserId!.Value, subject, account.Hash!));
    }

    /// <summary>Counts a try before anything is looked at.</summary>
    private async Task<(Terminal? Terminal, IReadOnlyList<FailureSubject> Subjects)> ReserveAsync(string subject, Account? account, Origin origin, CancellationToken ct)
    {
        var terminal = await TerminalAsync(origin, ct);
        var device = terminal is null ? origin.Device is null ? null : Token.Hash(origin.Device) : "t" + terminal.Id;
        // Asked for unknown names too: as many round trips as for a known one.
        var known = (device is not null && await accounts.IsKnownAsync(device, account?.Principal ?? "?", ct)) | terminal is not null;
        var subjects = Subjects(subject, device, known, origin.Ip);
        // A whole shift sits behind one address: who is known on this device is not kept out by the failures of others. Counted before the
        // slow hash and taken back when it was right, so that a storm at once is refused and not hashed.
        if (!await failures.CountAddressAsync(origin.Ip, !known, ct))
            throw new TooManyException("sign_in.wait", TimeSpan.FromMinutes(1));
        try
        {
            await failures.ReserveAsync(subjects, ct);
        }
        catch (TooManyException) when (origin.Ip is { } ip)
        {
            // Nothing was tried: who hammers on one account that waits doesn't use up the others' tries.
            await db.InTransactionAsync(tx => FailureRepository.TakeBackAddressAsync(tx, ip), ct);
            throw;
        }
        return (terminal, subjects);
    }

    private async Task<SignedIn> OpenAsync(Account account, SignInMethod method, Origin origin, Terminal? terminal, IReadOnlyList<FailureSubject> subjects, string own, CancellationToken ct, string? code = null)
    {
        var kind = origin.Channel == Channel.Api ? SessionKind.Api : terminal is not null ? SessionKind.Terminal : SessionKind.Cookie;
        var device = origin.Device ?? Token.New();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (opened, token, refresh) = await db.InTransactionAsync(async tx =>
                {
                    var proof = code is null ? null : await secondFactors.UseAsync(tx, account.UserId!.Value, code) ?? throw new UnauthenticatedException("mfa.wrong");
                    await FailureRepository.TakeBackAsync(tx, subjects, own);
                    if (subjects.Count > 0 && origin.Ip is { } ip)
                        await FailureRepository.TakeBackAddressAsync(tx, ip);
                    // A shared terminal is known for everybody by being enrolled.
                    var stranger = false;
                    if (terminal is null)
                        stranger = await SignInRepository.KnowAsync(tx, Token.Hash(device), account.Principal, origin.Ip, origin.Agent, clock.Now);
                    else
                        TerminalRepository.Seen(tx, terminal.Id, clock.Now);
                    if (origin.Replaces is { } old && await SessionRepository.EndAsync(tx, Token.Hash(old), clock.Now))
                        tx.Raise(new SessionEnded(Token.Hash(old)));
                    var made = sessions.Open(tx, origin, kind, method, s => s with
                    {
                        UserId = account.UserId, EmployeeId = account.EmployeeId, TerminalId = kind == SessionKind.Terminal ? terminal?.Id : null, BadgeOnly = method == SignInMethod.Badge,
                        DisplayName = account.Name, Culture = account.Culture, Language = account.Language, MustChangePassword = account.MustChange, DeviceHash = terminal is null ? Token.Hash(device) : null,
                        EnrolFirst = account.EnrolFirst && method == SignInMethod.Password,
                    });
                    var how = new Dictionary<string, object?[]> { ["Method"] = [null, method.ToString()] };
                    if (proof is not null)
                        how["SecondFactor"] = [null, proof];
                    if (stranger)
                        how["NewDevice"] = [null, true];
                    security.Write(tx, made.Session.ToActor(origin.Channel, origin.Ip, origin.Agent, origin.RequestId), "signin.ok",
                        account.UserId is null ? "employee" : "user", account.UserId ?? account.EmployeeId ?? 0,
                        how);
                    return made;
                }, ct);
                // An account made on another node a moment ago may not be in this node's picture yet.
                if (!rights.Now.IsActive(opened.ToActor(origin.Channel, null, null, null)))
                    await rights.LoadAsync(ct);
                return new(opened, token, device, refresh);
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e) && attempt < 3)
            {
                continue;   // two sign-ins of one device at once both wrote that it is known
            }
            catch (UnauthenticatedException) when (code is not null)
            {
                await FailedAsync(account, method, origin, ct, "SecondFactor");
                throw;
            }
        }
    }

    private async Task FailedAsync(Account? account, SignInMethod method, Origin origin, CancellationToken ct, string? step = null)
    {
        var how = new Dictionary<string, object?[]> { ["Method"] = [null, method.ToString()] };
        if (step is not null)
            how["Step"] = [null, step];
        await security.WriteAsync(origin.Nobody("sign-in"), "signin.failed", account?.UserId is null ? "employee" : "user", account?.UserId ?? account?.EmployeeId ?? 0, how, ct);
    }

    private async Task<Terminal?> TerminalAsync(Origin origin, CancellationToken ct) => string.IsNullOrEmpty(origin.Terminal) ? null : await terminals.FindByTokenAsync(origin.Terminal, ct);

    /// <summary>The first one is the device's own. A cookie is easily thrown away, so strangers count by address and, far more patiently, by account too.</summary>
    private List<FailureSubject> Subjects(string account, string? device, bool known, string? ip)
    {
        var from = failures.Settings;
        var byAddress = new FailureSubject($"{account}|ip:{ip}", device is null ? from.FromDevice : from.FromAddress);
        if (device is null)
            return [byAddress, new(account + "|*", from.FromAnywhere)];
        var own = new FailureSubject($"{account}|{device[..Math.Min(32, device.Length)]}", from.FromDevice);
        return known ? [own] : [own, byAddress, new(account + "|*", from.FromAnywhere)];
    }

    /// <summary>The account's part of its failure subjects, for unlocking by employee number.</summary>
    internal static string PinAccount(string employeeNumber) => Token.Hash("p:" + Text.Key(employeeNumber))[..32];

    /// <summary>The account's part of its failure subjects, for unlocking by user name.</summary>
    internal static string PasswordAccount(string userName) => Token.Hash("n:" + Text.Key(userName))[..32];

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;
}
