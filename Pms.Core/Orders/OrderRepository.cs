using Pms.Core.Data;

namespace Pms.Core.Orders;

/// <summary>Writes orders, items, paths and customers. An order's derived status is moved in the jobs' own transaction, by <see cref="OrderProgress"/>.</summary>
public sealed partial class OrderRepository(Db db)
{
    private const string Select =
        "SELECT id, number, sales_order_number, customer_id, value, starts_on, due_on, priority, status, notes, created_at, completed_at, version FROM orders";
    private const string SelectItems =
        "SELECT id, order_id, line, product_id, quantity, unit_price, due_on, over_tolerance, under_tolerance, specifications, status, version FROM order_items";
    private const string SelectSteps =
        "SELECT id, item_id, position, stage_id, department_id, setup_minutes, run_minutes, crew, scrap_share, factor, transfer_quantity, required, parallel FROM order_steps";

    /// <summary>
    /// When something of an order is due next: the earliest of its open items, each on its own day where it has one. Kept with the order, so that lists are asked by an
    /// index; follows every change of an item's day or status and of the order's day.
    /// </summary>
    private const string NextDue =
        "UPDATE orders SET next_due_on = (SELECT MIN(COALESCE(i.due_on, orders.due_on)) FROM order_items i WHERE i.order_id = orders.id AND i.status IN ('Unscheduled', 'Scheduled', 'InProgress')) WHERE id ";

    public Task<Order?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Order>(Select + " WHERE id = @id", new { id }, ct);

    public Task<OrderItem?> FindItemAsync(long id, CancellationToken ct = default) => db.ManyAsync(
        SelectItems + " WHERE id = @id; SELECT item_id, variant_id, quantity FROM order_item_variants WHERE item_id = @id ORDER BY variant_id", new { id }, async grids =>
        {
            var item = await grids.ReadFirstOrDefaultAsync<OrderItem>();
            var variants = (await grids.ReadAsync<VariantQuantity>()).ToArray();
            return item is null ? null : item with { Variants = variants };
        }, ct);

    public Task<IReadOnlyList<OrderItem>> ItemsAsync(long orderId, CancellationToken ct = default) => db.ManyAsync<IReadOnlyList<OrderItem>>(
        SelectItems + " WHERE order_id = @orderId ORDER BY line, id; " +
        "SELECT v.item_id, v.variant_id, v.quantity FROM order_item_variants v JOIN order_items i ON i.id = v.item_id WHERE i.order_id = @orderId ORDER BY v.variant_id",
        new { orderId }, async grids =>
        {
            var items = (await grids.ReadAsync<OrderItem>()).AsEnumerable();
            var variants = (await grids.ReadAsync<VariantQuantity>()).ToLookup(v => v.ItemId);
            return [.. items.Select(i => i with { Variants = [.. variants[i.Id]] })];
        }, ct);

    public Task<IReadOnlyList<OrderStep>> StepsAsync(long itemId, CancellationToken ct = default) =>
        db.ListAsync<OrderStep>(SelectSteps + " WHERE item_id = @itemId ORDER BY position", new { itemId }, ct);

