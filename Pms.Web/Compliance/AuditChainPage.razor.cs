using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Audit.Retention;
using Pms.Core.Compliance;
using Pms.Core.Identity;
using Pms.Web.Identity;
using Pms.Web.Shared;

namespace Pms.Web.Compliance;

/// <summary>Proves the audit and says how long it is kept; a verification goes on when the page is closed.</summary>
public sealed partial class AuditChainPage
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly List<Rule> _rules = [];
    private IReadOnlyList<AuditCheck> _checks = [];
    private IReadOnlyList<(string Value, string Text)> _entities = [];
    private AuditCheck? _running;
    private AuditStore? _store;
    private FieldFaults _faults = FieldFaults.None;
    private int _days, _version;
    private string? _refused;
    private ITimer? _timer;

    [Inject] private ComplianceService Audit { get; set; } = default!;
    [Inject] private AuditWords Said { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;

    protected override void Listen()
    {
        ReloadOn<RetentionChanged>(static _ => true);
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(LookAsync), null, Every, Every);
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Permissions.AdminAudit))
            return;
        try { _store = await Audit.StoreAsync(Me.Who, ct); }
        catch (ForbiddenException)
        {
            _refused = L["Chain_AllOnly"];   // own departments only: the chain is about all of them
            return;
        }
        await ChecksAsync(ct);
        var (entities, _) = await Audit.ChoicesAsync(Me.Who, ct);
        _entities = [.. entities.Union(_store.Policy.Exceptions.Select(e => e.Entity)).Select(e => (e, Said.Entity(e))).OrderBy(e => e.Item2, StringComparer.CurrentCulture)];
        if (_version == _store.Policy.Version)
            return;
        (_days, _version) = (_store.Policy.Days, _store.Policy.Version);
        _rules.Clear();
        _rules.AddRange(_store.Policy.Exceptions.Select(e => new Rule { Entity = e.Entity, Days = e.Days }));
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Only while one runs, here or on another node.</summary>
    private async Task LookAsync()
    {
        if (_running is null || Left.IsCancellationRequested)
            return;
        try { await ChecksAsync(Left); }
        catch (BusyException) { return; }   // the next look tells
        if (_running is null)
            await ReloadAsync();
        else
            StateHasChanged();
    }

    private async Task ChecksAsync(CancellationToken ct)
    {
        _checks = await Audit.ChecksAsync(Me.Who, 10, ct);
        _running = _checks is [var first, ..] && first.IsRunning(Plant.Now) ? first : null;
    }

    private Task VerifyAsync() => TryAsync(async () =>
    {
        await Audit.StartCheckAsync(Me.Who, Left);
        await ChecksAsync(Left);
    });

    private void Add() => _rules.Add(new Rule { Entity = _entities.Select(e => e.Value).FirstOrDefault(e => _rules.All(r => r.Entity != e)) ?? "", Days = _days });

    private async Task SaveAsync()
    {
        _faults = FieldFaults.None;
        var ok = await TryAsync(async () =>
        {
            try
            {
                await Audit.SetRetentionAsync(Me.Who, new RetentionPolicy { Days = _days, Version = _version, Exceptions = [.. _rules.Select(r => new RetentionRule { Entity = r.Entity, Days = r.Days })] }, Left);
            }
            catch (InvalidException invalid) { _faults = FieldFaults.Of(invalid, Refused); }
        });
        if (!ok || _faults.Any)
            return;
        Say(L["Saved"], MudBlazor.Severity.Success);
        await ReloadAsync();
    }

    private string Years(int days) => L["Retention_Years", (days / 365.25).ToString("0.#", CultureInfo.CurrentCulture)];

    private string At(DateTimeOffset at) => Plant.Local(at).ToString("ddd d MMM yyyy HH:mm", CultureInfo.CurrentCulture);

    private string Day(DateTimeOffset at) => Plant.Local(at).ToString("d MMM yyyy", CultureInfo.CurrentCulture);

    private sealed class Rule
    {
        public string Entity { get; set; } = "";
        public int Days { get; set; }
    }
}
