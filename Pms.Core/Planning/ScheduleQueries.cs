using Dapper;
using Pms.Core.Data;
using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Planning;

/// <summary>Reads the plan of a window by indexes: what is planned, runs or is paused in it, and what was done in it; never the history before.</summary>
public sealed class ScheduleQueries(Db db)
{
    private const string Covers =
        """
        h.order_id = j.order_id AND h.state = 'Open' AND (h.scope = 'Order' OR h.scope = 'Item' AND h.item_id = j.item_id OR h.scope = 'Step' AND h.step_id = j.step_id OR h.scope = 'Job' AND h.job_id = j.id)
        """;

    private const string Held = $"EXISTS (SELECT 1 FROM holds h WHERE {Covers})";

    private const string Select =
        $"""
        SELECT j.id, j.version, j.order_id, o.number AS order_number, j.item_id, j.step_id, p.name AS product, j.stage_id, s.name AS stage, j.department_id, d.name AS department,
               COALESCE(j.work_centre_id, m.work_centre_id) AS work_centre_id, j.machine_id, m.number AS machine, j.employee_id, j.kind, j.status, j.phase, j.planned, j.good, j.planned_start, j.planned_end,
               j.started_at, j.paused_at, j.finished_at, COALESCE(i.due_on, o.due_on) AS due_on, o.priority, {Held} AS held
        """;

    private const string Joins =
        """

        JOIN orders o ON o.id = j.order_id JOIN order_items i ON i.id = j.item_id JOIN products p ON p.id = j.product_id JOIN stages s ON s.id = j.stage_id
        JOIN departments d ON d.id = j.department_id LEFT JOIN machines m ON m.id = j.machine_id
        """;

    // A running job reaches to now at least, a paused one to its pause.
    private const string Pick =
        """
        SELECT a.id FROM jobs a WHERE a.department_id IN @departments AND a.status = 'Planned' AND a.planned_start < @to AND a.planned_end >= @from
        UNION ALL
        SELECT b.id FROM jobs b WHERE b.department_id IN @departments AND b.status IN ('Running', 'Paused') AND b.started_at < @to AND (b.planned_end > @from OR b.paused_at > @from OR b.status = 'Running' AND @now > @from)
        UNION ALL
        SELECT c.id FROM jobs c WHERE c.department_id IN @departments AND c.status = 'Finished' AND c.finished_at > @from AND c.finished_at < @ahead AND COALESCE(c.started_at, c.planned_start) < @to
        """;

    // A finished job that reaches beyond the window ended at most this long after it.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(31);

    private const string Path =
        """
        SELECT t.item_id, t.id, t.position, t.stage_id, t.department_id, g.name AS stage, t.setup_minutes, t.run_minutes, t.required, t.parallel, t.factor, t.scrap_share, t.transfer_quantity,
               CASE WHEN t.accepted_short_at IS NULL THEN 0 ELSE 1 END AS accepted_short,
               COALESCE(SUM(x.good), 0) AS good, COALESCE(SUM(x.later_rejects), 0) AS later_rejects,
               COALESCE(SUM(CASE WHEN x.status IN ('Planned', 'Running', 'Paused') AND x.planned > x.good THEN x.planned - x.good ELSE 0 END), 0) AS open_rest
        FROM order_steps t JOIN stages g ON g.id = t.stage_id LEFT JOIN jobs x ON x.step_id = t.id

        """;

    private const string PathEnd =
        """

        GROUP BY t.item_id, t.id, t.position, t.stage_id, t.department_id, g.name, t.setup_minutes, t.run_minutes, t.required, t.parallel, t.factor, t.scrap_share, t.transfer_quantity, t.accepted_short_at
        ORDER BY t.item_id, t.position
        """;

