using Dapper;
using Pms.Core.Data;
using Pms.Core.Jobs;

namespace Pms.Core.Floor;

/// <summary>
/// The one query set behind all boards of the plant. Every read is bounded by the production day or by what is open,
/// so that it costs the same after ten million finished jobs.
/// Open intervals are asked for as <c>open_… &gt; 0</c>, because SQLite uses no index for IS NOT NULL.
/// </summary>
public sealed partial class FloorQueries(Db db)
{
    /// <summary>More due orders than this are the planner's list, not a board's.</summary>
    private const int MostOrders = 1_000;

    private const string RunColumns = "machine_id, slot, job_id, kind, kpi_class, started_at, ended_at";
    private const string WorkColumns = "employee_id, department_id, machine_id, job_id, started_at, ended_at";
    private const string PresenceColumns = "employee_id, department_id, started_at, ended_at";
    // An item may be due on a day of its own.
    private const string NextDue =
        "COALESCE((SELECT MIN(COALESCE(i.due_on, orders.due_on)) FROM order_items i WHERE i.order_id = orders.id AND i.status IN ('Unscheduled', 'Scheduled', 'InProgress')), orders.due_on)";
    private const string DueColumns = "id, number, " + NextDue + " AS due_on";
    private const string IsDue = "status IN ('Unscheduled', 'Scheduled', 'InProgress') AND " + NextDue + " <= @dueUntil";

    private const string StartedSelect =
        """
        SELECT j.id, j.order_id, o.number AS order_number, p.name AS product_name, j.step_id, j.department_id, j.machine_id, j.status, j.phase, j.planned, j.good, j.scrap, j.rework,
               j.setup_minutes, j.run_minutes, j.planned_end, j.started_at, j.paused_at, j.pause_reason_id, j.pause_cause, r.word AS pause_reason, r.kpi_class AS pause_class,
               j.operator_id, e.first_name AS operator_first, e.last_name AS operator_last
        FROM jobs j JOIN orders o ON o.id = j.order_id JOIN products p ON p.id = j.product_id
        LEFT JOIN reasons r ON r.id = j.pause_reason_id LEFT JOIN employees e ON e.id = j.operator_id
        """;

    private const string NextSelect =
        """
        SELECT j.machine_id, j.id AS job_id, o.number AS order_number, j.planned, j.planned_start FROM jobs j JOIN orders o ON o.id = j.order_id
        WHERE j.machine_id IN @Machines AND j.status = 'Planned'
          AND NOT EXISTS (SELECT 1 FROM jobs b WHERE b.machine_id = j.machine_id AND b.status = 'Planned' AND b.sequence < j.sequence)
        ORDER BY j.planned_start, j.id
        """;

    private const string ReportSelect =
        """
        SELECT r.job_id, r.step_id, j.product_id, r.department_id, r.machine_id, j.kind AS job_kind, r.at, r.good, r.scrap, r.rework, r.run_minutes, r.shift_day, r.shift_id
        FROM job_reports r JOIN jobs j ON j.id = r.job_id
        """;

    private const string TicketSelect =
        """
        SELECT t.id, t.number, t.machine_id, t.status, t.description, r.word AS reason, r.kpi_class, e.first_name AS assigned, COALESCE(t.stands_from, t.opened_at) AS stands_from, t.expected_back, t.released_at
        FROM maintenance_tickets t LEFT JOIN reasons r ON r.id = t.reason_id LEFT JOIN employees e ON e.id = t.assigned_employee_id
        """;

    private const string AllocationSelect =
        """
        SELECT a.employee_id, a.machine_id, a.level, a.shift_id, e.first_name, e.last_name FROM allocations a JOIN employees e ON e.id = a.employee_id
        WHERE a.from_day <= @Today AND (a.to_day IS NULL OR a.to_day >= @Today)
        """;

    private const string LoadSelect =
        "SELECT order_id, department_id, MAX(planned_end) AS planned_end FROM jobs WHERE order_id IN @Orders AND status IN ('Planned', 'Running', 'Paused') GROUP BY order_id, department_id";

    private const string ToConfirmSelect = "SELECT department_id, COUNT(*) AS count, MIN(started_at) AS oldest FROM work_times WHERE state = 'ToConfirm'";

    /// <summary>Departments, machines and the orders due until a day, in one round trip.</summary>
    public Task<FloorPlant> LoadPlantAsync(DateOnly dueUntil, CancellationToken ct = default) => db.ManyAsync(
        $"""
        SELECT id, code, name, daily_target, position FROM departments WHERE active = 1 ORDER BY position, id;
        SELECT id, number, name, department_id, slots FROM machines WHERE retired_at IS NULL ORDER BY number_key;
        SELECT {DueColumns} FROM orders WHERE {IsDue} ORDER BY 3 LIMIT {MostOrders}
        """, new { dueUntil }, async grids => new FloorPlant(
            (await grids.ReadAsync<FloorDepartment>()).AsList(), (await grids.ReadAsync<FloorMachine>()).AsList(), (await grids.ReadAsync<DueOrder>()).AsList()), ct);

