using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Floor.JobBoard;

/// <summary>One job as the managers' table and kanban show it.</summary>
public sealed record JobRow
{
    public long Id { get; init; }
    public int Version { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";

    /// <summary>Null for whom a field rule hides it; then the priority is the usual one.</summary>
    public DateOnly? DueOn { get; init; }
    public int Priority { get; init; }
    public string Product { get; init; } = "";
    public long StageId { get; init; }
    public string Stage { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public long? EmployeeId { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public bool Locked { get; init; }
    public string? OperatorFirst { get; init; }
    public JobKind Kind { get; init; }
    public JobStatus Status { get; init; }
    public JobPhase? Phase { get; init; }
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public string? PauseReason { get; init; }

    /// <summary>Set where it was entered afterwards from a paper sheet.</summary>
    public DateTimeOffset? EnteredAt { get; init; }
    public string? EnteredBy { get; init; }

    /// <summary>Holds open on the order.</summary>
    public int Holds { get; init; }

    /// <summary>As somebody sees it who may not see all of its order.</summary>
    internal JobRow As(OrderSight sight) => sight.IsWhole ? this : this with { DueOn = sight.Due(DueOn), Priority = (int)sight.Priority((OrderPriority)Priority) };

    public bool IsOpen => Status is JobStatus.Planned or JobStatus.Running or JobStatus.Paused;
    public bool IsLate(DateTimeOffset now) => IsOpen && PlannedEnd < now;
    public string? Employee => FirstName is null ? null : $"{FirstName} {LastName}";
    public double Progress => Planned > 0 ? (double)(Good / Planned) : 0;
}

/// <summary>What a job may be given: machines that run its stage, people of its department, and the planned jobs of its machine in order.</summary>
public sealed record JobChoices(IReadOnlyList<MachineChoice> Machines, IReadOnlyList<PersonChoice> People, IReadOnlyList<JobRow> Queue);

/// <summary>A machine that can run the stage, with what lies before it.</summary>
public sealed record MachineChoice
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string Name { get; init; } = "";
    public int Waiting { get; init; }
    public bool Stands { get; init; }
}

/// <summary>A person who may be given the job.</summary>
public sealed record PersonChoice
{
    public long Id { get; init; }
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public bool HasSkill { get; init; }
    public bool IsHere { get; init; }
    public bool IsAbsent { get; init; }
}
