using Pms.Core.Data;
using Pms.Core.Orders.Goods;

namespace Pms.Core.Orders;

/// <summary>Orders as lists and the order's own page show them.</summary>
public sealed class OrderQueries(Db db, PlantClock clock)
{
    private const string Held = "SELECT h.order_id FROM holds h WHERE h.state = 'Open'";

    /// <summary>Asked by what the orders' indexes hold: whether it is open, and when something of it is due next.</summary>
    private static readonly ListQuery List = new ListQuery(
            """
            SELECT o.id, o.number, o.sales_order_number, (SELECT c.name FROM customers c WHERE c.id = o.customer_id) AS customer, o.next_due AS due_on, o.priority, o.status, o.version,
                   (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id) AS items,
                   (SELECT MIN(p.name) FROM order_items i JOIN products p ON p.id = i.product_id WHERE i.order_id = o.id) AS product,
                   EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.state = 'Open') AS on_hold
            """, "FROM orders o", "o.id")
        .Search("o.number_key").SearchOf(nameof(Order.CustomerId), "x.name_key", "o.customer_id IN (SELECT x.id FROM customers x WHERE {0})")
        .Filter("status", "o.status IN @status", ListQuery.OneOf<OrderStatus>)
        .Filter("open", "o.is_open = @open", ListQuery.Flag)
        .Either("hold", "o.id IN (" + Held + ")", "o.id NOT IN (" + Held + ")")
        .Filter("customer", "o.customer_id = @customer", ListQuery.Number)
        .Filter("priority", "o.priority = @priority", ListQuery.Number)
        .Filter("duefrom", "o.next_due >= @duefrom", ListQuery.Day)
        .Filter("dueto", "o.next_due <= @dueto", ListQuery.Day)
        .Either("late", "o.is_open = 1 AND o.next_due < @today", "(o.is_open = 0 OR o.next_due >= @today)")
        .Sort("due", "o.next_due", "o.priority").Sort("number", "o.number_key").Sort("customer", "(SELECT c.name_key FROM customers c WHERE c.id = o.customer_id)", "o.next_due").Sort("priority", "o.priority", "o.next_due").Sort("status", "o.status", "o.next_due");

    private static readonly ListQuery Customers = new ListQuery("SELECT c.id, c.name, c.active, c.version", "FROM customers c", "c.id")
        .Contains("c.name_key")
        .Filter("active", "c.active = @active", ListQuery.Flag)
        .Sort("name", "c.name_key");

    public static ListShape Shape => List.Shape;

    public static ListShape CustomerShape => Customers.Shape;

    public Task<Page<Customer>> CustomersAsync(PageRequest request, CancellationToken ct = default) => Customers.PageAsync<Customer>(db, request, ct: ct);

    public async Task<Page<OrderRow>> PageAsync(PageRequest request, CancellationToken ct = default)
    {
        var today = clock.Today;
        return (await List.PageAsync<OrderRow>(db, request, ("1 = 1", new { today }), ct)).Select(o => o with { Late = o.IsOpen && o.DueOn < today });
    }

    /// <summary>Orders that somebody wants to close, with what of each item is still in the house.</summary>
    public Task<(IReadOnlyList<ClosingOrder> Orders, IReadOnlyList<ClosingItem> Items)> ClosingAsync(IReadOnlyList<long> ids, CancellationToken ct = default) => db.ManyAsync<(IReadOnlyList<ClosingOrder>, IReadOnlyList<ClosingItem>)>(
        """
        SELECT o.id, o.number, o.status, o.version, o.goods_version FROM orders o WHERE o.id IN @ids;
        SELECT i.id, i.order_id, i.line, p.unit,
               CASE WHEN i.status = 'Cancelled' THEN 0 ELSE
                   COALESCE((SELECT SUM(j.good - j.later_rejects) FROM jobs j WHERE j.step_id = s.id AND j.status <> 'Cancelled'), 0)
                   - COALESCE((SELECT SUM(u.quantity) FROM surpluses u WHERE u.item_id = i.id AND u.step_id = s.id), 0)
                   - COALESCE((SELECT SUM(l.quantity) FROM dispatches l WHERE l.item_id = i.id), 0) END AS rest,
               COALESCE((SELECT SUM(v.version) FROM jobs v WHERE v.item_id = i.id), 0) AS job_versions
        FROM order_items i JOIN products p ON p.id = i.product_id
            JOIN order_steps s ON s.item_id = i.id AND s.position = (SELECT MAX(r.position) FROM order_steps r WHERE r.item_id = i.id AND r.required = 1)
        WHERE i.order_id IN @ids ORDER BY i.line, i.id
        """, new { ids }, async grids => ([.. await grids.ReadAsync<ClosingOrder>()], [.. await grids.ReadAsync<ClosingItem>()]), ct);