    /// <summary>Everything else, in one round trip.</summary>
    public Task<FloorRead> LoadAsync(FloorWindow window, CancellationToken ct = default) => db.ManyAsync(
        $"""
        SELECT {RunColumns} FROM machine_runs WHERE ended_at > @From AND state NOT IN ('Superseded', 'Void')
        UNION ALL
        SELECT {RunColumns} FROM machine_runs WHERE open_machine_id > 0 AND state NOT IN ('Superseded', 'Void');

        {StartedSelect} WHERE j.status IN ('Running', 'Paused');

        {NextSelect};

        SELECT department_id, COUNT(*) AS waiting, 0 AS late FROM jobs WHERE department_id IN @Departments AND status = 'Planned' AND planned_start < @Until GROUP BY department_id
        UNION ALL
        SELECT department_id, 0 AS waiting, COUNT(*) AS late FROM jobs WHERE status IN ('Planned', 'Running', 'Paused') AND planned_end < @Now GROUP BY department_id;

        {ReportSelect} WHERE r.shift_day IN @Days ORDER BY r.job_id, r.at;

        {TicketSelect} WHERE t.standing_id > 0
        UNION ALL
        {TicketSelect} WHERE t.released_at > @From AND t.stands = 1;

        SELECT {WorkColumns} FROM work_times
        WHERE department_id IN @Departments AND started_at >= @From AND kind <> 'Break' AND state NOT IN ('Superseded', 'Void');

        SELECT {PresenceColumns} FROM presences WHERE department_id IN @Departments AND ended_at > @From AND state NOT IN ('Superseded', 'Void')
        UNION ALL
        SELECT {PresenceColumns} FROM presences WHERE open_employee_id > 0;

        {AllocationSelect} AND a.machine_id IN @Machines;

        {LoadSelect};

        SELECT h.id, h.order_id, o.number AS order_number, h.kind, h.note, h.opened_at, h.expected_on, COALESCE(j.department_id, s.department_id) AS department_id
        FROM holds h JOIN orders o ON o.id = h.order_id LEFT JOIN jobs j ON j.id = h.job_id LEFT JOIN order_steps s ON s.id = h.step_id
        WHERE h.state = 'Open' ORDER BY h.opened_at LIMIT 200;

        {ToConfirmSelect} GROUP BY department_id
        """, window with
        {
            Departments = Any(window.Departments),
            Machines = Any(window.Machines),
            Orders = Any(window.Orders),
        }, async grids => new FloorRead
        {
            Runs = (await grids.ReadAsync<MachineRunRow>()).AsList(),
            Started = (await grids.ReadAsync<StartedJob>()).AsList(),
            Next = (await grids.ReadAsync<NextJob>()).AsList(),
            Counts = (await grids.ReadAsync<JobCounts>()).AsList(),
            Reports = (await grids.ReadAsync<ReportRow>()).AsList(),
            Tickets = (await grids.ReadAsync<StandingTicket>()).AsList(),
            Work = (await grids.ReadAsync<PersonSpan>()).AsList(),
            Presences = (await grids.ReadAsync<PersonSpan>()).AsList(),
            Allocations = (await grids.ReadAsync<AllocationRow>()).AsList(),
            Loads = (await grids.ReadAsync<OrderLoad>()).AsList(),
            Holds = (await grids.ReadAsync<OpenHold>()).AsList(),
            ToConfirm = (await grids.ReadAsync<ToConfirm>()).AsList(),
        }, ct);

    /// <summary>For each step the departments its item passes through afterwards; asked once per step, then remembered by the boards.</summary>
    public async Task<IReadOnlyDictionary<long, StepTail>> TailsAsync(IReadOnlyCollection<long> steps, CancellationToken ct = default)
    {
        var tails = new Dictionary<long, StepTail>();
        foreach (var chunk in steps.Chunk(500))
        {
            var rows = await db.ListAsync<TailRow>(
                """
                SELECT s.id, s.department_id, s.required, t.department_id AS later FROM order_steps s
                LEFT JOIN order_steps t ON t.item_id = s.item_id AND t.position > s.position AND t.required = 1
                WHERE s.id IN @chunk ORDER BY s.id, t.position
                """, new { chunk }, ct);
            foreach (var step in rows.GroupBy(r => r.Id))
                tails[step.Key] = new StepTail(step.First().DepartmentId, step.First().Required, [.. step.Select(r => r.Later).OfType<long>()]);
        }
        return tails;
    }

    /// <summary>A list that is never empty, because an empty IN is another statement on each database.</summary>
    private static IReadOnlyList<long> Any(IReadOnlyList<long> ids) => ids.Count > 0 ? ids : [-1];

    private sealed record TailRow
    {
        public long Id { get; init; }
        public long DepartmentId { get; init; }
        public bool Required { get; init; }
        public long? Later { get; init; }
    }
}
