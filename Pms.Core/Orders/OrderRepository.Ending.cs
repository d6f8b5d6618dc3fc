using Pms.Core.Data;

namespace Pms.Core.Orders;

// Closing, and what takes an end back.
public sealed partial class OrderRepository
{
    /// <summary>Holds only while it is Completed, as it was read, and none of its goods moved since.</summary>
    public void Close(Tx tx, long orderId, int version, int goods) => tx.Add(
        "UPDATE orders SET status = 'Closed', version = version + 1 WHERE id = @orderId AND version = @version AND goods_version = @goods AND status = 'Completed'", new { orderId, version, goods });

    /// <summary>Puts a cancelled item back into the order.</summary>
    public void ReopenItem(Tx tx, OrderItem item, OrderStatus status) => tx.Add(
        "UPDATE order_items SET status = @status, version = version + 1 WHERE id = @Id AND version = @Version AND status = 'Cancelled'", new { item.Id, item.Version, status = status.ToString() });

    /// <summary>The item's pieces come back from where they went; the audit keeps that they were there.</summary>
    public void TakeDispositionBack(Tx tx, long itemId) => tx.Add("DELETE FROM dispositions WHERE item_id = @itemId", new { itemId });

    /// <summary>The step counts again as what its pieces make it.</summary>
    public void WithdrawShort(Tx tx, long stepId) => tx.Add(
        "UPDATE order_steps SET accepted_short_at = NULL, accepted_short_by = NULL, accepted_short_why = NULL, version = version + 1 WHERE id = @stepId AND accepted_short_at IS NOT NULL", new { stepId });

    /// <summary>All of an item's: what was accepted was the quantity that it had then.</summary>
    public Task<int> WithdrawShortOfItemAsync(Tx tx, long itemId) => tx.ExecuteAsync(
        "UPDATE order_steps SET accepted_short_at = NULL, accepted_short_by = NULL, accepted_short_why = NULL, version = version + 1 WHERE item_id = @itemId AND accepted_short_at IS NOT NULL", new { itemId });
}
