using Pms.Core.Departments;
using Pms.Core.Machines;

namespace Pms.Core.Capacity;

/// <summary>
/// Finds places in a plan with finite capacity: on the exact timelines of the machines that can run a step, and within what every pool has left on each day.
/// It works on a copy of the book and changes it only by <see cref="Take"/>, so that many may be placed one after the other and nothing is written.
/// Of all places it takes the one that ends first (forward) or begins last (backward); asked from an earlier instant it never ends later.
/// </summary>
public sealed class Placing(CapacityBook before)
{
    private readonly Dictionary<long, MachineSlots> slots = [];

    /// <summary>The plan with everything that was taken.</summary>
    public CapacityBook Book { get; } = before.Copy();

    private CapacityPlant Plant => Book.Plant;

    /// <summary>The earliest place of one step.</summary>
    public PlaceResult Forward(PlaceStep step, DateTimeOffset from, DateTimeOffset? until = null) => Forward([step], from, until);

    /// <summary>The earliest places of an item's steps, in the order of its path; all of them end by <paramref name="until"/>.</summary>
    public PlaceResult Forward(IReadOnlyList<PlaceStep> path, DateTimeOffset from, DateTimeOffset? until = null)
    {
        using var trial = new Trial(this);
        var (placed, group, previous) = (new List<Placed>(), new List<Placed>(), new List<Placed>());
        var limit = until ?? Plant.Now + PlaceTime.Horizon;
        foreach (var step in path)
        {
            if (!step.Parallel && group.Count > 0)
                (previous, group) = (group, []);
            var earliest = previous.Aggregate(Later(from, step.NotBefore), (at, one) => Later(at, ReadyOf(one)));
            if (Best(step, earliest, previous, limit, latest: false) is not { } best)
                return new(placed, FaultOf(step, earliest, limit));
            trial.Take(best);
            placed.Add(best);
            group.Add(best);
        }
        return new(placed, null);
    }

    /// <summary>The latest place of one step that ends by <paramref name="due"/> and begins no earlier than <paramref name="from"/>.</summary>
    public PlaceResult Backward(PlaceStep step, DateTimeOffset due, DateTimeOffset from) => Backward([step], due, from);

    /// <summary>The latest places of an item's steps that are all done by <paramref name="due"/>.</summary>
    public PlaceResult Backward(IReadOnlyList<PlaceStep> path, DateTimeOffset due, DateTimeOffset from)
    {
        using var trial = new Trial(this);
        var placed = new List<Placed>();
        var (limit, next) = (due, due);
        for (var i = path.Count - 1; i >= 0; i--)
        {
            var step = path[i];
            if (Best(step, Later(from, step.NotBefore), [], limit, latest: true) is not { } best)
                return new(placed, FaultOf(step, Later(from, step.NotBefore), limit));
            trial.Take(best);
            placed.Insert(0, best);
            next = best.Start < next ? best.Start : next;
            if (!step.Parallel)   // the first of its group: what comes before must be done by then
                limit = next;
        }
        return new(placed, null);
    }

    /// <summary>Makes a place part of the plan that further ones are found in.</summary>
    public void Take(Placed placed) => Lay(placed);

    private long Lay(Placed placed)
    {
        if (placed.MachineId is { } machine)
            SlotsOf(Plant.Machines[machine]).Take(placed.Slot, placed.Start, placed.End, placed.Step.ProductId, placed.Step.StageId);
        return Book.Add(placed.Step.LoadAt(placed));
    }

    /// <summary>Makes a whole result part of the plan.</summary>
    public void Take(PlaceResult result)
    {
        foreach (var placed in result.Steps)
            Take(placed);
    }

