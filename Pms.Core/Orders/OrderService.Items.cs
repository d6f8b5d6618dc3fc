using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Products;

namespace Pms.Core.Orders;

// Items and their paths, after the order was made.
public sealed partial class OrderService
{
    /// <summary>
    /// Adds an item (id 0) with the path of its product, or changes one. The line stays; the product, and with it the path, may change until something
    /// is planned. A lower quantity of planned work goes through the service that brings the jobs along.
    /// </summary>
    /// <exception cref="RuleException">order.not_open · order.closed · order.product_planned · order.quantity_planned: less than before while jobs are there.</exception>
    /// <exception cref="InvalidException">Reason: a completed item is raised, and nothing says why.</exception>
    public async Task<OrderItem> SaveItemAsync(Actor actor, OrderItem item, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        item = await fields.FilledAsync(actor, item, () => orders.FindItemAsync(item.Id, ct));
        new OrderItemValidator().Demand(item);
        var order = await orders.FindAsync(item.OrderId, ct) ?? throw new NotFoundException(Entity, item.OrderId);
        var stored = item.Id == 0 ? null : await orders.FindItemAsync(item.Id, ct) ?? throw new NotFoundException(ItemEntity, item.Id);
        var swapped = stored is not null && stored.ProductId != item.ProductId;
        // A completed item begins again where more of it is wanted; closed is closed.
        var again = stored is { Status: OrderStatus.Completed } && !swapped && item.Quantity > stored.Quantity;
        if (order.Status == OrderStatus.Closed)
            throw new RuleException("order.closed", order.Number);
        if (!again || order.Status != OrderStatus.Completed)
            DemandOpen(order);
        if (again && Text.Clean(item.Reason).Length is 0 or > 500)
            throw new InvalidException(nameof(OrderItem.Reason), "needed");
        var (after, path) = await PrepareAsync(actor, item, "", ct, chosen: stored is null || swapped);
        if (stored is not null)
            after = after with { Status = Reopened(stored, after), Line = stored.Line };
        else if (after.Line == 0)
            after = after with { Line = (await orders.ItemsAsync(order.Id, ct)).Select(i => i.Line).DefaultIfEmpty(0).Max() / 10 * 10 + 10 };
        var planned = stored is not null && (swapped || after.Quantity < stored.Quantity) && await orders.HasJobsAsync(item.Id, ct);
        var old = swapped ? await orders.StepsAsync(item.Id, ct) : [];
        var id = await changes.SaveAsync(actor, new SaveOf<OrderItem>
        {
            Entity = ItemEntity,
            After = after,
            Unique = ("order_items", nameof(OrderItem.Line)),
            Reason = again ? Text.Clean(item.Reason) : null,
            Find = () => orders.FindItemAsync(after.Id, ct),
            Decide = before =>
            {
                if (before.OrderId != after.OrderId)
                    throw new NotFoundException(ItemEntity, after.Id);
                if (before.Status is OrderStatus.Completed && !again || before.Status is OrderStatus.Cancelled)
                    throw new RuleException("order.item_not_open", before.Line, order.Number);
                fields.Demand(actor, before, after);
                if (swapped && planned)
                    throw new RuleException("order.product_planned", before.Line);
                if (planned && after.Quantity < before.Quantity)
                    throw new RuleException("order.quantity_planned", before.Line, order.Number);
            },
            Insert = async tx =>
            {
                // A new item is new need: an order that was planned through is not any more.
                if (order.Status == OrderStatus.Scheduled)
                    orders.Update(tx, order with { Status = OrderStatus.Unscheduled });
                return await orders.InsertItemAsync(tx, after with { Status = OrderStatus.Unscheduled }, path);
            },
            Update = async (tx, before) =>
            {
                orders.UpdateItem(tx, before, after);
                if (after.Quantity > before.Quantity)
                    await orders.WithdrawShortOfItemAsync(tx, after.Id);
                if (swapped)
                    orders.ReplaceSteps(tx, after, old.Count, path);
                if (after.Status != before.Status && order.Status == OrderStatus.Scheduled)
                    orders.Update(tx, order with { Status = OrderStatus.Unscheduled });
                else if (again && order.Status == OrderStatus.Completed)
                    orders.SetStatus(tx, order.Id, order.Version, OrderStatus.InProgress, null);
            },
            Raise = (_, _) => [new OrderChanged(order.Id)],
        }, ct);
        return fields.Masked(actor, (await orders.FindItemAsync(id, ct))!);
    }

    /// <summary>The path an item of this product would get now.</summary>
    public async Task<IReadOnlyList<OrderStep>> ProductPathAsync(Actor actor, long productId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        if (fields.Of(actor, ItemEntity)?.MayHide(OrderFields.Path) == true || fields.Of(actor, "product")?.MayHide(nameof(Product.Steps)) == true)
            return [];
        return (await PrepareAsync(actor, new OrderItem { ProductId = productId, Quantity = 1 }, "", ct, chosen: false)).Path;
    }

