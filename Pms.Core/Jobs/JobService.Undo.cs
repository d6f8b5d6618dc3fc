using Pms.Core.Data;
using Pms.Core.Orders;

namespace Pms.Core.Jobs;

// Taking back one's own last action. Nothing is deleted: intervals become Void, quantities get counter-entries.
public sealed partial class JobService
{
    /// <summary>Takes back the last action on the job, if it was one's own, within the time that the settings give, and nothing builds on it.</summary>
    public Task<JobResult> UndoAsync(Actor actor, UndoJob request, string? key = null, CancellationToken ct = default) =>
        TapAsync(actor, "undo", request.JobId, null, request, key, null, async (tx, tap) =>
        {
            var job = tap.Job;
            if (job.LastAction is null || job.LastActionAt is not { } when)
                throw new RuleException("job.undo_nothing", tap.S.Place.OrderNumber);
            if (job.LastActionBy != tap.Worker)
                throw new RuleException("job.undo_not_yours", tap.S.Place.OrderNumber);
            if (tap.Now - when > live.Now.Undo)
                throw new RuleException("job.undo_too_late", live.Now.Undo.TotalMinutes);
            if (tap.S.Place.OrderStatus == OrderStatus.Closed)
                throw new RuleException("job.order_completed", tap.S.Place.OrderNumber);
            if (job.LastAction == JobAction.TakeOver)
                return await UndoTakeOverAsync(tx, tap, when, ct);
            var after = job.LastAction switch
            {
                JobAction.Start => await UndoStartAsync(tx, tap, when, ct),
                JobAction.RunNow => UndoRunNow(tx, tap),
                JobAction.Resume => await UndoResumeAsync(tx, tap, ct),
                JobAction.Pause => await UndoPauseAsync(tx, tap, ct),
                JobAction.Report => await UndoReportAsync(tx, tap, when, ct),
                JobAction.Finish => await UndoFinishAsync(tx, tap, when, ct),
                _ => throw new RuleException("job.undo_nothing", tap.S.Place.OrderNumber),
            };
            return Save(tx, tap, after, null, verb: "undo_" + job.LastAction.Value.ToString().ToLowerInvariant());
        }, ct);

    /// <summary>
    /// A Supervisor's correction inside another command's transaction: the counter-entry, the right entry, the job's sums, and the item's and
    /// order's status where they follow differently now. A closed order's quantities are locked.
    /// </summary>
    internal async Task<JobResult> CorrectWithinAsync(Tx tx, Actor actor, JobReport wrong, Time.CorrectReport right, DateOnly day, long? shift, string reason, CancellationToken ct)
    {
        var s = await situations.ReadAsync(wrong.JobId, null, null, ct) ?? throw new NotFoundException("job", wrong.JobId);
        if (s.Place.OrderStatus is OrderStatus.Closed or OrderStatus.Cancelled)
            throw new RuleException("job.order_completed", s.Place.OrderNumber);
        DemandDecimals("Good", right.Good, s.Place.Decimals);
        DemandDecimals("Scrap", right.Scrap, s.Place.Decimals);
        DemandDecimals("Rework", right.Rework, s.Place.Decimals);
        var (job, step) = (s.Job, s.Step);
        if (right.ScrapReasonId is { } reasonId && await situations.FindReasonAsync(reasonId, "Scrap", job.DepartmentId, ct) is null)
            throw new InvalidException(nameof(right.ScrapReasonId), "unknown_reason", reasonId);
        jobs.Report(tx, job, wrong with { Good = -wrong.Good, Scrap = -wrong.Scrap, Rework = -wrong.Rework, CorrectsId = wrong.Id }, day, shift);
        if (right.Good + right.Scrap + right.Rework > 0)
            jobs.Report(tx, job, wrong with { Good = right.Good, Scrap = right.Scrap, Rework = right.Rework, ScrapReasonId = right.ScrapReasonId ?? wrong.ScrapReasonId, CorrectsId = wrong.Id }, day, shift);
        var after = job with { Good = job.Good - wrong.Good + right.Good, Scrap = job.Scrap - wrong.Scrap + right.Scrap, Rework = job.Rework - wrong.Rework + right.Rework };
        var now = clock.Now;
        var tap = new Tap(actor, Worker(actor), s, now, now);
        var flow = s.Flow.With(s.Place.ItemQuantity, step with { Good = step.Good - job.Good + after.Good, OpenRest = step.OpenRest - job.Rest + after.Rest }, s.Place.Decimals);
        await DeriveAsync(tx, tap, flow, started: true, ct, serialise: true);
        return Save(tx, tap, after, null, reason, "correct_report");
    }

