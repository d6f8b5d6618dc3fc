using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>A job as a lower quantity would leave it; <see cref="Planned"/> 0: it would be cancelled.</summary>
public sealed record CutJob(long JobId, string Stage, JobStatus Status, DateTimeOffset PlannedStart, decimal Was, decimal Planned);

/// <summary>What saving an item's quantity would do; shown before it is done.</summary>
public sealed record QuantityPreview(IReadOnlyList<CutJob> Jobs, IReadOnlyList<StepSurplus> Surplus, OrderStatus Status);

/// <summary>
/// Saves an order's item together with its jobs: a lower quantity shrinks or cancels them in the same transaction, last first, and pieces made beyond it get a
/// disposition. Everything else is the orders' own.
/// </summary>
public sealed class ItemService(OrderService orders, JobRepository jobs, HoldClosing holds, Commands commands, AuditLog audit, Rights rights, Calendars calendars, PlantClock clock)
{
    /// <exception cref="InvalidException">Surplus: more is made than the new quantity, and nothing says where the pieces go.</exception>
    /// <exception cref="RuleException">order.surplus_gone: pieces went elsewhere when it was lowered, so more of it is a new item. And those of <see cref="OrderService.SaveItemAsync"/>.</exception>
    public async Task<OrderItem> SaveAsync(Actor actor, OrderItem item, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        var (meant, stored) = await orders.MeantAsync(actor, item, ct);
        if (stored is null || stored.ProductId != meant.ProductId || meant.Quantity == stored.Quantity)
            return await orders.SaveItemAsync(actor, item, ct);
        if (meant.Quantity > stored.Quantity)
        {
            if ((await orders.WholeAsync(actor, item.OrderId, ct)).Items.First(i => i.Id == item.Id).Surpluses is { Count: > 0 } gone)
                throw new RuleException("order.surplus_gone", gone.Sum(s => s.Quantity), stored.Line);
            return await orders.SaveItemAsync(actor, item, ct);
        }
        await commands.RunAsync(actor, "order_item.save", actor.CommandKey, item, async tx =>
        {
            item = meant;
            // First what guards the rest: whatever changes after it is seen when the item is written.
            var versions = await jobs.VersionsOfItemAsync(item.Id, ct);
            var detail = await orders.WholeAsync(actor, item.OrderId, ct);
            var row = detail.Items.FirstOrDefault(i => i.Id == item.Id) ?? throw new NotFoundException("order_item", item.Id);
            var change = new QuantityChange(row, item.Quantity, await jobs.OpenOfItemsAsync(item.OrderId, item.Id, ct));
            var whole = await orders.LowerWithinAsync(tx, actor, detail, item, change.Status, versions, change.Surplus, ct);
            foreach (var cut in change.Cuts)
                Cut(tx, actor, cut);
            if (change.Status == OrderStatus.Completed)
                await holds.VoidAsync(tx, actor, item.OrderId, detail.Order.Number, whole == OrderStatus.Completed ? null : item.Id, ct: ct);
            return item.Id;
        }, ct);
        return await orders.ItemAsync(actor, item.OrderId, item.Id, ct);
    }

    /// <summary>What saving this quantity would do to the item's jobs and pieces; nothing is written.</summary>
    public async Task<QuantityPreview> PreviewAsync(Actor actor, long orderId, long itemId, decimal quantity, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        var seen = (await orders.GetAsync(actor, orderId, ct)).Items.FirstOrDefault(i => i.Id == itemId) ?? throw new NotFoundException("order_item", itemId);
        if (quantity <= 0 || quantity >= seen.Quantity)   // also where the quantity is hidden, and so none
            return new([], [], seen.Status);
        var row = (await orders.WholeAsync(actor, orderId, ct)).Items.First(i => i.Id == itemId);
        var change = new QuantityChange(row, quantity, await jobs.OpenOfItemsAsync(orderId, itemId, ct));
        return new([.. change.Cuts.Select(c => new CutJob(c.Job.Id, c.Stage, c.Job.Status, c.Job.PlannedStart, c.Job.Planned, c.Planned))], change.Surplus, change.Status);
    }

    /// <summary>Never later than it was; where no working time is left in the calendar, as it was.</summary>
    private DateTimeOffset EndOf(Job job)
    {
        var minutes = (double)(job.SetupMinutes + (job.RunMinutes ?? 0) * job.Rest);
        try
        {
            var end = calendars.Now.AddWorking(job.DepartmentId, job.MachineId, job.PlannedStart, TimeSpan.FromMinutes(Math.Min(minutes, 60 * 24 * 60)));
            return end < job.PlannedEnd ? end : job.PlannedEnd;
        }
        catch (RuleException none) when (none.Code == "calendar.no_working_time")
        {
            return job.PlannedEnd;
        }
    }

    private void Cut(Tx tx, Actor actor, JobCut cut)
    {
        var job = cut.Job;
        var after = cut is { Worked: false, Planned: 0 } ? job with { Status = JobStatus.Cancelled }
            : cut.Ends ? job with { Planned = cut.Planned, Status = JobStatus.Finished, FinishedAt = clock.Now, Finish = JobFinish.Complete, LastAction = null }
            : job with { Planned = cut.Planned };
        if (after is { Status: JobStatus.Planned })
            after = after with { PlannedEnd = EndOf(after) };
        jobs.Update(tx, job, after);
        var what = after.Status switch { JobStatus.Cancelled => "cancel", JobStatus.Finished => "end", _ => "shrink" };
        audit.Write(tx, actor, "job." + what, "job", job.Id, AuditLog.Diff(job, after), job.DepartmentId);
        tx.Raise(new JobChanged(job.Id, job.OrderId, job.DepartmentId, job.MachineId, job.MachineId, job.EmployeeId, job.EmployeeId, what));
    }
}
