using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Departments;

namespace Pms.Tests.Departments;

/// <summary>The calendar's traps: night shifts, half hours, clock changes, breaks, exceptions, three o'clock in the morning.</summary>
public class PlantCalendarTests
{
    private const long Laser = 1, Press = 2, M7 = 7, M8 = 8;
    private static readonly PlantClock Berlin = Clock("Europe/Berlin");
    private static readonly DateOnly Monday = new(2026, 6, 1);

    private static PlantClock Clock(string zone) => new(new FakeTimeProvider(), TimeZoneInfo.FindSystemTimeZoneById(zone));
    private static Shift Shift(long id, string name, int hour, int minute, int hours, long? department = null, long? machine = null, int days = Core.Departments.Shift.AllDays) =>
        new() { Id = id, Name = name, StartsMinute = hour * 60 + minute, LengthMinutes = hours * 60, DepartmentId = department, MachineId = machine, Days = days };
    private static PlantCalendar Plan(params Shift[] shifts) => new(Berlin, shifts, []);
    private static DateTimeOffset At(int month, int day, int hour, int minute = 0) => Berlin.At(new DateOnly(2026, month, day), hour * 60 + minute);
    private static CalendarException Exception(DateOnly day, ExceptionKind kind, int? from = null, int? hours = null, long? department = null, long? machine = null) =>
        new() { Id = 90, OnDay = day, Kind = kind, StartsMinute = from * 60, LengthMinutes = hours * 60, DepartmentId = department, MachineId = machine, Reason = "Stocktaking" };

    [Fact]
    public void A_night_shift_belongs_to_the_day_it_began()
    {
        var plan = Plan(Shift(1, "Early", 6, 0, 8), Shift(2, "Late", 14, 0, 8), Shift(3, "Night", 22, 0, 8));
        var at = At(6, 2, 3);   // 03:00 on Tuesday
        Assert.Equal("Night", plan.ShiftAt(Laser, null, at)!.Name);
        Assert.Equal(Monday, plan.ProductionDay(Laser, null, at));
        Assert.Equal(Monday, plan.ShiftAt(Laser, null, at)!.Day);
        Assert.Equal(Monday.AddDays(1), plan.ProductionDay(Laser, null, At(6, 2, 6)));
    }

