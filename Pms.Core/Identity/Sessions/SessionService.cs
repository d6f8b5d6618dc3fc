using System.Collections.Concurrent;
using Pms.Core.Data;
using Pms.Core.Events;

namespace Pms.Core.Identity.Sessions;

/// <summary>One session ended, or (null) several did; the nodes look again.</summary>
public sealed record SessionEnded(string? Id) : IEvent;

/// <summary>
/// Opens, checks and ends sessions. Each node keeps a picture of the sessions it sees that is at most ten seconds old, so that a check costs
/// nothing; an end by this node is known at once, one by another node by event or by age.
/// </summary>
public sealed class SessionService : IDisposable
{
    /// <summary>Being used is written at most this often.</summary>
    public static readonly TimeSpan TouchEvery = TimeSpan.FromSeconds(30);

    private const int MostKept = 20_000, MostRead = 500;

    private readonly Db db;
    private readonly SessionRepository sessions;
    private readonly SecurityEvents security;
    private readonly IdentitySettings settings;
    private readonly PlantClock clock;
    private readonly IDisposable[] subscriptions;
    private readonly ConcurrentDictionary<string, Picture> pictures = new();
    private readonly ConcurrentDictionary<string, byte> touched = new();

    public SessionService(Db db, SessionRepository sessions, SecurityEvents security, IdentitySettings settings, PlantClock clock, IEventBus bus)
    {
        (this.db, this.sessions, this.security, this.settings, this.clock) = (db, sessions, security, settings, clock);
        subscriptions = [bus.Subscribe<SessionEnded>(_ => true, e => Forget(e.Id)), bus.Subscribe<RightsChanged>(_ => true, _ => pictures.Clear()), bus.Subscribe<EventsMissed>(_ => true, _ => pictures.Clear())];
    }

    /// <summary>The session if it holds, else why it is over.</summary>
    public async Task<(Session? Session, string? WhyOver)> CheckAsync(string id, CancellationToken ct = default)
    {
        var now = clock.Now;
        if (!pictures.TryGetValue(id, out var picture) || now - picture.At >= settings.SessionFreshness || now < picture.At)
        {
            if (pictures.Count > MostKept)
                pictures.Clear();
            if (await sessions.FindAsync(id, ct) is not { } read)
                return (null, "session.ended");
            picture = pictures[id] = new(read, now);
        }
        var why = picture.Session.WhyOver(settings, now);
        return why is null ? (picture.Session, null) : (null, why);
    }

    /// <summary>Reads, in one statement for many, those sessions of which this node's picture is old or missing.</summary>
    internal async Task FreshenAsync(IEnumerable<string> ids, CancellationToken ct)
    {
        var now = clock.Now;
        var old = ids.Where(id => !pictures.TryGetValue(id, out var picture) || now - picture.At >= settings.SessionFreshness || now < picture.At);
        foreach (var some in old.Chunk(MostRead))
        {
            var read = (await sessions.ListAsync(some, ct)).ToDictionary(s => s.Id);
            foreach (var id in some)
                if (read.TryGetValue(id, out var session))
                    pictures[id] = new(session, now);
                else
                    pictures.TryRemove(id, out _);
        }
    }

    /// <summary>The session as this node knows it, if it holds; null where it is over or unknown, and a check has to say which.</summary>
    internal Session? Peek(string id) => pictures.TryGetValue(id, out var picture) && picture.Session.WhyOver(settings, clock.Now) is null ? picture.Session : null;

    /// <summary>The session holds and was used just now.</summary>
    public Task TouchAsync(string id, CancellationToken ct = default) => Use(id) ? sessions.TouchAsync([id], clock.Now, ct) : Task.CompletedTask;

    /// <summary>As <see cref="TouchAsync"/>, for an open page: written with all others' by <see cref="SessionWatch"/>, so that a tap commits once and not twice.</summary>
    public void Touch(string id)
    {
        if (Use(id))
            touched[id] = 0;
    }

    /// <summary>Writes which open pages were used; what can't be written now is written the next time.</summary>
    internal async Task WriteTouchesAsync(CancellationToken ct)
    {
        foreach (var some in touched.Keys.Chunk(MostRead))
        {
            await sessions.TouchAsync(some, clock.Now, ct);
            foreach (var id in some)
                touched.TryRemove(id, out _);
        }
    }

    /// <summary>True where the use has to be written.</summary>
    private bool Use(string id)
    {
        var now = clock.Now;
        if (!pictures.TryGetValue(id, out var picture) || now - picture.Session.LastSeenAt < Limit(picture.Session))
            return false;
        if (picture.Session.WhyOver(settings, now) is not null)
            return false;   // too late: an idle session isn't woken by the tap that finds it idle
        pictures[id] = picture with { Session = picture.Session with { LastSeenAt = now } };
        return true;
    }