    private async Task<Job> UndoStartAsync(Tx tx, Tap tap, DateTimeOffset when, CancellationToken ct)
    {
        // A report since would be the last action. What was made before the job went back to the planner stays, and so does its first start.
        JobRules.DemandStatus(tap.S, JobStatus.Running);
        var began = tap.S.JobWork.Select(w => (DateTimeOffset?)w.StartedAt).Append(tap.S.JobRun?.StartedAt).Min();
        var first = tap.Job.StartedAt < began || tap.Job.Made > 0 ? tap.Job.StartedAt : null;
        StopVoid(tx, tap);
        var others = tap.S.Flow.Steps.Sum(s => s.StartedJobs) - (first is null ? 1 : 0);
        await DeriveAsync(tx, tap, tap.S.Flow, started: others > 0, ct);
        return tap.Job with
        {
            Status = JobStatus.Planned, Phase = null, StartedAt = first, MachineId = tap.Job.WasMachineId, OperatorId = tap.Job.WasOperatorId,
            ReleasedAt = tap.Job.ReleasedAt == when && tap.Job.Kind != JobKind.Manual ? null : tap.Job.ReleasedAt,   // the start itself had released it
        };
    }

    private Job UndoRunNow(Tx tx, Tap tap)
    {
        JobRules.DemandStatus(tap.S, JobStatus.Running);
        var after = tap.Job with { Phase = JobPhase.Setup };
        SwitchClocks(tx, tap, after, tap.S.JobRun?.StartedAt ?? tap.S.JobWork[0].StartedAt, IntervalState.Void);
        return after;
    }

    private async Task<Job> UndoResumeAsync(Tx tx, Tap tap, CancellationToken ct)
    {
        JobRules.DemandStatus(tap.S, JobStatus.Running);
        StopVoid(tx, tap);
        var since = tap.S.JobRun?.StartedAt ?? tap.S.JobWork[0].StartedAt;
        var reason = tap.Job.PauseReasonId is { } id ? await situations.FindReasonAsync(id, "Stop", tap.Job.DepartmentId, ct) : null;
        var after = tap.Job with { Status = JobStatus.Paused, PausedAt = since, MachineId = tap.Job.WasMachineId, OperatorId = tap.Job.WasOperatorId };
        if (after.MachineId is not null)
            times.OpenRun(tx, after, null, MachineTimeKind.Stop, since, reason?.Id, reason?.KpiClass);
        return after;
    }

    private async Task<Job> UndoPauseAsync(Tx tx, Tap tap, CancellationToken ct)
    {
        JobRules.DemandStatus(tap.S, JobStatus.Paused);
        JobRules.DemandCanRun(tap.S, tap.Worker);
        var since = tap.Job.PausedAt!.Value;
        // The clock runs on from the pause as if it had not been, if the slots were not used for something else since.
        await DemandFreeSinceAsync(tap with { At = since }, ct);
        var after = tap.Job with { Status = JobStatus.Running, PausedAt = null, PauseReasonId = null, PauseCause = null };
        if (tap.Job.PauseCause == PauseCause.MoreToCome)
            after = await CounterAsync(tx, tap, after, since, ct);
        if (tap.S.JobRun is { } stop)
            times.CloseRun(tx, stop.Id, tap.Now, IntervalState.Void);
        DemandMachineAsRead(tx, tap.S);
        if (tap.S.Machine is not null)
            times.OpenRun(tx, after, tap.S.FreeMachineSlot, after.Phase == JobPhase.Setup ? MachineTimeKind.Setup : MachineTimeKind.Run, since);
        times.OpenWork(tx, after, tap.Worker!.Value, tap.S.FreePersonSlot!.Value, after.Phase == JobPhase.Setup ? WorkTimeKind.Setup : WorkTimeKind.Run, since);
        BeHere(tx, tap.S.Person!, tap.Now);   // who clocked out meanwhile is back
        return after;
    }

