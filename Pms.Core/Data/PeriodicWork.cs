using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pms.Core.Data;

/// <summary>
/// Work that comes round on every node and is done by one of them, under a lease. A failure is logged and shown in health; the next
/// round tries again. It never ends the process.
/// </summary>
public sealed class PeriodicWork(PeriodicWork.Plan plan, Leases leases, WorkBeats beats, TimeProvider time, ILogger<PeriodicWork> log) : BackgroundService
{
    /// <param name="Name">Of the lease, as <c>noun.verb</c>.</param>
    /// <param name="Every">From the end of one round to the next.</param>
    /// <param name="Hold">How long a node that died keeps the others waiting.</param>
    /// <param name="OncePerPeriod">True: once in <paramref name="Every"/> over all nodes; false: whenever a node's round comes.</param>
    /// <param name="IsDue">Asked before the lease, so that idle rounds write nothing; null is always.</param>
    public sealed record Plan(string Name, TimeSpan Every, TimeSpan Hold, bool OncePerPeriod, Func<CancellationToken, Task<bool>>? IsDue, Func<Lease, CancellationToken, Task> Run);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();   // the host starts on without waiting for the first round
        using var timer = new PeriodicTimer(plan.Every, time);
        try
        {
            do
                await RoundAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { log.LogDebug("{Work} was stopped", plan.Name); }
    }

    /// <summary>One round: claim, work, give back. True when this node did the work.</summary>
    public async Task<bool> RoundAsync(CancellationToken ct)
    {
        try
        {
            if (plan.IsDue is not null && !await plan.IsDue(ct))
            {
                beats.Beat(plan.Name, plan.Every, time.GetUtcNow());
                return false;
            }
            await using var lease = await leases.TakeAsync(plan.Name, plan.OncePerPeriod ? plan.Every : plan.Hold, ct);
            if (lease is not null)
            {
                if (plan.OncePerPeriod)
                    lease.Keep();
                await plan.Run(lease, ct);
            }
            beats.Beat(plan.Name, plan.Every, time.GetUtcNow());
            return lease is not null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            beats.Failed(plan.Name, plan.Every, time.GetUtcNow(), e.GetType().Name);
            if (e is BusyException)
                log.LogWarning("{Work} waits for the database", plan.Name);
            else
                log.LogError(e, "{Work} failed; the next round tries again", plan.Name);
            return false;
        }
    }
}

/// <summary>When each periodic work of this node last came round, for health.</summary>
public sealed class WorkBeats
{
    private readonly ConcurrentDictionary<string, WorkBeat> beats = new();

    public IReadOnlyList<WorkBeat> All => [.. beats.Values.OrderBy(b => b.Name, StringComparer.Ordinal)];

    internal void Beat(string name, TimeSpan every, DateTimeOffset at) => beats[name] = new(name, every, at, null);

    internal void Failed(string name, TimeSpan every, DateTimeOffset at, string error) =>
        beats.AddOrUpdate(name, _ => new(name, every, null, error), (_, last) => last with { Error = error });
}

/// <summary>The last good round of one work, and what the last one failed with.</summary>
public sealed record WorkBeat(string Name, TimeSpan Every, DateTimeOffset? GoodAt, string? Error);

public static class PeriodicWorkRegistration
{
    /// <summary>Adds work that one node does at a time.</summary>
    public static IServiceCollection AddPeriodicWork(this IServiceCollection services, Func<IServiceProvider, PeriodicWork.Plan> plan) =>
        services.AddSingleton<IHostedService>(sp => ActivatorUtilities.CreateInstance<PeriodicWork>(sp, plan(sp)));

    /// <summary>Adds a purge: once in <paramref name="every"/> over all nodes.</summary>
    public static IServiceCollection AddPurge(this IServiceCollection services, string name, TimeSpan every, Func<IServiceProvider, CancellationToken, Task> run) =>
        services.AddPeriodicWork(sp => new(name, every, every, OncePerPeriod: true, IsDue: null, (_, ct) => run(sp, ct)));
}
