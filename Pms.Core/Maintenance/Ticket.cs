using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Maintenance;

public enum TicketStatus { Open, Assigned, InProgress, AwaitingParts, Completed, Cancelled }

public enum Severity { Low, Medium, High, Critical }

/// <summary>
/// A machine needs maintenance. While it <see cref="Stands"/> and was not released, the machine is Broken, or in Maintenance once work is in progress;
/// nothing of that condition is stored twice.
/// </summary>
public sealed record Ticket
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public long MachineId { get; init; }
    public long DepartmentId { get; init; }
    public long? ReasonId { get; init; }
    public string Description { get; init; } = "";
    public Severity Severity { get; init; }
    public bool Stands { get; init; }
    public TicketStatus Status { get; init; }
    public string ReportedBy { get; init; } = "";
    public long? ReporterEmployeeId { get; init; }
    public long? AssignedEmployeeId { get; init; }
    public DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset? StandsFrom { get; init; }

    /// <summary>When the machine should run again; default the end of the next shift. Capacity is out until then.</summary>
    public DateTimeOffset? ExpectedBack { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Released for production: the downtime ends here.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }
    public string? WorkDone { get; init; }
    public int Version { get; init; }

    [NotAudited] public string Machine { get; init; } = "";
    [NotAudited] public string? Assigned { get; init; }
    [NotAudited] public bool IsOpen => Status is not (TicketStatus.Completed or TicketStatus.Cancelled);

    /// <summary>The states that a ticket may go to from here; anything else is refused.</summary>
    public static IReadOnlyList<TicketStatus> After(TicketStatus status) => status switch
    {
        TicketStatus.Open => [TicketStatus.Assigned, TicketStatus.InProgress, TicketStatus.Cancelled],
        TicketStatus.Assigned => [TicketStatus.Open, TicketStatus.Assigned, TicketStatus.InProgress, TicketStatus.Cancelled],
        TicketStatus.InProgress => [TicketStatus.AwaitingParts, TicketStatus.Completed, TicketStatus.Cancelled],
        TicketStatus.AwaitingParts => [TicketStatus.InProgress, TicketStatus.Cancelled],
        _ => [],
    };
}

/// <summary>A ticket, and with it perhaps a machine's condition, changed.</summary>
public sealed record TicketChanged(long TicketId, long MachineId, long DepartmentId) : IDepartmentEvent;

/// <summary>Two taps at the machine: does it stand or still run, and what is it.</summary>
public sealed record ReportStop(long MachineId, bool Stands, long? ReasonId = null, string? Description = null, Severity Severity = Severity.Medium);

/// <summary>What a ticket command answers.</summary>
public sealed record TicketResult(long TicketId, string Number, TicketStatus Status, int Version);

/// <summary>Moves a ticket on. Completing needs <see cref="WorkDone"/>; <see cref="Release"/> ends the machine's downtime with it.</summary>
public sealed record ChangeTicket(long TicketId, TicketStatus Status, int Version, long? AssignedEmployeeId = null, string? WorkDone = null, bool Release = true, string? Reason = null);

/// <summary>When the machine is expected back; audited, planners see it.</summary>
public sealed record SetExpectedBack(long TicketId, DateTimeOffset ExpectedBack, int Version);
