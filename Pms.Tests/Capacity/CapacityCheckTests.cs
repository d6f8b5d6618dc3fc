using Pms.Core.Capacity;
using static Pms.Tests.Capacity.CapacityScene;

namespace Pms.Tests.Capacity;

/// <summary>What over-planning is and what it isn't.</summary>
public sealed class CapacityCheckTests
{
    private static readonly DateOnly Monday = Day(6, 1), Tuesday = Day(6, 2);
    private readonly CapacityScene scene = new();

    [Fact]
    public void What_fits_exactly_may_be_and_one_minute_more_may_not()
    {
        var book = scene.Book(scene.Load(1, scene.Now, 300));
        Assert.Empty(CapacityCheck.Overruns(book, [], [scene.Load(0, At(6, 1, 11, 30), 150)]));
        var over = CapacityCheck.Overruns(book, [], [scene.Load(0, At(6, 1, 11, 15), 151)])[0];
        Assert.Equal((Pool.Machine(M1), Monday, 451m, 450m, 1m, 100.2m), (over.Pool, over.Day, over.Load, over.Capacity, over.Over, over.Percent));
    }

    [Fact]
    public void A_move_that_makes_no_day_worse_is_allowed_in_an_overbooked_plan()
    {
        var (a, b, c) = (scene.Load(1, scene.Now, 450), scene.Load(2, scene.Now, 450), scene.Load(3, scene.Now, 100));
        var book = scene.Book(a, b, c);
        Assert.Empty(CapacityCheck.Overruns(book, [c], [scene.Load(3, At(6, 2, 6), 100)]));
        Assert.Empty(CapacityCheck.Overruns(book, [c], [scene.Load(3, At(6, 1, 8), 100)]));     // within the same overbooked day
        Assert.Empty(CapacityCheck.Overruns(book, [c], [scene.Load(3, scene.Now, 90)]));
        Assert.Equal(Pool.Machine(M1), CapacityCheck.Overruns(book, [c], [scene.Load(3, scene.Now, 110)])[0].Pool);
    }

    [Fact]
    public void The_machine_has_room_and_the_stage_s_units_have_not()
    {
        scene.Stages[0] = scene.Stages[0] with { CapacityPerDay = 350 };
        var over = Assert.Single(CapacityCheck.Overruns(scene.Book(scene.Load(1, scene.Now, 300)), [], [scene.Load(0, scene.Now, 100, machine: M2)]));
        Assert.Equal((Pool.Stage(Laser), "pcs", 400m, 350m), (over.Pool, over.Unit, over.Load, over.Capacity));
    }

    [Fact]
    public void A_closed_day_has_room_for_nothing()
    {
        scene.Exceptions.Add(new() { OnDay = Tuesday, Kind = Core.Departments.ExceptionKind.Closed });
        var load = scene.Load(0, scene.Now, 10) with { Start = At(6, 2, 8), End = At(6, 2, 9) };
        Assert.Empty(CapacityCheck.Overruns(scene.Book(), [], [load]));   // its work falls to Wednesday, where there is room
        scene.Shifts.Clear();
        Assert.Null(CapacityCheck.Overruns(scene.Book(), [], [load])[0].Percent);
    }
}
