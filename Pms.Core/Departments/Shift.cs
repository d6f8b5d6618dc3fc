using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Departments;

/// <summary>Shifts, breaks or exceptions changed; every node reads its calendar again.</summary>
public sealed record CalendarChanged : IEvent;

/// <summary>
/// A repeating shift of the plant (no ids), of a department or of a machine. It starts on its day and may run over midnight;
/// times are minutes of the plant's wall clock.
/// </summary>
public sealed record Shift : IVersioned
{
    public const int AllDays = 0b111_1111;
    public const int Weekdays = 0b001_1111;

    public long Id { get; init; }
    public long? DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public string Name { get; init; } = "";

    /// <summary>Bit 0 is Monday, bit 6 Sunday: the weekdays on which it starts.</summary>
    public int Days { get; init; } = Weekdays;

    /// <summary>0–1439.</summary>
    public int StartsMinute { get; init; }

    /// <summary>1–1440 minutes on the wall clock; on the night of a clock change the shift is an hour shorter or longer.</summary>
    public int LengthMinutes { get; init; }

    /// <summary>First and last day on which it starts; null is without limit.</summary>
    public DateOnly? ValidFrom { get; init; }
    public DateOnly? ValidTo { get; init; }
    public bool Active { get; init; } = true;
    public int Version { get; init; }
    public IReadOnlyList<ShiftBreak> Breaks { get; init; } = [];

    /// <summary>True where the pattern it belongs to rules that day, whether or not it starts then.</summary>
    public bool InForce(DateOnly day) => Active && (ValidFrom is null || ValidFrom <= day) && (ValidTo is null || day <= ValidTo);

    public bool StartsOn(DateOnly day) => InForce(day) && (Days & Bit(day)) != 0;

    private static int Bit(DateOnly day) => 1 << (((int)day.DayOfWeek + 6) % 7);
}

/// <summary>A pause within a shift, counted from the shift's start.</summary>
public sealed record ShiftBreak
{
    [NotAudited]
    public long ShiftId { get; init; }
    public int AfterMinutes { get; init; }
    public int LengthMinutes { get; init; }
}

/// <summary>What one day is instead of its pattern.</summary>
public enum ExceptionKind
{
    /// <summary>No shift starts on that day.</summary>
    Closed,

    /// <summary>One more shift beside those of the pattern.</summary>
    ExtraShift,

    /// <summary>The day's shifts are cut to these hours; the first starts with them and the last ends with them.</summary>
    ChangedHours,
}

/// <summary>One day that differs for the plant (no ids), a department or a machine; a narrower one is applied after a wider one.</summary>
public sealed record CalendarException : IVersioned
{
    public long Id { get; init; }
    public long? DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public DateOnly OnDay { get; init; }
    public ExceptionKind Kind { get; init; }
    public int? StartsMinute { get; init; }
    public int? LengthMinutes { get; init; }
    public string Reason { get; init; } = "";
    public int Version { get; init; }
}
