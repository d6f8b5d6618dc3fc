using FsCheck;
using FsCheck.Xunit;
using Pms.Core.Capacity;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Machines;
using static Pms.Tests.Capacity.CapacityScene;

namespace Pms.Tests.Capacity;

/// <summary>Load against capacity by pool and production day; known answers, and what must hold for any plan.</summary>
public sealed class CapacityBookTests
{
    private static readonly DateOnly Monday = Day(6, 1), Tuesday = Day(6, 2), Wednesday = Day(6, 3);
    private readonly CapacityScene scene = new();

    [Fact]
    public void A_day_holds_its_shifts_without_breaks_for_every_slot()
    {
        var plant = (scene with { Machines = [.. scene.Machines.Select(m => m.Id == M2 ? m with { Slots = 2 } : m)] }).Plant();
        Assert.Equal((450, null), plant.CapacityOf(Pool.Machine(M1), Monday));
        Assert.Equal(900, plant.CapacityOf(Pool.Machine(M2), Monday).Minutes);
        Assert.Equal(1350, plant.CapacityOf(Pool.WorkCentre(1), Monday).Minutes);
        Assert.Equal(1350, plant.CapacityOf(Pool.Stage(Laser), Monday).Minutes);
        Assert.Equal(1350, plant.CapacityOf(Pool.Department(Cutting), Monday).Minutes);
    }

    [Fact]
    public void Of_today_only_what_is_left_counts()
    {
        var plant = (scene with { Now = At(6, 1, 12), Departments = [new() { Id = Cutting, Name = "Cutting", CapacityPerDay = 900 }] }).Plant();
        Assert.Equal(120, plant.CapacityOf(Pool.Machine(M1), Monday).Minutes);
        Assert.Equal(240, plant.CapacityOf(Pool.Department(Cutting), Monday).Units);   // 120 of 450 minutes are left of 900
        Assert.Equal(0, plant.CapacityOf(Pool.Machine(M1), Monday.AddDays(-1)).Minutes);
    }

    [Fact]
    public void Windows_holidays_and_retired_machines_take_capacity_away()
    {
        var plant = (scene with
        {
            Windows = [new() { MachineId = M1, StartsAt = At(6, 1, 9), EndsAt = At(6, 1, 11) }],   // half an hour of it is the break
            Machines = [.. scene.Machines.Select(m => m.Id == M2 ? m with { RetiredAt = At(5, 1, 0) } : m)],
            Exceptions = [new() { OnDay = Tuesday, Kind = ExceptionKind.Closed }],
        }).Plant();
        Assert.Equal(360, plant.CapacityOf(Pool.Machine(M1), Monday).Minutes);
        Assert.Equal(0, plant.CapacityOf(Pool.Machine(M2), Monday).Minutes);
        Assert.Equal(360, plant.CapacityOf(Pool.Department(Cutting), Monday).Minutes);
        Assert.Equal(0, plant.CapacityOf(Pool.Department(Cutting), Tuesday).Minutes);
    }

    [Fact]
    public void The_nights_of_a_clock_change_have_an_hour_less_and_more()
    {
        scene.Shifts.Clear();
        scene.Shifts.Add(Night);
        Assert.Equal(420, (scene with { Now = At(3, 28, 6) }).Plant().CapacityOf(Pool.Machine(M1), Day(3, 28)).Minutes);
        Assert.Equal(540, (scene with { Now = At(10, 24, 6) }).Plant().CapacityOf(Pool.Machine(M1), Day(10, 24)).Minutes);
    }

