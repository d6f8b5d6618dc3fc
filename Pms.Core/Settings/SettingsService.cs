using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Settings;

/// <summary>Shows and changes the plant's settings: all faults at once, one version for all, audited by name, secrets sealed and never shown.</summary>
public sealed class SettingsService(
    SettingsRepository settings, SettingsStore store, Commands commands, Changes changes, AuditLog audit, Rights rights, SecretBox box, MailSender mail, LiveSettings live)
{
    private const string Entity = "settings", Hidden = "•••";

    public async Task<SettingsPicture> GetAsync(Actor actor, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminSettings);
        return Picture(await settings.GetAsync(ct));
    }

    /// <exception cref="InvalidException">One fault by name for each value out of bounds, fixed by the deployment or unknown.</exception>
    /// <exception cref="ConflictException">Somebody else changed the settings since they were read.</exception>
    public async Task<SettingsPicture> ChangeAsync(Actor actor, ChangeSettings request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminSettings);
        var wanted = Wanted(request);
        if (wanted.ContainsKey("zone") && (wanted["zone"] ?? store.Defaults.Zone) != live.Now.Zone && await settings.HasHistoryAsync(ct))
            throw new InvalidException("zone", "settings.zone_used");
        // A password is a secret also from the table of keys: only that one came is part of what a repeat is compared by.
        var asked = new ChangeSettings(request.Version, request.Values.ToDictionary(v => v.Key, v => SettingList.Find(v.Key)?.Kind == SettingKind.Secret && v.Value is not null ? Hidden : v.Value));
        await commands.RunAsync(actor, "settings.change", actor.CommandKey, asked, async tx =>
        {
            var before = await settings.GetAsync(ct);
            if (before.Version != request.Version)
                throw await changes.ChangedAsync(Entity, 1, ct);
            var after = new Dictionary<string, string>(before.Values);
            foreach (var (key, value) in wanted)
                if (value is null)
                    after.Remove(key);
                else
                    after[key] = SettingList.Find(key)!.Kind == SettingKind.Secret ? box.Seal(value) : value;
            var stored = new StoredSettings(after, before.Version);
            var diff = Diff(before, stored, wanted.Keys);
            if (diff.Count == 0)
                return before.Version;
            SettingsRepository.Update(tx, stored);
            audit.Write(tx, actor, "settings.update", Entity, 1, diff);
            tx.Raise(new SettingsChanged());
            if (diff.ContainsKey("zone"))
                tx.Raise(new CalendarChanged());
            return before.Version + 1;
        }, ct);
        await store.LoadAsync(ct);
        return Picture(await settings.GetAsync(ct));
    }

    /// <summary>Sends one mail by the settings in force and waits for the server's answer.</summary>
    /// <exception cref="RuleException">mail.not_set, mail.refused with the server's own words, mail.password_lost.</exception>
    public async Task SendTestMailAsync(Actor actor, string? to, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminSettings);
        var address = Text.Clean(to);
        if (!Setting.IsMail(address))
            throw new InvalidException("to", "not_an_email");
        await mail.SendAsync(address, $"{live.Now.PlantName}: test", $"PMS of {live.Now.PlantName} can send mail. {actor.Name} asked for this test.", ct);
        await commands.RunAsync(actor, "settings.test_mail", null, address, tx =>
        {
            audit.Write(tx, actor, "settings.test_mail", Entity, 1, new Dictionary<string, object?[]> { ["to"] = [null, address] });
            return Task.FromResult(0);
        }, ct);
    }

    private Dictionary<string, string?> Wanted(ChangeSettings request)
    {
        var (wanted, faults) = (new Dictionary<string, string?>(), new List<Fault>());
        foreach (var (key, value) in request.Values)
        {
            if (SettingList.Find(key) is not { } setting)
                faults.Add(new(key, new Refusal("unknown_field", key, SettingList.All.Select(s => s.Key).ToArray())));
            else if (store.Fixed.FirstOrDefault(f => f.Key == key) is { } by)
                faults.Add(new(key, new Refusal("settings.fixed", by.By)));
            else if (value is null || setting.Kind == SettingKind.Secret && value.Length == 0)
                wanted[key] = null;
            else
                try
                {
                    wanted[key] = setting.Checked(value);
                }
                catch (InvalidException e)
                {
                    faults.AddRange(e.Faults);
                }
        }
        return faults.Count == 0 ? wanted : throw new InvalidException(faults);
    }

    private Dictionary<string, object?[]> Diff(StoredSettings before, StoredSettings after, IEnumerable<string> keys)
    {
        var (was, now, diff) = (store.Of(before), store.Of(after), new Dictionary<string, object?[]>());
        foreach (var setting in keys.Select(k => SettingList.Find(k)!))
        {
            var (old, value) = (setting.Read(was), setting.Read(now));
            if (old == value && before.Values.ContainsKey(setting.Key) == after.Values.ContainsKey(setting.Key))
                continue;
            diff[setting.Key] = setting.Kind == SettingKind.Secret ? [old.Length == 0 ? null : Hidden, value.Length == 0 ? null : Hidden] : [old, value];
        }
        return diff;
    }

    private SettingsPicture Picture(StoredSettings stored)
    {
        var (now, defaults) = (store.Of(stored), store.Defaults);
        return new()
        {
            Version = stored.Version,
            Items = [.. SettingList.All.Select(s => new SettingState
            {
                Key = s.Key, Group = s.Group, Kind = s.Kind, Min = s.Min, Max = s.Max, Unit = s.Unit, Choices = s.Choices, FixedBy = store.Fixed.FirstOrDefault(f => f.Key == s.Key)?.By,
                Value = s.Kind == SettingKind.Secret ? s.Read(now).Length == 0 ? "" : Hidden : s.Read(now), Default = s.Kind == SettingKind.Secret ? "" : s.Read(defaults),
                IsDefault = !stored.Values.ContainsKey(s.Key),
            })],
        };
    }
}
