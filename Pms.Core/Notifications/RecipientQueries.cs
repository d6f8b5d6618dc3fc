using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Notifications;

/// <summary>
/// Finds the active people who hold a role, everywhere or in one department, with or without an account. Whoever has an account holds the roles
/// of the account and nothing by their kind, as in the rights snapshot: a demoted or disabled lead hears no more.
/// </summary>
public sealed class RecipientQueries(Db db)
{
    /// <summary>What an employee without an account counts as.</summary>
    private static readonly Dictionary<string, string> KindOfRole = new()
    {
        [SeededRole.Supervisor] = "Supervisor", [SeededRole.DepartmentManager] = "Manager", [SeededRole.Planner] = "Planner",
        [SeededRole.Technician] = "Technician", [SeededRole.QcCoordinator] = "Qc",
    };

    private const string Sql =
        """
        SELECT u.id AS user_id, u.employee_id AS employee_id FROM users u
        WHERE u.active = 1
          AND (u.employee_id IS NULL OR EXISTS (SELECT 1 FROM employees p WHERE p.id = u.employee_id AND p.active = 1))
          AND EXISTS (SELECT 1 FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.active = 1 AND r.code IN @roles)
          AND (@departmentId IS NULL
            OR EXISTS (SELECT 1 FROM user_departments ud WHERE ud.user_id = u.id AND ud.department_id = @departmentId)
            OR EXISTS (SELECT 1 FROM departments d WHERE d.id = @departmentId AND d.manager_user_id = u.id)
            OR EXISTS (SELECT 1 FROM employees e WHERE e.id = u.employee_id AND e.active = 1 AND e.department_id = @departmentId)
            OR EXISTS (SELECT 1 FROM employee_departments ed WHERE ed.employee_id = u.employee_id AND ed.department_id = @departmentId));
        SELECT NULL AS user_id, e.id AS employee_id FROM employees e
        WHERE e.active = 1 AND e.kind IN @kinds AND NOT EXISTS (SELECT 1 FROM users a WHERE a.employee_id = e.id)
          AND (@departmentId IS NULL OR e.department_id = @departmentId
            OR EXISTS (SELECT 1 FROM employee_departments ed WHERE ed.employee_id = e.id AND ed.department_id = @departmentId))
        """;

    /// <summary>All active people, by their account where they have one.</summary>
    public async Task<IReadOnlyList<Recipient>> EverybodyAsync(CancellationToken ct) => [.. (await db.ListAsync<(long? UserId, long? EmployeeId)>(
        """
        SELECT u.id AS user_id, u.employee_id AS employee_id FROM users u
        WHERE u.active = 1 AND (u.employee_id IS NULL OR EXISTS (SELECT 1 FROM employees p WHERE p.id = u.employee_id AND p.active = 1))
        UNION ALL
        SELECT NULL AS user_id, e.id AS employee_id FROM employees e WHERE e.active = 1 AND NOT EXISTS (SELECT 1 FROM users a WHERE a.employee_id = e.id)
        """, null, ct)).Select(r => new Recipient(r.UserId, r.EmployeeId)).DistinctBy(r => r.Key)];

    /// <param name="departmentId">Null: in any department.</param>
    public async Task<IReadOnlyList<Recipient>> ListAsync(IReadOnlyCollection<string> roles, long? departmentId, CancellationToken ct) => await db.ManyAsync(
        Sql, new { roles, kinds = roles.Select(r => KindOfRole.GetValueOrDefault(r, "-")).ToList(), departmentId },
        async grids => (IReadOnlyList<Recipient>)[.. (await grids.ReadAsync<(long? UserId, long? EmployeeId)>())
            .Concat(await grids.ReadAsync<(long? UserId, long? EmployeeId)>())
            .Select(r => new Recipient(r.UserId, r.EmployeeId)).DistinctBy(r => r.Key)], ct);
}