    /// <summary>On 25 October 2026 the hour from 02:00 comes twice in Berlin, from 00:00 and from 01:00 UTC.</summary>
    [Theory]
    [InlineData("2026-10-24T23:50", "02:30", "2026-10-25T00:30")]
    [InlineData("2026-10-25T00:29", "02:30", "2026-10-25T00:30")]
    [InlineData("2026-10-25T00:40", "02:30", "2026-10-25T01:30")]
    [InlineData("2026-10-25T01:20", "02:30", "2026-10-25T01:30")]
    [InlineData("2026-10-25T00:31", "02:30", "2026-10-25T00:30")]   // just now, by a plan's grace
    [InlineData("2026-10-25T01:20", "01:30", "2026-10-24T23:30")]   // was once and is over
    [InlineData("2026-10-25T01:20", "03:30", "2026-10-25T02:30")]
    public void A_start_to_come_in_the_hour_that_comes_twice_is_the_one_that_is_left(string now, string wall, string instant)
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse(now + "Z", System.Globalization.CultureInfo.InvariantCulture));
        var clock = new PlantClock(time, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        Assert.Equal(DateTimeOffset.Parse(instant + "Z", System.Globalization.CultureInfo.InvariantCulture), clock.Coming(new DateOnly(2026, 10, 25).ToDateTime(TimeOnly.Parse(wall, System.Globalization.CultureInfo.InvariantCulture)).AddSeconds(20), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Shifts_are_half_open()
    {
        var plan = Plan(Shift(1, "Early", 6, 30, 8), Shift(2, "Late", 14, 30, 8));
        Assert.Null(plan.ShiftAt(Laser, null, At(6, 1, 6, 29)));
        Assert.Equal("Early", plan.ShiftAt(Laser, null, At(6, 1, 6, 30))!.Name);
        Assert.Equal("Early", plan.ShiftAt(Laser, null, At(6, 1, 14, 29))!.Name);
        Assert.Equal("Late", plan.ShiftAt(Laser, null, At(6, 1, 14, 30))!.Name);
        Assert.Null(plan.ShiftAt(Laser, null, At(6, 1, 22, 30)));
    }

    [Fact]
    public void Shifts_lists_what_overlaps_the_span_in_order()
    {
        var plan = Plan(Shift(2, "Night", 22, 0, 8), Shift(1, "Day", 6, 0, 8));
        var names = plan.Shifts(Laser, null, At(6, 1, 5), At(6, 2, 6, 1)).Select(s => (s.Name, s.Day));
        Assert.Equal([("Night", Monday.AddDays(-1)), ("Day", Monday), ("Night", Monday), ("Day", Monday.AddDays(1))], names);
        Assert.Empty(plan.Shifts(Laser, null, At(6, 1, 14), At(6, 1, 22)));
        Assert.Empty(plan.Shifts(Laser, null, At(6, 1, 8), At(6, 1, 8)));
    }

    [Fact]
    public void After_hours_belong_to_the_shift_just_ended_then_to_the_calendar_date()
    {
        var plan = Plan(Shift(1, "Late", 14, 0, 9, days: Core.Departments.Shift.Weekdays));   // to 23:00
        Assert.Equal(Monday, plan.ProductionDay(Laser, null, At(6, 2, 3)));     // 4 h later
        Assert.Equal(Monday, plan.ProductionDay(Laser, null, At(6, 2, 10, 59)));
        Assert.Equal(Monday.AddDays(1), plan.ProductionDay(Laser, null, At(6, 2, 11, 1)));
        Assert.Equal(new DateOnly(2026, 6, 7), plan.ProductionDay(Laser, null, At(6, 7, 3)));   // Sunday
    }

    [Fact]
    public void Without_any_shift_the_day_is_the_date_on_the_wall()
    {
        var plan = PlantCalendar.Empty(Berlin);
        Assert.Equal(new DateOnly(2026, 6, 2), plan.ProductionDay(Laser, null, new DateTimeOffset(2026, 6, 1, 22, 30, 0, TimeSpan.Zero)));
        Assert.Null(plan.ShiftAt(Laser, null, At(6, 1, 9)));
        Assert.Equal("calendar.no_working_time", Assert.Throws<RuleException>(() => plan.AddWorking(Laser, null, At(6, 1, 9), TimeSpan.FromHours(1))).Code);
    }

    [Fact]
    public void The_narrowest_scope_wins_and_closes_what_it_does_not_name()
    {
        var plan = Plan(
            Shift(1, "Plant", 8, 0, 8),
            Shift(2, "Laser", 6, 0, 8, department: Laser, days: Core.Departments.Shift.Weekdays),
            Shift(3, "M7", 0, 0, 24, machine: M7));
        Assert.Equal("Plant", plan.ShiftAt(Press, M8, At(6, 1, 9))!.Name);
        Assert.Equal("Laser", plan.ShiftAt(Laser, null, At(6, 1, 9))!.Name);
        Assert.Equal("Laser", plan.ShiftAt(Laser, M8, At(6, 1, 9))!.Name);
        Assert.Equal("M7", plan.ShiftAt(Laser, M7, At(6, 1, 3))!.Name);
        Assert.Null(plan.ShiftAt(Laser, null, At(6, 6, 9)));            // Saturday: the department has a pattern of its own
        Assert.NotNull(plan.ShiftAt(Press, null, At(6, 6, 9)));
    }

    [Fact]
    public void A_pattern_out_of_its_validity_gives_way_to_the_wider_one()
    {
        var plan = Plan(Shift(1, "Plant", 8, 0, 8), Shift(2, "Summer", 5, 0, 8, department: Laser) with { ValidFrom = Monday, ValidTo = Monday.AddDays(1) });
        Assert.Equal("Plant", plan.ShiftAt(Laser, null, At(5, 31, 9))!.Name);
        Assert.Equal("Summer", plan.ShiftAt(Laser, null, At(6, 2, 9))!.Name);
        Assert.Equal("Plant", plan.ShiftAt(Laser, null, At(6, 3, 9))!.Name);
    }

    [Fact]
    public void Inactive_shifts_are_not_there() => Assert.Null(Plan(Shift(1, "Plant", 8, 0, 8) with { Active = false }).ShiftAt(Laser, null, At(6, 1, 9)));

    [Fact]
    public void Breaks_are_not_working_time()
    {
        var plan = Plan(Shift(1, "Day", 6, 0, 8) with { Breaks = [new() { AfterMinutes = 240, LengthMinutes = 30 }] });
        var working = plan.WorkingTime(Laser, null, At(6, 1, 9), At(6, 1, 20));
        Assert.Equal([new Span(At(6, 1, 9), At(6, 1, 10)), new Span(At(6, 1, 10, 30), At(6, 1, 14))], working);
        Assert.Equal((At(6, 1, 10), At(6, 1, 10, 30)), Assert.Single(plan.ShiftAt(Laser, null, At(6, 1, 9))!.Breaks));
    }

    [Fact]
    public void Adding_working_time_skips_breaks_nights_and_weekends()
    {
        var plan = Plan(Shift(1, "Day", 6, 0, 8, days: Core.Departments.Shift.Weekdays) with { Breaks = [new() { AfterMinutes = 240, LengthMinutes = 30 }] });
        Assert.Equal(At(6, 1, 11), plan.AddWorking(Laser, null, At(6, 1, 9), TimeSpan.FromMinutes(90)));
        Assert.Equal(At(6, 1, 10), plan.AddWorking(Laser, null, At(6, 1, 9), TimeSpan.FromHours(1)));
        Assert.Equal(At(6, 8, 7), plan.AddWorking(Laser, null, At(6, 5, 13), TimeSpan.FromHours(2)));   // Friday → Monday
        Assert.Equal(At(6, 1, 6), plan.AddWorking(Laser, null, At(5, 30, 12), TimeSpan.Zero));
        Assert.Equal(At(6, 1, 7), plan.AddWorking(Laser, null, At(6, 1, 7), TimeSpan.Zero));
        Assert.Equal(At(6, 12, 14), plan.AddWorking(Laser, null, At(6, 1, 0), TimeSpan.FromHours(75)));   // ten days of 7.5 h
    }

    [Fact]
    public void Overlapping_shifts_count_once_and_the_first_keeps_the_overlap()
    {
        var plan = Plan(Shift(1, "Early", 6, 0, 9), Shift(2, "Late", 14, 0, 8));
        Assert.Equal("Early", plan.ShiftAt(Laser, null, At(6, 1, 14, 30))!.Name);
        Assert.Equal(TimeSpan.FromHours(16), plan.WorkingTime(Laser, null, At(6, 1, 0), At(6, 2, 0)).Total());
    }

    [Theory]
    [InlineData(3, 28, 7)]    // the night of 28 March 2026: clocks go forward at 02:00
    [InlineData(10, 24, 9)]   // the night of 24 October 2026: back at 03:00
    [InlineData(6, 1, 8)]
    public void A_night_shift_lasts_as_long_as_the_night_does(int month, int day, int hours)
    {
        var night = Assert.Single(Plan(Shift(1, "Night", 22, 0, 8)).ShiftsOf(Laser, null, new DateOnly(2026, month, day)));
        Assert.Equal(TimeSpan.FromHours(hours), night.End - night.Start);
        Assert.Equal(6, Berlin.Local(night.End).Hour);
    }

    [Theory]
    [InlineData(3, 29, 23)]
    [InlineData(10, 25, 25)]
    public void A_day_around_the_clock_has_23_or_25_hours(int month, int day, int hours)
    {
        var plan = Plan(Shift(1, "All", 0, 0, 24));
        Assert.Equal(TimeSpan.FromHours(hours), plan.ShiftsOf(Laser, null, new DateOnly(2026, month, day))[0].Span.Length);
        // No gap and no doubled hour to the neighbours.
        var around = plan.Shifts(Laser, null, At(month, day - 1, 12), At(month, day, 23, 59));
        Assert.Equal(around[0].End, around[1].Start);
    }

    [Fact]
    public void A_break_swallowed_by_the_clock_change_has_no_length()
    {
        var plan = Plan(Shift(1, "Night", 22, 0, 8) with { Breaks = [new() { AfterMinutes = 270, LengthMinutes = 30 }] });   // 02:30–03:00
        Assert.Empty(plan.ShiftsOf(Laser, null, new DateOnly(2026, 3, 28))[0].Breaks);
        Assert.Single(plan.ShiftsOf(Laser, null, Monday)[0].Breaks);
    }

    [Fact]
    public void A_closed_day_starts_no_shift_but_the_night_before_runs_to_its_end()
    {
        var plan = new PlantCalendar(Berlin, [Shift(1, "Day", 6, 0, 8), Shift(2, "Night", 22, 0, 8)], [Exception(Monday, ExceptionKind.Closed)]);
        Assert.Equal("Night", plan.ShiftAt(Laser, null, At(6, 1, 5))!.Name);
        Assert.Null(plan.ShiftAt(Laser, null, At(6, 1, 9)));
        Assert.Null(plan.ShiftAt(Laser, null, At(6, 2, 3)));
        Assert.NotNull(plan.ShiftAt(Laser, null, At(6, 2, 9)));
    }

    [Fact]
    public void An_extra_shift_stands_beside_the_others()
    {
        var saturday = new DateOnly(2026, 6, 6);
        var plan = new PlantCalendar(Berlin, [Shift(1, "Day", 6, 0, 8, days: Core.Departments.Shift.Weekdays)], [Exception(saturday, ExceptionKind.ExtraShift, 7, 5, department: Laser)]);
        var extra = plan.ShiftAt(Laser, M7, At(6, 6, 8))!;
        Assert.Equal((-90, "Stocktaking", saturday), (extra.ShiftId, extra.Name, extra.Day));
        Assert.Null(plan.ShiftAt(Press, null, At(6, 6, 8)));
    }

    [Fact]
    public void A_department_may_work_where_the_plant_is_closed()
    {
        var plan = new PlantCalendar(Berlin, [Shift(1, "Day", 6, 0, 8)],
            [Exception(Monday, ExceptionKind.Closed), Exception(Monday, ExceptionKind.ChangedHours, 8, 4, department: Laser) with { Id = 91 }]);
        Assert.Empty(plan.ShiftsOf(Press, null, Monday));
        var day = Assert.Single(plan.ShiftsOf(Laser, null, Monday));
        Assert.Equal((1, At(6, 1, 8), At(6, 1, 12)), (day.ShiftId, day.Start, day.End));
        Assert.Equal(day, Assert.Single(plan.ShiftsOf(Laser, M7, Monday)));
    }

    [Fact]
    public void Changed_hours_cut_the_day_and_keep_its_shifts_and_breaks()
    {
        var plan = new PlantCalendar(Berlin,
            [Shift(1, "Early", 6, 0, 8) with { Breaks = [new() { AfterMinutes = 60, LengthMinutes = 30 }, new() { AfterMinutes = 240, LengthMinutes = 30 }] }, Shift(2, "Late", 14, 0, 8)],
            [Exception(Monday, ExceptionKind.ChangedHours, 8, 9)]);   // 08–17
        var windows = plan.ShiftsOf(Laser, null, Monday);
        Assert.Equal([("Early", At(6, 1, 8), At(6, 1, 14)), ("Late", At(6, 1, 14), At(6, 1, 17))], windows.Select(w => (w.Name, w.Start, w.End)));
        Assert.Equal((At(6, 1, 10), At(6, 1, 10, 30)), Assert.Single(windows[0].Breaks));
    }

    [Fact]
    public void Changed_hours_may_lengthen_a_single_shift()
    {
        var plan = new PlantCalendar(Berlin, [Shift(1, "Day", 8, 0, 8)], [Exception(Monday, ExceptionKind.ChangedHours, 5, 14)]);
        Assert.Equal(new Span(At(6, 1, 5), At(6, 1, 19)), Assert.Single(plan.ShiftsOf(Laser, null, Monday)).Span);
    }

    [Fact]
    public void A_machine_exception_has_the_last_word()
    {
        var plan = new PlantCalendar(Berlin, [Shift(1, "Day", 8, 0, 8)], [Exception(Monday, ExceptionKind.Closed, machine: M7)]);
        Assert.Null(plan.ShiftAt(Laser, M7, At(6, 1, 9)));
        Assert.NotNull(plan.ShiftAt(Laser, M8, At(6, 1, 9)));
        Assert.NotNull(plan.ShiftAt(Laser, null, At(6, 1, 9)));
    }
}