    private async Task<Job> UndoReportAsync(Tx tx, Tap tap, DateTimeOffset when, CancellationToken ct)
    {
        JobRules.DemandStatus(tap.S, JobStatus.Running, JobStatus.Paused);
        var after = (await CounterAsync(tx, tap, tap.Job, when, ct)) with { Phase = tap.Job.WasPhase };
        // The count had ended the set-up; it goes on as if it had not.
        if (after.Phase != tap.Job.Phase && after.Status == JobStatus.Running)
            SwitchClocks(tx, tap, after, when, IntervalState.Void);
        return after;
    }

    private async Task<Job> UndoFinishAsync(Tx tx, Tap tap, DateTimeOffset when, CancellationToken ct)
    {
        JobRules.DemandStatus(tap.S, JobStatus.Finished);
        var since = tap.Job.FinishedAt!.Value;
        var after = await CounterAsync(tx, tap, tap.Job, since, ct);
        after = after with { Status = JobStatus.Paused, PausedAt = since, PauseReasonId = null, PauseCause = PauseCause.Reopened, FinishedAt = null, Finish = null, Phase = JobPhase.Run };
        if (after.MachineId is not null)
            times.OpenRun(tx, after, null, MachineTimeKind.Stop, since);
        var step = tap.S.Step;
        await DeriveAsync(tx, tap, tap.S.Flow.With(tap.S.Place.ItemQuantity, step with { Good = step.Good - tap.Job.Good + after.Good, OpenRest = step.OpenRest + after.Rest, OpenJobs = step.OpenJobs + 1 }, tap.S.Place.Decimals),
            started: true, ct, serialise: true);
        if (tap.S.Place.ItemStatus == OrderStatus.Completed)
            await holds.RestoreAsync(tx, tap.Actor, tap.Job.OrderId, tap.S.Place.OrderNumber, tap.Job.ItemId, when, ct);
        return after;
    }

    private void StopVoid(Tx tx, Tap tap)
    {
        if (tap.S.JobRun is { } run)
            times.CloseRun(tx, run.Id, tap.Now, IntervalState.Void);
        foreach (var work in tap.S.JobWork)
            times.CloseWork(tx, work.Id, tap.Now, IntervalState.Void);
    }

    /// <summary>Counter-entries for what was reported at that instant, in the shift it was reported in.</summary>
    private async Task<Job> CounterAsync(Tx tx, Tap tap, Job job, DateTimeOffset at, CancellationToken ct)
    {
        var reports = await jobs.ReportsAtAsync(job.Id, at, ct);
        if (reports.Count == 0)
            return job;
        var good = reports.Sum(r => r.Good);
        var flow = tap.S.Flow.With(tap.S.Place.ItemQuantity, tap.S.Step with { Good = tap.S.Step.Good - good }, tap.S.Place.Decimals);
        if (tap.S.Flow.Followers(job.StepId).Any(f => flow.Available(f.Id) < 0 && tap.S.Flow.Available(f.Id) >= 0))
            throw new RuleException("job.undo_built_on", tap.S.Place.OrderNumber);
        foreach (var r in reports)
        {
            var shift = calendars.Now.ShiftAt(job.DepartmentId, r.MachineId, r.At);
            jobs.Report(tx, job, r with { Good = -r.Good, Scrap = -r.Scrap, Rework = -r.Rework, CorrectsId = r.Id }, calendars.Now.ProductionDay(job.DepartmentId, r.MachineId, r.At), shift?.ShiftId);
        }
        return job with { Good = job.Good - good, Scrap = job.Scrap - reports.Sum(r => r.Scrap), Rework = job.Rework - reports.Sum(r => r.Rework) };
    }
}
