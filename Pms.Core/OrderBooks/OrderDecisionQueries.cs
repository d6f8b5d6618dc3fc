using Pms.Core.Data;

namespace Pms.Core.OrderBooks;

/// <summary>Quantities that wait for a planner, and those that were decided.</summary>
public sealed class OrderDecisionQueries(Db db)
{
    private const string Select =
        """
        SELECT d.id, d.order_id, o.number AS `order`, d.item_id, i.line, p.name AS product, p.unit, d.quantity, d.wanted, d.state, d.at, d.by_name, d.decided_at, d.decided_by, d.reason, d.version
        """;

    private const string From = "FROM order_decisions d JOIN orders o ON o.id = d.order_id JOIN order_items i ON i.id = d.item_id JOIN products p ON p.id = i.product_id";

    private static readonly ListQuery List = new ListQuery(Select, From, "d.id")
        .Search("o.number_key")
        .Filter("state", "d.state IN @state", ListQuery.OneOf<OrderDecisionState>)
        .Filter("order", "d.order_id = @order", ListQuery.Number)
        .Sort("at", "d.at").SortedBy("-at");

    public static ListShape Shape => List.Shape;

    public Task<Page<OrderDecision>> PageAsync(PageRequest request, CancellationToken ct = default) => List.PageAsync<OrderDecision>(db, request, ct: ct);

    /// <summary>The open ones of one order by line.</summary>
    public Task<IReadOnlyList<OrderDecision>> OfOrderAsync(long orderId, CancellationToken ct = default) =>
        db.ListAsync<OrderDecision>(Select + " " + From + " WHERE d.order_id = @orderId AND d.state = 'Open' ORDER BY i.line, d.id", new { orderId }, ct);

    public Task<OrderDecision?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<OrderDecision>(Select + " " + From + " WHERE d.id = @id", new { id }, ct);
}
