using Dapper;
using Pms.Core.Data;
using Pms.Core.Maintenance;
using Pms.Core.Orders;

namespace Pms.Core.Demo.Simulation;

/// <summary>Reads the floor for the demo's people; only open work, so it costs the same however long the history is.</summary>
public sealed class DemoFloorQueries(Db db)
{
    internal Task<FloorView> ReadAsync(DateTimeOffset now, CancellationToken ct) => db.ManyAsync(
        """
        SELECT j.id, j.status, j.phase, j.department_id, j.stage_id, j.machine_id, j.planned, j.good, j.setup_minutes, j.run_minutes, j.paused_at, j.pause_reason_id, j.pause_cause, j.operator_id,
               (SELECT MAX(q.at) FROM job_reports q WHERE q.job_id = j.id) AS last_report_at, r.started_at AS run_since,
               (SELECT MIN(w.employee_id) FROM work_times w WHERE w.job_id = j.id AND w.ended_at IS NULL) AS worker_id,
               (SELECT MAX(w.started_at) FROM work_times w WHERE w.job_id = j.id AND w.ended_at IS NULL) AS work_since,
               (SELECT COALESCE(SUM(b.good), 0) FROM order_steps bs JOIN jobs b ON b.step_id = bs.id WHERE bs.item_id = j.item_id AND bs.position = s.position - 1 AND s.position > 1 HAVING COUNT(*) > 0)
                 - (SELECT SUM(x.good + x.scrap + x.rework) FROM jobs x WHERE x.step_id = j.step_id) AS available,
               EXISTS (SELECT 1 FROM holds h WHERE h.order_id = j.order_id AND h.state = 'Open') AS on_hold
        FROM jobs j JOIN order_steps s ON s.id = j.step_id LEFT JOIN machine_runs r ON r.open_job_id = j.id
        WHERE j.status IN ('Running', 'Paused') ORDER BY j.id;
        SELECT open_employee_id AS employee_id, started_at FROM presences WHERE open_employee_id IS NOT NULL;
        SELECT t.id, t.number, t.machine_id, t.department_id, t.severity, t.stands, t.status, t.opened_at, t.started_at, t.released_at, t.version FROM maintenance_tickets t
        WHERE t.status IN ('Open', 'Assigned', 'InProgress', 'AwaitingParts') ORDER BY t.id;
        SELECT COALESCE(s.employee_id, u.employee_id) FROM sessions s LEFT JOIN users u ON u.id = s.user_id
        WHERE s.ended_at IS NULL AND s.expires_at > @now AND COALESCE(s.employee_id, u.employee_id) IS NOT NULL
        """, new { now }, async grids => new FloorView(now, (await grids.ReadAsync<OpenJob>()).AsList(),
            (await grids.ReadAsync<(long EmployeeId, DateTimeOffset StartedAt)>()).ToDictionary(p => p.EmployeeId, p => p.StartedAt), (await grids.ReadAsync<Ticket>()).AsList(),
            (await grids.ReadAsync<long>()).ToHashSet()), ct);

    /// <summary>Planned jobs whose input is there, without hold and with all they need, in the order of the plan.</summary>
    internal Task<IReadOnlyList<ReadyJob>> ReadyAsync(DateTimeOffset until, CancellationToken ct) => db.ListAsync<ReadyJob>(
        """
        SELECT j.id, j.stage_id, j.machine_id, j.employee_id
        FROM jobs j JOIN order_steps s ON s.id = j.step_id JOIN orders o ON o.id = j.order_id
        WHERE j.status = 'Planned' AND j.planned_start < @until AND o.status IN ('Scheduled', 'InProgress', 'Unscheduled')
          AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.order_id = j.order_id AND h.state = 'Open')
          AND NOT EXISTS (SELECT 1 FROM step_readiness d WHERE d.step_id = s.id AND d.state = 'Short')
          AND (s.position = 1
            OR NOT EXISTS (SELECT 1 FROM order_steps bs JOIN jobs b ON b.step_id = bs.id AND b.status IN ('Planned', 'Running', 'Paused') WHERE bs.item_id = j.item_id AND bs.position = s.position - 1)
               AND (SELECT COALESCE(SUM(b.good), 0) FROM order_steps bs JOIN jobs b ON b.step_id = bs.id WHERE bs.item_id = j.item_id AND bs.position = s.position - 1)
                 > (SELECT COALESCE(SUM(x.good + x.scrap + x.rework), 0) FROM jobs x WHERE x.step_id = s.id))
        ORDER BY j.sequence, j.id
        """, new { until }, ct);

