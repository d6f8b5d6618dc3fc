using Microsoft.Extensions.Logging;
using Pms.Core.Events;

namespace Pms.Core.Departments;

/// <summary>Keeps the plant's calendar in memory on each node, read again on <see cref="CalendarChanged"/> and every 30 s.</summary>
public sealed class Calendars : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private readonly CalendarQueries queries;
    private readonly Burst burst;
    private readonly IDisposable[] subscriptions;
    private readonly ITimer timer;
    private volatile PlantCalendar calendar;

    public Calendars(CalendarQueries queries, PlantClock clock, IEventBus bus, TimeProvider time, ILogger<Calendars> log)
    {
        this.queries = queries;
        calendar = PlantCalendar.Empty(clock);
        burst = new Burst(LoadAsync, time, log);
        subscriptions = [bus.Subscribe<CalendarChanged>(_ => true, _ => burst.Request()), bus.Subscribe<EventsMissed>(_ => true, _ => burst.Request())];
        timer = time.CreateTimer(_ => burst.Request(), null, Every, Every);
    }

    /// <summary>The calendar in force; immutable. Empty until the first <see cref="LoadAsync"/>.</summary>
    public PlantCalendar Now => calendar;

    /// <summary>Reads the calendar again and waits for it; at start, and after a change by this node.</summary>
    public async Task LoadAsync(CancellationToken ct = default) => calendar = await queries.LoadAsync(ct);

    public void Dispose()
    {
        timer.Dispose();
        burst.Dispose();
        foreach (var s in subscriptions)
            s.Dispose();
    }
}
