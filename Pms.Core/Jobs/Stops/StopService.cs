using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Jobs.Time;

namespace Pms.Core.Jobs.Stops;

/// <summary>
/// Why machines stood, said or corrected afterwards: the clock is not touched, only the reason and with it the KPI class. Two people can't overwrite each
/// other unseen, for the write holds only while the reason is the one that was seen.
/// </summary>
public sealed class StopService(StopQueries stops, JobRepository jobs, TimeRepository times, JobSituationQueries situations, Commands commands, ChangeQueries changes, AuditLog audit, Rights rights)
{
    private const string Entity = "machine_stop";

    /// <summary>The stops of a machine in a span, newest first.</summary>
    public async Task<IReadOnlyList<MachineStop>> ListAsync(Actor actor, long machineId, long departmentId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.FloorView, departmentId);
        return [.. (await stops.OfMachineAsync(machineId, from, to, ct)).Where(s => rights.Allows(actor, Permissions.FloorView, s.DepartmentId))];
    }

    /// <exception cref="ConflictException">stop.reason_changed (who, when, word): somebody gave another reason since it was read.</exception>
    /// <exception cref="InvalidException">The reason is not of the department's stops; or the shift is approved and no word says why it changes.</exception>
    public Task SetReasonAsync(Actor actor, SetStopReason request, string? key = null, CancellationToken ct = default) =>
        commands.RunAsync(actor, "stop.reason", key, request, async tx =>
        {
            var stop = await stops.FindAsync(request.StopId, ct) ?? throw new NotFoundException(Entity, request.StopId);
            rights.Demand(actor, Permissions.JobsCorrect, stop.DepartmentId);
            if (stop.State is IntervalState.Superseded or IntervalState.Void)
                throw new NotFoundException(Entity, request.StopId);
            if (stop.State == IntervalState.Locked)
            {
                rights.Demand(actor, Permissions.TimeUnlock, stop.DepartmentId);
                if (string.IsNullOrWhiteSpace(request.Why))
                    throw new InvalidException(nameof(SetStopReason.Why), "needed");
            }
            var reason = await situations.FindReasonAsync(request.ReasonId, "Stop", stop.DepartmentId, ct) ?? throw new InvalidException(nameof(SetStopReason.ReasonId), "unknown_reason", request.ReasonId);
            if (stop.ReasonId == reason.Id)
                return stop.Id;
            if (stop.ReasonId != request.Was)
            {
                var last = await changes.LastAsync(Entity, stop.Id, ct) ?? await changes.LastAsync("job", stop.JobId, ct);
                throw new ConflictException("stop.reason_changed", last?.Actor, last?.At, stop.Reason);
            }
            times.CorrectStopReason(tx, stop.Id, stop.ReasonId, reason.Id, reason.KpiClass);
            var job = (await jobs.FindAsync(stop.JobId, ct))!;
            if (stop.EndedAt is null && job.Status == JobStatus.Paused)
            {
                // It still stands for this: the job's card says so, too.
                var after = job with { PauseReasonId = reason.Id };
                jobs.Update(tx, job, after);
                audit.Write(tx, actor, "job.pause_reason", "job", job.Id, AuditLog.Diff(job, after), job.DepartmentId);
            }
            audit.Write(tx, actor, "machine_stop.reason", Entity, stop.Id, new Dictionary<string, object?[]> { ["Reason"] = [stop.Reason, reason.Word] }, stop.DepartmentId, Text.OrNull(request.Why));
            tx.Raise(new JobChanged(job.Id, job.OrderId, job.DepartmentId, stop.MachineId, stop.MachineId, job.OperatorId, job.OperatorId, "pause_reason"));
            return stop.Id;
        }, ct);
}
