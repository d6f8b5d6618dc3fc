using System.Collections.Frozen;
using Dapper;
using Pms.Core.Data;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Identity;

/// <summary>Reads everything the rights snapshot is made of, in one round trip.</summary>
public sealed class RightsQueries(Db db, FieldCatalog catalog)
{
    private const string Sql =
        """
        SELECT id, employee_id FROM users WHERE active = 1;
        SELECT ur.user_id, ur.role_id FROM user_roles ur JOIN roles r ON r.id = ur.role_id AND r.active = 1;
        SELECT id, code FROM roles;
        SELECT id FROM roles WHERE active = 1;
        SELECT role_id, permission, scope FROM role_permissions;
        SELECT user_id, department_id FROM user_departments;
        SELECT id, kind, department_id FROM employees WHERE active = 1;
        SELECT employee_id, department_id FROM employee_departments;
        SELECT manager_user_id AS user_id, id AS department_id FROM departments WHERE manager_user_id IS NOT NULL;
        SELECT role_id, entity, field, access, when_name, when_value FROM field_permissions
        """;

    /// <summary>Which seeded role an employee without a user account acts under.</summary>
    private static readonly FrozenDictionary<string, string> RoleOfKind = new Dictionary<string, string>
    {
        ["Operator"] = SeededRole.Operator, ["Cutter"] = SeededRole.Operator, ["Packer"] = SeededRole.Operator, ["Coordinator"] = SeededRole.Operator,
        ["Supervisor"] = SeededRole.Supervisor, ["Technician"] = SeededRole.Technician, ["Planner"] = SeededRole.Planner, ["Qc"] = SeededRole.QcCoordinator,
        ["Manager"] = SeededRole.DepartmentManager, ["Admin"] = SeededRole.Operator,
    }.ToFrozenDictionary();

    private static readonly IReadOnlyDictionary<string, FieldView> Unrestricted = new Dictionary<string, FieldView>();

    public Task<RightsSnapshot> LoadAsync(CancellationToken ct) => db.ManyAsync(Sql, null, async grids =>
    {
        var users = (await grids.ReadAsync<(long Id, long? EmployeeId)>()).AsList();
        var userRoles = (await grids.ReadAsync<(long UserId, long RoleId)>()).ToLookup(r => r.UserId, r => r.RoleId);
        var codes = (await grids.ReadAsync<(long Id, string Code)>()).ToDictionary(r => r.Id, r => r.Code);
        var roles = (await grids.ReadAsync<long>()).ToDictionary(id => id, id => codes[id]);
        var permissions = (await grids.ReadAsync<(long RoleId, string Permission, string Scope)>())
            .ToLookup(p => p.RoleId, p => (p.Permission, Scope: Enum.Parse<Scope>(p.Scope)));
        var userDepartments = (await grids.ReadAsync<(long UserId, long DepartmentId)>()).ToLookup(d => d.UserId, d => d.DepartmentId);
        var employees = (await grids.ReadAsync<(long Id, string Kind, long DepartmentId)>()).ToDictionary(e => e.Id);
        var further = (await grids.ReadAsync<(long EmployeeId, long DepartmentId)>()).ToLookup(d => d.EmployeeId, d => d.DepartmentId);
        var managed = (await grids.ReadAsync<(long UserId, long DepartmentId)>()).ToLookup(d => d.UserId, d => d.DepartmentId);
        var fields = (await grids.ReadAsync<(long RoleId, string Entity, string Field, string Access, string? Name, string? Value)>()).ToLookup(f => f.RoleId);
        var stamp = new HashCode();
        if (fields.Count > 0)
            foreach (var part in fields.SelectMany(f => f).Select(f => (object)f).Concat(userRoles.SelectMany(u => u.Select(r => (object)(u.Key, r)))).Concat(permissions.SelectMany(p => p.Select(x => (object)(p.Key, x)))))
                stamp.Add(part);
        var roleFields = codes.Where(_ => fields.Count > 0).ToDictionary(r => r.Key, r => new RoleFields(permissions[r.Key].Select(p => p.Permission).ToHashSet(),
            fields[r.Key].ToDictionary(f => (f.Entity, f.Field), f => FieldPermissionRepository.Rule(f.Access, f.Name, f.Value))));
        // System Admin can't be restricted, whatever else they are.
        IReadOnlyDictionary<string, FieldView> FieldsOf(List<long> all) => fields.Count == 0 || all.Any(r => roles.GetValueOrDefault(r) == SeededRole.Admin) ? Unrestricted
            : catalog.Views([.. all.Where(roles.ContainsKey).Select(r => roleFields[r])]);
        var roleIds = roles.ToDictionary(r => r.Value, r => r.Key);

        IEnumerable<long> DepartmentsOf(long employee) => employees.TryGetValue(employee, out var e) ? further[employee].Append(e.DepartmentId) : [];
        IEnumerable<long> RolesOf(long employee) =>
            employees.TryGetValue(employee, out var e) && RoleOfKind.TryGetValue(e.Kind, out var code) && roleIds.TryGetValue(code, out var id) ? [id] : [];
        RightsSnapshot.Person Person(IEnumerable<long> ofRoles, IEnumerable<long> departments, bool seesDepartment)
        {
            var all = ofRoles.Distinct().ToList();
            var widest = all.SelectMany(r => permissions[r]).GroupBy(p => p.Permission).ToDictionary(p => p.Key, p => p.Min(s => s.Scope));
            if (seesDepartment)
                widest.TryAdd(Permissions.JobsDepartment, Scope.Own);
            return new(widest.ToFrozenDictionary(), departments.ToFrozenSet(), all.Where(roles.ContainsKey).Select(r => roles[r]).ToFrozenSet(), FieldsOf(all));
        }

        // Cutters and packers see all of their department by their kind, whatever their role says.
        bool SeesDepartment(long employee) => employees.TryGetValue(employee, out var e) && e.Kind is ("Cutter" or "Packer");
        return new RightsSnapshot(
            users.ToFrozenDictionary(u => u.Id, u => Person(
                userRoles[u.Id].Where(roles.ContainsKey),
                userDepartments[u.Id].Concat(managed[u.Id]).Concat(u.EmployeeId is { } e ? DepartmentsOf(e) : []),
                u.EmployeeId is { } own && SeesDepartment(own))),
            employees.Keys.ToFrozenDictionary(id => id, id => Person(RolesOf(id), DepartmentsOf(id), SeesDepartment(id))),
            users.Where(u => u.EmployeeId is not null).ToFrozenDictionary(u => u.EmployeeId!.Value, u => u.Id),
            RoleOfKind.ToFrozenDictionary(k => k.Key, k => Person(roleIds.TryGetValue(k.Value, out var role) ? [role] : [], [], k.Key is "Cutter" or "Packer").Permissions)) { FieldStamp = fields.Count == 0 ? 0 : stamp.ToHashCode(), RoleFields = roleFields.ToDictionary(r => codes[r.Key], r => r.Value) };
    }, ct);
}
