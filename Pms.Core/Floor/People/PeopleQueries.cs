using Dapper;
using Pms.Core.Data;

namespace Pms.Core.Floor.People;

/// <summary>Reads people, their output and their confirmed time; each read is bounded by days or by what is open.</summary>
public sealed class PeopleQueries(Db db)
{
    /// <summary>Active people of the departments, today's presence and absence with them.</summary>
    public Task<IReadOnlyList<FloorPerson>> PeopleAsync(IReadOnlyCollection<long> departments, DateTimeOffset now, CancellationToken ct) => db.ListAsync<FloorPerson>(
        """
        SELECT e.id, e.number, e.first_name, e.last_name, e.department_id,
               (SELECT COUNT(*) FROM presences p WHERE p.open_employee_id = e.id) AS is_here,
               (SELECT COUNT(*) FROM absences a WHERE a.employee_id = e.id AND a.ends_at > @now AND a.starts_at <= @now) AS is_absent
        FROM employees e WHERE e.active = 1 AND e.department_id IN @departments ORDER BY e.name_key LIMIT 1000
        """, new { departments = Any(departments), now }, ct);

    public Task<IReadOnlyList<Approval>> ApprovalsAsync(IReadOnlyCollection<long> departments, DateOnly from, CancellationToken ct) => db.ListAsync<Approval>(
        "SELECT department_id, shift_day, shift_id, approved_at, approved_by FROM shift_approvals WHERE department_id IN @departments AND shift_day >= @from",
        new { departments = Any(departments), from }, ct);

    /// <summary>
    /// Pieces by person, department and standard, and confirmed labour by person, department and share. The products of two amounts are made in C#.
    /// </summary>
    public Task<(IReadOnlyList<PieceSum> Pieces, IReadOnlyList<WorkSum> Work)> SumsAsync(IReadOnlyCollection<long> departments, IReadOnlyList<string> days, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => db.ManyAsync(
        """
        SELECT r.employee_id, r.department_id, r.run_minutes, SUM(r.good) AS good, SUM(r.scrap) AS scrap, SUM(r.rework) AS rework, COUNT(DISTINCT r.job_id) AS jobs
        FROM job_reports r JOIN jobs j ON j.id = r.job_id
        WHERE r.shift_day IN @days AND r.department_id IN @departments AND j.kind <> 'Rework' GROUP BY r.employee_id, r.department_id, r.run_minutes;
        SELECT employee_id, department_id, share, SUM(ended_at - started_at) AS milliseconds FROM work_times
        WHERE department_id IN @departments AND started_at >= @from AND started_at < @to AND ended_at IS NOT NULL AND job_id IS NOT NULL AND state IN ('Closed', 'Locked')
        GROUP BY employee_id, department_id, share
        """, new { departments = Any(departments), days, from, to }, async grids => (
            (IReadOnlyList<PieceSum>)(await grids.ReadAsync<PieceSum>()).AsList(), (IReadOnlyList<WorkSum>)(await grids.ReadAsync<WorkSum>()).AsList()), ct);

    public Task<IReadOnlyList<NameRow>> NamesAsync(IReadOnlyCollection<long> employees, CancellationToken ct) =>
        db.ListAsync<NameRow>("SELECT id, first_name, last_name, department_id FROM employees WHERE id IN @ids", new { ids = Any(employees) }, ct);

    /// <summary>What stands behind one person's figures, latest first.</summary>
    public Task<IReadOnlyList<PerformanceDetail>> DetailsAsync(long employee, IReadOnlyCollection<long> departments, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => db.ListAsync<PerformanceDetail>(
        """
        SELECT * FROM (
          SELECT o.number AS order_number, p.name AS product, m.number AS machine, w.kind, w.started_at, w.ended_at, NULL AS good, NULL AS scrap, NULL AS rework, NULL AS scrap_reason
          FROM work_times w JOIN jobs j ON j.id = w.job_id JOIN orders o ON o.id = j.order_id JOIN products p ON p.id = j.product_id LEFT JOIN machines m ON m.id = w.machine_id
          WHERE w.employee_id = @employee AND w.started_at >= @from AND w.started_at < @to AND w.department_id IN @departments AND w.state IN ('Closed', 'Locked')
          UNION ALL
          SELECT o.number AS order_number, p.name AS product, m.number AS machine, 'Report' AS kind, r.at AS started_at, NULL AS ended_at, r.good, r.scrap, r.rework, x.word AS scrap_reason
          FROM job_reports r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id JOIN products p ON p.id = j.product_id LEFT JOIN machines m ON m.id = r.machine_id LEFT JOIN reasons x ON x.id = r.scrap_reason_id
          WHERE r.employee_id = @employee AND r.at >= @from AND r.at < @to AND r.department_id IN @departments
        ) d ORDER BY d.started_at DESC LIMIT 200
        """, new { employee, departments = Any(departments), from, to }, ct);

    private static long[] Any(IReadOnlyCollection<long> ids) => ids.Count > 0 ? [.. ids] : [-1];

    public sealed record Approval
    {
        public long DepartmentId { get; init; }
        public DateOnly ShiftDay { get; init; }
        public long ShiftId { get; init; }
        public DateTimeOffset ApprovedAt { get; init; }
        public string ApprovedBy { get; init; } = "";
    }

    public sealed record PieceSum
    {
        public long? EmployeeId { get; init; }
        public long DepartmentId { get; init; }
        public decimal? RunMinutes { get; init; }
        public decimal Good { get; init; }
        public decimal Scrap { get; init; }
        public decimal Rework { get; init; }
        public int Jobs { get; init; }
    }

    public sealed record WorkSum
    {
        public long EmployeeId { get; init; }
        public long DepartmentId { get; init; }
        public decimal? Share { get; init; }
        public long Milliseconds { get; init; }
        public double Minutes => Milliseconds / 60_000.0 * (double)(Share ?? 1);
    }

    public sealed record NameRow
    {
        public long Id { get; init; }
        public string FirstName { get; init; } = "";
        public string LastName { get; init; } = "";
        public long DepartmentId { get; init; }
    }
}