    [Fact]
    public void A_plant_without_a_calendar_has_no_capacity_and_breaks_nothing()
    {
        scene.Shifts.Clear();
        var load = new PlannedLoad { JobId = 1, DepartmentId = Cutting, StageId = Laser, MachineId = M1, Start = scene.Now, End = scene.Now.AddHours(1), RunMinutes = 1, Planned = 60 };
        var bucket = scene.Book(load).At(Pool.Machine(M1), Monday);
        Assert.Equal((60, 0, null, Band.Overbooked), (bucket.Minutes, bucket.Capacity, bucket.Percent, bucket.Band));
        Assert.Null(scene.Plant().EndOf(Laser, Cutting, M1, scene.Now, 10));
        Assert.Equal("capacity.no_time", new Placing(scene.Book()).Forward(Step(10), scene.Now).Fault!.Code);
    }

    [Fact]
    public void People_work_one_shift_a_day_with_the_skill_they_have_while_they_are_there()
    {
        var plant = (scene with
        {
            Shifts = [Early, Night],
            People =
            [
                new() { Id = 1, DepartmentId = Cutting, Slots = 2, Skills = [new() { StageId = Laser }] },
                new() { Id = 2, DepartmentId = Cutting, Skills = [new() { StageId = Laser, ExpiresOn = Monday }] },
                new() { Id = 3, DepartmentId = Cutting, Active = false, Skills = [new() { StageId = Laser }] },
            ],
            Absences = [new() { EmployeeId = 1, StartsAt = At(6, 3, 0), EndsAt = At(6, 4, 8) }],
        }).Plant();
        Assert.Equal(480 * 3, plant.CapacityOf(Pool.Labour(Laser), Monday).Minutes);
        Assert.Equal(450 * 2, plant.CapacityOf(Pool.Labour(Laser), Tuesday).Minutes);   // away from midnight on, so the night is no longer theirs
        Assert.Equal(0, plant.CapacityOf(Pool.Labour(Laser), Wednesday).Minutes);
        Assert.Null(plant.CapacityOf(Pool.Labour(Trim), Monday).Minutes);   // nobody's skills are known: not limiting
    }

    [Fact]
    public void A_department_without_machines_is_measured_by_its_people()
    {
        var hands = scene with
        {
            Machines = [.. scene.Machines.Where(m => m.DepartmentId != Cutting)],
            People = [new() { Id = 1, DepartmentId = Sewing, FurtherDepartments = [Cutting], Skills = [new() { StageId = Trim }] }],
        };
        var book = hands.Book(hands.Load(1, scene.Now, 90, machine: null, stage: Trim));
        Assert.Equal((90m, 450m), (book.At(Pool.Department(Cutting), Monday).Minutes, book.At(Pool.Department(Cutting), Monday).Capacity));
        Assert.Equal(0, scene.Book(scene.Load(1, scene.Now, 90, machine: null, stage: Trim)).At(Pool.Department(Cutting), Monday).Minutes);   // with machines, benches are measured by their stage
    }

    [Fact]
    public void A_load_lies_over_the_working_time_it_covers()
    {
        var book = scene.Book(scene.Load(1, At(6, 1, 12), 120 + 450 + 45));
        Assert.Equal([120m, 450m, 45m], book.Of(Pool.Machine(M1), Monday, 3).Select(b => b.Minutes));
        Assert.Equal([120m, 450m, 45m], book.Of(Pool.Stage(Laser), Monday, 3).Select(b => b.Minutes));
        Assert.Equal(100, book.At(Pool.Machine(M1), Tuesday).Percent);
        Assert.Equal(Band.High, book.At(Pool.Machine(M1), Tuesday).Band);
        Assert.Equal(1, book.JobsOf(Pool.Machine(M1), Tuesday).Single().Load.JobId);
    }

    [Fact]
    public void A_night_shift_s_load_is_the_day_s_it_began()
    {
        scene.Shifts.Clear();
        scene.Shifts.Add(Night);
        var book = scene.Book(scene.Load(1, At(6, 2, 1), 120));   // 01:00–03:00 on Tuesday
        Assert.Equal([120m, 0m], book.Of(Pool.Machine(M1), Monday, 2).Select(b => b.Minutes));
    }

