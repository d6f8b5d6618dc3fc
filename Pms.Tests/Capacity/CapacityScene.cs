using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Machines;

namespace Pms.Tests.Capacity;

/// <summary>A small plant without any database, to be filled and counted; one stage on its two machines unless said otherwise.</summary>
internal sealed record CapacityScene
{
    public const long Cutting = 1, Sewing = 2, Laser = 1, Trim = 2, Stitch = 3, Dye = 4, Dry = 5, M1 = 1, M2 = 2, M3 = 3;
    public static readonly PlantClock Berlin = new(new FakeTimeProvider(), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    public DateTimeOffset Now { get; init; } = At(6, 1, 6);
    public List<Shift> Shifts { get; init; } = [Early];
    public List<CalendarException> Exceptions { get; init; } = [];
    public List<Department> Departments { get; init; } = [new() { Id = Cutting, Name = "Cutting" }, new() { Id = Sewing, Name = "Sewing" }];
    public List<Stage> Stages { get; init; } =
    [
        new() { Id = Laser, DepartmentId = Cutting, Name = "Laser" }, new() { Id = Trim, DepartmentId = Cutting, Name = "Trim", Kind = StageKind.Bench }, new() { Id = Stitch, DepartmentId = Sewing, Name = "Stitch" },
        new() { Id = Dye, DepartmentId = Sewing, Name = "Dye", Kind = StageKind.External, LeadDays = 3 }, new() { Id = Dry, DepartmentId = Sewing, Name = "Dry", Kind = StageKind.Wait, WaitHours = 12 },
    ];
    public List<Machine> Machines { get; init; } =
    [
        new() { Id = M1, Number = "M-01", DepartmentId = Cutting, WorkCentreId = 1, Stages = [Laser] }, new() { Id = M2, Number = "M-02", DepartmentId = Cutting, WorkCentreId = 1, Stages = [Laser] },
        new() { Id = M3, Number = "M-03", DepartmentId = Sewing, Stages = [Stitch] },
    ];
    public List<MachineWindow> Windows { get; init; } = [];
    public List<Employee> People { get; init; } = [];
    public List<Absence> Absences { get; init; } = [];

    public CapacityPlant Plant() => new(Berlin, new PlantCalendar(Berlin, Shifts, Exceptions), Now, Departments, Stages, [new() { Id = 1, DepartmentId = Cutting, Name = "Lasers" }], Machines, Windows, People, Absences);

    public CapacityBook Book(params PlannedLoad[] loads) => new(Plant(), loads);

    /// <summary>06:00–14:00 with a break at 10:00 of half an hour: 450 minutes, every day.</summary>
    public static Shift Early => new() { Id = 1, Name = "Early", StartsMinute = 360, LengthMinutes = 480, Days = Shift.AllDays, Breaks = [new() { AfterMinutes = 240, LengthMinutes = 30 }] };
    public static Shift Night => new() { Id = 3, Name = "Night", StartsMinute = 1320, LengthMinutes = 480, Days = Shift.AllDays };
    public static DateOnly Day(int month, int day) => new(2026, month, day);
    public static DateTimeOffset At(int month, int day, int hour, int minute = 0) => Berlin.At(Day(month, day), hour * 60 + minute);

    /// <summary>A job of one piece a minute on the first laser, from a start for as long as it takes.</summary>
    public PlannedLoad Load(long id, DateTimeOffset start, decimal minutes, long? machine = M1, long stage = Laser, long department = Cutting)
    {
        var load = new PlannedLoad { JobId = id, OrderId = id, ItemId = id, StepId = id, DepartmentId = department, StageId = stage, MachineId = machine, Start = start, RunMinutes = 1, Planned = minutes, Unit = "pcs", DueOn = Day(6, 5) };
        return load with { End = Plant().EndOf(stage, department, machine, start, minutes)!.Value };
    }

    public static PlaceStep Step(decimal quantity, decimal setup = 0, long stage = Laser, long department = Cutting, long product = 1) =>
        new() { OrderId = 100, ItemId = 100, StepId = stage, ProductId = product, DepartmentId = department, StageId = stage, Quantity = quantity, SetupMinutes = setup, RunMinutes = 1, Unit = "pcs", DueOn = Day(6, 5) };

    /// <summary>A plant with its plan as chance has it: night shifts, breaks, closed days, a clock change now and then, slots, speeds, windows, units, people.</summary>
    public static (CapacityScene Scene, CapacityBook Book, Random Dice) Random(int seed)
    {
        var dice = new Random(seed);
        bool Luck(int of) => dice.Next(of) == 0;
        var month = dice.Next(3) switch { 0 => 3, 1 => 6, _ => 10 };
        var first = month switch { 3 => 27, 6 => 1, _ => 23 };   // Berlin's clocks change on 29 March and 25 October 2026
        List<Shift> shifts = [Early];
        if (Luck(2))
            shifts.Add(new() { Id = 2, Name = "Late", StartsMinute = 14 * 60, LengthMinutes = 480, Days = Shift.AllDays, Breaks = [new() { AfterMinutes = 200, LengthMinutes = 20 }] });
        if (Luck(2))
            shifts.Add(Night with { StartsMinute = 1320 - dice.Next(3) * 15 });
        if (Luck(4))
            shifts.Add(new() { Id = 9, Name = "Own", MachineId = M2, StartsMinute = 300, LengthMinutes = 600, Days = Shift.Weekdays });
        var now = At(month, first, dice.Next(24), dice.Next(60));
        var scene = new CapacityScene
        {
            Now = now,
            Shifts = shifts,
            Exceptions = Luck(2) ? [new() { Id = 1, OnDay = Day(month, first + 2), Kind = ExceptionKind.Closed, Reason = "Holiday" }] : [],
        };
        for (var i = 0; i < scene.Machines.Count; i++)
            scene.Machines[i] = scene.Machines[i] with { Slots = dice.Next(1, 3), SpeedFactor = dice.Next(2, 9) / 4m, Unattended = Luck(4) };
        if (Luck(3))
            scene.Departments[0] = scene.Departments[0] with { CapacityPerDay = dice.Next(200, 900) };
        if (Luck(3))
            scene.Stages[0] = scene.Stages[0] with { CapacityPerDay = dice.Next(200, 900) };
        for (var i = dice.Next(3); i > 0; i--)
            scene.Windows.Add(new() { Id = i, MachineId = dice.Next(1, 4), StartsAt = now.AddHours(dice.Next(-4, 40)), EndsAt = now.AddHours(dice.Next(41, 60)) });
        if (Luck(3))
            scene.People.AddRange(Enumerable.Range(1, dice.Next(1, 5)).Select(p => new Employee { Id = p, DepartmentId = Cutting, Slots = dice.Next(1, 3), Skills = [new() { StageId = Laser, ExpiresOn = Luck(4) ? Day(month, first + 3) : null }] }));
        if (Luck(3))
            scene.Absences.Add(new() { EmployeeId = 1, StartsAt = now.AddHours(5), EndsAt = now.AddHours(50) });
        var placing = new Placing(scene.Book());
        for (var i = dice.Next(12); i > 0; i--)
            placing.Take(placing.Forward(Any(dice), now.AddHours(dice.Next(72)), now.AddDays(30)));
        return (scene, placing.Book, dice);
    }

    public static PlaceStep Any(Random dice) => Step(dice.Next(1, 900), dice.Next(0, 60), product: dice.Next(1, 4)) with { RunMinutes = dice.Next(1, 200) / 100m, MachineId = dice.Next(3) == 0 ? dice.Next(1, 3) : null, Crew = dice.Next(1, 3) };
}
