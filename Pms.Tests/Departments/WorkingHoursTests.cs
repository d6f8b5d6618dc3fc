using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Machines;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Departments;

/// <summary>What the calendar makes of a day: hours with breaks, over midnight and over clock changes, and in a word what the day is.</summary>
public sealed class WorkingHoursTests
{
    private const long Laser = 7;
    private static readonly PlantClock Berlin = new(TimeProvider.System, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
    private static readonly DateOnly Saturday = new(2026, 3, 28);   // the night to Sunday 29 March has 23 hours
    private static readonly Shift Night = new() { Id = 1, Name = "Night", Days = Shift.AllDays, StartsMinute = 22 * 60, LengthMinutes = 480, Breaks = [new() { AfterMinutes = 240, LengthMinutes = 30 }] };

    private static DayHours On(PlantCalendar calendar, DateOnly day, long? machine = null, decimal? capacity = null) => WorkingHours.Of(calendar, Laser, machine, day, 1, capacity)[0];

    private static CalendarException Except(ExceptionKind kind, DateOnly day, long? department = null, long? machine = null, int from = 360, int length = 240) =>
        new() { Id = 5, OnDay = day, Kind = kind, DepartmentId = department, MachineId = machine, StartsMinute = from, LengthMinutes = length, Reason = "Stocktaking" };

    [Fact]
    public void A_night_over_the_clock_change_is_an_hour_shorter_and_its_break_is_not_worked()
    {
        var plan = new PlantCalendar(Berlin, [Night], []);
        Assert.Equal((7.5m, DayState.Working), (On(plan, Saturday.AddDays(-1)).Hours, On(plan, Saturday.AddDays(-1)).State));
        Assert.Equal(6.5m, On(plan, Saturday).Hours);
        Assert.Equal(8.5m, On(plan, new(2026, 10, 24)).Hours);
        Assert.Equal(("Night", 22), (On(plan, Saturday).Shifts[0].Name, Berlin.Local(On(plan, Saturday).Shifts[0].Start).Hour));
    }

    [Fact]
    public void Overlapping_shifts_count_time_once()
    {
        var plan = new PlantCalendar(Berlin, [Night with { Breaks = [] }, Night with { Id = 2, StartsMinute = 1200, LengthMinutes = 240, Breaks = [] }], []);
        Assert.Equal(10m, On(plan, new(2026, 6, 1)).Hours);
    }

    [Fact]
    public void A_day_says_what_it_is_and_why_and_capacity_follows_the_work()
    {
        var day = new DateOnly(2026, 6, 1);
        var weekdays = Night with { Days = Shift.Weekdays };
        DayHours With(CalendarException? exception, DateOnly on, long? machine = null) => On(new(Berlin, [weekdays], exception is null ? [] : [exception]), on, machine, 500);
        Assert.Equal((DayState.Working, 500m, null), (With(null, day).State, With(null, day).Capacity, With(null, day).Reason));
        Assert.Equal((DayState.Free, 0m, 0m), (With(null, day.AddDays(5)).State, With(null, day.AddDays(5)).Capacity, With(null, day.AddDays(5)).Hours));
        Assert.Equal((DayState.Closed, 0m, "Stocktaking"), (With(Except(ExceptionKind.Closed, day), day).State, With(Except(ExceptionKind.Closed, day), day).Capacity, With(Except(ExceptionKind.Closed, day), day).Reason));
        Assert.Equal((DayState.Extra, 500m, 4m), (With(Except(ExceptionKind.ExtraShift, day.AddDays(5)), day.AddDays(5)).State, With(Except(ExceptionKind.ExtraShift, day.AddDays(5)), day.AddDays(5)).Capacity, With(Except(ExceptionKind.ExtraShift, day.AddDays(5)), day.AddDays(5)).Hours));
        Assert.Equal((DayState.Changed, 4m), (With(Except(ExceptionKind.ChangedHours, day), day).State, With(Except(ExceptionKind.ChangedHours, day), day).Hours));
        // A machine's closed day closes that machine alone.
        var machine = Except(ExceptionKind.Closed, day, machine: 3);
        Assert.Equal((DayState.Closed, DayState.Working), (With(machine, day, 3).State, With(machine, day).State));
    }

    [Fact]
    public async Task Hours_are_seen_before_they_are_saved_and_machines_that_differ_are_named()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var plant = await Plant.MakeAsync(pms);
        var calendar = pms.Get<CalendarService>();
        await pms.Get<DepartmentService>().SaveAsync(TestPms.System, plant.Printing with { CapacityPerDay = 900 });
        var shift = await calendar.SaveAsync(TestPms.System, new Shift { DepartmentId = plant.Printing.Id, Name = "Early", StartsMinute = 360, LengthMinutes = 480 });
        var monday = PlantClock.Monday(pms.Get<PlantClock>().Today);
        var days = await calendar.HoursAsync(TestPms.System, plant.Printing.Id);
        Assert.Equal((28, monday, 8m, 900m), (days.Count, days[0].Day, days[0].Hours, days[0].Capacity));

        var draft = await calendar.HoursAsync(TestPms.System, plant.Printing.Id, draft: new(shift with { LengthMinutes = 600 }));
        Assert.Equal(10m, draft[0].Hours);
        var closed = await calendar.HoursAsync(TestPms.System, plant.Printing.Id, draft: new(Exception: new CalendarException { DepartmentId = plant.Printing.Id, OnDay = monday.AddDays(1), Kind = ExceptionKind.Closed, Reason = "Feast" }));
        Assert.Equal((DayState.Working, DayState.Closed), (closed[0].State, closed[1].State));
        Assert.Equal(8m, (await calendar.HoursAsync(TestPms.System, plant.Printing.Id))[1].Hours);   // nothing was saved

        await calendar.SaveAsync(TestPms.System, new CalendarException { MachineId = plant.Press.Id, OnDay = monday.AddDays(9), Kind = ExceptionKind.ChangedHours, StartsMinute = 360, LengthMinutes = 180, Reason = "Service" });
        var differs = Assert.Single(await pms.Get<MachineHoursService>().DifferingAsync(TestPms.System, plant.Printing.Id));
        Assert.Equal((plant.Press.Number, monday.AddDays(9), 3m, 8m, "Service"), (differs.Number, differs.Day, differs.Hours, differs.DepartmentHours, differs.Reason));
        Assert.Equal("between", (await Assert.ThrowsAsync<InvalidException>(() => calendar.HoursAsync(TestPms.System, plant.Printing.Id, weeks: 54))).Faults[0].Why.Code);
    }
}
