using Pms.Core.Departments;

namespace Pms.Core.Demo.Plant;

/// <summary>
/// When the demo plant works: Monday to Friday 06–14 and 14–22, Saturday 06–12, Embroidery also at night; a few days differ.
/// The floor moves whenever somebody looks: where the moment of looking lies outside these shifts, extra shifts cover it (<see cref="Cover"/>).
/// </summary>
internal sealed class PlantHours
{
    public const int Morning = 360, Afternoon = 840, Night = 1320;

    private readonly PlantClock clock;
    private readonly List<CalendarException> exceptions = [];

    public PlantHours(PlantClock clock, DateOnly today)
    {
        this.clock = clock;
        void Except(int days, ExceptionKind kind, long? department, int? starts, int? length, string reason) => exceptions.Add(new()
        {
            Id = exceptions.Count + 1, DepartmentId = department, OnDay = Weekday(today.AddDays(days)), Kind = kind, StartsMinute = starts, LengthMinutes = length, Reason = reason,
        });
        Except(-37, ExceptionKind.Closed, null, null, null, "Public holiday");
        Except(-17, ExceptionKind.ExtraShift, PlantFloor.Print, Night, 480, "Large order: night shift");
        Except(-11, ExceptionKind.ChangedHours, PlantFloor.Packing, Morning, 720, "Town power maintenance");
        Except(9, ExceptionKind.ChangedHours, null, Morning, 600, "Family day");
        Except(16, ExceptionKind.Closed, PlantFloor.Packing, null, null, "Stocktaking");
        Calendar = new(clock, Shifts, exceptions);
    }

    public IReadOnlyList<Shift> Shifts { get; } =
    [
        Make(1, null, "Morning", Shift.Weekdays, Morning, 480), Make(2, null, "Afternoon", Shift.Weekdays, Afternoon, 480), Make(3, null, "Saturday", 1 << 5, Morning, 360),
        Make(4, PlantFloor.Embroidery, "Morning", Shift.Weekdays, Morning, 480), Make(5, PlantFloor.Embroidery, "Afternoon", Shift.Weekdays, Afternoon, 480),
        Make(6, PlantFloor.Embroidery, "Night", Shift.Weekdays, Night, 480), Make(7, PlantFloor.Embroidery, "Saturday", 1 << 5, Morning, 360),
    ];

    public IReadOnlyList<CalendarException> Exceptions => exceptions;

    public PlantCalendar Calendar { get; private set; }

    /// <summary>The shift an allocation of a team is for.</summary>
    public static long? ShiftOf(long department, char team) => (department, team) switch
    {
        (PlantFloor.Embroidery, 'A') => 4, (PlantFloor.Embroidery, 'B') => 5, (PlantFloor.Embroidery, _) => 6, (_, 'A') => 1, _ => 2,
    };

    /// <summary>
    /// Adds the extra shifts that open every department at the moment; where one had to be added, the block before it is opened too, so that
    /// the day has something to show.
    /// </summary>
    public void Cover(DateTimeOffset now)
    {
        var (from, to) = Block(clock, now);
        foreach (var department in Enumerable.Range(1, 6).Select(d => (long)d))
            if (Missing(Calendar, clock, department, from, to).FirstOrDefault(e => e.Covers(clock, now)) is { } needed)
            {
                var (before, _) = Block(clock, from.AddMinutes(-1));
                foreach (var extra in Missing(Calendar, clock, department, before, from).Append(needed))
                    exceptions.Add(extra with { Id = exceptions.Count + 1 });
            }
        Calendar = new(clock, Shifts, exceptions);
    }

    /// <summary>The eight hours (06–14, 14–22, 22–06) an instant lies in.</summary>
    public static (DateTimeOffset From, DateTimeOffset To) Block(PlantClock clock, DateTimeOffset at)
    {
        var local = clock.Local(at);
        var (day, minute) = (DateOnly.FromDateTime(local), local.Hour * 60 + local.Minute);
        return minute < Morning ? (clock.At(day.AddDays(-1), Night), clock.At(day, Morning))
            : minute < Afternoon ? (clock.At(day, Morning), clock.At(day, Afternoon))
            : minute < Night ? (clock.At(day, Afternoon), clock.At(day, Night))
            : (clock.At(day, Night), clock.At(day.AddDays(1), Morning));
    }

    /// <summary>The extra shifts that would open a department for the whole of [from, to).</summary>
    public static IEnumerable<CalendarException> Missing(PlantCalendar calendar, PlantClock clock, long department, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var gap in new[] { new Span(from, to) }.Subtract(calendar.Shifts(department, null, from, to).Select(s => s.Span)))
        {
            var local = clock.Local(gap.Start);
            yield return new()
            {
                DepartmentId = department, OnDay = DateOnly.FromDateTime(local), Kind = ExceptionKind.ExtraShift, StartsMinute = local.Hour * 60 + local.Minute,
                LengthMinutes = (int)gap.Length.TotalMinutes, Reason = "Busy season: extra shift",
            };
        }
    }

    /// <summary>Which team works a shift: by the hour it starts; Saturdays alternate.</summary>
    public static char Team(PlantClock clock, ShiftWindow shift, long department)
    {
        var start = clock.Local(shift.Start);
        if (shift.ShiftId is 3 or 7)
            return shift.Day.DayNumber / 7 % 2 == 0 ? 'A' : 'B';
        return start.Hour is >= 4 and < 13 ? 'A' : start.Hour is >= 13 and < 20 ? 'B' : department == PlantFloor.Embroidery ? 'N' : 'A';
    }

    private static DateOnly Weekday(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday ? day.AddDays(2) : day.DayOfWeek is DayOfWeek.Sunday ? day.AddDays(1) : day;

    private static Shift Make(long id, long? department, string name, int days, int starts, int length) => new()
    {
        Id = id, DepartmentId = department, Name = name, Days = days, StartsMinute = starts, LengthMinutes = length, Version = 1,
        Breaks = length > 400 ? [new() { ShiftId = id, AfterMinutes = 240, LengthMinutes = 30 }] : [new() { ShiftId = id, AfterMinutes = 180, LengthMinutes = 15 }],
    };
}

/// <summary>Asks of an exception.</summary>
internal static class ExtraShifts
{
    public static bool Covers(this CalendarException extra, PlantClock clock, DateTimeOffset at) =>
        clock.At(extra.OnDay, extra.StartsMinute!.Value) is var start && start <= at && at < start.AddMinutes(extra.LengthMinutes!.Value);
}
