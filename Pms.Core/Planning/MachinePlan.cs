using Pms.Core.Maintenance;

namespace Pms.Core.Planning;

/// <summary>What one machine did, does and shall do within a stretch of time.</summary>
public sealed record MachinePlan
{
    public required PlanMachine Machine { get; init; }
    public required Span Window { get; init; }
    public DateTimeOffset At { get; init; }
    public IReadOnlyList<PlannedJob> Jobs { get; init; } = [];
    public IReadOnlyList<MachineBlock> Blocks { get; init; } = [];
    public IReadOnlyList<MachineHalt> Halts { get; init; } = [];
    public IReadOnlyList<OpenTicket> Tickets { get; init; } = [];
}

/// <summary>A stop of a job on the machine, from its intervals, as far as it lies in working time.</summary>
public sealed record MachineHalt
{
    public DateTimeOffset From { get; init; }

    /// <summary>Now while it lasts.</summary>
    public DateTimeOffset? To { get; init; }
    public string OrderNumber { get; init; } = "";
    public string? Reason { get; init; }
}

/// <summary>A ticket of the machine that is not done.</summary>
public sealed record OpenTicket
{
    public string Number { get; init; } = "";
    public string Description { get; init; } = "";
    public Severity Severity { get; init; }
    public TicketStatus Status { get; init; }
    public bool Stands { get; init; }
    public DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset? ExpectedBack { get; init; }
}
