using System.Globalization;
using Pms.Web.Configuration;
using Pms.Web.Floor.WallBoards;
using Pms.Web.Identity;
using Serilog;
using Serilog.AspNetCore;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Serilog.Sinks.SystemConsole.Themes;

namespace Pms.Web.Shared;

/// <summary>
/// Where log lines go: the console, and under <c>logs/</c> of the data folder one file for all (app), one for errors, one for each part that somebody
/// reads by itself, and a day's lines as JSON for programs. Settings under "Serilog" change levels without a new build.
/// </summary>
public static class PmsLogging
{
    private const long FileSize = 10L << 20, JsonSize = 50L << 20;
    private const int Files = 10;
    private const string Line = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {Log,-8} {Message:lj} [user {UserId} ip {Ip} request {RequestId}]{NewLine}{Exception}";

    private static readonly TimeSpan JsonKept = TimeSpan.FromDays(30);

    public static void Configure(LoggerConfiguration log, IConfiguration settings, IServiceProvider services)
    {
        // A full disk loses log lines, never a tap.
        var folder = Path.Combine(services.GetRequiredService<PmsConfiguration>().DataFolder, "logs");
        log.MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // Health is asked for all the time and answers by itself; its own log would repeat each fault every few seconds.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            .ReadFrom.Configuration(settings)
            .ReadFrom.Services(services)
            .Enrich.FromLogContext()
            .Enrich.With<BoardTokenMask>()
            .Enrich.With<LogLine>()
            .WriteTo.Console(formatProvider: CultureInfo.InvariantCulture, theme: AnsiConsoleTheme.Literate, outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Log,-8} {Message:lj}{NewLine}{Exception}")
            .WriteTo.PlainFile(folder, "app", LogEventLevel.Verbose)
            .WriteTo.PlainFile(folder, "error", LogEventLevel.Error)
            .WriteTo.File(new RenderedCompactJsonFormatter(), Path.Combine(folder, "json", "app-.json"), rollingInterval: RollingInterval.Day,
                fileSizeLimitBytes: JsonSize, rollOnFileSizeLimit: true, retainedFileCountLimit: null, retainedFileTimeLimit: JsonKept);
        foreach (var name in LogLine.Parts)
            log.WriteTo.Logger(part => part.Filter.ByIncludingOnly(e => LogLine.NameOf(e) == name).WriteTo.PlainFile(folder, name, LogEventLevel.Verbose));
    }

    /// <summary>One line a request; files and the circuit's own traffic only when they go wrong.</summary>
    public static void Requests(RequestLoggingOptions options, Serilog.ILogger log)
    {
        options.Logger = log;
        options.GetLevel = static (http, _, error) =>
            // Whoever closed the page before the answer came is no fault of ours.
            error is OperationCanceledException && http.RequestAborted.IsCancellationRequested ? LogEventLevel.Verbose
            : error is not null || http.Response.StatusCode >= 500 ? LogEventLevel.Error
            : http.Response.StatusCode < 400 && (http.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal) || Path.HasExtension(http.Request.Path.Value)) ? LogEventLevel.Verbose
            : LogEventLevel.Information;
        options.EnrichDiagnosticContext = static (line, http) =>
        {
            line.Set("UserId", LogLine.Who(PmsClaims.ActorOf(http.User)));
            line.Set("Ip", PmsClaims.IpOf(http));
        };
    }

    private static LoggerConfiguration PlainFile(this Serilog.Configuration.LoggerSinkConfiguration to, string folder, string name, LogEventLevel least) =>
        to.File(Path.Combine(folder, name + "-.log"), least, Line, CultureInfo.InvariantCulture, rollingInterval: RollingInterval.Day,
            fileSizeLimitBytes: FileSize, rollOnFileSizeLimit: true, retainedFileCountLimit: Files);
}
