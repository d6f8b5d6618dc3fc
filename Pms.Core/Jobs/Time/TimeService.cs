using System.Data.Common;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Jobs.Time;

/// <summary>Clock-in and -out, and the Supervisor's care of recorded time: confirm, correct by counter-entry, approve and lock a shift.</summary>
public sealed class TimeService(Commands commands, TimeRepository times, JobRepository jobRows, JobService jobs, AuditLog audit, Rights rights, Calendars calendars, PlantClock clock)
{
    /// <summary>Begins the acting person's presence.</summary>
    public Task<TimeResult> ClockInAsync(Actor actor, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "time.clock_in", key, new { }, async tx =>
        {
            var person = await PersonAsync(actor, ct);
            if (person.PresenceId is not null)
                throw new RuleException("time.already_in", person.Name, person.Since);
            times.OpenPresence(tx, person.Id, person.DepartmentId, clock.Now);
            audit.Write(tx, actor, "time.clock_in", "employee", person.Id, departmentId: person.DepartmentId);
            tx.Raise(new TimeChanged(person.Id, person.DepartmentId));
            return new TimeResult(person.Id, true);
        }, ct);

    /// <summary>
    /// Ends the acting person's presence and labour. A job nobody else works on pauses with cause NoOperator, unless its machine runs unattended.
    /// </summary>
    public Task<TimeResult> ClockOutAsync(Actor actor, ClockOut request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "time.clock_out", key, request, async tx =>
        {
            var person = await PersonAsync(actor, ct);
            if (person.PresenceId is not { } presence)
                throw new RuleException("time.not_in", person.Name);
            var open = await times.OpenLabourAsync(person.Id, ct);
            // Not before it began: a clock that was set back keeps nobody here.
            var now = open.Select(l => l.StartedAt).Append(person.Since ?? clock.Now).Append(clock.Now).Max();
            var note = Text.OrNull(request.Note);
            if (note?.Length > 500)
                throw new InvalidException("Note", "too_long", 500);
            var paused = 0;
            foreach (var labour in open)
            {
                if (labour.JobId is not { } job)
                    times.Close(tx, TimeStream.Work, labour.Id, now, IntervalState.Closed);
                else if (await jobs.LeaveWithinAsync(tx, actor, job, person.Id, now, note, ct))
                    paused++;
            }
            times.Close(tx, TimeStream.Presence, presence, now, IntervalState.Closed);
            if (await times.WorksAsync(tx, person.Id))
                throw new StaleException(0, 1);   // begun in the same moment: it ends too
            audit.Write(tx, actor, "time.clock_out", "employee", person.Id, departmentId: person.DepartmentId, reason: note);
            tx.Raise(new TimeChanged(person.Id, person.DepartmentId));
            return new TimeResult(person.Id, false, paused);
        }, ct);

    /// <summary>Since when the acting person is here; null when not clocked in.</summary>
    public async Task<DateTimeOffset?> PresentSinceAsync(Actor actor, CancellationToken ct = default) => (await PersonAsync(actor, ct)).Since;

    /// <summary>Intervals closed by the system that wait for a word: the actor's departments, or the actor's own.</summary>
    public async Task<IReadOnlyList<Interval>> ToConfirmAsync(Actor actor, CancellationToken ct = default)
    {
        var all = await times.ToConfirmAsync(ct);
        return [.. all.Where(i => i.EmployeeId is { } e && e == actor.EmployeeId || rights.Allows(actor, Permissions.TimeConfirm, i.DepartmentId))];
    }

    public static ListShape Shape(TimeStream stream) => TimeRepository.Shape(stream);

    /// <summary>What was recorded in the departments whose times the actor looks after.</summary>
    public Task<Page<Interval>> ListAsync(Actor actor, TimeStream stream, PageRequest request, CancellationToken ct = default) =>
        times.PageAsync(stream, request, rights.DemandDepartments(actor, Permissions.TimeConfirm), ct);

