using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Employees;

/// <summary>The people of the plant with their skills and absences: list and sheet.</summary>
public sealed partial class EmployeesPage
{
    private IReadOnlyList<Department> _departments = [];
    private IReadOnlyList<Stage> _stages = [];

    [Inject] private EmployeeService Employees { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;

    /// <summary>Labels for what the list shows: its search and filters go along.</summary>
    private string Labels => "/admin/labels/employee" + new Uri(Href(("id", null), ("tab", null), ("page", null), ("sort", null))).Query;

    private bool CanEdit => Me.May(Permissions.EmployeesEdit);

    private IReadOnlyList<ListFrame<EmployeeRow>.Column> Columns =>
    [
        new(L["Name"], "name", Field: "LastName"), new(L["Number"], "number", Field: "Number"), new(L["Department"], "department", "wide", Field: "DepartmentId"), new(L["Kind"], "kind", "wide", Field: "Kind"), new(L["Skills"], null, "n wide", Field: "Skills"), new(L["Active"], Field: "Active"),
    ];

    private IReadOnlyList<(string Key, string Text, string Href)> SheetTabs => IsNew ? [] :
        [("details", L["Tab_Details"], Href(("tab", null))), ("absences", L["Tab_Absences"], Href(("tab", "absences"))),
            .. Me.May(Permissions.AllocationsView) ? new[] { ("allocations", (string)L["Tab_Allocations"], Href(("tab", "allocations"))) } : [], ("files", Words["Tab_Files"], Href(("tab", "files"))), ("history", Words["Tab_History"], Href(("tab", "history")))];

    private IEnumerable<(string, string)> DepartmentChoices => _departments.Select(d => (d.Id.ToString(CultureInfo.InvariantCulture), d.Name));

    private IEnumerable<(string, string)> Kinds => Enum.GetNames<EmployeeKind>().Select(k => (k, (string)L["Kind_" + k]));

    protected override IReadOnlyDictionary<string, string> FirstFilters { get; } = new Dictionary<string, string> { ["active"] = "true" };

    protected override void Listen() => ReloadOn<MasterDataChanged>(e => e.Entity is "employee" or "absence" or "stage" or "department");

    protected override async Task<Page<EmployeeRow>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        if (!Me.May(Permissions.EmployeesView))
            return new Page<EmployeeRow>([], 0);
        _departments = await Departments.ActiveAsync(Me.Who, ct);
        if (Id is not null)
            _stages = [.. (await Departments.AllStagesAsync(Me.Who, ct)).Where(s => s.Active)];
        return await Employees.ListAsync(Me.Who, request, ct);
    }

    protected override Employee Blank() => new() { DepartmentId = IdOf(Filter("department")) };

    protected override Task<Employee> ReadAsync(long id, CancellationToken ct) => Employees.GetAsync(Me.Who, id, ct);

    protected override Task<Employee> StoreAsync(Employee draft, CancellationToken ct) => Employees.SaveAsync(Me.Who, draft, ct);

    private static long IdOf(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private Task Remove() => RemoveAsync(L["Remove_Title"], L["Remove_Text"], e => Employees.RemoveAsync(Me.Who, e.Id, e.Version, Left));
}
