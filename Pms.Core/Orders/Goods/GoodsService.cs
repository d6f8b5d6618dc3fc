using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Orders.Goods;

/// <summary>
/// Moves an item's material and dispatches its finished pieces, in parts as they come. More than is there asks for a reason and is stored with it; a wrong
/// entry is taken back by its negative. All of one order's are decided one after the other. A closed order's goods are locked.
/// </summary>
public sealed class GoodsService(GoodsRepository goods, OrderRepository orders, OrderQueries queries, Commands commands, AuditLog audit, FieldRules fields, Rights rights, PlantClock clock)
{
    private const string Entity = "order";

    /// <summary>Every item of the order with its material, its finished pieces and their entries.</summary>
    public async Task<IReadOnlyList<ItemGoods>> OfOrderAsync(Actor actor, long orderId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        var detail = await queries.DetailAsync(orderId, ct) ?? throw new NotFoundException(Entity, orderId);
        return fields.Masked(actor, await ReadAsync(detail, ct));
    }

    /// <summary>Records a move of material.</summary>
    /// <exception cref="RuleException">order.closed.</exception>
    /// <exception cref="ReasonNeededException">goods.more_than_in_store · goods.more_than_issued.</exception>
    public Task<GoodsEntry> MoveAsync(Actor actor, long orderId, MoveMaterial request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.MaterialEdit);
        new MoveMaterialValidator().Demand(request);
        return commands.RunAsync(actor, "material.move", key, new { orderId, request }, async tx =>
        {
            var (order, item) = await BeginAsync(tx, orderId, request.ItemId, request.Quantity, ct);
            var over = request.Quantity > item.Most(request.Kind);
            DemandReason(over, request.Reason, () => new Refusal(request.Kind == MaterialKind.Returned ? "goods.more_than_issued" : "goods.more_than_in_store", request.Quantity, item.Most(request.Kind), item.Unit));
            var move = new MaterialMove
            {
                OrderId = orderId, ItemId = item.ItemId, Kind = request.Kind, Quantity = request.Quantity, Note = Text.OrNull(request.Note), OverWhy = over ? Text.OrNull(request.Reason) : null,
                At = clock.Now, ByName = actor.Name,
            };
            var id = await goods.InsertAsync(tx, move);
            return Done(tx, actor, order, item, id, "order.material_" + Verb(move.Kind), move.Quantity, move.Kind.ToString(), move.OverWhy ?? move.Note);
        }, ct);
    }

    /// <summary>Records that finished pieces left.</summary>
    /// <exception cref="RuleException">order.closed.</exception>
    /// <exception cref="ReasonNeededException">goods.more_than_there.</exception>
    public Task<GoodsEntry> DispatchAsync(Actor actor, long orderId, DispatchGoods request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DispatchEdit);
        new DispatchGoodsValidator().Demand(request);
        if (request.OnDay > clock.Today)
            throw new InvalidException(nameof(request.OnDay), "in_the_future");
        return commands.RunAsync(actor, "order.dispatch", key, new { orderId, request }, async tx =>
        {
            var (order, item) = await BeginAsync(tx, orderId, request.ItemId, request.Quantity, ct);
            var over = request.Quantity > item.There;
            DemandReason(over, request.Reason, () => new Refusal("goods.more_than_there", request.Quantity, Math.Max(0, item.There), item.Unit));
            var dispatch = new Dispatch
            {
                OrderId = orderId, ItemId = item.ItemId, Kind = request.To, Quantity = request.Quantity, OnDay = request.OnDay ?? clock.Today, Note = Text.OrNull(request.Note),
                OverWhy = over ? Text.OrNull(request.Reason) : null, At = clock.Now, ByName = actor.Name,
            };
            var id = await goods.InsertAsync(tx, dispatch);
            tx.Send("order.dispatched", new { orderId, order = order.Number, itemId = item.ItemId, dispatchId = id, kind = dispatch.Kind.ToString(), quantity = dispatch.Quantity, by = actor.Name }, clock.Now);
            return Done(tx, actor, order, item, id, "order.dispatch", dispatch.Quantity, dispatch.Kind.ToString(), dispatch.OverWhy ?? dispatch.Note);
        }, ct);
    }

    /// <summary>Takes a move of the order back.</summary>
    /// <exception cref="RuleException">order.closed · goods.taken_back.</exception>
    public Task<GoodsEntry> TakeMoveBackAsync(Actor actor, long orderId, TakeBack request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.MaterialEdit);
        var reason = DemandReason(request.Reason);
        return commands.RunAsync(actor, "material.take_back", key, new { orderId, request }, async tx =>
        {
            var move = await goods.FindMoveAsync(request.Id, ct) is { } found && found.OrderId == orderId ? found : throw new NotFoundException("material_move", request.Id);
            var (order, item) = await BeginAsync(tx, orderId, move.ItemId, 0, ct);
            DemandStands(move.CorrectsId, item.Moves.Any(m => m.CorrectsId == move.Id));
            var id = await goods.InsertAsync(tx, move with { Quantity = -move.Quantity, Note = reason, OverWhy = null, At = clock.Now, ByName = actor.Name, CorrectsId = move.Id });
            return Done(tx, actor, order, item, id, "order.material_" + Verb(move.Kind), -move.Quantity, move.Kind.ToString(), reason);
        }, ct);
    }

    /// <summary>Takes a dispatch of the order back.</summary>
    /// <exception cref="RuleException">order.closed · goods.taken_back.</exception>
    public Task<GoodsEntry> TakeDispatchBackAsync(Actor actor, long orderId, TakeBack request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DispatchEdit);
        var reason = DemandReason(request.Reason);
        return commands.RunAsync(actor, "order.dispatch_back", key, new { orderId, request }, async tx =>
        {
            var dispatch = await goods.FindDispatchAsync(request.Id, ct) is { } found && found.OrderId == orderId ? found : throw new NotFoundException("dispatch", request.Id);
            var (order, item) = await BeginAsync(tx, orderId, dispatch.ItemId, 0, ct);
            DemandStands(dispatch.CorrectsId, item.Dispatches.Any(d => d.CorrectsId == dispatch.Id));
            var id = await goods.InsertAsync(tx, dispatch with { Quantity = -dispatch.Quantity, Note = reason, OverWhy = null, At = clock.Now, ByName = actor.Name, CorrectsId = dispatch.Id });
            return Done(tx, actor, order, item, id, "order.dispatch", -dispatch.Quantity, dispatch.Kind.ToString(), reason);
        }, ct);
    }

    internal async Task<IReadOnlyList<ItemGoods>> ReadAsync(OrderDetail detail, CancellationToken ct)
    {
        var (moves, dispatches) = await goods.OfOrderAsync(detail.Order.Id, ct);
        var (moved, left) = (moves.ToLookup(m => m.ItemId), dispatches.ToLookup(d => d.ItemId));
        return [.. detail.Items.Select(i => new ItemGoods
        {
            ItemId = i.Id, Line = i.Line, ProductId = i.ProductId, Product = i.Product, Unit = i.Unit, Decimals = i.Decimals, Status = i.Status, Quantity = i.Quantity, Made = i.Finished, Left = i.FinishedElsewhere,
            Moves = [.. moved[i.Id]], Dispatches = [.. left[i.Id]],
        })];
    }

    /// <summary>First what guards the rest: whatever moves after it is seen when the entry is written.</summary>
    private async Task<(Order Order, ItemGoods Item)> BeginAsync(Tx tx, long orderId, long itemId, decimal quantity, CancellationToken ct)
    {
        var version = await orders.GoodsVersionAsync(orderId, ct) ?? throw new NotFoundException(Entity, orderId);
        var detail = await queries.DetailAsync(orderId, ct) ?? throw new NotFoundException(Entity, orderId);
        if (detail.Order.Status == OrderStatus.Closed)
            throw new RuleException("order.closed", detail.Order.Number);
        var item = (await ReadAsync(detail, ct)).FirstOrDefault(i => i.ItemId == itemId) ?? throw new NotFoundException("order_item", itemId);
        if (decimal.Round(quantity, item.Decimals) != quantity)
            throw new InvalidException("Quantity", "too_many_decimals", item.Decimals);
        orders.TouchGoods(tx, orderId, version);
        return (detail.Order, item);
    }

    private GoodsEntry Done(Tx tx, Actor actor, Order order, ItemGoods item, long id, string action, decimal quantity, string kind, string? reason)
    {
        audit.Write(tx, actor, action, Entity, order.Id, new Dictionary<string, object?[]> { ["Line"] = [null, item.Line], ["Kind"] = [null, kind], ["Moved"] = [null, quantity] }, reason: reason);
        tx.Raise(new OrderChanged(order.Id));
        return new(id, order.Id, item.ItemId);
    }

    private static string Verb(MaterialKind kind) => kind.ToString().ToLowerInvariant();

    private static void DemandReason(bool over, string? reason, Func<Refusal> warning)
    {
        if (over && string.IsNullOrWhiteSpace(reason))
            throw new ReasonNeededException([warning()]);
    }

    private static string DemandReason(string? reason)
    {
        var clean = Text.Clean(reason);
        return clean.Length switch { 0 => throw new InvalidException("Reason", "needed"), > 500 => throw new InvalidException("Reason", "too_long", 500), _ => clean };
    }

    private static void DemandStands(long? corrects, bool taken)
    {
        if (taken || corrects is not null)
            throw new RuleException("goods.taken_back");
    }
}
