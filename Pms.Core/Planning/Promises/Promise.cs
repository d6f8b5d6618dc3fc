using Pms.Core.Planning.Releases;

namespace Pms.Core.Planning.Promises;

/// <summary>“When could it be done?”: so many of a product, or all that an order still needs. Asking writes nothing.</summary>
public sealed record AskPromise(long? ProductId = null, decimal? Quantity = null, long? OrderId = null, DateOnly? DueOn = null);

/// <summary>One step and the earliest place for it.</summary>
/// <param name="Waits">How long it waits for a place, in working time of its department, after it could begin.</param>
public sealed record PromisedStep(string Product, string Stage, string Department, string? Machine, decimal Quantity, DateTimeOffset Start, DateTimeOffset End, TimeSpan Waits);

/// <summary>An order whose forecast changes.</summary>
public sealed record Affected(long OrderId, string Number, TimeSpan LateBefore, TimeSpan LateAfter)
{
    public TimeSpan More => LateAfter - LateBefore;
}

/// <summary>The earliest it could be done by the present load, and what it would do to everything else.</summary>
public sealed record Promise
{
    /// <summary>The day on which the last step is done; null where there is no place, and <see cref="Proof"/> says why.</summary>
    public DateOnly? On { get; init; }
    public DateTimeOffset? Done { get; init; }
    public IReadOnlyList<PromisedStep> Steps { get; init; } = [];

    /// <summary>Asked by a day that it misses.</summary>
    public bool Late { get; init; }

    /// <summary>Why not earlier: what is tightest for the step that waits longest; null where nothing waits.</summary>
    public RoomProof? Proof { get; init; }

    /// <summary>Total lateness of the plan without it and with it.</summary>
    public TimeSpan LatenessBefore { get; init; }
    public TimeSpan LatenessAfter { get; init; }

    /// <summary>Orders that would be later, the worst first.</summary>
    public IReadOnlyList<Affected> Others { get; init; } = [];
}
