using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Maintenance;
using Pms.Core.Orders;
using Pms.Core.Planning.Exceptions;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Planning.Exceptions;

/// <summary>Everything that needs a planner on one page, grouped and counted by kind; each row opens where it can be solved.</summary>
public sealed partial class ExceptionsPage
{
    /// <summary>Jobs and orders become late by time alone.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private IReadOnlyList<IssueCount> _counts = [];
    private IReadOnlyList<Department> _departments = [];
    private ITimer? _timer;

    [Inject] private IssueService Issues { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;

    private string? Kind => Filter("kind");

    private IReadOnlyList<ListFrame<PlanIssue>.Column> Columns =>
        [new(L["Col_Order"], "order"), new(L["Col_What"]), new(L["Col_Since"], "since"), new(L["Col_Due"], "due", "wide"), new(L["Col_Do"], null, "wide")];

    protected override void Listen()
    {
        ReloadOn<JobChanged>(_ => true);
        ReloadOn<OrderChanged>(_ => true);
        ReloadOn<HoldChanged>(_ => true);
        ReloadOn<TicketChanged>(_ => true);
        ReloadOn<CalendarChanged>(_ => true);
        ReloadOn<MasterDataChanged>(e => e.Entity is "absence" or "employee" or "machine" or "department");
        _timer = Time.CreateTimer(_ => ReloadSoon(), null, Every, Every);
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (Me.May(Permissions.OrdersView))
            _departments = await Departments.ActiveAsync(Me.Who, ct);
        await base.LoadAsync(ct);
    }

    protected override async Task<Page<PlanIssue>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        if (!Me.May(Permissions.OrdersView))
            return new([], 0);
        _counts = await Issues.CountsAsync(Me.Who, request, ct);
        return await Issues.ListAsync(Me.Who, request, ct);
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>In its own order the list has a heading for each kind.</summary>
    private string? GroupOf(PlanIssue i) => Sort is null or "kind" or "-kind" ? L["Group", L["Kind_" + i.Kind], _counts.FirstOrDefault(c => c.Kind == i.Kind)?.Count ?? 0].Value : null;

    internal static PlantState Look(IssueKind kind) => kind switch
    {
        IssueKind.OnHold => PlantState.OnHold,
        IssueKind.LateJob or IssueKind.LateOrder => PlantState.Late,
        IssueKind.LostCapacity => PlantState.Broken,
        IssueKind.Rejected => PlantState.Stopped,
        _ => PlantState.Paused,
    };

    private string What(PlanIssue i) => string.Join(" · ", Parts(i).Where(p => !string.IsNullOrEmpty(p)));

    private IEnumerable<string?> Parts(PlanIssue i)
    {
        switch (i.Kind)
        {
            case IssueKind.OnHold:
                yield return L["Hold_" + i.Hold];
                yield return i.Stage;
                yield return i.Note;
                yield return i.Until is { } until ? L["What_Until", Day(until)].Value : null;
                break;
            case IssueKind.NeedsDecision:
                yield return i.Note;
                yield return i.Pieces is { } wanted ? L["What_Wanted", Num(wanted)].Value : null;
                break;
            case IssueKind.ToReassign:
                yield return i.Stage;
                yield return i.Cause == IssueCause.Left ? L["What_Left", i.Person ?? ""].Value : L["What_Absent", i.Person ?? "", i.Until is { } back ? Moment(back) : ""].Value;
                break;
            case IssueKind.LostCapacity:
                yield return i.Stage;
                yield return i.Cause switch { IssueCause.Stands => L["What_Stands", i.Machine ?? "", i.Note ?? ""].Value, IssueCause.Retired => L["What_Retired", i.Machine ?? ""].Value, _ => i.Machine };
                yield return i.Cause == IssueCause.Closed ? L["What_Closed", i.Note ?? ""].Value : i.Until is { } running ? L["What_Back", Moment(running)].Value : null;
                break;
            case IssueKind.Rejected:
                yield return i.Stage;
                yield return i.Pieces is { } rejected ? L["What_Rejected", Num(rejected)].Value : null;
                break;
            case IssueKind.LateJob:
                yield return i.Stage;
                yield return i.Machine;
                yield return i.Person;
                break;
            case IssueKind.AtRisk:
                yield return i.Cause == IssueCause.Unplanned ? L["What_Unplanned", i.Stage ?? "", i.Pieces is { } open ? Num(open) : ""].Value : null;
                yield return i.Until is { } ends ? L["What_Expected", Moment(ends)] : L["What_NoRoom"];
                break;
            case IssueKind.LateOrder:
                yield return i.DueOn is { } due ? L["What_LateOrder", Plant.Today.DayNumber - due.DayNumber].Value : null;
                break;
        }
    }

    private string? Since(PlanIssue i) => i.Since is not { } since ? null : since > Plant.Now ? L["From_Day", Moment(since)].Value : L["Since_Day", Plant.DateOf(since) == Plant.Today && i.Kind != IssueKind.LateOrder ? Plant.Local(since).ToString("HH:mm", CultureInfo.CurrentCulture) : Day(since)].Value;

    private string Do(PlanIssue i) => i.Kind == IssueKind.AtRisk ? L["Do_AtRisk_" + i.Cause] : L["Do_" + i.Kind];

    /// <summary>A hold is solved where its replacements stand, what lost its place on the schedule, a late job at the job, everything else at the order.</summary>
    private string Link(PlanIssue i) => i switch
    {
        { Kind: IssueKind.OnHold, HoldId: { } hold } when Me.May(Permissions.PlanningSchedule) => string.Create(CultureInfo.InvariantCulture, $"/planning/holds/{hold}"),
        { Kind: IssueKind.OnHold } => string.Create(CultureInfo.InvariantCulture, $"/planning/orders/{i.OrderId}?tab=holds"),
        { Kind: IssueKind.ToReassign or IssueKind.LostCapacity, JobId: { } job, PlannedStart: { } start } when Me.May(Permissions.JobsView) =>
            string.Create(CultureInfo.InvariantCulture, $"/planning/schedule?zoom=day&at={PlanningWords.Day(Plant.DateOf(start))}&department={i.DepartmentId}&job={job}"),
        { Kind: IssueKind.LateJob, JobId: { } job } when Me.May(Permissions.JobsView) => string.Create(CultureInfo.InvariantCulture, $"/manager/jobs?job={job}"),
        { JobId: not null } => string.Create(CultureInfo.InvariantCulture, $"/planning/orders/{i.OrderId}?tab=jobs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"/planning/orders/{i.OrderId}"),
    };

    private static string WhatIf(PlanIssue i) => "/planning/what-if?order=" + Uri.EscapeDataString(i.OrderNumber);

    private string Day(DateTimeOffset at) => Plant.Local(at).ToString("ddd d MMM", CultureInfo.CurrentCulture);

    private string Moment(DateTimeOffset at) => Plant.Local(at) is { TimeOfDay.Ticks: 0 } day ? day.ToString("ddd d MMM", CultureInfo.CurrentCulture) : Plant.Local(at).ToString("ddd d MMM HH:mm", CultureInfo.CurrentCulture);

    private static string Num(decimal value) => value.ToString("#,0.###", CultureInfo.CurrentCulture);
}
