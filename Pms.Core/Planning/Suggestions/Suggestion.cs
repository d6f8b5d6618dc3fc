using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Suggestions;

/// <summary>A place that a hold frees, or will free: the job's old place.</summary>
public sealed record FreedSlot
{
    public long JobId { get; init; }
    public long StepId { get; init; }
    public long StageId { get; init; }
    public string Stage { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public long? EmployeeId { get; init; }
    public DateTimeOffset Start { get; init; }
    public DateTimeOffset End { get; init; }
    public decimal Quantity { get; init; }
    public decimal SetupMinutes { get; init; }
    public TimeSpan Time { get; init; }

    /// <summary>After a lift: the job's step is planned again.</summary>
    public bool Planned { get; init; }

    /// <summary>After a lift: why the old place can't be had any more; null where it is still free.</summary>
    public Refusal? Gone { get; init; }
}

/// <summary>An order that could take the slot, with what speaks for it.</summary>
public sealed record Candidate
{
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public long StepId { get; init; }
    public string Product { get; init; } = "";
    public string Unit { get; init; } = "";
    public OrderPriority Priority { get; init; }

    /// <summary>Null for whom a field rule hides it; then the priority is the usual one, and what both speak for the order is left out of its score.</summary>
    public DateOnly? DueOn { get; init; }

    /// <summary>Pieces the step still needs, and of them what would be planned here.</summary>
    public decimal Need { get; init; }
    public decimal Quantity { get; init; }
    public bool Split => Quantity < Need;
    public DateTimeOffset Start { get; init; }
    public DateTimeOffset End { get; init; }
    public long? MachineId { get; init; }
    public decimal SetupMinutes { get; init; }
    public required ScoreFacts Facts { get; init; }
    public required Score Score { get; init; }

    /// <summary>What choosing it does to the total lateness of the plan; negative is better.</summary>
    public TimeSpan Lateness { get; init; }

    /// <summary>As somebody sees it who may not see all of orders.</summary>
    internal Candidate As(OrderSight sight) => sight.IsWhole ? this : this with
    {
        DueOn = sight.Due(DueOn), Priority = sight.Priority(Priority), Facts = Facts with { SlackDays = sight.HidesDue ? 0 : Facts.SlackDays, Priority = sight.Priority(Facts.Priority) },
        Score = Score with { Urgency = sight.HidesDue ? 0 : Score.Urgency, Priority = sight.HidesPriority ? 0 : Score.Priority },
    };
}

/// <summary>A hold with the slots it frees and what could be done in one of them.</summary>
public sealed record HoldSuggestions
{
    public required Hold Hold { get; init; }
    public string OrderNumber { get; init; } = "";
    public string? What { get; init; }

    /// <summary>When the slots go back to the plan by themselves; null once they have, or the hold is over.</summary>
    public DateTimeOffset? FreesAt { get; init; }
    public IReadOnlyList<FreedSlot> Slots { get; init; } = [];

    /// <summary>The one that candidates are for.</summary>
    public FreedSlot? Slot { get; init; }

    /// <summary>The best first.</summary>
    public IReadOnlyList<Candidate> Candidates { get; init; } = [];
}

/// <summary>Where a step, or a planned job, could be placed: the earliest days and the machines with room.</summary>
/// <param name="JobId">The job that would move; null: the step is planned anew.</param>
public sealed record AskDates(long StepId, decimal Quantity, long? JobId = null, int Days = 10, DateOnly? From = null);

/// <summary>One place: when, where, and how it lies to the due day.</summary>
public sealed record DateSuggestion(DateOnly Day, long? MachineId, string? Machine, long DepartmentId, string Department, DateTimeOffset Start, DateTimeOffset End, decimal SetupMinutes, bool Late);

/// <summary>The earliest place of each of the next working days, and of each machine that can run the stage.</summary>
public sealed record DateSuggestions(string Stage, int? Version, IReadOnlyList<DateSuggestion> Days, IReadOnlyList<DateSuggestion> Machines, Releases.RoomProof? Proof);
