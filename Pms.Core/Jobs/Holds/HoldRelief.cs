using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Holds;

/// <summary>
/// Gives the slots of what is on hold back to the plan: after the grace by itself, or when a planner says so. Jobs that nobody began leave the plan, so that their
/// steps need pieces again; their rows keep the old places, which are offered when the hold is lifted. What runs or is paused keeps its load.
/// </summary>
public sealed class HoldRelief(HoldRepository holds, JobRepository jobs, OrderQueries orders, OrderProgress progress, Commands commands, AuditLog audit, Rights rights, PlantClock clock, LiveSettings live)
{
    public async Task<bool> IsDueAsync(CancellationToken ct) => (await holds.KeptSinceAsync(clock.Now - live.Now.HoldGrace, ct)).Count > 0;

    /// <summary>Frees what is held longer than the grace.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        foreach (var id in await holds.KeptSinceAsync(clock.Now - live.Now.HoldGrace, ct))
        {
            try
            {
                await FreeAsync(Actor.System("planning"), id, ct: ct);
            }
            catch (Exception e) when (e is RuleException or ConflictException)
            {
                continue;   // lifted, or freed by somebody, a moment ago
            }
        }
    }

    /// <summary>Frees the slots of an open hold now; answers how many jobs left the plan.</summary>
    /// <exception cref="RuleException">hold.not_open · hold.freed.</exception>
    public Task<int> FreeAsync(Actor actor, long holdId, string? key = null, CancellationToken ct = default) => commands.RunAsync(actor, "hold.free", key, new { holdId }, async tx =>
    {
        var hold = await holds.FindAsync(holdId, ct) ?? throw new NotFoundException("hold", holdId);
        var place = await holds.PlaceAsync(new OpenHoldRequest(hold.OrderId, hold.Kind, "", false, null, hold.ItemId, hold.StepId, hold.JobId), ct);
        rights.Demand(actor, Permissions.HoldsEdit, place?.DepartmentId);
        if (hold.State != HoldState.Open)
            throw new RuleException("hold.not_open", place?.OrderNumber);
        if (hold.FreedAt is { } freed)
            throw new RuleException("hold.freed", place?.OrderNumber, freed);
        var open = await jobs.OpenOfItemsAsync(hold.OrderId, hold.ItemId, ct);
        var idle = open.Where(j => hold.Covers(j) && j is { Status: JobStatus.Planned, StartedAt: null, Made: 0 }).ToList();
        holds.Free(tx, hold, clock.Now);
        if (idle.Count > 0)
        {
            var order = await orders.DetailAsync(hold.OrderId, ct) ?? throw new NotFoundException("order", hold.OrderId);
            var after = order.Items.ToDictionary(i => i.Id, i => StatusOf(i, [.. idle.Where(j => j.ItemId == i.Id)]));
            var whole = OrderService.Of(after.Values);
            await progress.MoveManyAsync(tx, [.. order.Items.Where(i => idle.Any(j => j.ItemId == i.Id))
                .Select(i => new ItemMove(new(hold.OrderId, order.Order.Status, order.Order.Version, i.Id, i.Status, i.Version), after[i.Id], whole))]);
            foreach (var job in idle)
            {
                jobs.Free(tx, job, hold.Id);
                audit.Write(tx, actor, "job.free", "job", job.Id, AuditLog.Diff(job, job with { Status = JobStatus.Cancelled }), job.DepartmentId, hold.Note);
                tx.Raise(new JobChanged(job.Id, job.OrderId, job.DepartmentId, job.MachineId, job.MachineId, job.EmployeeId, job.EmployeeId, "freed"));
            }
        }
        audit.Write(tx, actor, "hold.free", "hold", hold.Id, new Dictionary<string, object?[]> { ["Jobs"] = [null, idle.Count] }, place?.DepartmentId);
        tx.Raise(new HoldChanged(hold.Id, hold.OrderId));
        tx.Raise(new OrderChanged(hold.OrderId));
        return idle.Count;
    }, ct);

    /// <summary>The jobs that a hold took out of the plan, or would take out, by their start.</summary>
    internal async Task<IReadOnlyList<Job>> SlotsAsync(Hold hold, CancellationToken ct) => hold.FreedAt is not null ? await jobs.FreedAsync(hold.OrderId, hold.Id, ct)
        : [.. (await jobs.OpenOfItemsAsync(hold.OrderId, hold.ItemId, ct)).Where(j => hold.Covers(j) && j is { Status: JobStatus.Planned, StartedAt: null, Made: 0 }).OrderBy(j => j.PlannedStart).ThenBy(j => j.Id)];

    private static OrderStatus StatusOf(OrderDetail.Item item, IReadOnlyList<Job> freed)
    {
        if (freed.Count == 0)
            return item.Status;
        var flow = new ItemFlow(item.Quantity, [.. item.Steps.Select(s => s.Flow).Select(s => s with
        {
            OpenRest = s.OpenRest - freed.Where(j => j.StepId == s.Id).Sum(j => j.Rest), OpenJobs = s.OpenJobs - freed.Count(j => j.StepId == s.Id),
        })], item.Decimals);
        return flow.Steps.Any(s => s.StartedJobs > 0) ? OrderStatus.InProgress : flow.IsPlanned ? OrderStatus.Scheduled : OrderStatus.Unscheduled;
    }
}
