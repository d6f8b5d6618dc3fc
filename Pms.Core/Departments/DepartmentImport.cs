using Pms.Core.Identity;
using Pms.Core.Imports;

namespace Pms.Core.Departments;

/// <summary>Departments with their targets from a file, known by their code.</summary>
public sealed class DepartmentImport(DepartmentService service, DepartmentRepository departments, Rights rights) : IImportDefinition
{
    public string Entity => "department";

    public string Permission => Permissions.DepartmentsEdit;

    public IReadOnlyList<ImportField> Fields { get; } =
    [
        new("Code", ImportKind.Text, true, "Department Code", "Dept Code", "No", "Short", "Kürzel"),
        new("Name", ImportKind.Text, true, "Department", "Department Name", "Dept", "Abteilung"),
        new("Kind", ImportKind.Text, false, "Type", "Art"),
        new("DailyTarget", ImportKind.Number, false, "Daily Target", "Target per Day", "Day", "Tagesziel"),
        new("WeeklyTarget", ImportKind.Number, false, "Weekly Target", "Target per Week", "Week", "Wochenziel"),
        new("MonthlyTarget", ImportKind.Number, false, "Monthly Target", "Target per Month", "Month", "Monatsziel"),
        new("CapacityPerDay", ImportKind.Number, false, "Capacity", "Capacity per Day", "Kapazität", "Kapazität je Tag"),
    ];

    public Task<IImportTarget> OpenAsync(Actor actor, CancellationToken ct) => Task.FromResult<IImportTarget>(new ImportTarget<Department>
    {
        Find = departments.ByCodeAsync,
        Blank = () => new Department(),
        Validate = d => Validation.Faults(new DepartmentValidator().Validate(d)),
        Demand = d => rights.Demand(actor, Permissions.DepartmentsEdit, d.Id == 0 ? null : d.Id),
        Save = (d, token) => service.SaveAsync(actor, d, token),
        Columns =
        [
            new("Code", d => d.Code, (d, t) => d with { Code = d.Id == 0 ? t : d.Code }),
            new("Name", d => d.Name, (d, t) => d with { Name = t }),
            new("Kind", d => d.Kind.ToString(), (d, t) => d with { Kind = ImportText.Choice<DepartmentKind>(t) }),
            new("DailyTarget", d => ImportText.Shown(d.DailyTarget), (d, t) => d with { DailyTarget = ImportText.Number(t) }),
            new("WeeklyTarget", d => ImportText.Shown(d.WeeklyTarget), (d, t) => d with { WeeklyTarget = ImportText.Number(t) }),
            new("MonthlyTarget", d => ImportText.Shown(d.MonthlyTarget), (d, t) => d with { MonthlyTarget = ImportText.Number(t) }),
            new("CapacityPerDay", d => ImportText.Shown(d.CapacityPerDay), (d, t) => d with { CapacityPerDay = ImportText.Number(t) }),
        ],
    });
}
