using FsCheck;
using FsCheck.Xunit;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Departments;
using static Pms.Tests.Capacity.CapacityScene;

namespace Pms.Tests.Capacity;

/// <summary>Finite placing: known answers, and what must hold in any plant.</summary>
public sealed class PlacingTests
{
    private static readonly DateOnly Monday = Day(6, 1);
    private readonly CapacityScene scene = new();

    private Placing Placing(params PlannedLoad[] loads) => new(scene.Book(loads));

    [Fact]
    public void The_earliest_place_is_the_free_machine_and_then_the_gap_between_jobs()
    {
        var placing = Placing(scene.Load(1, scene.Now, 200), scene.Load(2, At(6, 1, 12), 120), scene.Load(3, scene.Now, 400, machine: M2));
        var found = placing.Forward(Step(100), scene.Now).Steps.Single();
        Assert.Equal((M1, At(6, 1, 9, 20), At(6, 1, 11, 30)), (found.MachineId, found.Start, found.End));   // over the break
        placing.Take(found);
        Assert.Equal((M2, At(6, 1, 13, 10), At(6, 2, 6, 50)), Place(placing.Forward(Step(100), scene.Now)));
    }

    [Fact]
    public void A_job_is_not_interrupted_by_another()
    {
        var placing = Placing(scene.Load(1, At(6, 1, 8), 60), scene.Load(2, scene.Now, 450, machine: M2), scene.Load(3, At(6, 2, 6), 450, machine: M2));
        Assert.Equal((M1, At(6, 1, 9), At(6, 1, 12, 30)), Place(placing.Forward(Step(180), scene.Now)));   // two hours before 8 are too short
    }

    [Fact]
    public void A_fast_machine_ends_first_and_a_set_up_is_kept_or_dropped_by_what_was_made_before()
    {
        scene.Machines[1] = scene.Machines[1] with { SpeedFactor = 2 };
        Assert.Equal((M2, scene.Now, At(6, 1, 7, 30)), Place(Placing().Forward(Step(100, setup: 40), scene.Now)));
        var before = scene.Load(1, scene.Now, 60) with { ProductId = 1 };
        var same = Placing(before, scene.Load(2, scene.Now, 450, machine: M2)).Forward(Step(100, setup: 40), scene.Now).Steps.Single();
        Assert.Equal((M1, 0m, At(6, 1, 7), At(6, 1, 8, 40)), (same.MachineId, same.SetupMinutes, same.Start, same.End));
        var other = Placing(before, scene.Load(2, scene.Now, 450, machine: M2)).Forward(Step(100, setup: 40, product: 2), scene.Now).Steps.Single();
        Assert.Equal((40m, At(6, 1, 9, 20)), (other.SetupMinutes, other.End));
    }

    [Fact]
    public void A_full_day_of_units_pushes_the_start_just_as_far_as_needed()
    {
        scene.Stages[0] = scene.Stages[0] with { CapacityPerDay = 225 };   // half of what the machines could do
        var placing = Placing(scene.Load(1, scene.Now, 200));
        var found = placing.Forward(Step(100), scene.Now).Steps.Single();
        Assert.Equal((At(6, 1, 13, 35), At(6, 2, 7, 15)), (found.Start, found.End));   // 25 on Monday, 75 on Tuesday
        placing.Take(found);
        Assert.Equal([225m, 75m], placing.Book.Of(Pool.Stage(Laser), Monday, 2).Select(b => Math.Round(b.Units!.Value, 3)));
    }

    [Fact]
    public void The_latest_place_ends_at_the_due_time_or_as_late_as_there_is_room()
    {
        Assert.Equal((At(6, 2, 13), At(6, 3, 6, 40)), When(Placing().Backward(Step(100), At(6, 3, 6, 40), scene.Now)));
        scene.Machines.RemoveAt(1);
        var placing = Placing(scene.Load(1, At(6, 3, 6), 450));
        Assert.Equal((At(6, 2, 12, 20), At(6, 2, 14)), When(placing.Backward(Step(100), At(6, 3, 14), scene.Now)));
        Assert.Equal("capacity.no_time", placing.Backward(Step(100), scene.Now.AddMinutes(50), scene.Now).Fault!.Code);
    }