    /// <summary>True once any step of the item has a job, in whatever state: its path and product are fixed then.</summary>
    public Task<bool> HasJobsAsync(long itemId, CancellationToken ct = default) =>
        db.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM jobs WHERE item_id = @itemId)", new { itemId }, ct);

    private const string InsertSql =
        """
        INSERT INTO orders (number, number_key, sales_order_number, customer_id, value, starts_on, due_on, priority, status, notes, created_at)
        VALUES (@Number, @NumberKey, @SalesOrderNumber, @CustomerId, @Value, @StartsOn, @DueOn, @Priority, @Status, @Notes, @CreatedAt)
        """;

    private const string InsertItemSql =
        """
        INSERT INTO order_items (order_id, line, product_id, quantity, unit_price, due_on, over_tolerance, under_tolerance, specifications, status)
        VALUES (@OrderId, @Line, @ProductId, @Quantity, @UnitPrice, @DueOn, @OverTolerance, @UnderTolerance, @Specifications, @Status)
        """;

    private const string InsertStepSql =
        """
        INSERT INTO order_steps (item_id, position, stage_id, department_id, setup_minutes, run_minutes, crew, scrap_share, factor, transfer_quantity, required, parallel)
        VALUES (@id, @Position, @StageId, @DepartmentId, @SetupMinutes, @RunMinutes, @Crew, @ScrapShare, @Factor, @TransferQuantity, @Required, @Parallel)
        """;

    private const string InsertVariantSql = "INSERT INTO order_item_variants (item_id, variant_id, quantity) VALUES (@id, @VariantId, @Quantity)";

    public Task<long> InsertAsync(Tx tx, Order o) => tx.InsertAsync(InsertSql, Args(o));

    /// <summary>Inserts orders with their items and paths, table by table; answers them with their ids.</summary>
    public async Task<IReadOnlyList<(Order Order, IReadOnlyList<OrderItem> Items)>> InsertManyAsync(Tx tx, IReadOnlyList<(Order Order, IReadOnlyList<(OrderItem Item, IReadOnlyList<OrderStep> Path)> Items)> all)
    {
        await tx.BulkAsync(InsertSql, all.Select(o => Args(o.Order)));
        var byNumber = (await tx.ListAsync<(string Key, long Id)>("SELECT number_key, id FROM orders WHERE number_key IN @keys", new { keys = all.Select(o => Text.Key(o.Order.Number)) })).ToDictionary(o => o.Key, o => o.Id);
        var orders = all.Select(o => o.Order with { Id = byNumber[Text.Key(o.Order.Number)] }).ToList();
        var items = all.SelectMany((o, n) => o.Items.Select(i => (Item: i.Item with { OrderId = orders[n].Id }, i.Path))).ToList();
        await tx.BulkAsync(InsertItemSql, items.Select(i => Args(i.Item)));
        var ids = orders.Select(o => o.Id);
        var byLine = (await tx.ListAsync<(long Order, int Line, long Id)>("SELECT order_id, line, id FROM order_items WHERE order_id IN @ids", new { ids })).ToDictionary(i => (i.Order, i.Line), i => i.Id);
        items = items.ConvertAll(i => (i.Item with { Id = byLine[(i.Item.OrderId, i.Item.Line)] }, i.Path));
        await tx.BulkAsync(InsertVariantSql, items.SelectMany(i => i.Item.Variants.Select(v => Args(i.Item.Id, v))));
        await tx.BulkAsync(InsertStepSql, items.SelectMany(i => i.Path.Select(s => Args(i.Item.Id, s))));
        await tx.ExecuteAsync(NextDue + "IN @ids", new { ids });
        var made = items.ToLookup(i => i.Item.OrderId, i => i.Item);
        return orders.ConvertAll(o => (o, (IReadOnlyList<OrderItem>)[.. made[o.Id]]));
    }

    public void Update(Tx tx, Order o)
    {
        tx.Add(
        """
        UPDATE orders SET number = @Number, number_key = @NumberKey, sales_order_number = @SalesOrderNumber, customer_id = @CustomerId, value = @Value,
            starts_on = @StartsOn, due_on = @DueOn, priority = @Priority, status = @Status, notes = @Notes, version = version + 1
        WHERE id = @Id AND version = @Version
        """, Args(o));
        tx.Add(NextDue + "= @Id", new { o.Id });
    }

    public async Task<long> InsertItemAsync(Tx tx, OrderItem i, IReadOnlyList<OrderStep> path)
    {
        var id = await tx.InsertAsync(InsertItemSql, Args(i));
        AddVariants(tx, id, i);
        AddSteps(tx, id, path);
        tx.Add(NextDue + "= @OrderId", new { i.OrderId });
        return id;
    }

    /// <summary>Quantities per variant are replaced as a whole.</summary>
    public void UpdateItem(Tx tx, OrderItem before, OrderItem i)
    {
        tx.Add(
            """
            UPDATE order_items SET product_id = @ProductId, quantity = @Quantity, unit_price = @UnitPrice, due_on = @DueOn, over_tolerance = @OverTolerance, under_tolerance = @UnderTolerance,
                specifications = @Specifications, status = @Status, version = version + 1
            WHERE id = @Id AND version = @Version
            """, Args(i));
        tx.Add("DELETE FROM order_item_variants WHERE item_id = @Id", new { i.Id }, before.Variants.Count);
        AddVariants(tx, i.Id, i);
        tx.Add(NextDue + "= @OrderId", new { before.OrderId });
    }

    /// <summary>Another product brings its own path; holds only while nothing of the item was ever planned.</summary>
    public void ReplaceSteps(Tx tx, OrderItem item, int before, IReadOnlyList<OrderStep> path)
    {
        tx.Add("UPDATE order_items SET version = version + 1 WHERE id = @Id AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.item_id = @Id)", new { item.Id });
        tx.Add("DELETE FROM order_steps WHERE item_id = @Id", new { item.Id }, before);
        AddSteps(tx, item.Id, path);
    }

    /// <summary>Brings the path to what is wanted, step by step, for jobs name their step. Holds only while the item and the number of its open and begun jobs are as read.</summary>
    public async Task ChangeStepsAsync(Tx tx, OrderItem item, OrderStatus status, int open, int begun, IReadOnlyList<OrderStep> before, IReadOnlyList<OrderStep> path)
    {
        tx.Add(
            """
            UPDATE order_items SET status = @status, version = version + 1 WHERE id = @Id AND version = @Version
              AND (SELECT COUNT(*) FROM jobs x WHERE x.item_id = @Id AND x.status IN ('Planned', 'Running', 'Paused')) = @open
              AND (SELECT COUNT(*) FROM jobs x WHERE x.item_id = @Id AND x.status <> 'Cancelled' AND x.started_at IS NOT NULL) = @begun
            """, new { item.Id, item.Version, status = status.ToString(), open, begun });
        tx.Add(NextDue + "= @OrderId", new { item.OrderId });
        // Positions are unique in an item, so all step aside first.
        tx.Add("UPDATE order_steps SET position = position + 1000 WHERE item_id = @Id", new { item.Id }, before.Count);
        foreach (var gone in before.Where(b => path.All(s => s.Id != b.Id)))
        {
            await tx.ExecuteAsync("DELETE FROM step_readiness WHERE step_id = @Id", new { gone.Id });
            tx.Add("DELETE FROM order_steps WHERE id = @Id", new { gone.Id });
        }
        foreach (var s in path.Where(s => s.Id != 0))
            tx.Add(
                """
                UPDATE order_steps SET position = @Position, stage_id = @StageId, department_id = @DepartmentId, setup_minutes = @SetupMinutes, run_minutes = @RunMinutes, crew = @Crew,
                       scrap_share = @ScrapShare, factor = @Factor, transfer_quantity = @TransferQuantity, required = @Required, parallel = @Parallel, version = version + 1
                WHERE id = @Id
                """,
                new { s.Id, s.Position, s.StageId, s.DepartmentId, s.SetupMinutes, s.RunMinutes, s.Crew, s.ScrapShare, s.Factor, s.TransferQuantity, s.Required, s.Parallel });
        AddSteps(tx, item.Id, path.Where(s => s.Id == 0));
    }

    /// <summary>Takes an item out of the order; <paramref name="made"/> pieces go where <paramref name="disposition"/> says.</summary>
    public void CancelItem(Tx tx, OrderItem item, decimal made, Disposition? disposition, string why, DateTimeOffset at, string by)
    {
        tx.Add("UPDATE order_items SET status = 'Cancelled', version = version + 1 WHERE id = @Id AND version = @Version", new { item.Id, item.Version });
        tx.Add(NextDue + "= @OrderId", new { item.OrderId });
        if (disposition is { } kind)
            tx.Add("INSERT INTO dispositions (item_id, kind, quantity, why, at, by_name) VALUES (@Id, @kind, @made, @why, @at, @by)", new { item.Id, kind = kind.ToString(), made, why, at, by });
    }

    /// <summary>Holds only while all jobs of the item are as they were read.</summary>
    /// <param name="versions">The sum of their versions.</param>
    public void DemandJobs(Tx tx, long itemId, long versions) => tx.Add(
        "UPDATE order_items SET version = version + 1 WHERE id = @itemId AND (SELECT COALESCE(SUM(x.version), 0) FROM jobs x WHERE x.item_id = @itemId) = @versions", new { itemId, versions });

    public void InsertSurplus(Tx tx, long itemId, StepSurplus left, Disposition kind, DateTimeOffset at, string by) => tx.Add(
        "INSERT INTO surpluses (item_id, step_id, kind, quantity, at, by_name) VALUES (@itemId, @StepId, @kind, @Quantity, @at, @by)", new { itemId, left.StepId, kind, left.Quantity, at, by });

    /// <summary>A finish in flight on this item decides again.</summary>
    public void Touch(Tx tx, OrderItem item) => tx.Add("UPDATE order_items SET version = version + 1 WHERE id = @Id AND version = @Version", new { item.Id, item.Version });

    public void SetStatus(Tx tx, OrderStanding before, OrderStatus status)
    {
        tx.Add("UPDATE order_items SET status = @status, version = version + 1 WHERE id = @ItemId AND version = @ItemVersion", new { status, before.ItemId, before.ItemVersion });
        if (before.Item.IsOpen() != status.IsOpen())   // an item that stays open is due when it was
            tx.Add(NextDue + "= @OrderId", new { before.OrderId });
    }

    public void SetStatus(Tx tx, long orderId, int version, OrderStatus status, DateTimeOffset? completed) =>
        tx.Add("UPDATE orders SET status = @status, completed_at = @completed, version = version + 1 WHERE id = @orderId AND version = @version", new { status, completed, orderId, version });

    /// <summary>Holds only while every one of the items has this version.</summary>
    /// <exception cref="StaleException">Somebody was faster.</exception>
    public Task SetItemStatusesAsync(Tx tx, IReadOnlyList<long> items, int version, OrderStatus status) => EachAsync(tx,
        "UPDATE order_items SET status = @status, version = version + 1 WHERE id IN @ids AND version = @version", items, version, status);

    /// <inheritdoc cref="SetItemStatusesAsync"/>
    public Task SetStatusesAsync(Tx tx, IReadOnlyList<long> orders, int version, OrderStatus status) => EachAsync(tx,
        "UPDATE orders SET status = @status, completed_at = NULL, version = version + 1 WHERE id IN @ids AND version = @version", orders, version, status);

    private static async Task EachAsync(Tx tx, string sql, IReadOnlyList<long> all, int version, OrderStatus status)
    {
        foreach (var ids in all.Chunk(500))
            if (await tx.ExecuteAsync(sql, new { ids, version, status = status.ToString() }) is var rows && rows != ids.Length)
                throw new StaleException(ids.Length, rows);
    }

    public void TouchItem(Tx tx, long itemId, int version) =>
        tx.Add("UPDATE order_items SET version = version + 1 WHERE id = @itemId AND version = @version", new { itemId, version });

    public void AcceptShort(Tx tx, long stepId, DateTimeOffset at, string by, string why) => tx.Add(
        "UPDATE order_steps SET accepted_short_at = @at, accepted_short_by = @by, accepted_short_why = @why, version = version + 1 WHERE id = @stepId AND accepted_short_at IS NULL", new { at, by, why, stepId });

    public Task<IReadOnlyList<Customer>> CustomersAsync(string search, int limit, CancellationToken ct = default) => db.ListAsync<Customer>(
        "SELECT id, name, active, version FROM customers WHERE active = 1 AND (@key = '' OR INSTR(name_key, @key) > 0) ORDER BY name_key, id LIMIT @limit", new { key = Text.Key(search), limit }, ct);

    public Task<Customer?> FindCustomerAsync(long id, CancellationToken ct = default) =>
        db.FindAsync<Customer>("SELECT id, name, active, version FROM customers WHERE id = @id", new { id }, ct);

    /// <summary>Those of the customers that are active.</summary>
    public Task<IReadOnlyList<long>> ActiveCustomersAsync(IReadOnlyCollection<long> ids, CancellationToken ct) => ids.Count == 0 ? Task.FromResult<IReadOnlyList<long>>([]) :
        db.ListAsync<long>("SELECT id FROM customers WHERE active = 1 AND id IN @ids", new { ids }, ct);

    public Task<long> InsertAsync(Tx tx, Customer c) => tx.InsertAsync(
        "INSERT INTO customers (name, name_key, active) VALUES (@Name, @NameKey, @Active)", new { c.Name, NameKey = Text.Key(c.Name), c.Active });

    public void Update(Tx tx, Customer c) => tx.Add(
        "UPDATE customers SET name = @Name, name_key = @NameKey, active = @Active, version = version + 1 WHERE id = @Id AND version = @Version",
        new { c.Id, c.Name, NameKey = Text.Key(c.Name), c.Active, c.Version });

    private static void AddVariants(Tx tx, long id, OrderItem i)
    {
        foreach (var v in i.Variants)
            tx.Add(InsertVariantSql, Args(id, v));
    }

    private static void AddSteps(Tx tx, long id, IEnumerable<OrderStep> path)
    {
        foreach (var s in path)
            tx.Add(InsertStepSql, Args(id, s));
    }

    private static object Args(long id, VariantQuantity v) => new { id, v.VariantId, v.Quantity };

    private static object Args(long id, OrderStep s) => new
    {
        id, s.Position, s.StageId, s.DepartmentId, s.SetupMinutes, s.RunMinutes, s.Crew, s.ScrapShare, s.Factor, s.TransferQuantity, s.Required, s.Parallel,
    };

    private static object Args(OrderItem i) => new
    {
        i.Id, i.OrderId, i.Line, i.ProductId, i.Quantity, i.UnitPrice, i.DueOn, i.OverTolerance, i.UnderTolerance, i.Specifications, Status = i.Status.ToString(), i.Version,
    };

    private static object Args(Order o) => new
    {
        o.Id, o.Number, NumberKey = Text.Key(o.Number), o.SalesOrderNumber, o.CustomerId, o.Value, o.StartsOn, o.DueOn, Priority = (int)o.Priority, Status = o.Status.ToString(),
        o.Notes, o.CreatedAt, o.Version,
    };
}
