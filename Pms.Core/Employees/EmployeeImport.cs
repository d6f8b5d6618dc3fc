using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Imports;

namespace Pms.Core.Employees;

/// <summary>People from a file, known by their number. Skills and further departments that the file names replace those they have; PINs and badges are never in a file.</summary>
public sealed class EmployeeImport(EmployeeService service, EmployeeRepository employees, DepartmentService departments, Rights rights) : IImportDefinition
{
    public string Entity => "employee";

    public string Permission => Permissions.EmployeesEdit;

    public IReadOnlyList<ImportField> Fields { get; } =
    [
        new("Number", ImportKind.Text, true, "No", "Nr", "Employee No", "Employee Number", "Emp No", "Employee ID", "Staff No", "Clock No", "Personalnummer", "Code"),
        new("Name", ImportKind.Text, false, "Full Name", "Employee", "Employee Name", "Mitarbeiter"),
        new("FirstName", ImportKind.Text, false, "First Name", "Given Name", "Forename", "Vorname"),
        new("LastName", ImportKind.Text, false, "Last Name", "Surname", "Family Name", "Nachname"),
        new("Department", ImportKind.Text, true, "Dept", "Area", "Section", "Abteilung", "Bereich", "Department Code"),
        new("Position", ImportKind.Text, false, "Job Title", "Title", "Occupation", "Stelle", "Funktion"),
        new("Kind", ImportKind.Text, false, "Type", "Employee Type", "Role", "Art"),
        new("Email", ImportKind.Text, false, "E-Mail", "Mail"),
        new("Phone", ImportKind.Text, false, "Telephone", "Mobile", "Cell", "Cellphone", "Telefon", "Handy"),
        new("Slots", ImportKind.Number, false, "Jobs at once", "Parallel Jobs", "Gleichzeitige Arbeitsgänge"),
        new("HiredOn", ImportKind.Day, false, "Hired", "Hire Date", "Start Date", "Joined", "Eintritt"),
        new("Active", ImportKind.YesNo, false, "Is active", "Employed", "Aktiv"),
        new("FurtherDepartments", ImportKind.Text, false, "Further Departments", "Other Departments", "Also in", "Weitere Abteilungen"),
        new("Skills", ImportKind.Text, false, "Skill", "Stages", "Can run", "Trained on", "Fähigkeiten", "Qualifikationen"),
    ];

    public async Task<IImportTarget> OpenAsync(Actor actor, CancellationToken ct)
    {
        var areas = await departments.ActiveAsync(actor, ct);
        var byArea = new ImportLookup();
        foreach (var d in areas)
            byArea.Add(d.Id, d.Code, d.Name);
        var areaName = areas.ToDictionary(d => d.Id, d => d.Name);
        var stages = StageNames.Of(areas, await departments.AllStagesAsync(actor, ct));
        return new ImportTarget<Employee>
        {
            Find = employees.ByNumberAsync,
            Blank = () => new Employee(),
            Validate = e => Validation.Faults(new EmployeeValidator().Validate(e)),
            Demand = e => rights.Demand(actor, Permissions.EmployeesEdit, e.DepartmentId),
            Save = (e, token) => service.StoreAsync(actor, e, token),
            Columns =
            [
                new("Number", e => e.Number, (e, t) => e with { Number = e.Id == 0 ? t : e.Number }),
                new("Name", _ => null, Named),
                new("FirstName", e => e.FirstName, (e, t) => e with { FirstName = t }),
                new("LastName", e => e.LastName, (e, t) => e with { LastName = t }),
                new("Department", e => areaName.GetValueOrDefault(e.DepartmentId), (e, t) => e with { DepartmentId = byArea.Get(t) }, nameof(Employee.DepartmentId)),
                new("Position", e => e.Position, (e, t) => e with { Position = t }),
                new("Kind", e => e.Kind.ToString(), (e, t) => e with { Kind = ImportText.Choice(t, ("Lead", EmployeeKind.Supervisor), ("Shift leader", EmployeeKind.Supervisor), ("Administrator", EmployeeKind.Admin), ("Quality", EmployeeKind.Qc), ("Machinist", EmployeeKind.Operator)) }),
                new("Email", e => e.Email, (e, t) => e with { Email = t }),
                new("Phone", e => e.Phone, (e, t) => e with { Phone = t }),
                new("Slots", e => ImportText.Shown(e.Slots), (e, t) => e with { Slots = ImportText.Whole(t) }),
                new("HiredOn", e => ImportText.Shown(e.HiredOn), (e, t) => e with { HiredOn = ImportText.Day(t) }),
                new("Active", e => ImportText.Shown(e.Active), (e, t) => e with { Active = ImportText.YesNo(t) }),
                new("FurtherDepartments", e => string.Join(", ", e.FurtherDepartments.Select(d => areaName.GetValueOrDefault(d))), (e, t) => e with { FurtherDepartments = [.. ImportText.Several(t).Select(byArea.Get).Where(d => d != e.DepartmentId).Distinct().Order()] }),
                new("Skills", e => Shown(e, stages), (e, t) => e with { Skills = [.. ImportText.Several(t).Select(s => SkillOf(e, s, stages)).DistinctBy(s => s.StageId).OrderBy(s => s.StageId)] }),
            ],
        };
    }

    /// <summary>"Last, First" or "First Last".</summary>
    private static Employee Named(Employee e, string text)
    {
        if (text.Split(',', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } last, { Length: > 0 } first])
            return e with { FirstName = first, LastName = last };
        var at = text.LastIndexOf(' ');
        return at <= 0 ? throw new InvalidException("", "import.two_names", text) : e with { FirstName = text[..at].Trim(), LastName = text[(at + 1)..] };
    }

    private static string? Shown(Employee e, StageNames stages) =>
        string.Join(", ", e.Skills.Select(s => stages.Shown([s.StageId]) + (s.ExpiresOn is { } day ? $" ({ImportText.Shown(day)})" : ""))) is { Length: > 0 } text ? text : null;

    /// <summary>"Sewing" or "Sewing (2027-01-31)"; without a day the one it had stays.</summary>
    private static Skill SkillOf(Employee e, string text, StageNames stages)
    {
        var open = text.EndsWith(')') ? text.LastIndexOf('(') : -1;
        var stage = stages.Get(open > 0 ? text[..open].Trim() : text, e.DepartmentId);
        return new Skill { EmployeeId = e.Id, StageId = stage, ExpiresOn = open > 0 ? ImportText.Day(text[(open + 1)..^1]) : e.Skills.FirstOrDefault(s => s.StageId == stage)?.ExpiresOn };
    }
}
