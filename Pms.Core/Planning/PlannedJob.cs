using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Planning;

/// <summary>One job as the plan shows it: on the board, in the list, in the calendar and in their files.</summary>
public sealed record PlannedJob
{
    public long Id { get; init; }
    public int Version { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public long ItemId { get; init; }
    public long StepId { get; init; }
    public string Product { get; init; } = "";
    public long StageId { get; init; }
    public string Stage { get; init; } = "";
    public long DepartmentId { get; init; }
    public string Department { get; init; } = "";
    public long? WorkCentreId { get; init; }
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public long? EmployeeId { get; init; }
    public JobKind Kind { get; init; }
    public JobStatus Status { get; init; }
    public JobPhase? Phase { get; init; }
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Null for whom a field rule hides it; then the priority is the usual one, and only its planned end makes it late.</summary>
    public DateOnly? DueOn { get; init; }
    public OrderPriority Priority { get; init; }

    /// <summary>An open hold covers it.</summary>
    public bool Held { get; init; }

    /// <summary>Open, and its planned end has passed or lies behind the order's due day.</summary>
    public bool Late { get; init; }

    public bool IsOpen => Status is JobStatus.Planned or JobStatus.Running or JobStatus.Paused;

    /// <summary>Where it lies in time: as planned until it is started, then as it really went and is expected to go on.</summary>
    public Span At(DateTimeOffset now) => Status switch
    {
        JobStatus.Running => new(StartedAt ?? PlannedStart, Max(PlannedEnd, now)),
        JobStatus.Paused => new(StartedAt ?? PlannedStart, Max(PlannedEnd, PausedAt ?? PlannedEnd)),
        JobStatus.Finished => new(StartedAt ?? PlannedStart, Max(FinishedAt ?? PlannedEnd, StartedAt ?? PlannedStart)),
        _ => new(PlannedStart, PlannedEnd),
    };

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
