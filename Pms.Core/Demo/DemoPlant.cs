using Pms.Core.Demo.History;
using Pms.Core.Demo.Plant;
using Pms.Core.Jobs;

namespace Pms.Core.Demo;

/// <summary>
/// The whole demo plant as it stands at a moment, in memory: the same settings and the same moment give the same plant, so that a seeding that
/// was interrupted goes on where it stopped.
/// </summary>
internal sealed class DemoPlant
{
    private readonly long recent;
    private readonly Dictionary<PlantTicket, long> ticketIds = new(ReferenceEqualityComparer.Instance);

    private DemoPlant(DemoSettings settings, PlantClock clock, DateTimeOffset now)
    {
        (Now, Clock) = (now, clock);
        var dice = new Dice((ulong)settings.Seed);
        var today = clock.DateOf(now);
        Floor = new(dice, today);
        Catalogue = new(Floor, dice.Fork(31));
        Hours = new(clock, today);
        Hours.Cover(now);
        People = new(Floor, dice.Fork(41), today);

        // The visitor's machine rests from this block on, and two machines have nobody today: no data.
        var (block, _) = PlantHours.Block(clock, now);
        var silent = Floor.Silent(dice, block);
        var places = PlantPlace.All(Floor, People, Hours, clock, now.AddDays(-settings.HistoryDays - 1), now.AddDays(60),
            (place, shift) => place.MachineId == PlantFloor.VisitorsMachine && shift.End > block || place.MachineId is { } m && silent.Contains(m) && shift.Start <= now && now < shift.End);
        Presences = Present(places, now.ToUnixTimeMilliseconds());
        var history = new PlantHistory(settings, Floor, People, Catalogue, clock, places, now, dice.Fork(61));
        history.Play();
        new Present(Floor, People, clock, history, now, dice.Fork(71)).Arrange();
        (Orders, Tickets) = (history.Orders, history.Tickets);
        Number();
        recent = clock.At(clock.DateOf(now).AddDays(-1), 0).ToUnixTimeMilliseconds();
    }

    public DateTimeOffset Now { get; }
    public PlantClock Clock { get; }
    public PlantFloor Floor { get; }
    public PlantCatalogue Catalogue { get; }
    public PlantHours Hours { get; }
    public PlantPeople People { get; }
    public IReadOnlyList<PlantOrder> Orders { get; }
    public IReadOnlyList<PlantTicket> Tickets { get; }
    public IReadOnlyList<PlantPresence> Presences { get; }

    public static DemoPlant Imagine(DemoSettings settings, PlantClock clock, DateTimeOffset now) => new(settings, clock, now);

    /// <summary>
    /// All that is written, in short transactions: what the first page needs (open orders, today and yesterday) in the first <see cref="PresentSlices"/>,
    /// then the past day by day, newest first.
    /// </summary>
    public IReadOnlyList<PlantSlice> Slices()
    {
        var present = Orders.Where(o => o.CompletedAt is not { } done || done.ToUnixTimeMilliseconds() >= recent).Chunk(SliceOrders).Select(o => new PlantSlice(o, [], [])).ToList();
        present[^1] = present[^1] with { Presences = [.. Presences.Where(p => p.End is not { } end || end >= recent)], Tickets = [.. Tickets.Where(t => t.ReleasedAt is not { } end || end >= recent)] };
        PresentSlices = present.Count;
        var orders = Orders.Where(o => o.CompletedAt?.ToUnixTimeMilliseconds() < recent).ToLookup(o => Clock.DateOf(o.CompletedAt!.Value));
        var presences = Presences.Where(p => p.End < recent).ToLookup(p => Clock.DateOf(Instant(p.End!.Value)));
        var tickets = Tickets.Where(t => t.ReleasedAt < recent).ToLookup(t => Clock.DateOf(Instant(t.ReleasedAt!.Value)));
        var past = orders.Select(o => o.Key).Union(presences.Select(p => p.Key)).Union(tickets.Select(t => t.Key)).OrderDescending();
        return [.. present, .. past.SelectMany(d => orders[d].Chunk(SliceOrders).Select(o => new PlantSlice(o, [], [])).Prepend(new PlantSlice([], [.. presences[d]], [.. tickets[d]])))];
    }

    /// <summary>Few enough that a tap waits for no more than a fraction of a second, also on a slow machine.</summary>
    private const int SliceOrders = 20;

    public int PresentSlices { get; private set; }

    public long IdOf(PlantTicket ticket) => ticketIds[ticket];

    /// <summary>The production day and shift of a report; what is counted at the last stroke of a shift is that shift's.</summary>
    public (DateOnly Day, long? ShiftId) ShiftOf(long department, long at) =>
        Hours.Calendar.ShiftAt(department, null, Instant(at - 1)) is { } shift ? (shift.Day, shift.ShiftId) : (Hours.Calendar.ProductionDay(department, null, Instant(at)), null);

    public static DateTimeOffset Instant(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    /// <summary>People come some minutes before their shift and leave some after it.</summary>
    private List<PlantPresence> Present(IEnumerable<PlantPlace> places, long now)
    {
        var shifts = places.SelectMany(p => p.Windows.Select(w => (w.EmployeeId, w.Start, w.End))).ToHashSet();
        foreach (var person in People.All.Where(p => p.Kind is "Supervisor" or "Technician"))
            foreach (var shift in Hours.Calendar.Shifts(person.DepartmentId, null, Instant(shifts.Min(s => s.Start)), Instant(now).AddHours(1)))
                if (PlantHours.Team(Clock, shift, person.DepartmentId) == person.Team && !People.IsAway(person.Id, shift.Day))
                    shifts.Add((person.Id, shift.Start.ToUnixTimeMilliseconds(), shift.End.ToUnixTimeMilliseconds()));
        var presences = new List<PlantPresence>();
        foreach (var mine in shifts.Where(s => s.Start < now).GroupBy(s => s.EmployeeId).OrderBy(g => g.Key))
        {
            var person = People.All[(int)mine.Key - 1];
            PlantPresence? last = null;
            foreach (var (_, start, end) in mine.OrderBy(s => s.Start))
            {
                var (early, late) = ((start / 60_000 + person.Id * 7) % 11 + 1, (end / 60_000 + person.Id * 5) % 9 + 1);
                // Whoever is here now came with the shift; two shifts in a row meet at the change.
                var presence = new PlantPresence(person.Id, person.DepartmentId, end > now ? start : start - early * 60_000, end + late * 60_000);
                if (last is not null)
                {
                    if (last.End >= presence.Start)
                        (last, presence) = (last with { End = start }, presence with { Start = start });
                    presences.Add(last);
                }
                last = presence;
            }
            presences.Add(last! with { End = last.End > now ? null : last.End });
        }
        return [.. presences.OrderBy(p => p.Start).ThenBy(p => p.EmployeeId)];
    }

    private void Number()
    {
        foreach (var ticket in Tickets)
            ticketIds[ticket] = ticketIds.Count + 1;
        var (item, step, job) = (0L, 0L, 0L);
        foreach (var order in Orders)
            foreach (var i in order.Items)
            {
                i.Id = ++item;
                foreach (var s in i.Steps)
                {
                    s.Id = ++step;
                    foreach (var j in s.Jobs)
                        j.Id = ++job;
                }
            }
    }
}

/// <summary>A part of the plant's past that is written in one go.</summary>
internal sealed record PlantSlice(IReadOnlyList<PlantOrder> Orders, IReadOnlyList<PlantPresence> Presences, IReadOnlyList<PlantTicket> Tickets);