    [Fact]
    public void A_path_waits_for_the_step_before_or_for_its_first_transfer()
    {
        PlaceStep[] path = [Step(200), Step(200, stage: Stitch, department: Sewing)];
        var waited = Placing().Forward(path, scene.Now);
        Assert.Equal([(scene.Now, At(6, 1, 9, 20)), (At(6, 1, 9, 20), At(6, 1, 13, 10))], waited.Steps.Select(s => (s.Start, s.End)));
        path[1] = path[1] with { TransferQuantity = 50 };   // what it hands on itself changes nothing for it
        Assert.Equal(waited.Steps.Select(s => s.Start), Placing().Forward(path, scene.Now).Steps.Select(s => s.Start));
        path[0] = path[0] with { TransferQuantity = 50 };
        var overlapping = Placing().Forward(path, scene.Now);
        Assert.Equal([(scene.Now, At(6, 1, 9, 20)), (At(6, 1, 6, 50), At(6, 1, 10, 40))], overlapping.Steps.Select(s => (s.Start, s.End)));
    }

    [Fact]
    public void A_fast_follower_does_not_end_before_what_it_is_fed_with()
    {
        PlaceStep[] path = [Step(200) with { TransferQuantity = 50 }, Step(200, stage: Stitch, department: Sewing) with { RunMinutes = 0.1m }];
        var placed = Placing().Forward(path, scene.Now).Steps;
        Assert.Equal((At(6, 1, 9, 5), At(6, 1, 9, 25)), (placed[1].Start, placed[1].End));   // the last 50 take five minutes more
        path[1] = path[1] with { Quantity = 1600 };   // one makes eight: the last 50 are 400 here
        Assert.Equal(At(6, 1, 10), Placing().Forward(path, scene.Now).Steps[1].End);
    }

    [Fact]
    public void Suppliers_take_days_and_drying_takes_hours()
    {
        var path = Placing().Forward([Step(60), Step(60, stage: Dye, department: Sewing), Step(60, stage: Dry, department: Sewing), Step(60, stage: Stitch, department: Sewing)], scene.Now);
        Assert.Equal([At(6, 1, 7), At(6, 4, 7), At(6, 4, 19), At(6, 5, 7)], path.Steps.Select(s => s.End));
        var back = Placing().Backward([Step(60), Step(60, stage: Dye, department: Sewing), Step(60, stage: Dry, department: Sewing), Step(60, stage: Stitch, department: Sewing)], At(6, 5, 7), scene.Now);
        Assert.Equal([At(6, 1, 13), At(6, 1, 18), At(6, 4, 18), At(6, 5, 6)], back.Steps.Select(s => s.Start));
    }

    [Fact]
    public void Steps_beside_each_other_begin_together()
    {
        var placed = Placing().Forward([Step(60), Step(60, stage: Stitch, department: Sewing) with { Parallel = true }, Step(30, product: 5)], scene.Now).Steps;
        Assert.Equal([scene.Now, scene.Now, At(6, 1, 7)], placed.Select(p => p.Start));
    }

    [Fact]
    public void What_cant_fit_is_proven_by_the_tightest_pool()
    {
        var fault = Placing([.. Enumerable.Range(0, 5).Select(d => scene.Load(d + 1, At(6, 1 + d, 6), 400)), .. Enumerable.Range(0, 5).Select(d => scene.Load(d + 11, At(6, 1 + d, 6), 420, machine: M2))])
            .Forward(Step(900), scene.Now, At(6, 5, 14)).Fault!;
        Assert.Equal(("capacity.no_room", Monday, Day(6, 5), 5000m, 4500m), (fault.Code, fault.From, fault.Until, fault.Needed, fault.There));
        Assert.Contains(fault.Pool, new[] { Pool.Stage(Laser), Pool.Department(Cutting), Pool.WorkCentre(1) });
        Assert.Equal("capacity.no_machine", Placing().Forward(Step(1) with { MachineId = M3 }, scene.Now).Fault!.Code);
        Assert.Equal("capacity.no_gap", Placing(scene.Load(1, At(6, 1, 8), 60), scene.Load(2, At(6, 1, 8), 60, machine: M2)).Forward(Step(320), scene.Now, At(6, 1, 14)).Fault!.Code);
    }

    [Fact]
    public void Nothing_is_written_by_asking()
    {
        var book = scene.Book(scene.Load(1, scene.Now, 200));
        var before = book.Loaded.ToHashSet();
        var placing = new Placing(book);
        placing.Take(placing.Forward(Step(500), scene.Now));
        Assert.Equal(before, book.Loaded.ToHashSet());
        Assert.NotEqual(before, placing.Book.Loaded.ToHashSet());
    }

