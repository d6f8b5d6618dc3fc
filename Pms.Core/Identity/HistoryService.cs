using System.Collections.Frozen;
using Pms.Core.Audit;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Identity;

/// <summary>The story of one record, for whoever may see the record itself; entries of departments, and fields, one may not see are left out.</summary>
public sealed class HistoryService(ChangeQueries changes, FieldRules fields, RecordNameQueries names, Rights rights)
{
    public const int PageSize = 50;

    private static readonly FrozenDictionary<string, string> Needed = new Dictionary<string, string>
    {
        ["department"] = Permissions.DepartmentsView, ["stage"] = Permissions.DepartmentsView, ["shift"] = Permissions.DepartmentsView,
        ["calendar_exception"] = Permissions.DepartmentsView, ["reason"] = Permissions.DepartmentsView,
        ["employee"] = Permissions.EmployeesView, ["absence"] = Permissions.EmployeesView,
        ["machine"] = Permissions.MachinesView, ["work_centre"] = Permissions.MachinesView, ["machine_window"] = Permissions.MachinesView, ["allocation"] = Permissions.AllocationsView,
        ["product"] = Permissions.ProductsView, ["category"] = Permissions.ProductsView,
        ["order"] = Permissions.OrdersView, ["order_item"] = Permissions.OrdersView, ["hold"] = Permissions.OrdersView, ["customer"] = Permissions.OrdersView,
        ["user"] = Permissions.AdminUsers, ["terminal"] = Permissions.AdminTerminals, ["role"] = Permissions.AdminRoles,
        ["job"] = Permissions.JobsView, ["ticket"] = Permissions.MaintenanceView, ["api_key"] = Permissions.AdminApiKeys, ["settings"] = Permissions.AdminSettings,
    }.ToFrozenDictionary();

    /// <summary>Where and when somebody signs in is for auditors; PINs and badges are for who issues them too.</summary>
    private string[] Hidden(Actor actor) =>
        rights.Allows(actor, Permissions.AdminAudit) ? []
        : rights.Now.Anywhere(actor, Permissions.PinUnlock) || rights.Now.Anywhere(actor, Permissions.EmployeesEdit) ? ["signin", "session", "access"]
        : ["signin", "session", "access", "pin", "badge"];

    /// <summary>Newest first, <see cref="PageSize"/> at a time; anything not known here is for auditors.</summary>
    public async Task<IReadOnlyList<ChangeEntry>> ListAsync(Actor actor, string entity, long id, long? before = null, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Needed.GetValueOrDefault(entity, Permissions.AdminAudit));
        var entries = await changes.ListAsync(entity, id, before, PageSize, Hidden(actor), ct);
        return [.. entries.Where(e => departments is null || e.DepartmentId is not { } d || departments.Contains(d)).Select(e => e with { Changes = fields.Told(actor, entity, e.Changes) })];
    }

    /// <summary>Today's names of records of a kind, by number, for whoever may see such records at all; for others there are none.</summary>
    /// <exception cref="ForbiddenException">The actor is nobody any more.</exception>
    public Task<IReadOnlyDictionary<long, string>> NamesAsync(Actor actor, string kind, IReadOnlyCollection<long> ids, CancellationToken ct = default)
    {
        if (!rights.Now.IsActive(actor))
            throw new ForbiddenException(Permissions.AdminAudit);
        return rights.Now.Anywhere(actor, Needed.GetValueOrDefault(kind, Permissions.AdminAudit)) || rights.Now.Anywhere(actor, Permissions.AdminAudit)
            ? names.ListAsync(kind, ids, ct) : Task.FromResult<IReadOnlyDictionary<long, string>>(new Dictionary<long, string>());
    }
}
