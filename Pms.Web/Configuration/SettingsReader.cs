using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Pms.Web.Configuration;

/// <summary>Takes settings by their name or the name the old system used, remembers where each came from, and collects what is wrong with them.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<EffectiveSetting> settings = [];
    private readonly List<ConfigurationFault> faults = [];

    public IReadOnlyList<EffectiveSetting> Settings => settings;
    public IReadOnlyList<ConfigurationFault> Faults => faults;
    public bool Stops => faults.Any(f => f.Stops);

    /// <summary>True where this setting has a fault that stops the start.</summary>
    public bool Stopped(string setting) => faults.Any(f => f.Stops && f.Setting == setting);

    /// <summary>True where somebody set it, under either of its names.</summary>
    public bool IsSet(string setting) => settings.Any(s => s.Name == setting && s.Source is not ("default" or "not set"));

    public void Fault(string setting, string what, string remedy, bool stops = true) => faults.Add(new(setting, what, remedy, stops));

    /// <summary>Lists a value that was not read from a setting but made (a generated secret, a derived path).</summary>
    public void Note(string name, string shown, string source) => settings.Add(new(name, shown, source));

    /// <summary>The trimmed text under the name, or under the old one; null when neither is set or it is blank.</summary>
    public string? Text(string name, string? old = null, string? preset = null, bool secret = false, bool quiet = false)
    {
        known.Add(name);
        var (at, value) = (name, Clean(configuration[name]));
        if (old is not null && Clean(configuration[old]) is { } former)
        {
            if (value is not null && value != former)
                Fault(old, $"is set besides {name} and differs.", $"{name} is used; remove one of the two.", stops: false);
            if (value is null)
                (at, value) = (old, former);
        }
        if (!quiet)
        {
            var shown = (value ?? preset) switch { null => "(none)", _ when secret => "•••", var text => text };
            settings.Add(new(name, shown, value is null ? preset is null ? "not set" : "default" : Source(at)));
        }
        return value ?? preset;
    }

    /// <summary>The name a person finds the value under: the old one where that is the one in use.</summary>
    public string NameUsed(string name, string? old) =>
        old is null || Clean(configuration[name]) is not null ? name : Clean(configuration[old]) is not null ? old : $"{name} ({old})";

    public int Number(string name, string? old, int preset, int from, int to)
    {
        var text = Text(name, old, preset.ToString(CultureInfo.InvariantCulture))!;
        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to)
            return number;
        Fault(NameUsed(name, old), $"'{text}' is not a whole number from {from} to {to}.", $"Set one, or remove it for {preset}.");
        return preset;
    }

    public bool Flag(string name, bool preset)
    {
        var text = Text(name, preset: preset ? "true" : "false")!;
        if (bool.TryParse(text, out var flag))
            return flag;
        Fault(name, $"'{text}' is neither true nor false.", $"Set one of the two, or remove it for {(preset ? "true" : "false")}.");
        return preset;
    }

    /// <summary>Addresses or networks (10.0.0.0/8), separated by commas or blanks.</summary>
    public IReadOnlyList<IPNetwork> Networks(string name)
    {
        List<IPNetwork> networks = [];
        foreach (var part in (Text(name) ?? "").Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(part, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(part, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                Fault(name, $"'{part}' is neither an address nor a network.", "Write for example 10.0.0.5 or 10.0.0.0/24, separated by commas.");
        }
        return networks;
    }

    /// <summary>Names in our own sections that nothing reads: most likely misspelt.</summary>
    public void WarnOfUnknown(params string[] sections)
    {
        foreach (var section in sections)
            foreach (var (path, value) in configuration.GetSection(section).AsEnumerable())
                if (Clean(value) is not null && !known.Contains(path))
                    Fault(path, "is not a setting of PMS and does nothing.", "Look at its spelling; README.md lists the settings.", stops: false);
    }

    private static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private string Source(string key)
    {
        var provider = (configuration as IConfigurationRoot)?.Providers.Reverse().FirstOrDefault(p => p.TryGet(key, out var value) && Clean(value) is not null);
        return provider switch
        {
            JsonConfigurationProvider json => json.Source.Path ?? "settings file",
            EnvironmentVariablesConfigurationProvider => $"environment ({key.Replace(":", "__", StringComparison.Ordinal)})",
            CommandLineConfigurationProvider => "command line",
            _ => "settings",
        };
    }
}
