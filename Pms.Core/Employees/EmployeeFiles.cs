using Pms.Core.Files;
using Pms.Core.Identity;

namespace Pms.Core.Employees;

/// <summary>Who sees an employee sees their files; who may edit them may change them.</summary>
public sealed class EmployeeFiles(EmployeeService employees, Rights rights) : DepartmentFiles("employee", Permissions.EmployeesEdit, rights)
{
    protected override async Task<long> DepartmentAsync(Actor actor, long id, CancellationToken ct) => (await employees.GetAsync(actor, id, ct)).DepartmentId;
}
