using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Settings;
using Pms.Web.Compliance;
using Pms.Web.Identity;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Settings;

/// <summary>The plant's settings by groups: found by their words, changed together under one version, each with its default a tap away.</summary>
public sealed partial class SettingsPage
{
    /// <summary>What was typed and is not saved, by name; null goes back to the default.</summary>
    private readonly Dictionary<string, string?> _draft = [];

    private SettingsPicture? _stored, _theirs;
    private FieldFaults _faults = FieldFaults.None;
    private string _search = "", _to = "";
    private string? _mail;
    private Clash? _conflict;
    private bool _busy, _sending, _mailWrong;
    private IReadOnlyList<(string, string)>? _zones;

    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    [Inject] private SettingsService Settings { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private IDialogService Ask { get; set; } = default!;

    private bool Dirty => _draft.Count > 0;

    private IEnumerable<SettingState> Shown => _stored!.Items.Where(s => _search.Trim() is not { Length: > 0 } words
        || words.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(w => $"{Name(s)} {L["Hint_" + s.Key]} {L["Group_" + s.Group]} {s.Key}".Contains(w, StringComparison.CurrentCultureIgnoreCase)));

    protected override void Listen() => ReloadOn<SettingsChanged>(static _ => true);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (!Me.May(Permissions.AdminSettings))
            return;
        var read = await Settings.GetAsync(Me.Who, ct);
        if (Dirty && _stored is not null && read.Version != _stored.Version)
        {
            Collide(_conflict?.Text ?? Words["Conflict_Somebody"], read);
        }
        else
        {
            _stored = read;
        }
    }

    private string Name(SettingState s) => L["Name_" + s.Key];

    private string Value(SettingState s) => _draft.TryGetValue(s.Key, out var typed) ? typed ?? s.Default : s.Value;

    private decimal? NumberOf(SettingState s) => decimal.TryParse(Value(s), NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string Choice(SettingState s, string value) => (s.Key, value) switch
    {
        ("culture" or "language", "") => L["Culture_Browser"],
        ("language", _) => CultureInfo.GetCultureInfo(value).NativeName,
        ("culture", _) => $"{CultureInfo.GetCultureInfo(value).EnglishName} · {Sample(value)}",
        _ => L[$"Choice_{s.Key}_{value}"],
    };

    private static string Sample(string culture) => new DateTime(2026, 1, 31).ToString("d", CultureInfo.GetCultureInfo(culture)) + " · " + 1234.5m.ToString("N1", CultureInfo.GetCultureInfo(culture));

    private IReadOnlyList<(string, string)> Zones(SettingState s) => _zones ??= [.. TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id).Append(s.Value).Append(s.Default).Where(z => z.Length > 0).Distinct().Order(StringComparer.Ordinal).Select(z => (z, z))];

    /// <summary>What it does, its unit, bounds and default, in a line.</summary>
    private string Hint(SettingState s)
    {
        var bounds = s.Kind == SettingKind.Number ? L["Bounds", Spoken(s, Invariant(s.Min)), Spoken(s, Invariant(s.Max), unit: true), Spoken(s, s.Default)] : s.Default.Length > 0 ? L["Default", Spoken(s, s.Default)] : "";
        return $"{L["Hint_" + s.Key]} {bounds}".Trim();
    }

    private static string Invariant(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private string Spoken(SettingState s, string value, bool unit = false) => s.Kind switch
    {
        SettingKind.Number when decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var n) => n.ToString("#,0.######", CultureInfo.CurrentCulture) + (unit && s.Unit is not null ? " " + L["Unit_" + s.Unit] : ""),
        SettingKind.Choice => Choice(s, value),
        _ => value,
    };

    private void Set(SettingState s, string value)
    {
        if (!_busy && value == _stored![s.Key].Value)   // while it is being saved, what will be stored isn't known yet
            _draft.Remove(s.Key);
        else
            _draft[s.Key] = value;
    }

    private void SetSecret(SettingState s, string value)
    {
        if (value.Length == 0)
            _draft.Remove(s.Key);
        else
            _draft[s.Key] = value;
    }

