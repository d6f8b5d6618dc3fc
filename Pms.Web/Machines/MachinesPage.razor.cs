using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Machines;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Machines;

/// <summary>Machines with their stages, calendar and meters: list and sheet.</summary>
public sealed partial class MachinesPage
{
    private IReadOnlyList<Department> _departments = [];
    private IReadOnlyList<Stage> _stages = [];
    private IReadOnlyList<WorkCentre> _centres = [];

    [Inject] private MachineService Machines { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;

    /// <summary>Labels for what the list shows: its search and filters go along.</summary>
    private string Labels => "/admin/labels/machine" + new Uri(Href(("id", null), ("tab", null), ("page", null), ("sort", null))).Query;

    private bool CanEdit => Me.May(Permissions.MachinesEdit);

    private IReadOnlyList<ListFrame<MachineRow>.Column> Columns =>
    [
        new(L["Number"], "number", Field: "Number"), new(L["Name"], "name", Field: "Name"), new(L["Department"], "department", "wide", Field: "DepartmentId"), new(L["WorkCentre"], null, "wide", Field: "WorkCentreId"), new(L["Type"], "type", "wide", Field: "Type"),
        new(L["Stages"], null, "n wide", Field: "Stages"), new(L["Condition"]),
    ];

    private IReadOnlyList<(string Key, string Text, string Href)> SheetTabs => IsNew ? [] :
    [
        ("details", L["Tab_Details"], Href(("tab", null))), ("calendar", L["Tab_Calendar"], Href(("tab", "calendar"))), ("meters", L["Tab_Meters"], Href(("tab", "meters"))),
        ("files", Words["Tab_Files"], Href(("tab", "files"))), ("history", Words["Tab_History"], Href(("tab", "history"))),
    ];

    private IEnumerable<(string, string)> DepartmentChoices => _departments.Select(d => (d.Id.ToString(CultureInfo.InvariantCulture), d.Name));

    protected override IReadOnlyDictionary<string, string> FirstFilters { get; } = new Dictionary<string, string> { ["retired"] = "false" };

    protected override void Listen() => ReloadOn<MasterDataChanged>(e => e.Entity is "machine" or "stage" or "department" or "work_centre");

    protected override async Task<Page<MachineRow>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        if (!Me.May(Permissions.MachinesView))
            return new Page<MachineRow>([], 0);
        _departments = await Departments.ActiveAsync(Me.Who, ct);
        return await Machines.ListAsync(Me.Who, request, ct);
    }

    protected override async Task<Machine> ReadAsync(long id, CancellationToken ct)
    {
        await ChoicesAsync(ct);
        return await Machines.GetAsync(Me.Who, id, ct);
    }

    protected override Machine Blank() => new() { DepartmentId = long.TryParse(Filter("department"), NumberStyles.None, CultureInfo.InvariantCulture, out var d) ? d : 0 };

    protected override async Task LoadAsync(CancellationToken ct)
    {
        await base.LoadAsync(ct);
        if (Id == "new" && _stages.Count == 0)
            await ChoicesAsync(ct);
    }

    protected override Task<Machine> StoreAsync(Machine draft, CancellationToken ct) => Machines.SaveAsync(Me.Who, draft, ct);

    private static long? IdOf(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private async Task ChoicesAsync(CancellationToken ct)
    {
        _stages = [.. (await Departments.AllStagesAsync(Me.Who, ct)).Where(s => s.Active)];
        _centres = [.. (await Machines.WorkCentresAsync(Me.Who, ct)).Where(c => c.Active)];
    }

    private static PlantState StateOf(MachineRow m) => m.Condition switch
    {
        MachineCondition.Broken => PlantState.Broken,
        MachineCondition.Maintenance => PlantState.Maintenance,
        MachineCondition.Retired => PlantState.Done,
        _ => m.InUse ? PlantState.Running : PlantState.Idle,
    };

    private string WordOf(MachineRow m) => L[m.Condition == MachineCondition.Available && m.InUse ? "Condition_InUse" : "Condition_" + m.Condition];

    private Task Retire() => TryAsync(async () =>
    {
        await Machines.RetireAsync(Me.Who, Original!.Id, Original.Version, Original.RetiredAt is null, Left);
        await ReloadAsync();
    });

    private Task Remove() => RemoveAsync(L["Remove_Title"], L["Remove_Text"], m => Machines.RemoveAsync(Me.Who, m.Id, m.Version, Left));
}
