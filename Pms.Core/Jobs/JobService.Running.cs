using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Jobs;

// What happens to a job between its start and its finish, but for counting.
public sealed partial class JobService
{
    /// <summary>Ends the set-up: pieces are made from now on.</summary>
    public Task<JobResult> RunNowAsync(Actor actor, RunNow request, string? key = null, CancellationToken ct = default) =>
        TapAsync(actor, "run_now", request.JobId, null, request, key, request.At, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Running);
            await DemandMineAsync(tap, ct);
            if (tap.Job.Phase != JobPhase.Setup)
                throw new RuleException("job.not_in_setup", tap.S.Place.OrderNumber);
            DemandNotBeforeClocks(tap);
            var after = tap.Job with { Phase = JobPhase.Run };
            SwitchClocks(tx, tap, after, tap.At);
            return Save(tx, tap, after, JobAction.RunNow);
        }, ct, begins: false);

    /// <summary>Stops the clock at once; the reason may come with it or follow while paused.</summary>
    public Task<JobResult> PauseAsync(Actor actor, PauseJob request, string? key = null, CancellationToken ct = default) =>
        TapAsync(actor, "pause", request.JobId, null, request, key, request.At, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Running);
            await DemandMineAsync(tap, ct);
            var reason = request.ReasonId is { } id ? await DemandReasonAsync(id, "Stop", tap.Job.DepartmentId, ct) : null;
            return Save(tx, tap, Halt(tx, tap, PauseCause.Operator, reason), JobAction.Pause);
        }, ct, begins: false);

    /// <summary>Says or corrects why the job stands; the clock is not touched.</summary>
    public Task<JobResult> SetPauseReasonAsync(Actor actor, SetPauseReason request, string? key = null, CancellationToken ct = default) =>
        TapAsync(actor, "pause_reason", request.JobId, null, request, key, null, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Paused);
            var reason = (await DemandReasonAsync(request.ReasonId, "Stop", tap.Job.DepartmentId, ct))!;
            if (tap.S.JobRun is { Kind: MachineTimeKind.Stop } stop)
                times.SetStopReason(tx, stop.Id, reason.Id, reason.KpiClass);
            return Save(tx, AsBefore(tap), tap.Job with { PauseReasonId = reason.Id }, tap.Job.LastAction, verb: "pause_reason");
        }, ct);   // read as if it began: where it runs, the refusal says who works on it

    /// <summary>
    /// Pauses a running job inside another command's transaction, for a cause that is not the operator's: breakdown, hold, clock-out, forgotten tap.
    /// Does nothing where the job does not run (any more).
    /// </summary>
    /// <param name="at">When it stopped; not before its clocks began.</param>
    /// <param name="state">ToConfirm where nobody saw the end.</param>
    /// <param name="note">To whoever takes the job up; shown on its card.</param>
    public async Task<bool> PauseWithinAsync(Tx tx, Actor actor, long jobId, PauseCause cause, DateTimeOffset at, long? reasonId = null, IntervalState state = IntervalState.Closed, string? note = null, CancellationToken ct = default)
    {
        var s = await situations.ReadGoingAsync(jobId, ct);
        if (s is not { Job.Status: JobStatus.Running })
            return false;
        var reason = reasonId is { } id ? await DemandReasonAsync(id, "Stop", s.Job.DepartmentId, ct) : null;
        var began = s.JobWork.Select(w => w.StartedAt).Append(s.JobRun?.StartedAt ?? DateTimeOffset.MinValue).Max();
        var tap = new Tap(actor, s.Job.OperatorId, s, at < began ? began : at, clock.Now);
        Save(tx, tap, Halt(tx, tap, cause, reason, state, counted: note is null ? null : s.Job with { Note = note }), null, verb: "pause");
        return true;
    }

    /// <summary>For what is no action to take back: the one before stays the last, so that it can still be undone.</summary>
    private static Tap AsBefore(Tap tap) => tap with { Now = tap.Job.LastActionAt ?? tap.Now, Worker = tap.Job.LastActionBy ?? tap.Worker };

    /// <summary>Stops both clocks and opens the machine's stop interval, which holds no slot.</summary>
    private Job Halt(Tx tx, Tap tap, PauseCause cause, ReasonRow? reason, IntervalState state = IntervalState.Closed, Job? counted = null)
    {
        DemandNotBeforeClocks(tap);
        StopClocks(tx, tap, state);
        var after = (counted ?? tap.Job) with { Status = JobStatus.Paused, PausedAt = tap.At, PauseReasonId = reason?.Id, PauseCause = cause };
        if (after.MachineId is not null)
            times.OpenRun(tx, after, null, MachineTimeKind.Stop, tap.At, reason?.Id, reason?.KpiClass);
        return after;
    }

    private void StopClocks(Tx tx, Tap tap, IntervalState state = IntervalState.Closed)
    {
        if (tap.S.JobRun is { } run)
            times.CloseRun(tx, run.Id, tap.At, run.Kind == MachineTimeKind.Stop ? IntervalState.Closed : state);
        foreach (var work in tap.S.JobWork)
            times.CloseWork(tx, work.Id, tap.At, state);
    }

    /// <summary>Set-up → run or back: the same slots, new intervals from <paramref name="at"/>.</summary>
    private void SwitchClocks(Tx tx, Tap tap, Job after, DateTimeOffset at, IntervalState state = IntervalState.Closed)
    {
        var setup = after.Phase == JobPhase.Setup;
        var end = state == IntervalState.Void ? tap.Now : at;
        if (tap.S.JobRun is { } run)
        {
            times.CloseRun(tx, run.Id, end, state);
            times.OpenRun(tx, after, run.Slot, setup ? MachineTimeKind.Setup : MachineTimeKind.Run, at);
        }
        foreach (var work in tap.S.JobWork)
        {
            times.CloseWork(tx, work.Id, end, state);
            times.OpenWork(tx, after, work.EmployeeId, work.Slot!.Value, setup ? WorkTimeKind.Setup : WorkTimeKind.Run, at);
        }
    }

    /// <summary>Only who works on it, or worked last; a Supervisor who may act for others, too.</summary>
    private async Task DemandMineAsync(Tap tap, CancellationToken ct)
    {
        var mine = tap.Worker is { } me && (tap.S.JobWork.Any(w => w.EmployeeId == me) || tap.S.JobWork.Count == 0 && tap.Job.OperatorId == me);
        if (!mine && !rights.Allows(tap.Actor, Permissions.JobsActFor, tap.Job.DepartmentId))
            throw new RuleException("job.not_yours", tap.S.Place.OrderNumber, tap.S.JobWork is [var other, ..] ? await situations.NameAsync(other.EmployeeId, ct) : null);
    }

    private static void DemandNotBeforeClocks(Tap tap)
    {
        var began = tap.S.JobWork.Select(w => (DateTimeOffset?)w.StartedAt).Append(tap.S.JobRun?.StartedAt).Max();
        if (began > tap.At)
            throw new RuleException("job.before_last_action", began);
    }

    private async Task<ReasonRow> DemandReasonAsync(long id, string list, long departmentId, CancellationToken ct) =>
        await situations.FindReasonAsync(id, list, departmentId, ct) ?? throw new InvalidException("ReasonId", "unknown_reason", id);
}