    /// <summary>Brings the path of an item to what is wanted; departments follow from the stages, the statuses from the new path.</summary>
    /// <exception cref="RuleException">order.path_started · order.path_order · order.path_planned: see <see cref="PathChange"/>. order.path_nothing_left.</exception>
    /// <exception cref="ConflictException">Somebody changed the item since it was read.</exception>
    public async Task SetPathAsync(Actor actor, SetPath request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        new SetPathValidator().Demand(request);
        var stages = (await departments.AllStagesAsync(actor, ct)).ToDictionary(s => s.Id);
        var off = await queries.OffAsync([.. request.Steps.Select(s => s.StageId).Distinct()], ct);
        var path = request.Steps.Select((s, i) => stages.TryGetValue(s.StageId, out var stage)
            ? s with { Position = i + 1, DepartmentId = stage.DepartmentId, Parallel = i > 0 && s.Parallel }
            : throw new InvalidException($"{nameof(SetPath.Steps)}[{i}].{nameof(OrderStep.StageId)}", "unknown_value")).ToList();
        await db.InTransactionAsync(async tx =>
        {
            var item = await orders.FindItemAsync(request.ItemId, ct) ?? throw new NotFoundException(ItemEntity, request.ItemId);
            fields.DemandField(actor, item, OrderFields.Path);
            var detail = (await queries.DetailAsync(item.OrderId, ct))!;
            DemandOpen(detail.Order);
            if (item.Status is OrderStatus.Completed or OrderStatus.Cancelled)
                throw new RuleException("order.item_not_open", item.Line, detail.Order.Number);
            if (item.Version != request.Version)
                throw await changes.ChangedAsync(ItemEntity, item.Id, ct);
            var row = detail.Items.First(i => i.Id == item.Id);
            // What lies in the path already may stay there, so that the rest of it can be changed.
            if (path.FindIndex(s => off.Contains(s.StageId) && !row.Steps.Any(x => x.Id == s.Id && x.StageId == s.StageId)) is >= 0 and var at)
                throw new InvalidException($"{nameof(SetPath.Steps)}[{at}].{nameof(OrderStep.StageId)}", "stage_not_active");
            var flow = new PathChange(row.Steps, path).Flow(item.Quantity, row.Decimals);
            var status = row.Steps.Any(s => s.StartedJobs > 0) ? OrderStatus.InProgress : flow.IsPlanned ? OrderStatus.Scheduled : OrderStatus.Unscheduled;
            var before = await orders.StepsAsync(item.Id, ct);
            await orders.ChangeStepsAsync(tx, item, status, row.Steps.Sum(s => s.OpenJobs), row.Steps.Sum(s => s.StartedJobs), before, path);
            if (Of(detail.Items.Select(i => i.Id == item.Id ? status : i.Status)) is var whole && whole != detail.Order.Status)
                orders.Update(tx, detail.Order with { Status = whole });
            audit.Write(tx, actor, "order_item.path", ItemEntity, item.Id, new Dictionary<string, object?[]> { ["Steps"] = [before, path] });
            tx.Raise(new OrderChanged(item.OrderId));
        }, ct);
    }

