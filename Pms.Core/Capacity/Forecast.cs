using Pms.Core.Departments;

namespace Pms.Core.Capacity;

/// <summary>When an item's work, or a job's, is expected to be done.</summary>
public sealed record JobForecast(long JobId, DateTimeOffset Start, DateTimeOffset End);

/// <summary>When an order is expected to be done, and by how much after the end of its due day; <see cref="Finish"/> null: there is no place for all of it.</summary>
public sealed record OrderForecast(long OrderId, DateOnly DueOn, DateTimeOffset? Finish, TimeSpan Late)
{
    public bool AtRisk => Finish is null || Late > TimeSpan.Zero;
}

/// <summary>What an item still needs beyond its jobs: its unplanned steps in the order of the path.</summary>
public sealed record OpenNeed(IReadOnlyList<PlaceStep> Steps);

/// <summary>
/// What would come of the plan as it stands, pure: every machine works its jobs in their sequence from now on, none before its planned start nor before the steps
/// it takes from; what is not planned yet follows by priority and due day where there is room. Nothing is written.
/// </summary>
public sealed class Forecast
{
    private Forecast(IReadOnlyDictionary<long, JobForecast> jobs, IReadOnlyDictionary<long, DateTimeOffset?> items, IReadOnlyDictionary<long, OrderForecast> orders) =>
        (Jobs, Items, Orders) = (jobs, items, orders);

    public IReadOnlyDictionary<long, JobForecast> Jobs { get; }

    /// <summary>Finish by item; null where something of it has no place.</summary>
    public IReadOnlyDictionary<long, DateTimeOffset?> Items { get; }
    public IReadOnlyDictionary<long, OrderForecast> Orders { get; }

    /// <summary>The sum over all orders; one without an end counts as late as the horizon is long.</summary>
    public TimeSpan TotalLateness => Orders.Values.Aggregate(TimeSpan.Zero, (sum, o) => sum + o.Late);

    public static Forecast Of(CapacityPlant plant, IReadOnlyCollection<PlannedLoad> loads, IReadOnlyCollection<OpenNeed> needs)
    {
        var jobs = LayJobs(plant, loads);
        var finish = new Dictionary<(long Order, long Item), DateTimeOffset?>();
        void Ends(long order, long item, DateTimeOffset? end) =>
            finish[(order, item)] = !finish.TryGetValue((order, item), out var known) ? end : known is null || end is null ? null : known > end ? known : end;

        var moved = new List<PlannedLoad>();
        foreach (var load in loads)
        {
            var job = jobs.GetValueOrDefault(load.JobId);
            Ends(load.OrderId, load.ItemId, job?.End);
            moved.Add(job is null ? load : load with { Start = job.Start, End = job.End });
        }
        if (needs.Count > 0)
        {
            var placing = new Placing(new(plant, moved));
            foreach (var need in needs.Where(n => n.Steps.Count > 0).OrderByDescending(n => n.Steps[0].Priority).ThenBy(n => n.Steps[0].DueOn).ThenBy(n => n.Steps[0].OrderId).ThenBy(n => n.Steps[0].ItemId))
            {
                var placed = placing.Forward(need.Steps, plant.Now);
                placing.Take(placed);
                Ends(need.Steps[0].OrderId, need.Steps[0].ItemId, placed.Fits ? placed.End : null);
            }
        }
        var due = loads.Select(l => (l.OrderId, l.DueOn, Department: l.DepartmentId, l.Position))
            .Concat(needs.SelectMany(n => n.Steps.Select((s, i) => (s.OrderId, s.DueOn, Department: s.DepartmentId, Position: int.MaxValue - n.Steps.Count + i))))
            .GroupBy(x => x.OrderId).ToDictionary(g => g.Key, g => (Due: g.Min(x => x.DueOn), Last: g.MaxBy(x => x.Position).Department));
        var orders = finish.GroupBy(f => f.Key.Order).ToDictionary(g => g.Key, g =>
        {
            var end = g.Any(f => f.Value is null) ? null : g.Max(f => f.Value);
            var until = EndOfDay(plant, due[g.Key].Last, due[g.Key].Due);
            return new OrderForecast(g.Key, due[g.Key].Due, end, end is null ? PlaceTime.Horizon : end > until ? end.Value - until : TimeSpan.Zero);
        });
        return new(jobs, finish.ToDictionary(f => f.Key.Item, f => f.Value), orders);
    }

