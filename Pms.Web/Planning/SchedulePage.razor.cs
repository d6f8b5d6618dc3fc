using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Maintenance;
using Pms.Core.Planning;

namespace Pms.Web.Planning;

/// <summary>
/// The schedule as board, list and calendar. What is shown stands in the address; another planner's move comes as an event. A drop asks the same command as the
/// panel, and what it refuses is said at the board.
/// </summary>
public sealed partial class SchedulePage
{
    private static readonly string[] Views = ["board", "list", "calendar"];

    /// <summary>Lateness and the now line move without any event.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private Schedule? _schedule;
    private PlanScale? _scale;
    private IReadOnlyList<PlanRow> _rows = [];
    private JobInPlan? _detail;
    private Dragged? _drag;
    private MovedJob? _moved;
    private ScheduleBoard? _board;
    private ITimer? _timer;
    private string? _shown;
    private long? _refused, _wasOpen;

    [SupplyParameterFromQuery(Name = "view")] public string? ViewText { get; set; }
    [SupplyParameterFromQuery(Name = "zoom")] public string? ZoomText { get; set; }
    [SupplyParameterFromQuery(Name = "at")] public string? AtText { get; set; }
    [SupplyParameterFromQuery(Name = "rows")] public string? RowsText { get; set; }
    [SupplyParameterFromQuery(Name = "department")] public long? DepartmentId { get; set; }
    [SupplyParameterFromQuery(Name = "job")] public long? JobId { get; set; }
    [SupplyParameterFromQuery(Name = "open")] public string? OpenText { get; set; }

