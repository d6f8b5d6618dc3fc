using Pms.Core.Data;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Exceptions;

/// <summary>Finds what needs a planner. Every read goes by an index over what is open, so that it costs the same after ten million finished jobs.</summary>
public sealed class IssueQueries(Db db)
{
    /// <summary>More of one kind than this is one question and not thousands.</summary>
    public const int Most = 2_000;

    private const string Open = "('Unscheduled', 'Scheduled', 'InProgress')";

    private const string JobColumns =
        "j.id AS job_id, j.order_id, o.number AS order_number, o.priority, j.department_id, g.name AS stage, m.number AS machine, e.first_name, e.last_name, j.planned_start, j.planned_end, COALESCE(i.due_on, o.due_on) AS due_on";

    private const string JobJoins =
        """
        JOIN orders o ON o.id = j.order_id JOIN order_items i ON i.id = j.item_id JOIN stages g ON g.id = j.stage_id
        LEFT JOIN machines m ON m.id = j.machine_id LEFT JOIN employees e ON e.id = j.employee_id
        """;

    /// <summary>All but what the calendar decides, in one round trip.</summary>
    public Task<IssueRead> LoadAsync(DateTimeOffset now, DateOnly today, DateOnly soon, CancellationToken ct = default) => db.ManyAsync(
        $"""
        SELECT h.id, h.order_id, o.number AS order_number, o.priority, h.job_id, s.department_id, g.name AS stage, h.kind AS hold, h.note, h.opened_at AS since, h.expected_on, o.due_on
        FROM holds h JOIN orders o ON o.id = h.order_id LEFT JOIN jobs j ON j.id = h.job_id LEFT JOIN order_steps s ON s.id = COALESCE(h.step_id, j.step_id) LEFT JOIN stages g ON g.id = s.stage_id
        WHERE h.state = 'Open' ORDER BY h.opened_at LIMIT {Most};
        SELECT {JobColumns}, a.starts_at AS since, a.ends_at AS until FROM absences a JOIN jobs j ON j.employee_id = a.employee_id AND j.status IN ('Planned', 'Paused') AND j.planned_start < a.ends_at AND j.planned_end > a.starts_at
        {JobJoins} WHERE a.ends_at > @now ORDER BY j.planned_start LIMIT {Most};
        SELECT {JobColumns} FROM employees x JOIN jobs j ON j.employee_id = x.id AND j.status IN ('Planned', 'Paused') {JobJoins} WHERE x.active = 0 ORDER BY j.planned_start LIMIT {Most};
        SELECT {JobColumns}, COALESCE(t.stands_from, t.opened_at) AS since, t.expected_back AS until, t.number AS note
        FROM maintenance_tickets t JOIN jobs j ON j.machine_id = t.standing_id AND j.status IN ('Planned', 'Paused') AND (t.expected_back IS NULL OR j.planned_start < t.expected_back)
        {JobJoins} WHERE t.standing_id > 0 ORDER BY j.planned_start LIMIT {Most};
        SELECT {JobColumns}, x.retired_at AS since FROM machines x JOIN jobs j ON j.machine_id = x.id AND j.status IN ('Planned', 'Paused') {JobJoins} WHERE x.retired_at IS NOT NULL ORDER BY j.planned_start LIMIT {Most};
        SELECT {JobColumns}, j.finished_at AS since, j.later_rejects AS pieces FROM jobs j {JobJoins} WHERE j.later_rejects > 0 AND i.status IN {Open} LIMIT {Most};
        SELECT {JobColumns}, j.planned_end AS since FROM jobs j {JobJoins} WHERE j.status IN ('Planned', 'Running', 'Paused') AND j.planned_end < @now ORDER BY j.planned_end LIMIT {Most};
        SELECT c.id, o.number AS order_number, o.priority, c.due_on FROM (
            SELECT l.id, COALESCE((SELECT MIN(COALESCE(d.due_on, l.due_on)) FROM order_items d WHERE d.order_id = l.id AND d.status IN {Open}), l.due_on) AS due_on FROM (
                SELECT q.id, q.due_on FROM orders q WHERE q.status IN {Open} AND q.due_on < @today
                UNION
                SELECT q.id, q.due_on FROM order_items k JOIN orders q ON q.id = k.order_id WHERE k.due_on < @today AND k.status IN {Open} AND q.status IN {Open}) l) c
            JOIN orders o ON o.id = c.id WHERE c.due_on < @today ORDER BY c.due_on, o.priority DESC, c.id LIMIT {Most};
        SELECT j.item_id, j.order_id, o.number AS order_number, o.priority, j.department_id, COALESCE(i.due_on, o.due_on) AS due_on, MAX(j.planned_end) AS ends
        FROM jobs j JOIN orders o ON o.id = j.order_id JOIN order_items i ON i.id = j.item_id
        WHERE j.status IN ('Planned', 'Running', 'Paused') AND j.planned_end > @now AND j.last_step = 1 GROUP BY j.item_id, j.order_id, o.number, o.priority, j.department_id, COALESCE(i.due_on, o.due_on);
        SELECT i.id AS item_id, i.order_id, o.number AS order_number, o.priority, i.quantity, p.decimals, COALESCE(i.due_on, o.due_on) AS due_on, s.id AS step_id, s.position, s.stage_id, s.department_id, g.name AS stage,
               s.required, s.parallel, s.factor, s.scrap_share, CASE WHEN s.accepted_short_at IS NULL THEN 0 ELSE 1 END AS accepted_short, COALESCE(SUM(j.good), 0) AS good, COALESCE(SUM(j.later_rejects), 0) AS later_rejects,
               COALESCE(SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') AND j.planned > j.good THEN j.planned - j.good ELSE 0 END), 0) AS open_rest
        FROM (SELECT k.id FROM orders q JOIN order_items k ON k.order_id = q.id AND k.due_on IS NULL WHERE q.status IN {Open} AND q.due_on >= @today AND q.due_on <= @soon
              UNION SELECT k.id FROM order_items k WHERE k.due_on >= @today AND k.due_on <= @soon) d
            JOIN order_items i ON i.id = d.id AND i.status IN {Open} JOIN orders o ON o.id = i.order_id JOIN products p ON p.id = i.product_id
            JOIN order_steps s ON s.item_id = i.id JOIN stages g ON g.id = s.stage_id LEFT JOIN jobs j ON j.step_id = s.id AND j.status <> 'Cancelled'
        GROUP BY i.id, i.order_id, o.number, o.priority, i.quantity, p.decimals, COALESCE(i.due_on, o.due_on), s.id, s.position, s.stage_id, s.department_id, g.name, s.required, s.parallel, s.factor, s.scrap_share, s.accepted_short_at
        ORDER BY i.id, s.position
        """, new { now, today, soon }, async grids => new IssueRead
        {
            Holds = (await grids.ReadAsync<HeldRow>()).ToArray(),
            Away = (await grids.ReadAsync<IssueJob>()).ToArray(),
            Left = (await grids.ReadAsync<IssueJob>()).ToArray(),
            Standing = (await grids.ReadAsync<IssueJob>()).ToArray(),
            Retired = (await grids.ReadAsync<IssueJob>()).ToArray(),
            Rejected = (await grids.ReadAsync<IssueJob>()).ToArray(),
            LateJobs = (await grids.ReadAsync<IssueJob>()).ToArray(),
            LateOrders = (await grids.ReadAsync<LateOrderRow>()).ToArray(),
            Ends = (await grids.ReadAsync<LastEnd>()).ToArray(),
            DueSoon = (await grids.ReadAsync<DueStep>()).ToArray(),
        }, ct);

