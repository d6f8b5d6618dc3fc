using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Planning;
using Pms.Tests.Floor;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Planning;

/// <summary>What the schedule shows of a window, to whom, and what of the orders is still unplanned.</summary>
public abstract class ScheduleTests(Engine engine)
{
    private static DateTimeOffset At(string local) => FloorSeed.At(local);

    [Fact]
    public async Task A_window_holds_what_lies_in_it_as_planned_or_as_it_went()
    {
        await using var pms = await TestPms.StartAsync(engine);   // Monday 5 January, 07:00 of the plant
        var floor = new FloorSeed(pms);
        await floor.PlantAsync();
        await StagesAsync(floor);
        Task<long> Job(string status, string from, string to, DateTimeOffset? pausedAt = null) => floor.JobAsync(floor.CutStep, floor.Cutting, floor.Cutter, status, At(from), At(to), pausedAt: pausedAt);
        var planned = await Job("Planned", "2026-01-05T10:00", "2026-01-05T12:00");
        var overdue = await Job("Planned", "2026-01-05T05:00", "2026-01-05T06:30");
        var behindDue = await Job("Planned", "2026-01-09T12:00", "2026-01-10T08:00");   // due on the 9th
        var running = await Job("Running", "2026-01-02T08:00", "2026-01-02T10:00");   // should have been done, and runs on
        var paused = await Job("Paused", "2026-01-02T08:00", "2026-01-02T10:00", At("2026-01-05T06:10"));
        var pausedBefore = await Job("Paused", "2026-01-02T08:00", "2026-01-02T10:00", At("2026-01-02T09:00"));
        var finished = await Job("Finished", "2026-01-04T20:00", "2026-01-04T22:00");
        await floor.ExecuteAsync("UPDATE jobs SET finished_at = @at WHERE id = @finished", new { at = At("2026-01-05T02:00"), finished });
        var cancelled = await Job("Cancelled", "2026-01-05T10:00", "2026-01-05T12:00");
        var after = await Job("Planned", "2026-01-12T06:00", "2026-01-12T08:00");
        var packing = await floor.JobAsync(floor.PackStep, floor.Packing, null, "Planned", At("2026-01-06T06:00"), At("2026-01-06T08:00"));
        await floor.InsertAsync("holds", new { scope = "Job", order_id = floor.Order, job_id = packing, kind = "Material", note = "No boxes", stop_now = false, state = "Open", opened_at = At("2026-01-05T06:00"), opened_by = "x" });
        await floor.InsertAsync("maintenance_tickets", new { number = "MT-1", machine_id = floor.Packer, department_id = floor.Packing, description = "Belt", severity = "High", stands = true, status = "Open", reported_by = "x", opened_at = At("2026-01-05T06:00"), stands_from = At("2026-01-05T06:00"), expected_back = At("2026-01-05T14:00") });
        var service = pms.Get<ScheduleService>();
        var week = new Span(At("2026-01-05T00:00"), At("2026-01-12T00:00"));

        var schedule = await service.WindowAsync(TestPms.System, new(week));

        Assert.Equal(new[] { planned, overdue, behindDue, running, paused, finished, packing }.Order(), schedule.Jobs.Select(j => j.Id).Order());
        Assert.Equal(new[] { overdue, behindDue, running, paused }.Order(), schedule.Jobs.Where(j => j.Late).Select(j => j.Id).Order());
        Assert.Equal([packing], schedule.Jobs.Where(j => j.Held).Select(j => j.Id));
        Assert.Equal(new Span(At("2026-01-02T08:00"), At("2026-01-05T07:00")), schedule.Jobs.Single(j => j.Id == running).At(schedule.At));
        Assert.Equal(At("2026-01-05T02:00"), schedule.Jobs.Single(j => j.Id == finished).At(schedule.At).End);
        Assert.Equal([(floor.Packer, BlockKind.Standing, At("2026-01-05T14:00"), "MT-1")], schedule.Blocks.Select(b => (b.MachineId, b.Kind, b.To, b.Number)));
        Assert.Equal([packing], (await service.WindowAsync(TestPms.System, new(week, floor.Packing))).Jobs.Select(j => j.Id));
        Assert.DoesNotContain(schedule.Jobs, j => j.Id == pausedBefore || j.Id == cancelled || j.Id == after);

        // The list is the same jobs, by pages and filters.
        var filters = new Dictionary<string, string> { ["from"] = "2026-01-05T00:00:00+01:00", ["to"] = "2026-01-12T00:00:00+01:00" };
        var page = await service.ListAsync(TestPms.System, new PageRequest { Filters = filters, Size = 3, Sort = "-start" });
        Assert.Equal((7, 3, behindDue), (page.Total, page.Items.Count, page.Items[0].Id));
        filters["status"] = "Running,Paused";
        Assert.Equal(new[] { running, paused }.Order(), (await service.ListAsync(TestPms.System, new PageRequest { Filters = filters })).Items.Select(j => j.Id).Order());
        await Assert.ThrowsAsync<InvalidException>(() => service.ListAsync(TestPms.System, new PageRequest { Filters = new Dictionary<string, string> { ["from"] = "monday" } }));
        await Assert.ThrowsAsync<InvalidException>(() => service.WindowAsync(TestPms.System, new(new Span(week.End, week.Start))));
        await Assert.ThrowsAsync<InvalidException>(() => service.WindowAsync(TestPms.System, new(new Span(week.Start, week.Start.AddDays(63)))));

        // One machine: what ran on it, its stops, its tickets.
        await floor.RunAsync(floor.Cutter, floor.Cutting, finished, "Run", At("2026-01-04T20:00"), At("2026-01-05T02:00"));
        await floor.RunAsync(floor.Cutter, floor.Cutting, paused, "Stop", At("2026-01-05T06:10"), null);
        await floor.RunAsync(floor.Cutter, floor.Cutting, finished, "Stop", At("2026-01-05T02:00"), At("2026-01-05T05:00"));
        var plan = await service.MachineAsync(TestPms.System, floor.Cutter, week);
        Assert.Equal(new[] { planned, overdue, behindDue, running, paused, finished }.Order(), plan.Jobs.Select(j => j.Id).Order());
        Assert.Equal([(At("2026-01-05T06:10"), (DateTimeOffset?)At("2026-01-05T07:00"))], plan.Halts.Select(h => (h.From, h.To)));   // from 06:00 on somebody works
        Assert.Equal(["MT-1"], (await service.MachineAsync(TestPms.System, floor.Packer, week)).Tickets.Select(t => t.Number));
        await Assert.ThrowsAsync<NotFoundException>(() => service.MachineAsync(TestPms.System, 999, week));
    }

