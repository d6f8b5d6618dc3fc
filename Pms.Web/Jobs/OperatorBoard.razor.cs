using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;
using Pms.Web.Shared;

namespace Pms.Web.Jobs;

/// <summary>
/// The operator's jobs, for whoever <see cref="Actor"/> is: the person signed in on a phone, or the badge shown at a terminal.
/// A tap carries a key that was made when it was offered and is renewed once its answer was shown, so two taps are one.
/// </summary>
public sealed partial class OperatorBoard : FloorPage
{
    private readonly Dictionary<string, Offer> _offers = [];
    private readonly HashSet<string> _running = [];
    private OperatorScope? _scope;
    private OperatorJobs _jobs = OperatorJobs.None;
    private Draft<SheetState>? _draft;
    private TaskCompletionSource<string?>? _asked;
    private int _take = JobQueries.PageSize;
    private bool _ready, _locked;

    [Parameter, EditorRequired] public Actor Actor { get; set; } = default!;

    /// <summary>A scanned machine: its sequence is shown instead of today's allocation.</summary>
    [Parameter] public long? MachineId { get; set; }

    /// <summary>A scanned job or order: its sheet is opened.</summary>
    [Parameter] public long? JobId { get; set; }
    [Parameter] public string? OrderNumber { get; set; }

    [Inject] private JobQueries Queries { get; set; } = default!;
    [Inject] private JobService Service { get; set; } = default!;
    [Inject] private TimeService Times { get; set; } = default!;
    [Inject] private MaintenanceService Maintenance { get; set; } = default!;
    [Inject] private Calendars Calendars { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private ProtectedSessionStorage Storage { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;

    internal DateTimeOffset Now => Plant.Now;

    internal SheetState Sheet { get; private set; } = new();

    /// <summary>The job the open sheet is about.</summary>
    internal OperatorJob? SheetJob => _jobs.Jobs.FirstOrDefault(j => j.Id == Sheet.JobId) ?? (_details?.Job.Id == Sheet.JobId ? _details.Job : null);

    internal OperatorScope? Scope => _scope;

    internal CancellationToken Gone => Left;

    private long Me2 => _scope!.EmployeeId;

    private OperatorJob? Running => _jobs.Mine(Me2).FirstOrDefault(j => j.Status == JobStatus.Running);

    internal IEnumerable<OperatorJob> RunsWithMe => _jobs.Mine(Me2).Where(j => j.Status == JobStatus.Running);

    private long FirstReady => (_jobs.Next.FirstOrDefault(j => j.Readiness.Kind is ReadinessKind.Ready or ReadinessKind.ReadyForSome) ?? _jobs.Next.FirstOrDefault())?.Id ?? 0;

    private string Place => _scope is null ? "" : _scope is { WholeDepartment: false, Machines.Count: > 0 } ? string.Join(", ", _scope.Machines.Select(m => m.Number)) : _scope.Department;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Not at the first render: what a draft or a scanned code opens needs the jobs, which may still be on their way.
        if (_ready || !Loaded || !RendererInfo.IsInteractive)
            return;
        _ready = true;
        await ListenToKeysAsync();
        _draft = new Draft<SheetState>(Storage, Time, $"operator:{Actor.EmployeeId}", InvokeAsync);
        if (await _draft.RestoreAsync() && _draft.Value is { Kind: not SheetKind.None } kept)
        {
            Sheet = kept;
            await FillAsync();
        }
        else if (JobId is { } job)
        {
            await OpenAsync(SheetKind.More, job);
        }
        else if (OrderNumber is { } order)
        {
            await OpenAsync(SheetKind.Manual, text: order);
        }

        StateHasChanged();
    }

    protected override void Dispose(bool disposing)
    {
        if (_keysHeard)
            _ = Keys.UnsubscribeAsync(Page);
        _asked?.TrySetResult(null);
        _draft?.Dispose();
        HearNoMore(_heard);
        base.Dispose(disposing);
    }

    private async Task MoreAsync()
    {
        _take += JobQueries.PageSize;
        await ReloadAsync();
    }

    private string SecondsLeft(OperatorJob job) =>
        Math.Max(0, (int)((job.UndoUntil(Me2, Now) ?? Now) - Now).TotalSeconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>What a tap will carry, made when it is offered: its key, and the moment that "5 min earlier" counts from.</summary>
    internal sealed record Offer(string Key, DateTimeOffset MadeAt)
    {
        public DateTimeOffset? Earlier(int minutes) => minutes == 0 ? null : MadeAt.AddMinutes(-minutes);
    }

    /// <summary>
    /// Sends one tap under its offer's key. A twin of it that is under way is the same tap; a refusal or an answer ends the key,
    /// while "not stored" and "unknown" keep it for the next try. A soft rule asks for its reason and sends once more.
    /// </summary>
    internal Task<bool> SendAsync(string offer, Func<Offer, string?, Task> command, string done) => SendAsync(offer, command, () => done);

    private async Task<bool> SendAsync(string offer, Func<Offer, string?, Task> command, Func<string> done)
    {
        if (!_running.Add(offer))
            return false;
        try
        {
            if (!_offers.TryGetValue(offer, out var made))
                _offers[offer] = made = new Offer(Draft<SheetState>.NewKey(), Now);
            for (string? reason = null; ;)
            {
                IReadOnlyList<Refusal>? warnings = null;
                var (keep, before) = (false, false);
                var ok = await TryAsync(async () =>
                {
                    try { await UnheardAsync(() => command(made, reason)); }
                    catch (ReasonNeededException needed) { warnings = needed.Warnings; }
                    catch (Exception e) when (e is BusyException or OutcomeUnknownException) { keep = true; throw; }
                    catch (KeyReusedException) { before = true; }
                });
                if (warnings is not null)
                {
                    reason = await AskAsync(warnings);
                    if (reason is null)
                        return false;
                    continue;
                }

                if (!keep)
                    _offers.Remove(offer);
                if (ok)
                    Say(before ? L["Done_Before"] : done(), before ? MudBlazor.Severity.Warning : MudBlazor.Severity.Success);
                await TryReloadAsync();
                return ok;
            }
        }
        finally
        {
            _running.Remove(offer);
        }
    }

    /// <summary>Sends a tap and closes its sheet when it was done; one that was opened while the answer came stays open.</summary>
    private async Task SendAndCloseAsync(string offer, Func<Offer, string?, Task> command, Func<string> done)
    {
        var sheet = Sheet;
        if (await SendAsync(offer, command, done) && ReferenceEquals(sheet, Sheet))
            await CloseAsync();
    }

    private Task SendAndCloseAsync(string offer, Func<Offer, string?, Task> command, string done) => SendAndCloseAsync(offer, command, () => done);

    /// <summary>The answer stays on screen even if the picture can't be read just now.</summary>
    private async Task TryReloadAsync()
    {
        try { await ReloadAsync(); }
        catch (BusyException e)
        {
            Say(Refused.Of(e), MudBlazor.Severity.Error);
            ReloadSoon();   // the tap's own event was not heard
        }
    }
}
