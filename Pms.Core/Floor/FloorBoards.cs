using Microsoft.Extensions.Logging;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Identity;

namespace Pms.Core.Floor;

/// <summary>
/// Keeps one picture of the plant per node for all boards: made anew once per burst of events, of what they named only, and whole on a slow timer,
/// however many watch, and not at all while nobody does. Subscribe with <see cref="Watch"/> before the first <see cref="LoadAsync"/>, so that nothing falls between.
/// </summary>
public sealed class FloorBoards : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>Older than this, a board says how old it is.</summary>
    public static readonly TimeSpan Old = TimeSpan.FromSeconds(40);

    /// <summary>Between two pictures at least: short, because one is a few rows and a tap should be seen at once; what reading costs sets the pace.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan TailsKept = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DueAhead = TimeSpan.FromDays(5);

    private readonly FloorQueries queries;
    private readonly Calendars calendars;
    private readonly PlantClock clock;
    private readonly LiveSettings live;
    private readonly Burst burst;
    private readonly IDisposable subscription;
    private readonly ITimer timer;
    private readonly SemaphoreSlim one = new(1);
    private readonly ILogger<FloorBoards> log;
    private readonly Telemetry telemetry;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly BoardQueue queue = new();
    private Watching[] watchers = [];
    private FloorChanges changes = new();
    private Reading? last;
    private Dictionary<long, StepTail> tails = [];
    private DateTimeOffset tailsSince;
    private long refreshes, wholes;
    private int stale = 1;
    private volatile FloorPicture picture = FloorPicture.Empty;

    public FloorBoards(FloorQueries queries, Calendars calendars, PlantClock clock, LiveSettings live, IEventBus bus, TimeProvider time, Telemetry telemetry, ILogger<FloorBoards> log)
    {
        (this.queries, this.calendars, this.clock, this.live, this.log, this.telemetry, this.time) = (queries, calendars, clock, live, log, telemetry, time);
        burst = new Burst(RefreshAndDrawAsync, time, log, rest: 1, Shortest);
        // A board shows a bit of everything, so it takes every event but those that can't be seen on it.
        subscription = bus.Subscribe<IEvent>(FloorChanges.AreSeen, Changed);
        timer = time.CreateTimer(_ => Changed(null), null, Every, Every);
    }

    /// <summary>The last picture; <see cref="FloorPicture.Empty"/> until the first <see cref="LoadAsync"/>.</summary>
    public FloorPicture Now => picture;

    /// <summary>How many query sets were read since the start; a burst of taps costs one, whatever the number of boards.</summary>
    public long Refreshes => Interlocked.Read(ref refreshes);

    /// <summary>How many of them read the whole plant; the others read only what events named.</summary>
    public long Wholes => Interlocked.Read(ref wholes);

    public int Watchers => Volatile.Read(ref watchers).Length;

    /// <summary>
    /// Calls <paramref name="changed"/> after each new picture until disposed, one watcher after the other as the processors allow; who has not been called yet when the next picture
    /// comes, or still draws, is called once for both. One that hangs holds up no other.
    /// </summary>
    public IDisposable Watch(Func<Task> changed)
    {
        var watching = new Watching(this, changed);
        lock (gate)
            watchers = [.. watchers, watching];
        return watching;
    }

    /// <summary>The picture as it is now: what is in memory while somebody watches, else read first.</summary>
    public async Task<FloorPicture> LoadAsync(CancellationToken ct = default)
    {
        if (Volatile.Read(ref stale) == 0 && clock.Now - picture.At < Every * 2)
            return picture;
        await RefreshAsync(ct);
        Draw();
        return picture;
    }

    public void Dispose()
    {
        timer.Dispose();
        subscription.Dispose();
        burst.Dispose();
    }

    private void Changed(IEvent? e)
    {
        lock (gate)
        {
            if (e is null)
                changes.All = true;
            else
                changes.Add(e);
            stale = 1;
        }
        if (Watchers > 0)
            burst.Request();
    }

    private async Task RefreshAndDrawAsync(CancellationToken ct)
    {
        try { await RefreshAsync(ct); }
        finally { Draw(); }   // after a failure too: the old picture must say how old it is
    }

    private async Task RefreshAsync(CancellationToken ct)
    {
        await one.WaitAsync(ct);
        try
        {
            FloorChanges named;
            lock (gate)
                (named, changes, stale) = (changes, new(), 0);   // what happens from here on asks again
            var (began, before) = (time.GetTimestamp(), wholes);
            try
            {
                picture = await ReadAsync(named, ct);
                telemetry.Rebuilt(time.GetElapsedTime(began), wholes != before);
            }
            catch
            {
                lock (gate)
                    (changes.All, stale) = (true, 1);
                throw;
            }
        }
        finally { one.Release(); }
    }

    private void Draw()
    {
        foreach (var watching in Volatile.Read(ref watchers))
            watching.Ask();
        queue.Work();
    }

    private Task<FloorPicture> ReadAsync(FloorChanges named, CancellationToken ct)
    {
        var now = clock.Now;
        // The whole anew now and then, for what time alone moves and what no event told of.
        if (named.All || last is not { } kept || !ReferenceEquals(kept.Calendar, calendars.Now) || (now - kept.At).Duration() >= Every)
            return ReadWholeAsync(now, ct);
        return named.AreNone ? Task.FromResult(picture) : ReadChangedAsync(kept, named, now, ct);
    }

    private async Task<FloorPicture> ReadChangedAsync(Reading kept, FloorChanges named, DateTimeOffset now, CancellationToken ct)
    {
        Interlocked.Increment(ref refreshes);
        var (part, due) = await queries.LoadChangedAsync(kept.Window with { Now = now }, named, kept.DueUntil, ct);
        part = part with { Tails = await TailsAsync(part, ct) };
        return picture.After(named, part, due, kept.Plant, kept.Rows, kept.Calendar, now, live.Now);
    }

    private async Task<FloorPicture> ReadWholeAsync(DateTimeOffset now, CancellationToken ct)
    {
        Interlocked.Increment(ref refreshes);
        Interlocked.Increment(ref wholes);
        var calendar = calendars.Now;
        var dueUntil = clock.DateOf(now + DueAhead);
        var plant = await queries.LoadPlantAsync(dueUntil, ct);
        var days = plant.Departments.Select(d => (d.Id, Day: calendar.ProductionDay(d.Id, null, now))).ToList();
        var hours = days.Select(d => FloorPicture.DayHours(calendar, clock, d.Id, d.Day)).ToList();
        var today = clock.DateOf(now);
        var window = new FloorWindow
        {
            Now = now,
            From = hours.Select(h => h.Start).Append(now).Min(),
            Until = hours.Select(h => h.End).Append(now).Max(),
            Today = today,
            Days = [.. days.Select(d => d.Day).Append(today).Distinct().Select(d => (string)DbValue.Of(d)!)],
            Departments = [.. plant.Departments.Select(d => d.Id)],
            Machines = [.. plant.Machines.Select(m => m.Id)],
            Orders = [.. plant.Due.Select(o => o.Id)],
        };
        var read = await queries.LoadAsync(window, ct);
        if (now - tailsSince > TailsKept)
            (tails, tailsSince) = ([], now);
        read = read with { Tails = await TailsAsync(read, ct) };
        last = new Reading(plant, new PlantRows(read), window, dueUntil, calendar, now);
        return FloorPicture.Of(plant, read, calendar, now, live.Now);
    }

    /// <summary>A step's way through the item rarely changes, so it is asked once and forgotten after a while.</summary>
    private async Task<IReadOnlyDictionary<long, StepTail>> TailsAsync(FloorRead read, CancellationToken ct)
    {
        var unknown = read.Reports.Select(r => r.StepId).Concat(read.Started.Select(j => j.StepId)).Where(s => !tails.ContainsKey(s)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            var known = new Dictionary<long, StepTail>(tails);
            foreach (var (step, tail) in await queries.TailsAsync(unknown, ct))
                known[step] = tail;
            tails = known;
        }
        return tails;
    }

    /// <summary>What the last picture was made of; its rows are those of <paramref name="At"/> but for what events named since.</summary>
    private sealed record Reading(FloorPlant Plant, PlantRows Rows, FloorWindow Window, DateOnly DueUntil, PlantCalendar Calendar, DateTimeOffset At);

    private sealed class Watching(FloorBoards boards, Func<Task> changed) : IBoard, IDisposable
    {
        private readonly Lock gate = new();
        private bool isWaiting, isDrawing, gone;

        public void Ask()
        {
            lock (gate)
            {
                if (isWaiting || gone)
                    return;
                isWaiting = true;
                if (!isDrawing)
                    boards.queue.Add(this);
            }
        }

        public async Task DrawAsync()
        {
            lock (gate)
            {
                isWaiting = false;
                if (gone)
                    return;
                isDrawing = true;
            }
            try { await changed(); }
            catch (Exception e) { boards.log.Log(e is ObjectDisposedException or OperationCanceledException ? LogLevel.Debug : LogLevel.Error, e, "A board could not be drawn"); }
            lock (gate)
            {
                isDrawing = false;
                if (!isWaiting)
                    return;
                boards.queue.Add(this);
            }
            boards.queue.Work();
        }

        public void Dispose()
        {
            lock (gate)
            {
                if (gone)
                    return;
                gone = true;
            }
            lock (boards.gate)
                boards.watchers = [.. boards.watchers.Where(w => w != this)];
        }
    }
}
