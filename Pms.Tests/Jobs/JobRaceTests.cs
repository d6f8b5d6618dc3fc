using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class JobRaceTests_on_SQLite() : JobRaceTests(Engine.Sqlite);

public sealed class JobRaceTests_on_MariaDB() : JobRaceTests(Engine.MySql);

/// <summary>Several people at the same thing in the same moment: one wins, the others are told, and nothing happens twice.</summary>
public abstract class JobRaceTests(Engine engine) : JobFloorTests(engine)
{
    [Fact]
    public async Task Fifty_clients_starting_one_job_start_it_once()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => TryAsync(() => Jobs.StartAsync(i % 2 == 0 ? JobFloor.Ann : JobFloor.Ben, new StartJob(job)))));

        Assert.Equal(1, answers.Count(a => a == "ok"));
        Assert.All(answers.Where(a => a != "ok"), a => Assert.Contains(a, new[] { "job.already_running", "changed_meanwhile", "database_busy", "database_away" }));
    }

    [Fact]
    public async Task Fifty_jobs_on_one_machine_are_one_job_on_it()
    {
        var jobs = new List<long>();
        for (var i = 0; i < 20; i++)
            jobs.Add((await Floor.OrderAsync(machine: 1))[JobFloor.Cut]);
        await Floor.Db.InTransactionAsync(tx => { tx.Add("UPDATE employees SET slots = 30 WHERE id = 1"); return Task.CompletedTask; });

        var answers = await Task.WhenAll(jobs.Select(job => TryAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(job)))));

        Assert.Equal(1, answers.Count(a => a == "ok"));
        var busy = await Assert.ThrowsAsync<RuleException>(() => Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[^1])));
        Assert.Contains(busy.Code, new[] { "job.machine_busy", "job.already_running" });
    }

    [Fact]
    public async Task A_machine_with_two_slots_takes_two_and_the_third_is_told_who()
    {
        var jobs = new[] { (await Floor.OrderAsync(machine: 4))[JobFloor.Cut], (await Floor.OrderAsync(machine: 4))[JobFloor.Cut], (await Floor.OrderAsync(machine: 4))[JobFloor.Cut] };
        await Task.WhenAll(Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[0])), Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[1])));

        var refusal = await Assert.ThrowsAsync<RuleException>(() => Jobs.StartAsync(JobFloor.Operator(3, "Cas Cele"), new StartJob(jobs[2])));

        Assert.Equal("job.machine_busy", refusal.Code);
        Assert.Equal("M-04", refusal.Args[0]);
        Assert.Contains(refusal.Args[2], new object[] { "Ann Arendse", "Ben Botha" });
    }

    [Fact]
    public async Task Two_phones_reporting_the_same_stop_make_one_ticket()
    {
        var maintenance = Floor.Pms.Get<MaintenanceService>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => TryAsync(() => maintenance.ReportStopAsync(i % 2 == 0 ? JobFloor.Ann : JobFloor.Ben, new ReportStop(2, true)))));

        Assert.Equal(1, answers.Count(a => a == "ok"));
        Assert.All(answers.Where(a => a != "ok"), a => Assert.Equal("maintenance.already_reported", a));
        Assert.Equal(1, await Floor.CountAsync("maintenance_tickets"));
    }

    [Fact]
    public async Task A_double_tap_or_a_resend_with_the_same_key_does_nothing_twice()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];

        var starts = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Jobs.StartAsync(JobFloor.Ann, new StartJob(job), "tap-1")));
        var reports = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 40), "tap-2")));
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 5, Answer: ShortAnswer.ThatIsAll), "tap-3");
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 5, Answer: ShortAnswer.ThatIsAll), "tap-3");

        Assert.Single(starts.Distinct());
        Assert.Single(reports.Distinct());
        Assert.Equal(45, (await Floor.JobAsync(job))!.Good);
        await Assert.ThrowsAsync<KeyReusedException>(() => Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 41), "tap-2"));
    }

    [Fact]
    public async Task A_thousand_starts_of_one_job_are_one_row()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await using var other = await Floor.Pms.AnotherNodeAsync();
        var nodes = new[] { Jobs, other.Get<JobService>() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(() => TryAsync(() => nodes[i % 2].StartAsync(i % 4 < 2 ? JobFloor.Ann : JobFloor.Ben, new StartJob(job), $"start-{i}")))));

        Assert.Equal(1, answers.Count(a => a == "ok"));
        Assert.All(answers.Where(a => a != "ok"), a => Assert.Contains(a, new[] { "job.already_running", "changed_meanwhile", "database_busy", "database_away" }));
        Assert.Equal((1, 1, 1, 1), (await Floor.CountAsync("machine_runs"), await Floor.CountAsync("work_times"), await Floor.CountAsync("audit WHERE action = 'job.start'"), await Floor.CountAsync("idempotency")));
    }

    [Fact]
    public async Task A_start_and_a_hold_in_the_same_moment_leave_nothing_running_under_the_hold()
    {
        var holds = Floor.Pms.Get<HoldService>();
        for (var round = 0; round < 15; round++)
        {
            var jobs = await Floor.OrderAsync();
            var job = (await Floor.JobAsync(jobs[JobFloor.Cut]))!;
            var manual = round % 3 == 2;   // a job that nobody planned, so that the hold finds none to touch
            var start = Task.Run(() => TryAsync(() => manual
                ? Jobs.StartManualAsync(JobFloor.Ann, new StartManualJob(job.StepId, 5, 2))
                : Jobs.StartAsync(JobFloor.Ann, new StartJob(job.Id))));
            var hold = Task.Run(() => TryAsync(() => holds.OpenAsync(TestPms.System, new OpenHoldRequest(job.OrderId, HoldKind.Material, "caps are short", StopNow: true))));

            Assert.Equal("ok", await hold);
            Assert.Contains(await start, new[] { "ok", "job.on_hold" });
            Assert.Equal(0, await Floor.CountAsync($"jobs WHERE order_id = {job.OrderId} AND status = 'Running'"));
        }
    }

    [Fact]
    public async Task A_start_and_a_stop_in_the_same_moment_leave_nothing_running_on_the_machine()
    {
        var maintenance = Floor.Pms.Get<MaintenanceService>();
        for (var round = 0; round < 12; round++)
        {
            var job = (await Floor.OrderAsync())[JobFloor.Cut];
            var start = Task.Run(() => TryAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(job))));
            var ticket = await maintenance.ReportStopAsync(JobFloor.Ben, new ReportStop(1, Stands: true));

            Assert.Contains(await start, new[] { "ok", "job.machine_stands" });
            Assert.Equal(0, await Floor.CountAsync("machine_runs WHERE open_machine_id = 1 AND slot IS NOT NULL"));
            await maintenance.ChangeAsync(TestPms.System, new ChangeTicket(ticket.TicketId, TicketStatus.Cancelled, ticket.Version, Reason: "next round"));
        }
    }

    [Fact]
    public async Task Two_who_leave_one_job_in_the_same_moment_leave_it_paused()
    {
        var times = Floor.Pms.Get<TimeService>();
        for (var round = 0; round < 20; round++)
        {
            var job = (await Floor.OrderAsync(machine: 4))[JobFloor.Cut];
            await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
            // Ben helps: a second person's labour on the same job.
            await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync(
                "INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, state) VALUES (2, 1, 1, @job, 4, 'Run', @at, 'Open')", new { job, at = Floor.Now }));
            await TryAsync(() => times.ClockInAsync(JobFloor.Ben));
            Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));

            await Task.WhenAll(Task.Run(() => times.ClockOutAsync(JobFloor.Ann, new ClockOut())), Task.Run(() => times.ClockOutAsync(JobFloor.Ben, new ClockOut())));

            var after = (await Floor.JobAsync(job))!;
            Assert.Equal((JobStatus.Paused, PauseCause.NoOperator), (after.Status, after.PauseCause));
            Assert.Equal(0, await Floor.CountAsync("work_times WHERE ended_at IS NULL"));
        }
    }

    [Fact]
    public async Task Who_clocks_out_while_starting_works_nowhere_or_is_here()
    {
        var times = Floor.Pms.Get<TimeService>();
        for (var round = 0; round < 30; round++)
        {
            var job = (await Floor.OrderAsync(machine: 1))[JobFloor.Cut];
            await TryAsync(() => times.ClockInAsync(JobFloor.Ann));
            Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));

            await Task.WhenAll(Task.Run(() => TryAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(job)))), Task.Run(() => TryAsync(() => times.ClockOutAsync(JobFloor.Ann, new ClockOut()))));

            Assert.Empty(await Floor.BrokenInvariantsAsync());
            await TryAsync(() => times.ClockOutAsync(JobFloor.Ann, new ClockOut()));
        }
    }

    [Fact]
    public async Task Whoever_stays_has_the_job()
    {
        var job = (await Floor.OrderAsync(machine: 4))[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync(
            "INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, state) VALUES (2, 1, 1, @job, 4, 'Run', @at, 'Open')", new { job, at = Floor.Now }));

        await Floor.Pms.Get<TimeService>().ClockInAsync(JobFloor.Ben);
        await Floor.Pms.Get<TimeService>().ClockOutAsync(JobFloor.Ann, new ClockOut("needle is new"));

        var after = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Running, 2L, "needle is new"), (after.Status, after.OperatorId, after.Note));
        Assert.Equal("job.undo_nothing", await CodeAsync(() => Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))));
    }

    [Fact]
    public async Task Two_items_that_end_in_the_same_moment_complete_their_order()
    {
        for (var round = 0; round < 12; round++)
        {
            var (first, second) = (await Floor.OrderAsync(10, machine: 1), await Floor.OrderAsync(10, machine: 2));
            var order = (await Floor.JobAsync(first[JobFloor.Pack]))!.OrderId;
            var item = (await Floor.JobAsync(second[JobFloor.Pack]))!.ItemId;
            await Floor.Db.InTransactionAsync(async tx =>
            {
                await tx.ExecuteAsync("UPDATE order_items SET order_id = @order, line = 2 WHERE id = @item", new { order, item });
                await tx.ExecuteAsync("UPDATE jobs SET order_id = @order WHERE item_id = @item", new { order, item });
                await tx.ExecuteAsync("DELETE FROM jobs WHERE order_id = @order AND last_step = 0", new { order });
                await tx.ExecuteAsync("DELETE FROM order_steps WHERE position < 3 AND item_id IN (SELECT id FROM order_items WHERE order_id = @order)", new { order });
            });
            await Jobs.StartAsync(JobFloor.Ann, new StartJob(first[JobFloor.Pack]));
            await Jobs.StartAsync(JobFloor.Ben, new StartJob(second[JobFloor.Pack]));

            await Task.WhenAll(Task.Run(() => Jobs.FinishAsync(JobFloor.Ann, new FinishJob(first[JobFloor.Pack], 10))), Task.Run(() => Jobs.FinishAsync(JobFloor.Ben, new FinishJob(second[JobFloor.Pack], 10))));

            Assert.Equal(1, await Floor.CountAsync($"orders WHERE id = {order} AND status = 'Completed' AND completed_at IS NOT NULL"));
        }
    }
}
