using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>
/// Writes many planned jobs at once inside another command's transaction, each with its audit row, outbox entry and event, and the statuses that follow.
/// What may be planned where is decided by that command, with the departments' turns in hand.
/// </summary>
public sealed class JobPlacement(JobRepository jobs, OrderProgress progress, AuditLog audit, PlantClock clock)
{
    /// <summary>The sequence of a job that is placed by its start.</summary>
    public static long SequenceAt(DateTimeOffset start) => start.ToUnixTimeMilliseconds() / 1000 * JobPlanningService.Gap;

    /// <param name="planned">At most one for a step.</param>
    /// <param name="moves">One for each item that gets jobs.</param>
    /// <returns>The jobs with their ids.</returns>
    internal async Task<IReadOnlyList<Job>> PlaceWithinAsync(Tx tx, Actor actor, IReadOnlyList<Job> planned, IReadOnlyList<ItemMove> moves)
    {
        if (planned.Count == 0)
            return [];
        var now = clock.Now;
        // First what others may have been faster at.
        await progress.MoveManyAsync(tx, moves);
        var made = await jobs.InsertManyAsync(tx, planned, now);
        await tx.BulkAsync(AuditLog.InsertSql, made.Select(j => audit.Args(actor, "job.planned", "job", j.Id, AuditLog.Diff(null, j), j.DepartmentId)));
        await tx.SendManyAsync("job.planned", made.Select(j => new { jobId = j.Id, orderId = j.OrderId, departmentId = j.DepartmentId, machineId = j.MachineId, employeeId = j.EmployeeId, by = actor.Name }), now);
        foreach (var job in made)
            tx.Raise(new JobChanged(job.Id, job.OrderId, job.DepartmentId, job.MachineId, job.MachineId, job.EmployeeId, job.EmployeeId, "planned"));
        foreach (var order in moves.Select(m => m.Before.OrderId).Distinct())
            tx.Raise(new OrderChanged(order));
        return made;
    }
}
