using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Jobs.Time;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>
/// Closes completed orders whose pieces are dispatched or disposed of, one or many at once: those that can be are, the others say what they lack. From then on
/// their quantities and goods are locked, and so are the closed times of their jobs.
/// </summary>
public sealed class CloseService(OrderService orders, TimeRepository times, Commands commands, Rights rights)
{
    /// <summary>Orders of one command.</summary>
    public const int Most = 200;

    /// <exception cref="RuleException">order.close_not_completed · order.close_not_dispatched · order.closed.</exception>
    public async Task CloseAsync(Actor actor, long orderId, string? key = null, CancellationToken ct = default)
    {
        if ((await CloseAsync(actor, new CloseOrders([orderId]), key, ct)).Refused is [var why, ..])
            throw why.Code == "order.unknown" ? new NotFoundException("order", orderId) : new RuleException(why.Code, [.. why.Why.Args]);
    }

    /// <inheritdoc cref="CloseService"/>
    public Task<OrdersClosed> CloseAsync(Actor actor, CloseOrders request, string? key = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersClose);
        if (request.OrderIds.Count is < 1 or > Most)
            throw new InvalidException(nameof(request.OrderIds), "between", 1, Most);
        return commands.RunAsync(actor, "order.close", key, request, async tx =>
        {
            var (closed, refused) = await orders.CloseWithinAsync(tx, actor, request.OrderIds, ct);
            if (closed.Count > 0)
                await times.LockAsync(tx, closed);
            return new OrdersClosed(closed, refused);
        }, ct);
    }
}
