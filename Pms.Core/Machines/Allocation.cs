using Pms.Core.Audit;

namespace Pms.Core.Machines;

public enum AllocationLevel { Primary, Secondary, Backup }

/// <summary>
/// Who works at which machine, in one shift or in all, from a day to a day (both included, the end may be open).
/// For one machine and shift at most one person is primary on any day.
/// </summary>
public sealed record Allocation : IVersioned
{
    public long Id { get; init; }
    public long EmployeeId { get; init; }
    public long MachineId { get; init; }
    public AllocationLevel Level { get; init; }

    /// <summary>Null: every shift.</summary>
    public long? ShiftId { get; init; }
    public DateOnly FromDay { get; init; }
    public DateOnly? ToDay { get; init; }
    public int Version { get; init; }

    /// <summary>True where both claim the same machine, shift and day.</summary>
    public bool Meets(Allocation other) => MachineId == other.MachineId
        && (ShiftId is null || other.ShiftId is null || ShiftId == other.ShiftId)
        && (ToDay is null || other.FromDay <= ToDay) && (other.ToDay is null || FromDay <= other.ToDay);

    public bool InForce(DateOnly day) => FromDay <= day && (ToDay is null || day <= ToDay);
}

/// <summary>An allocation with its names, for lists.</summary>
public sealed record AllocationRow
{
    public long Id { get; init; }
    public long EmployeeId { get; init; }
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public long MachineId { get; init; }
    public string Machine { get; init; } = "";
    public long DepartmentId { get; init; }
    public AllocationLevel Level { get; init; }
    public long? ShiftId { get; init; }
    public string? Shift { get; init; }
    public DateOnly FromDay { get; init; }
    public DateOnly? ToDay { get; init; }
    public int Version { get; init; }
    public string Employee => $"{FirstName} {LastName}";
}

/// <summary>Who works where changed: the machine and the person, before and after.</summary>
public sealed record AllocationChanged(long Id, long MachineId, long EmployeeId, long DepartmentId) : Events.IDepartmentEvent;
