using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pms.Web.Configuration;

namespace Pms.Web.Health;

/// <summary>At shutdown readiness fails first, and behind a proxy the node goes on answering for a moment, so that the proxy sends its requests elsewhere before the door shuts.</summary>
public sealed class Draining(PmsConfiguration configuration, TimeProvider time) : IHostedLifecycleService, IHealthCheck
{
    /// <summary>Longer than a proxy's usual pause between two looks; well within the 5 s a shutdown may take.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private volatile bool draining;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(draining ? HealthCheckResult.Unhealthy("This node is shutting down.") : HealthCheckResult.Healthy("This node takes requests."));

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        draining = true;
        if (configuration.TrustedProxies.Count > 0)
            await Task.Delay(Grace, time, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