    private static readonly ListQuery List = new ListQuery(Select, $"FROM ({Pick}) k JOIN jobs j ON j.id = k.id{Joins}", "j.id")
        .Search("o.number_key", "p.code_key", "m.number_key")
        .Filter("department", "j.department_id = @department", ListQuery.Number)
        .Filter("machine", "j.machine_id = @machine", ListQuery.Number)
        .Filter("status", "j.status IN @status", ListQuery.OneOf<JobStatus>)
        .Filter("priority", "o.priority = @priority", ListQuery.Number)
        .Sort("start", "j.planned_start").Sort("end", "j.planned_end").Sort("order", "o.number_key", "j.planned_start").Sort("machine", "m.number_key", "j.planned_start")
        .Sort("due", "COALESCE(i.due_on, o.due_on)", "j.planned_start").Sort("status", "j.status", "j.planned_start");

    public static ListShape Shape => List.Shape;

    /// <summary>Departments, work centres and machines in service with the stages they run.</summary>
    public Task<(IReadOnlyList<PlanDepartment> Departments, IReadOnlyList<PlanCentre> Centres, IReadOnlyList<PlanMachine> Machines)> PlantAsync(CancellationToken ct) =>
        db.ManyAsync<(IReadOnlyList<PlanDepartment>, IReadOnlyList<PlanCentre>, IReadOnlyList<PlanMachine>)>(
            """
            SELECT id, code, name FROM departments WHERE active = 1 ORDER BY position, id;
            SELECT id, name, department_id FROM work_centres WHERE active = 1 ORDER BY code_key;
            SELECT id, number, name, department_id, work_centre_id, slots FROM machines WHERE retired_at IS NULL ORDER BY number_key;
            SELECT ms.machine_id, ms.stage_id FROM machine_stages ms JOIN machines m ON m.id = ms.machine_id AND m.retired_at IS NULL
            """, null, async grids =>
            {
                var departments = (await grids.ReadAsync<PlanDepartment>()).AsList();
                var centres = (await grids.ReadAsync<PlanCentre>()).AsList();
                var machines = (await grids.ReadAsync<PlanMachine>()).AsList();
                var stages = (await grids.ReadAsync<MachineStage>()).ToLookup(s => s.MachineId, s => s.StageId);
                return (departments, centres, [.. machines.Select(m => m with { Stages = stages[m.Id].ToHashSet() })]);
            }, ct);

    /// <summary>The window's jobs in order of their start, the finished ones last, at most <paramref name="take"/>.</summary>
    public Task<IReadOnlyList<PlannedJob>> JobsAsync(IReadOnlyCollection<long> departments, Span window, DateTimeOffset now, int take, CancellationToken ct) => db.ListAsync<PlannedJob>(
        $"{Select} FROM ({Pick}) k JOIN jobs j ON j.id = k.id{Joins} ORDER BY CASE WHEN j.status = 'Finished' THEN 1 ELSE 0 END, j.planned_start, j.id LIMIT @take",
        new { departments, from = window.Start, to = window.End, now, ahead = window.End + Ahead, take }, ct);

    /// <summary>The same jobs as a list.</summary>
    public Task<Page<PlannedJob>> PageAsync(PageRequest request, IReadOnlyCollection<long> departments, Span window, DateTimeOffset now, CancellationToken ct) =>
        List.PageAsync<PlannedJob>(db, request, ("j.id > 0", new { departments, from = window.Start, to = window.End, now, ahead = window.End + Ahead }), ct);

    public Task<PlannedJob?> FindAsync(long id, CancellationToken ct) => db.FindAsync<PlannedJob>($"{Select} FROM jobs j{Joins} WHERE j.id = @id", new { id }, ct);