    /// <summary>Those of some stages that are not in use, by themselves or with their department.</summary>
    public Task<IReadOnlyList<long>> OffAsync(IReadOnlyCollection<long> stages, CancellationToken ct = default) =>
        db.ListAsync<long>("SELECT g.id FROM stages g JOIN departments d ON d.id = g.department_id WHERE g.id IN @stages AND (g.active = 0 OR d.active = 0)", new { stages }, ct);

    /// <summary>Everything the order's page shows, in one round trip; null if there is none.</summary>
    public Task<OrderDetail?> DetailAsync(long id, CancellationToken ct = default) => db.ManyAsync(
        """
        SELECT o.id, o.number, o.sales_order_number, o.customer_id, o.value, o.starts_on, o.due_on, o.priority, o.status, o.notes, o.created_at, o.completed_at, o.version FROM orders o WHERE o.id = @id;
        SELECT c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = @id;
        SELECT i.id, i.line, i.product_id, p.code, p.name AS product, p.unit, p.decimals, i.quantity, i.unit_price, i.due_on, i.over_tolerance, i.under_tolerance, i.specifications, i.status, i.version,
               x.kind AS disposition, x.quantity AS disposed, COALESCE((SELECT SUM(l.quantity) FROM dispatches l WHERE l.item_id = i.id), 0) AS dispatched
        FROM order_items i JOIN products p ON p.id = i.product_id LEFT JOIN dispositions x ON x.item_id = i.id WHERE i.order_id = @id ORDER BY i.line, i.id;
        SELECT v.item_id, v.variant_id, pv.size, pv.colour, v.quantity FROM order_item_variants v JOIN order_items i ON i.id = v.item_id JOIN product_variants pv ON pv.id = v.variant_id
        WHERE i.order_id = @id ORDER BY pv.position, pv.id;
        SELECT u.item_id, u.step_id, g.name AS stage, u.kind, u.quantity FROM surpluses u JOIN order_items i ON i.id = u.item_id JOIN order_steps s ON s.id = u.step_id JOIN stages g ON g.id = s.stage_id
        WHERE i.order_id = @id ORDER BY u.id;
        SELECT s.id, s.item_id, s.position, s.stage_id, g.name AS stage, s.department_id, d.name AS department, s.setup_minutes, s.run_minutes, s.crew, s.scrap_share, s.factor,
               s.transfer_quantity, s.required, s.parallel, s.accepted_short_at, s.accepted_short_by,
               COALESCE(SUM(j.good), 0) AS good, COALESCE(SUM(j.scrap), 0) AS scrap, COALESCE(SUM(j.rework), 0) AS rework, COALESCE(SUM(j.later_rejects), 0) AS later_rejects,
               COALESCE(SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') AND j.planned > j.good THEN j.planned - j.good ELSE 0 END), 0) AS open_rest,
               SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') THEN 1 ELSE 0 END) AS open_jobs, SUM(CASE WHEN j.started_at IS NULL THEN 0 ELSE 1 END) AS started_jobs
        FROM order_steps s JOIN order_items i ON i.id = s.item_id JOIN stages g ON g.id = s.stage_id JOIN departments d ON d.id = s.department_id
            LEFT JOIN jobs j ON j.step_id = s.id AND j.status <> 'Cancelled'
        WHERE i.order_id = @id
        GROUP BY s.id, s.item_id, s.position, s.stage_id, g.name, s.department_id, d.name, s.setup_minutes, s.run_minutes, s.crew, s.scrap_share, s.factor, s.transfer_quantity, s.required,
            s.parallel, s.accepted_short_at, s.accepted_short_by
        ORDER BY s.item_id, s.position;
        SELECT j.id, j.item_id, j.step_id, g.name AS stage, m.number AS machine, e.first_name, e.last_name, j.status, j.planned, j.good, j.scrap, j.planned_start, j.planned_end, j.started_at, j.finished_at
        FROM jobs j JOIN stages g ON g.id = j.stage_id LEFT JOIN machines m ON m.id = j.machine_id LEFT JOIN employees e ON e.id = COALESCE(j.operator_id, j.employee_id)
        WHERE j.order_id = @id ORDER BY j.planned_start, j.id LIMIT 500;
        SELECT r.step_id, r.what, r.state, r.on_day, r.by_name, r.at FROM step_readiness r JOIN order_steps s ON s.id = r.step_id JOIN order_items i ON i.id = s.item_id WHERE i.order_id = @id
        """, new { id }, async grids =>
        {
            var order = await grids.ReadFirstOrDefaultAsync<Order>();
            var customer = await grids.ReadFirstOrDefaultAsync<string>();
            var items = (await grids.ReadAsync<OrderDetail.Item>()).ToArray();
            var variants = (await grids.ReadAsync<OrderDetail.VariantRow>()).ToLookup(v => v.ItemId);
            var surpluses = (await grids.ReadAsync<OrderDetail.Surplus>()).ToLookup(s => s.ItemId);
            var steps = (await grids.ReadAsync<OrderDetail.Step>()).ToLookup(s => s.ItemId);
            var jobs = (await grids.ReadAsync<OrderDetail.JobRow>()).ToArray();
            var ready = (await grids.ReadAsync<StepReadiness>()).ToLookup(r => r.StepId);
            return order is null ? null : new OrderDetail
            {
                Order = order,
                Customer = customer ?? "",
                Items = [.. items.Select(i => i with { Variants = [.. variants[i.Id]], Surpluses = [.. surpluses[i.Id]], Steps = [.. steps[i.Id].Select(s => s with { Readiness = [.. ready[s.Id].OrderBy(r => r.What)] })] })],
                Jobs = jobs,
            };
        }, ct);
}

