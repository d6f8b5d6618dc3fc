namespace Pms.Core.Capacity;

/// <summary>What can be full. Labour is everybody who may run a stage, pooled.</summary>
public enum PoolKind { Department, Stage, WorkCentre, Machine, Labour }

/// <summary>One thing that can be full; the id is the department's, stage's, work centre's or machine's, and for labour the stage's.</summary>
public readonly record struct Pool(PoolKind Kind, long Id)
{
    public static Pool Department(long id) => new(PoolKind.Department, id);
    public static Pool Stage(long id) => new(PoolKind.Stage, id);
    public static Pool WorkCentre(long id) => new(PoolKind.WorkCentre, id);
    public static Pool Machine(long id) => new(PoolKind.Machine, id);
    public static Pool Labour(long stage) => new(PoolKind.Labour, stage);
}

/// <summary>How full something is: below 50 %, to 80 %, to 100 %, above; <see cref="Unlimited"/> where nothing says what fits.</summary>
public enum Band { Unlimited, Low, Medium, High, Overbooked }

/// <summary>
/// Load and capacity of one pool on one production day: standard minutes always, and units where a capacity per day is set and all the load shares a unit.
/// Of today only what is left of it counts, on both sides. Capacity null: nothing limits it.
/// </summary>
public sealed record Bucket(Pool Pool, DateOnly Day)
{
    public decimal Minutes { get; init; }
    public decimal? Capacity { get; init; }
    public decimal? Units { get; init; }
    public decimal? UnitCapacity { get; init; }

    /// <summary>The unit of <see cref="Units"/>; null where there is no load or it is mixed.</summary>
    public string? Unit { get; init; }

    /// <summary>Of minutes, never capped; null where nothing limits, and where there is load without any capacity.</summary>
    public decimal? MinutesPercent => Share(Minutes, Capacity);

    public decimal? UnitsPercent => Units is { } units ? Share(units, UnitCapacity) : null;

    /// <summary>The fuller of the two measures.</summary>
    public decimal? Percent => MinutesPercent is { } m && UnitsPercent is { } u ? Math.Max(m, u) : MinutesPercent ?? UnitsPercent;

    public Band Band => Bands.Of(this);

    internal static decimal? Share(decimal load, decimal? capacity) => capacity switch { null => null, 0 => load > 0 ? null : 0, { } c => Math.Round(load * 100 / c, 1) };
}

/// <summary>The bands of states-and-kpis and the sums over several buckets.</summary>
public static class Bands
{
    public static Band Of(decimal percent) => percent switch { < 50 => Band.Low, < 80 => Band.Medium, <= 100 => Band.High, _ => Band.Overbooked };

    /// <summary>Load where there is no capacity at all is overbooked, without a percentage.</summary>
    public static Band Of(Bucket b) =>
        b is { Capacity: 0, Minutes: > 0 } or { UnitCapacity: 0, Units: > 0 } ? Band.Overbooked : b.Percent is { } percent ? Of(percent) : Band.Unlimited;

    /// <summary>Buckets of one pool over several days as one; a measure counts only where every day has it.</summary>
    public static Bucket Sum(this IReadOnlyCollection<Bucket> days)
    {
        var units = days.Select(d => d.Unit).OfType<string>().Distinct().ToList();
        var counted = days.All(d => d.UnitCapacity is not null && d.Units is not null) && units.Count <= 1;
        return days.First() with
        {
            Minutes = days.Sum(d => d.Minutes),
            Capacity = days.All(d => d.Capacity is not null) ? days.Sum(d => d.Capacity) : null,
            Units = counted ? days.Sum(d => d.Units) : null,
            UnitCapacity = days.All(d => d.UnitCapacity is not null) ? days.Sum(d => d.UnitCapacity) : null,
            Unit = counted && units.Count == 1 ? units[0] : null,
        };
    }
}
