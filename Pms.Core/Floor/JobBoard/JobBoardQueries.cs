using Dapper;
using Pms.Core.Data;
using Pms.Core.Jobs;

namespace Pms.Core.Floor.JobBoard;

/// <summary>Pages through jobs for managers, and reads what a job may be given.</summary>
public sealed class JobBoardQueries(Db db)
{
    private const string Select =
        """
        SELECT j.id, j.version, j.order_id, o.number AS order_number, COALESCE(i.due_on, o.due_on) AS due_on, o.priority, p.name AS product, j.stage_id, s.name AS stage, j.department_id, j.machine_id, m.number AS machine,
               j.employee_id, e.first_name, e.last_name, j.locked, w.first_name AS operator_first, j.kind, j.status, j.phase, j.planned, j.good, j.scrap,
               j.planned_start, j.planned_end, j.started_at, j.paused_at, j.finished_at, r.word AS pause_reason, j.entered_at, j.entered_by,
               (SELECT COUNT(*) FROM holds h WHERE h.order_id = j.order_id AND h.state = 'Open') AS holds
        """;

    private const string From =
        """
        FROM jobs j JOIN orders o ON o.id = j.order_id JOIN order_items i ON i.id = j.item_id JOIN products p ON p.id = j.product_id JOIN stages s ON s.id = j.stage_id
        LEFT JOIN machines m ON m.id = j.machine_id LEFT JOIN employees e ON e.id = j.employee_id LEFT JOIN employees w ON w.id = j.operator_id LEFT JOIN reasons r ON r.id = j.pause_reason_id
        """;

    private static readonly ListQuery List = new ListQuery(Select, From, "j.id")
        .Search("o.number_key", "p.code_key", "m.number_key")
        .Filter("status", "j.status IN @status", ListQuery.OneOf<JobStatus>)
        .Filter("department", "j.department_id = @department", ListQuery.Number)
        .Filter("machine", "j.machine_id = @machine", ListQuery.Number)
        .Filter("lateat", "(j.planned_end < @lateat AND j.status IN ('Planned', 'Running', 'Paused'))", ListQuery.Instant)
        .Filter("finishedfrom", "j.finished_at >= @finishedfrom", ListQuery.Instant)
        .Sort("start", "j.planned_start").Sort("end", "j.planned_end").Sort("order", "o.number_key").Sort("due", "COALESCE(i.due_on, o.due_on)").Sort("machine", "m.number_key").Sort("finished", "j.finished_at").Sort("status", "j.status");

    public static ListShape Shape => List.Shape;

    public Task<Page<JobRow>> PageAsync(PageRequest request, IReadOnlySet<long>? departments, CancellationToken ct) =>
        List.PageAsync<JobRow>(db, request, departments is null ? null : ("j.department_id IN @scope", new { scope = departments.ToArray() }), ct);

    public Task<JobRow?> FindAsync(long id, CancellationToken ct) => db.FindAsync<JobRow>(Select + "\n" + From + " WHERE j.id = @id", new { id }, ct);

    public Task<JobChoices> ChoicesAsync(JobRow job, DateTimeOffset now, DateOnly today, CancellationToken ct) => db.ManyAsync(
        $"""
        SELECT m.id, m.number, m.name, (SELECT COUNT(*) FROM jobs j WHERE j.machine_id = m.id AND j.status = 'Planned') AS waiting,
               (SELECT COUNT(*) FROM maintenance_tickets t WHERE t.standing_id = m.id) AS stands
        FROM machines m JOIN machine_stages ms ON ms.machine_id = m.id AND ms.stage_id = @stage WHERE m.retired_at IS NULL ORDER BY m.number_key;
        SELECT e.id, e.first_name, e.last_name,
               (SELECT COUNT(*) FROM employee_skills k WHERE k.employee_id = e.id AND k.stage_id = @stage AND (k.expires_on IS NULL OR k.expires_on >= @today)) AS has_skill,
               (SELECT COUNT(*) FROM presences p WHERE p.open_employee_id = e.id) AS is_here,
               (SELECT COUNT(*) FROM absences a WHERE a.employee_id = e.id AND a.ends_at > @now AND a.starts_at <= @now) AS is_absent
        FROM employees e WHERE e.active = 1 AND (e.department_id = @department OR EXISTS (SELECT 1 FROM employee_departments d WHERE d.employee_id = e.id AND d.department_id = @department))
        ORDER BY e.name_key LIMIT 500;
        {Select} {From} WHERE j.machine_id = @machine AND j.status = 'Planned' ORDER BY j.sequence, j.id LIMIT 100
        """, new { stage = job.StageId, department = job.DepartmentId, machine = job.MachineId ?? -1, now, today }, async grids => new JobChoices(
            (await grids.ReadAsync<MachineChoice>()).AsList(), (await grids.ReadAsync<PersonChoice>()).AsList(), (await grids.ReadAsync<JobRow>()).AsList()), ct);
}