    /// <summary>The pool that is tightest for a step between two instants: what is planned there and the step need, and what there is.</summary>
    public PlaceFault FaultOf(PlaceStep step, DateTimeOffset from, DateTimeOffset until)
    {
        var machines = MachinesOf(step).ToList();
        // Production days: what is due by the end of a day's night shift has no part in the calendar's next day.
        var time = Plant.TimeOf(step.DepartmentId, machines.Count == 1 ? machines[0].Id : null);
        var worked = until > from ? time.Shares(from, until) : [];
        var (first, last) = worked.Count > 0 ? (worked[0].Day, worked[^1].Day) : (Plant.Clock.DateOf(from), Plant.Clock.DateOf(until));
        // What was due days ago has no days left.
        var left = Math.Max(0, last.DayNumber - first.DayNumber + 1);
        if (machines.Count == 0 && (step.MachineId is not null || Plant.Stages.GetValueOrDefault(step.StageId)?.Kind == StageKind.Machine))
            return new("capacity.no_machine", step, Pool.Stage(step.StageId), first, last, 0, 0);
        PlaceFault? tightest = null;
        var shortest = TimeSpan.MaxValue;
        foreach (var machine in machines.Cast<Machine?>().DefaultIfEmpty(null))
        {
            var load = step.LoadAt(new(step, machine?.Id, machine?.WorkCentreId ?? step.WorkCentreId, from, until, step.SetupMinutes, CapacityPlant.RunMinutes(step.RunMinutes, machine)));
            shortest = load.Work < shortest ? load.Work : shortest;
            foreach (var (pool, minutes, _) in Plant.PoolsOf(load))
            {
                // Any of several machines would do; only one asked for by name is a reason by itself.
                if (pool.Kind == PoolKind.Machine && machines.Count > 1 || minutes == 0)
                    continue;
                var days = Book.Of(pool, first, left);
                if (days.Any(d => d.Capacity is null))
                    continue;
                var fault = new PlaceFault("capacity.no_room", step, pool, first, last, days.Sum(d => d.Minutes) + minutes, days.Sum(d => d.Capacity ?? 0));
                if (tightest is null || fault.There - fault.Needed < tightest.There - tightest.Needed)
                    tightest = fault;
            }
        }
        var there = TimeSpan.FromTicks(worked.Sum(s => s.Work.Ticks));
        if (there == TimeSpan.Zero || there < shortest)
            return new("capacity.no_time", step, Pool.Stage(step.StageId), first, last, (decimal)shortest.TotalMinutes, (decimal)there.TotalMinutes);
        return tightest is { } t && t.Needed > t.There ? t : (tightest ?? new("", step, Pool.Stage(step.StageId), first, last, 0, 0)) with { Code = "capacity.no_gap" };
    }

    /// <param name="fed">By the places of the steps before; what they hand over last must still be worked on here.</param>
    private Placed? Best(PlaceStep step, DateTimeOffset from, IReadOnlyList<Placed> fed, DateTimeOffset until, bool latest)
    {
        from = Later(from, Plant.Now);
        if (Plant.Stages.GetValueOrDefault(step.StageId) is { Kind: StageKind.External or StageKind.Wait } away)
            return Away(away, step, from, fed, until, latest);
        var machines = MachinesOf(step).ToList();
        if (machines.Count == 0)
            return step.MachineId is not null || Plant.Stages.GetValueOrDefault(step.StageId)?.Kind == StageKind.Machine ? null
                : InGap(step, null, new(0, Plant.Now, DateTimeOffset.MaxValue, null, null), from, fed, until, latest);
        Placed? best = null;
        foreach (var machine in machines)
            foreach (var gap in SlotsOf(machine).Gaps(from))
                if (gap.Start < until && (latest || best is null || gap.Start < best.End) && InGap(step, machine, gap, from, fed, until, latest) is { } found && (best is null || Better(found, best, latest)))
                    best = found;
        return best;
    }

    private static bool Better(Placed found, Placed best, bool latest) => latest
        ? found.Start > best.Start || found.Start == best.Start && found.End > best.End
        : found.End < best.End || found.End == best.End && found.Start < best.Start;

