using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Pms.Core;
using Pms.Core.Compliance;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Web.Shared;

namespace Pms.Web.Compliance;

/// <summary>
/// The audit as a list: all of it, its security events, or what one person did. What is asked for stands in the address; pages go by keyset,
/// so the list keeps its place while new entries come, and says how many came.
/// </summary>
public sealed partial class AuditPage
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private AuditSearch _search = new();
    private Pms.Core.Compliance.AuditPage? _page;
    private AuditWords.Names _names = AuditWords.Names.None;
    private IReadOnlyList<(string Value, string Text)> _entities = [], _actions = [];
    private IReadOnlyList<Department> _departments = [];
    private AuditEntry? _entry;
    private string? _wrong, _shown, _list, _whoShown, _personName;
    private int _fresh;
    private ITimer? _timer;
    private string? _hide;

    [Parameter] public string? Person { get; set; }
    [SupplyParameterFromQuery(Name = "before")] public string? Before { get; set; }
    [SupplyParameterFromQuery(Name = "entry")] public string? EntryId { get; set; }

    [Inject] private ComplianceService Audit { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private AuditWords Said { get; set; } = default!;
    [Inject] private HistoryService History { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;

    private IReadOnlyList<(string Key, string Title)> Columns => [("when", L["When"]), ("who", L["Who"]), ("what", L["What"]), ("changes", L["Changes"]), ("address", L["Address"])];

    private bool IsSecurity => new Uri(Nav.Uri).AbsolutePath.EndsWith("/security", StringComparison.Ordinal);

    private string PageTitle => Person is not null ? L["Title_Person", _personName ?? Person] : IsSecurity ? L["Title_Security"] : L["Title"];

    private bool HasMore => _search is not { From: null, To: null, Field: null, Record: null, Department: null, Channel: null };

    protected override void Listen() => _timer = Time.CreateTimer(_ => _ = InvokeAsync(LookAsync), null, Every, Every);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Permissions.AdminAudit))
            return;
        // An entry that is opened leaves the list where it is.
        var list = Nav.GetUriWithQueryParameter("entry", (string?)null);
        var sameList = Loaded && _page is not null && _list == list && _shown != Nav.Uri;
        (_shown, _list) = (Nav.Uri, list);
        if (sameList)
        {
            await OpenAsync(ct);
            return;
        }
        _search = Asked();
        _whoShown = _search.Who;
        (_wrong, _fresh) = (null, 0);
        try
        {
            var filter = _search.Filter(Plant, Said);
            var page = await Audit.ListAsync(Me.Who, filter, AuditCursor.Parse(Before), ct);
            _names = await Said.NamesAsync(Me.Who, page.Entries, ct);
            _page = page;
            await NamePersonAsync(filter, ct);
        }
        catch (PmsException refused) when (refused is InvalidException or BusyException)
        {
            (_wrong, _page) = (Refused.Of(refused), new([], false, 0));
        }
        await OpenAsync(ct);
        if (_departments.Count == 0)
        {
            var (entities, actions) = await Audit.ChoicesAsync(Me.Who, ct);
            _entities = [.. entities.Union(_search.Entity is { } entity ? [entity] : []).Select(e => (e, Said.Entity(e))).OrderBy(e => e.Item2, StringComparer.CurrentCulture)];
            _actions = [.. actions.Union(_search.Action is { } action ? [action] : []).Select(a => (a, Said.Action(a))).OrderBy(a => a.Item2, StringComparer.CurrentCulture)];
            _departments = await Departments.ActiveAsync(Me.Who, ct);
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        // The router hands a changed address to the page that is already there.
        if (Loaded && _shown != Nav.Uri)
            await LoadAsync(Left);
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        _entry = null;
        if (!long.TryParse(EntryId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return;
        try { _entry = _page?.Entries.FirstOrDefault(e => e.Id == id) ?? await Audit.GetAsync(Me.Who, id, ct); }
        catch (NotFoundException refused) { _wrong = Refused.Of(refused); }
    }

    private AuditSearch Asked()
    {
        var search = AuditSearch.Of(QueryHelpers.ParseQuery(new Uri(Nav.Uri).Query));
        return Person is not null ? search with { Who = Person } : IsSecurity && search.Security is null ? search with { Security = "all" } : search;
    }

    /// <summary>Counts what came since the newest entry shown; the list itself stays.</summary>
    private async Task LookAsync()
    {
        if (_page is not { Entries: [var first, ..] } || Before is not null || _search.To is not null || Left.IsCancellationRequested)
            return;
        try { _fresh = await Audit.NewAsync(Me.Who, _search.Filter(Plant, Said), first.Cursor, Left); }
        catch (PmsException) { _fresh = 0; }   // the next look tells; what is shown stays true
        StateHasChanged();
    }

    private Task NewestAsync() => ReloadAsync();

    private async Task NamePersonAsync(AuditFilter filter, CancellationToken ct)
    {
        var (kind, id) = filter.UserId is { } u ? ("user", u) : ("employee", filter.EmployeeId ?? 0);
        _personName = id == 0 ? null : (await History.NamesAsync(Me.Who, kind, [id], ct)).GetValueOrDefault(id);
        if (Person is null && _personName is not null)
            _whoShown = _personName;
    }

    private string Told(AuditEntry entry)
    {
        var changes = Said.Changes(entry.Changes, _names);
        var told = string.Join(" · ", changes.Take(3).Select(c => c.Before is null ? $"{c.Field}: {Cut(c.After)}" : $"{c.Field}: {Cut(c.Before)} → {Cut(c.After)}"));
        return changes.Count > 3 ? L["AndMore", told, changes.Count - 3] : told.Length > 0 ? told : entry.Reason ?? "";
    }

    private static string Cut(string? text) => text is null ? "–" : text.Length > 40 ? text[..40] + "…" : text;

    private string Short(DateTimeOffset at) => Plant.Local(at) is var local && DateOnly.FromDateTime(local) == Plant.Today
        ? local.ToString("HH:mm:ss", CultureInfo.CurrentCulture) : local.ToString("d MMM HH:mm", CultureInfo.CurrentCulture);

    private string Href(params (string Name, object? Value)[] changes) => Nav.GetUriWithQueryParameters(changes.ToDictionary(c => c.Name, c => c.Value is string { Length: 0 } ? null : c.Value));

    /// <summary>Goes to the narrowed address, from its newest entry on.</summary>
    private void Narrow(params (string Name, object? Value)[] changes) => Nav.NavigateTo(Href([.. changes, ("before", null), ("entry", null)]));

    private string Report(string format) => QueryHelpers.AddQueryString(AuditReports.Path + "." + format, Asked().Query());

    private static string? PersonHref(AuditEntry entry) => entry.UserId is { } user ? $"/admin/audit/people/u:{user}" : entry.EmployeeId is { } employee ? $"/admin/audit/people/e:{employee}" : null;

}
