using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Planning.Suggestions;
using Pms.Web.Shared;

namespace Pms.Web.Planning.Suggestions;

/// <summary>One hold: the places it frees, what could go there instead, and after it is lifted the old places again.</summary>
public sealed partial class HoldPage
{
    private readonly HashSet<long> _compared = [];
    private HoldSuggestions? _found;
    private long? _slot;
    private long _shown;
    private bool _busy, _anew;

    [Parameter] public long Id { get; set; }

    [Inject] private SuggestionService Suggestions { get; set; } = default!;
    [Inject] private HoldService Holds { get; set; } = default!;
    [Inject] private HoldRelief Relief { get; set; } = default!;
    [Inject] private JobPlanningService Planning { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private IDialogService Ask { get; set; } = default!;

    private bool IsOpen => _found!.Hold.State == HoldState.Open;

    private IEnumerable<Candidate> Compared => _found!.Candidates.Where(c => _compared.Contains(c.OrderId));

    protected override void Listen()
    {
        ReloadOn<HoldChanged>(e => e.HoldId == Id);
        // Any job of the department may fill a place or free one.
        ReloadOn<JobChanged>(e => _found?.Slots.Any(s => s.DepartmentId == e.DepartmentId) == true);
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Core.Identity.Permissions.PlanningSchedule) || !Me.May(Core.Identity.Permissions.OrdersView))
            return;
        if (_shown != Id)
            (_shown, _slot, _anew) = (Id, null, false);
        _found = await Suggestions.OfHoldAsync(Me.Who, Id, _slot, ct);
        _compared.IntersectWith(_found.Candidates.Select(c => c.OrderId));
    }

    protected override Task OnParametersSetAsync() => Loaded && _shown != Id ? LoadAsync(Left) : Task.CompletedTask;

    private IEnumerable<string> About
    {
        get
        {
            var h = _found!.Hold;
            if (_found.What is { } what)
                yield return what;
            yield return h.Note;
            yield return O["Held_By", h.OpenedBy, At(h.OpenedAt)];
            if (h.ExpectedOn is { } until)
                yield return O["Held_Until", until.ToString("d", CultureInfo.CurrentCulture)];
        }
    }

    private string State => _found!.Hold.FreedAt is { } freed ? L["Freed", At(freed)] : _found.FreesAt is not { } at ? "" : at <= Plant.Now ? L["Frees_Now"] : L["Frees_At", At(at)];

    private static bool CanTake(FreedSlot s) => s is { Planned: false, Gone: null };

    private Task ChooseAsync(FreedSlot slot)
    {
        _slot = slot.JobId;
        return ReloadAsync();
    }

    private void Compare(Candidate c)
    {
        if (!_compared.Remove(c.OrderId))
            _compared.Add(c.OrderId);
    }

    private async Task FreeAsync()
    {
        var freed = 0;
        await DoAsync(async () => freed = await Relief.FreeAsync(Me.Who, Id, ct: Left));
        if (freed > 0)
            Say(L["Freed_Done", freed], Severity.Success);
    }

    private async Task LiftAsync()
    {
        if (await Ask.AskAsync(L["Lift"], L["Lift_Text", _found!.Hold.Note], L["Lift"]))
            await DoAsync(() => Holds.LiftAsync(Me.Who, Id, _found.Hold.Version, ct: Left), L["Lifted"]);
    }

    private Task PlanAsync(Candidate c) => DoAsync(() => Planning.PlanAsync(Me.Who, new PlanJob(c.StepId, c.Quantity, c.Start, c.MachineId, End: c.End, SetupMinutes: c.SetupMinutes), $"hold-{Id}-{c.StepId}-{c.Start.ToUnixTimeMilliseconds()}", Left), L["Planned", c.OrderNumber]);

    private Task TakeAsync(FreedSlot s) => DoAsync(() => Suggestions.TakeOldPlaceAsync(Me.Who, Id, s.JobId, $"old-{s.JobId}", Left), L["Taken"]);

    private async Task TakeAllAsync()
    {
        foreach (var s in _found!.Slots.Where(CanTake).ToList())
            await TakeAsync(s);
    }

    private Task AnewAsync()
    {
        _anew = false;
        return ReloadAsync();
    }

    private async Task DoAsync(Func<Task> command, string? done = null)
    {
        _busy = true;
        await TryAsync(command, done);
        _busy = false;
        await ReloadAsync();
    }

    private IEnumerable<string> Facts(Candidate c)
    {
        yield return c.Facts.SameProduct ? L["Same_Product"] : c.Facts.SameCategory ? L["Same_Category"] : L["Other_Product"];
        yield return c.Split ? L["Fit_Split", Num(c.Quantity), Num(c.Need), Num(c.Facts.FitPercent)] : L["Fit", Num(c.Need), Num(c.Facts.FitPercent)];
        if (c.DueOn is not null)
            yield return Slack(c);
        if (c.Priority != Core.Orders.OrderPriority.Normal)
            yield return O["Priority_" + c.Priority];
        yield return c.SetupMinutes > 0 ? L["Setup", Num(c.SetupMinutes)] : L["No_Setup"];
    }

    private IEnumerable<(string Name, Func<Candidate, string> Of)> Parts =>
    [
        (L["Part_Total"], c => L["Of", c.Score.Total, 100]), (L["Part_Product"], c => L["Of", c.Score.Product, Scoring.MostProduct]), (L["Part_Fit"], c => L["Of", c.Score.Fit, Scoring.MostFit]),
        (L["Part_Urgency"], c => L["Of", c.Score.Urgency, Scoring.MostUrgency]), (L["Part_Priority"], c => L["Of", c.Score.Priority, Scoring.MostPriority]), (L["Part_Setup"], c => L["Of", c.Score.Setup, Scoring.MostSetup]),
        (L["Part_Lateness"], Lateness), (L["Part_Due"], c => c.DueOn?.ToString("ddd d MMM", CultureInfo.CurrentCulture) ?? "–"), (L["Part_When"], c => When(c.Start, c.End)),
    ];

    private string Slack(Candidate c) => c.Facts.SlackDays < 0 ? L["Slack_Less", -c.Facts.SlackDays] : L["Slack", c.Facts.SlackDays];

    private string Lateness(Candidate c) => c.Lateness == TimeSpan.Zero ? L["Lateness_Same"] : c.Lateness < TimeSpan.Zero ? L["Lateness_Less", Long(-c.Lateness)] : L["Lateness_More", Long(c.Lateness)];

    private string Long(TimeSpan time) => time.TotalHours >= 48 ? L["Days", time.TotalDays.ToString("#,0.#", CultureInfo.CurrentCulture)] : L["Hours", time.TotalHours.ToString("#,0.#", CultureInfo.CurrentCulture)];

    private string When(DateTimeOffset start, DateTimeOffset end) => Plant.DateOf(start) == Plant.DateOf(end) ? $"{At(start)}–{Plant.Local(end).ToString("HH:mm", CultureInfo.CurrentCulture)}" : $"{At(start)} – {At(end)}";

    private string At(DateTimeOffset at) => Plant.Local(at).ToString("ddd d MMM HH:mm", CultureInfo.CurrentCulture);

    private static string Num(decimal value) => value.ToString("#,0.###", CultureInfo.CurrentCulture);
}
