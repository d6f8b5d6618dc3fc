namespace Pms.Core.Capacity;

/// <summary>A bucket that would be fuller than it may. <see cref="Unit"/> null: <see cref="Load"/> and <see cref="Capacity"/> are standard minutes, else units of it.</summary>
public sealed record Overrun(Pool Pool, DateOnly Day, decimal Load, decimal Capacity, string? Unit)
{
    public decimal Over => Load - Capacity;

    /// <summary>Null where the day has no capacity at all.</summary>
    public decimal? Percent => Bucket.Share(Load, Capacity);
}

/// <summary>
/// Whether a change to the plan may be: refused only where it leaves a bucket above its capacity and above what it was before. So a move that makes no
/// bucket worse is always allowed, however overbooked the plan already is.
/// </summary>
public static class CapacityCheck
{
    /// <summary>Rounding of milliseconds and millionths, in minutes or units.</summary>
    internal const decimal Tolerance = 0.001m;

    /// <param name="book">With the loads as they are now.</param>
    /// <param name="before">The changed jobs' loads as they are in the book; empty for a new job.</param>
    /// <param name="after">The same as they would be; a job without id is a new one.</param>
    /// <returns>The worst first, by what it is over in relation to what fits; empty where the change may be.</returns>
    public static IReadOnlyList<Overrun> Overruns(CapacityBook book, IReadOnlyCollection<PlannedLoad> before, IReadOnlyCollection<PlannedLoad> after)
    {
        var changed = book.Copy();
        foreach (var load in before)
            changed.Remove(load.JobId);
        var touched = new HashSet<(Pool Pool, DateOnly Day)>();
        foreach (var load in after)
        {
            changed.Add(load);
            touched.UnionWith(CapacityBook.PartsOf(book.Plant, load).Select(p => (p.Pool, p.Day)));
        }
        var over = new List<Overrun>();
        foreach (var (pool, day) in touched)
        {
            var (was, now) = (book.At(pool, day), changed.At(pool, day));
            if (now.Capacity is { } minutes && now.Minutes > minutes + Tolerance && now.Minutes > was.Minutes + Tolerance)
                over.Add(new(pool, day, now.Minutes, minutes, null));
            if (now is { UnitCapacity: { } fits, Units: { } units } && units > fits + Tolerance && units > (was.Units ?? 0) + Tolerance)
                over.Add(new(pool, day, units, fits, now.Unit ?? ""));
        }
        return [.. over.OrderByDescending(o => o.Percent ?? decimal.MaxValue).ThenByDescending(o => o.Over).ThenBy(o => o.Day).ThenByDescending(o => o.Pool.Kind).ThenBy(o => o.Pool.Id)];
    }
}
