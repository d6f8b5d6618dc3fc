using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;

namespace Pms.Core.Jobs.Time;

/// <summary>
/// The forgotten tap: what is still open when its shift has been over for the grace, with no sign of life since, is closed at the last
/// evidence and marked to confirm. Nothing open may overlap every later shift.
/// </summary>
public sealed class ForgottenTaps(Db db, TimeRepository times, JobService jobs, AuditLog audit, Calendars calendars, PlantClock clock, LiveSettings live)
{
    /// <summary>How long before their shift people clock in.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromHours(1);

    private static readonly Actor System = Actor.System("forgotten taps", Channel.Scheduler);

    /// <summary>Closes what was forgotten; returns how many intervals. Safe to run again and on several nodes at once.</summary>
    public async Task<int> SweepAsync(CancellationToken ct = default)
    {
        var (now, grace) = (clock.Now, live.Now.ForgottenGrace);
        var closed = 0;
        var pausedJobs = new HashSet<long>();
        foreach (var open in await times.OpenBeforeAsync(now - grace, ct))
        {
            // A tap after the shift's end is overtime: the next limit counts from there.
            // Who clocks in shortly before a shift is there for that one, not for the one that is about to end.
            var end = ShiftEnd(open, open.Stream == TimeStream.Presence ? open.StartedAt + Early : open.StartedAt);
            if (open.Evidence is { } overtime && overtime > end)
                end = ShiftEnd(open, overtime);
            if (end + grace > now)
                continue;
            // Last evidence within the interval, else the end of the shift.
            var at = open.Evidence is { } seen && seen > open.StartedAt ? seen : end;
            if (open.Stream == TimeStream.Machine && open.Kind == nameof(MachineTimeKind.Stop))
                await CloseAsync(open, end, IntervalState.Closed, ct);   // the job stays paused; its machine is free of it
            else if (open.JobId is { } job && open.Stream != TimeStream.Presence)
            {
                if (!pausedJobs.Add(job))
                    continue;
                await db.InTransactionAsync(async tx =>
                {
                    await jobs.PauseWithinAsync(tx, System, job, PauseCause.AutoClosed, at, state: IntervalState.ToConfirm, ct: ct);
                    tx.Raise(new TimeChanged(open.EmployeeId ?? 0, open.DepartmentId));   // a time waits to be confirmed
                }, ct);
            }
            else
                await CloseAsync(open, open.Evidence > open.StartedAt ? Later(at, end) : end, IntervalState.ToConfirm, ct);
            closed++;
        }
        return closed;
    }

    /// <summary>The end of the shift in which it began, or of the next one if it began before its shift.</summary>
    private DateTimeOffset ShiftEnd(OpenInterval open, DateTimeOffset since)
    {
        var calendar = calendars.Now;
        return calendar.ShiftAt(open.DepartmentId, open.MachineId, since)?.End
            ?? calendar.Shifts(open.DepartmentId, open.MachineId, since, since.AddHours(12)).Select(s => (DateTimeOffset?)s.End).FirstOrDefault()
            ?? since.AddHours(12);
    }

    private Task CloseAsync(OpenInterval open, DateTimeOffset at, IntervalState state, CancellationToken ct) => db.InTransactionAsync(tx =>
    {
        times.Close(tx, open.Stream, open.Id, at, state);
        audit.Write(tx, System, "time.auto_close", open.Stream.ToString().ToLowerInvariant() + "_time", open.Id,
            new Dictionary<string, object?[]> { ["EndedAt"] = [null, at.ToString("u")], ["State"] = ["Open", state.ToString()] }, open.DepartmentId);
        tx.Raise(new TimeChanged(open.EmployeeId ?? 0, open.DepartmentId));
        return Task.CompletedTask;
    }, ct);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