    /// <summary>Planned jobs within a span, for the calendar to look at.</summary>
    public Task<IReadOnlyList<IssueJob>> PlannedAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken ct = default) => db.ListAsync<IssueJob>(
        $"SELECT {JobColumns}, j.machine_id, j.setup_minutes, j.run_minutes, j.planned - j.good AS pieces FROM jobs j {JobJoins} WHERE j.status = 'Planned' AND j.planned_end > @from AND j.planned_start < @to", new { from, to }, ct);

    /// <summary>Where something is left to do of open items of these orders.</summary>
    public Task<IReadOnlyList<(long OrderId, long DepartmentId)>> ThroughAsync(IReadOnlyCollection<long> orders, CancellationToken ct = default) => db.ListAsync<(long, long)>(
        $"SELECT DISTINCT i.order_id, s.department_id FROM order_items i JOIN order_steps s ON s.item_id = i.id WHERE i.order_id IN @orders AND i.status IN {Open}", new { orders = orders.Count > 0 ? orders : [0L] }, ct);
}

/// <summary>What was found, kind by kind.</summary>
public sealed record IssueRead
{
    public IReadOnlyList<HeldRow> Holds { get; init; } = [];
    public IReadOnlyList<IssueJob> Away { get; init; } = [];
    public IReadOnlyList<IssueJob> Left { get; init; } = [];
    public IReadOnlyList<IssueJob> Standing { get; init; } = [];
    public IReadOnlyList<IssueJob> Retired { get; init; } = [];
    public IReadOnlyList<IssueJob> Rejected { get; init; } = [];
    public IReadOnlyList<IssueJob> LateJobs { get; init; } = [];
    public IReadOnlyList<LateOrderRow> LateOrders { get; init; } = [];
    public IReadOnlyList<LastEnd> Ends { get; init; } = [];
    public IReadOnlyList<DueStep> DueSoon { get; init; } = [];
}