    [Fact]
    public void Overdue_load_counts_on_the_first_open_day_and_a_begun_job_on_what_is_left_of_it()
    {
        var late = scene with { Now = At(6, 3, 15) };   // Wednesday, after the shift
        var overdue = scene.Load(1, At(6, 1, 6), 200) with { Good = 80, SetupMinutes = 30 };
        Assert.Equal([0m, 0m, 0m, 150m], late.Book(overdue).Of(Pool.Machine(M1), Monday, 4).Select(b => b.Minutes));
        var running = scene.Load(1, At(6, 1, 6), 900) with { Good = 500, SetupMinutes = 30, SetupDone = true, State = LoadState.Running };
        Assert.Equal([0m, 400m], (scene with { Now = At(6, 2, 6) }).Book(running).Of(Pool.Machine(M1), Monday, 2).Select(b => b.Minutes));
    }

    [Fact]
    public void Suppliers_and_waiting_use_nothing()
    {
        var book = scene.Book(scene.Load(1, scene.Now, 500, null, Dye, Sewing), scene.Load(2, scene.Now, 500, null, Dry, Sewing));
        Assert.Empty(book.Loaded);
        Assert.Equal(Band.Unlimited, book.At(Pool.Stage(Dye), Monday).Band);
        Assert.Equal(At(6, 4, 6), scene.Plant().EndOf(Dye, Sewing, null, scene.Now, 500));
        Assert.Equal(At(6, 1, 18), scene.Plant().EndOf(Dry, Sewing, null, scene.Now, 500));
    }

    [Fact]
    public void Units_count_where_they_share_one_and_a_piece_once_in_its_department()
    {
        scene.Departments[0] = scene.Departments[0] with { CapacityPerDay = 400 };
        var (a, b) = (scene.Load(1, scene.Now, 100), scene.Load(2, scene.Now, 100, machine: null, stage: Trim));
        var book = scene.Book(a with { LastHere = false }, b);
        var bucket = book.At(Pool.Department(Cutting), Monday);
        Assert.Equal((100, 400, "pcs", 25m), (bucket.Units, bucket.UnitCapacity, bucket.Unit, bucket.UnitsPercent));
        book.Add(scene.Load(3, scene.Now, 10) with { Unit = "m" });
        Assert.Null(book.At(Pool.Department(Cutting), Monday).Units);
        Assert.Equal(100, book.At(Pool.Department(Cutting), Monday).Minutes - 10);
        book.Remove(3);
        Assert.Equal(bucket, book.At(Pool.Department(Cutting), Monday));
    }

    [Fact]
    public void Crew_and_unattended_machines_count_for_labour()
    {
        scene.People.Add(new Employee { Id = 1, DepartmentId = Cutting, Skills = [new() { StageId = Laser }] });
        var load = scene.Load(1, scene.Now, 100) with { SetupMinutes = 20, Crew = 2 };
        Assert.Equal(240, scene.Book(load).At(Pool.Labour(Laser), Monday).Minutes);
        scene.Machines[0] = scene.Machines[0] with { Unattended = true };
        Assert.Equal(40, scene.Book(load).At(Pool.Labour(Laser), Monday).Minutes);
    }

    [Fact]
    public void Bands_begin_and_end_where_they_are_said_to()
    {
        Assert.Equal([Band.Low, Band.Medium, Band.Medium, Band.High, Band.High, Band.Overbooked], new[] { 49.9m, 50, 79.9m, 80, 100, 100.1m }.Select(Bands.Of));
        Assert.Equal(250, scene.Book(scene.Load(1, scene.Now, 450), scene.Load(2, scene.Now, 450), scene.Load(3, scene.Now, 225)).At(Pool.Machine(M1), Monday).Percent);   // never capped
    }

    [Fact]
    public void Speed_and_the_machine_s_ideal_make_the_standard()
    {
        var machine = new Machine { SpeedFactor = 2, IdealMinutes = 3 };
        Assert.Equal([0.5m, 3m, 1m, null], new[] { CapacityPlant.RunMinutes(1, machine), CapacityPlant.RunMinutes(null, machine), CapacityPlant.RunMinutes(1, null), CapacityPlant.RunMinutes(null, null) });
    }