/// <summary>An order as the list shows it.</summary>
public sealed record OrderRow
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string? SalesOrderNumber { get; init; }
    public string Customer { get; init; } = "";

    /// <summary>The earliest of its open items, each on its own day where it has one; once nothing is open, the order's.</summary>
    public DateOnly DueOn { get; init; }
    public OrderPriority Priority { get; init; }
    public OrderStatus Status { get; init; }
    public int Items { get; init; }

    /// <summary>The name of one of its products; with several items the list says how many more.</summary>
    public string? Product { get; init; }
    public bool OnHold { get; init; }

    /// <summary>Due day passed and still open.</summary>
    public bool Late { get; init; }
    public int Version { get; init; }
    public bool IsOpen => Status.IsOpen();
}

/// <summary>An order as far as closing it is concerned.</summary>
public sealed record ClosingOrder
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public OrderStatus Status { get; init; }
    public int Version { get; init; }
    public int GoodsVersion { get; init; }
}

/// <inheritdoc cref="ClosingOrder"/>
public sealed record ClosingItem
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public int Line { get; init; }
    public string Unit { get; init; } = "";

    /// <summary>Finished pieces that went nowhere yet.</summary>
    public decimal Rest { get; init; }
    public long JobVersions { get; init; }
}

/// <summary>An order with its items, their steps and jobs, and what is made and needed of each.</summary>
public sealed record OrderDetail
{
    public required Order Order { get; init; }
    public required string Customer { get; init; } = "";
    public IReadOnlyList<Item> Items { get; init; } = [];
    public IReadOnlyList<JobRow> Jobs { get; init; } = [];

    public sealed record Item
    {
        public long Id { get; init; }
        public int Line { get; init; }
        public long ProductId { get; init; }
        public string Code { get; init; } = "";
        public string Product { get; init; } = "";
        public string Unit { get; init; } = "";
        public int Decimals { get; init; }
        public decimal Quantity { get; init; }
        public decimal? UnitPrice { get; init; }
        public DateOnly? DueOn { get; init; }
        public decimal? OverTolerance { get; init; }
        public decimal? UnderTolerance { get; init; }
        public string? Specifications { get; init; }
        public OrderStatus Status { get; init; }
        public int Version { get; init; }

