using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>Cancels one item of an order, or (item null) all that are still open. Pieces already made need a place to go.</summary>
public sealed record CancelItems(long OrderId, long? ItemId, string Reason, Disposition? Disposition = null);

/// <summary>
/// Cancels items of orders with their jobs: what runs must be stopped and counted first; a job without work is cancelled, one with work is finished, so
/// that its time and pieces stay; then the item is closed and its pieces get a disposition.
/// </summary>
public sealed class CancelService(OrderService orders, JobRepository jobs, TimeRepository times, HoldClosing holds, JobSituationQueries situations, Commands commands, AuditLog audit, Rights rights, PlantClock clock)
{
    /// <exception cref="RuleException">order.item_runs (stage, machine, person, since) · order.item_not_open · order.not_open.</exception>
    /// <exception cref="InvalidException">Reason or disposition is missing.</exception>
    public Task CancelAsync(Actor actor, CancelItems request, string? key = null, CancellationToken ct = default)
    {
        var reason = Text.Clean(request.Reason);
        if (reason.Length is 0 or > 500)
            throw reason.Length == 0 ? new InvalidException(nameof(request.Reason), "needed") : new InvalidException(nameof(request.Reason), "too_long", 500);
        rights.Demand(actor, Permissions.OrdersCancel);
        return commands.RunAsync(actor, "order.cancel_items", key, request, async tx =>
        {
            var detail = await orders.WholeAsync(actor, request.OrderId, ct);
            var items = detail.Items.Where(i => request.ItemId is { } one ? i.Id == one : i.IsOpen).ToList();
            if (items.Count == 0)
                throw request.ItemId is { } id ? new NotFoundException("order_item", id) : new RuleException("order.not_open", detail.Order.Number);
            foreach (var job in await jobs.OpenOfItemsAsync(request.OrderId, request.ItemId, ct))
            {
                if (job.Status == JobStatus.Running)
                    throw await RunsAsync(job, ct);
                await EndAsync(tx, actor, job, reason, ct);
            }
            var whole = await orders.CancelWithinAsync(tx, actor, detail, items.ToDictionary(i => i.Id, Made), request.Disposition, reason, ct);
            if (whole is OrderStatus.Cancelled or OrderStatus.Completed)
                await holds.VoidAsync(tx, actor, request.OrderId, detail.Order.Number, reason: reason, ct: ct);
            else
                foreach (var item in items)
                    await holds.VoidAsync(tx, actor, request.OrderId, detail.Order.Number, item.Id, reason: reason, ct: ct);
            return request.OrderId;
        }, ct);
    }

    /// <summary>Pieces of the item that are in the house: what the busiest step put out, for each step counts the same pieces again; less what went elsewhere already.</summary>
    private static decimal Made(OrderDetail.Item item) =>
        Math.Max(0, item.Steps.Select(s => s.Good + s.Rework - s.LaterRejects).DefaultIfEmpty(0).Max() - item.Surpluses.Sum(s => s.Quantity) - item.Dispatched);

    private async Task EndAsync(Tx tx, Actor actor, Job job, string reason, CancellationToken ct)
    {
        var s = await situations.ReadGoingAsync(job.Id, ct) ?? throw new NotFoundException("job", job.Id);
        var now = clock.Now;
        if (s.JobRun is { } stop)
            times.CloseRun(tx, stop.Id, now);
        foreach (var work in s.JobWork)
            times.CloseWork(tx, work.Id, now);
        var worked = job.StartedAt is not null || job.Made > 0;
        var after = job with
        {
            Status = worked ? JobStatus.Finished : JobStatus.Cancelled, Phase = null, PausedAt = null, PauseCause = null,
            FinishedAt = worked ? now : null, Finish = worked ? JobFinish.Short : null, LastAction = null,
        };
        jobs.Update(tx, job, after);
        audit.Write(tx, actor, worked ? "job.end" : "job.cancel", "job", job.Id, AuditLog.Diff(job, after), job.DepartmentId, reason);
        tx.Raise(new JobChanged(job.Id, job.OrderId, job.DepartmentId, job.MachineId, job.MachineId, job.EmployeeId, job.EmployeeId, "cancelled"));
    }

    private async Task<RuleException> RunsAsync(Job job, CancellationToken ct)
    {
        var s = await situations.ReadAsync(job.Id, null, null, ct) ?? throw new NotFoundException("job", job.Id);
        return new RuleException("order.item_runs", s.Place.Stage, s.Machine?.Number, s.JobWork is [var work, ..] ? work.Name : null, s.JobRun?.StartedAt ?? job.StartedAt);
    }
}
