using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;

namespace Pms.Core.OrderBooks;

/// <summary>Lays quantities of begun items before a planner, who accepts one (the jobs follow, as if it were typed on the order's page) or leaves the item as it is.</summary>
public sealed class OrderDecisionService(OrderDecisionRepository decisions, OrderDecisionQueries queries, ItemService items, OrderService orders, AuditLog audit, Db db, FieldRules fields, Rights rights, PlantClock clock)
{
    private const string Entity = "order_decision";

    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => OrderDecisionQueries.Shape;

    public async Task<Page<OrderDecision>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return (await queries.PageAsync(request, ct)).Select(d => Masked(actor, d));
    }

    /// <summary>The open ones of an order.</summary>
    public async Task<IReadOnlyList<OrderDecision>> OfOrderAsync(Actor actor, long orderId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return [.. (await queries.OfOrderAsync(orderId, ct)).Select(d => Masked(actor, d))];
    }

    public async Task<OrderDecision> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return Masked(actor, await queries.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id));
    }

    /// <summary>Gives the item its wanted quantity and ends the decision, both or neither. Accepted already: it stays so.</summary>
    /// <exception cref="InvalidException">Surplus: more is made than wanted, and nothing says where the pieces go.</exception>
    /// <exception cref="ConflictException">Somebody decided, or a later file wants something else.</exception>
    public async Task<OrderDecision> AcceptAsync(Actor actor, AcceptDecision request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        // The decision's own end carries the command; the item's is a part of it.
        var part = actor with { CommandKey = null };
        for (var attempt = 1; ; attempt++)
        {
            // Anew each time: a batch that was lost at its COMMIT may be stored.
            var decision = await queries.FindAsync(request.Id, ct) ?? throw new NotFoundException(Entity, request.Id);
            if (decision.State == OrderDecisionState.Accepted)
                return Masked(actor, decision);
            try
            {
                await db.BatchAsync(async () =>
                {
                    await EndAsync(actor, decision, request.Version, OrderDecisionState.Accepted, null, ct);
                    var (_, item) = await orders.MeantAsync(part, new OrderItem { Id = decision.ItemId, OrderId = decision.OrderId }, ct);
                    return item!.Quantity == decision.Wanted ? item : await items.SaveAsync(part, item with { Quantity = decision.Wanted!.Value, Surplus = request.Surplus }, ct);
                }, ct);
                return await GetAsync(actor, request.Id, ct);
            }
            catch (BatchLostException e) when (attempt >= 3)
            {
                throw new BusyException("database_busy", e);
            }
            catch (BatchLostException) { }
        }
    }

    /// <exception cref="ConflictException">Somebody decided, or a later file wants something else.</exception>
    public async Task<OrderDecision> DismissAsync(Actor actor, DismissDecision request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        if (Text.Clean(request.Reason).Length is 0 or > 500)
            throw new InvalidException(nameof(DismissDecision.Reason), Text.Clean(request.Reason).Length == 0 ? "required" : "too_long", 500);
        var decision = await queries.FindAsync(request.Id, ct) ?? throw new NotFoundException(Entity, request.Id);
        if (decision.State != OrderDecisionState.Dismissed)
            await EndAsync(actor, decision, request.Version, OrderDecisionState.Dismissed, Text.Clean(request.Reason), ct);
        return await GetAsync(actor, request.Id, ct);
    }

    /// <summary>Lays the quantity before a planner; null takes back what was asked before.</summary>
    internal Task AskAsync(Actor actor, long orderId, long itemId, decimal quantity, decimal? wanted, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        return db.InTransactionAsync(async tx =>
        {
            var open = await decisions.OpenAsync(itemId, ct);
            if (open?.Wanted == wanted)
                return;
            if (wanted is not { } now)
                decisions.End(tx, open!, OrderDecisionState.Withdrawn, clock.Now, actor.Name, null);
            else if (open is not null)
                decisions.Want(tx, open, quantity, now, clock.Now, actor.Name);
            else
                await decisions.InsertAsync(tx, orderId, itemId, quantity, now, clock.Now, actor.Name);
            audit.Write(tx, actor, wanted is null ? "order_item.quantity_withdrawn" : "order_item.quantity_asked", "order_item", itemId, Told(wanted is null ? open!.Wanted : quantity, wanted ?? quantity));
            tx.Raise(new OrderChanged(orderId));
        }, ct);
    }

    private Task EndAsync(Actor actor, OrderDecision decision, int version, OrderDecisionState state, string? reason, CancellationToken ct) => db.InTransactionAsync(async tx =>
    {
        decision = await queries.FindAsync(decision.Id, ct) ?? throw new NotFoundException(Entity, decision.Id);
        if (decision.State != OrderDecisionState.Open || decision.Version != version)
            throw new ConflictException("changed_meanwhile");
        decisions.End(tx, decision, state, clock.Now, actor.Name, reason);
        // As the item's own story, under the name of the field, whose rules then hold for it.
        audit.Write(tx, actor, state == OrderDecisionState.Accepted ? "order_item.quantity_accepted" : "order_item.quantity_dismissed", "order_item", decision.ItemId, Told(decision.Quantity, decision.Wanted), reason: reason);
        tx.Raise(new OrderChanged(decision.OrderId));
    }, ct);

    private static Dictionary<string, object?[]> Told(decimal? before, decimal? wanted) => new() { [nameof(OrderItem.Quantity)] = [before, wanted] };

    private OrderDecision Masked(Actor actor, OrderDecision decision) => fields.Of(actor, "order_item")?.MayHide(nameof(OrderItem.Quantity)) == true ? decision with { Quantity = null, Wanted = null } : decision;
}
