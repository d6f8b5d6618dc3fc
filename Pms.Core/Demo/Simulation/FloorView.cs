using Pms.Core.Jobs;
using Pms.Core.Maintenance;

namespace Pms.Core.Demo.Simulation;

/// <summary>What the demo's people see of the floor when they look up.</summary>
internal sealed record FloorView(DateTimeOffset Now, IReadOnlyList<OpenJob> Jobs, IReadOnlyDictionary<long, DateTimeOffset> Present, IReadOnlyList<Ticket> Tickets, IReadOnlySet<long> RealPeople)
{
    public bool Stands(long? machine) => machine is { } m && Tickets.Any(t => t.MachineId == m && t.Stands && t.ReleasedAt is null);

    /// <summary>How many jobs a person works on right now.</summary>
    public int Busy(long employee) => Jobs.Count(j => j.WorkerId == employee);

    public bool IsHere(long employee) => Present.ContainsKey(employee);
}

/// <summary>A running or paused job with what its next step is decided on.</summary>
internal sealed record OpenJob
{
    public long Id { get; init; }
    public JobStatus Status { get; init; }
    public JobPhase? Phase { get; init; }
    public long DepartmentId { get; init; }
    public long StageId { get; init; }
    public long? MachineId { get; init; }
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public long? PauseReasonId { get; init; }
    public PauseCause? PauseCause { get; init; }
    public long? OperatorId { get; init; }
    public DateTimeOffset? LastReportAt { get; init; }
    public DateTimeOffset? RunSince { get; init; }
    public long? WorkerId { get; init; }
    public DateTimeOffset? WorkSince { get; init; }

    /// <summary>Good pieces from the step before less what this step made; null for the first step.</summary>
    public decimal? Available { get; init; }
    public bool OnHold { get; init; }

    public decimal Rest => Math.Max(0, Planned - Good);

    /// <summary>Since when its clock runs without a break.</summary>
    public DateTimeOffset Since => RunSince > WorkSince || WorkSince is null ? RunSince ?? DateTimeOffset.MinValue : RunSince is null ? WorkSince.Value : RunSince.Value;
}

/// <summary>A planned job that could be started now.</summary>
internal sealed record ReadyJob
{
    public long Id { get; init; }
    public long StageId { get; init; }
    public long? MachineId { get; init; }
    public long? EmployeeId { get; init; }
}

/// <summary>A step that has jobs behind it, none before it, and pieces missing; or one without any job.</summary>
internal sealed record StepToPlan
{
    public long Id { get; init; }
    public long ItemId { get; init; }
    public decimal Quantity { get; init; }
    public int Decimals { get; init; }
}

/// <summary>Until when a machine's plan is filled.</summary>
internal sealed record MachinePlan
{
    public long MachineId { get; init; }
    public long StageId { get; init; }
    public int Jobs { get; init; }
    public DateTimeOffset? Until { get; init; }
}
