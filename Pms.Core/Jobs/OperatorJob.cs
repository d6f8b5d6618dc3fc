using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>A job as its card shows it: the job, what it belongs to, its open interval and what stands in its way. Durations come from stored intervals only.</summary>
public sealed record OperatorJob
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
    public long? EmployeeId { get; init; }
    public bool Locked { get; init; }
    public JobKind Kind { get; init; }
    public JobStatus Status { get; init; }
    public JobPhase? Phase { get; init; }
    public decimal Planned { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public long? PauseReasonId { get; init; }
    public PauseCause? PauseCause { get; init; }
    public long? OperatorId { get; init; }
    public string? Note { get; init; }
    public JobAction? LastAction { get; init; }
    public DateTimeOffset? LastActionAt { get; init; }
    public long? LastActionBy { get; init; }

    public string OrderNumber { get; init; } = "";

    /// <summary>Null for whom a field rule hides it; then the priority is the usual one.</summary>
    public DateOnly? DueOn { get; init; }
    public int Priority { get; init; }
    public string ProductCode { get; init; } = "";
    public string ProductName { get; init; } = "";

    /// <summary>The file of the product's newest picture; null where it has none.</summary>
    public long? PhotoId { get; init; }
    public string Unit { get; init; } = "";
    public int Decimals { get; init; }

    /// <summary>Of the order item; what its path is reckoned from.</summary>
    public decimal ItemQuantity { get; init; }
    public string Stage { get; init; } = "";
    public string? MachineNumber { get; init; }
    public string? MachineName { get; init; }
    public string? WorkCentre { get; init; }

    /// <summary>Who works on it now, or did last.</summary>
    public string? Operator { get; init; }

    /// <summary>Whom it is meant for; binding where <see cref="Locked"/>.</summary>
    public string? MeantFor { get; init; }
    public string? PauseReason { get; init; }

    /// <summary>Since when an open ticket says that the machine stands.</summary>
    public DateTimeOffset? StandsSince { get; init; }
    public DateTimeOffset? ExpectedBack { get; init; }
    public string? HoldKind { get; init; }
    public string? HoldNote { get; init; }

    /// <summary>Material, Artwork or Tool: what was marked short for the step.</summary>
    public string? Short { get; init; }

    /// <summary>Closed time of the machine's stream, or of people's where the job has no machine.</summary>
    public long SetupMs { get; init; }
    public long RunMs { get; init; }

    /// <summary>Start of the interval that is open now; null while paused or planned.</summary>
    public DateTimeOffset? OpenSince { get; init; }

    /// <summary>My own labour on it began then; null when I don't work on it.</summary>
    public DateTimeOffset? MineSince { get; init; }

    public Readiness Readiness { get; init; } = new(ReadinessKind.Ready, null, 0);

    /// <summary>As somebody sees it who may not see all of its order.</summary>
    internal OperatorJob As(OrderSight sight) => sight.IsWhole ? this : this with { DueOn = sight.Due(DueOn), Priority = (int)sight.Priority((OrderPriority)Priority) };

    public decimal Made => Good + Scrap + Rework;

    /// <summary>Good pieces still to make.</summary>
    public decimal Rest => Math.Max(0, Planned - Good);

    public bool IsActive => Status is JobStatus.Running or JobStatus.Paused;

    /// <summary>Time of the present phase that is already closed; the clock on screen counts on from it.</summary>
    public TimeSpan Before => TimeSpan.FromMilliseconds(Phase == JobPhase.Setup ? SetupMs : RunMs);

    public TimeSpan RunTime(DateTimeOffset now) =>
        TimeSpan.FromMilliseconds(RunMs) + (Phase == JobPhase.Run && OpenSince is { } since && now > since ? now - since : TimeSpan.Zero);

    /// <summary>Pieces × standard ÷ run time (ISO 22400 effectiveness E); null without a standard, a piece or half a minute of run time.</summary>
    public decimal? Rate(DateTimeOffset now) =>
        RunMinutes is { } standard && Made > 0 && RunTime(now) is { TotalMinutes: > 0.5 } ran ? Made * standard / (decimal)ran.TotalMinutes : null;

    public bool IsLate(DateTimeOffset now) => now > PlannedEnd;

    public bool IsMine(long employeeId) => IsActive && OperatorId == employeeId;

    /// <summary>Until when <paramref name="employeeId"/> may take back the last action; null when there is nothing to take back.</summary>
    public DateTimeOffset? UndoUntil(long employeeId, DateTimeOffset now) =>
        LastAction is not null && LastActionBy == employeeId && LastActionAt is { } at && now < at + UndoFor ? at + UndoFor : null;

    /// <summary>How long an action can be taken back, by the settings in force when it was read.</summary>
    public TimeSpan UndoFor { get; init; } = new PlantSettings().Undo;
}

