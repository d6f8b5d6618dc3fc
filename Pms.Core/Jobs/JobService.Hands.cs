using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Jobs;

// Where work changes hands: taken over, given back, left.
public sealed partial class JobService
{
    /// <summary>The colleague goes on where the other stops: labour changes hands at one instant, the machine runs on.</summary>
    public Task<JobResult> TakeOverAsync(Actor actor, TakeOverJob request, string? key = null, CancellationToken ct = default)
    {
        DemandIncrements(request.Good, request.Scrap, 0, request.ScrapReasonId, none: true);
        return TapAsync(actor, "take_over", request.JobId, null, request, key, null, async (tx, tap) =>
        {
            var s = tap.S;
            JobRules.DemandStatus(s, JobStatus.Running);
            if (s.Person is not { Active: true })
                throw new RuleException("job.no_employee");
            if (s.JobWork.Any(w => w.EmployeeId == tap.Worker))
                throw new RuleException("job.already_yours", s.Place.OrderNumber);
            if (s.Job.Locked && s.Job.EmployeeId is { } owner && owner != tap.Worker)
                throw new RuleException("job.locked", s.Place.OrderNumber);
            if (s.FreePersonSlot is not { } slot)
                throw new RuleException("job.person_busy", s.Person.Name, s.PersonWork[0].OrderNumber, s.PersonWork[0].Machine, s.PersonWork[0].StartedAt);
            DemandNotBeforeClocks(tap);

            // What was made so far is the other's.
            var after = s.Job;
            if (request.Good + request.Scrap > 0)
                after = await CountAsync(tx, tap with { Worker = s.JobWork is [var other, ..] ? other.EmployeeId : s.Job.OperatorId },
                    new(request.Good, request.Scrap, 0, request.ScrapReasonId, null, request.Reason), ct);
            foreach (var work in s.JobWork)
                times.CloseWork(tx, work.Id, tap.At);
            if (after.Phase != s.Job.Phase && s.JobRun is { } setup)
            {
                // The count ended the set-up: the machine makes pieces from now on, too.
                times.CloseRun(tx, setup.Id, tap.At);
                times.OpenRun(tx, after, setup.Slot, MachineTimeKind.Run, tap.At);
            }
            after = after with
            {
                OperatorId = tap.Worker, Note = request.Note is null ? after.Note : Text.Clean(request.Note), WasMachineId = s.Job.MachineId, WasOperatorId = s.Job.OperatorId, WasNote = s.Job.Note, WasPhase = s.Job.Phase,
            };
            times.OpenWork(tx, after, tap.Worker!.Value, slot, after.Phase == JobPhase.Setup ? WorkTimeKind.Setup : WorkTimeKind.Run, tap.At);
            BeHere(tx, s.Person, tap.At);
            return Save(tx, tap, after, JobAction.TakeOver, names: (s.JobWork is [var left, ..] ? left.Name : null, s.Person.Name));
        }, ct);
    }

    /// <summary>The taker's time never was; whoever worked until then works on as if it had not changed hands, if nobody used their slots since.</summary>
    private async Task<JobResult> UndoTakeOverAsync(Tx tx, Tap tap, DateTimeOffset when, CancellationToken ct)
    {
        var (job, s) = (tap.Job, tap.S);
        JobRules.DemandStatus(s, JobStatus.Running);
        var before = await times.WorkEndedAsync(job.Id, when, ct);
        if (before.Count == 0 && s.Machine is not { Unattended: true })
            throw new RuleException("job.undo_built_on", s.Place.OrderNumber);   // their time was corrected since
        var after = await CounterAsync(tx, tap, job, when, ct);
        after = after with { Phase = job.WasPhase, OperatorId = job.WasOperatorId, Note = job.WasNote };
        foreach (var work in s.JobWork)
            times.CloseWork(tx, work.Id, tap.Now, IntervalState.Void);
        if (after.Phase != job.Phase && s.JobRun is { } run)
        {
            times.CloseRun(tx, run.Id, tap.Now, IntervalState.Void);
            times.OpenRun(tx, after, run.Slot, MachineTimeKind.Setup, when);
        }
        string? back = null;
        foreach (var worked in before)
        {
            var theirs = await situations.ReadAsync(job.Id, null, worked.EmployeeId, ct);
            if (theirs?.Person is not { Active: true, ClockedIn: true } person)
                throw new RuleException("job.undo_gone", s.Place.OrderNumber, theirs?.Person?.Name);
            if (theirs.FreePersonSlot is not { } slot)
                throw new RuleException("job.person_busy", person.Name, theirs.PersonWork[0].OrderNumber, theirs.PersonWork[0].Machine, theirs.PersonWork[0].StartedAt);
            if (await jobs.LastEndAsync(null, null, person.Id, slot, when - live.Now.EarlierByAnyone, ct) is { } used && used > when)
                throw new RuleException("job.undo_gone", s.Place.OrderNumber, person.Name);
            times.OpenWork(tx, after, person.Id, slot, after.Phase == JobPhase.Setup ? WorkTimeKind.Setup : WorkTimeKind.Run, when);
            BeHere(tx, person, when);
            back ??= person.Name;
        }
        return Save(tx, tap, after, null, verb: "undo_takeover", names: (s.JobWork is [var taker, ..] ? taker.Name : null, back));
    }

    /// <summary>
    /// One person leaves inside another command's transaction; true where that paused the job. The last one leaving pauses it with cause NoOperator, unless
    /// its machine runs unattended. Always writes the job, so that two who leave in the same moment can't each take the other for the one who stays.
    /// </summary>
    /// <param name="note">To whoever takes the job up; shown on its card.</param>
    internal async Task<bool> LeaveWithinAsync(Tx tx, Actor actor, long jobId, long employeeId, DateTimeOffset at, string? note, CancellationToken ct)
    {
        var s = await situations.ReadGoingAsync(jobId, ct);
        if (s?.JobWork.FirstOrDefault(w => w.EmployeeId == employeeId) is not { } mine)
            return false;
        var others = s.JobWork.Where(w => w.EmployeeId != employeeId).ToList();
        if (others.Count == 0 && s.Machine is not { Unattended: true })
            return await PauseWithinAsync(tx, actor, jobId, PauseCause.NoOperator, at, note: note, ct: ct);
        var tap = new Tap(actor, s.Job.OperatorId, s, at, clock.Now);
        times.CloseWork(tx, mine.Id, at < mine.StartedAt ? mine.StartedAt : at);
        var after = s.Job with { OperatorId = others is [var next, ..] && s.Job.OperatorId == employeeId ? next.EmployeeId : s.Job.OperatorId, Note = note ?? s.Job.Note };
        // Their own last tap can't be taken back any more by who has gone; another's can.
        Save(tx, s.Job.LastActionBy == employeeId ? tap : AsBefore(tap), after, s.Job.LastActionBy == employeeId ? null : s.Job.LastAction, verb: "leave");
        return false;
    }
}
