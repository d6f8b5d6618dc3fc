using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Web.Shared;

namespace Pms.Web.Machines;

/// <summary>One machine with all that is known of it, by the number painted on it; what its code on the machine opens.</summary>
public sealed partial class MachinePage
{
    private Machine? _machine;
    private string _department = "", _centre = "";
    private IReadOnlyList<string> _stages = [];
    private IReadOnlyList<Ticket> _tickets = [];
    private string? _at;

    [Parameter] public string Number { get; set; } = "";
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }
    [SupplyParameterFromQuery(Name = "day")] public string? DayText { get; set; }

    [Inject] private MachineService Machines { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private MaintenanceService Maintenance { get; set; } = default!;

    private IEnumerable<(string Key, string Text)> Tabs =>
    [
        ("now", L["Tab_Overview"]), ("status", L["Tab_Status"]), ("windows", L["Tab_Windows"]), ("meters", L["Tab_Meters"]), .. Me.May(Permissions.MaintenanceView) ? [("tickets", (string)L["Tab_Tickets"])] : Array.Empty<(string, string)>(),
        .. Me.May(Permissions.DepartmentsView) ? [("calendar", (string)L["Tab_Calendar"])] : Array.Empty<(string, string)>(), ("files", Words["Tab_Files"]), ("history", Words["Tab_History"]),
    ];

    private string Shown => Tabs.Any(t => t.Key == Tab) ? Tab! : "now";

    private string Href(string tab) => $"/machines/{Uri.EscapeDataString(Number)}" + (tab == "now" ? "" : "?tab=" + tab);

    protected override void Listen()
    {
        ReloadOn<MasterDataChanged>(e => e.Entity == "machine" && e.Id == _machine?.Id);
        ReloadOn<TicketChanged>(e => e.MachineId == _machine?.Id);
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        _at = Number;
        if (!Me.May(Permissions.MachinesView))
            return;
        try
        {
            _machine = await Machines.GetAsync(Me.Who, Number, ct);
        }
        catch (NotFoundException)
        {
            _machine = null;   // or of a department that may not be seen: the page says the same of both
            return;
        }
        _department = (await Departments.ActiveAsync(Me.Who, ct)).FirstOrDefault(d => d.Id == _machine.DepartmentId)?.Name ?? "";
        _centre = (await Machines.WorkCentresAsync(Me.Who, ct)).FirstOrDefault(c => c.Id == _machine.WorkCentreId)?.Name ?? "";
        _stages = [.. (await Departments.AllStagesAsync(Me.Who, ct)).Where(s => _machine.Stages.Contains(s.Id)).Select(s => s.Name)];
        _tickets = Me.May(Permissions.MaintenanceView) ? await Maintenance.ListOfMachineAsync(Me.Who, _machine.Id, ct) : [];
    }

    protected override Task OnParametersSetAsync() => Loaded && _at != Number ? LoadAsync(Left) : Task.CompletedTask;

    private IEnumerable<(string Name, string? Value)> Facts(Machine m) =>
    [
        (L["Department"], _department), (L["WorkCentre"], _centre), (L["Stages"], string.Join(", ", _stages)), (L["Type"], m.Type), (L["Manufacturer"], m.Manufacturer), (L["Model"], m.Model), (L["Serial"], m.Serial),
        (L["Purchased"], m.PurchasedOn?.ToString("d", CultureInfo.CurrentCulture)), (L["Slots"], m.Slots.ToString(CultureInfo.CurrentCulture)), (L["Speed"], m.SpeedFactor.ToString("0.##", CultureInfo.CurrentCulture)),
        (L["Pieces"], m.PiecesPerCycle.ToString(CultureInfo.CurrentCulture)), (L["Unattended"], L[m.Unattended ? "Yes" : "No"]),
    ];
}
