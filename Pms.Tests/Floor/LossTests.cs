using Pms.Core;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Floor.Losses;
using Pms.Core.Floor.People;

using Pms.Tests.Support;

namespace Pms.Tests.Floor;

public abstract class LossTests(Engine engine)
{
    private static readonly DateOnly Monday = new(2026, 1, 5);

    [Fact]
    public async Task An_open_stop_does_not_outlive_its_shift_in_the_next_ones()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync();
        pms.Clock.SetUtcNow(FloorSeed.At("2026-01-07T14:00"));
        var job = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Paused", FloorSeed.At("2026-01-05T06:00"), FloorSeed.At("2026-01-05T14:00"), good: 120, phase: "Run", pausedAt: FloorSeed.At("2026-01-05T10:00"));
        await seed.RunAsync(seed.Cutter, seed.Cutting, job, "Run", FloorSeed.At("2026-01-05T06:00"), FloorSeed.At("2026-01-05T10:00"));
        await seed.RunAsync(seed.Cutter, seed.Cutting, job, "Stop", FloorSeed.At("2026-01-05T10:00"), null);
        await seed.ReportAsync(job, seed.CutStep, seed.Cutting, seed.Cutter, FloorSeed.At("2026-01-05T10:00"), 234, 6);

        var losses = await pms.Get<LossService>().MachinesAsync(TestPms.System, Monday, Monday, null);

        var cutter = losses.Single(m => m.Machine.Id == seed.Cutter);
        Assert.Equal(TimeSpan.FromHours(4), cutter.Oee.Times.Apt);
        Assert.Equal(TimeSpan.FromHours(4), cutter.Oee.Times.Adet);
        Assert.Equal(0.5, cutter.Oee.Availability);
        Assert.Equal(0.5, cutter.Oee.Effectiveness);
        Assert.Equal(6, cutter.Scrap);
        Assert.Equal(new StopSum(null, TimeSpan.FromHours(4), 1), Assert.Single(cutter.Stops));
    }

    [Fact]
    public async Task Performance_counts_confirmed_time_only_and_has_no_value_without_production()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync();
        pms.Clock.SetUtcNow(FloorSeed.At("2026-01-05T14:00"));
        var idle = await seed.EmployeeAsync("Lerato", seed.Cutting);
        var job = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Running", FloorSeed.At("2026-01-05T06:00"), FloorSeed.At("2026-01-05T14:00"), good: 174, phase: "Run");
        await seed.ReportAsync(job, seed.CutStep, seed.Cutting, seed.Cutter, FloorSeed.At("2026-01-05T10:00"), 174, 6);
        await WorkAsync(seed, seed.Thabo, job, "2026-01-05T06:00", "2026-01-05T07:00", "Closed");
        await WorkAsync(seed, seed.Thabo, job, "2026-01-05T07:00", "2026-01-05T13:00", "ToConfirm");
        await WorkAsync(seed, idle, job, "2026-01-05T06:00", "2026-01-05T07:00", "Locked");

        var (people, departments) = await pms.Get<PeopleService>().PerformanceAsync(TestPms.System, Monday, Monday, null);

        var thabo = people.Single(p => p.Id == seed.Thabo);
        Assert.Equal(60, thabo.WorkedMinutes);
        Assert.Equal(1.5, thabo.AgainstStandard);   // 180 pieces of half a minute in an hour: the standard is wrong, and it shows
        Assert.Equal(174.0 / 180, thabo.FirstPass!.Value, 9);
        var other = people.Single(p => p.Id == idle);
        Assert.Null(other.AgainstStandard);
        Assert.Null(other.FirstPass);
        Assert.Equal(120, departments.Single(d => d.Id == seed.Cutting).WorkedMinutes);
        Assert.Equal(3, (await pms.Get<PeopleService>().DetailsAsync(TestPms.System, seed.Thabo, Monday, Monday)).Count + 1);
    }

    [Fact]
    public async Task The_job_board_pages_searches_and_knows_what_is_late()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync();
        pms.Clock.SetUtcNow(FloorSeed.At("2026-01-05T12:00"));
        for (var i = 0; i < 5; i++)
            await seed.JobAsync(1, seed.Cutting, seed.Cutter, "Planned", FloorSeed.At("2026-01-05T06:00").AddHours(i), FloorSeed.At("2026-01-05T08:00").AddHours(2 * i));
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        var board = pms.Get<JobBoardService>();

        Assert.Equal(5, (await board.PageAsync(TestPms.System, new JobBoardRequest { Size = 2 })).Total);
        Assert.Equal(2, (await board.PageAsync(TestPms.System, new JobBoardRequest { Size = 2 })).Items.Count);
        Assert.Equal(2, (await board.PageAsync(TestPms.System, new JobBoardRequest { Status = "Late" })).Total);
        Assert.Equal(5, (await board.PageAsync(TestPms.System, new JobBoardRequest { Search = "so2600" })).Total);
        Assert.Equal(0, (await board.PageAsync(TestPms.System, new JobBoardRequest { Search = "SO999" })).Total);
        Assert.Equal(5, (await board.KanbanAsync(TestPms.System, new JobBoardRequest(), 3))[Core.Jobs.JobStatus.Planned].Total);
        var stranger = new Actor { Name = "Stranger", UserId = 4711 };
        await Assert.ThrowsAsync<ForbiddenException>(() => board.PageAsync(stranger, new JobBoardRequest()));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<PeopleService>().PerformanceAsync(stranger, Monday, Monday, null));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<FloorService>().OverviewAsync(stranger));
    }

    private static Task WorkAsync(FloorSeed seed, long employee, long job, string from, string to, string state) => seed.InsertAsync("work_times", new
    {
        employee_id = employee, department_id = seed.Cutting, slot = 1, job_id = job, machine_id = seed.Cutter, kind = "Run", started_at = FloorSeed.At(from), ended_at = FloorSeed.At(to), state,
    });
}

public sealed class LossTests_on_SQLite() : LossTests(Engine.Sqlite);

public sealed class LossTests_on_MariaDB() : LossTests(Engine.MySql);
