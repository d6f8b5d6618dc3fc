using Pms.Core.Data;

namespace Pms.Core.OrderBooks;

/// <summary>Writes decisions. That one item has one open is held by a unique index.</summary>
public sealed class OrderDecisionRepository(Db db)
{
    /// <summary>The item's open one: id, wanted, version; null if there is none.</summary>
    public Task<OrderDecision?> OpenAsync(long itemId, CancellationToken ct = default) =>
        db.FindAsync<OrderDecision>("SELECT id, order_id, item_id, quantity, wanted, state, at, by_name, version FROM order_decisions WHERE open_item_id = @itemId", new { itemId }, ct);

    public Task<long> InsertAsync(Tx tx, long orderId, long itemId, decimal quantity, decimal wanted, DateTimeOffset at, string by)
    {
        tx.Raced.Add("order_decisions");
        return tx.InsertAsync("INSERT INTO order_decisions (order_id, item_id, quantity, wanted, state, at, by_name) VALUES (@orderId, @itemId, @quantity, @wanted, 'Open', @at, @by)",
            new { orderId, itemId, quantity, wanted, at, by });
    }

    /// <summary>A later file wants something else.</summary>
    public void Want(Tx tx, OrderDecision open, decimal quantity, decimal wanted, DateTimeOffset at, string by) => tx.Add(
        "UPDATE order_decisions SET quantity = @quantity, wanted = @wanted, at = @at, by_name = @by, version = version + 1 WHERE id = @Id AND version = @Version AND state = 'Open'",
        new { open.Id, open.Version, quantity, wanted, at, by });

    public void End(Tx tx, OrderDecision open, OrderDecisionState state, DateTimeOffset at, string by, string? reason) => tx.Add(
        "UPDATE order_decisions SET state = @state, decided_at = @at, decided_by = @by, reason = @reason, version = version + 1 WHERE id = @Id AND version = @Version AND state = 'Open'",
        new { open.Id, open.Version, state, at, by, reason });
}
