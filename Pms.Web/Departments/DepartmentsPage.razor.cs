using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Departments;

/// <summary>Departments with their stages, calendar and reasons: list and sheet.</summary>
public sealed partial class DepartmentsPage
{
    /// <summary>A stage that is opened on its tab.</summary>
    [SupplyParameterFromQuery(Name = "part")] public long? PartId { get; set; }

    [Inject] private DepartmentService Departments { get; set; } = default!;

    private bool CanEdit => Me.May(Permissions.DepartmentsEdit);

    private IReadOnlyList<ListFrame<DepartmentRow>.Column> Columns =>
    [
        new(L["Code"], "code", Field: "Code"), new(L["Name"], "name", Field: "Name"), new(L["Kind"], "kind", "wide", Field: "Kind"), new(L["Manager"], null, "wide", Field: "ManagerUserId"), new(L["Daily"], "target", "n wide", Field: "DailyTarget"),
        new(L["Stages"], null, "n"), new(L["Machines"], null, "n wide"), new(L["People"], null, "n wide"),
    ];

    private IReadOnlyList<(string Key, string Text, string Href)> SheetTabs => IsNew ? [] :
    [
        ("details", L["Tab_Details"], Href(("tab", null))), ("stages", L["Stages"], Href(("tab", "stages"))), ("calendar", L["Tab_Calendar"], Href(("tab", "calendar"))),
        ("reasons", L["Tab_Reasons"], Href(("tab", "reasons"))), ("history", Words["Tab_History"], Href(("tab", "history"))),
    ];

    private IEnumerable<(string, string)> Kinds => Enum.GetNames<DepartmentKind>().Select(k => (k, (string)L["Kind_" + k]));

    protected override IReadOnlyDictionary<string, string> FirstFilters { get; } = new Dictionary<string, string> { ["active"] = "true" };

    protected override void Listen() => ReloadOn<MasterDataChanged>(e => e.Entity is "department" or "stage");

    protected override Task<Page<DepartmentRow>> RowsAsync(PageRequest request, CancellationToken ct) =>
        Me.May(Permissions.DepartmentsView) ? Departments.ListAsync(Me.Who, request, ct) : Task.FromResult(new Page<DepartmentRow>([], 0));

    protected override Department Blank() => new() { Position = ((Rows?.Total ?? 0) + 1) * 10 };

    protected override Task<Department> ReadAsync(long id, CancellationToken ct) => Departments.GetAsync(Me.Who, id, ct);

    protected override Task<Department> StoreAsync(Department draft, CancellationToken ct) => Departments.SaveAsync(Me.Who, draft, ct);

    private Task Remove() => RemoveAsync(L["Remove_Title"], L["Remove_Text"], d => Departments.RemoveAsync(Me.Who, d.Id, d.Version, Left));
}
