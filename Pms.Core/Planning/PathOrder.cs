using Pms.Core.Jobs;

namespace Pms.Core.Planning;

/// <summary>A job of a step right before or after another in the same item's path.</summary>
public sealed record NeighbourJob
{
    public long Id { get; init; }
    public long StepId { get; init; }
    public string? Machine { get; init; }
    public JobStatus Status { get; init; }
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The times don't fit those of the job it stands beside.</summary>
    public bool Wrong { get; init; }

    public Span At => Status == JobStatus.Planned ? new(PlannedStart, PlannedEnd) : new(StartedAt ?? PlannedStart, FinishedAt ?? PlannedEnd);
}

/// <summary>A step right before or after, with what of it is not planned yet.</summary>
public sealed record NeighbourStep(long StepId, string Stage, decimal Missing, IReadOnlyList<NeighbourJob> Jobs);

/// <summary>A job with its surroundings in the item's path.</summary>
public sealed record JobInPlan
{
    public required PlannedJob Job { get; init; }
    public int Line { get; init; }
    public decimal ItemQuantity { get; init; }

    /// <summary>The oldest open hold that covers it.</summary>
    public long? HoldId { get; init; }
    public IReadOnlyList<NeighbourStep> Before { get; init; } = [];
    public IReadOnlyList<NeighbourStep> After { get; init; } = [];

    /// <summary>It begins before the steps ahead can have delivered, or a later step begins too early behind it.</summary>
    public bool Wrong => Before.Concat(After).Any(s => s.Jobs.Any(j => j.Wrong));
}

/// <summary>
/// Whether two jobs of neighbouring steps fit in time: the later one begins once the earlier is done, or once the transfer quantity
/// is there; and it never ends before what it takes from.
/// </summary>
public static class PathOrder
{
    /// <param name="transfer">Units after which the next step may begin; null when it waits for all.</param>
    public static bool Fits(Span earlier, decimal planned, decimal? transfer, Span later)
    {
        var share = transfer is { } t && planned > 0 ? Math.Min(1, (double)(t / planned)) : 1;
        return later.Start >= earlier.Start + earlier.Length * share && later.End >= earlier.End;
    }
}
