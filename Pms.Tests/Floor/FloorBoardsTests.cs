using Pms.Core.Events;
using Pms.Core.Floor;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

public abstract class FloorBoardsTests(Engine engine)
{
    [Fact]
    public async Task The_overview_shows_the_known_morning()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = await MorningAsync(pms);

        var picture = await pms.Get<FloorBoards>().LoadAsync();

        var plant = OverviewView.Of(picture.Overview, null);
        Assert.Equal(1, plant.Running);
        Assert.Equal(1, plant.Paused);
        Assert.Equal(1, plant.Waiting);
        Assert.Equal(1, plant.Late);
        Assert.Equal(1, plant.ClockedIn);
        Assert.Equal(8.0 / 168, plant.ScrapShare!.Value, 9);
        Assert.Equal("Early", plant.Shift);
        Assert.Equal(2, plant.MachineCount);

        var cutter = picture.Floor.Machines.Single(m => m.Id == seed.Cutter);
        Assert.Equal(MachineState.Running, cutter.State);
        Assert.Equal("SO260001", cutter.Job!.Job.OrderNumber);
        Assert.Equal("Thabo", cutter.Job.Job.OperatorFirst);
        Assert.Equal(0.24, cutter.Job.Progress, 9);
        // 128 pieces of half a minute in the 120 minutes up to the last report.
        Assert.Equal(64.0 / 120, cutter.Job.Rate!.Value, 9);
        var packer = picture.Floor.Machines.Single(m => m.Id == seed.Packer);
        Assert.Equal(MachineState.Stopped, packer.State);
        Assert.Equal(FloorSeed.At("2026-01-05T09:00"), packer.Since);
    }

    [Fact]
    public async Task Done_counts_a_piece_once_at_the_last_step_of_the_scope()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = await MorningAsync(pms);

        var overview = (await pms.Get<FloorBoards>().LoadAsync()).Overview;

        Assert.Equal(40, OverviewView.Of(overview, null).Done);
        Assert.Equal(120, OverviewView.Of(overview, new HashSet<long> { seed.Cutting }).Done);
        Assert.Equal(40, OverviewView.Of(overview, new HashSet<long> { seed.Packing }).Done);
        Assert.Equal(40, OverviewView.Of(overview, new HashSet<long> { seed.Cutting, seed.Packing }).Done);
        // The plant's target is that of the department where its output leaves it.
        Assert.Equal(300, OverviewView.Of(overview, null).Target);
        Assert.Equal(400, OverviewView.Of(overview, new HashSet<long> { seed.Cutting }).Target);
    }

    [Fact]
    public async Task A_report_is_spread_over_the_run_time_since_the_one_before()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = await MorningAsync(pms);

        var hours = OverviewView.Of((await pms.Get<FloorBoards>().LoadAsync()).Overview, new HashSet<long> { seed.Cutting }).Hours;

        Assert.Equal(FloorSeed.At("2026-01-05T06:00"), hours[0].Span.Start);
        Assert.Equal(8, hours.Count);
        Assert.Equal([60m, 60m, 0m], hours.Take(3).Select(h => decimal.Round(h.Made, 6)));
        Assert.Equal(50, hours[0].Target);
    }

    [Fact]
    public async Task The_shifts_oee_is_that_of_its_machines()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = await MorningAsync(pms);

        var oee = (await pms.Get<FloorBoards>().LoadAsync()).Floor.Machines.Single(m => m.Id == seed.Cutter).Oee;

        Assert.Equal(210, oee.Times.Pbt.TotalMinutes);   // 06:00 to 09:30
        Assert.Equal(210, oee.Times.Apt.TotalMinutes);
        Assert.Equal(64.0 / 210, oee.Effectiveness!.Value, 9);
        Assert.Equal(120.0 / 128, oee.Quality!.Value, 9);
        Assert.Equal(60.0 / 210, oee.Value!.Value, 9);
    }

    [Fact]
    public async Task A_stop_without_a_reason_needs_a_person_after_ten_minutes_and_a_standing_machine_comes_first()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = await MorningAsync(pms);
        await seed.InsertAsync("maintenance_tickets", new
        {
            number = "MT-1",
            machine_id = seed.Cutter,
            department_id = seed.Cutting,
            description = "Needle bar",
            severity = "High",
            stands = true,
            status = "Open",
            reported_by = "Thabo",
            opened_at = FloorSeed.At("2026-01-05T09:05"),
        });

        var picture = await pms.Get<FloorBoards>().LoadAsync();

        Assert.Equal(MachineState.Broken, picture.Floor.Machines.Single(m => m.Id == seed.Cutter).State);
        Assert.Equal([NeedKind.Stands, NeedKind.StopWithoutReason], picture.Overview.Needs.Take(2).Select(n => n.Kind));
        Assert.Equal("Needle bar", picture.Overview.Needs[0].Text);
    }

    [Fact]
    public async Task A_machine_nobody_is_at_has_no_data_and_one_with_its_operator_is_idle()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync();
        await seed.InsertAsync("allocations", new { employee_id = seed.Thabo, machine_id = seed.Cutter, level = "Primary", from_day = new DateOnly(2026, 1, 1) });
        await seed.PresentAsync(seed.Thabo, seed.Cutting, FloorSeed.At("2026-01-05T06:00"));

        var machines = (await pms.Get<FloorBoards>().LoadAsync()).Floor.Machines;

        Assert.Equal(MachineState.Idle, machines.Single(m => m.Id == seed.Cutter).State);
        Assert.Equal(MachineState.NoData, machines.Single(m => m.Id == seed.Packer).State);
    }

    [Fact]
    public async Task What_is_made_after_midnight_belongs_to_the_shift_of_the_day_before()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync(22 * 60);
        pms.Clock.SetUtcNow(FloorSeed.At("2026-01-06T03:00"));
        var job = await seed.JobAsync(seed.PackStep, seed.Packing, seed.Packer, "Running", FloorSeed.At("2026-01-05T22:00"), FloorSeed.At("2026-01-06T06:00"), good: 90, phase: "Run");
        await seed.RunAsync(seed.Packer, seed.Packing, job, "Run", FloorSeed.At("2026-01-05T22:00"), null);
        await seed.ReportAsync(job, seed.PackStep, seed.Packing, seed.Packer, FloorSeed.At("2026-01-06T01:00"), 90);

        var picture = await pms.Get<FloorBoards>().LoadAsync();

        var view = OverviewView.Of(picture.Overview, null);
        Assert.Equal(90, view.Done);
        Assert.Equal(new DateOnly(2026, 1, 5), view.Departments[0].Day);
        Assert.Equal([30m, 30m, 30m, 0m], view.Hours.Take(4).Select(h => decimal.Round(h.Made, 6)));
        Assert.Equal(300, picture.Floor.Machines.Single(m => m.Id == seed.Packer).Oee.Times.Apt.TotalMinutes);
    }

    [Fact]
    public async Task A_burst_of_taps_costs_one_query_set_however_many_watch()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await MorningAsync(pms);
        var boards = pms.Get<FloorBoards>();
        var told = 0;
        var watching = Enumerable.Range(0, 500).Select(_ => boards.Watch(() => Told(ref told))).ToList();
        await boards.LoadAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref told) == 500, "the first picture was told");
        var before = boards.Refreshes;

        for (var i = 0; i < 50; i++)
            pms.Get<IEventBus>().Publish(new JobChanged(i, 1, 1, null, null, null, null, "reported"));

        await Eventually.TrueAsync(() => Volatile.Read(ref told) >= 1000, "all boards were told");
        // The first event is shown at once, the others of the burst with the next.
        Assert.InRange(boards.Refreshes - before, 1, 2);
        watching.ForEach(w => w.Dispose());
        Assert.Equal(0, boards.Watchers);
    }

    [Fact]
    public async Task Nobody_watching_costs_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await MorningAsync(pms);
        var boards = pms.Get<FloorBoards>();
        await boards.LoadAsync();

        pms.Get<IEventBus>().Publish(new JobChanged(1, 1, 1, null, null, null, null, "reported"));
        pms.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, boards.Refreshes);
        await boards.LoadAsync();
        Assert.Equal(2, boards.Refreshes);
    }

    [Fact]
    public async Task A_board_that_can_not_read_keeps_its_picture_and_tells_who_watches()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = await MorningAsync(pms);
        var boards = pms.Get<FloorBoards>();
        var told = 0;
        using var watching = boards.Watch(() => Told(ref told));
        var before = await boards.LoadAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref told) == 1, "the first picture was told");

        await seed.ExecuteAsync("ALTER TABLE machine_runs RENAME TO gone");
        pms.Get<IEventBus>().Publish(new JobChanged(1, 1, 1, null, null, null, null, "reported"));

        await Eventually.TrueAsync(() => Volatile.Read(ref told) >= 2, "the board was told that it is old");
        Assert.Same(before, boards.Now);
    }

    private static Task Told(ref int times)
    {
        Interlocked.Increment(ref times);
        return Task.CompletedTask;
    }

    /// <summary>09:30: cutting has run since 06:00 and reported 128 at 08:00; packing reported 40 and stopped at 09:00; one job waits, one is late.</summary>
    private static async Task<FloorSeed> MorningAsync(TestPms pms)
    {
        var seed = new FloorSeed(pms);
        await seed.PlantAsync();
        pms.Clock.SetUtcNow(FloorSeed.At("2026-01-05T09:30"));
        var six = FloorSeed.At("2026-01-05T06:00");
        var cut = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Running", six, FloorSeed.At("2026-01-05T12:00"), good: 120, phase: "Run");
        await seed.RunAsync(seed.Cutter, seed.Cutting, cut, "Run", six, null);
        await seed.ReportAsync(cut, seed.CutStep, seed.Cutting, seed.Cutter, FloorSeed.At("2026-01-05T08:00"), 120, 8);
        var pack = await seed.JobAsync(seed.PackStep, seed.Packing, seed.Packer, "Paused", six, FloorSeed.At("2026-01-05T09:20"), good: 40, phase: "Run", pausedAt: FloorSeed.At("2026-01-05T09:00"));
        await seed.RunAsync(seed.Packer, seed.Packing, pack, "Run", six, FloorSeed.At("2026-01-05T09:00"));
        await seed.RunAsync(seed.Packer, seed.Packing, pack, "Stop", FloorSeed.At("2026-01-05T09:00"), null);
        await seed.ReportAsync(pack, seed.PackStep, seed.Packing, seed.Packer, FloorSeed.At("2026-01-05T09:00"), 40);
        await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", FloorSeed.At("2026-01-05T12:00"), FloorSeed.At("2026-01-05T13:00"));
        await seed.PresentAsync(seed.Thabo, seed.Cutting, six);
        return seed;
    }
}

public sealed class FloorBoardsTests_on_SQLite() : FloorBoardsTests(Engine.Sqlite);

public sealed class FloorBoardsTests_on_MariaDB() : FloorBoardsTests(Engine.MySql);
