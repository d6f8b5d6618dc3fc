using Microsoft.Extensions.DependencyInjection;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class JobUndoTests_on_SQLite() : JobUndoTests(Engine.Sqlite);

public sealed class JobUndoTests_on_MariaDB() : JobUndoTests(Engine.MySql);

/// <summary>One's own last tap can be taken back for five minutes, while nothing builds on it.</summary>
public abstract class JobUndoTests(Engine engine) : JobFloorTests(engine)
{
    [Fact]
    public async Task Each_tap_can_be_taken_back_for_five_minutes_by_whoever_did_it()
    {
        var job = (await Floor.OrderAsync(setupMinutes: 5))[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Assert.Equal("job.undo_not_yours", (await Assert.ThrowsAsync<RuleException>(() => Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job)))).Code);
        Assert.Equal(JobStatus.Planned, (await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))).Status);
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'Scheduled'"));
        Assert.Equal("job.undo_nothing", (await Assert.ThrowsAsync<RuleException>(() => Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job)))).Code);

        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.RunNowAsync(JobFloor.Ann, new RunNow(job));
        Assert.Equal(JobPhase.Setup, (await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))).Phase);
        await Jobs.RunNowAsync(JobFloor.Ann, new RunNow(job));

        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 7));
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));
        Assert.Equal(0, (await Floor.JobAsync(job))!.Good);
        Assert.Equal(2, await Floor.CountAsync("job_reports"));

        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(3));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(JobStatus.Running, (await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))).Status);
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(2));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job, JobFloor.StopReason));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job));
        Assert.Equal(JobStatus.Paused, (await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))).Status);
        await Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job));

        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 250));
        var reopened = await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));
        Assert.Equal((JobStatus.Paused, 0m), (reopened.Status, (await Floor.JobAsync(job))!.Good));
        await Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("job.undo_too_late", (await Assert.ThrowsAsync<RuleException>(() => Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job)))).Code);
    }

    [Fact]
    public async Task What_the_next_step_already_used_cannot_be_taken_back()
    {
        var jobs = await Floor.OrderAsync(10);
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Cut]));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 5));
        await Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[JobFloor.Sew]));
        await Jobs.ReportAsync(JobFloor.Ben, new ReportJob(jobs[JobFloor.Sew], 4));

        Assert.Equal("job.undo_built_on", (await Assert.ThrowsAsync<RuleException>(() => Jobs.UndoAsync(JobFloor.Ann, new UndoJob(jobs[JobFloor.Cut])))).Code);
    }

    [Fact]
    public async Task A_start_that_is_taken_back_keeps_what_the_job_had_before()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 20));
        var paused = await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        await Floor.Pms.Get<JobPlanningService>().UnplanAsync(TestPms.System, new UnplanJob(job, paused.Version));
        var planned = (await Floor.JobAsync(job))!;
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));

        await Jobs.StartAsync(JobFloor.Ben, new StartJob(job));
        await Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job));

        var after = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Planned, 20m, planned.StartedAt), (after.Status, after.Good, after.StartedAt));
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'InProgress'"));   // its time and pieces count on
        Assert.Equal("job.has_work", await CodeAsync(() => Floor.Pms.Get<JobPlanningService>().CancelAsync(TestPms.System, new CancelJob(job, "wrong", after.Version))));
    }

    [Fact]
    public async Task A_count_on_a_job_that_stands_is_taken_back_and_the_job_stands_on()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job, JobFloor.StopReason));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(2));

        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 12, Answer: ShortAnswer.MoreToCome, At: Floor.Now.AddMinutes(-1)));
        Assert.Equal((JobStatus.Paused, 12m), ((await Floor.JobAsync(job))!.Status, (await Floor.JobAsync(job))!.Good));
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));

        var after = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Paused, 0m, JobFloor.StopReason), (after.Status, after.Good, after.PauseReasonId));
    }

    [Fact]
    public async Task A_report_is_found_again_also_when_the_clock_moves_while_it_is_decided()
    {
        var clock = new MovingClock();
        await using var moving = await Floor.Pms.AnotherNodeAsync(s => s.AddSingleton<TimeProvider>(clock));
        var (jobs, job) = (moving.Get<JobService>(), (await Floor.OrderAsync())[JobFloor.Cut]);
        await jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        await jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 7));

        await jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));

        Assert.Equal(0, (await Floor.JobAsync(job))!.Good);
    }

    [Fact]
    public async Task A_start_on_a_picked_machine_gives_the_job_back_as_it_was()
    {
        var ids = await Floor.OrderAsync();
        var job = ids[JobFloor.Cut];
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET machine_id = NULL, work_centre_id = 7, released_at = NULL WHERE id = @job", new { job }));
        var before = (await Floor.JobAsync(job))!;

        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job, MachineId: 3));
        Assert.Equal((3L, 7L), ((await Floor.JobAsync(job))!.MachineId, (await Floor.JobAsync(job))!.WorkCentreId));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));

        var after = (await Floor.JobAsync(job))!;
        Assert.Equal(before with { Version = after.Version, WasMachineId = after.WasMachineId }, after);
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE machine_id = 3 AND state = 'Void'"));

        // A planned machine comes back, too, and a resume elsewhere leaves the stop where it was.
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(ids[JobFloor.Sew], MachineId: 3, Reason: "line 2 is warm"), ct: default);
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(ids[JobFloor.Sew]));
        Assert.Equal(JobFloor.Sew, (await Floor.JobAsync(ids[JobFloor.Sew]))!.MachineId);
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job, MachineId: 1));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job, JobFloor.StopReason));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.ResumeAsync(JobFloor.Ben, new ResumeJob(job, MachineId: 4));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job));
        after = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Paused, 1L, 1L), (after.Status, after.MachineId, after.OperatorId));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE machine_id = 1 AND kind = 'Stop' AND ended_at IS NULL"));
    }

    [Fact]
    public async Task A_take_over_goes_back_to_whoever_worked_before()
    {
        var ids = await Floor.OrderAsync(setupMinutes: 5);
        var job = ids[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));
        var taken = Floor.Now;
        await Jobs.TakeOverAsync(JobFloor.Ben, new TakeOverJob(job, 6, Note: "blade is dull"));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE kind = 'Run' AND ended_at IS NULL"));   // the count ended the set-up on both streams
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("job.undo_not_yours", await CodeAsync(() => Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))));

        Assert.Equal(JobPhase.Setup, (await Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job))).Phase);

        var after = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Running, 1L, 0m, null), (after.Status, after.OperatorId, after.Good, after.Note));
        Assert.Equal(1, await Floor.CountAsync($"work_times WHERE employee_id = 1 AND kind = 'Setup' AND ended_at IS NULL AND started_at = {taken.ToUnixTimeMilliseconds()}"));
        Assert.Equal(1, await Floor.CountAsync("work_times WHERE employee_id = 2 AND state = 'Void'"));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE kind = 'Setup' AND ended_at IS NULL"));
        Assert.Equal(1, await Floor.CountAsync("audit WHERE action = 'job.undo_takeover' AND changes LIKE '%Ben Botha%' AND changes LIKE '%Ann Arendse%'"));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(2));
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 250));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task A_take_over_stays_once_the_other_has_gone_or_works_elsewhere()
    {
        var (first, second) = (await Floor.OrderAsync(), await Floor.OrderAsync(machine: 2));
        var job = first[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));
        await Jobs.TakeOverAsync(JobFloor.Ben, new TakeOverJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(second[JobFloor.Cut]));
        Assert.Equal("job.person_busy", await CodeAsync(() => Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job))));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(second[JobFloor.Cut]));
        Assert.Equal("job.undo_gone", await CodeAsync(() => Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job))));
        await Floor.Pms.Get<Core.Jobs.Time.TimeService>().ClockOutAsync(JobFloor.Ann, new Core.Jobs.Time.ClockOut());
        Assert.Equal("job.undo_gone", await CodeAsync(() => Jobs.UndoAsync(JobFloor.Ben, new UndoJob(job))));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task A_count_that_ended_the_set_up_gives_it_back()
    {
        var job = (await Floor.OrderAsync(setupMinutes: 5))[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(3));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 5));
        Assert.Equal(JobPhase.Run, (await Floor.JobAsync(job))!.Phase);
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(JobPhase.Setup, (await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job))).Phase);
        Assert.Equal((1, 1), (await Floor.CountAsync("machine_runs WHERE kind = 'Setup' AND ended_at IS NULL"), await Floor.CountAsync("work_times WHERE kind = 'Setup' AND ended_at IS NULL")));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task A_finish_taken_back_brings_back_the_holds_it_ended_and_no_others()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Pack];
        var (order, item) = await Floor.JobAsync(job) is { } j ? (j.OrderId, j.ItemId) : default;
        await Floor.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM jobs WHERE item_id = @item AND id <> @job", new { item, job });
            await tx.ExecuteAsync("DELETE FROM order_steps WHERE item_id = @item AND position < 3", new { item });
        });
        var holds = Floor.Pms.Get<HoldService>();
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        var (whole, part, lifted) = (await holds.OpenAsync(TestPms.System, new OpenHoldRequest(order, HoldKind.Customer, "Wants to see one", false)),
            await holds.OpenAsync(TestPms.System, new OpenHoldRequest(order, HoldKind.Quality, "Seam", false, ItemId: item)), await holds.OpenAsync(TestPms.System, new OpenHoldRequest(order, HoldKind.Other, "Gone", false)));
        await holds.LiftAsync(TestPms.System, lifted, 1);
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 250));
        Assert.Equal((2, 0), (await Floor.CountAsync("holds WHERE state = 'Voided'"), await Floor.CountAsync("holds WHERE state = 'Open'")));

        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));

        Assert.Equal([whole, part], (await holds.ListAsync(TestPms.System, order)).Where(h => h is { State: HoldState.Open, EndedAt: null, EndedBy: null }).Select(h => h.Id).Order());
        Assert.Equal((1, 2), (await Floor.CountAsync($"holds WHERE id = {lifted} AND state = 'Lifted'"), await Floor.CountAsync("audit WHERE action = 'hold.restore'")));
        Assert.Equal("job.on_hold", await CodeAsync(() => Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job))));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task A_pause_taken_back_by_who_had_gone_finds_them_here()
    {
        var times = Floor.Pms.Get<Core.Jobs.Time.TimeService>();
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await times.ClockOutAsync(JobFloor.Ann, new Core.Jobs.Time.ClockOut());
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await Jobs.UndoAsync(JobFloor.Ann, new UndoJob(job));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    /// <summary>A millisecond later each time it is read.</summary>
    private sealed class MovingClock : TimeProvider
    {
        private long reads;

        public override DateTimeOffset GetUtcNow() => TestPms.Start.AddMilliseconds(Interlocked.Increment(ref reads));
    }
}
