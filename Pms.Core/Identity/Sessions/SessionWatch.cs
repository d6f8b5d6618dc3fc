using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pms.Core.Events;

namespace Pms.Core.Identity.Sessions;

/// <summary>
/// Looks at the sessions of all open pages of this node together: one timer and one read for all of them, however many are open.
/// A page is woken only when something about its session changed.
/// </summary>
public sealed class SessionWatch : IDisposable
{
    /// <summary>How often sessions are looked at; from memory, and from the database where the picture is old.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly SessionService sessions;
    private readonly Rights rights;
    private readonly Burst burst;
    private readonly ITimer timer;
    private readonly IDisposable[] subscriptions;
    private readonly ConcurrentDictionary<Watched, byte> all = new();

    public SessionWatch(SessionService sessions, Rights rights, IEventBus bus, TimeProvider time, ILogger<SessionWatch> log)
    {
        (this.sessions, this.rights) = (sessions, rights);
        burst = new Burst(LookAsync, time, log);
        timer = time.CreateTimer(_ => burst.Request(), null, Every, Every);
        subscriptions =
        [
            bus.Subscribe<SessionEnded>(_ => true, e => Changed(e.Id)), bus.Subscribe<RightsChanged>(_ => true, _ => Changed(null)), bus.Subscribe<EventsMissed>(_ => true, _ => Changed(null)),
        ];
    }

    /// <summary>Calls <paramref name="changed"/>, on any thread, whenever the session may be over or not be what it was, until disposed.</summary>
    public IDisposable Add(Actor actor, Session session, Action changed)
    {
        var watched = new Watched(this, actor, session, changed);
        all[watched] = 0;
        return watched;
    }

    public void Dispose()
    {
        timer.Dispose();
        burst.Dispose();
        foreach (var subscription in subscriptions)
            subscription.Dispose();
    }

    private void Changed(string? id)
    {
        sessions.Forget(id);
        burst.Request();
    }

    private async Task LookAsync(CancellationToken ct)
    {
        await sessions.WriteTouchesAsync(ct);
        await sessions.FreshenAsync(all.Keys.Select(w => w.Id).ToHashSet(), ct);
        foreach (var watched in all.Keys)
            if (sessions.Peek(watched.Id) is not { } session || watched.Differs(session) || !rights.Now.IsActive(watched.Actor))
                watched.Changed();
    }

    private sealed class Watched(SessionWatch watch, Actor actor, Session session, Action changed) : IDisposable
    {
        private string? first = session.First;

        public string Id => session.Id;
        public Actor Actor => actor;
        public Action Changed => changed;

        public bool Differs(Session now) => first != (first = now.First);

        public void Dispose() => watch.all.TryRemove(this, out _);
    }
}
