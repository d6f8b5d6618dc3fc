using Pms.Core.Capacity;

namespace Pms.Core.Planning.Releases;

/// <summary>From which end places are looked for: the earliest there are, or the latest before the due day.</summary>
public enum ReleaseBy { Earliest, Due }

/// <summary>
/// Plans all that these orders still need. What can't be done by its due day is left out and answered with the proof, unless <see cref="EvenLate"/>: then it gets the
/// earliest place there is.
/// </summary>
public sealed record ReleaseOrders(IReadOnlyList<long> OrderIds, ReleaseBy By = ReleaseBy.Earliest, bool EvenLate = false);

/// <summary>What became of an item: placed, nothing left to plan, refused, or without room.</summary>
public enum ReleaseOutcome { Placed, Nothing, Refused, NoRoom }

/// <summary>One step of an item and where it lies, or would.</summary>
public sealed record ReleasedStep(long StepId, string Stage, long DepartmentId, long? MachineId, string? Machine, DateTimeOffset Start, DateTimeOffset End, decimal Quantity, long? JobId = null);

/// <summary>One item of an order asked for.</summary>
public sealed record ReleaseLine
{
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public long ItemId { get; init; }
    public int Line { get; init; }
    public string Product { get; init; } = "";
    public decimal Quantity { get; init; }
    public string Unit { get; init; } = "";

    /// <summary>Null for whom a field rule hides it; then nothing is told to be late.</summary>
    public DateOnly? DueOn { get; init; }
    public ReleaseOutcome Outcome { get; init; }

    /// <summary>Placed, and done after the last shift of its due day.</summary>
    public bool Late { get; init; }
    public IReadOnlyList<ReleasedStep> Steps { get; init; } = [];

    /// <summary>Why it was refused.</summary>
    public Refusal? Why { get; init; }

    /// <summary>Why there is no room.</summary>
    public RoomProof? Proof { get; init; }

    /// <summary>The smallest moves that make room, the least first; each is enough by itself. Empty where none was looked for or found.</summary>
    public IReadOnlyList<Cure> Cures { get; init; } = [];

    public DateTimeOffset? Start => Steps.Count == 0 ? null : Steps.Min(s => s.Start);
    public DateTimeOffset? End => Steps.Count == 0 ? null : Steps.Max(s => s.End);
}

/// <summary>What became, or would become, of the orders asked for.</summary>
public sealed record ReleaseResult(IReadOnlyList<ReleaseLine> Lines)
{
    public int Orders => Lines.Where(l => l.Outcome == ReleaseOutcome.Placed).Select(l => l.OrderId).Distinct().Count();
    public int Jobs => Lines.Where(l => l.Outcome == ReleaseOutcome.Placed).Sum(l => l.Steps.Count);
}

/// <summary>How far a release has come, in orders.</summary>
public sealed record ReleaseProgress(int Done, int All);

/// <summary>An order and what it takes of a pool within a window.</summary>
public sealed record ProofOrder(long OrderId, string Number, TimeSpan Time);

/// <summary>
/// Why something doesn't fit: the pool, the window, what is needed and what is there, and the orders that take it, the largest first. Codes as in <see cref="PlaceFault"/>.
/// </summary>
public sealed record RoomProof(string Code, PoolKind Kind, string Pool, string Stage, DateOnly From, DateOnly Until, TimeSpan Needed, TimeSpan There, IReadOnlyList<ProofOrder> Orders, int More)
{
    public TimeSpan Missing => Needed > There ? Needed - There : TimeSpan.Zero;

    /// <summary>The same as a refusal.</summary>
    public Refusal Refusal => Code switch
    {
        "capacity.no_room" => new(Code, Pool, From, Until, Needed, There, Missing),
        "capacity.no_time" => new(Code, Stage, Until, Needed, There),
        "capacity.no_machine" => new(Code, Stage),
        _ => new("capacity.no_gap", Stage, Until),
    };
}

/// <summary>A job that would be moved.</summary>
public sealed record CureMove(long JobId, int Version, long OrderId, string OrderNumber, string Stage, string? FromMachine, DateTimeOffset From, long? MachineId, string? Machine, DateTimeOffset Start, DateTimeOffset End);

/// <summary>Moves that together make room.</summary>
public sealed record Cure(IReadOnlyList<CureMove> Moves);
