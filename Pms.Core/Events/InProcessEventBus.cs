using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Pms.Core.Events;

/// <summary>Delivers events within this process: a bounded set that merges equal events, drained by one task of its own.</summary>
public sealed class InProcessEventBus : IEventBus, IDisposable
{
    /// <summary>More distinct events than this at once are replaced by one <see cref="EventsMissed"/>.</summary>
    public const int Limit = 10_000;

    private readonly ConcurrentDictionary<long, Action<IEvent>> listeners = new();
    private readonly Lock gate = new();
    private readonly ILogger<InProcessEventBus> log;
    private readonly SemaphoreSlim signal = new(0);
    private readonly CancellationTokenSource stopped = new();
    private HashSet<IEvent> set = [];
    private List<IEvent> pending = [];
    private long lastId;

    public InProcessEventBus(ILogger<InProcessEventBus> log)
    {
        this.log = log;
        _ = Task.Run(DrainAsync);
    }

    /// <inheritdoc />
    public void Publish(IEvent e)
    {
        lock (gate)
        {
            var wasEmpty = pending.Count == 0;
            if (pending.Count >= Limit)
            {
                (pending, set) = ([], []);
                e = new EventsMissed();
            }
            if (!set.Add(e))
                return;
            pending.Add(e);
            if (!wasEmpty)
                return;   // the drain was signalled by the first
        }
        signal.Release();
    }

    /// <inheritdoc />
    public IDisposable Subscribe<TEvent>(Func<TEvent, bool> filter, Action<TEvent> listener) where TEvent : IEvent
    {
        var id = Interlocked.Increment(ref lastId);
        listeners[id] = e =>
        {
            if (e is TEvent mine && filter(mine))
                listener(mine);
        };
        return new Subscription(() => listeners.TryRemove(id, out _));
    }

    public void Dispose() => stopped.Cancel();

    private async Task DrainAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            try { await signal.WaitAsync(stopped.Token); }
            catch (OperationCanceledException) { return; }

            List<IEvent> burst;
            lock (gate)
            {
                burst = pending;
                (pending, set) = ([], []);
            }
            foreach (var e in burst)
                foreach (var listener in listeners.Values)
                    Deliver(listener, e);
        }
    }

    private void Deliver(Action<IEvent> listener, IEvent e)
    {
        try { listener(e); }
        catch (Exception ex) { log.LogError(ex, "A listener of {Event} failed", e.GetType().Name); }
    }

    private sealed class Subscription(Action cancel) : IDisposable
    {
        public void Dispose() => cancel();
    }
}
