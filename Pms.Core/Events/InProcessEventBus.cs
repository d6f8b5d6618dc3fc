using Microsoft.Extensions.Logging;

namespace Pms.Core.Events;

/// <summary>Delivers events within this process: a bounded set that merges equal events, drained by one thread at a time.</summary>
public sealed class InProcessEventBus(ILogger<InProcessEventBus> log) : IEventBus, IDisposable
{
    /// <summary>More distinct events than this at once are replaced by one <see cref="EventsMissed"/>.</summary>
    public const int Limit = 10_000;

    private readonly List<Topic> topics = [];
    private readonly Lock gate = new();
    private HashSet<IEvent> set = [];
    private List<IEvent> pending = [];
    private bool draining;
    private volatile bool stopped;

    /// <inheritdoc />
    public void Publish(IEvent e)
    {
        lock (gate)
        {
            if (stopped)
                return;
            if (pending.Count >= Limit)
            {
                (pending, set) = ([], []);
                e = new EventsMissed();
            }
            if (!set.Add(e))
                return;
            pending.Add(e);
            if (draining)
                return;   // it comes to this one, too
            draining = true;
        }
        // In the pool's common line and not this thread's own: what the tap's page is to be sent stands there, too, and the boards' reading comes behind it.
        ThreadPool.UnsafeQueueUserWorkItem(static bus => bus.Drain(), this, preferLocal: false);
    }

    /// <inheritdoc />
    public IDisposable Subscribe<TEvent>(Func<TEvent, bool> filter, Action<TEvent> listener, IReadOnlyCollection<long>? departments = null) where TEvent : IEvent
    {
        void Hear(IEvent e)
        {
            if (filter((TEvent)e))
                listener((TEvent)e);
        }
        lock (topics)
        {
            var topic = topics.Find(t => t.Type == typeof(TEvent));
            if (topic is null)
                topics.Insert(typeof(TEvent).IsInterface ? 0 : topics.Count, topic = new Topic(typeof(TEvent)));   // who takes any kind, as boards do, needn't wait for all pages
            var id = topic.Add(Hear, departments);
            return new Subscription(() => Leave(topic, id, departments));
        }
    }

    public void Dispose() => stopped = true;

    private void Drain()
    {
        while (true)
        {
            List<IEvent> burst;
            lock (gate)
            {
                if (pending.Count == 0 || stopped)
                {
                    draining = false;
                    return;
                }
                burst = pending;
                (pending, set) = ([], []);
            }
            foreach (var e in burst)
                foreach (var listeners in ListenersOf(e))
                    foreach (var listener in listeners)
                        Deliver(listener, e);
        }
    }

    private void Leave(Topic topic, long id, IReadOnlyCollection<long>? departments)
    {
        lock (topics)
            topic.Remove(id, departments);
    }

    /// <summary>Those of the event's own kind and of any; pages by the thousand that listen to other kinds or in other departments are not asked.</summary>
    private List<Action<IEvent>[]> ListenersOf(IEvent e)
    {
        lock (topics)
            return [.. topics.Where(t => t.Type.IsInstanceOfType(e)).SelectMany(t => t.Of(e))];
    }

    private void Deliver(Action<IEvent> listener, IEvent e)
    {
        try { listener(e); }
        catch (Exception ex) { log.LogError(ex, "A listener of {Event} failed", e.GetType().Name); }
    }

    /// <summary>Who listens to one kind of event, everywhere or in some departments.</summary>
    private sealed class Topic(Type type)
    {
        private readonly Listeners everywhere = new();
        private readonly Dictionary<long, Listeners> inDepartment = [];
        private long lastId;

        public Type Type => type;

        public IEnumerable<Action<IEvent>[]> Of(IEvent e)
        {
            yield return everywhere.All;
            if (e is IDepartmentEvent { DepartmentId: var department } && inDepartment.TryGetValue(department, out var those))
                yield return those.All;
        }

        public long Add(Action<IEvent> listener, IReadOnlyCollection<long>? departments)
        {
            lastId++;
            if (departments is null)
                everywhere.Add(lastId, listener);
            else
                foreach (var department in departments.Distinct())
                {
                    if (!inDepartment.TryGetValue(department, out var those))
                        inDepartment[department] = those = new Listeners();
                    those.Add(lastId, listener);
                }
            return lastId;
        }

        public void Remove(long id, IReadOnlyCollection<long>? departments)
        {
            if (departments is null)
                everywhere.Remove(id);
            else
                foreach (var department in departments)
                    if (inDepartment.TryGetValue(department, out var those) && those.Remove(id))
                        inDepartment.Remove(department);
        }
    }

    /// <summary>Pages come and go by the thousand between two events, so the list is made when it is asked for.</summary>
    private sealed class Listeners
    {
        private readonly Dictionary<long, Action<IEvent>> listeners = [];
        private Action<IEvent>[]? all;

        public Action<IEvent>[] All => all ??= [.. listeners.Values];

        public void Add(long id, Action<IEvent> listener)
        {
            all = null;
            listeners.Add(id, listener);
        }

        /// <summary>True when nobody is left.</summary>
        public bool Remove(long id)
        {
            all = null;
            listeners.Remove(id);
            return listeners.Count == 0;
        }
    }

    private sealed class Subscription(Action cancel) : IDisposable
    {
        public void Dispose() => cancel();
    }
}
