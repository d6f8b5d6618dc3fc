using Microsoft.Extensions.Logging;
using Pms.Core.Events;

namespace Pms.Core.Settings;

/// <summary>
/// Brings what is stored into force on this node: at start, on <see cref="SettingsChanged"/> and every 30 s.
/// What the deployment sets wins; a stored value that is no longer valid counts as not set.
/// </summary>
public sealed class SettingsStore : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private readonly SettingsRepository settings;
    private readonly LiveSettings live;
    private readonly PlantClock clock;
    private readonly PlantSettings first;
    private readonly TimeZoneInfo firstZone;
    private readonly Burst burst;
    private readonly IDisposable[] subscriptions;
    private readonly ITimer timer;
    private readonly ILogger<SettingsStore> log;
    private readonly Lock gate = new();
    private int applied;

    public SettingsStore(SettingsRepository settings, LiveSettings live, CoreSettings core, PlantClock clock, IEventBus bus, TimeProvider time, ILogger<SettingsStore> log)
    {
        (this.settings, this.live, this.clock, this.log) = (settings, live, clock, log);
        (first, firstZone, Fixed) = (core.Plant, core.Zone, core.Fixed);
        burst = new Burst(LoadAsync, time, log);
        subscriptions = [bus.Subscribe<SettingsChanged>(_ => true, _ => burst.Request()), bus.Subscribe<EventsMissed>(_ => true, _ => burst.Request())];
        timer = time.CreateTimer(_ => burst.Request(), null, Every, Every);
    }

    /// <summary>What the deployment decides.</summary>
    public IReadOnlyList<FixedSetting> Fixed { get; }

    /// <summary>As it is with nothing stored.</summary>
    public PlantSettings Defaults => first with { Zone = firstZone.Id };

    /// <summary>Reads and brings into force; waits for it.</summary>
    public async Task LoadAsync(CancellationToken ct = default) => Apply(await settings.GetAsync(ct));

    /// <summary>The settings that these stored values make.</summary>
    public PlantSettings Of(StoredSettings stored)
    {
        var made = Defaults;
        foreach (var setting in SettingList.All)
        {
            if (!stored.Values.TryGetValue(setting.Key, out var value) || Fixed.Any(f => f.Key == setting.Key))
                continue;
            try
            {
                made = setting.Write(made, setting.Kind == SettingKind.Secret ? value : setting.Checked(value));
            }
            catch (InvalidException)
            {
                log.LogWarning("The stored setting {Setting} is not valid any more and counts as not set", setting.Key);
            }
        }
        return made;
    }

    private void Apply(StoredSettings stored)
    {
        lock (gate)
        {
            if (stored.Version < applied)
                return;   // an older reading that took longer must not bring back what was changed meanwhile
            applied = stored.Version;
            var made = Of(stored);
            live.Now = made;
            clock.Use(PlantClock.TryZone(made.Zone, out var zone) ? zone : firstZone);
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        burst.Dispose();
        foreach (var s in subscriptions)
            s.Dispose();
    }
}
