using Pms.Core.Capacity;
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
        """
        j.id AS subject, j.id AS job_id, j.order_id, o.number AS order_number, o.priority, j.department_id, g.name AS stage, j.machine_id, m.number AS machine, e.first_name, e.last_name, j.planned_start, j.planned_end,
        COALESCE(i.due_on, o.due_on) AS due_on
        """;

    private const string JobJoins =
        """
        JOIN orders o ON o.id = j.order_id JOIN order_items i ON i.id = j.item_id JOIN stages g ON g.id = j.stage_id
        LEFT JOIN machines m ON m.id = j.machine_id LEFT JOIN employees e ON e.id = j.employee_id
        """;

    /// <summary>All but what the calendar and the forecast decide, in one round trip; each statement tells its kind and cause.</summary>
    public Task<IReadOnlyList<IssueRow>> LoadAsync(DateTimeOffset now, DateOnly today, CancellationToken ct = default) => db.ManyAsync<IReadOnlyList<IssueRow>>(
        $"""
        SELECT 'OnHold' AS kind, h.id AS subject, h.id AS hold_id, h.order_id, o.number AS order_number, o.priority, h.job_id, s.department_id, g.name AS stage, h.kind AS hold, h.note, h.opened_at AS since, h.expected_on, o.due_on
        FROM holds h JOIN orders o ON o.id = h.order_id LEFT JOIN jobs j ON j.id = h.job_id LEFT JOIN order_steps s ON s.id = COALESCE(h.step_id, j.step_id) LEFT JOIN stages g ON g.id = s.stage_id
        WHERE h.state = 'Open' ORDER BY h.opened_at LIMIT {Most};
        SELECT 'NeedsDecision' AS kind, d.id AS subject, d.order_id, o.number AS order_number, o.priority, p.name AS note, d.at AS since, d.wanted AS pieces, COALESCE(i.due_on, o.due_on) AS due_on
        FROM order_decisions d JOIN orders o ON o.id = d.order_id JOIN order_items i ON i.id = d.item_id JOIN products p ON p.id = i.product_id WHERE d.state = 'Open' ORDER BY d.at, d.id LIMIT {Most};
        SELECT 'ToReassign' AS kind, 'Absent' AS cause, {JobColumns}, a.starts_at AS since, a.ends_at AS until FROM absences a JOIN jobs j ON j.employee_id = a.employee_id AND j.status IN ('Planned', 'Paused') AND j.planned_start < a.ends_at AND j.planned_end > a.starts_at
        {JobJoins} WHERE a.ends_at > @now ORDER BY j.planned_start LIMIT {Most};
        SELECT 'ToReassign' AS kind, 'Left' AS cause, {JobColumns} FROM employees x JOIN jobs j ON j.employee_id = x.id AND j.status IN ('Planned', 'Paused') {JobJoins} WHERE x.active = 0 ORDER BY j.planned_start LIMIT {Most};
        SELECT 'LostCapacity' AS kind, 'Stands' AS cause, {JobColumns}, COALESCE(t.stands_from, t.opened_at) AS since, t.expected_back AS until, t.number AS note
        FROM maintenance_tickets t JOIN jobs j ON j.machine_id = t.standing_id AND j.status IN ('Planned', 'Paused') AND (t.expected_back IS NULL OR j.planned_start < t.expected_back)
        {JobJoins} WHERE t.standing_id > 0 ORDER BY j.planned_start LIMIT {Most};
        SELECT 'LostCapacity' AS kind, 'Retired' AS cause, {JobColumns}, x.retired_at AS since FROM machines x JOIN jobs j ON j.machine_id = x.id AND j.status IN ('Planned', 'Paused') {JobJoins} WHERE x.retired_at IS NOT NULL ORDER BY j.planned_start LIMIT {Most};
        SELECT 'Rejected' AS kind, {JobColumns}, j.finished_at AS since, j.later_rejects AS pieces FROM jobs j {JobJoins} WHERE j.later_rejects > 0 AND i.status IN {Open} LIMIT {Most};
        SELECT 'LateJob' AS kind, {JobColumns}, j.planned_end AS since FROM jobs j {JobJoins} WHERE j.status IN ('Planned', 'Running', 'Paused') AND j.planned_end < @now ORDER BY j.planned_end LIMIT {Most};
        SELECT 'LateOrder' AS kind, c.id AS subject, c.id AS order_id, o.number AS order_number, o.priority, c.due_on FROM (
            SELECT l.id, COALESCE((SELECT MIN(COALESCE(d.due_on, l.due_on)) FROM order_items d WHERE d.order_id = l.id AND d.status IN {Open}), l.due_on) AS due_on FROM (
                SELECT q.id, q.due_on FROM orders q WHERE q.status IN {Open} AND q.due_on < @today
                UNION
                SELECT q.id, q.due_on FROM order_items k JOIN orders q ON q.id = k.order_id WHERE k.due_on < @today AND k.status IN {Open} AND q.status IN {Open}) l) c
            JOIN orders o ON o.id = c.id WHERE c.due_on < @today ORDER BY c.due_on, o.priority DESC, c.id LIMIT {Most}
        """, new { now, today }, async grids =>
        {
            var found = new List<IssueRow>();
            while (!grids.IsConsumed)
                found.AddRange(await grids.ReadAsync<IssueRow>());
            return found;
        }, ct);

    /// <summary>Planned jobs within a span, for the calendar to look at.</summary>
    public Task<IReadOnlyList<IssueRow>> PlannedAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken ct = default) => db.ListAsync<IssueRow>(
        $"SELECT {JobColumns}, j.setup_minutes, j.run_minutes, j.planned - j.good AS pieces FROM jobs j {JobJoins} WHERE j.status = 'Planned' AND j.planned_end > @from AND j.planned_start < @to", new { from, to }, ct);

    /// <summary>Where something is left to do of open items of these orders.</summary>
    public Task<IReadOnlyList<(long OrderId, long DepartmentId)>> ThroughAsync(IReadOnlyCollection<long> orders, CancellationToken ct = default) => db.ListAsync<(long, long)>(
        $"SELECT DISTINCT i.order_id, s.department_id FROM order_items i JOIN order_steps s ON s.item_id = i.id WHERE i.order_id IN @orders AND i.status IN {Open}", new { orders = orders.Count > 0 ? orders : [0L] }, ct);
}

/// <summary>One exception as it was found. <see cref="Subject"/>: what it is about (the hold, the decision, the job, the order), one of its kind.</summary>
public sealed record IssueRow
{
    public IssueKind Kind { get; init; }
    public IssueCause Cause { get; init; }
    public long Subject { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public long? JobId { get; init; }
    public long? HoldId { get; init; }
    public Jobs.Holds.HoldKind? Hold { get; init; }
    public long? DepartmentId { get; init; }
    public string? Stage { get; init; }
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public DateTimeOffset? PlannedStart { get; init; }
    public DateTimeOffset? PlannedEnd { get; init; }
    public DateOnly DueOn { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public DateOnly? ExpectedOn { get; init; }
    public string? Note { get; init; }
    public decimal? Pieces { get; init; }
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }

    /// <summary>Working time that it takes.</summary>
    public TimeSpan Takes => PlannedLoad.WorkOf(SetupMinutes + (RunMinutes ?? 0) * (Pieces ?? 0));
}
