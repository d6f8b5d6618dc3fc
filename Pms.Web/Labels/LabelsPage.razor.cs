using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Pms.Core;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.SignIns;
using Pms.Core.Machines;
using Pms.Web.Shared;

namespace Pms.Web.Labels;

/// <summary>
/// Labels to print: a machine's carries the address its phone page opens by, a person's a badge that was issued on this page just now;
/// a badge that is out already can't be printed again, because nobody knows what is on it.
/// </summary>
public sealed partial class LabelsPage
{
    private IReadOnlyList<Label> _all = [];
    private IReadOnlyList<Label> _issued = [];
    private List<string> _refused = [];
    private HashSet<long> _left = [];
    private string _paper = "a4";
    private bool _more;
    private bool _busy;
    private string? _at;

    /// <param name="Content">What the code says.</param>
    private sealed record Label(long Id, string Code, string Name, string Place, string Content);

    [Parameter] public string Kind { get; set; } = "";

    /// <summary>Ids by commas; without them what the list showed: its search and filters.</summary>
    [SupplyParameterFromQuery(Name = "ids")] public string? Ids { get; set; }
    [SupplyParameterFromQuery(Name = "q")] public string? Q { get; set; }
    [SupplyParameterFromQuery(Name = "f")] public string[]? FilterTexts { get; set; }

    [Inject] private MachineService Machines { get; set; } = default!;
    [Inject] private EmployeeService Employees { get; set; } = default!;
    [Inject] private EmployeeCredentials Credentials { get; set; } = default!;
    [Inject] private LiveSettings Settings { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private IJSRuntime Browser { get; set; } = default!;
    [Inject] private ILogger<LabelsPage> Log { get; set; } = default!;

    private string Plant => Settings.Now.PlantName;

    private string Needed => Kind == "machine" ? Permissions.MachinesView : Permissions.EmployeesView;

    private IReadOnlyList<Label> Chosen => [.. _all.Where(a => !_left.Contains(a.Id))];

    protected override async Task LoadAsync(CancellationToken ct)
    {
        _at = Nav.Uri;
        if (Kind is not ("machine" or "employee") || !Me.May(Needed))
            return;
        (_all, _more) = Kind == "machine" ? await ReadAsync(Machines.ListAsync, m => m.Id, m => new Label(m.Id, m.Number, m.Name, m.Department, Nav.BaseUri + "s/" + Uri.EscapeDataString(m.Number)), "retired", "false", ct)
            : await ReadAsync(Employees.ListAsync, e => e.Id, e => new Label(e.Id, e.Number, e.Name, e.Department, ""), "active", "true", ct);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _at != Nav.Uri)
        {
            (_issued, _left, _refused) = ([], [], []);
            await LoadAsync(Left);
        }
    }

    private async Task<(IReadOnlyList<Label>, bool)> ReadAsync<TRow>(Func<Actor, PageRequest, CancellationToken, Task<Page<TRow>>> list, Func<TRow, long> id, Func<TRow, Label> label, string flag, string value, CancellationToken ct)
    {
        var wanted = (Ids ?? "").Split(',').Select(t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).Where(n => n > 0).ToHashSet();
        var filters = (FilterTexts ?? []).Select(f => f.Split(':', 2)).Where(f => f is [_, { Length: > 0 }]).GroupBy(f => f[0]).ToDictionary(f => f.Key, f => f.First()[1]);
        if (wanted.Count == 0)
            filters.TryAdd(flag, value);
        filters = filters.Where(f => f.Value != "all").ToDictionary();
        var labels = new List<Label>();
        for (var index = 0; ; index++)
        {
            var page = await list(Me.Who, new PageRequest { Search = Q, Filters = filters, Index = index, Size = PageRequest.MaxSize }, ct);
            labels.AddRange(page.Items.Where(r => wanted.Count == 0 || wanted.Contains(id(r))).Select(label));
            var all = (index + 1) * PageRequest.MaxSize >= page.Total;
            if (all || wanted.Count == 0 || labels.Count == wanted.Count || index > 50)
                return (labels, !all && wanted.Count == 0);
        }
    }

    private void Choose(long id, bool on)
    {
        if (on)
            _left.Remove(id);
        else
            _left.Add(id);
    }

    /// <summary>Each badge in a command of its own: what one is refused for doesn't keep the others from theirs.</summary>
    private Task IssueAsync() => TryAsync(async () =>
    {
        if (_busy)
            return;
        (_busy, _refused) = (true, []);
        var issued = new List<Label>();
        try
        {
            foreach (var one in Chosen)
            {
                try { issued.Add(one with { Content = await Credentials.IssueBadgeAsync(Me.Who, one.Id, Left) }); }
                catch (PmsException refused) when (refused is ForbiddenException or NotFoundException) { _refused.Add($"{one.Code} {one.Name}: {Refused.Of(refused)}"); }
            }
        }
        finally
        {
            (_busy, _issued) = (false, issued);
        }
    });

    /// <summary>What was issued is gone from the page; printing again means issuing again.</summary>
    private void Forget() => (_issued, _refused) = ([], []);

    /// <summary>The browser's own print window; the call comes back when it is closed, or not in time.</summary>
    private async Task PrintAsync()
    {
        try { await Browser.InvokeVoidAsync("print", Left); }
        catch (Exception e) when (e is OperationCanceledException or JSException) { Log.LogDebug(e, "The print window was open longer than a call waits"); }
    }
}
