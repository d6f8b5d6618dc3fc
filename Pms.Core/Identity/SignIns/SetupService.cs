using Pms.Core.Data;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.Users;

namespace Pms.Core.Identity.SignIns;

/// <summary>
/// The first administrator of a new plant, made with a one-time code that only the console shows. Works only while there is no user at all;
/// of two who try at once one wins.
/// </summary>
public sealed class SetupService(Db db, UserRepository users, UserService service, RoleRepository roles, FailureRepository failures, Hashing hashing, Rights rights, PlantClock clock)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromDays(1);

    /// <summary>True while nobody can sign in because there is nobody.</summary>
    public async Task<bool> IsNeededAsync(CancellationToken ct = default) => !await users.AnyAsync(ct);

    /// <summary>A code for the console, good for a day; null when the plant has users. Every node prints its own, all of them work.</summary>
    public async Task<string?> NewCodeAsync(CancellationToken ct = default)
    {
        if (!await IsNeededAsync(ct))
            return null;
        var code = Token.NewReadable(3);
        await db.InTransactionAsync(tx => { UserRepository.AddSetupCode(tx, Token.Hash(code), clock.Now + CodeLife); return Task.CompletedTask; }, ct);
        return code;
    }

    /// <summary>Creates the first administrator and uses the code up.</summary>
    /// <exception cref="RuleException"><c>setup.done</c>: there is a user already.</exception>
    /// <exception cref="InvalidException"><c>setup.wrong_code</c>, or what is wrong with name or password.</exception>
    public async Task<long> CreateAdminAsync(string? code, string? userName, string? displayName, string? password, Origin origin, CancellationToken ct = default)
    {
        var request = new CreateUser { UserName = userName ?? "", DisplayName = displayName ?? "" };
        new CreateUserValidator().Demand(request);
        if (PasswordRules.Check(password, failures.Settings.PasswordLength, userName, displayName) is { } why)
            throw new InvalidException([new Fault("Password", why)]);
        if (!await IsNeededAsync(ct))
            throw new RuleException("setup.done");
        await failures.ReserveAsync([new($"setup|ip:{origin.Ip}", failures.Settings.FromAddress)], ct);
        var codeHash = Token.Hash(Text.Clean(code).ToLowerInvariant());
        var hash = await hashing.HashAsync(password!, ct);
        var admin = (await roles.ListAsync(ct)).First(r => r.IsAdmin).Id;
        var actor = Actor.System("setup", origin.Channel) with { Ip = origin.Ip, Agent = origin.Agent, RequestId = origin.RequestId };
        var id = await db.InTransactionAsync(async tx =>
        {
            // The row that everybody who sets up must lock: the second one waits here and then finds a user.
            await UserRepository.LockAdminsAsync(tx);
            if (await UserRepository.AnyAsync(tx))
                throw new RuleException("setup.done");
            if (await UserRepository.SetupCodeUntilAsync(tx, codeHash) is not { } until || until < clock.Now)
                throw new InvalidException("Code", "setup.wrong_code");
            await UserRepository.ClearSetupCodesAsync(tx);
            return await service.InsertAsync(tx, actor, new User
            {
                UserName = Text.Clean(userName), DisplayName = Text.Clean(displayName), PasswordHash = hash, Active = true, CreatedAt = clock.Now, RoleIds = [admin],
            });
        }, ct);
        await rights.LoadAsync(ct);
        return id;
    }
}
