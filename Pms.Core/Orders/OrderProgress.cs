using Pms.Core.Data;

namespace Pms.Core.Orders;

/// <summary>What the floor's work does to an order: always inside the work's own transaction, and only while order and item are as they were read.</summary>
public sealed class OrderProgress(OrderRepository orders)
{
    /// <summary>
    /// Moves item and order to the status that follows from the jobs. Where an item's status changes the order is touched too, so that two
    /// items that end at the same moment can't each believe the other still open.
    /// </summary>
    /// <param name="serialise">Touch the item in any case: two finishes of one item would each believe the other's step unfinished.</param>
    public void Move(Tx tx, OrderStanding before, OrderStatus item, OrderStatus order, DateTimeOffset at, bool serialise)
    {
        if (item != before.Item || serialise)
            orders.SetStatus(tx, before, item);
        if (order != before.Order || item != before.Item)
            orders.SetStatus(tx, before.OrderId, before.OrderVersion, order, order == OrderStatus.Completed ? at : null);
    }

    /// <summary>The same for many items at once, each touched in any case; several may be of one order, whose status is then that of all of them together.</summary>
    public async Task MoveManyAsync(Tx tx, IReadOnlyCollection<ItemMove> moves)
    {
        foreach (var same in moves.GroupBy(m => (m.Item, m.Before.ItemVersion)))
            await orders.SetItemStatusesAsync(tx, [.. same.Select(m => m.Before.ItemId)], same.Key.ItemVersion, same.Key.Item);
        foreach (var same in moves.Where(m => m.Order != m.Before.Order || m.Item != m.Before.Item).DistinctBy(m => m.Before.OrderId).GroupBy(m => (m.Order, m.Before.OrderVersion)))
            await orders.SetStatusesAsync(tx, [.. same.Select(m => m.Before.OrderId)], same.Key.OrderVersion, same.Key.Order);
    }

    /// <summary>Makes work that begins on the item at this moment decide again, without changing the item.</summary>
    public void Touch(Tx tx, long itemId, int version) => orders.TouchItem(tx, itemId, version);

    /// <summary>The step counts as complete although pieces are missing.</summary>
    public void AcceptShort(Tx tx, long stepId, DateTimeOffset at, string by, string why) => orders.AcceptShort(tx, stepId, at, by, why);

    /// <summary>What was accepted is missing again.</summary>
    public void WithdrawShort(Tx tx, long stepId) => orders.WithdrawShort(tx, stepId);
}

/// <summary>An item and its order as they were read before the work was decided on.</summary>
public sealed record OrderStanding(long OrderId, OrderStatus Order, int OrderVersion, long ItemId, OrderStatus Item, int ItemVersion);

/// <summary>An item and its order as they were read, and the statuses that follow for both; never completion, which only work brings.</summary>
public sealed record ItemMove(OrderStanding Before, OrderStatus Item, OrderStatus Order);
