using Microsoft.Extensions.Logging;
using Pms.Core.Departments;
using Pms.Core.Events;

namespace Pms.Core.Capacity;

/// <summary>
/// Keeps one book of the whole plant per node for all pages: read again once per burst of events and on a slow timer while somebody watches, and not at all
/// while nobody does. It is for looking only; what binds is read by the <see cref="CapacityGuard"/>.
/// </summary>
public sealed class CapacityBooks : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private readonly CapacityQueries queries;
    private readonly Calendars calendars;
    private readonly PlantClock clock;
    private readonly Burst burst;
    private readonly IDisposable subscription;
    private readonly ITimer timer;
    private readonly SemaphoreSlim one = new(1);
    private readonly Lock gate = new();
    private Func<Task>[] watchers = [];
    private long reads;
    private int stale = 1;
    private volatile CapacityBook? book;

    public CapacityBooks(CapacityQueries queries, Calendars calendars, PlantClock clock, IEventBus bus, TimeProvider time, ILogger<CapacityBooks> log)
    {
        (this.queries, this.calendars, this.clock) = (queries, calendars, clock);
        burst = new Burst(ReadAndTellAsync, time, log);
        // Load follows jobs, orders, machines, people, tickets and calendars: nearly everything that happens.
        subscription = bus.Subscribe<IEvent>(_ => true, _ => Changed());
        timer = time.CreateTimer(_ => Changed(), null, Every, Every);
    }

    /// <summary>How often the plant was read since the start.</summary>
    public long Reads => Interlocked.Read(ref reads);

    /// <summary>Calls back after each new book, until disposed.</summary>
    public IDisposable Watch(Func<Task> changed)
    {
        lock (gate)
            watchers = [.. watchers, changed];
        return new Watching(this, changed);
    }

    /// <summary>The book as it is now: what is in memory while nothing happened, else read first. It is shared: whoever tries something takes a copy.</summary>
    public async Task<CapacityBook> LoadAsync(CancellationToken ct = default)
    {
        if (Fresh is { } known)
            return known;
        await one.WaitAsync(ct);
        try
        {
            if (Fresh is { } read)
                return read;
            Volatile.Write(ref stale, 0);   // what happens from here on asks again
            try
            {
                Interlocked.Increment(ref reads);
                return book = new(await queries.PlantAsync(null, ct), await queries.LoadsAsync((IReadOnlyCollection<long>?)null, ct));
            }
            catch
            {
                Volatile.Write(ref stale, 1);
                throw;
            }
        }
        finally { one.Release(); }
    }

    public void Dispose()
    {
        timer.Dispose();
        subscription.Dispose();
        burst.Dispose();
    }

    private CapacityBook? Fresh => Volatile.Read(ref stale) == 0 && book is { } b && ReferenceEquals(b.Plant.Calendar, calendars.Now) && (clock.Now - b.Plant.Now).Duration() < Every * 2 ? b : null;

    private void Changed()
    {
        Volatile.Write(ref stale, 1);
        if (Volatile.Read(ref watchers).Length > 0)
            burst.Request();
    }

    private async Task ReadAndTellAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        await Task.WhenAll(Volatile.Read(ref watchers).Select(tell => tell()));
    }

    private sealed class Watching(CapacityBooks books, Func<Task> changed) : IDisposable
    {
        public void Dispose()
        {
            lock (books.gate)
                books.watchers = [.. books.watchers.Where(w => w != changed)];
        }
    }
}
