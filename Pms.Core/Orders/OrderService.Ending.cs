using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;

namespace Pms.Core.Orders;

// The end of an order, and taking it back.
public sealed partial class OrderService
{
    /// <summary>
    /// Puts a cancelled item, or all of an order, back; the statuses follow from what was made. Its jobs were cancelled and must be planned anew. Pieces that went into
    /// stock come back; where they went anywhere else they are gone, and more of it is a new item.
    /// </summary>
    /// <exception cref="RuleException">order.closed · order.not_cancelled · order.item_not_cancelled · order.pieces_gone.</exception>
    public Task ReopenAsync(Actor actor, ReopenItems request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersReopen);
        var reason = Text.Clean(request.Reason);
        if (reason.Length is 0 or > 500)
            throw reason.Length == 0 ? new InvalidException(nameof(request.Reason), "needed") : new InvalidException(nameof(request.Reason), "too_long", 500);
        return commands.RunAsync(actor, "order.reopen", key, request, async tx =>
        {
            var items = await orders.ItemsAsync(request.OrderId, ct);   // their versions guard what is read after them
            var detail = await WholeAsync(actor, request.OrderId, ct);
            var order = detail.Order;
            if (order.Status == OrderStatus.Closed)
                throw new RuleException("order.closed", order.Number);
            var rows = detail.Items.Where(i => request.ItemId is { } one ? i.Id == one : i.Status == OrderStatus.Cancelled).ToList();
            if (rows.Count == 0)
                throw request.ItemId is { } id ? new NotFoundException(ItemEntity, id) : new RuleException("order.not_cancelled", order.Number);
            var after = new Dictionary<long, OrderStatus>();
            foreach (var row in rows)
            {
                if (row.Status != OrderStatus.Cancelled)
                    throw new RuleException("order.item_not_cancelled", row.Line, order.Number);
                if (row.Disposition is { } gone && gone != nameof(Disposition.Stock))
                    throw new RuleException("order.pieces_gone", row.Disposed, row.Line, order.Number);
                var flow = row.Flow();
                var status = after[row.Id] = flow.IsDone ? OrderStatus.Completed : row.Steps.Any(s => s.StartedJobs > 0) ? OrderStatus.InProgress : OrderStatus.Unscheduled;
                orders.ReopenItem(tx, items.First(i => i.Id == row.Id), status);
                if (row.Disposition is not null)
                    orders.TakeDispositionBack(tx, row.Id);
                audit.Write(tx, actor, "order_item.reopen", ItemEntity, row.Id, new Dictionary<string, object?[]>
                {
                    ["Status"] = [OrderStatus.Cancelled, status], ["Disposition"] = [row.Disposition, null], ["Made"] = [row.Disposed, null],
                }, reason: reason);
            }
            // Whatever ends at this moment on the others reckons with these.
            foreach (var other in items.Where(i => !after.ContainsKey(i.Id)))
                orders.Touch(tx, other);
            var whole = Of(detail.Items.Select(i => after.GetValueOrDefault(i.Id, i.Status)));
            orders.SetStatus(tx, order.Id, order.Version, whole, whole == OrderStatus.Completed ? clock.Now : null);
            audit.Write(tx, actor, "order.reopen", Entity, order.Id, new Dictionary<string, object?[]> { ["Status"] = [order.Status, whole] }, reason: reason);
            tx.Send("order.reopened", new { orderId = order.Id, order = order.Number, by = actor.Name, reason }, clock.Now);
            tx.Raise(new OrderChanged(order.Id));
            return order.Id;
        }, ct);
    }

    /// <summary>
    /// Closes orders inside another command's transaction, all that can be; answers why the others can't. Their goods and the sums of their jobs are guarded, so that
    /// nothing is taken back or corrected at the same moment.
    /// </summary>
    internal async Task<(IReadOnlyList<long> Closed, IReadOnlyList<NotClosed> Refused)> CloseWithinAsync(Tx tx, Actor actor, IReadOnlyList<long> ids, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.OrdersClose);
        var (closed, refused) = (new List<long>(), new List<NotClosed>());
        var (found, items) = await queries.ClosingAsync(ids, ct);
        foreach (var id in ids.Distinct().Order())
        {
            if (found.FirstOrDefault(o => o.Id == id) is not { } order)
            {
                refused.Add(new(id, id.ToString(System.Globalization.CultureInfo.InvariantCulture), "order.unknown"));
                continue;
            }
            var mine = items.Where(i => i.OrderId == id).ToList();
            if (order.Status == OrderStatus.Closed)
                refused.Add(new(id, order.Number, "order.closed"));
            else if (order.Status != OrderStatus.Completed)
                refused.Add(new(id, order.Number, "order.close_not_completed"));
            else if (mine.FirstOrDefault(i => i.Rest > 0) is { } left)
                refused.Add(new(id, order.Number, "order.close_not_dispatched", left.Line, left.Rest, left.Unit));
            else
            {
                orders.Close(tx, id, order.Version, order.GoodsVersion);
                foreach (var item in mine)
                    orders.DemandJobs(tx, item.Id, item.JobVersions);
                audit.Write(tx, actor, "order.close", Entity, id, new Dictionary<string, object?[]> { ["Status"] = [OrderStatus.Completed, OrderStatus.Closed] });
                tx.Send("order.closed", new { orderId = id, order = order.Number, by = actor.Name }, clock.Now);
                tx.Raise(new OrderChanged(id));
                closed.Add(id);
            }
        }
        return (closed, refused);
    }
}