    [Property(MaxTest = 150, Replay = "2026,11")]
    public void The_shares_of_a_load_are_the_load(DoNotSize<int> seed)
    {
        var (_, book, dice) = CapacityScene.Random(seed.Item);
        var load = Drawn(book, dice);
        var amounts = LoadSpread.Amounts(book.Plant, load);
        Assert.Equal((load.Minutes, load.Rest), (amounts.Sum(a => a.Minutes), amounts.Sum(a => a.Units)));
        Assert.All(amounts, a => Assert.True(a.Minutes >= 0 && a.Units >= 0 && a.Day >= book.Plant.Clock.DateOf(book.Plant.Now).AddDays(-1)));
        if (load.End > book.Plant.Now && amounts.Count > 1)   // only days that are worked there
            Assert.All(amounts, a => Assert.NotEmpty(book.Plant.TimeOf(load.DepartmentId, load.MachineId).Of(a.Day)));
    }

    [Property(MaxTest = 150, Replay = "2026,13")]
    public void Split_halves_equal_the_whole_on_every_day(DoNotSize<int> seed)
    {
        var (_, book, dice) = CapacityScene.Random(seed.Item);
        var whole = Drawn(book, dice) with { Start = book.Plant.Now.AddHours(dice.Next(48)), Good = 0 };
        if (book.Plant.EndOf(Laser, Cutting, whole.MachineId, whole.Start, whole.Minutes) is not { } end)
            return;
        whole = whole with { End = end };
        var cut = Math.Round(whole.Planned * dice.Next(1, 9) / 10, 3);
        var first = whole with { Planned = whole.Planned - cut };
        first = first with { End = book.Plant.EndOf(Laser, Cutting, whole.MachineId, whole.Start, first.Minutes)!.Value };
        var second = whole with { JobId = 901, Planned = cut, SetupMinutes = 0, Start = first.End };
        var (one, two) = (new CapacityBook(book.Plant, [whole]), new CapacityBook(book.Plant, [first, second]));
        // An unattended machine's labour is its set-up, which only the first half has.
        Assert.All(one.Loaded.Concat(two.Loaded).Where(b => b.Pool.Kind != PoolKind.Labour).Select(b => one.At(b.Pool, b.Day)), b => Assert.InRange(b.Minutes - two.At(b.Pool, b.Day).Minutes, -0.001m, 0.001m));
        Assert.Equal(whole.Minutes, first.Minutes + second.Minutes);
    }

    [Property(MaxTest = 80, Replay = "2026,17")]
    public void What_is_taken_out_leaves_no_trace(DoNotSize<int> seed)
    {
        var (_, book, dice) = CapacityScene.Random(seed.Item);
        var before = book.Loaded.ToHashSet();
        var copy = book.Copy();
        var load = Drawn(book, dice);
        copy.Add(load);
        copy.Add(load with { Planned = load.Planned + 5 });
        copy.Remove(load.JobId);
        Assert.Equal(before, copy.Loaded.ToHashSet());
        Assert.Equal(before, book.Loaded.ToHashSet());
    }

    private static PlannedLoad Drawn(CapacityBook book, Random dice)
    {
        var start = book.Plant.Now.AddHours(dice.Next(-60, 100));
        return new()
        {
            JobId = 900, DepartmentId = Cutting, StageId = Laser, MachineId = dice.Next(3) switch { 0 => M1, 1 => M2, _ => null }, Start = start, End = start.AddMinutes(dice.Next(1, 6000)),
            SetupMinutes = dice.Next(60), SetupDone = dice.Next(3) == 0, RunMinutes = Math.Round(dice.Next(1, 300) / 7m, 6), Planned = dice.Next(1, 900), Good = dice.Next(0, 200), Unit = "pcs", Crew = dice.Next(1, 3),
        };
    }
}
