using Pms.Core.Data;
using Pms.Core.Events;

namespace Pms.Core.Capacity;

/// <summary>
/// Tells those who plan a department, once, when the load of one of its days crosses the threshold: not again until it fell below and crossed anew. What was told is
/// stored, and with it the message goes out in one transaction, so neither a restart nor a second node repeats it. Of the day that runs, load and capacity shrink
/// together and may cross back and forth: what was told of it stays told.
/// </summary>
public sealed class CapacityWarnings(CapacityQueries queries, CapacityWarningRepository warnings, Db db, PlantClock clock, LiveSettings live)
{
    /// <summary>Days looked at, today included.</summary>
    public const int Ahead = 60;

    public async Task SweepAsync(CancellationToken ct = default)
    {
        var book = new CapacityBook(await queries.PlantAsync(null, ct), await queries.LoadsAsync((IReadOnlyCollection<long>?)null, ct));
        var (crossed, fell) = Changes(book, await warnings.ListAsync(ct));
        if (crossed.Count == 0 && fell.Count == 0)
            return;
        await db.InTransactionAsync(async tx =>
        {
            (crossed, fell) = Changes(book, await warnings.ListAsync(tx));   // another node may have told meanwhile
            foreach (var gone in fell)
                await warnings.DeleteAsync(tx, gone);
            foreach (var day in crossed)
                warnings.Insert(tx, new(day.Pool.Id, day.Day));
            foreach (var days in crossed.GroupBy(d => d.Pool))
            {
                var (first, worst) = (days.MinBy(d => d.Day)!, days.Max(d => d.Percent)!.Value);
                tx.Send("capacity.warning", new
                {
                    departmentId = days.Key.Id, department = book.Plant.NameOf(days.Key), day = first.Day, percent = Math.Round(first.Percent!.Value), more = days.Count() - 1, most = Math.Round(worst), several = days.Count() > 1,
                }, clock.Now);
            }
        }, ct);
    }

    private (List<Bucket> Crossed, List<CapacityWarning> Fell) Changes(CapacityBook book, IReadOnlyList<CapacityWarning> told)
    {
        var (today, limit) = (book.Plant.Today, live.Now.CapacityWarningPercent);
        var known = told.ToHashSet();
        var full = book.Plant.Departments.Values.Where(d => d.Active).SelectMany(d => book.Of(Pool.Department(d.Id), today, Ahead)).Where(b => b.Percent >= limit).ToList();
        var above = full.Select(b => new CapacityWarning(b.Pool.Id, b.Day)).ToHashSet();
        return ([.. full.Where(b => !known.Contains(new(b.Pool.Id, b.Day)))], [.. told.Where(t => t.OnDay < today || t.OnDay > today && !above.Contains(t))]);
    }
}