    /// <summary>The item's path and its jobs.</summary>
    public Task<(ItemRow? Item, IReadOnlyList<StepRow> Steps, IReadOnlyList<NeighbourJob> Jobs, long? Hold)> PathAsync(long itemId, long jobId, CancellationToken ct) =>
        db.ManyAsync<(ItemRow?, IReadOnlyList<StepRow>, IReadOnlyList<NeighbourJob>, long?)>(
            $"""
            SELECT i.id, i.line, i.quantity, p.decimals FROM order_items i JOIN products p ON p.id = i.product_id WHERE i.id = @itemId;
            {Path} WHERE t.item_id = @itemId{PathEnd};
            SELECT j.id, j.step_id, m.number AS machine, j.status, j.planned, j.good, j.planned_start, j.planned_end, j.started_at, j.finished_at
            FROM jobs j LEFT JOIN machines m ON m.id = j.machine_id WHERE j.item_id = @itemId AND j.status <> 'Cancelled' ORDER BY j.planned_start, j.id;
            SELECT h.id FROM jobs j JOIN holds h ON {Covers} WHERE j.id = @jobId ORDER BY h.opened_at, h.id LIMIT 1
            """, new { itemId, jobId }, async grids =>
                (await grids.ReadFirstOrDefaultAsync<ItemRow>(), (await grids.ReadAsync<StepRow>()).AsList(), (await grids.ReadAsync<NeighbourJob>()).AsList(), await grids.ReadFirstOrDefaultAsync<long?>()), ct);

    /// <summary>Items of open orders in which something may be left to plan, behind a place in the order of their due days.</summary>
    public Task<IReadOnlyList<ItemRow>> OpenItemsAsync(UnplannedRequest request, IReadOnlyCollection<long> departments, DateOnly today, int take, CancellationToken ct) => db.ListAsync<ItemRow>(
        """
        SELECT i.id, i.line, i.quantity, p.decimals, i.order_id, o.number AS order_number, p.name AS product, p.unit, COALESCE(i.due_on, o.due_on) AS due_on, o.priority,
               EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.state = 'Open' AND (h.scope = 'Order' OR h.scope = 'Item' AND h.item_id = i.id)) AS held
        FROM orders o JOIN order_items i ON i.order_id = o.id AND i.status IN ('Unscheduled', 'InProgress') JOIN products p ON p.id = i.product_id
        WHERE o.status IN ('Unscheduled', 'Scheduled', 'InProgress')
          AND (@key = '' OR o.number_key >= @key AND o.number_key < @keyEnd OR p.code_key >= @key AND p.code_key < @keyEnd)
          AND (@priority IS NULL OR o.priority = @priority) AND (@late = 0 OR COALESCE(i.due_on, o.due_on) < @today)
          AND EXISTS (SELECT 1 FROM order_steps t WHERE t.item_id = i.id AND t.department_id IN @departments)
          AND (COALESCE(i.due_on, o.due_on) > @afterDue OR COALESCE(i.due_on, o.due_on) = @afterDue AND i.id > @afterId)
        ORDER BY COALESCE(i.due_on, o.due_on), i.id LIMIT @take
        """, new
        {
            key = Text.Key(request.Search), keyEnd = Text.PrefixEnd(Text.Key(request.Search)), priority = (int?)request.Priority, late = request.Late ? 1 : 0, today, departments,
            afterDue = request.After?.DueOn ?? DateOnly.MinValue, afterId = request.After?.ItemId ?? 0, take,
        }, ct);

    public Task<IReadOnlyList<StepRow>> StepsAsync(IReadOnlyCollection<long> items, CancellationToken ct) => db.ListAsync<StepRow>($"{Path} WHERE t.item_id IN @items{PathEnd}", new { items }, ct);

