namespace Pms.Core.Jobs.Stops;

/// <summary>One stretch in which a machine stood with its job paused, as the timeline shows it.</summary>
public sealed record MachineStop
{
    public long Id { get; init; }
    public long MachineId { get; init; }
    public long DepartmentId { get; init; }
    public long JobId { get; init; }
    public string OrderNumber { get; init; } = "";
    public long? ReasonId { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Null while it still stands.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    public IntervalState State { get; init; }
}

/// <summary>Says or corrects why a machine stood. <see cref="Was"/> is the reason the person saw: who was faster is told, not overwritten.</summary>
/// <param name="Why">Needed once the shift is approved.</param>
public sealed record SetStopReason(long StopId, long ReasonId, long? Was, string? Why = null);
