using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Jobs.Stops;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class FaultyCallTests_on_SQLite() : FaultyCallTests(Engine.Sqlite);

public sealed class FaultyCallTests_on_MariaDB() : FaultyCallTests(Engine.MySql);

/// <summary>
/// The n-th call to the database fails, for every n of every command of the floor: nothing is half written, what holds goes on to hold,
/// and the same tap once more, under its key, does what it should have done, once.
/// </summary>
public abstract class FaultyCallTests(Engine engine)
{
    private const int MostCalls = 40;

    private static readonly string[] Tables = ["jobs", "job_reports", "machine_runs", "work_times", "presences", "audit", "outbox", "idempotency", "holds", "maintenance_tickets"];

    /// <summary>Which fault: a disk that fails before the call; a wire that breaks before it; a wire that breaks after it was obeyed.</summary>
    public enum Fault { Disk, WireBefore, WireAfter }

    private sealed record Case(Func<JobFloor, JobService, long, Task> Before, Func<TestPms, long, string, Task> Act);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["JobService.StartAsync"] = new((_, _, _) => Task.CompletedTask, (pms, job, key) => Jobs(pms).StartAsync(JobFloor.Ann, new StartJob(job), key)),
        ["JobService.RunNowAsync"] = new(StartedAsync, (pms, job, key) => Jobs(pms).RunNowAsync(JobFloor.Ann, new RunNow(job), key)),
        ["JobService.ReportAsync"] = new(StartedAsync, (pms, job, key) => Jobs(pms).ReportAsync(JobFloor.Ann, new ReportJob(job, 5, 1, ScrapReasonId: JobFloor.ScrapReason), key)),
        ["JobService.PauseAsync"] = new(StartedAsync, (pms, job, key) => Jobs(pms).PauseAsync(JobFloor.Ann, new PauseJob(job, JobFloor.StopReason), key)),
        ["JobService.SetPauseReasonAsync"] = new(PausedAsync, (pms, job, key) => Jobs(pms).SetPauseReasonAsync(JobFloor.Ann, new SetPauseReason(job, JobFloor.StopReason), key)),
        ["JobService.ResumeAsync"] = new(PausedAsync, (pms, job, key) => Jobs(pms).ResumeAsync(JobFloor.Ben, new ResumeJob(job), key)),
        ["JobService.TakeOverAsync"] = new(StartedAsync, (pms, job, key) => Jobs(pms).TakeOverAsync(JobFloor.Ben, new TakeOverJob(job, 3), key)),
        ["JobService.FinishAsync"] = new(StartedAsync, (pms, job, key) => Jobs(pms).FinishAsync(JobFloor.Ann, new FinishJob(job, 7, Answer: ShortAnswer.RestLater), key)),
        ["JobService.UndoAsync"] = new(PausedAsync, (pms, job, key) => Jobs(pms).UndoAsync(JobFloor.Ann, new UndoJob(job), key)),
        ["JobService.StartManualAsync"] = new((_, _, _) => Task.CompletedTask, async (pms, job, key) => await Jobs(pms).StartManualAsync(JobFloor.Ann, new StartManualJob((await pms.Get<JobRepository>().FindAsync(job))!.StepId, 4, 2), key)),
        ["TimeService.ClockOutAsync"] = new(StartedAsync, (pms, _, key) => pms.Get<TimeService>().ClockOutAsync(JobFloor.Ann, new ClockOut(), key)),
        ["HoldService.OpenAsync"] = new(StartedAsync, async (pms, job, key) => await pms.Get<HoldService>().OpenAsync(TestPms.System, new OpenHoldRequest((await pms.Get<JobRepository>().FindAsync(job))!.OrderId, HoldKind.Material, "short", StopNow: true), key)),
        ["JobService.EnterAsync"] = new((floor, _, _) => Later(floor, TimeSpan.FromHours(3)), (pms, job, key) => Jobs(pms).EnterAsync(JobFloor.Sue, new EnterJob(job, Now(pms).AddHours(-2), Now(pms).AddHours(-1), 3, MachineId: 3, Good: 9, Answer: ShortAnswer.RestLater), key)),
        ["TimeService.ClockInAsync"] = new((_, _, _) => Task.CompletedTask, (pms, _, key) => pms.Get<TimeService>().ClockInAsync(JobFloor.Ben, key)),
        ["TimeService.ConfirmAsync"] = new(ToConfirmAsync, async (pms, job, key) => await pms.Get<TimeService>().ConfirmAsync(JobFloor.Ann, new ConfirmTime(TimeStream.Work, await FirstAsync(pms, "work_times", job)), key)),
        ["TimeService.CorrectAsync"] = new(PausedAsync, async (pms, job, key) => await pms.Get<TimeService>().CorrectAsync(TestPms.System, new CorrectTime(TimeStream.Work, await FirstAsync(pms, "work_times", job), Now(pms).AddMinutes(-2), Now(pms).AddSeconds(-90), "went earlier"), key)),
        ["TimeService.CorrectReportAsync"] = new(ReportedAsync, async (pms, job, key) => await pms.Get<TimeService>().CorrectReportAsync(TestPms.System, new CorrectReport(await FirstAsync(pms, "job_reports", job), 4, 0, 0, "counted again"), key)),
        ["TimeService.ApproveShiftAsync"] = new((floor, _, _) => Later(floor, TimeSpan.FromDays(1)), (pms, _, key) => pms.Get<TimeService>().ApproveShiftAsync(TestPms.System, new ApproveShift(JobFloor.Department, DateOnly.FromDateTime(Now(pms).UtcDateTime).AddDays(-1), 1), key)),
        ["StopService.SetReasonAsync"] = new(PausedAsync, async (pms, job, key) => await pms.Get<StopService>().SetReasonAsync(TestPms.System, new SetStopReason(await FirstAsync(pms, "machine_runs", job, "Stop"), JobFloor.StopReason, null), key)),
        ["JobPlanningService.PlanAsync"] = new(CancelledAsync, async (pms, job, key) => await Planning(pms).PlanAsync(TestPms.System, new PlanJob(await StepAsync(pms, job), 10, Free(pms, job), MachineId: 1, Reason: "now"), key)),
        ["JobPlanningService.MoveAsync"] = new((_, _, _) => Task.CompletedTask, (pms, job, key) => Planning(pms).MoveAsync(TestPms.System, new MoveJob(job, Free(pms, job), 1, 2, "now"), key)),
        ["JobPlanningService.AssignAsync"] = new((_, _, _) => Task.CompletedTask, (pms, job, key) => Planning(pms).AssignAsync(TestPms.System, new AssignJob(job, 2, true, 1), key)),
        ["JobPlanningService.SequenceAsync"] = new((_, _, _) => Task.CompletedTask, (pms, job, key) => Planning(pms).SequenceAsync(TestPms.System, new SequenceJob(job, null, 1), key)),
        ["JobPlanningService.SplitAsync"] = new((_, _, _) => Task.CompletedTask, (pms, job, key) => Planning(pms).SplitAsync(TestPms.System, new SplitJob(job, 50, 1), key)),
        ["JobPlanningService.UnplanAsync"] = new(PausedAsync, (pms, job, key) => Planning(pms).UnplanAsync(TestPms.System, new UnplanJob(job, 3), key)),
        ["JobPlanningService.CancelAsync"] = new((_, _, _) => Task.CompletedTask, (pms, job, key) => Planning(pms).CancelAsync(TestPms.System, new CancelJob(job, "not wanted", 1), key)),
        ["JobPlanningService.AcceptShortAsync"] = new((_, _, _) => Task.CompletedTask, async (pms, job, key) => await Planning(pms).AcceptShortAsync(TestPms.System, new AcceptShort(await StepAsync(pms, job), "enough"), key)),
        ["JobPlanningService.WithdrawShortAsync"] = new(ShortAsync, async (pms, job, key) => await Planning(pms).WithdrawShortAsync(TestPms.System, new WithdrawShort(await StepAsync(pms, job), "all of them"), key)),
        ["MaintenanceService.ChangeAsync"] = new(StoodAsync, async (pms, _, key) => await pms.Get<MaintenanceService>().ChangeAsync(TestPms.System, new ChangeTicket(await TicketAsync(pms), TicketStatus.InProgress, 1, 1), key)),
        ["MaintenanceService.SetExpectedBackAsync"] = new(StoodAsync, async (pms, _, key) => await pms.Get<MaintenanceService>().SetExpectedBackAsync(TestPms.System, new SetExpectedBack(await TicketAsync(pms), Now(pms).AddHours(1), 1), key)),
        ["MaintenanceService.ReportStopAsync"] = new(StartedAsync, (pms, _, key) => pms.Get<MaintenanceService>().ReportStopAsync(JobFloor.Ann, new ReportStop(1, Stands: true), key)),
    };

    public static TheoryData<string> Commands => [.. Cases.Keys];

    [Theory, MemberData(nameof(Commands))]
    public async Task Whichever_call_fails_the_command_happens_once(string command)
    {
        await using var floor = await JobFloor.StartAsync(engine);
        WatchedDialect? watch = null;
        await using var node = await floor.Pms.AnotherNodeAsync(settings: s => s with { Dialect = watch = new(s.Dialect) });
        await node.Get<Calendars>().LoadAsync();
        var (before, act) = Cases[command];
        var faultless = await RoundAsync(floor, node, watch!, before, act, Fault.Disk, 0);

        foreach (var fault in engine == Engine.Sqlite ? [Fault.Disk] : Enum.GetValues<Fault>())   // SQLite is on no wire
            for (var n = 1; ; n++)
            {
                Assert.True(n < MostCalls, "A command takes few calls.");
                var round = await RoundAsync(floor, node, watch!, before, act, fault, n);
                Assert.True(faultless.Grown == round.Grown, $"{fault} at call {n}: {round.Grown} instead of {faultless.Grown}");
                if (round.Calls < n)
                    break;
            }
    }

    /// <summary>One new job brought to where the command begins, the command with its n-th call failing (0: none), and the same again under its key.</summary>
    private static async Task<(string Grown, int Calls)> RoundAsync(JobFloor floor, TestPms node, WatchedDialect watch, Func<JobFloor, JobService, long, Task> before, Func<TestPms, long, string, Task> act, Fault fault, int n)
    {
        var job = (await floor.OrderAsync(setupMinutes: 5))[JobFloor.Cut];
        await before(floor, floor.Jobs, job);
        floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        var (rows, key, calls, failed) = (await RowsAsync(floor), Guid.NewGuid().ToString("N"), 0, false);
        void Count(Fault when)
        {
            if ((fault == Fault.WireAfter) == (when == Fault.WireAfter) && ++calls == n)
                throw new InjectedFault(fault != Fault.Disk);
        }
        (watch.Sends, watch.Sent) = (_ => Count(Fault.WireBefore), _ => Count(Fault.WireAfter));
        try
        {
            await act(node, job, key);
        }
        catch (Exception e) when (e is InjectedFault or PmsException)
        {
            failed = true;
        }
        var reached = calls;
        (watch.Sends, watch.Sent) = (null, null);

        if (failed)
        {
            Assert.Equal(Fault.Disk, fault);   // a broken wire is nobody's business
            Assert.Equal(rows, await RowsAsync(floor));
            Assert.Empty(await floor.BrokenInvariantsAsync());
        }
        await act(node, job, key);
        Assert.Empty(await floor.BrokenInvariantsAsync());
        var grown = string.Join(", ", Tables.Zip(await RowsAsync(floor), rows).Select(t => $"{t.First} +{t.Second - t.Third}"));
        await CleanAsync(floor);
        return (grown, reached);
    }

    private static async Task<long[]> RowsAsync(JobFloor floor)
    {
        var rows = new long[Tables.Length];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = await floor.CountAsync(Tables[i]);
        return rows;
    }

    /// <summary>Everybody goes home and every machine is free for the next round.</summary>
    private static Task CleanAsync(JobFloor floor) => floor.Db.InTransactionAsync(async tx =>
    {
        var now = floor.Now;
        await tx.ExecuteAsync("UPDATE machine_runs SET ended_at = @now, state = 'Closed' WHERE ended_at IS NULL", new { now });
        await tx.ExecuteAsync("UPDATE work_times SET ended_at = @now, state = 'Closed' WHERE ended_at IS NULL", new { now });
        await tx.ExecuteAsync("UPDATE presences SET ended_at = @now, state = 'Closed' WHERE ended_at IS NULL", new { now });
        await tx.ExecuteAsync("UPDATE jobs SET status = 'Finished' WHERE status IN ('Running', 'Paused')");
        await tx.ExecuteAsync("UPDATE holds SET state = 'Lifted' WHERE state = 'Open'");
        await tx.ExecuteAsync("UPDATE maintenance_tickets SET released_at = @now, status = 'Completed' WHERE released_at IS NULL", new { now });
    });

    private static JobService Jobs(TestPms pms) => pms.Get<JobService>();

    private static Task StartedAsync(JobFloor floor, JobService jobs, long job) => jobs.StartAsync(JobFloor.Ann, new StartJob(job));

    private static async Task ReportedAsync(JobFloor floor, JobService jobs, long job)
    {
        await StartedAsync(floor, jobs, job);
        await jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 5));
    }

    private static async Task ToConfirmAsync(JobFloor floor, JobService jobs, long job)
    {
        await PausedAsync(floor, jobs, job);
        await floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE work_times SET state = 'ToConfirm' WHERE job_id = @job", new { job }));
    }

    private static Task CancelledAsync(JobFloor floor, JobService jobs, long job) => Planning(floor.Pms).CancelAsync(TestPms.System, new CancelJob(job, "again", 1));

    private static async Task ShortAsync(JobFloor floor, JobService jobs, long job) => await Planning(floor.Pms).AcceptShortAsync(TestPms.System, new AcceptShort(await StepAsync(floor.Pms, job), "enough"));

    private static Task StoodAsync(JobFloor floor, JobService jobs, long job) => floor.Pms.Get<MaintenanceService>().ReportStopAsync(JobFloor.Ann, new ReportStop(1, Stands: true));

    private static Task Later(JobFloor floor, TimeSpan by)
    {
        floor.Pms.Clock.Advance(by);
        return Task.CompletedTask;
    }

    private static JobPlanningService Planning(TestPms pms) => pms.Get<JobPlanningService>();

    private static DateTimeOffset Now(TestPms pms) => pms.Clock.GetUtcNow();

    /// <summary>A day of its own for each round's job, so that no day is full.</summary>
    private static DateTimeOffset Free(TestPms pms, long job) => Now(pms).AddDays(1 + job % 60);

    private static async Task<long> StepAsync(TestPms pms, long job) => (await pms.Get<JobRepository>().FindAsync(job))!.StepId;

    private static Task<long> FirstAsync(TestPms pms, string table, long job, string kind = "%") =>
        pms.Db.ScalarAsync<long>($"SELECT MIN(id) FROM {table} WHERE job_id = @job{(kind == "%" ? "" : " AND kind = @kind")}", new { job, kind });

    private static Task<long> TicketAsync(TestPms pms) => pms.Db.ScalarAsync<long>("SELECT MAX(id) FROM maintenance_tickets");

    private static async Task PausedAsync(JobFloor floor, JobService jobs, long job)
    {
        await StartedAsync(floor, jobs, job);
        floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
    }
}
