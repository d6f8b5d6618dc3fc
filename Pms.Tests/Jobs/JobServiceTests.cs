using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Maintenance;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class JobServiceTests_on_SQLite() : JobServiceTests(Engine.Sqlite);

public sealed class JobServiceTests_on_MariaDB() : JobServiceTests(Engine.MySql);

/// <summary>A job from its start to its finish: clocks, order and audit move together, and what must not begin does not.</summary>
public abstract class JobServiceTests(Engine engine) : JobFloorTests(engine)
{
    [Fact]
    public async Task A_started_job_has_both_clocks_an_audit_row_and_its_order_in_progress()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];

        var started = await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));

        Assert.Equal((JobStatus.Running, JobPhase.Run, 2), (started.Status, started.Phase!.Value, started.Version));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE kind = 'Run' AND open_machine_id = 1 AND slot = 1"));
        Assert.Equal(1, await Floor.CountAsync("work_times WHERE open_employee_id = 1 AND kind = 'Run'"));
        Assert.Equal(1, await Floor.CountAsync("presences WHERE open_employee_id = 1"));
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'InProgress'"));
        Assert.Equal(1, await Floor.CountAsync("audit WHERE action = 'job.start' AND actor = 'Ann Arendse'"));
        Assert.Equal(1, await Floor.CountAsync("outbox WHERE kind = 'job.start'"));
    }

    [Fact]
    public async Task Set_up_comes_first_where_the_step_has_it_and_the_first_good_piece_ends_it()
    {
        var jobs = await Floor.OrderAsync(setupMinutes: 12);
        Assert.Equal(JobPhase.Setup, (await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Cut]))).Phase);
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(JobPhase.Setup, (await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 0, 1, ScrapReasonId: JobFloor.ScrapReason))).Phase);
        Assert.Equal(JobPhase.Run, (await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 1))).Phase);

        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE kind = 'Setup' AND ended_at - started_at = 600000"));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE kind = 'Run' AND ended_at IS NULL"));
    }

    [Fact]
    public async Task The_whole_story_of_a_job_adds_up()
    {
        var jobs = await Floor.OrderAsync(250);
        var job = jobs[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(20));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 40, 2, ScrapReasonId: JobFloor.ScrapReason));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(5));
        await Jobs.SetPauseReasonAsync(JobFloor.Ann, new SetPauseReason(job, JobFloor.StopReason));
        await Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(30));
        await Jobs.TakeOverAsync(JobFloor.Ben, new TakeOverJob(job, Good: 10, Note: "needle 4 is blunt"));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(15));

        var refusal = await Assert.ThrowsAsync<RuleException>(() => Jobs.FinishAsync(JobFloor.Ben, new FinishJob(job, 20)));
        Assert.Equal("job.answer_needed", refusal.Code);
        await Jobs.FinishAsync(JobFloor.Ben, new FinishJob(job, 20, Answer: ShortAnswer.RestLater));

        var done = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Finished, JobFinish.RestLater, 70m, 2m), (done.Status, done.Finish!.Value, done.Good, done.Scrap));
        Assert.Equal(65 * 60_000, await Floor.Db.ScalarAsync<long>("SELECT SUM(ended_at - started_at) FROM machine_runs WHERE kind = 'Run'"));
        Assert.Equal(5 * 60_000, await Floor.Db.ScalarAsync<long>("SELECT SUM(ended_at - started_at) FROM machine_runs WHERE kind = 'Stop' AND reason_id = 1 AND kpi_class = 'Technical'"));
        Assert.Equal(15 * 60_000, await Floor.Db.ScalarAsync<long>("SELECT SUM(ended_at - started_at) FROM work_times WHERE employee_id = 2"));
        // The count at the take-over is Ann's.
        Assert.Equal(50_000_000, await Floor.Db.ScalarAsync<long>("SELECT SUM(good) FROM job_reports WHERE employee_id = 1"));
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'InProgress'"));
    }

    [Fact]
    public async Task The_last_finish_completes_item_and_order()
    {
        var jobs = await Floor.OrderAsync(10);
        foreach (var stage in new[] { JobFloor.Cut, JobFloor.Sew, JobFloor.Pack })
        {
            Assert.Equal(0, await Floor.CountAsync("orders WHERE status = 'Completed'"));
            await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[stage]));
            await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[stage], 10));
        }

        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'Completed' AND completed_at IS NOT NULL"));
        Assert.Equal(1, await Floor.CountAsync("outbox WHERE kind = 'order.completed'"));
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(jobs[JobFloor.Pack]));
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'InProgress' AND completed_at IS NULL"));
    }

    [Fact]
    public async Task Soft_rules_need_a_reason_and_tell_the_supervisor()
    {
        var jobs = await Floor.OrderAsync();
        var asked = await Assert.ThrowsAsync<ReasonNeededException>(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Sew])));
        Assert.Equal("job.nothing_to_work_on", Assert.Single(asked.Warnings).Code);

        await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Sew], Reason: "cut parts came by hand"));

        Assert.Equal(1, await Floor.CountAsync("outbox WHERE kind = 'job.soft_override'"));
        Assert.Equal(1, await Floor.CountAsync("audit WHERE action = 'job.start' AND reason = 'cut parts came by hand'"));
    }

    [Fact]
    public async Task A_refusal_says_who_works_and_which_stage_is_waited_for()
    {
        var jobs = await Floor.OrderAsync();
        var early = await Assert.ThrowsAsync<ReasonNeededException>(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Sew])));
        Assert.Equal(["Cut"], Assert.Single(early.Warnings).Args);
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Cut]));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 5));
        await Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[JobFloor.Sew]));
        var above = await Assert.ThrowsAsync<ReasonNeededException>(() => Jobs.ReportAsync(JobFloor.Ben, new ReportJob(jobs[JobFloor.Sew], 8)));
        Assert.Equal([8m, 5m, "Cut"], Assert.Single(above.Warnings).Args);

        async Task<object?> WhoAsync(string code, Func<Task> tap)
        {
            var refusal = await Assert.ThrowsAsync<RuleException>(tap);
            Assert.Equal(code, refusal.Code);
            return refusal.Args[1];
        }
        Assert.Equal("Ann Arendse", await WhoAsync("job.not_yours", () => Jobs.ReportAsync(JobFloor.Ben, new ReportJob(jobs[JobFloor.Cut], 5))));
        Assert.Equal("Ann Arendse", await WhoAsync("job.already_running", () => Jobs.SetPauseReasonAsync(JobFloor.Ann, new SetPauseReason(jobs[JobFloor.Cut], JobFloor.StopReason))));
        Assert.Equal("Ann Arendse", await WhoAsync("job.already_running", () => Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[JobFloor.Cut]))));
    }

    [Fact]
    public async Task Work_goes_on_at_another_departments_machine_while_it_is_set_up_for_the_stage()
    {
        var job = (await Floor.OrderAsync(setupMinutes: 5))[JobFloor.Cut];
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE machines SET department_id = @other WHERE id = 3", new { other = JobFloor.OtherDepartment }));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job, MachineId: 3));
        await Jobs.RunNowAsync(JobFloor.Ann, new RunNow(job));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 1));

        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM machine_stages WHERE machine_id = 3 AND stage_id = @stage", new { stage = JobFloor.Cut }));
        Assert.Equal(JobFloor.OtherDepartment, (await Assert.ThrowsAsync<ForbiddenException>(() => Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 1)))).DepartmentId);
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE machines SET department_id = @own WHERE id = 3", new { own = JobFloor.Department }));
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 249));
    }

    [Fact]
    public async Task A_standing_machine_is_not_started_and_its_jobs_are_paused_with_the_report()
    {
        var (first, second) = ((await Floor.OrderAsync())[JobFloor.Cut], (await Floor.OrderAsync())[JobFloor.Cut]);
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(first));
        var maintenance = Floor.Pms.Get<MaintenanceService>();

        Assert.Equal("ReasonId", (await Assert.ThrowsAsync<InvalidException>(() => maintenance.ReportStopAsync(JobFloor.Ann, new ReportStop(1, Stands: true, ReasonId: JobFloor.ScrapReason)))).Faults[0].Field);
        var ticket = await maintenance.ReportStopAsync(JobFloor.Ann, new ReportStop(1, Stands: true, Description: "needle bar"));

        Assert.Equal((JobStatus.Paused, PauseCause.Breakdown), ((await Floor.JobAsync(first))!.Status, (await Floor.JobAsync(first))!.PauseCause!.Value));
        var refusal = await Assert.ThrowsAsync<RuleException>(() => Jobs.StartAsync(JobFloor.Ben, new StartJob(second)));
        Assert.Equal(("job.machine_stands", ticket.Number), (refusal.Code, refusal.Args[1]));
        Assert.Equal("maintenance.already_reported", (await Assert.ThrowsAsync<RuleException>(() => maintenance.ReportStopAsync(JobFloor.Ben, new ReportStop(1, true)))).Code);

        var system = TestPms.System;
        Assert.Equal("AssignedEmployeeId", (await Assert.ThrowsAsync<InvalidException>(() => maintenance.ChangeAsync(system, new ChangeTicket(ticket.TicketId, TicketStatus.Assigned, 1, 999)))).Faults[0].Field);
        var moved = await maintenance.ChangeAsync(system, new ChangeTicket(ticket.TicketId, TicketStatus.InProgress, 1));
        Assert.Equal("job.machine_in_maintenance", (await Assert.ThrowsAsync<RuleException>(() => Jobs.StartAsync(JobFloor.Ben, new StartJob(second)))).Code);
        await maintenance.ChangeAsync(system, new ChangeTicket(ticket.TicketId, TicketStatus.Completed, moved.Version, WorkDone: "changed the bar"));
        await Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(first));
    }

    [Fact]
    public async Task Another_department_an_order_on_hold_and_a_cancelled_order_are_refused()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Assert.ThrowsAsync<ForbiddenException>(() => Jobs.StartAsync(JobFloor.Far, new StartJob(job)));

        await Floor.Db.InTransactionAsync(tx =>
        {
            tx.Add("INSERT INTO holds (scope, order_id, kind, note, stop_now, state, opened_at, opened_by) SELECT 'Order', order_id, 'Material', 'navy caps short', 0, 'Open', 0, 'planner' FROM jobs WHERE id = @job", new { job });
            return Task.CompletedTask;
        });
        Assert.Equal("job.on_hold", await CodeAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(job))));
        await Floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("UPDATE holds SET state = 'Lifted'"); await tx.ExecuteAsync("UPDATE orders SET status = 'Cancelled'"); });
        Assert.Equal("job.order_cancelled", await CodeAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(job))));
    }

    [Fact]
    public async Task Started_earlier_reaches_fifteen_minutes_back_and_never_into_other_work()
    {
        var (first, second) = ((await Floor.OrderAsync(5))[JobFloor.Cut], (await Floor.OrderAsync(5, machine: 2))[JobFloor.Cut]);
        Floor.Pms.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("job.too_early", await CodeAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(first, At: Floor.Now.AddMinutes(-20)))));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(first, At: Floor.Now.AddMinutes(-15)));
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(first, 5));

        Assert.Equal("job.not_free_then", await CodeAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(second, At: Floor.Now.AddMinutes(-5)))));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE ended_at - started_at = 900000"));
    }

    [Fact]
    public async Task A_paused_job_frees_machine_and_person_for_another()
    {
        var (first, second) = ((await Floor.OrderAsync())[JobFloor.Cut], (await Floor.OrderAsync())[JobFloor.Cut]);
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(first));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(first));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(second));

        Assert.Equal("job.machine_busy", await CodeAsync(() => Jobs.ResumeAsync(JobFloor.Ben, new ResumeJob(first))));
        await Jobs.ResumeAsync(JobFloor.Ben, new ResumeJob(first, MachineId: 3));
        Assert.Equal(3, (await Floor.JobAsync(first))!.MachineId);
    }

    [Fact]
    public async Task A_manual_job_is_made_and_started_in_one()
    {
        var jobs = await Floor.OrderAsync();
        var step = (await Floor.JobAsync(jobs[JobFloor.Cut]))!.StepId;

        var manual = await Jobs.StartManualAsync(JobFloor.Ann, new StartManualJob(step, 30, 2), "manual-1");

        Assert.Equal(manual, await Jobs.StartManualAsync(JobFloor.Ann, new StartManualJob(step, 30, 2), "manual-1"));
        var job = (await Floor.JobAsync(manual.JobId))!;
        Assert.Equal((JobKind.Manual, JobStatus.Running, 30m), (job.Kind, job.Status, job.Planned));
        Assert.Equal(1, await Floor.CountAsync("outbox WHERE kind = 'job.manual'"));
        Assert.Equal("job.person_busy", await CodeAsync(() => Jobs.StartManualAsync(JobFloor.Ann, new StartManualJob(step, 5, 3))));
        Assert.Equal(1, await Floor.CountAsync("jobs WHERE kind = 'Manual'"));
    }
}