    /// <summary>The end of the last shift of a production day; of the calendar day where nothing is worked.</summary>
    public static DateTimeOffset EndOfDay(CapacityPlant plant, long department, DateOnly day) =>
        plant.Calendar.ShiftsOf(department, null, day) is { Count: > 0 } shifts ? shifts.Max(s => s.End) : plant.Clock.At(day.AddDays(1), 0);

    private static Dictionary<long, JobForecast> LayJobs(CapacityPlant plant, IReadOnlyCollection<PlannedLoad> loads)
    {
        var done = new Dictionary<long, JobForecast>();
        var lost = new HashSet<long>();   // no working time for it
        var slots = new Dictionary<long, MachineSlots>();
        var before = Predecessors(loads);
        // One queue per machine in its sequence; a job without a machine stands for itself.
        var queues = loads.GroupBy(l => l.MachineId is { } m && plant.Machines.ContainsKey(m) ? (m, 0L) : (0L, l.JobId))
            .Select(g => new Queue<PlannedLoad>(g.OrderBy(l => l.State != LoadState.Running).ThenBy(l => l.Sequence).ThenBy(l => l.Start).ThenBy(l => l.JobId))).ToList();
        while (queues.Count > 0)
        {
            // The head that may begin first among those whose steps before are known; where sequences wait for each other in a circle, the one planned first.
            var (best, from) = (default(Queue<PlannedLoad>), DateTimeOffset.MaxValue);
            foreach (var queue in queues)
            {
                var head = queue.Peek();
                if (!before[head.JobId].All(b => done.ContainsKey(b.JobId) || lost.Contains(b.JobId)))
                    continue;
                var ready = ReadyAt(head);
                if (head.MachineId is { } m && slots.TryGetValue(m, out var free))
                    ready = free.FreeFrom(ready);
                if (ready < from)
                    (best, from) = (queue, ready);
            }
            best ??= queues.MinBy(q => q.Peek().Start)!;
            var load = best.Dequeue();
            if (best.Count == 0)
                queues.Remove(best);
            if (Lay(load, ReadyAt(load)) is { } span)
                done[load.JobId] = new(load.JobId, span.Start, span.End);
            else
                lost.Add(load.JobId);
        }
        return done;

        DateTimeOffset ReadyAt(PlannedLoad load)
        {
            var ready = load.Start > plant.Now ? load.Start : plant.Now;
            foreach (var b in before[load.JobId])
                if (done.TryGetValue(b.JobId, out var job) && (b.TransferQuantity is { } transfer && transfer < b.Rest ? Part(plant, b, job, transfer) : job.End) is var end && end > ready)
                    ready = end;
            return ready;
        }

        Span? Lay(PlannedLoad load, DateTimeOffset ready)
        {
            if (load.MachineId is { } id && plant.Machines.TryGetValue(id, out var machine))
            {
                if (!slots.TryGetValue(id, out var mine))
                    slots[id] = mine = new(plant, machine, []);
                return mine.Queue(load, ready);
            }
            return plant.EndOf(load.StageId, load.DepartmentId, null, ready, load.Minutes) is { } end ? new(ready, end) : null;
        }
    }

    private static DateTimeOffset Part(CapacityPlant plant, PlannedLoad load, JobForecast job, decimal transfer)
    {
        if (plant.Stages.GetValueOrDefault(load.StageId) is { Kind: StageKind.External or StageKind.Wait })
            return job.End;
        var ready = plant.TimeOf(load.DepartmentId, load.MachineId).Add(job.Start, PlannedLoad.WorkOf(load.Setup + (load.RunMinutes ?? 0) * transfer)) ?? job.End;
        return ready < job.End ? ready : job.End;
    }

    /// <summary>Of each job the open jobs of the steps it takes from: those of the group before its own, which steps that run parallel share.</summary>
    private static Dictionary<long, IReadOnlyList<PlannedLoad>> Predecessors(IReadOnlyCollection<PlannedLoad> loads)
    {
        var found = new Dictionary<long, IReadOnlyList<PlannedLoad>>();
        foreach (var item in loads.GroupBy(l => l.ItemId))
        {
            List<PlannedLoad> before = [], group = [];
            foreach (var step in item.GroupBy(l => l.Position).OrderBy(g => g.Key))
            {
                if (!step.First().Parallel && group.Count > 0)
                    (before, group) = (group, []);
                foreach (var load in step)
                    found[load.JobId] = before;
                group.AddRange(step);
            }
        }
        return found;
    }
}