    /// <summary>At a supplier or waiting: no resource, only time that passes.</summary>
    private Placed? Away(Stage stage, PlaceStep step, DateTimeOffset from, IReadOnlyList<Placed> fed, DateTimeOffset until, bool latest)
    {
        DateTimeOffset End(DateTimeOffset start) => Plant.EndOf(stage.Id, step.DepartmentId, null, start, 0)!.Value;
        var start = from;
        if (latest)
        {
            // The lead in real hours differs by a clock change at most; what is too late by it begins earlier by it.
            start = until - (End(until) - until);
            if (End(start) is var end && end > until)
                start -= end - until;
            if (start < from)
                return null;
        }
        var done = fed.Aggregate(End(start), (at, one) => Later(at, one.End));
        return done > until ? null : new(step, null, null, start, done, 0, null);
    }

    /// <summary>The earliest, or latest, place in one gap of one machine that every pool has room for on every day; exact, so nothing better is missed.</summary>
    private Placed? InGap(PlaceStep step, Machine? machine, Gap gap, DateTimeOffset from, IReadOnlyList<Placed> fed, DateTimeOffset until, bool latest)
    {
        var setup = gap.Product == step.ProductId && gap.Stage == step.StageId ? 0 : step.SetupMinutes;
        var run = CapacityPlant.RunMinutes(step.RunMinutes, machine);
        var placed = new Placed(step, machine?.Id, machine?.WorkCentreId ?? step.WorkCentreId, from, from, setup, run) { Slot = gap.Slot };
        var load = step.LoadAt(placed);
        var time = Plant.TimeOf(step.DepartmentId, machine?.Id);
        var pools = Plant.PoolsOf(load).Where(p => p.Minutes > 0 || p.Units > 0).ToList();
        from = Later(from, gap.Start);
        until = until < gap.End ? until : gap.End;
        if (latest)
            return Latest(placed, load.Work, time, pools, from, until);
        var least = fed.Where(one => one.End > from).Aggregate(DateTimeOffset.MinValue, (at, one) => Later(at, time.Add(one.End, PlannedLoad.WorkOf((run ?? 0) * LastOf(one, step))) ?? one.End));
        return Earliest(placed, load.Work, time, pools, from, least, until);
    }

    private Placed? Earliest(Placed placed, TimeSpan work, PlaceTime time, List<(Pool, decimal, decimal)> pools, DateTimeOffset from, DateTimeOffset minEnd, DateTimeOffset until)
    {
        var start = time.Next(from);
        if (minEnd > from && time.Back(minEnd, work, from) is { } later && later > start)
            start = later;
        while (start is { } s && s <= until && time.Add(s, work) is { } end && end <= until)
        {
            if (Full(placed.Step, time.Shares(s, end), work, pools, last: false) is not { } full)
                return placed with { Start = s, End = end };
            start = time.LastOf(full.Day, full.Room) is { } next && next > s ? next : null;
        }
        return null;
    }

    private Placed? Latest(Placed placed, TimeSpan work, PlaceTime time, List<(Pool, decimal, decimal)> pools, DateTimeOffset from, DateTimeOffset until)
    {
        var end = time.Before(Earlier(until, Plant.Now + PlaceTime.Horizon), from).Select(s => (DateTimeOffset?)s.Span.End).FirstOrDefault();
        while (end is { } e && e > from && time.Back(e, work, from) is { } start && start >= from)
        {
            if (Full(placed.Step, time.Shares(start, e), work, pools, last: true) is not { } full)
                return placed with { Start = start, End = e };
            var next = time.FirstOf(full.Day, full.Room);
            if (full.Room == TimeSpan.Zero)
                next = time.Before(next, from).Select(s => (DateTimeOffset?)s.Span.End).FirstOrDefault() ?? from;
            end = next < e ? next : null;
        }
        return null;
    }

