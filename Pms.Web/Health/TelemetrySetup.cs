using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Health;
using Pms.Web.Configuration;

namespace Pms.Web.Health;

/// <summary>Sends measurements and, if asked for, traces to a receiver of OTLP over http. Not there at all unless an address is set.</summary>
public static class TelemetrySetup
{
    /// <summary>Beside PMS's own: the database driver's pool, open circuits and pages, http, and the runtime.</summary>
    private static readonly string[] Meters =
    [
        Telemetry.Name, "MySqlConnector", "Microsoft.AspNetCore.Components.Server.Circuits", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
    ];

    public static IServiceCollection AddPmsTelemetry(this IServiceCollection services, PmsConfiguration configuration)
    {
        if (configuration.Telemetry is not { } to)
            return services;
        services.AddHostedService<OutboxGauge>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("pms", serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}").AddAttributes([new("pms.plant", configuration.PlantName)]))
            .WithMetrics(m => m.AddMeter(Meters).AddOtlpExporter(o => Send(o, to, "metrics")));
        // By the trace's own id, not by its parent's word: the request around it isn't sent, for its address may carry a board's token.
        if (to.TracePercent > 0)
            telemetry.WithTracing(t => t.SetSampler(new TraceIdRatioBasedSampler(to.TracePercent / 100.0)).AddSource(Telemetry.Name, "MySqlConnector").AddOtlpExporter(o => Send(o, to, "traces")));
        return services;
    }

    private static void Send(OtlpExporterOptions options, TelemetrySettings to, string what) =>
        (options.Protocol, options.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new Uri($"{to.Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{what}"));
}

/// <summary>Looks at the outbox now and then, so that its age can be told when it is asked for.</summary>
public sealed class OutboxGauge(HealthQueries queries, Telemetry telemetry, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private double age;
    private long waiting;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        telemetry.Meter.CreateObservableGauge("pms.outbox.oldest", () => Volatile.Read(ref age), "s", "Age of the oldest message that waits");
        telemetry.Meter.CreateObservableGauge("pms.outbox.waiting", () => Volatile.Read(ref waiting), "{message}", "Messages that wait");
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                var state = await queries.OutboxAsync(stoppingToken);
                Volatile.Write(ref age, state.OldestAt is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0);
                Volatile.Write(ref waiting, state.Waiting);
            }
            catch (BusyException)
            {
                continue;   // the database is away: the last figure stays, and others tell why
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
