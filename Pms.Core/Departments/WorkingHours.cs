namespace Pms.Core.Departments;

/// <summary>What a day of the calendar is: worked by its pattern, free by its pattern, or made another by an exception.</summary>
public enum DayState { Working, Free, Closed, Extra, Changed }

/// <summary>A shift as it lies on one day, on the plant's wall clock.</summary>
public sealed record HoursShift(string Name, DateTimeOffset Start, DateTimeOffset End);

/// <summary>
/// What the calendar makes of one production day: hours are real time between the shifts' starts and ends without breaks, so a night of a
/// clock change has an hour more or less; where shifts overlap, time counts once.
/// </summary>
public sealed record DayHours
{
    public DateOnly Day { get; init; }
    public DayState State { get; init; }
    public decimal Hours { get; init; }
    public IReadOnlyList<HoursShift> Shifts { get; init; } = [];

    /// <summary>Why the day differs from its pattern; null where it doesn't.</summary>
    public string? Reason { get; init; }

    /// <summary>Units: the department's capacity per working day where anything is worked, 0 where nothing is; null where none is set.</summary>
    public decimal? Capacity { get; init; }
}

/// <summary>A shift or an exception as a form has it, not stored yet: the hours are those it would make.</summary>
public sealed record CalendarDraft(Shift? Shift = null, CalendarException? Exception = null);

/// <summary>Turns the calendar into hours by day. Pure: the same calendar gives the same hours.</summary>
public static class WorkingHours
{
    public static IReadOnlyList<DayHours> Of(PlantCalendar calendar, long departmentId, long? machineId, DateOnly from, int days, decimal? capacity) =>
        [.. Enumerable.Range(0, days).Select(from.AddDays).Select(day => Of(calendar, departmentId, machineId, day, capacity))];

    private static DayHours Of(PlantCalendar calendar, long departmentId, long? machineId, DateOnly day, decimal? capacity)
    {
        var shifts = calendar.ShiftsOf(departmentId, machineId, day);
        var differs = calendar.ExceptionsOn(departmentId, machineId, day);
        var hours = (decimal)Math.Round(shifts.SelectMany(s => s.Working).Total().TotalHours, 4);
        var state = shifts.Count == 0 ? differs.Any(e => e.Kind == ExceptionKind.Closed) ? DayState.Closed : DayState.Free
            : differs.Any(e => e.Kind == ExceptionKind.ExtraShift) ? DayState.Extra
            : differs.Any(e => e.Kind == ExceptionKind.ChangedHours) ? DayState.Changed : DayState.Working;
        return new()
        {
            Day = day,
            State = state,
            Hours = hours,
            Shifts = [.. shifts.Select(s => new HoursShift(s.Name, s.Start, s.End))],
            Reason = differs.Count == 0 ? null : string.Join(", ", differs.Select(e => e.Reason).Distinct()),
            Capacity = capacity is null ? null : hours > 0 ? capacity : 0,
        };
    }
}