    /// <summary>
    /// The first (or last) day on which some pool has not enough room, and the working time there that would still fit. The load lies evenly over the working time, so
    /// any place that fits leaves at most that much on that day: the search may go straight there.
    /// </summary>
    private (DateOnly Day, TimeSpan Room)? Full(PlaceStep step, IReadOnlyList<(DateOnly Day, TimeSpan Work)> days, TimeSpan work, List<(Pool Pool, decimal Minutes, decimal Units)> pools, bool last)
    {
        if (work == TimeSpan.Zero)
            return null;
        for (var i = 0; i < days.Count; i++)
        {
            var (day, there) = days[last ? days.Count - 1 - i : i];
            var room = TimeSpan.MaxValue;
            foreach (var (pool, minutes, units) in pools)
            {
                var bucket = Book.At(pool, day);
                if (bucket.Capacity is { } capacity)
                    room = Less(room, capacity - bucket.Minutes, minutes, work, there);
                if (bucket is { UnitCapacity: { } fits, Units: { } taken } && (bucket.Unit is null || bucket.Unit == step.Unit))
                    room = Less(room, fits - taken, units, work, there);
            }
            if (room < there)
                return (day, room);
        }
        return null;
    }

    private static TimeSpan Less(TimeSpan room, decimal left, decimal load, TimeSpan work, TimeSpan there)
    {
        if (load <= 0 || load * there.Ticks / work.Ticks <= left + CapacityCheck.Tolerance / 2)
            return room;
        // Whole milliseconds, rounded down, so that what is placed there fits.
        var fits = TimeSpan.FromMilliseconds(Math.Floor((double)(Math.Max(0, left) * work.Ticks / load / TimeSpan.TicksPerMillisecond)));
        return fits < room ? fits : room;
    }

    /// <summary>What the step before hands over last, in pieces of this one.</summary>
    private static decimal LastOf(Placed before, PlaceStep step) =>
        before.Step is { TransferQuantity: { } pieces, Quantity: > 0 and var all } ? step.Quantity * Math.Clamp(pieces / all, 0, 1) : 0;

    /// <summary>When a following step may begin: after the pieces of one transfer, or when all are done.</summary>
    private DateTimeOffset ReadyOf(Placed placed)
    {
        if (placed.Step.TransferQuantity is not { } pieces || pieces >= placed.Step.Quantity || pieces < 0 || Plant.Stages.GetValueOrDefault(placed.Step.StageId) is { Kind: StageKind.External or StageKind.Wait })
            return placed.End;
        var time = Plant.TimeOf(placed.Step.DepartmentId, placed.MachineId);
        var ready = time.Add(placed.Start, PlannedLoad.WorkOf(placed.SetupMinutes + (placed.RunMinutes ?? 0) * pieces)) ?? placed.End;
        return ready < placed.End ? ready : placed.End;
    }

    private IEnumerable<Machine> MachinesOf(PlaceStep step) =>
        step.MachineId is { } id ? Plant.MachinesFor(step.StageId).Where(m => m.Id == id) : Plant.MachinesFor(step.StageId, step.WorkCentreId);

    private MachineSlots SlotsOf(Machine machine)
    {
        if (!slots.TryGetValue(machine.Id, out var found))
            slots[machine.Id] = found = new(Plant, machine, Book.Loads.Where(l => l.MachineId == machine.Id));
        return found;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset? b) => b is { } other && other > a ? other : a;
    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>The steps of a path as they are placed one after the other; the plan is as it was when it is over.</summary>
    private sealed class Trial(Placing placing) : IDisposable
    {
        private readonly List<(Placed Placed, long Id)> taken = [];

        public void Take(Placed placed) => taken.Add((placed, placing.Lay(placed)));

        public void Dispose()
        {
            foreach (var (placed, id) in taken)
            {
                placing.Book.Remove(id);
                if (placed.MachineId is { } machine)
                    placing.SlotsOf(placing.Plant.Machines[machine]).Give(placed.Slot, placed.Start, placed.End, placed.Step.ProductId, placed.Step.StageId);
            }
        }
    }
}
