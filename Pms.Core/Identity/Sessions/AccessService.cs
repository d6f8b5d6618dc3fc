using Pms.Core.Data;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;

namespace Pms.Core.Identity.Sessions;

/// <summary>
/// Where one user is signed in, from where they tried, and which devices know them: seen and ended by themselves after a password, by whoever
/// manages users for everybody who may no more than they. An ended session's open page leaves within 30 s; nobody's time entry ends by it.
/// </summary>
public sealed class AccessService(Db db, SessionRepository rows, SignInRepository devices, AccessQueries queries, UserService users, SessionService sessions, SecurityEvents security, Rights rights, PlantClock clock)
{
    private const int SignInsShown = 50;

    /// <summary>The open sessions, newest first.</summary>
    public async Task<IReadOnlyList<Session>> ListSessionsAsync(Actor actor, long userId, CancellationToken ct = default)
    {
        await DemandSeenAsync(actor, userId, ct);
        return await rows.ListOpenAsync(userId, null, clock.Now, ct);
    }

    /// <summary>The last tries to sign in, newest first.</summary>
    public async Task<IReadOnlyList<SignInEntry>> ListSignInsAsync(Actor actor, long userId, CancellationToken ct = default)
    {
        await DemandSeenAsync(actor, userId, ct);
        return await queries.ListSignInsAsync(userId, SignInsShown, ct);
    }

    /// <summary>The browsers that signed the user in before, the last used first.</summary>
    public async Task<IReadOnlyList<KnownDevice>> ListDevicesAsync(Actor actor, long userId, CancellationToken ct = default)
    {
        await DemandSeenAsync(actor, userId, ct);
        return await devices.ListDevicesAsync(userId, ct);
    }

    /// <summary>Ends one session; one that is over already is no fault.</summary>
    /// <exception cref="NotFoundException">It is none of this user's.</exception>
    public async Task EndSessionAsync(Actor actor, long userId, string sessionId, CancellationToken ct = default)
    {
        await DemandManagedAsync(actor, userId, ct);
        if (await rows.FindAsync(sessionId, ct) is not { } session || session.UserId != userId)
            throw new NotFoundException("session", sessionId);
        await ChangeAsync(actor, userId, sessionId, async tx => await SessionRepository.EndAsync(tx, sessionId, clock.Now) ? 1 : 0, "session.ended_by", ct);
    }

    /// <summary>Ends all sessions but the actor's own; returns how many that were.</summary>
    public async Task<int> EndAllAsync(Actor actor, long userId, CancellationToken ct = default)
    {
        await DemandManagedAsync(actor, userId, ct);
        return await ChangeAsync(actor, userId, null, tx => SessionRepository.EndAllAsync(tx, userId, null, actor.SessionId, clock.Now), "session.all_ended_by", ct);
    }

    /// <summary>The device is a stranger again, and what is open on it ends.</summary>
    /// <exception cref="NotFoundException">No such device is known for this user.</exception>
    public async Task ForgetDeviceAsync(Actor actor, long userId, string deviceId, CancellationToken ct = default)
    {
        await DemandManagedAsync(actor, userId, ct);
        await db.InTransactionAsync(async tx =>
        {
            if (!await SignInRepository.ForgetDeviceAsync(tx, userId, deviceId))
                throw new NotFoundException("device", deviceId);
            var ended = await SessionRepository.EndAllOfDeviceAsync(tx, userId, deviceId, clock.Now);
            security.Write(tx, actor, "session.device_forgotten", "user", userId, new Dictionary<string, object?[]> { ["Sessions"] = [ended, 0] });
            tx.Raise(new SessionEnded(null));
        }, ct);
        sessions.Forget();
    }

    private async Task<int> ChangeAsync(Actor actor, long userId, string? sessionId, Func<Tx, Task<int>> end, string action, CancellationToken ct)
    {
        var ended = await db.InTransactionAsync(async tx =>
        {
            var count = await end(tx);
            if (count > 0)
                security.Write(tx, actor, action, "user", userId, new Dictionary<string, object?[]> { ["Sessions"] = [count, 0] });
            tx.Raise(new SessionEnded(sessionId));
            return count;
        }, ct);
        sessions.Forget(sessionId);
        return ended;
    }

    private async Task DemandSeenAsync(Actor actor, long userId, CancellationToken ct)
    {
        if (IsOwn(actor, userId))
            return;
        rights.Demand(actor, Permissions.AdminUsers);
        await users.GetAsync(actor, userId, ct);
    }

    private async Task DemandManagedAsync(Actor actor, long userId, CancellationToken ct)
    {
        if (IsOwn(actor, userId))
            return;
        rights.Demand(actor, Permissions.AdminUsers);
        await users.DemandManagesAsync(actor, userId, ct);
    }

    /// <summary>Their own, after a password: a PIN, a found badge or an API key ends nothing and learns nothing of the account.</summary>
    private static bool IsOwn(Actor actor, long userId) => actor.UserId == userId && actor is { Scopes: null, BadgeOnly: false };
}
