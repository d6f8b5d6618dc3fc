using Pms.Core.Jobs;
using Pms.Core.Maintenance;

namespace Pms.Core.Floor;

/// <summary>What a board must know before it can ask for the rest: who there is, and which orders are due.</summary>
public sealed record FloorPlant(IReadOnlyList<FloorDepartment> Departments, IReadOnlyList<FloorMachine> Machines, IReadOnlyList<DueOrder> Due);

/// <summary>An active department as the boards need it.</summary>
public sealed record FloorDepartment
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public decimal? DailyTarget { get; init; }
    public int Position { get; init; }
}

/// <summary>A machine that is not retired.</summary>
public sealed record FloorMachine
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public int Slots { get; init; }
}

/// <summary>An open order due soon or past due, on the earliest day of its open items.</summary>
public sealed record DueOrder
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public DateOnly DueOn { get; init; }
}

/// <summary>The bounds of one refresh: no read reaches further back than <see cref="From"/>, whatever the history.</summary>
public sealed record FloorWindow
{
    public required DateTimeOffset Now { get; init; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset Until { get; init; }
    public required DateOnly Today { get; init; }
    public required IReadOnlyList<string> Days { get; init; }
    public required IReadOnlyList<long> Departments { get; init; }
    public required IReadOnlyList<long> Machines { get; init; }
    public required IReadOnlyList<long> Orders { get; init; }
}

/// <summary>One refresh, raw, as the database told it.</summary>
public sealed record FloorRead
{
    public IReadOnlyList<MachineRunRow> Runs { get; init; } = [];
    public IReadOnlyList<StartedJob> Started { get; init; } = [];
    public IReadOnlyList<NextJob> Next { get; init; } = [];
    public IReadOnlyList<JobCounts> Counts { get; init; } = [];
    public IReadOnlyList<ReportRow> Reports { get; init; } = [];
    public IReadOnlyList<StandingTicket> Tickets { get; init; } = [];
    public IReadOnlyList<PersonSpan> Work { get; init; } = [];
    public IReadOnlyList<PersonSpan> Presences { get; init; } = [];
    public IReadOnlyList<AllocationRow> Allocations { get; init; } = [];
    public IReadOnlyList<OrderLoad> Loads { get; init; } = [];
    public IReadOnlyList<OpenHold> Holds { get; init; } = [];
    public IReadOnlyList<ToConfirm> ToConfirm { get; init; } = [];

    /// <summary>By step: the departments of its item's later required steps, in order.</summary>
    public IReadOnlyDictionary<long, StepTail> Tails { get; init; } = new Dictionary<long, StepTail>();
}

/// <summary>An interval of machine time that counts.</summary>
public sealed record MachineRunRow
{
    public long MachineId { get; init; }
    public int? Slot { get; init; }
    public long JobId { get; init; }
    public MachineTimeKind Kind { get; init; }
    public string? KpiClass { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>A stop outside the planned busy time.</summary>
    public bool IsPlanned => KpiClass is "Planned" or "Break";

    public Span Until(DateTimeOffset now) => new(StartedAt, EndedAt ?? now);
}

/// <summary>A running or paused job with the words a tile shows.</summary>
public sealed record StartedJob
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public string ProductName { get; init; } = "";
    public long StepId { get; init; }
    public long DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public JobStatus Status { get; init; }
    public JobPhase? Phase { get; init; }
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public long? PauseReasonId { get; init; }
    public PauseCause? PauseCause { get; init; }
    public string? PauseReason { get; init; }
    public string? PauseClass { get; init; }
    public long? OperatorId { get; init; }
    public string? OperatorFirst { get; init; }
    public string? OperatorLast { get; init; }

    /// <summary>Paused for what was meant to be: a break, the end of the shift.</summary>
    public bool IsPlannedStop => PauseClass is "Planned" or "Break";
}

/// <summary>What a machine does next.</summary>
public sealed record NextJob
{
    public long MachineId { get; init; }
    public long JobId { get; init; }
    public string OrderNumber { get; init; } = "";
    public decimal Planned { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
}

/// <summary>Jobs of a department counted by the database.</summary>
public sealed record JobCounts
{
    public long DepartmentId { get; init; }

    /// <summary>Planned to start before the end of the production day.</summary>
    public int Waiting { get; init; }

    /// <summary>Open past their planned end.</summary>
    public int Late { get; init; }
}

/// <summary>A report of a production day; a correction is negative.</summary>
public sealed record ReportRow
{
    public long JobId { get; init; }
    public long StepId { get; init; }
    public long ProductId { get; init; }
    public long DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public JobKind JobKind { get; init; }
    public DateTimeOffset At { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public decimal? RunMinutes { get; init; }
    public DateOnly ShiftDay { get; init; }
    public long? ShiftId { get; init; }

    public decimal Made => Good + Scrap + Rework;
}

/// <summary>A ticket by which a machine stands or stood.</summary>
public sealed record StandingTicket
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public long MachineId { get; init; }
    public TicketStatus Status { get; init; }
    public string Description { get; init; } = "";
    public string? Reason { get; init; }
    public string? KpiClass { get; init; }
    public string? Assigned { get; init; }
    public DateTimeOffset StandsFrom { get; init; }
    public DateTimeOffset? ExpectedBack { get; init; }
    public DateTimeOffset? ReleasedAt { get; init; }

    public bool IsOpen => ReleasedAt is null;

    /// <summary>Outside the planned busy time; anything else is a loss.</summary>
    public bool IsPlanned => KpiClass == "Planned";
    public bool IsWorkedOn => Status is TicketStatus.InProgress;
}

/// <summary>A person's presence, or work on a machine.</summary>
public sealed record PersonSpan
{
    public long EmployeeId { get; init; }
    public long DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public long? JobId { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public Span Until(DateTimeOffset now) => new(StartedAt, EndedAt ?? now);
}

/// <summary>Who a machine is given to today.</summary>
public sealed record AllocationRow
{
    public long EmployeeId { get; init; }
    public long MachineId { get; init; }
    public string Level { get; init; } = "";

    /// <summary>Null is every shift.</summary>
    public long? ShiftId { get; init; }
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
}

/// <summary>The last planned end of an order's open jobs in a department.</summary>
public sealed record OrderLoad
{
    public long OrderId { get; init; }
    public long DepartmentId { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
}

/// <summary>A hold that waits for somebody's word.</summary>
public sealed record OpenHold
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Note { get; init; } = "";
    public DateTimeOffset OpenedAt { get; init; }
    public DateOnly? ExpectedOn { get; init; }

    /// <summary>Null where the whole order or item is held.</summary>
    public long? DepartmentId { get; init; }
}

/// <summary>Closed by the system and waiting for a person's word.</summary>
public sealed record ToConfirm
{
    public long DepartmentId { get; init; }
    public int Count { get; init; }
    public DateTimeOffset Oldest { get; init; }
}

/// <summary>A step's department and those its item still has to pass through.</summary>
public sealed record StepTail(long DepartmentId, bool Required, IReadOnlyList<long> Later);
