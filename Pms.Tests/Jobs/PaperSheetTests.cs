using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class PaperSheetTests_on_SQLite() : PaperSheetTests(Engine.Sqlite);

public sealed class PaperSheetTests_on_MariaDB() : PaperSheetTests(Engine.MySql);

/// <summary>A job sheet entered afterwards is as if it had been tapped, but for its mark: both streams, the count, the finish, and nothing twice in one slot.</summary>
public abstract class PaperSheetTests(Engine engine) : JobFloorTests(engine)
{
    private DateTimeOffset Ago(double hours) => Floor.Now.AddHours(-hours);

    [Fact]
    public async Task A_sheet_writes_both_streams_the_count_and_the_finish_once()
    {
        var jobs = await Floor.OrderAsync(100, setupMinutes: 10);
        var job = jobs[JobFloor.Cut];
        var sheet = new EnterJob(job, Ago(3), Ago(1), 1, MachineId: 3, RunFrom: Ago(2.5), Good: 96, Scrap: 4, ScrapReasonId: JobFloor.ScrapReason);
        await Assert.ThrowsAsync<ForbiddenException>(() => Jobs.EnterAsync(JobFloor.Ann, sheet));
        Assert.Equal("job.answer_needed", await CodeAsync(() => Jobs.EnterAsync(JobFloor.Sue, sheet)));
        Assert.Equal((0, 0), (await Floor.CountAsync("machine_runs"), await Floor.CountAsync("job_reports")));

        var result = await Jobs.EnterAsync(JobFloor.Sue, sheet with { Answer = ShortAnswer.RestLater }, "sheet");
        Assert.Equal(result, await Jobs.EnterAsync(JobFloor.Sue, sheet with { Answer = ShortAnswer.RestLater }, "sheet"));

        var after = (await Floor.JobAsync(job))!;
        Assert.Equal((JobStatus.Finished, JobFinish.RestLater, 96m, 4m, 3L, 1L), (after.Status, after.Finish, after.Good, after.Scrap, after.MachineId, after.OperatorId));
        Assert.Equal((Ago(3), Ago(1), Floor.Now, "Sue Sithole"), (after.StartedAt, after.FinishedAt, after.EnteredAt, after.EnteredBy));
        Assert.Equal((1, 1), (await Floor.CountAsync("machine_runs WHERE kind = 'Setup' AND ended_at - started_at = 1800000 AND state = 'Closed'"), await Floor.CountAsync("machine_runs WHERE kind = 'Run' AND ended_at - started_at = 5400000")));
        Assert.Equal(2, await Floor.CountAsync("work_times WHERE employee_id = 1 AND machine_id = 3 AND state = 'Closed'"));
        Assert.Equal((1, 1), (await Floor.CountAsync("audit WHERE action = 'job.entered' AND changes LIKE '%Ann Arendse%'"), await Floor.CountAsync("orders WHERE status = 'InProgress'")));
        Assert.Equal("job.already_finished", await CodeAsync(() => Jobs.EnterAsync(JobFloor.Sue, sheet with { Answer = ShortAnswer.RestLater })));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task The_last_sheet_completes_the_order_and_its_pieces_belong_to_the_shift_that_ended_with_it()
    {
        var jobs = await Floor.OrderAsync(10);
        var end = TestPms.Start.AddHours(7);   // 14:00 in the plant, where the early shift ends
        Floor.Pms.Clock.Advance(TimeSpan.FromHours(9));
        var from = end.AddHours(-3);
        foreach (var stage in new[] { JobFloor.Cut, JobFloor.Sew, JobFloor.Pack })
        {
            await Jobs.EnterAsync(JobFloor.Sue, new EnterJob(jobs[stage], from, from.AddHours(1), 1, Good: 10));
            from = from.AddHours(1);
        }
        Assert.Equal(1, await Floor.CountAsync("orders WHERE status = 'Completed' AND completed_at IS NOT NULL"));
        Assert.Equal(3, await Floor.CountAsync("job_reports WHERE shift_id = 1"));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task What_can_not_have_been_is_refused()
    {
        var (first, second) = (await Floor.OrderAsync(10), await Floor.OrderAsync(10));
        var (job, other) = (first[JobFloor.Cut], second[JobFloor.Cut]);
        async Task<string> EnterAsync(EnterJob sheet) => await TryAsync(() => Jobs.EnterAsync(JobFloor.Sue, sheet));
        var good = new EnterJob(job, Ago(3), Ago(2), 1, Good: 10);
        foreach (var (sheet, field) in new[]
        {
            (good with { EndedAt = Floor.Now.AddMinutes(1) }, "EndedAt"), (good with { EndedAt = good.StartedAt }, "EndedAt"), (good with { StartedAt = Ago(30) }, "EndedAt"), (good with { RunFrom = Ago(4) }, "RunFrom"),
            (good with { EmployeeId = 999 }, "EmployeeId"), (good with { Good = -1 }, "Good"), (good with { Good = 1.5m }, "Good"), (good with { Scrap = 1 }, "ScrapReasonId"), (good with { Answer = ShortAnswer.MoreToCome }, "Answer"),
        })
            Assert.Equal(field, (await Assert.ThrowsAsync<InvalidException>(() => Jobs.EnterAsync(JobFloor.Sue, sheet))).Faults[0].Field);
        Assert.Equal("job.not_of_department", await EnterAsync(good with { EmployeeId = 9 }));
        await Assert.ThrowsAsync<ReasonNeededException>(() => Jobs.EnterAsync(JobFloor.Sue, good with { Good = 20 }));

        Assert.Equal("ok", await EnterAsync(good));
        Assert.Equal("paper.machine_taken", await EnterAsync(good with { JobId = other, EmployeeId = 2, StartedAt = Ago(2.5), EndedAt = Ago(1.5) }));
        Assert.Equal("paper.person_taken", await EnterAsync(good with { JobId = other, MachineId = 2, StartedAt = Ago(2.5), EndedAt = Ago(1.5) }));
        Assert.Equal("job.on_hold", await CodeAsync(async () =>
        {
            var hold = await Floor.Pms.Get<HoldService>().OpenAsync(TestPms.System, new OpenHoldRequest((await Floor.JobAsync(other))!.OrderId, HoldKind.Material, "no thread", false));
            await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE holds SET opened_at = @at WHERE id = @hold", new { at = Ago(5), hold }));
            await Jobs.EnterAsync(JobFloor.Sue, good with { JobId = other, MachineId = 2, EmployeeId = 2 });
        }));
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE holds SET state = 'Lifted'"));
        // What runs right now takes its slot from its start on.
        await Jobs.StartAsync(JobFloor.Ben, new StartJob(first[JobFloor.Sew], MachineId: 4));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("paper.person_taken", await EnterAsync(good with { JobId = other, EmployeeId = 2, StartedAt = Ago(0.25), EndedAt = Floor.Now }));
        await Floor.Pms.Get<MaintenanceService>().ReportStopAsync(JobFloor.Ann, new ReportStop(2, Stands: true));
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("paper.machine_stood", await EnterAsync(good with { JobId = other, MachineId = 2, StartedAt = Ago(0.25), EndedAt = Floor.Now }));
        Assert.Equal("ok", await EnterAsync(good with { JobId = other, MachineId = 2, StartedAt = Ago(2), EndedAt = Ago(1.5) }));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task Two_sheets_for_one_machine_or_person_in_the_same_moment_are_one_in_the_slot()
    {
        for (var round = 0; round < 10; round++)
        {
            var jobs = new List<long>();
            for (var i = 0; i < 4; i++)
                jobs.Add((await Floor.OrderAsync(10))[JobFloor.Cut]);
            Floor.Pms.Clock.Advance(TimeSpan.FromHours(1));
            // One person on four machines, then four people… of whom two share the one machine.
            var answers = await Task.WhenAll(jobs.Select((job, i) => Task.Run(() => TryAsync(() => Jobs.EnterAsync(JobFloor.Sue,
                round % 2 == 0 ? new EnterJob(job, Ago(0.9), Ago(0.5), 3, MachineId: i + 1, Good: 10) : new EnterJob(job, Ago(0.9), Ago(0.5), i % 3 + 1, MachineId: 1, Good: 10))))));

            Assert.Equal(1, answers.Count(a => a == "ok"));
            Assert.Empty(await Floor.BrokenInvariantsAsync());
        }
    }

    [Fact]
    public async Task An_approved_shift_opens_only_to_who_may_unlock_it_and_says_why()
    {
        var job = (await Floor.OrderAsync(10))[JobFloor.Cut];
        var times = Floor.Pms.Get<TimeService>();
        var from = TestPms.Start.AddHours(1);
        Floor.Pms.Clock.Advance(TimeSpan.FromHours(10));
        await times.ApproveShiftAsync(TestPms.System, new ApproveShift(JobFloor.Department, DateOnly.FromDateTime(TestPms.Start.UtcDateTime), 1));
        var sheet = new EnterJob(job, from, from.AddHours(1), 1, Good: 10);
        await Assert.ThrowsAsync<ForbiddenException>(() => Jobs.EnterAsync(JobFloor.Sue, sheet with { Reason = "the sheet lay under the table" }));
        Assert.Equal("Reason", (await Assert.ThrowsAsync<InvalidException>(() => Jobs.EnterAsync(TestPms.System, sheet))).Faults[0].Field);
        await Jobs.EnterAsync(TestPms.System, sheet with { Reason = "the sheet lay under the table" });
        Assert.Equal(1, await Floor.CountAsync("audit WHERE action = 'job.entered' AND reason = 'the sheet lay under the table'"));
    }
}
