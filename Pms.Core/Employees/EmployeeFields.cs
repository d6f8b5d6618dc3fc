using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using A = Pms.Core.Employees.Absence;
using E = Pms.Core.Employees.Employee;

namespace Pms.Core.Employees;

/// <summary>Which fields of employees and their absences roles may be kept from.</summary>
public static class EmployeeFields
{
    public static FieldEntity Absence => FieldEntity.Of<A>("absence", Permissions.EmployeesView, Permissions.AllocationsEdit, [nameof(A.StartsAt), nameof(A.EndsAt)], without: [nameof(A.EmployeeId)])
        .When("Kind", Enum.GetNames<AbsenceKind>(), r => (r as A)?.Kind);

    public static FieldEntity Employee => FieldEntity.Of<E>("employee", Permissions.EmployeesView, Permissions.EmployeesEdit, [nameof(E.Number), nameof(E.FirstName), nameof(E.LastName)], needed: [nameof(E.DepartmentId)])
        .Also<EmployeeRow>()
        .Asked(("stage", nameof(E.Skills)))
        .When("Kind", Enum.GetNames<EmployeeKind>(), r => r is E e ? e.Kind : (r as EmployeeRow)?.Kind)
        .When("Active", ["True", "False"], r => r is E e ? e.Active : (r as EmployeeRow)?.Active);
}
