using Pms.Core.Data;
using Pms.Core.Orders;

namespace Pms.Core.OrderBooks;

/// <summary>What rows of an order book are compared with, for many at once.</summary>
public sealed class OrderBookQueries(Db db)
{
    /// <summary>The orders of these folded numbers with their items; a new book has none of them.</summary>
    public async Task<Dictionary<string, BookedOrder>> OrdersAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default)
    {
        var orders = keys.Count == 0 ? [] : await db.ManyAsync(
            "SELECT number_key, id, number, sales_order_number, customer_id, value, starts_on, due_on, priority, status, notes, created_at, completed_at, version FROM orders WHERE number_key IN @keys", new { keys },
            grids => Task.FromResult(grids.Read<string, Order, (string Key, Order Order)>((key, order) => (key, order), "id").ToList()), ct);
        if (orders.Count == 0)
            return [];
        var items = (await db.ListAsync<BookedItem>(
            """
            SELECT i.id, i.order_id, i.line, i.product_id, p.code AS product, p.decimals, i.quantity, i.unit_price, i.due_on, i.status, i.version,
                   EXISTS (SELECT 1 FROM jobs j WHERE j.item_id = i.id) AS planned, EXISTS (SELECT 1 FROM jobs j WHERE j.item_id = i.id AND j.started_at IS NOT NULL AND j.status <> 'Cancelled') AS begun,
                   (SELECT d.wanted FROM order_decisions d WHERE d.open_item_id = i.id) AS asked,
                   (SELECT d.wanted FROM order_decisions d WHERE d.item_id = i.id AND d.state = 'Dismissed' ORDER BY d.id DESC LIMIT 1) AS dismissed
            FROM order_items i JOIN products p ON p.id = i.product_id WHERE i.order_id IN @ids ORDER BY i.order_id, i.line, i.id
            """, new { ids = orders.ConvertAll(o => o.Order.Id) }, ct)).ToLookup(i => i.OrderId);
        return orders.ToDictionary(o => o.Key, o => new BookedOrder(o.Order, [.. items[o.Order.Id]]));
    }

    /// <summary>Products by folded code or name.</summary>
    public Task<IReadOnlyList<BookedProduct>> ProductsAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default) => keys.Count == 0 ? Task.FromResult<IReadOnlyList<BookedProduct>>([]) : db.ListAsync<BookedProduct>(
        """
        SELECT p.id, p.code, p.code_key, p.name_key, p.decimals, CASE WHEN p.lifecycle = 'Active' THEN 1 ELSE 0 END AS active, EXISTS (SELECT 1 FROM product_steps s WHERE s.product_id = p.id) AS has_path FROM products p WHERE p.code_key IN @keys
        UNION
        SELECT p.id, p.code, p.code_key, p.name_key, p.decimals, CASE WHEN p.lifecycle = 'Active' THEN 1 ELSE 0 END AS active, EXISTS (SELECT 1 FROM product_steps s WHERE s.product_id = p.id) AS has_path FROM products p WHERE p.name_key IN @keys
        """, new { keys }, ct);

    /// <summary>Active customers by folded name.</summary>
    public Task<IReadOnlyList<Customer>> CustomersAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default) => keys.Count == 0 ? Task.FromResult<IReadOnlyList<Customer>>([]) :
        db.ListAsync<Customer>("SELECT id, name, active, version FROM customers WHERE active = 1 AND name_key IN @keys", new { keys }, ct);

    /// <summary>The names of these customers.</summary>
    public Task<IReadOnlyList<Customer>> CustomersAsync(IReadOnlyCollection<long> ids, CancellationToken ct = default) => ids.Count == 0 ? Task.FromResult<IReadOnlyList<Customer>>([]) :
        db.ListAsync<Customer>("SELECT id, name, active, version FROM customers WHERE id IN @ids", new { ids }, ct);

    /// <summary>The stages of products for sale, product by product in their order.</summary>
    public Task<IReadOnlyList<(long ProductId, long StageId)>> PathsAsync(CancellationToken ct = default) =>
        db.ListAsync<(long ProductId, long StageId)>("SELECT s.product_id, s.stage_id FROM product_steps s JOIN products p ON p.id = s.product_id WHERE p.lifecycle = 'Active' ORDER BY s.product_id, s.position", ct: ct);
}

/// <summary>An order as it is stored.</summary>
public sealed record BookedOrder(Order Order, IReadOnlyList<BookedItem> Items);

/// <summary>An item as it is stored, with how far it is.</summary>
public sealed record BookedItem
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public int Line { get; init; }
    public long ProductId { get; init; }
    public string Product { get; init; } = "";
    public int Decimals { get; init; }
    public decimal Quantity { get; init; }
    public decimal? UnitPrice { get; init; }
    public DateOnly? DueOn { get; init; }
    public OrderStatus Status { get; init; }
    public int Version { get; init; }

    /// <summary>Jobs of it are or were there.</summary>
    public bool Planned { get; init; }

    /// <summary>Work at it has begun.</summary>
    public bool Begun { get; init; }

    /// <summary>The quantity that waits for a planner.</summary>
    public decimal? Asked { get; init; }

    /// <summary>The quantity that a planner didn't want last.</summary>
    public decimal? Dismissed { get; init; }

    public bool IsOpen => Status is OrderStatus.Unscheduled or OrderStatus.Scheduled or OrderStatus.InProgress;
}

/// <summary>A product as far as an order needs it.</summary>
public sealed record BookedProduct
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string CodeKey { get; init; } = "";
    public string NameKey { get; init; } = "";
    public int Decimals { get; init; }
    public bool Active { get; init; }
    public bool HasPath { get; init; }
}
