using Pms.Core.Orders;

namespace Pms.Core.Floor;

/// <summary>
/// The overview of some departments, added up from the snapshot in memory. Done counts a piece once, at the last step its item has within
/// these departments: for one department that is its last step there, for the whole plant the last required step.
/// </summary>
public sealed record OverviewView
{
    public DateTimeOffset At { get; init; }
    public IReadOnlyList<DepartmentFigures> Departments { get; init; } = [];
    public int Running { get; init; }
    public int Paused { get; init; }
    public int Waiting { get; init; }
    public int Late { get; init; }
    public int OrdersLate { get; init; }
    public int OrdersAtRisk { get; init; }
    public decimal Done { get; init; }

    /// <summary>Of the day, over the departments where output leaves this scope; null where none is set.</summary>
    public decimal? Target { get; init; }

    /// <summary>Scrap of everything made; null before the first report.</summary>
    public double? ScrapShare { get; init; }
    public int ClockedIn { get; init; }
    public Oee Oee { get; init; } = Oee.None;

    /// <summary>The running shift's name where all departments agree.</summary>
    public string? Shift { get; init; }
    public IReadOnlyDictionary<MachineState, int> Machines { get; init; } = new Dictionary<MachineState, int>();
    public IReadOnlyList<HourOfOutput> Hours { get; init; } = [];
    public IReadOnlyList<NeedsPerson> Needs { get; init; } = [];
    public IReadOnlyList<OrderAtRisk> Orders { get; init; } = [];

    /// <summary>As somebody sees it who may not see all of orders: late and at risk say when an order is due and that it isn't done.</summary>
    public OverviewView As(OrderSight sight) => !sight.HidesDue && !sight.HidesStatus ? this : this with
    {
        OrdersLate = 0, OrdersAtRisk = 0, Orders = [],
        Needs = [.. Needs.Where(n => n.Kind is not (NeedKind.LateOrder or NeedKind.MoreLateOrders or NeedKind.OrderAtRisk or NeedKind.MoreOrdersAtRisk))],
    };

    public int MachineCount => Machines.Values.Sum();

    /// <param name="snapshot">The whole plant.</param>
    /// <param name="scope">The departments to show; null is all.</param>
    public static OverviewView Of(OverviewSnapshot snapshot, IReadOnlySet<long>? scope)
    {
        bool In(long department) => scope is null || scope.Contains(department);
        var departments = snapshot.Departments.Where(d => In(d.Department.Id)).ToList();
        var done = snapshot.Done.Where(g => g.CountsIn(In)).ToList();
        var orders = snapshot.Orders.Where(o => scope is null || o.Departments.Any(scope.Contains)).ToList();
        var made = departments.Sum(d => d.Good + d.Scrap + d.Rework);
        var final = snapshot.Paths.Select(p => p.Cast<long?>().FirstOrDefault(d => In(d!.Value))).OfType<long>().ToHashSet();
        var targets = (departments.Count == 1 ? departments : departments.Where(d => final.Contains(d.Department.Id)))
            .Where(d => d.Department.DailyTarget is > 0).ToList();
        return new OverviewView
        {
            At = snapshot.At,
            Departments = departments,
            Running = departments.Sum(d => d.Running),
            Paused = departments.Sum(d => d.Paused),
            Waiting = departments.Sum(d => d.Waiting),
            Late = departments.Sum(d => d.Late),
            OrdersLate = orders.Count(o => o.DaysLate > 0),
            OrdersAtRisk = orders.Count(o => o.DaysLate == 0),
            Done = done.Sum(g => g.Good),
            Target = targets.Count == 0 ? null : targets.Sum(d => d.Department.DailyTarget),
            ScrapShare = made > 0 ? (double)(departments.Sum(d => d.Scrap) / made) : null,
            ClockedIn = departments.Sum(d => d.ClockedIn),
            Oee = Oee.Sum(departments.Select(d => d.Oee)),
            Shift = departments.Select(d => d.Shift).Distinct().ToList() is [{ } shift] ? shift : null,
            Machines = departments.SelectMany(d => d.Machines).GroupBy(m => m.Key).ToDictionary(g => g.Key, g => g.Sum(m => m.Value)),
            Hours = HourOfOutput.List(departments, done, targets, snapshot.At),
            Needs = OneToConfirm(snapshot.Needs.Where(n => n.ConcernsAny(scope))),
            Orders = orders,
        };
    }

    /// <summary>Times to confirm are one line, whatever the number of departments.</summary>
    private static List<NeedsPerson> OneToConfirm(IEnumerable<NeedsPerson> needs)
    {
        var all = needs.ToList();
        var times = all.Where(n => n.Kind == NeedKind.ToConfirm).ToList();
        if (times.Count > 1)
        {
            var first = all.IndexOf(times[0]);
            all[first] = times[0] with { Count = times.Sum(t => t.Count), Since = times.Min(t => t.Since), Departments = [.. times.SelectMany(t => t.Departments)] };
            all.RemoveAll(n => n.Kind == NeedKind.ToConfirm && times.Skip(1).Contains(n));
        }
        return all;
    }
}

/// <summary>One hour of the production day, cut from the first shift's start: a shift from 06:30 has its hours at :30.</summary>
public sealed record HourOfOutput(Span Span, decimal Made, decimal? Target)
{
    /// <summary>The longest production day shown; a day of 25 hours and a bit of overtime fit.</summary>
    private const int Most = 30;

    public static IReadOnlyList<HourOfOutput> List(IReadOnlyList<DepartmentFigures> departments, IReadOnlyList<DoneGroup> done, IReadOnlyList<DepartmentFigures> targets, DateTimeOffset now)
    {
        var working = departments.Where(d => !d.Hours.IsEmpty).ToList();
        if (working.Count == 0)
            return [];
        var (start, end) = (working.Min(d => d.Hours.Start), working.Max(d => d.Hours.End));
        if (now > end && done.SelectMany(g => g.Made).Any(m => m.Span.End > end))
            end = now;
        var hours = new List<HourOfOutput>();
        for (var at = start; at < end && hours.Count < Most; at += TimeSpan.FromHours(1))
            hours.Add(new HourOfOutput(new Span(at, at + TimeSpan.FromHours(1)), 0, TargetOf(targets, new Span(at, at + TimeSpan.FromHours(1)))));
        var made = new decimal[hours.Count];
        foreach (var (span, pieces) in done.SelectMany(g => g.Made))
        {
            if (span.Start < start && span.End <= start)
                continue;
            for (var i = Math.Max(0, (int)((span.Start - start) / TimeSpan.FromHours(1))); i < made.Length && hours[i].Span.Start <= span.End; i++)
                made[i] += span.IsEmpty
                    ? hours[i].Span.Contains(span.Start) ? pieces : 0
                    : pieces * (decimal)(hours[i].Span.Clip(span).Length / span.Length);
        }
        return [.. hours.Select((h, i) => h with { Made = made[i] })];
    }

    private static decimal? TargetOf(IReadOnlyList<DepartmentFigures> targets, Span hour)
    {
        decimal? sum = null;
        foreach (var department in targets)
        {
            var day = department.Working.Total();
            if (day > TimeSpan.Zero)
                sum = (sum ?? 0) + department.Department.DailyTarget!.Value * (decimal)(department.Working.Select(w => w.Clip(hour)).Total() / day);
        }
        return sum;
    }
}