        /// <summary>Of a cancelled item: where its pieces went; null where none were made.</summary>
        public string? Disposition { get; init; }
        public decimal? Disposed { get; init; }

        /// <summary>Finished pieces that left, to the customer or elsewhere.</summary>
        public decimal Dispatched { get; init; }

        /// <summary>True while it may still be edited.</summary>
        public bool IsOpen => Status.IsOpen();
        public IReadOnlyList<VariantRow> Variants { get; init; } = [];
        public IReadOnlyList<Step> Steps { get; init; } = [];

        /// <summary>Pieces that a lowered quantity left over, and where they went.</summary>
        public IReadOnlyList<Surplus> Surpluses { get; init; } = [];

        /// <summary>Finished pieces, and those of them that went elsewhere when the quantity was lowered.</summary>
        public decimal Finished => Flow().Finished;
        public decimal FinishedElsewhere => Steps.LastOrDefault(s => s.Required) is { } last ? Surpluses.Where(s => s.StepId == last.Id).Sum(s => s.Quantity) : 0;

        /// <summary>The arithmetic of need over its steps.</summary>
        public ItemFlow Flow() => new(Quantity, [.. Steps.Select(s => s.Flow)], Decimals);
    }

    public sealed record VariantRow
    {
        public long ItemId { get; init; }
        public long VariantId { get; init; }
        public string Size { get; init; } = "";
        public string Colour { get; init; } = "";
        public decimal Quantity { get; init; }
    }

    public sealed record Surplus
    {
        public long ItemId { get; init; }
        public long StepId { get; init; }
        public string Stage { get; init; } = "";
        public string Kind { get; init; } = "";
        public decimal Quantity { get; init; }
    }

    public sealed record Step
    {
        public long Id { get; init; }
        public long ItemId { get; init; }
        public int Position { get; init; }
        public long StageId { get; init; }
        public string Stage { get; init; } = "";
        public long DepartmentId { get; init; }
        public string Department { get; init; } = "";
        public decimal SetupMinutes { get; init; }
        public decimal? RunMinutes { get; init; }
        public int Crew { get; init; }
        public decimal ScrapShare { get; init; }
        public decimal Factor { get; init; }
        public decimal? TransferQuantity { get; init; }
        public bool Required { get; init; }
        public bool Parallel { get; init; }
        public DateTimeOffset? AcceptedShortAt { get; init; }
        public string? AcceptedShortBy { get; init; }
        public decimal Good { get; init; }
        public decimal Scrap { get; init; }
        public decimal Rework { get; init; }
        public decimal LaterRejects { get; init; }
        public decimal OpenRest { get; init; }
        public int OpenJobs { get; init; }
        public int StartedJobs { get; init; }

        /// <summary>What was said of what it needs; nothing: unknown.</summary>
        public IReadOnlyList<StepReadiness> Readiness { get; init; } = [];

        public FlowStep Flow => new()
        {
            Id = Id, Position = Position, StageId = StageId, DepartmentId = DepartmentId, Stage = Stage, Required = Required, Parallel = Parallel, Factor = Factor, ScrapShare = ScrapShare,
            AcceptedShort = AcceptedShortAt is not null, Good = Good, Scrap = Scrap, Rework = Rework, LaterRejects = LaterRejects, OpenRest = OpenRest, OpenJobs = OpenJobs, StartedJobs = StartedJobs,
        };
    }

    public sealed record JobRow
    {
        public long Id { get; init; }
        public long ItemId { get; init; }
        public long StepId { get; init; }
        public string Stage { get; init; } = "";
        public string? Machine { get; init; }
        public string? FirstName { get; init; }
        public string? LastName { get; init; }
        public string Status { get; init; } = "";
        public decimal Planned { get; init; }
        public decimal Good { get; init; }
        public decimal Scrap { get; init; }
        public DateTimeOffset PlannedStart { get; init; }
        public DateTimeOffset PlannedEnd { get; init; }
        public DateTimeOffset? StartedAt { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }
        public string? Person => LastName is null ? null : $"{FirstName} {LastName}";
    }
}