    [Fact]
    public async Task Everybody_sees_their_own_departments()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var jobs = await floor.OrderAsync();
        await floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("UPDATE jobs SET department_id = 2, machine_id = NULL WHERE id = @id", new { id = jobs[JobFloor.Pack] }); });
        var service = floor.Pms.Get<ScheduleService>();
        var day = new Span(floor.Now.AddHours(-12), floor.Now.AddHours(12));

        Assert.Equal([jobs[JobFloor.Cut], jobs[JobFloor.Sew]], (await service.WindowAsync(JobFloor.Sue, new(day))).Jobs.Select(j => j.Id));
        var far = await service.WindowAsync(JobFloor.Far, new(day));
        Assert.Equal([jobs[JobFloor.Pack]], far.Jobs.Select(j => j.Id));
        Assert.Equal([2L], far.Departments.Select(d => d.Id));
        Assert.Empty(far.Machines);
        Assert.Empty((await service.WindowAsync(JobFloor.Far, new(day, JobFloor.Department))).Jobs);
        await Assert.ThrowsAsync<ForbiddenException>(() => service.JobAsync(JobFloor.Far, jobs[JobFloor.Cut]));
        await Assert.ThrowsAsync<NotFoundException>(() => service.MachineAsync(JobFloor.Far, 1, day));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.UnplannedAsync(JobFloor.Sue, new()));
        Assert.Equal(2, (await service.ListAsync(JobFloor.Sue, new PageRequest { Filters = new Dictionary<string, string> { ["from"] = "2026-01-04T00:00:00Z", ["to"] = "2026-01-07T00:00:00Z" } })).Total);
    }

    [Fact]
    public async Task A_move_is_told_and_seen_and_its_neighbours_say_when_it_does_not_fit()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var jobs = await floor.OrderAsync();
        var service = floor.Pms.Get<ScheduleService>();
        var planning = floor.Pms.Get<JobPlanningService>();
        await planning.MoveAsync(TestPms.System, new MoveJob(jobs[JobFloor.Cut], floor.Now.AddHours(1), 1));
        await planning.MoveAsync(TestPms.System, new MoveJob(jobs[JobFloor.Sew], floor.Now.AddDays(1), 1));
        await planning.MoveAsync(TestPms.System, new MoveJob(jobs[JobFloor.Pack], floor.Now.AddDays(2), 1));
        var sewn = await service.JobAsync(TestPms.System, jobs[JobFloor.Sew]);
        Assert.False(sewn.Wrong);
        Assert.Equal(["Cut", "Pack"], sewn.Before.Concat(sewn.After).Select(s => s.Stage));

        var told = new TaskCompletionSource<JobChanged>();
        using var listening = floor.Pms.Get<IEventBus>().Subscribe<JobChanged>(e => e.What == "move" && e.MachineId == 4, e => told.TrySetResult(e));
        await planning.MoveAsync(TestPms.System, new MoveJob(jobs[JobFloor.Sew], floor.Now.AddMinutes(30), sewn.Job.Version, 4));
        var heard = await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((jobs[JobFloor.Sew], 4L, 2L), (heard.JobId, heard.MachineId, heard.MachineBefore));

        sewn = await service.JobAsync(TestPms.System, jobs[JobFloor.Sew]);
        Assert.True(sewn.Wrong);
        Assert.Equal((true, false), (sewn.Before[0].Jobs[0].Wrong, sewn.After[0].Jobs[0].Wrong));
        Assert.Equal("M-04", (await service.WindowAsync(TestPms.System, new(new Span(floor.Now, floor.Now.AddDays(1))))).Jobs.Single(j => j.Id == jobs[JobFloor.Sew]).Machine);
    }

    [Fact]
    public async Task Unplanned_is_the_need_of_each_required_step_by_due_day()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = new FloorSeed(pms);
        await floor.PlantAsync();
        await StagesAsync(floor);
        await floor.JobAsync(floor.CutStep, floor.Cutting, floor.Cutter, "Planned", At("2026-01-06T06:00"), At("2026-01-06T08:00"), planned: 120);
        await floor.ExecuteAsync("UPDATE order_steps SET scrap_share = 100000 WHERE id = @step", new { step = floor.PackStep });   // a tenth of what comes in
        var (order, item) = (await OrderAsync(2, "2026-01-03", "Unscheduled", 3), 0L);
        item = await floor.InsertAsync("order_items", new { order_id = order, line = 1, product_id = floor.Product, quantity = 40m, status = "Unscheduled" });
        await floor.InsertAsync("order_steps", new { item_id = item, position = 1, stage_id = 1, department_id = floor.Cutting, setup_minutes = 10m, run_minutes = 0.5m });
        await floor.InsertAsync("order_steps", new { item_id = item, position = 2, stage_id = 1, department_id = floor.Packing, setup_minutes = 0m, required = false });
        var closed = await OrderAsync(3, "2026-01-03", "Closed", 1);
        var gone = await floor.InsertAsync("order_items", new { order_id = closed, line = 1, product_id = floor.Product, quantity = 40m, status = "Cancelled" });
        await floor.InsertAsync("order_steps", new { item_id = gone, position = 1, stage_id = 1, department_id = floor.Cutting, setup_minutes = 0m });
        var service = pms.Get<ScheduleService>();

        // 500 packed need 556 cut, of which 120 are planned; the other order is late and wants no packing.
        Assert.Equal([("SO260002", floor.Cutting, 40m, true), ("SO260001", floor.Cutting, 436m, false), ("SO260001", floor.Packing, 500m, false)], await FoundAsync(new()));
        Assert.Equal([("SO260001", floor.Packing, 500m, false)], await FoundAsync(new() { DepartmentId = floor.Packing }));
        Assert.Equal([("SO260002", floor.Cutting, 40m, true)], await FoundAsync(new() { Late = true }));
        Assert.Equal([("SO260002", floor.Cutting, 40m, true)], await FoundAsync(new() { Priority = Core.Orders.OrderPriority.Urgent }));
        Assert.Equal([("SO260002", floor.Cutting, 40m, true)], await FoundAsync(new() { Search = "so260002" }));
        Assert.Empty(await FoundAsync(new() { Search = "SO9" }));
        var first = await service.UnplannedAsync(TestPms.System, new() { Take = 1 });
        Assert.Equal(30m, first.Steps.Single().Minutes);
        Assert.Equal(2, (await service.UnplannedAsync(TestPms.System, new() { After = first.Next })).Steps.Count);

        await pms.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(first.Steps[0].StepId, 40, At("2026-01-06T08:00"), floor.Cutter));
        Assert.DoesNotContain(await FoundAsync(new()), s => s.Item1 == "SO260002");

        async Task<IReadOnlyList<(string, long, decimal, bool)>> FoundAsync(UnplannedRequest request) =>
            [.. (await service.UnplannedAsync(TestPms.System, request)).Steps.Select(s => (s.OrderNumber, s.DepartmentId, s.Need, s.Late))];

        Task<long> OrderAsync(int number, string due, string status, int priority) => floor.InsertAsync("orders", new
        {
            number = $"SO26000{number}", number_key = $"SO26000{number}", customer_id = 1, due_on = due, status, priority, created_at = At("2026-01-02T08:00"),
        });
    }

    /// <summary>Cutting's one stage, which its machine can run.</summary>
    private static async Task StagesAsync(FloorSeed floor)
    {
        await floor.InsertAsync("stages", new { department_id = floor.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        await floor.InsertAsync("machine_stages", new { machine_id = floor.Cutter, stage_id = 1 });
    }
}

public sealed class ScheduleTests_on_SQLite() : ScheduleTests(Engine.Sqlite);

public sealed class ScheduleTests_on_MariaDB() : ScheduleTests(Engine.MySql);
