using System.Net;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Demo;
using Pms.Core.Settings;

namespace Pms.Web.Configuration;

/// <summary>The checked settings of this process, read once at start and never changed.</summary>
public sealed class PmsConfiguration
{
    public required RunMode Mode { get; init; }
    public required string PlantName { get; init; }
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Absolute; everything PMS writes by itself lies under it.</summary>
    public required string DataFolder { get; init; }

    public required DbSettings Database { get; init; }

    /// <summary>What people are told about where the data is; carries no password.</summary>
    public required string DatabaseName { get; init; }

    /// <summary>False: scripts that are pending stop the start, and the <c>migrate</c> command applies them.</summary>
    public required bool MigrateAtStart { get; init; }

    /// <summary>Null: this node stands alone.</summary>
    public string? RedisUrl { get; init; }

    /// <summary>Signs API tokens.</summary>
    public required Secret JwtSecret { get; init; }

    /// <summary>Wraps the Data Protection keys that lie in the database; 32 bytes. Null only where a certificate does it.</summary>
    public required byte[]? MasterKey { get; init; }

    /// <summary>Wraps new keys instead of the master key, which then only opens those it wrapped before.</summary>
    public System.Security.Cryptography.X509Certificates.X509Certificate2? Certificate { get; init; }

    /// <summary>Per client: anonymous API calls and failed sign-ins.</summary>
    public required int RateLimitPerMinute { get; init; }

    /// <summary>How long an idle session lives.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    public required long MaxUploadBytes { get; init; }

    /// <summary>bcrypt work factor.</summary>
    public required int PasswordWorkFactor { get; init; }

    /// <summary>Only these may say in headers for whom they ask.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Where measurements go; null: nowhere.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    /// <summary>Settings of the page that files, environment or command line decide.</summary>
    public IReadOnlyList<FixedSetting> Fixed { get; init; } = [];

    /// <summary>How the demo plant is, where this is one.</summary>
    public DemoSettings Demo { get; init; } = new();

    /// <summary>Demo and development work over plain http, with a warning; production signs nobody in over it.</summary>
    public bool AllowsPlainHttp => Mode.IsDemo || Mode.IsDevelopment;

    public CoreSettings ToCore() => new()
    {
        Database = Database,
        Zone = Zone,
        RedisUrl = RedisUrl,
        DataFolder = DataFolder,
        Plant = new() { PlantName = PlantName, SessionHours = (int)SessionTimeout.TotalHours, FailuresPerAddress = RateLimitPerMinute, UploadMb = (int)(MaxUploadBytes >> 20) },
        Fixed = Fixed,
        PasswordWorkFactor = PasswordWorkFactor,
    };
}

/// <param name="Endpoint">Of a receiver of OTLP over http, without /v1/….</param>
/// <param name="TracePercent">So many of a hundred commands are traced.</param>
public sealed record TelemetrySettings(Uri Endpoint, int TracePercent);

/// <summary>A value that is never shown: not in logs, not in a debugger's text.</summary>
public sealed class Secret(string value)
{
    public string Value => value;
    public override string ToString() => "•••";
}

/// <summary>A setting as it took effect, for <c>check-config</c>; secrets are masked here already.</summary>
public sealed record EffectiveSetting(string Name, string Shown, string Source);

/// <summary>Something wrong in the settings, and what to do about it. One that doesn't stop the start is a warning.</summary>
public sealed record ConfigurationFault(string Setting, string What, string Remedy, bool Stops = true)
{
    public override string ToString() => $"{Setting}: {What} {Remedy}";
}

/// <summary>All that reading the settings gave: every fault at once, and the configuration when none of them stops the start.</summary>
public sealed record ConfigurationResult(PmsConfiguration? Configuration, IReadOnlyList<EffectiveSetting> Settings, IReadOnlyList<ConfigurationFault> Faults)
{
    public bool Ok => Configuration is not null;
}
