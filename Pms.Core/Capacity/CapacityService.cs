using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Capacity;

/// <summary>By what days are put together.</summary>
public enum CapacityPeriod { Day, Week, Month }

/// <summary>One pool over the days asked for.</summary>
public sealed record CapacityRow(Pool Pool, string Name, IReadOnlyList<Bucket> Days)
{
    public Bucket Whole { get; } = Days.Sum();
}

/// <summary>A stretch of the trend.</summary>
public sealed record CapacityPoint(DateOnly From, DateOnly Until, decimal Minutes, decimal Capacity)
{
    public decimal? Percent => Bucket.Share(Minutes, Capacity);
}

/// <summary>The load of capacity, at an instant: of all departments, or of one (first) with its stages, their people, work centres and machines.</summary>
public sealed record CapacityView(DateTimeOffset At, DateOnly From, int Days, long? DepartmentId, IReadOnlyList<CapacityRow> Rows)
{
    /// <summary>Load against capacity by day, week or month, of the departments that have a capacity.</summary>
    public IReadOnlyList<CapacityPoint> Trend(CapacityPeriod period) =>
        [.. Rows.Where(r => r.Pool.Kind == PoolKind.Department).SelectMany(r => r.Days).Where(d => d.Capacity is not null)
            .GroupBy(d => period switch { CapacityPeriod.Week => PlantClock.Monday(d.Day), CapacityPeriod.Month => new DateOnly(d.Day.Year, d.Day.Month, 1), _ => d.Day }).OrderBy(g => g.Key)
            .Select(g => new CapacityPoint(g.Min(d => d.Day), g.Max(d => d.Day), g.Sum(d => d.Minutes), g.Sum(d => d.Capacity ?? 0)))];
}

/// <summary>Shows load and capacity; nothing is changed here. Figures are for whoever sees departments, the orders behind them for whoever sees the department's jobs.</summary>
public sealed class CapacityService(CapacityBooks books, Rights rights)
{
    public const int MostDays = 120;

    /// <summary>The heat map from a day on (null: today): departments, or one department's pools.</summary>
    public async Task<CapacityView> ReadAsync(Actor actor, long? departmentId = null, DateOnly? from = null, int days = 14, CancellationToken ct = default)
    {
        Demand(actor, departmentId, days);
        var book = await books.LoadAsync(ct);
        var start = Start(book, from);
        return new(book.Plant.Now, start, days, departmentId, [.. PoolsOf(actor, book, departmentId).Select(p => new CapacityRow(p, book.Plant.NameOf(p), book.Of(p, start, days)))]);
    }

    /// <summary>One pool's day with the jobs that fill it, the heaviest first.</summary>
    /// <exception cref="NotFoundException">There is no such pool.</exception>
    public async Task<(Bucket Bucket, IReadOnlyList<BucketJob> Jobs)> JobsAsync(Actor actor, Pool pool, DateOnly day, CancellationToken ct = default)
    {
        rights.DemandDepartments(actor, Permissions.JobsView);
        var book = await books.LoadAsync(ct);
        if (book.Plant.NameOf(pool).Length == 0)
            throw new NotFoundException("pool", pool.Id);
        return (book.At(pool, day), [.. book.JobsOf(pool, day).Where(j => rights.Allows(actor, Permissions.JobsView, j.Load.DepartmentId))]);
    }

    private void Demand(Actor actor, long? departmentId, int days)
    {
        if (departmentId is { } id)
            rights.Demand(actor, Permissions.DepartmentsView, id);
        else
            rights.DemandDepartments(actor, Permissions.DepartmentsView);
        if (days is < 1 or > MostDays)
            throw new InvalidException(nameof(days), "between", 1, MostDays);
    }

    private static DateOnly Start(CapacityBook book, DateOnly? from)
    {
        if (from is { Year: < 2000 or > 2200 })
            throw new InvalidException(nameof(from), "not_valid");
        return from ?? book.Plant.Today;
    }

    private IEnumerable<Pool> PoolsOf(Actor actor, CapacityBook book, long? departmentId)
    {
        var plant = book.Plant;
        if (departmentId is not { } id)
            return plant.Departments.Values.Where(d => d.Active && rights.Allows(actor, Permissions.DepartmentsView, d.Id) && plant.Stages.Values.Any(s => s.DepartmentId == d.Id)).OrderBy(d => d.Position).ThenBy(d => d.Name, StringComparer.Ordinal).Select(d => Pool.Department(d.Id));
        if (!plant.Departments.ContainsKey(id))
            throw new NotFoundException("department", id);
        var stages = plant.Stages.Values.Where(s => s.DepartmentId == id && s is { Active: true, Kind: StageKind.Machine or StageKind.Bench }).OrderBy(s => s.Position).ToList();
        return [
            Pool.Department(id), .. stages.SelectMany(s => new[] { Pool.Stage(s.Id), Pool.Labour(s.Id) }),
            .. plant.WorkCentres.Values.Where(c => c.DepartmentId == id && c.Active).OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => Pool.WorkCentre(c.Id)),
            .. plant.Machines.Values.Where(m => m.DepartmentId == id).OrderBy(m => m.Number, StringComparer.Ordinal).Select(m => Pool.Machine(m.Id)),
        ];
    }
}
