using System.Collections.Immutable;

namespace Pms.Core.Capacity;

/// <summary>A job's part in a bucket.</summary>
public sealed record BucketJob(PlannedLoad Load, decimal Minutes, decimal Units);

/// <summary>
/// All load against all capacity: per pool and production day. Made from a plant and its open loads; whoever tries something changes a <see cref="Copy"/>,
/// a shared one is never changed.
/// </summary>
public sealed class CapacityBook
{
    private readonly Dictionary<(Pool Pool, DateOnly Day), Cell> cells = [];
    private readonly Dictionary<long, (PlannedLoad Load, IReadOnlyList<Part> Parts)> loads = [];
    private long added;

    public CapacityBook(CapacityPlant plant, IEnumerable<PlannedLoad> loads)
    {
        Plant = plant;
        foreach (var load in loads)
            Add(load);
    }

    private CapacityBook(CapacityBook other) => (Plant, cells, loads, added) = (other.Plant, new(other.cells), new(other.loads), other.added);

    public CapacityPlant Plant { get; }

    public IEnumerable<PlannedLoad> Loads => loads.Values.Select(l => l.Load);

    /// <summary>The load of a job, or null.</summary>
    public PlannedLoad? Find(long jobId) => loads.TryGetValue(jobId, out var found) ? found.Load : null;

    public CapacityBook Copy() => new(this);

    /// <summary>Adds a load, or takes the place of the same job's; one without an id gets a negative one, which is answered.</summary>
    public long Add(PlannedLoad load)
    {
        var id = load.JobId != 0 ? load.JobId : --added;
        Remove(id);
        var parts = PartsOf(Plant, load);
        loads[id] = (load with { JobId = id }, parts);
        foreach (var part in parts)
            Change(part, load.Unit, 1);
        return id;
    }

    /// <summary>Takes a job's load out; nothing where it has none.</summary>
    public void Remove(long jobId)
    {
        if (!loads.Remove(jobId, out var gone))
            return;
        foreach (var part in gone.Parts)
            Change(part, gone.Load.Unit, -1);
    }

    public Bucket At(Pool pool, DateOnly day)
    {
        var cell = cells.GetValueOrDefault((pool, day)) ?? Cell.Empty;
        var (capacity, units) = Plant.CapacityOf(pool, day);
        return new(pool, day)
        {
            Minutes = cell.Minutes,
            Capacity = capacity,
            UnitCapacity = units,
            Units = units is null || cell.Units.Count > 1 ? null : cell.Units.Values.FirstOrDefault(),
            Unit = cell.Units.Count == 1 ? cell.Units.Keys.First() : null,
        };
    }

    /// <summary>The buckets of a pool over so many days.</summary>
    public IReadOnlyList<Bucket> Of(Pool pool, DateOnly from, int days) => [.. Enumerable.Range(0, days).Select(d => At(pool, from.AddDays(d)))];

    /// <summary>The jobs that weigh on a bucket, the heaviest first.</summary>
    public IReadOnlyList<BucketJob> JobsOf(Pool pool, DateOnly day) =>
        [.. loads.Values.SelectMany(l => l.Parts.Where(p => p.Pool == pool && p.Day == day).Select(p => new BucketJob(l.Load, p.Minutes, p.Units))).OrderByDescending(j => j.Minutes).ThenBy(j => j.Load.JobId)];

    /// <summary>Every bucket that has load.</summary>
    public IEnumerable<Bucket> Loaded => cells.Keys.Select(k => At(k.Pool, k.Day));

    /// <summary>What a load would put where.</summary>
    internal static IReadOnlyList<Part> PartsOf(CapacityPlant plant, PlannedLoad load)
    {
        var pools = plant.PoolsOf(load);
        if (pools.Count == 0)
            return [];
        var shares = LoadSpread.Of(plant, load);
        var parts = new List<Part>(pools.Count * shares.Count);
        foreach (var (pool, minutes, units) in pools)
        {
            var (m, u) = (LoadSpread.Split(minutes, shares), LoadSpread.Split(units, shares));
            for (var i = 0; i < shares.Count; i++)
                if (m[i] != 0 || u[i] != 0)
                    parts.Add(new(pool, shares[i].Day, m[i], u[i]));
        }
        return parts;
    }

    private void Change(Part part, string unit, int sign)
    {
        var key = (part.Pool, part.Day);
        var after = (cells.GetValueOrDefault(key) ?? Cell.Empty).With(sign * part.Minutes, unit, sign * part.Units);
        if (after is { Minutes: 0, Units.Count: 0 })
            cells.Remove(key);
        else
            cells[key] = after;
    }

    /// <summary>What one load puts on one pool and day.</summary>
    internal readonly record struct Part(Pool Pool, DateOnly Day, decimal Minutes, decimal Units);

    private sealed record Cell(decimal Minutes, ImmutableDictionary<string, decimal> Units)
    {
        public static readonly Cell Empty = new(0, ImmutableDictionary<string, decimal>.Empty);

        public Cell With(decimal minutes, string unit, decimal units)
        {
            if (units == 0)
                return this with { Minutes = Minutes + minutes };
            var sum = Units.GetValueOrDefault(unit) + units;
            return new(Minutes + minutes, sum == 0 ? Units.Remove(unit) : Units.SetItem(unit, sum));
        }
    }
}
