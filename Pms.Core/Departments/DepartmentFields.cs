using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using D = Pms.Core.Departments.Department;
using S = Pms.Core.Departments.Stage;

namespace Pms.Core.Departments;

/// <summary>Which fields of departments and stages roles may be kept from.</summary>
public static class DepartmentFields
{
    private static readonly string[] YesNo = ["True", "False"];

    public static FieldEntity Department => FieldEntity.Of<D>("department", Permissions.DepartmentsView, Permissions.DepartmentsEdit, [nameof(D.Code), nameof(D.Name)])
        .Also<DepartmentRow>(("Manager", nameof(D.ManagerUserId)))
        .Asked(("target", nameof(D.DailyTarget))).Ordered("position", "code").ReadByAll()
        .When("Kind", Enum.GetNames<DepartmentKind>(), r => r is D d ? d.Kind : (r as DepartmentRow)?.Kind)
        .When("Active", YesNo, r => r is D d ? d.Active : (r as DepartmentRow)?.Active);

    public static FieldEntity Stage => FieldEntity.Of<S>("stage", Permissions.DepartmentsView, Permissions.DepartmentsEdit, [nameof(S.Name)], needed: [nameof(S.Kind)],
            settled: [nameof(S.Position)], without: [nameof(S.DepartmentId)])
        .ReadByAll()
        .When("Kind", Enum.GetNames<StageKind>(), r => (r as S)?.Kind)
        .When("Active", YesNo, r => (r as S)?.Active);
}