    /// <summary>All intervals of a job, the superseded and void ones too.</summary>
    public async Task<IReadOnlyList<Interval>> OfJobAsync(Actor actor, long jobId, CancellationToken ct = default)
    {
        var job = await jobRows.FindAsync(jobId, ct) ?? throw new NotFoundException("job", jobId);
        rights.Demand(actor, Permissions.JobsView, job.DepartmentId);
        return await times.OfJobAsync(jobId, ct);
    }

    /// <summary>Confirms an interval as it is or with its real end; its own person may, or whoever has <c>time.confirm</c>.</summary>
    public Task<TimeResult> ConfirmAsync(Actor actor, ConfirmTime request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "time.confirm", key, request, async tx =>
        {
            var interval = await times.FindAsync(request.Stream, request.Id, ct) ?? throw new NotFoundException("interval", request.Id);
            var own = interval.EmployeeId is not null && interval.EmployeeId == actor.EmployeeId;
            rights.Demand(actor, own ? Permissions.TimeClock : Permissions.TimeConfirm, interval.DepartmentId);
            if (interval.State != IntervalState.ToConfirm)
                throw new RuleException("time.not_to_confirm", interval.State);
            if (request.EndedAt is { } end && end != interval.EndedAt)
                await ReplaceAsync(tx, interval, interval.StartedAt, end);
            else
                times.SetState(tx, interval, IntervalState.Closed);
            return Done(tx, actor, interval, "time.confirm", request.EndedAt, null);
        }, ct);

    /// <summary>Corrects a closed interval by a counter-entry. A locked one needs <c>time.unlock</c>.</summary>
    public Task<TimeResult> CorrectAsync(Actor actor, CorrectTime request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "time.correct", key, request, async tx =>
        {
            var reason = DemandReason(request.Reason);
            var interval = await times.FindAsync(request.Stream, request.Id, ct) ?? throw new NotFoundException("interval", request.Id);
            rights.Demand(actor, Permissions.JobsCorrect, interval.DepartmentId);
            if (interval.State == IntervalState.Locked)
                rights.Demand(actor, Permissions.TimeUnlock, interval.DepartmentId);
            else if (interval.State is not (IntervalState.Closed or IntervalState.ToConfirm))
                throw new RuleException("time.not_correctable", interval.State);
            await ReplaceAsync(tx, interval, request.StartedAt, request.EndedAt);
            return Done(tx, actor, interval, "time.correct", request.EndedAt, reason);
        }, ct);

    /// <summary>Takes a report back by its negative and enters the right one, in the same shift. After approval it needs <c>time.unlock</c>.</summary>
    public Task<JobResult> CorrectReportAsync(Actor actor, CorrectReport request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "job.correct_report", key, request, async tx =>
        {
            var reason = DemandReason(request.Reason);
            if (request.Good < 0 || request.Scrap < 0 || request.Rework < 0)
                throw new InvalidException("Good", "not_positive");
            if (Math.Max(request.Good, Math.Max(request.Scrap, request.Rework)) > JobService.MostPerReport)
                throw new InvalidException("Good", "too_large", JobService.MostPerReport);
            var report = await times.FindReportAsync(request.ReportId, ct) ?? throw new NotFoundException("report", request.ReportId);
            var job = await jobRows.FindAsync(report.JobId, ct) ?? throw new NotFoundException("job", report.JobId);
            rights.Demand(actor, Permissions.JobsCorrect, job.DepartmentId);
            if (report.CorrectsId is not null && report.Good + report.Scrap + report.Rework < 0 || await times.IsCorrectedAsync(report.Id, ct))
                throw new RuleException("job.report_corrected");
            var day = calendars.Now.ProductionDay(job.DepartmentId, report.MachineId, report.At);
            var shift = calendars.Now.ShiftAt(job.DepartmentId, report.MachineId, report.At)?.ShiftId;
            if (shift is { } s && await times.IsApprovedAsync(job.DepartmentId, day, s, ct))
                rights.Demand(actor, Permissions.TimeUnlock, job.DepartmentId);
            return await jobs.CorrectWithinAsync(tx, actor, report, request, day, shift, reason, ct);
        }, ct);

