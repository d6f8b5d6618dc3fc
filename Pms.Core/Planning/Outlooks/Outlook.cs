using Pms.Core.Capacity;

namespace Pms.Core.Planning.Outlooks;

/// <summary>The plan and all that is still to be planned, as an immutable picture at one instant, and what would come of it.</summary>
public sealed class Outlook
{
    private readonly Lazy<Forecast> forecast;

    public Outlook(CapacityBook book, IReadOnlyList<OpenItem> items)
    {
        (Book, Items) = (book, items);
        forecast = new(() => Forecast.Of(book.Plant, [.. book.Loads], [.. items.Select(NeedOf).OfType<OpenNeed>()]));
    }

    public CapacityBook Book { get; }

    /// <summary>Every open item of every open order.</summary>
    public IReadOnlyList<OpenItem> Items { get; }

    /// <summary>What comes of the plan as it stands.</summary>
    public Forecast Forecast => forecast.Value;

    /// <summary>What would come of it with further places taken; what they cover of an item's steps needs no place any more.</summary>
    public Forecast With(IReadOnlyCollection<Placed> more)
    {
        var (id, added) = (-1_000_000L, new List<PlannedLoad>());
        foreach (var placed in more)
            added.Add(placed.Step.LoadAt(placed) with { JobId = --id, Sequence = Jobs.Planning.JobPlacement.SequenceAt(placed.Start), Position = PositionOf(placed.Step) });
        var covered = more.ToLookup(p => p.Step.StepId);
        return Forecast.Of(Book.Plant, [.. Book.Loads, .. added], [.. Items.Select(NeedOf).OfType<OpenNeed>().Select(n => Less(n, covered)).Where(n => n.Steps.Count > 0)]);
    }

    private int PositionOf(PlaceStep step) => Items.FirstOrDefault(i => i.Id == step.ItemId)?.Steps.FirstOrDefault(s => s.Id == step.StepId)?.Position ?? int.MaxValue;

    private static OpenNeed Less(OpenNeed need, ILookup<long, Placed> covered)
    {
        var (steps, ends) = (new List<PlaceStep>(), (DateTimeOffset?)null);
        foreach (var step in need.Steps)
        {
            var rest = step with { Quantity = step.Quantity - covered[step.StepId].Sum(p => p.Step.Quantity), NotBefore = ends > step.NotBefore || step.NotBefore is null ? ends : step.NotBefore };
            foreach (var placed in covered[step.StepId])
                ends = ends is { } e && e > placed.End ? e : placed.End;
            if (rest.Quantity > 0)
                steps.Add(rest);
        }
        return new(steps);
    }

    /// <summary>What an item still needs beyond its jobs; what is held waits until the hold is expected to end, and where nobody knows when, for nothing that can be foretold.</summary>
    private OpenNeed? NeedOf(OpenItem item)
    {
        if (item.Unplanned.Count == 0)
            return null;
        var steps = item.ToPlace();
        if (item.Held is { } hold)
        {
            if (hold.ExpectedOn is not { } day)
                return null;
            var until = Book.Plant.Clock.At(day, 0);
            steps = [.. steps.Select((s, i) => i == 0 && (s.NotBefore is null || s.NotBefore < until) ? s with { NotBefore = until } : s)];
        }
        return new(steps);
    }
}

/// <summary>
/// One outlook per node for all pages, read again when something happened and somebody asks. For looking only; what binds is decided in the command's own transaction.
/// </summary>
public sealed class PresentOutlook(CapacityBooks books, OpenItemQueries queries, PlantClock clock) : IDisposable
{
    /// <summary>How old a forecast may be that stands beside a row.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim one = new(1);
    private volatile Outlook? last;

    /// <summary>The outlook as it is now.</summary>
    public Task<Outlook> LoadAsync(CancellationToken ct = default) => LoadAsync(TimeSpan.Zero, ct);

    /// <summary>One that is not older than <see cref="Recent"/>, with its forecast counted: for lists, which are drawn again with every event.</summary>
    public async Task<Outlook> RecentAsync(CancellationToken ct = default)
    {
        var found = await LoadAsync(Recent, ct);
        await Task.Run(() => found.Forecast, ct);
        return found;
    }

    public void Dispose() => one.Dispose();

    private async Task<Outlook> LoadAsync(TimeSpan age, CancellationToken ct)
    {
        if (last is { } known && known.Book.Plant.Now + age > clock.Now)
            return known;
        await one.WaitAsync(ct);
        try
        {
            if (last is { } young && young.Book.Plant.Now + age > clock.Now)
                return young;
            var book = await books.LoadAsync(ct);
            return last is { } same && ReferenceEquals(same.Book, book) ? same : last = new(book, await queries.AllAsync(ct));
        }
        finally { one.Release(); }
    }
}
