using System.Collections.Concurrent;
using System.Globalization;
using Pms.Core.Departments;
using Pms.Core.Jobs;

namespace Pms.Core.Floor;

/// <summary>
/// Both board snapshots from one read, pure: the same rows and the same instant give the same picture.
/// Days and shifts come from the calendar, so what is made after midnight belongs to the shift that began the day before.
/// A picture after some changes shares with the one before every tile and every department's figures that they did not touch.
/// </summary>
public sealed class FloorPicture
{
    /// <summary>Set-up beyond this times its standard is long.</summary>
    public const double LongSetUp = 1.5;

    public static readonly FloorPicture Empty = new();

    private readonly ConcurrentDictionary<string, FloorView> views = new(StringComparer.Ordinal);

    public FloorSnapshot Floor { get; private init; } = FloorSnapshot.Empty;
    public OverviewSnapshot Overview { get; private init; } = OverviewSnapshot.Empty;

    /// <summary>The instant the picture shows.</summary>
    public DateTimeOffset At => Floor.At;

    private FloorNeeds Needs { get; init; } = FloorNeeds.None;
    private Dictionary<long, IReadOnlyList<OutputBuilder.Output>> Outputs { get; init; } = [];

    /// <summary>Some departments' part of the picture, put together once for all boards that show the same.</summary>
    public FloorView In(IReadOnlySet<long>? scope) => views.GetOrAdd(
        scope is null ? "" : string.Join(',', scope.Order().Select(d => d.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("-")),
        _ => new FloorView(OverviewView.Of(Overview, scope), scope is null ? Floor.Machines : [.. Floor.Of(scope)]));

    /// <summary>The overview of some departments.</summary>
    public OverviewView View(IReadOnlySet<long>? scope) => In(scope).Overview;

    /// <summary>True where a board of these departments would look the same: nothing in them was touched since.</summary>
    public bool LooksLike(FloorPicture earlier, IReadOnlySet<long>? scope)
    {
        var (mine, theirs) = (Overview.Departments, earlier.Overview.Departments);
        if (mine.Count != theirs.Count)
            return false;
        for (var i = 0; i < mine.Count; i++)
            if (!ReferenceEquals(mine[i], theirs[i]) && (scope is null || scope.Contains(mine[i].Department.Id)))
                return false;
        return true;
    }

    public static FloorPicture Of(FloorPlant plant, FloorRead read, PlantCalendar calendar, DateTimeOffset now, PlantSettings settings)
    {
        var machines = new MachineBuilder(read, calendar, now);
        var tiles = plant.Machines.Select(machines.Tile).ToList();
        var orders = Orders(plant.Due, read, calendar, now);
        var figures = plant.Departments.Select(d => Figures(d, read, calendar, tiles, now)).ToList();
        var needs = new NeedsBuilder(calendar, now, settings).All(read, tiles, orders);
        var outputs = OutputBuilder.Outputs(read, Days(figures), now);
        return new FloorPicture
        {
            Floor = new FloorSnapshot { At = now, Departments = plant.Departments, Machines = tiles },
            Overview = new OverviewSnapshot { At = now, Departments = figures, Done = OutputBuilder.Groups(outputs.Values), Needs = needs.List(), Orders = orders, Paths = Paths(read.Tails) },
            Needs = needs,
            Outputs = outputs,
        };
    }

    /// <summary>
    /// This picture after some changes: what they touched is made anew from <paramref name="rows"/>, into which <paramref name="part"/> is put, all else is this picture's own.
    /// <paramref name="due"/> are those of the changed orders that are due.
    /// </summary>
    internal FloorPicture After(FloorChanges changes, FloorRead part, IReadOnlyList<DueOrder> due, FloorPlant plant, PlantRows rows, PlantCalendar calendar, DateTimeOffset now, PlantSettings settings)
    {
        var (touched, made, tails) = (rows.MachinesOf(changes).ToHashSet(), rows.OfJobs(changes.Jobs).Reports, rows.Tails);
        rows.Put(part, changes);
        touched.UnionWith(rows.MachinesOf(changes));
        var (jobs, machines) = (rows.OfJobs(changes.Jobs), new MachineBuilder(rows.OfMachines(touched), calendar, now));
        var tiles = plant.Machines.Select((m, i) => touched.Contains(m.Id) ? machines.Tile(m) : Floor.Machines[i]).ToList();

        var departments = new HashSet<long>(changes.Departments);
        departments.UnionWith(plant.Machines.Where(m => touched.Contains(m.Id)).Select(m => m.DepartmentId));
        var orders = OrdersAfter(changes, due, part, calendar, now, departments);
        var figures = plant.Departments.Select((d, i) => departments.Contains(d.Id) ? Figures(d, rows.OfDepartment(d.Id), calendar, tiles, now) : Overview.Departments[i]).ToList();
        var needs = new NeedsBuilder(calendar, now, settings).Anew(Needs, changes, part, jobs, tiles, touched, orders);

        var (outputs, done) = (Outputs, Overview.Done);
        if (!made.SequenceEqual(jobs.Reports))
        {
            outputs = Outputs.Where(o => !changes.Jobs.Contains(o.Key)).ToDictionary();
            foreach (var (job, output) in OutputBuilder.Outputs(jobs, Days(figures), now))
                outputs[job] = output;
            done = OutputBuilder.Groups(outputs.Values);
        }
        return new FloorPicture
        {
            Floor = new FloorSnapshot { At = now, Departments = plant.Departments, Machines = tiles },
            Overview = new OverviewSnapshot
            {
                At = now,
                Departments = figures,
                Done = done,
                Needs = needs.List(),
                Orders = orders ?? Overview.Orders,
                Paths = ReferenceEquals(rows.Tails, tails) ? Overview.Paths : Paths(rows.Tails),
            },
            Needs = needs,
            Outputs = outputs,
        };
    }

    private static Dictionary<long, DateOnly> Days(List<DepartmentFigures> figures) => figures.ToDictionary(f => f.Department.Id, f => f.Day);

    private static List<IReadOnlyList<long>> Paths(IReadOnlyDictionary<long, StepTail> tails) =>
        [.. tails.Values.Where(t => t.Required).Select(t => (long[])[.. t.Later.Reverse(), t.DepartmentId]).DistinctBy(p => string.Join(',', p))];

    /// <summary>The orders at risk after the changes, and into <paramref name="departments"/> those that see another number of them; null where it is the same.</summary>
    private List<OrderAtRisk>? OrdersAfter(FloorChanges changes, IReadOnlyList<DueOrder> due, FloorRead part, PlantCalendar calendar, DateTimeOffset now, HashSet<long> departments)
    {
        var old = Overview.Orders.Where(o => changes.Orders.Contains(o.OrderId)).ToDictionary(o => o.OrderId);
        var anew = Orders(due, part, calendar, now);
        if (anew.Count == old.Count && anew.All(o => old.TryGetValue(o.OrderId, out var was) && was.DaysLate == o.DaysLate && was.Departments.ToHashSet().SetEquals(o.Departments)))
            return null;
        departments.UnionWith(old.Values.Concat(anew).SelectMany(o => o.Departments));
        return [.. Overview.Orders.Where(o => !changes.Orders.Contains(o.OrderId)), .. anew];
    }

    /// <summary>The shift that counts now: the one that runs, else the last that ended on the same production day.</summary>
    public static ShiftWindow? ShiftNow(PlantCalendar calendar, long departmentId, long? machineId, DateTimeOffset now) =>
        calendar.ShiftAt(departmentId, machineId, now)
        ?? calendar.ShiftsOf(departmentId, machineId, calendar.ProductionDay(departmentId, machineId, now)).LastOrDefault(s => s.End <= now);

    /// <summary>From the start of the first to the end of the last shift of a production day; the calendar day where there is none.</summary>
    public static Span DayHours(PlantCalendar calendar, PlantClock clock, long departmentId, DateOnly day)
    {
        var shifts = calendar.ShiftsOf(departmentId, null, day);
        return shifts.Count == 0 ? new Span(clock.At(day, 0), clock.At(day, 1440)) : new Span(shifts.Min(s => s.Start), shifts.Max(s => s.End));
    }

    private static DepartmentFigures Figures(FloorDepartment department, FloorRead read, PlantCalendar calendar, List<MachineTile> tiles, DateTimeOffset now)
    {
        var id = department.Id;
        var day = calendar.ProductionDay(id, null, now);
        var shifts = calendar.ShiftsOf(id, null, day);
        var hours = shifts.Count == 0 ? new Span(now, now) : new Span(shifts.Min(s => s.Start), shifts.Max(s => s.End));
        var reports = read.Reports.Where(r => r.DepartmentId == id && r.ShiftDay == day && r.JobKind != JobKind.Rework).ToList();
        var mine = tiles.Where(t => t.DepartmentId == id).ToList();
        return new DepartmentFigures
        {
            Department = department,
            Day = day,
            Hours = hours,
            Working = [.. shifts.SelectMany(s => s.Working).Merge()],
            Shift = ShiftNow(calendar, id, null, now)?.Name,
            Running = read.Started.Count(j => j.DepartmentId == id && j.Status == JobStatus.Running),
            Paused = read.Started.Count(j => j.DepartmentId == id && j.Status == JobStatus.Paused),
            Waiting = read.Counts.Where(c => c.DepartmentId == id).Sum(c => c.Waiting),
            Late = read.Counts.Where(c => c.DepartmentId == id).Sum(c => c.Late),
            Good = reports.Sum(r => r.Good),
            Scrap = reports.Sum(r => r.Scrap),
            Rework = reports.Sum(r => r.Rework),
            ClockedIn = read.Presences.Where(p => p.DepartmentId == id && p.EndedAt is null).Select(p => p.EmployeeId).Distinct().Count(),
            Oee = Oee.Sum(mine.Select(t => t.Oee)),
            Machines = mine.CountBy(t => t.State).ToDictionary(),
        };
    }

    private static List<OrderAtRisk> Orders(IReadOnlyList<DueOrder> due, FloorRead read, PlantCalendar calendar, DateTimeOffset now)
    {
        if (due.Count == 0)
            return [];
        var loads = read.Loads.ToLookup(l => l.OrderId);
        var found = new List<OrderAtRisk>();
        foreach (var order in due)
        {
            var mine = loads[order.Id].ToList();
            var departments = mine.Select(l => l.DepartmentId).Distinct().ToList();
            var last = mine.MaxBy(l => l.PlannedEnd);
            // What should already be over can't end before now.
            DateTimeOffset? forecast = last is null ? null : last.PlannedEnd > now ? last.PlannedEnd : now;
            var endOfDue = last is null ? null : calendar.ShiftsOf(last.DepartmentId, null, order.DueOn) is { Count: > 0 } shifts ? shifts.Max(s => s.End) : (DateTimeOffset?)null;
            var today = calendar.ProductionDay(last?.DepartmentId ?? 0, null, now);
            if (order.DueOn < today)
                found.Add(new OrderAtRisk(order.Id, order.Number, order.DueOn, forecast, today.DayNumber - order.DueOn.DayNumber, departments));
            else if (forecast is { } f && (endOfDue is { } end ? f > end : calendar.ProductionDay(last!.DepartmentId, null, f) > order.DueOn))
                found.Add(new OrderAtRisk(order.Id, order.Number, order.DueOn, forecast, 0, departments));
        }
        return found;
    }
}

/// <summary>What a board of some departments shows: their figures and their machines.</summary>
public sealed record FloorView(OverviewView Overview, IReadOnlyList<MachineTile> Machines);
