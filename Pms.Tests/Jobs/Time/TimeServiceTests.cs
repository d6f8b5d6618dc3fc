using System.Collections.Concurrent;
using Pms.Core;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs.Time;

public sealed class TimeServiceTests_on_SQLite() : TimeServiceTests(Engine.Sqlite);

public sealed class TimeServiceTests_on_MariaDB() : TimeServiceTests(Engine.MySql);

/// <summary>Time that people forgot, ended or corrected: never lost, never overwritten, never counted twice.</summary>
public abstract class TimeServiceTests(Engine engine) : JobFloorTests(engine)
{
    [Fact]
    public async Task A_correction_is_a_counter_entry_and_reopens_what_it_leaves_incomplete()
    {
        var jobs = await Floor.OrderAsync(10);
        foreach (var stage in new[] { JobFloor.Cut, JobFloor.Sew, JobFloor.Pack })
        {
            await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[stage]));
            await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[stage], 10));
        }
        var report = await Floor.Db.ScalarAsync<long>("SELECT MAX(id) FROM job_reports");
        var times = Floor.Pms.Get<TimeService>();
        await Assert.ThrowsAsync<ForbiddenException>(() => times.CorrectReportAsync(JobFloor.Ann, new CorrectReport(report, 8, 0, 0, "counted again")));

        await Assert.ThrowsAsync<InvalidException>(() => times.CorrectReportAsync(JobFloor.Sue, new CorrectReport(report, 8, 1, 0, "counted again", JobFloor.StopReason)));
        await times.CorrectReportAsync(JobFloor.Sue, new CorrectReport(report, 8, 0, 0, "counted again"));

        Assert.Equal(8, (await Floor.JobAsync(jobs[JobFloor.Pack]))!.Good);
        Assert.Equal(3, await Floor.CountAsync("job_reports WHERE job_id = " + jobs[JobFloor.Pack]));
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'InProgress' AND completed_at IS NULL"));
        Assert.Equal("job.report_corrected", await CodeAsync(() => times.CorrectReportAsync(JobFloor.Sue, new CorrectReport(report, 9, 0, 0, "again"))));
    }

    [Fact]
    public async Task A_forgotten_tap_ends_at_the_last_evidence_and_waits_for_a_word()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));   // 07:00 in the plant, early shift to 14:00
        Floor.Pms.Clock.Advance(TimeSpan.FromHours(5));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 30));
        var taps = Floor.Pms.Get<ForgottenTaps>();
        Floor.Pms.Clock.Advance(TimeSpan.FromHours(2) + TimeSpan.FromMinutes(20));
        Assert.Equal(0, await taps.SweepAsync());
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(15));

        Assert.True(await taps.SweepAsync() > 0);

        Assert.Equal((JobStatus.Paused, PauseCause.AutoClosed), ((await Floor.JobAsync(job))!.Status, (await Floor.JobAsync(job))!.PauseCause!.Value));
        Assert.Equal(1, await Floor.CountAsync("work_times WHERE state = 'ToConfirm' AND ended_at - started_at = 18000000"));
        Assert.Equal(1, await Floor.CountAsync("machine_runs WHERE state = 'ToConfirm' AND kind = 'Run' AND ended_at - started_at = 18000000"));
        Assert.Equal(0, await Floor.CountAsync("presences WHERE ended_at IS NULL"));
        var mine = (await Floor.Pms.Get<TimeService>().ToConfirmAsync(JobFloor.Ann)).First(i => i.Stream == TimeStream.Work);
        await Floor.Pms.Get<TimeService>().ConfirmAsync(JobFloor.Ann, new ConfirmTime(TimeStream.Work, mine.Id, mine.EndedAt!.Value.AddHours(1)));
        Assert.Equal(1, await Floor.CountAsync("work_times WHERE state = 'Closed' AND replaces_id IS NOT NULL AND ended_at - started_at = 21600000"));
        Assert.Equal(1, await Floor.CountAsync("work_times WHERE state = 'Superseded'"));
    }

    [Fact]
    public async Task What_waits_for_a_word_is_told_to_the_department_it_belongs_to_and_to_the_person()
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        // Lent: the work is one department's, the presence the other's.
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO employee_departments (employee_id, department_id) VALUES (9, 1)"));
        await Floor.Pms.Get<Rights>().LoadAsync();
        var told = new ConcurrentQueue<TimeChanged>();
        using var listening = Floor.Pms.Get<IEventBus>().Subscribe<TimeChanged>(_ => true, told.Enqueue);
        await Jobs.StartAsync(JobFloor.Far, new StartJob(job));
        await Eventually.TrueAsync(() => told.TryDequeue(out _), "that she clocked in is told");
        Floor.Pms.Clock.Advance(TimeSpan.FromHours(8));

        await Floor.Pms.Get<ForgottenTaps>().SweepAsync();

        await Eventually.TrueAsync(() => told.Count == 2, "both departments are told");
        Assert.Equal([JobFloor.Department, JobFloor.OtherDepartment], told.Select(e => e.DepartmentId));
        Assert.Equal(9, told.Last().EmployeeId);
        Assert.Equal(1, await Floor.CountAsync("work_times WHERE state = 'ToConfirm'"));
    }

    [Fact]
    public async Task Clocking_out_pauses_what_nobody_else_works_on()
    {
        var (alone, shared) = ((await Floor.OrderAsync())[JobFloor.Cut], (await Floor.OrderAsync(machine: 2))[JobFloor.Cut]);
        var times = Floor.Pms.Get<TimeService>();
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(alone));
        await Jobs.StartAsync(JobFloor.Ben, new StartJob(shared));

        Assert.Equal(1, (await times.ClockOutAsync(JobFloor.Ann, new ClockOut("needle is new"), "out")).JobsPaused);
        Assert.Equal(1, (await times.ClockOutAsync(JobFloor.Ann, new ClockOut("needle is new"), "out")).JobsPaused);

        Assert.Equal((PauseCause.NoOperator, "needle is new"), ((await Floor.JobAsync(alone))!.PauseCause, (await Floor.JobAsync(alone))!.Note));
        Assert.Equal(JobStatus.Running, (await Floor.JobAsync(shared))!.Status);
        Assert.Equal("time.not_in", await CodeAsync(() => times.ClockOutAsync(JobFloor.Ann, new ClockOut())));
    }
}