    private bool CanReset(SettingState s) => _draft.TryGetValue(s.Key, out var typed) ? typed is not null && (s.Kind == SettingKind.Secret || typed != s.Default) : !s.IsDefault;

    private void Reset(SettingState s)
    {
        if (!_busy && s.IsDefault)
            _draft.Remove(s.Key);
        else
            _draft[s.Key] = null;
    }

    private string ResetTo(SettingState s) => s.Kind == SettingKind.Secret || s.Default.Length == 0 && s.Kind != SettingKind.Choice ? L["Reset_Nothing"] : Spoken(s, s.Default);

    private void Discard()
    {
        _draft.Clear();
        _faults = FieldFaults.None;
        if (_theirs is not null)
            LoadTheirs();
    }

    private async Task SaveAsync()
    {
        if (_busy || !Dirty)
            return;
        (_busy, _faults) = (true, FieldFaults.None);
        var saved = await TryAsync(async () =>
        {
            try
            {
                var sent = new Dictionary<string, string?>(_draft);
                _stored = await Settings.ChangeAsync(Me.Who, new ChangeSettings(_stored!.Version, sent), Left);
                foreach (var (name, typed) in _draft.ToList())
                    if (sent.TryGetValue(name, out var value) && typed == value || (typed is null ? _stored[name].IsDefault : typed == _stored[name].Value))
                        _draft.Remove(name);   // what else was typed meanwhile stays
                (_theirs, _conflict) = (null, null);
                Say(Words["Saved"], Severity.Success);
            }
            catch (InvalidException invalid)
            {
                _faults = FieldFaults.Of(invalid, Refused);
                _search = "";   // a fault must not hide behind the search
                Say(Words["Form_Wrong"], Severity.Warning);
            }
            catch (ConflictException conflict)
            {
                Collide(Refused.Of(conflict), await Settings.GetAsync(Me.Who, Left));
            }
        });
        _busy = false;
        if (!saved)
            StateHasChanged();
    }

    private void LoadTheirs()
    {
        _draft.Clear();
        (_stored, _theirs, _conflict) = (_theirs ?? _stored, null, null);
    }

    /// <summary>Saves one's own onto theirs, but for what was left to them.</summary>
    private Task KeepMineAsync()
    {
        foreach (var choice in _conflict?.Choices.Where(c => c.TakeTheirs) ?? [])
            _draft.Remove(choice.Field);
        (_stored, _theirs, _conflict) = (_theirs ?? _stored, null, null);
        return SaveAsync();
    }

    /// <summary>What they changed stays theirs; what both changed is chosen.</summary>
    private void Collide(string text, SettingsPicture theirs)
    {
        if (_conflict is not null && _theirs?.Version == theirs.Version)
        {
            _conflict.Text = text;   // what was chosen so far stays
            return;
        }
        var (changed, mine) = (theirs.Items.Where(t => t.Value != _stored![t.Key].Value).ToList(), _draft.Keys.ToHashSet());
        AuditWords.Change Told(SettingState t) => new(Name(t), t.Kind == SettingKind.Secret ? "•••" : Spoken(t, _draft.GetValueOrDefault(t.Key) ?? t.Default, unit: true), Spoken(t, t.Value, unit: true));
        (_theirs, _conflict) = (theirs, Clash.Of(text, [.. changed.Where(t => !mine.Contains(t.Key)).Select(Told)], [.. changed.Where(t => mine.Contains(t.Key)).Select(t => new Clash.Choice(t.Key, Told(t)))]));
    }

    private async Task TestAsync()
    {
        (_sending, _faults, _mail) = (true, FieldFaults.None, L["TestMail_Sending"]);
        StateHasChanged();
        try
        {
            await Settings.SendTestMailAsync(Me.Who, _to, Left);
            (_mail, _mailWrong) = (L["TestMail_Sent", _to], false);
        }
        catch (InvalidException invalid)
        {
            (_faults, _mail) = (FieldFaults.Of(invalid, Refused), null);
        }
        catch (RuleException refused)
        {
            (_mail, _mailWrong) = (Refused.Of(refused), true);
        }
        finally
        {
            _sending = false;
        }
    }
}