    /// <summary>The view that was chosen; null: the board, on a phone the list.</summary>
    private string? Shows => Views.Contains(ViewText) ? ViewText : null;
    private Zoom Zoom => Enum.TryParse<Zoom>(ZoomText, true, out var zoom) && Enum.IsDefined(zoom) ? zoom : Zoom.Week;
    private RowsBy By => Enum.TryParse<RowsBy>(RowsText, true, out var by) && Enum.IsDefined(by) ? by : RowsBy.Machines;
    private DateOnly Day => DateOnly.TryParseExact(AtText, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 2200 ? day : Plant.Today;
    private bool MayPlan => Me.May(Permissions.PlanningSchedule);
    private bool IsUnplanned => OpenText == "unplanned" && MayPlan && JobId is null;

    private string Title => _scale is not { } scale ? "" : scale.Days == 1 ? scale.First.ToString("dddd d MMMM yyyy", CultureInfo.CurrentCulture)
        : Shows == "calendar" || scale.Zoom == Zoom.Month ? Day.ToString("MMMM yyyy", CultureInfo.CurrentCulture)
        : $"{scale.First.ToString("ddd d MMM", CultureInfo.CurrentCulture)} – {scale.Last.ToString("ddd d MMM yyyy", CultureInfo.CurrentCulture)}";

    protected override void Listen()
    {
        ReloadOn<JobChanged>(e => DepartmentId is null || e.DepartmentId == DepartmentId || _schedule?.Jobs.Any(j => j.Id == e.JobId) == true);
        ReloadOn<HoldChanged>(e => _schedule?.Jobs.Any(j => j.OrderId == e.OrderId) != false);
        ReloadOn<TicketChanged>(_ => true);
        ReloadOn<CalendarChanged>(_ => true);
        ReloadOn<MasterDataChanged>(e => e.Entity is "machine" or "machine_window" or "department" or "work_centre" or "stage");
        _timer = Time.CreateTimer(_ => ReloadSoon(), null, Every, Every);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _shown != Nav.Uri)
            await LoadAsync(Left);
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Permissions.JobsView))
            return;
        _shown = Nav.Uri;
        var scale = Shows == "calendar" ? PlanScale.Weeks(Day, Plant) : PlanScale.Of(Zoom, Day, Plant);
        var schedule = await Service.WindowAsync(Me.Who, new(scale.Window, DepartmentId), ct);
        var detail = JobId is { } id ? await Service.JobAsync(Me.Who, id, ct) : null;
        (_scale, _schedule, _detail) = (scale, schedule, detail);
        _rows = ScheduleRows.Of(schedule, By, DepartmentId is { } one ? new HashSet<long> { one } : null);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Closing the panel gives the focus back to the bar that opened it.
        if (_wasOpen is { } closed && JobId is null && _board is not null)
            await _board.FocusAsync(closed);
        _wasOpen = JobId;
    }

    protected override void Hush()
    {
        base.Hush();
        _refused = null;
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    private string With(params (string Name, object? Value)[] changes) => Nav.GetUriWithQueryParameters(changes.ToDictionary(c => c.Name, c => c.Value));

    private string At(int windows) => With(("at", PlanningWords.Day(PlanScale.Step(Shows == "calendar" ? Zoom.Month : Zoom, Day, windows))), ("page", null));

    private string JobHref(long id) => With(("job", id));

    private string DayHref(DateOnly day) => With(("view", "board"), ("zoom", "day"), ("at", PlanningWords.Day(day)));

    private bool MayMove(PlannedJob job) => job.Status == JobStatus.Planned && Rights.Allows(Me.Who, Permissions.JobsAssign, job.DepartmentId);

    private void Drag(PlannedJob? job) => _drag = job is null ? null : new Dragged(job, null);

    private void Drag(UnplannedStep? step) => _drag = step is null ? null : new Dragged(null, step);

    private async Task DropAsync((PlanRow Row, Span? Cell) drop)
    {
        if (_drag is not { } held)
            return;
        _drag = null;
        var (row, machine) = (drop.Row, drop.Row.Machine?.Id);
        if (held.Job is { } job)
        {
            // The machine's own answer why it can't, in the service's words.
            var start = drop.Cell is { } cell ? Place(row, job.Id, cell) : Coming(row.Department.Id, machine, job.PlannedStart);
            if (machine is null && (row.Department.Id != job.DepartmentId || drop.Cell is null))
                Say(L["Row_Other"], MudBlazor.Severity.Warning);
            else
                await PlaceAsync(job.Id, reason => MoveAsync(job, machine, start, reason));
        }
        else if (held.Step is { } step)
        {
            if (machine is null && row.Department.Id != step.DepartmentId)
                Say(L["Row_Other"], MudBlazor.Severity.Warning);
            else
                await PlaceAsync(null, async reason =>
                {
                    await Planning.PlanAsync(Me.Who, new PlanJob(step.StepId, step.Need, Place(row, null, drop.Cell ?? _scale!.Window), machine, Reason: reason), Guid.NewGuid().ToString("N"), Left);
                    _moved = null;
                });
        }
        await ReloadAsync();
    }

    /// <summary>Asks a place for something; where only capacity is against it, whoever may exceed it is asked why.</summary>
    private async Task<bool> PlaceAsync(long? job, Func<string?, Task> place)
    {
        var done = await TryWithReasonAsync(place);
        if (!done)
            _refused = job;
        return done;
    }

    private async Task MoveAsync(PlannedJob job, long? machine, DateTimeOffset start, string? reason)
    {
        var moved = await Planning.MoveAsync(Me.Who, new MoveJob(job.Id, start, job.Version, machine, reason), Guid.NewGuid().ToString("N"), Left);
        _moved = MovedJob.Of(job, moved.Version, machine);
    }

    /// <summary>The panel moved a job.</summary>
    private Task MovedAsync(MovedJob moved)
    {
        _moved = moved;
        return ReloadAsync();
    }

    private async Task UndoAsync()
    {
        if (_moved is not { } moved)
            return;
        _moved = null;
        await TryAsync(() => Planning.MoveAsync(Me.Who, new MoveJob(moved.JobId, moved.Start > Plant.Now ? moved.Start : Plant.Now, moved.Version, moved.MachineId), Guid.NewGuid().ToString("N"), Left), L["Undone", moved.OrderNumber]);
        await ReloadAsync();
    }

    private DateTimeOffset Place(PlanRow row, long? job, Span cell) => ScheduleRows.Place(row, job, cell, Plant.Now, at => Coming(row.Department.Id, row.Machine?.Id, at));

    /// <summary>The first worked instant at or after it, and not in the past: what is late comes next.</summary>
    private DateTimeOffset Coming(long department, long? machine, DateTimeOffset at)
    {
        at = at > Plant.Now ? at : Plant.Now;
        try
        {
            return Calendar.Now.AddWorking(department, machine, at, TimeSpan.Zero);
        }
        catch (RuleException none) when (none.Code == "calendar.no_working_time")
        {
            return at;   // the command says so
        }
    }
}
