using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Pms.Core;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Orders;
using Pms.Web.Shared;

namespace Pms.Web.Floor.JobBoard;

/// <summary>The managers' jobs: everything it shows stands in the address, so that back, bookmarks and links from the boards work.</summary>
public sealed partial class JobsPage
{
    private const int Size = 25;
    private const int KanbanSize = 30;
    private static readonly string[] Statuses = ["Open", "Late", "Planned", "Running", "Paused", "Finished", "Cancelled"];

    private Page<JobRow> _page = new([], 0);
    private IReadOnlyDictionary<JobStatus, Page<JobRow>> _columns = new Dictionary<JobStatus, Page<JobRow>>();
    private IReadOnlyList<FloorDepartment> _departments = [];
    private JobRow? _chosen;
    private string? _search;
    private bool _asked;

    [SupplyParameterFromQuery(Name = "department")] public long? DepartmentId { get; set; }
    [SupplyParameterFromQuery(Name = "status")] public string? Status { get; set; }
    [SupplyParameterFromQuery(Name = "search")] public string? SearchText { get; set; }
    [SupplyParameterFromQuery(Name = "sort")] public string? Sort { get; set; }
    [SupplyParameterFromQuery(Name = "page")] public int? PageNumber { get; set; }
    [SupplyParameterFromQuery(Name = "view")] public string? View { get; set; }
    [SupplyParameterFromQuery(Name = "job")] public long? JobId { get; set; }

    /// <summary>What of an order the reader may see beside its jobs.</summary>
    private OrderSight Orders => OrderSight.Of(Fields, Me.Who);

    private bool IsKanban => View == "kanban";
    private string Chosen => Statuses.Contains(Status) ? Status! : "Open";
    private int Index => Math.Max(0, (PageNumber ?? 1) - 1);
    private bool HasNext => _page.Total > (Index + 1) * Size;

    protected override void Listen() => ReloadOn<JobChanged>(e => DepartmentId is null || e.DepartmentId == DepartmentId);

    protected override async Task OnParametersSetAsync()
    {
        _search = SearchText;
        if (_asked)
        {
            await LoadAsync(Left);
        }
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        _asked = true;
        if (!Me.May(Permissions.JobsView))
        {
            return;
        }

        var request = new JobBoardRequest { Search = SearchText, Status = Chosen, DepartmentId = DepartmentId, Sort = Sort is null || Sort.TrimStart('-') == "due" && Orders.HidesDue ? Chosen == "Finished" ? "-finished" : "start" : Sort, Index = Index, Size = Size };
        if (IsKanban)
        {
            _columns = await Jobs.KanbanAsync(Me.Who, request, KanbanSize, ct);
        }
        else
        {
            _page = await Jobs.PageAsync(Me.Who, request, ct);
        }

        _chosen = JobId is { } id ? await Jobs.GetAsync(Me.Who, id, ct) : null;
        if (_departments.Count == 0)
        {
            _departments = (await Boards.LoadAsync(ct)).Floor.Departments;
        }
    }

    private PlantState Look(JobRow job) => job.Status switch
    {
        JobStatus.Running => job.Phase == JobPhase.Setup ? PlantState.SetUp : PlantState.Running,
        JobStatus.Paused => PlantState.Paused,
        JobStatus.Finished => PlantState.Done,
        JobStatus.Planned when job.Holds > 0 => PlantState.OnHold,
        _ => PlantState.Waiting,
    };

    /// <summary>Another choice begins on the first page; paging and opening a job keep the place.</summary>
    private string With(string name, object? value) => Nav.GetUriWithQueryParameters(name is "page" or "job"
        ? new Dictionary<string, object?> { [name] = value }
        : new Dictionary<string, object?> { ["page"] = null, ["job"] = null, [name] = value });

    private RenderFragment Head(string sort, string word) => builder =>
    {
        var now = Sort ?? "start";
        var isUp = now == sort;
        var isDown = now == "-" + sort;
        builder.OpenElement(0, "th");
        builder.AddAttribute(1, "scope", "col");
        builder.AddAttribute(2, "aria-sort", isUp ? "ascending" : isDown ? "descending" : null);
        builder.OpenElement(3, "a");
        builder.AddAttribute(4, "href", With("sort", isUp ? "-" + sort : sort));
        builder.AddContent(5, (string)L[word] + (isUp ? " ↑" : isDown ? " ↓" : ""));
        builder.CloseElement();
        builder.CloseElement();
    };

    private void Search() => Nav.NavigateTo(With("search", string.IsNullOrWhiteSpace(_search) ? null : _search.Trim()));

    private void SearchOnEnter(KeyboardEventArgs e)
    {
        if (e.Key == "Enter")
        {
            Search();
        }
    }

    private void CloseJob() => Nav.NavigateTo(With("job", null), replace: true);
}
