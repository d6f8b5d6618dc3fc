using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pms.Core.Data;
using Pms.Core.Health;
using Pms.Web.Configuration;
using StackExchange.Redis;

namespace Pms.Web.Health;

/// <summary>The database answers within 2 s and its pool has room. Written by hand: the package for it dates from 2020.</summary>
public sealed class DatabaseCheck(HealthQueries queries, DbSettings settings, PoolMeter pool, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var began = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var data = new Dictionary<string, object> { ["engine"] = settings.Dialect.Name };
        if (settings.Dialect == Dialect.MySql)
            (data["pool_in_use"], data["pool_idle"], data["pool_waiting"], data["pool_max"]) = (pool.InUse, pool.Idle, pool.Waiting, settings.PoolMax);
        try
        {
            await queries.PingAsync(limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e, data);
        }
        var took = time.GetElapsedTime(began);
        data["milliseconds"] = Math.Round(took.TotalMilliseconds, 1);
        return took > Patience / 2 ? HealthCheckResult.Degraded("The database answers slowly.", data: data)
            : pool.Waiting > 0 && pool.InUse >= settings.PoolMax ? HealthCheckResult.Degraded("All database connections are in use.", data: data)
            : HealthCheckResult.Healthy("The database answers.", data);
    }
}

/// <summary>Redis answers; without it every node shows only what happened on itself at once, the rest a little later.</summary>
public sealed class RedisCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var took = await redis.GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(2), cancellationToken);
            return HealthCheckResult.Healthy("Redis answers.", new Dictionary<string, object> { ["milliseconds"] = Math.Round(took.TotalMilliseconds, 1) });
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return HealthCheckResult.Degraded("Redis does not answer; live updates stay on each node.", e);
        }
    }
}

/// <summary>The data folder's disk has room.</summary>
public sealed class DiskCheck(PmsConfiguration configuration) : IHealthCheck
{
    private const long Low = 1L << 30, None = 100L << 20;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var drive = new DriveInfo(configuration.DataFolder);
        var free = drive.AvailableFreeSpace;
        var data = new Dictionary<string, object> { ["free_mb"] = free >> 20, ["total_mb"] = drive.TotalSize >> 20 };
        return Task.FromResult(free < None ? HealthCheckResult.Unhealthy("The disk of the data folder is full.", data: data)
            : free < Low ? HealthCheckResult.Degraded("The disk of the data folder is nearly full.", data: data)
            : HealthCheckResult.Healthy("The disk has room.", data));
    }
}

/// <summary>The process leaves memory to others.</summary>
public sealed class MemoryCheck : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (used, all) = (ResourceSampler.WorkingSet, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var data = new Dictionary<string, object> { ["used_mb"] = used >> 20, ["available_mb"] = all >> 20, ["managed_mb"] = GC.GetTotalMemory(false) >> 20 };
        return Task.FromResult(all > 0 && used > all * 0.9 ? HealthCheckResult.Degraded("PMS uses nearly all the memory there is.", data: data) : HealthCheckResult.Healthy("Memory is enough.", data));
    }
}

/// <summary>The processors keep up: under 95 % over a whole minute.</summary>
public sealed class CpuCheck(ResourceSampler sampler) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var share = sampler.Cpu;
        var data = new Dictionary<string, object> { ["processors"] = Environment.ProcessorCount };
        if (share is { } known)
            data["percent"] = Math.Round(known * 100, 1);
        return Task.FromResult(share > 0.95 && sampler.IsFull ? HealthCheckResult.Degraded("The processors have been busy for a minute.", data: data) : HealthCheckResult.Healthy("The processors keep up.", data));
    }
}

/// <summary>Every periodic work of this node came round lately.</summary>
public sealed class WorkCheck(WorkBeats beats, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var all = beats.All;
        var late = all.Where(b => b.Error is not null || now - b.GoodAt > 3 * b.Every + TimeSpan.FromSeconds(30)).ToList();
        var data = all.ToDictionary(b => b.Name, object (b) => b.Error ?? b.GoodAt?.ToString("u", CultureInfo.InvariantCulture) ?? "");
        return Task.FromResult(late.Count > 0
            ? HealthCheckResult.Degraded($"Late or failing: {string.Join(", ", late.Select(b => b.Name))}.", data: data)
            : HealthCheckResult.Healthy("All periodic work comes round.", data));
    }
}

/// <summary>What commands sent is delivered soon.</summary>
public sealed class OutboxCheck(HealthQueries queries, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2), Lost = TimeSpan.FromMinutes(30);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var state = await queries.OutboxAsync(cancellationToken);
            var age = state.OldestAt is { } oldest ? time.GetUtcNow() - oldest : TimeSpan.Zero;
            var data = new Dictionary<string, object> { ["waiting"] = state.Waiting, ["failing"] = state.Failing, ["oldest_seconds"] = Math.Max(0, Math.Round(age.TotalSeconds)) };
            return age > Lost ? HealthCheckResult.Unhealthy("Messages have waited for over half an hour.", data: data)
                : age > Late ? HealthCheckResult.Degraded("Messages wait for longer than usual.", data: data)
                : HealthCheckResult.Healthy("Messages are delivered.", data);
        }
        catch (Pms.Core.BusyException e)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e);
        }
    }
}
