using Pms.Core.Audit;

namespace Pms.Core.Jobs;

public enum JobStatus { Planned, Running, Paused, Finished, Cancelled }

/// <summary>What a running job is at: setting up or making pieces.</summary>
public enum JobPhase { Setup, Run }

public enum JobKind { Normal, Manual, Rework, MakeUp }

/// <summary>Why a job is paused: a person's tap, or the system on somebody's behalf.</summary>
public enum PauseCause { Operator, Hold, Breakdown, NoOperator, AutoClosed, MoreToCome, Reopened }

/// <summary>How a job ended: with all it was planned for, the rest left to the planner, or short for good.</summary>
public enum JobFinish { Complete, RestLater, Short }

/// <summary>What the operator did last to the job; the only thing Undo looks at.</summary>
public enum JobAction { Start, RunNow, Pause, Resume, Report, Finish, TakeOver }

/// <summary>State of an interval of machine time or of a person's time. Superseded and Void count nowhere and stay visible.</summary>
public enum IntervalState { Open, Closed, ToConfirm, Superseded, Void, Locked }

/// <summary>The machine's stream (ISO 22400: Run → APT, Setup → AUST, Stop → ADET).</summary>
public enum MachineTimeKind { Setup, Run, Stop, Rework }

/// <summary>The person's stream; Indirect and Break have no job.</summary>
public enum WorkTimeKind { Setup, Run, Rework, Indirect, Break }

/// <summary>
/// One step of one order item, planned from a start to an end, perhaps on a machine, for an employee (ISA-95 job order).
/// Quantities are sums of its reports; time is never stored here but in the two streams of intervals.
/// </summary>
public sealed record Job
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public long ItemId { get; init; }
    public long StepId { get; init; }
    public long ProductId { get; init; }
    public long DepartmentId { get; init; }
    public long StageId { get; init; }
    public long? WorkCentreId { get; init; }
    public long? MachineId { get; init; }

    /// <summary>The suggested operator; binding only where <see cref="Locked"/>.</summary>
    public long? EmployeeId { get; init; }
    public bool Locked { get; init; }
    public JobKind Kind { get; init; }
    public JobStatus Status { get; init; }
    public JobPhase? Phase { get; init; }

    /// <summary>Good pieces to make, in the product's unit.</summary>
    public decimal Planned { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public long Sequence { get; init; }
    public decimal SetupMinutes { get; init; }

    /// <summary>Standard minutes per piece (ISO 22400 PRI), copied when planned; null where there is no standard.</summary>
    public decimal? RunMinutes { get; init; }
    public bool LastStep { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public decimal LaterRejects { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public long? PauseReasonId { get; init; }
    public PauseCause? PauseCause { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public JobFinish? Finish { get; init; }

    /// <summary>Who works on it now, or did last.</summary>
    public long? OperatorId { get; init; }

    /// <summary>Hand-over note to the next person.</summary>
    public string? Note { get; init; }

    [NotAudited] public JobAction? LastAction { get; init; }
    [NotAudited] public DateTimeOffset? LastActionAt { get; init; }
    [NotAudited] public long? LastActionBy { get; init; }

    /// <summary>What the last start, resume, take-over or report found; its undo gives it back.</summary>
    [NotAudited] public long? WasMachineId { get; init; }
    [NotAudited] public long? WasOperatorId { get; init; }
    [NotAudited] public string? WasNote { get; init; }
    [NotAudited] public JobPhase? WasPhase { get; init; }
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>The hold that took it out of the plan; its place is offered again when that is lifted.</summary>
    [NotAudited] public long? FreedBy { get; init; }

    /// <summary>Set where its time and pieces were entered afterwards, from a paper sheet.</summary>
    public DateTimeOffset? EnteredAt { get; init; }
    public string? EnteredBy { get; init; }
    public int Version { get; init; }

    /// <summary>Everything that came off the machine, good or not.</summary>
    [NotAudited] public decimal Made => Good + Scrap + Rework;

    /// <summary>Good pieces still to make; 0 once finished or cancelled.</summary>
    [NotAudited] public decimal Rest => Status is JobStatus.Finished or JobStatus.Cancelled ? 0 : Math.Max(0, Planned - Good);

    [NotAudited] public bool IsOpen => Status is JobStatus.Planned or JobStatus.Running or JobStatus.Paused;
}

/// <summary>
/// A job changed, after the commit. Ids before and after, so that a page takes only its own.
/// <see cref="What"/> is the verb in lower case (started, paused, reported, assigned, …).
/// </summary>
public sealed record JobChanged(long JobId, long OrderId, long DepartmentId, long? MachineId, long? MachineBefore, long? EmployeeId, long? EmployeeBefore, string What) : Events.IDepartmentEvent
{
    public bool Concerns(long? machineId) => machineId is not null && (MachineId == machineId || MachineBefore == machineId);
}

/// <summary>Somebody clocked in, be it by starting work, or out, or a person's time was confirmed, corrected or approved.</summary>
public sealed record TimeChanged(long EmployeeId, long DepartmentId) : Events.IDepartmentEvent;