    /// <summary>A machine's jobs: those that wait or are under way at it, and those that ran on it in the window.</summary>
    public Task<(IReadOnlyList<PlannedJob> Jobs, IReadOnlyList<MachineHalt> Halts, IReadOnlyList<OpenTicket> Tickets)> MachineAsync(long machine, Span window, DateTimeOffset now, CancellationToken ct) =>
        db.ManyAsync<(IReadOnlyList<PlannedJob>, IReadOnlyList<MachineHalt>, IReadOnlyList<OpenTicket>)>(
            $"""
            {Select} FROM (
            SELECT a.id FROM jobs a WHERE a.machine_id = @machine AND a.status = 'Planned' AND a.planned_start < @to AND a.planned_end >= @from
            UNION
            SELECT b.id FROM jobs b WHERE b.machine_id = @machine AND b.status IN ('Running', 'Paused') AND b.started_at < @to AND (b.planned_end > @from OR b.paused_at > @from OR b.status = 'Running' AND @now > @from)
            UNION
            SELECT r.job_id FROM machine_runs r WHERE r.machine_id = @machine AND r.started_at >= @before AND r.started_at < @to AND (r.ended_at > @from OR r.ended_at IS NULL) AND r.kind <> 'Stop' AND r.state NOT IN ('Superseded', 'Void')
            ) k JOIN jobs j ON j.id = k.id{Joins} ORDER BY j.planned_start, j.id LIMIT 2000;
            SELECT r.started_at AS "from", r.ended_at AS "to", o.number AS order_number, x.word AS reason
            FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id LEFT JOIN reasons x ON x.id = r.reason_id
            WHERE r.machine_id = @machine AND r.started_at >= @before AND r.started_at < @to AND (r.ended_at IS NULL OR r.ended_at > @from) AND r.kind = 'Stop' AND r.state NOT IN ('Superseded', 'Void')
            ORDER BY r.started_at LIMIT 2000;
            SELECT t.number, t.description, t.severity, t.status, t.stands, t.opened_at, t.expected_back FROM maintenance_tickets t
            WHERE t.machine_id = @machine AND t.status IN ('Open', 'Assigned', 'InProgress', 'AwaitingParts') ORDER BY t.opened_at DESC LIMIT 50
            """, new { machine, from = window.Start, to = window.End, now, before = window.Start - Ahead }, async grids =>
                ((await grids.ReadAsync<PlannedJob>()).AsList(), (await grids.ReadAsync<MachineHalt>()).AsList(), (await grids.ReadAsync<OpenTicket>()).AsList()), ct);

    private sealed record MachineStage
    {
        public long MachineId { get; init; }
        public long StageId { get; init; }
    }
}

/// <summary>An item with what its needs are computed from.</summary>
public sealed record ItemRow
{
    public long Id { get; init; }
    public int Line { get; init; }
    public decimal Quantity { get; init; }
    public int Decimals { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public string Product { get; init; } = "";
    public string Unit { get; init; } = "";
    public DateOnly DueOn { get; init; }
    public OrderPriority Priority { get; init; }
    public bool Held { get; init; }

    public ItemFlow Flow(IEnumerable<StepRow> steps) => new(Quantity, [.. steps.Select(s => s.Flow)], Decimals);
}

/// <summary>A step of a path with its standard and what its jobs made and still have open.</summary>
public sealed record StepRow
{
    public long ItemId { get; init; }
    public long Id { get; init; }
    public int Position { get; init; }
    public long StageId { get; init; }
    public long DepartmentId { get; init; }
    public string Stage { get; init; } = "";
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }
    public bool Required { get; init; }
    public bool Parallel { get; init; }
    public decimal Factor { get; init; }
    public decimal ScrapShare { get; init; }
    public decimal? TransferQuantity { get; init; }
    public bool AcceptedShort { get; init; }
    public decimal Good { get; init; }
    public decimal LaterRejects { get; init; }
    public decimal OpenRest { get; init; }

    public FlowStep Flow => new()
    {
        Id = Id, Position = Position, StageId = StageId, DepartmentId = DepartmentId, Stage = Stage, Required = Required, Parallel = Parallel, Factor = Factor, ScrapShare = ScrapShare,
        AcceptedShort = AcceptedShort, Good = Good, LaterRejects = LaterRejects, OpenRest = OpenRest,
    };
}
