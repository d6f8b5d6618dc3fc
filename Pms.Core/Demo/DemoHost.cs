using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pms.Core.Demo;

/// <summary>Seeds what the first page needs before the program listens, and the rest behind it.</summary>
internal sealed class DemoHost(DemoSeeder seeder, ILogger<DemoHost> log) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await seeder.SeedPresentAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Run(() => seeder.SeedPastAsync(stoppingToken), stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "The demo's history could not be written; the plant works without it and the next start goes on");
        }
    }
}