    [Property(MaxTest = 120, Replay = "2026,19")]
    public void Nothing_is_placed_above_capacity_or_outside_working_time_and_nothing_is_lost(DoNotSize<int> seed)
    {
        var (scene, book, dice) = CapacityScene.Random(seed.Item);
        var placing = new Placing(book);
        for (var i = 0; i < 6; i++)
        {
            var step = Any(dice);
            var result = dice.Next(2) == 0 ? placing.Forward(step, scene.Now.AddHours(dice.Next(60)), scene.Now.AddDays(20)) : placing.Backward(step, scene.Now.AddHours(dice.Next(240)), scene.Now);
            Assert.NotEqual(result.Fits, result.Fault is not null);
            if (!result.Fits)
                continue;
            var placed = result.Steps.Single();
            var load = step.LoadAt(placed);
            var time = book.Plant.TimeOf(load.DepartmentId, load.MachineId);
            Assert.Empty(CapacityCheck.Overruns(placing.Book, [], [load]));
            Assert.Equal(load.Work, new TimeSpan(time.Shares(placed.Start, placed.End).Sum(s => s.Work.Ticks)));
            Assert.Equal(step.Quantity, load.Rest);
            placing.Take(result);
        }
        Assert.All(placing.Book.Loaded, b => Assert.True((b.Capacity is null || b.Minutes <= b.Capacity + 0.01m) && (b.UnitCapacity is null || b.Units is null || b.Units <= b.UnitCapacity + 0.01m), $"{b}"));
        foreach (var machine in book.Plant.Machines.Values)
            foreach (var load in placing.Book.Loads.Where(l => l.MachineId == machine.Id))
                Assert.True(placing.Book.Loads.Count(l => l.MachineId == machine.Id && l.Start <= load.Start && load.Start < l.End) <= machine.Slots, "two jobs on one slot");
    }

    [Property(MaxTest = 150, Replay = "2026,23")]
    public void Asked_from_an_earlier_instant_it_never_ends_later(DoNotSize<int> seed)
    {
        var (scene, book, dice) = CapacityScene.Random(seed.Item);
        var step = Any(dice);
        var from = scene.Now.AddMinutes(dice.Next(6000));
        var (early, late) = (new Placing(book).Forward(step, from, scene.Now.AddDays(40)), new Placing(book).Forward(step, from.AddMinutes(dice.Next(3000)), scene.Now.AddDays(40)));
        if (late.Fits)
            Assert.True(early.Fits && early.End <= late.End && early.Start <= late.Start, $"{early.End:o} > {late.End:o}");
    }

    [Property(MaxTest = 150, Replay = "2026,29")]
    public void Backward_ends_by_the_due_time_and_finds_a_place_where_forward_finds_one(DoNotSize<int> seed)
    {
        var (scene, book, dice) = CapacityScene.Random(seed.Item);
        var step = Any(dice);
        var due = scene.Now.AddMinutes(dice.Next(1, 9000));
        var back = new Placing(book).Backward(step, due, scene.Now);
        var forward = new Placing(book).Forward(step, scene.Now, due);
        Assert.Equal(forward.Fits, back.Fits);
        if (back.Fits)
            Assert.True(back.End <= due && back.Start >= scene.Now && back.Start >= forward.Start);
        // A later due time begins no earlier.
        if (back.Fits)
            Assert.True(new Placing(book).Backward(step, due.AddMinutes(dice.Next(2000)), scene.Now).Start >= back.Start);
    }

    [Property(MaxTest = 60, Replay = "2026,31")]
    public void A_path_keeps_its_order_and_each_step_its_room(DoNotSize<int> seed)
    {
        var (scene, book, dice) = CapacityScene.Random(seed.Item);
        PlaceStep[] path =
        [
            Any(dice), Step(dice.Next(1, 300), stage: Dry, department: Sewing), Step(dice.Next(1, 300), 20, Stitch, Sewing) with { TransferQuantity = dice.Next(2) == 0 ? 40 : null },
            Step(dice.Next(1, 200), stage: Trim),
        ];
        var forward = new Placing(book).Forward(path, scene.Now, scene.Now.AddDays(60));
        if (forward.Fits)
            for (var i = 1; i < path.Length; i++)
                Assert.True(forward.Steps[i].Start >= forward.Steps[i - 1].Start && forward.Steps[i].End >= forward.Steps[i - 1].End);
        var back = new Placing(book).Backward(path, scene.Now.AddDays(12), scene.Now);
        if (back.Fits)
            for (var i = 1; i < path.Length; i++)
                Assert.True(back.Steps[i].Start >= back.Steps[i - 1].End);
    }

    private static (long?, DateTimeOffset, DateTimeOffset) Place(PlaceResult result) => (result.Steps.Single().MachineId, result.Start!.Value, result.End!.Value);
    private static (DateTimeOffset, DateTimeOffset) When(PlaceResult result) => (result.Start!.Value, result.End!.Value);
}