    /// <summary>
    /// Takes items out of the order inside another command's transaction, which has ended their jobs. The order's status follows from what is left;
    /// the other items are touched, so that a finish in flight on them reckons with it.
    /// </summary>
    /// <param name="made">Pieces made of each item; above 0 a disposition is needed.</param>
    /// <returns>The order's status from now on.</returns>
    public async Task<OrderStatus> CancelWithinAsync(Tx tx, Actor actor, OrderDetail detail, IReadOnlyDictionary<long, decimal> made, Disposition? disposition, string reason, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersCancel);
        DemandOpen(detail.Order);
        foreach (var item in await orders.ItemsAsync(detail.Order.Id, ct))
        {
            if (!made.TryGetValue(item.Id, out var pieces))
            {
                orders.Touch(tx, item);
                continue;
            }
            if (item.Status is OrderStatus.Completed or OrderStatus.Cancelled)
                throw new RuleException("order.item_not_open", item.Line, detail.Order.Number);
            if (pieces > 0 && disposition is null)
                throw new InvalidException(nameof(Disposition), "needed");
            orders.CancelItem(tx, item, pieces, pieces > 0 ? disposition : null, reason, clock.Now, actor.Name);
            audit.Write(tx, actor, "order_item.cancel", ItemEntity, item.Id, new Dictionary<string, object?[]>
            {
                ["Status"] = [item.Status, OrderStatus.Cancelled], ["Made"] = [null, pieces], ["Disposition"] = [null, pieces > 0 ? disposition : null],
            }, reason: reason);
        }
        var status = Of(detail.Items.Select(i => made.ContainsKey(i.Id) ? OrderStatus.Cancelled : i.Status));
        if (status != detail.Order.Status)
        {
            orders.SetStatus(tx, detail.Order.Id, detail.Order.Version, status, status == OrderStatus.Completed ? clock.Now : null);
            audit.Write(tx, actor, status == OrderStatus.Cancelled ? "order.cancel" : "order.update", Entity, detail.Order.Id, new Dictionary<string, object?[]> { ["Status"] = [detail.Order.Status, status] }, reason: reason);
        }
        tx.Raise(new OrderChanged(detail.Order.Id));
        return status;
    }

    /// <summary>The item as the person means it: what is hidden from them is as it is stored. Null with it where it is new.</summary>
    internal async Task<(OrderItem Meant, OrderItem? Stored)> MeantAsync(Actor actor, OrderItem item, CancellationToken ct)
    {
        var stored = item.Id == 0 ? null : await orders.FindItemAsync(item.Id, ct) is { } found && found.OrderId == item.OrderId ? found : throw new NotFoundException(ItemEntity, item.Id);
        return (stored is null ? item : fields.Filled(actor, stored, item), stored);
    }

    /// <summary>
    /// Lowers an item's quantity inside another command's transaction, which brings its jobs along. Holds only while the item is as the person saw it and its jobs
    /// as they were read: <paramref name="jobs"/> is the sum of their versions.
    /// </summary>
    /// <param name="status">What follows for the item.</param>
    /// <param name="surplus">Pieces made that it needs no more, by step; they go where <see cref="OrderItem.Surplus"/> says.</param>
    /// <returns>The order's status from now on.</returns>
    /// <exception cref="InvalidException">Surplus: pieces are left over and nothing says where they go.</exception>
    internal async Task<OrderStatus> LowerWithinAsync(Tx tx, Actor actor, OrderDetail detail, OrderItem item, OrderStatus status, long jobs, IReadOnlyList<StepSurplus> surplus, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        new OrderItemValidator().Demand(item);
        DemandOpen(detail.Order);
        var before = await orders.FindItemAsync(item.Id, ct) ?? throw new NotFoundException(ItemEntity, item.Id);
        if (before.Version != item.Version)
            throw await changes.ChangedAsync(ItemEntity, item.Id, ct);
        if (before.Status is OrderStatus.Completed or OrderStatus.Cancelled)
            throw new RuleException("order.item_not_open", before.Line, detail.Order.Number);
        fields.Demand(actor, before, item with { Line = before.Line, Status = before.Status });
        if (surplus.Count > 0 && item.Surplus is null)
            throw new InvalidException(nameof(OrderItem.Surplus), "needed");
        var after = (await PrepareAsync(actor, item, "", ct, chosen: false)).Item with { Line = before.Line, Status = status };
        orders.UpdateItem(tx, before, after);
        orders.DemandJobs(tx, before.Id, jobs);
        foreach (var left in surplus)
            orders.InsertSurplus(tx, before.Id, left, item.Surplus!.Value, clock.Now, actor.Name);
        var diff = AuditLog.Diff(before, after);
        if (surplus.Count > 0)
            diff["Surplus"] = [null, $"{string.Join(", ", surplus.Select(l => $"{l.Stage}: {l.Quantity:0.######}"))} → {item.Surplus}"];
        audit.Write(tx, actor, "order_item.update", ItemEntity, before.Id, diff);
        var whole = Of(detail.Items.Select(i => i.Id == item.Id ? status : i.Status));
        // The order is written in any case, so that two items that end at the same moment can't each believe the other still open.
        orders.SetStatus(tx, detail.Order.Id, detail.Order.Version, whole, whole == OrderStatus.Completed ? clock.Now : null);
        tx.Raise(new OrderChanged(detail.Order.Id));
        return whole;
    }

    /// <summary>An order's status as its items make it: cancelled ones don't count while another is left.</summary>
    internal static OrderStatus Of(IEnumerable<OrderStatus> items)
    {
        var left = items.Where(s => s != OrderStatus.Cancelled).ToList();
        return left.Count == 0 ? OrderStatus.Cancelled
            : left.All(s => s == OrderStatus.Completed) ? OrderStatus.Completed
            : left.Any(s => s is OrderStatus.InProgress or OrderStatus.Completed) ? OrderStatus.InProgress
            : left.All(s => s == OrderStatus.Scheduled) ? OrderStatus.Scheduled : OrderStatus.Unscheduled;
    }

    private static OrderStatus Reopened(OrderItem stored, OrderItem after) =>
        after.Quantity <= stored.Quantity ? stored.Status : stored.Status switch { OrderStatus.Scheduled => OrderStatus.Unscheduled, OrderStatus.Completed => OrderStatus.InProgress, var same => same };
}
