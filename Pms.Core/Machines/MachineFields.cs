using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using C = Pms.Core.Machines.WorkCentre;
using M = Pms.Core.Machines.Machine;

namespace Pms.Core.Machines;

/// <summary>Which fields of machines and work centres roles may be kept from.</summary>
public static class MachineFields
{
    private static readonly string[] YesNo = ["True", "False"];

    public static FieldEntity Machine => FieldEntity.Of<M>("machine", Permissions.MachinesView, Permissions.MachinesEdit, [nameof(M.Number), nameof(M.Name)], needed: [nameof(M.DepartmentId)], without: [nameof(M.RetiredAt)])
        .Also<MachineRow>()
        .Asked(("stage", nameof(M.Stages)))
        .When("Retired", YesNo, r => r is M m ? m.RetiredAt is not null : r is MachineRow row ? row.Condition == MachineCondition.Retired : null);

    public static FieldEntity WorkCentre => FieldEntity.Of<C>("work_centre", Permissions.MachinesView, Permissions.MachinesEdit, [nameof(C.Code), nameof(C.Name)], needed: [nameof(C.DepartmentId)])
        .Also<WorkCentreRow>()
        .When("Active", YesNo, r => r is C c ? c.Active : (r as WorkCentreRow)?.Active);
}