    /// <summary>Items of which a step ended short or left its rest to the planner, and has nothing planned.</summary>
    internal Task<IReadOnlyList<StepToPlan>> ShortAsync(DateTimeOffset since, CancellationToken ct) => db.ListAsync<StepToPlan>(
        """
        SELECT DISTINCT s.id, s.item_id, i.quantity, p.decimals
        FROM departments d JOIN jobs j ON j.department_id = d.id AND j.finished_at > @since JOIN order_steps s ON s.id = j.step_id JOIN order_items i ON i.id = s.item_id JOIN products p ON p.id = i.product_id
        WHERE j.finish IN ('Short', 'RestLater') AND s.accepted_short_at IS NULL AND i.status IN ('InProgress', 'Scheduled', 'Unscheduled')
          AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.step_id = s.id AND x.status IN ('Planned', 'Running', 'Paused'))
        ORDER BY s.id
        """, new { since }, ct);

    /// <summary>The path of an item with what was made of it.</summary>
    internal Task<IReadOnlyList<FlowStep>> FlowAsync(long itemId, CancellationToken ct) => db.ListAsync<FlowStep>(
        """
        SELECT s.id, s.position, s.stage_id, s.department_id, s.required, s.parallel, s.factor, s.scrap_share, CASE WHEN s.accepted_short_at IS NULL THEN 0 ELSE 1 END AS accepted_short,
               COALESCE(SUM(j.good), 0) AS good, COALESCE(SUM(j.scrap), 0) AS scrap, COALESCE(SUM(j.rework), 0) AS rework, COALESCE(SUM(j.later_rejects), 0) AS later_rejects,
               COALESCE(SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') AND j.planned > j.good THEN j.planned - j.good ELSE 0 END), 0) AS open_rest,
               COALESCE(SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') THEN 1 ELSE 0 END), 0) AS open_jobs, COUNT(j.started_at) AS started_jobs
        FROM order_steps s LEFT JOIN jobs j ON j.step_id = s.id WHERE s.item_id = @itemId
        GROUP BY s.id, s.position, s.stage_id, s.department_id, s.required, s.parallel, s.factor, s.scrap_share, s.accepted_short_at ORDER BY s.position
        """, new { itemId }, ct);

    /// <summary>How far each machine's plan reaches.</summary>
    internal Task<IReadOnlyList<MachinePlan>> PlansAsync(CancellationToken ct) => db.ListAsync<MachinePlan>(
        """
        SELECT m.id AS machine_id, ms.stage_id, COUNT(j.id) AS jobs, MAX(j.planned_end) AS until
        FROM machines m JOIN machine_stages ms ON ms.machine_id = m.id LEFT JOIN jobs j ON j.machine_id = m.id AND j.status IN ('Planned', 'Running', 'Paused')
        WHERE m.retired_at IS NULL GROUP BY m.id, ms.stage_id ORDER BY m.id
        """, null, ct);

    /// <summary>How many orders are open, how many jobs planned, and the items of the most urgent order that nobody has planned.</summary>
    internal Task<(int Orders, int Planned, IReadOnlyList<StepToPlan> Items)> BookAsync(CancellationToken ct) => db.ManyAsync(
        """
        SELECT COUNT(*) FROM orders WHERE status IN ('Unscheduled', 'Scheduled', 'InProgress');
        SELECT COUNT(*) FROM jobs WHERE status = 'Planned';
        SELECT i.id AS item_id, i.quantity, p.decimals FROM order_items i JOIN products p ON p.id = i.product_id
        WHERE i.order_id = (SELECT o.id FROM orders o WHERE o.status = 'Unscheduled' AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.state = 'Open')
                              AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.order_id = o.id) ORDER BY o.due_on, o.id LIMIT 1) ORDER BY i.line
        """, null, async grids => (await grids.ReadFirstAsync<int>(), await grids.ReadFirstAsync<int>(), (IReadOnlyList<StepToPlan>)(await grids.ReadAsync<StepToPlan>()).AsList()), ct);
}