    /// <summary>Approves a shift that is over and has nothing left to confirm; its intervals are locked.</summary>
    public async Task<TimeResult> ApproveShiftAsync(Actor actor, ApproveShift request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.TimeApprove, request.DepartmentId);
        var window = calendars.Now.ShiftsOf(request.DepartmentId, null, request.Day).FirstOrDefault(s => s.ShiftId == request.ShiftId) ?? throw new NotFoundException("shift", request.ShiftId);
        try
        {
            return await commands.RunAsync(actor, "time.approve", key, request, async tx =>
            {
                if (window.End > clock.Now)
                    throw new RuleException("time.shift_not_over", window.Name, window.End);
                if (await times.UnclearAsync(request.DepartmentId, window.Start, window.End, ct) is > 0 and var open)
                    throw new RuleException("time.shift_unclear", window.Name, open);
                times.InsertApproval(tx, request, clock.Now, actor.Name);
                var locked = await times.LockAsync(tx, request.DepartmentId, window.Start, window.End);
                audit.Write(tx, actor, "time.approve", "department", request.DepartmentId, new Dictionary<string, object?[]> { ["Shift"] = [null, $"{request.Day:yyyy-MM-dd} {window.Name}"], ["Locked"] = [null, locked] }, request.DepartmentId);
                tx.Raise(new TimeChanged(0, request.DepartmentId));
                return new TimeResult(0, false);
            }, ct);
        }
        catch (DbException e) when (commands.IsDuplicate(e, "shift_approvals"))
        {
            throw new RuleException("time.shift_approved", window.Name);
        }
    }

    private async Task ReplaceAsync(Tx tx, Interval interval, DateTimeOffset from, DateTimeOffset to)
    {
        if (to < from)
            throw new InvalidException("EndedAt", "before_start");
        if (to > clock.Now)
            throw new InvalidException("EndedAt", "in_the_future");
        if (to - from > TimeSpan.FromHours(24))
            throw new InvalidException("EndedAt", "too_long_time", 24);
        times.SetState(tx, interval, IntervalState.Superseded);
        times.InsertCorrected(tx, interval, from, to);
        if (await times.OverlapsAsync(tx, interval, from, to))
            throw new RuleException("time.overlaps", from, to);
    }

    private TimeResult Done(Tx tx, Actor actor, Interval i, string action, DateTimeOffset? end, string? reason)
    {
        audit.Write(tx, actor, action, i.Stream.ToString().ToLowerInvariant() + "_time", i.Id,
            new Dictionary<string, object?[]> { ["EndedAt"] = [i.EndedAt?.ToString("u"), (end ?? i.EndedAt)?.ToString("u")], ["State"] = [i.State.ToString(), "Closed"] }, i.DepartmentId, reason);
        tx.Raise(new TimeChanged(i.EmployeeId ?? 0, i.DepartmentId));
        return new TimeResult(i.EmployeeId ?? 0, false);
    }

    private static string DemandReason(string? reason)
    {
        var clean = Text.Clean(reason);
        return clean.Length switch { 0 => throw new InvalidException("Reason", "needed"), > 500 => throw new InvalidException("Reason", "too_long", 500), _ => clean };
    }

    private async Task<PresentPerson> PersonAsync(Actor actor, CancellationToken ct)
    {
        var id = Me(actor) ?? throw new RuleException("job.no_employee");
        var person = await times.FindPersonAsync(id, ct);
        if (person is not { Active: true })
            throw new RuleException("job.no_employee");
        rights.Demand(actor, Permissions.TimeClock, person.DepartmentId);
        if (actor.ForEmployeeId is not null && actor.ForEmployeeId != actor.EmployeeId)
            rights.Demand(actor, Permissions.JobsActFor, person.DepartmentId);
        return person;
    }

    private static long? Me(Actor actor) => actor.ForEmployeeId ?? actor.EmployeeId;
}
