using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Planning;

namespace Pms.Tests.Planning;

/// <summary>How the board is laid out and where a dropped job begins: all pure.</summary>
public sealed class ScheduleRowsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly PlanMachine Cutter = new() { Id = 1, Number = "M-01", DepartmentId = 1, WorkCentreId = 7, Stages = new HashSet<long> { 1 } };

    private static readonly Schedule Schedule = new()
    {
        Window = Hours(-4, 20), At = Now,
        Departments = [new() { Id = 1, Name = "Cutting" }, new() { Id = 2, Name = "Packing" }],
        Centres = [new() { Id = 7, Name = "Cutters", DepartmentId = 1 }],
        Machines = [Cutter, new() { Id = 2, Number = "M-02", DepartmentId = 2 }],
        Jobs = [Job(1, 1, 1, 1), Job(2, 1, 1, 2), Job(3, 1, null, 0, centre: 7), Job(4, 2, null, 3)],
    };

    [Fact]
    public void Lines_are_machines_work_centres_or_departments()
    {
        Assert.Equal(["m1", "n-c7", "m2", "n-d2"], ScheduleRows.Of(Schedule, RowsBy.Machines).Select(r => r.Key));
        Assert.Equal(["c7", "c0-2"], ScheduleRows.Of(Schedule, RowsBy.Centres).Select(r => r.Key));
        Assert.Equal(["d1", "d2"], ScheduleRows.Of(Schedule, RowsBy.Departments).Select(r => r.Key));
        Assert.All(Enum.GetValues<RowsBy>(), by => Assert.Equal([1L, 2, 3, 4], ScheduleRows.Of(Schedule, by).SelectMany(r => r.Jobs).Select(j => j.Job.Id).Order()));
        Assert.Equal(["m2", "n-d2"], ScheduleRows.Of(Schedule with { Jobs = [Job(4, 2, null, 3)] }, RowsBy.Machines, new HashSet<long> { 2 }).Select(r => r.Key));
    }

    [Fact]
    public void Jobs_of_the_same_time_lie_below_each_other()
    {
        var laid = ScheduleRows.Lay([Job(1, 1, 1, 0, 4), Job(2, 1, 1, 1, 2), Job(3, 1, 1, 2, 3), Job(4, 1, 1, 4, 5)], Now);
        Assert.Equal([(1L, 0), (2, 1), (3, 1), (4, 0)], laid.Select(j => (j.Job.Id, j.Lane)));
    }

    [Fact]
    public void A_dropped_job_begins_behind_what_is_there_in_working_time_and_never_before_now()
    {
        var row = ScheduleRows.Of(Schedule with { Jobs = [Job(1, 1, 1, 1, 3), Job(2, 1, 1, 3, 5)] }, RowsBy.Machines)[0];
        DateTimeOffset Place(PlanRow at, long? job, Span cell, int opens = -24) => ScheduleRows.Place(at, job, cell, Now, t => t < Now.AddHours(opens) ? Now.AddHours(opens) : t);

        Assert.Equal(Now.AddHours(5), Place(row, null, Hours(1, 2)));
        Assert.Equal(Now.AddHours(5), Place(row, 1, Hours(3, 4)));
        Assert.Equal(Now.AddHours(3), Place(row, 2, Hours(1, 2)));
        Assert.Equal(Now.AddHours(7), Place(row, null, Hours(7, 8)));
        Assert.Equal(Now, Place(row, null, Hours(-3, 1)));
        Assert.Equal(Now.AddHours(5), Place(row, null, Hours(0, 1), opens: 2));
        Assert.Equal(Now.AddHours(1), Place(row with { Machine = Cutter with { Slots = 2 } }, null, Hours(1, 2)));
    }

    [Fact]
    public void A_later_step_begins_once_the_earlier_is_done_or_the_transfer_quantity_is_there()
    {
        Assert.True(PathOrder.Fits(Hours(0, 4), 100, null, Hours(4, 6)));
        Assert.False(PathOrder.Fits(Hours(0, 4), 100, null, Hours(3, 6)));
        Assert.True(PathOrder.Fits(Hours(0, 4), 100, 50, Hours(2, 6)));
        Assert.False(PathOrder.Fits(Hours(0, 4), 100, 50, Hours(1, 6)));
        Assert.False(PathOrder.Fits(Hours(0, 4), 100, 50, Hours(2, 3)));   // done before what it takes from
        Assert.False(PathOrder.Fits(Hours(0, 4), 100, 500, Hours(3, 6)));
    }

    private static Span Hours(int from, int to) => new(Now.AddHours(from), Now.AddHours(to));

    private static PlannedJob Job(long id, long department, long? machine, int from, int? to = null, long? centre = null) => new()
    {
        Id = id, DepartmentId = department, MachineId = machine, WorkCentreId = centre, Status = JobStatus.Planned, PlannedStart = Now.AddHours(from), PlannedEnd = Now.AddHours(to ?? from + 1),
    };
}