    /// <summary>Queues a new session for a person; <paramref name="make"/> fills in who.</summary>
    internal (Session Session, string Token, string? Refresh) Open(Tx tx, Origin origin, SessionKind kind, SignInMethod method, Func<Session, Session> make)
    {
        var (token, refresh, now) = (Token.New(), kind == SessionKind.Api ? Token.New() : null, clock.Now);
        var session = make(new Session
        {
            Id = Token.Hash(token), Kind = kind, Method = method, CreatedAt = now, LastSeenAt = now, ExpiresAt = now + settings.SessionLimit,
            RefreshHash = refresh is null ? null : Token.Hash(refresh), Ip = origin.Ip, Agent = origin.Agent,
        });
        sessions.Insert(tx, session);
        return (session, token, refresh);
    }

    /// <summary>Signs the actor's own session off. Nobody's time entry ends by it.</summary>
    /// <exception cref="ForbiddenException">It is somebody else's.</exception>
    public async Task EndAsync(Actor actor, string id, string action = "signin.out", CancellationToken ct = default)
    {
        if (!actor.IsSystem && actor.SessionId != id)
            throw new ForbiddenException("session.others");
        await db.InTransactionAsync(async tx =>
        {
            if (!await SessionRepository.EndAsync(tx, id, clock.Now))
                return;
            security.Write(tx, actor, action, actor.UserId is null ? "employee" : "user", actor.UserId ?? actor.EmployeeId ?? 0);
            tx.Raise(new SessionEnded(id));
        }, ct);
        pictures.TryRemove(id, out _);
    }

    /// <summary>Signs the actor off everywhere else; returns how many sessions that were.</summary>
    public async Task<int> EndOthersAsync(Actor actor, CancellationToken ct = default)
    {
        if (actor is { UserId: null, EmployeeId: null })
            throw new UnauthenticatedException("session.ended");
        if (actor.BadgeOnly)
            throw new ForbiddenException("session.others");   // a found badge must not sign its owner off elsewhere
        var ended = await db.InTransactionAsync(async tx =>
        {
            var count = await SessionRepository.EndAllAsync(tx, actor.UserId, actor.EmployeeId, actor.SessionId, clock.Now);
            if (count > 0)
                security.Write(tx, actor, "signin.out_elsewhere", actor.UserId is null ? "employee" : "user", actor.UserId ?? actor.EmployeeId ?? 0,
                    new Dictionary<string, object?[]> { ["Sessions"] = [count, 0] });
            tx.Raise(new SessionEnded(null));
            return count;
        }, ct);
        pictures.Clear();
        return ended;
    }

    /// <summary>The actor's own open sessions, newest first; with only a badge this one, because a badge may have been found.</summary>
    public async Task<IReadOnlyList<Session>> ListMineAsync(Actor actor, CancellationToken ct = default) =>
        [.. (await sessions.ListOpenAsync(actor.UserId, actor.EmployeeId, clock.Now, ct)).Where(s => !actor.BadgeOnly || s.Id == actor.SessionId)];

    /// <summary>A new refresh token for an API session. A token that comes a second time ends the whole session: one of the two who hold it is a thief.</summary>
    /// <exception cref="UnauthenticatedException"><c>session.ended</c></exception>
    public async Task<(Session Session, string Refresh)> RefreshAsync(string token, string refresh, Origin origin, CancellationToken ct = default)
    {
        var id = Token.Hash(token);
        var session = await sessions.FindAsync(id, ct);
        if (session is not { Kind: SessionKind.Api } || session.WhyOver(settings, clock.Now) is not null)
            throw new UnauthenticatedException("session.ended");
        var next = Token.New();
        var rotated = await db.InTransactionAsync(tx => SessionRepository.RotateAsync(tx, id, Token.Hash(refresh), Token.Hash(next), clock.Now), ct);
        pictures.TryRemove(id, out _);
        if (rotated)
            return (session, next);
        await EndAsync(session.ToActor(origin.Channel, origin.Ip, origin.Agent, origin.RequestId), id, "signin.refresh_reused", ct);
        throw new UnauthenticatedException("session.ended");
    }

    /// <summary>Removes sessions that ended a month ago; the audit keeps who signed in when.</summary>
    public Task<int> PurgeAsync(CancellationToken ct = default) => sessions.PurgeAsync(clock.Now.AddDays(-30), ct);

    /// <summary>Forgets what this node knows, for whoever changed sessions by another way.</summary>
    internal void Forget(string? id = null)
    {
        if (id is null)
            pictures.Clear();
        else
            pictures.TryRemove(id, out _);
    }

    private TimeSpan Limit(Session session) => session.Kind == SessionKind.Terminal && settings.TerminalIdle / 4 < TouchEvery ? settings.TerminalIdle / 4 : TouchEvery;

    public void Dispose()
    {
        foreach (var subscription in subscriptions)
            subscription.Dispose();
    }

    private sealed record Picture(Session Session, DateTimeOffset At);
}