public sealed record HeldRow
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public long? JobId { get; init; }
    public long? DepartmentId { get; init; }
    public string? Stage { get; init; }
    public Jobs.Holds.HoldKind Hold { get; init; }
    public string Note { get; init; } = "";
    public DateTimeOffset Since { get; init; }
    public DateOnly? ExpectedOn { get; init; }
    public DateOnly DueOn { get; init; }
}

public sealed record IssueJob
{
    public long JobId { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public long DepartmentId { get; init; }
    public string Stage { get; init; } = "";
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public DateTimeOffset PlannedStart { get; init; }
    public DateTimeOffset PlannedEnd { get; init; }
    public DateOnly DueOn { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public string? Note { get; init; }
    public decimal? Pieces { get; init; }
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }

    /// <summary>Working time that it takes.</summary>
    public TimeSpan Takes => TimeSpan.FromMinutes((double)(SetupMinutes + (RunMinutes ?? 0) * (Pieces ?? 0)));
}

public sealed record LateOrderRow
{
    public long Id { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public DateOnly DueOn { get; init; }
}

/// <summary>When the last step of an item is planned to end.</summary>
public sealed record LastEnd
{
    public long ItemId { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public long DepartmentId { get; init; }
    public DateOnly DueOn { get; init; }
    public DateTimeOffset Ends { get; init; }
}

/// <summary>A step of an item that is due soon, with what is made and planned of it.</summary>
public sealed record DueStep
{
    public long ItemId { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public decimal Quantity { get; init; }
    public int Decimals { get; init; }
    public DateOnly DueOn { get; init; }
    public long StepId { get; init; }
    public int Position { get; init; }
    public long StageId { get; init; }
    public long DepartmentId { get; init; }
    public string Stage { get; init; } = "";
    public bool Required { get; init; }
    public bool Parallel { get; init; }
    public decimal Factor { get; init; }
    public decimal ScrapShare { get; init; }
    public bool AcceptedShort { get; init; }
    public decimal Good { get; init; }
    public decimal LaterRejects { get; init; }
    public decimal OpenRest { get; init; }

    public FlowStep Flow => new()
    {
        Id = StepId, Position = Position, StageId = StageId, DepartmentId = DepartmentId, Stage = Stage, Required = Required, Parallel = Parallel, Factor = Factor, ScrapShare = ScrapShare,
        AcceptedShort = AcceptedShort, Good = Good, LaterRejects = LaterRejects, OpenRest = OpenRest,
    };
}
