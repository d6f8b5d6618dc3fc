using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Imports;

namespace Pms.Core.Machines;

/// <summary>Machines from a file, known by their number. Stages that the file names replace those the machine has; retiring stays a command of its own.</summary>
public sealed class MachineImport(MachineService service, MachineRepository machines, DepartmentService departments, Rights rights) : IImportDefinition
{
    public string Entity => "machine";

    public string Permission => Permissions.MachinesEdit;

    public IReadOnlyList<ImportField> Fields { get; } =
    [
        new("Number", ImportKind.Text, true, "No", "Nr", "Machine", "Machine No", "Machine Number", "Machine ID", "Asset", "Asset No", "Code", "Maschine", "Maschinennummer", "Inventarnummer"),
        new("Name", ImportKind.Text, true, "Machine Name", "Description", "Bezeichnung", "Title"),
        new("Department", ImportKind.Text, true, "Dept", "Area", "Section", "Abteilung", "Bereich", "Department Code"),
        new("WorkCentre", ImportKind.Text, false, "Work Centre", "Work Center", "Group", "Machine Group", "Gruppe", "Arbeitsplatz", "Maschinengruppe"),
        new("Type", ImportKind.Text, false, "Machine Type", "Kind", "Typ", "Art"),
        new("Manufacturer", ImportKind.Text, false, "Make", "Brand", "Hersteller", "Supplier"),
        new("Model", ImportKind.Text, false, "Modell", "Model No"),
        new("Serial", ImportKind.Text, false, "Serial No", "Serial Number", "S/N", "SN", "Seriennummer"),
        new("PurchasedOn", ImportKind.Day, false, "Purchased", "Purchase Date", "Bought", "Kaufdatum", "Anschaffung", "Year"),
        new("SpeedFactor", ImportKind.Number, false, "Speed", "Speed Factor", "Factor", "Faktor", "Tempofaktor"),
        new("PiecesPerCycle", ImportKind.Number, false, "Pieces per Cycle", "Pieces", "Heads", "Köpfe", "Stück je Takt"),
        new("IdealMinutes", ImportKind.Number, false, "Ideal Minutes", "Minutes per Piece", "Min per Piece", "Cycle Time", "Minuten je Stück"),
        new("Slots", ImportKind.Number, false, "Parallel Jobs", "Jobs in Parallel", "Gleichzeitige Arbeitsgänge"),
        new("Unattended", ImportKind.YesNo, false, "Runs unattended", "Automatic", "Unbemannt", "Läuft unbemannt"),
        new("Stages", ImportKind.Text, false, "Stage", "Processes", "Operations", "Can run", "Arbeitsgänge", "Stufen"),
    ];

    public async Task<IImportTarget> OpenAsync(Actor actor, CancellationToken ct)
    {
        var areas = await departments.ActiveAsync(actor, ct);
        var byArea = new ImportLookup();
        foreach (var d in areas)
            byArea.Add(d.Id, d.Code, d.Name);
        var centres = await service.WorkCentresAsync(actor, ct);
        var byCentre = new ImportLookup();
        foreach (var c in centres.Where(c => c.Active))
            byCentre.Add(c.Id, c.Code, c.Name);
        var stages = StageNames.Of(areas, await departments.AllStagesAsync(actor, ct));
        var areaName = areas.ToDictionary(d => d.Id, d => d.Name);
        var centreName = centres.ToDictionary(c => c.Id, c => c.Code);
        return new ImportTarget<Machine>
        {
            Find = machines.ByNumberAsync,
            Blank = () => new Machine(),
            Validate = m => Validation.Faults(new MachineValidator().Validate(m)),
            Demand = m => rights.Demand(actor, Permissions.MachinesEdit, m.DepartmentId),
            Save = (m, token) => service.SaveAsync(actor, m, token),
            Columns =
            [
                new("Number", m => m.Number, (m, t) => m with { Number = m.Id == 0 ? t : m.Number }),
                new("Name", m => m.Name, (m, t) => m with { Name = t }),
                new("Department", m => areaName.GetValueOrDefault(m.DepartmentId), (m, t) => byArea.Get(t) is var d && d == m.DepartmentId ? m : m with { DepartmentId = d, WorkCentreId = null }, nameof(Machine.DepartmentId)),
                new("WorkCentre", m => m.WorkCentreId is { } c ? centreName.GetValueOrDefault(c) : null, (m, t) => m with { WorkCentreId = byCentre.Get(t) }, nameof(Machine.WorkCentreId)),
                new("Type", m => m.Type, (m, t) => m with { Type = t }),
                new("Manufacturer", m => m.Manufacturer, (m, t) => m with { Manufacturer = t }),
                new("Model", m => m.Model, (m, t) => m with { Model = t }),
                new("Serial", m => m.Serial, (m, t) => m with { Serial = t }),
                new("PurchasedOn", m => ImportText.Shown(m.PurchasedOn), (m, t) => m with { PurchasedOn = ImportText.Day(t) }),
                new("SpeedFactor", m => ImportText.Shown(m.SpeedFactor), (m, t) => m with { SpeedFactor = ImportText.Number(t) }),
                new("PiecesPerCycle", m => ImportText.Shown(m.PiecesPerCycle), (m, t) => m with { PiecesPerCycle = ImportText.Whole(t) }),
                new("IdealMinutes", m => ImportText.Shown(m.IdealMinutes), (m, t) => m with { IdealMinutes = ImportText.Number(t) }),
                new("Slots", m => ImportText.Shown(m.Slots), (m, t) => m with { Slots = ImportText.Whole(t) }),
                new("Unattended", m => ImportText.Shown(m.Unattended), (m, t) => m with { Unattended = ImportText.YesNo(t) }),
                new("Stages", m => stages.Shown(m.Stages), (m, t) => m with { Stages = [.. ImportText.Several(t).Select(s => stages.Get(s, m.DepartmentId)).Distinct().Order()] }),
            ],
        };
    }
}