/// <summary>A machine to pick, with what speaks against it.</summary>
public sealed record MachineChoice
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? WorkCentreId { get; init; }
    public int Slots { get; init; } = 1;

    /// <summary>Open runs that hold a slot.</summary>
    public int Busy { get; init; }

    /// <summary>Order and operator of the first of them.</summary>
    public string? BusyWith { get; init; }
    public string? BusyBy { get; init; }
    public DateTimeOffset? BusySince { get; init; }
    public DateTimeOffset? StandsSince { get; init; }
    public DateTimeOffset? ExpectedBack { get; init; }

    public bool Free => Busy < Slots && StandsSince is null;
}

/// <summary>A reason of the department's lists, most used lately first.</summary>
public sealed record ReasonChoice
{
    public long Id { get; init; }
    public string List { get; init; } = "";
    public string Word { get; init; } = "";
    public string Icon { get; init; } = "";
    public int Position { get; init; }
    public int Uses { get; init; }
}

/// <summary>Who stands at the screen and what of the floor is theirs; read when the page opens, kept until something of it changes.</summary>
public sealed record OperatorScope
{
    public long EmployeeId { get; init; }
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public string Department { get; init; } = "";
    public int Slots { get; init; } = 1;

    /// <summary>Where the person may work on jobs.</summary>
    public IReadOnlyList<long> Departments { get; init; } = [];

    /// <summary>Today's allocation, or the machine that was scanned.</summary>
    public IReadOnlyList<MachineChoice> Machines { get; init; } = [];

    /// <summary>True for who sees all jobs of the department: by right, or because nobody allocated them today.</summary>
    public bool WholeDepartment { get; init; }
    public DateTimeOffset? ClockedInAt { get; init; }
    public IReadOnlyList<ReasonChoice> StopReasons { get; init; } = [];
    public IReadOnlyList<ReasonChoice> ScrapReasons { get; init; } = [];

    public bool Sees(long departmentId) => Departments.Contains(departmentId);
}

/// <summary>The operator page at one instant. <see cref="More"/> is true when planned jobs were left out.</summary>
public sealed record OperatorJobs(IReadOnlyList<OperatorJob> Jobs, bool More)
{
    public static readonly OperatorJobs None = new([], false);

    /// <summary>What I run or paused: on top, running first.</summary>
    public IEnumerable<OperatorJob> Mine(long employeeId) => Jobs.Where(j => j.IsMine(employeeId)).OrderBy(j => j.Status == JobStatus.Paused).ThenByDescending(j => j.LastActionAt);

    /// <summary>Paused by somebody else on my machines: any skilled person may resume.</summary>
    public IEnumerable<OperatorJob> PausedByOthers(long employeeId) => Jobs.Where(j => j.Status == JobStatus.Paused && !j.IsMine(employeeId));

    public IEnumerable<OperatorJob> RunningByOthers(long employeeId) => Jobs.Where(j => j.Status == JobStatus.Running && !j.IsMine(employeeId));

    public IEnumerable<OperatorJob> Next => Jobs.Where(j => j.Status == JobStatus.Planned);

    /// <summary>The job of my latest action that can be taken back.</summary>
    public OperatorJob? ToUndo(long employeeId, DateTimeOffset now) =>
        Jobs.Where(j => j.UndoUntil(employeeId, now) is not null).MaxBy(j => j.LastActionAt);
}

/// <summary>What the card opens to: how to do it, where the item comes from and goes to, and who counted what.</summary>
public sealed record JobDetails(
    OperatorJob Job, IReadOnlyList<Instruction> Instructions, ItemFlow Flow, IReadOnlyList<VariantCount> Variants, IReadOnlyList<ReportLine> Reports, string? OrderNotes, string? Specifications,
    IReadOnlyList<Products.Specification> ProductSpecifications);

public sealed record Instruction
{
    public string Text { get; init; } = "";
    public string? Link { get; init; }
}

/// <summary>A size and colour with what is planned and made of it in the job.</summary>
public sealed record VariantCount
{
    public long Id { get; init; }
    public string Size { get; init; } = "";
    public string Colour { get; init; } = "";
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
}

public sealed record ReportLine
{
    public DateTimeOffset At { get; init; }
    public string? Who { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public string? ScrapReason { get; init; }
}

/// <summary>A step of an order that could be made now without having been planned.</summary>
public sealed record ManualStep
{
    public long StepId { get; init; }
    public int Line { get; init; }
    public string OrderNumber { get; init; } = "";
    public string ProductName { get; init; } = "";
    public string Unit { get; init; } = "";
    public int Decimals { get; init; }
    public string Stage { get; init; } = "";
    public long StageId { get; init; }
    public long DepartmentId { get; init; }

    /// <summary>Of the item.</summary>
    public decimal Quantity { get; init; }
    public decimal NetGood { get; init; }

    /// <summary>Still open in planned, running or paused jobs of the step.</summary>
    public decimal Open { get; init; }
    public decimal Suggested => Math.Max(0, Quantity - NetGood - Open);
}

/// <summary>What a scanned code names; never a badge.</summary>
public enum ScanKind { Machine, Job, Order }

public sealed record ScanHit(ScanKind Kind, long Id, string Text);
