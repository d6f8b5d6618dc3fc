using Pms.Core.Data;
using Pms.Core.Orders.Goods;

namespace Pms.Core.Orders;

// What steps wait for, and the order in which goods are moved.
public sealed partial class OrderRepository
{
    /// <summary>Counts moves and dispatches of the order; null if there is no such order.</summary>
    public async Task<int?> GoodsVersionAsync(long orderId, CancellationToken ct = default) =>
        (await db.ListAsync<int>("SELECT goods_version FROM orders WHERE id = @orderId", new { orderId }, ct)) is [var version] ? version : null;

    /// <summary>Holds only while nothing moved since, and the order isn't closed.</summary>
    public void TouchGoods(Tx tx, long orderId, int version) => tx.Add(
        "UPDATE orders SET goods_version = goods_version + 1 WHERE id = @orderId AND goods_version = @version AND status <> 'Closed'", new { orderId, version });

    /// <summary>These steps, and those of the orders' open items.</summary>
    public Task<IReadOnlyList<StepToMark>> StepsToMarkAsync(ReadinessCheck what, IReadOnlyList<long> steps, IReadOnlyList<long> orders, CancellationToken ct = default) => db.ListAsync<StepToMark>(
        """
        SELECT s.id, i.order_id, o.number AS order_number, i.line, s.position, g.name AS stage, s.department_id, r.state, r.on_day,
               CASE WHEN o.status IN ('Unscheduled', 'Scheduled', 'InProgress') AND i.status IN ('Unscheduled', 'Scheduled', 'InProgress') THEN 1 ELSE 0 END AS is_open
        FROM order_steps s JOIN order_items i ON i.id = s.item_id JOIN orders o ON o.id = i.order_id JOIN stages g ON g.id = s.stage_id LEFT JOIN step_readiness r ON r.step_id = s.id AND r.what = @what
        WHERE s.id IN @steps
        UNION
        SELECT s.id, i.order_id, o.number AS order_number, i.line, s.position, g.name AS stage, s.department_id, r.state, r.on_day, 1 AS is_open
        FROM orders o JOIN order_items i ON i.order_id = o.id JOIN order_steps s ON s.item_id = i.id JOIN stages g ON g.id = s.stage_id LEFT JOIN step_readiness r ON r.step_id = s.id AND r.what = @what
        WHERE o.id IN @orders AND o.status IN ('Unscheduled', 'Scheduled', 'InProgress') AND i.status IN ('Unscheduled', 'Scheduled', 'InProgress')
        """, new { what = what.ToString(), steps = Any(steps), orders = Any(orders) }, ct);

    /// <summary>Marks steps; their rows are taken first, so that two who mark the same step come one after the other.</summary>
    /// <param name="steps">Ordered, lest two who mark several wait for each other.</param>
    public async Task MarkAsync(Tx tx, ReadinessCheck what, ReadinessState state, DateOnly? day, IReadOnlyList<long> steps, DateTimeOffset at, string by)
    {
        if (steps.Count == 0)
            return;
        foreach (var step in steps)
            tx.Add("UPDATE order_steps SET version = version + 1 WHERE id = @step", new { step });
        await tx.ExecuteAsync("DELETE FROM step_readiness WHERE what = @what AND step_id IN @steps", new { what = what.ToString(), steps });
        foreach (var step in steps)
            tx.Add("INSERT INTO step_readiness (step_id, what, state, on_day, by_name, at) VALUES (@step, @what, @state, @day, @by, @at)",
                new { step, what = what.ToString(), state = state.ToString(), day, by, at });
    }

    private static IReadOnlyList<long> Any(IReadOnlyList<long> ids) => ids.Count > 0 ? ids : [0];
}
