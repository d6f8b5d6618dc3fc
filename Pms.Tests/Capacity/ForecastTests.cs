using FsCheck;
using FsCheck.Xunit;
using Pms.Core.Capacity;
using static Pms.Tests.Capacity.CapacityScene;

namespace Pms.Tests.Capacity;

/// <summary>What would come of the plan as it stands.</summary>
public sealed class ForecastTests
{
    private readonly CapacityScene scene = new();

    private Forecast Of(IReadOnlyCollection<PlannedLoad> loads, params PlaceStep[][] needs) => Forecast.Of(scene.Plant(), loads, [.. needs.Select(n => new OpenNeed(n))]);

    [Fact]
    public void A_machine_works_its_sequence_and_an_overbooked_day_runs_into_the_next()
    {
        var forecast = Of([scene.Load(1, scene.Now, 300) with { Sequence = 2 }, scene.Load(2, scene.Now, 300) with { Sequence = 1 }]);
        Assert.Equal((scene.Now, At(6, 1, 11, 30)), (forecast.Jobs[2].Start, forecast.Jobs[2].End));
        Assert.Equal((At(6, 1, 11, 30), At(6, 2, 8, 30)), (forecast.Jobs[1].Start, forecast.Jobs[1].End));
        Assert.Equal(TimeSpan.Zero, forecast.TotalLateness);
    }

    [Fact]
    public void An_item_s_steps_wait_for_each_other_and_none_begins_before_it_is_planned()
    {
        var first = scene.Load(1, scene.Now, 400) with { ItemId = 7, OrderId = 7, Position = 1 };
        var second = scene.Load(2, At(6, 1, 7), 60, M3, Stitch, Sewing) with { ItemId = 7, OrderId = 7, Position = 2 };
        var third = scene.Load(3, At(6, 4, 6), 10, machine: null, stage: Trim) with { ItemId = 7, OrderId = 7, Position = 3, DueOn = Day(6, 3) };
        var forecast = Of([third, second, first]);
        Assert.Equal(At(6, 1, 13, 10), forecast.Jobs[2].Start);
        Assert.Equal(At(6, 4, 6, 10), forecast.Jobs[3].End);
        Assert.Equal((At(6, 4, 6, 10), true), (forecast.Orders[7].Finish, forecast.Orders[7].AtRisk));
        Assert.Equal(At(6, 4, 6, 10) - At(6, 3, 14), forecast.TotalLateness);
        Assert.Equal(At(6, 1, 7, 30), Of([first with { TransferQuantity = 90 }, second]).Jobs[2].Start);
        Assert.Equal(At(6, 1, 13, 10), Of([first, second with { TransferQuantity = 90 }]).Jobs[2].Start);   // what it hands on itself
    }

    [Fact]
    public void Sequences_that_wait_for_each_other_still_come_to_an_end()
    {
        var (a1, a2) = (scene.Load(1, scene.Now, 60) with { ItemId = 1, Position = 1, Sequence = 2 }, scene.Load(2, scene.Now, 60, machine: M2) with { OrderId = 1, ItemId = 1, Position = 2, Sequence = 1 });
        var (b1, b2) = (scene.Load(3, scene.Now, 60, machine: M2) with { ItemId = 3, Position = 1, Sequence = 2 }, scene.Load(4, scene.Now, 60) with { OrderId = 3, ItemId = 3, Position = 2, Sequence = 1 });
        Assert.Equal(4, Of([a1, a2, b1, b2]).Jobs.Count);
    }

    [Fact]
    public void What_is_not_planned_yet_follows_by_priority_and_due_day()
    {
        scene.Machines.RemoveAt(1);
        PlaceStep Need(long order, int due, Core.Orders.OrderPriority priority = Core.Orders.OrderPriority.Normal) =>
            Step(225, product: order) with { OrderId = order, ItemId = order, DueOn = Day(6, due), Priority = priority };
        var forecast = Of([scene.Load(1, scene.Now, 225)], [Need(10, 3)], [Need(11, 2)], [Need(12, 9, Core.Orders.OrderPriority.Urgent)]);
        Assert.Equal([At(6, 1, 14), At(6, 2, 9, 45), At(6, 2, 14)], new long[] { 12, 11, 10 }.Select(o => forecast.Orders[o].Finish!.Value));
        Assert.Null(Of([], [Need(13, 3) with { MachineId = 99 }]).Orders[13].Finish);
    }

    [Property(MaxTest = 80, Replay = "2026,37")]
    public void Every_job_gets_its_work_and_no_slot_two_at_once(DoNotSize<int> seed)
    {
        var (scene, book, dice) = CapacityScene.Random(seed.Item);
        List<PlannedLoad> loads = [.. book.Loads.Select((l, i) => l with { JobId = i + 1, ItemId = dice.Next(1, 5), OrderId = 1, Position = dice.Next(1, 4), Sequence = dice.Next(9), Start = l.Start.AddHours(-dice.Next(30)) })];
        var forecast = Forecast.Of(book.Plant, loads, []);
        Assert.Equal(loads.Count, forecast.Jobs.Count);
        foreach (var load in loads)
        {
            var job = forecast.Jobs[load.JobId];
            Assert.True(job.Start >= load.Start && job.Start >= scene.Now);
            Assert.Equal(load.Work, new TimeSpan(book.Plant.TimeOf(load.DepartmentId, load.MachineId).Shares(job.Start, job.End).Sum(s => s.Work.Ticks)));
            Assert.True(loads.Count(o => o.MachineId == load.MachineId && forecast.Jobs[o.JobId] is var other && other.Start <= job.Start && job.Start < other.End) <= book.Plant.Machines[load.MachineId!.Value].Slots);
        }
    }
}
