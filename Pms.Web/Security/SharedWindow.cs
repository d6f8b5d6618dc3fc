using System.Globalization;
using System.Threading.RateLimiting;
using StackExchange.Redis;

namespace Pms.Web.Security;

/// <summary>
/// One client's sliding minute, counted by all nodes together in Redis: the minute that runs, and of the one before the share that still lies
/// in the window. While Redis is gone or slow this node counts for itself.
/// </summary>
public sealed class SharedWindow(string who, int limit, IConnectionMultiplexer redis, TimeProvider time, ILogger log) : RateLimiter
{
    private const long Minute = 60_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly RateLimiter local = Local(limit);
    private long lastUsed = time.GetTimestamp();
    private long left = limit;

    /// <summary>The same window for a node that stands alone.</summary>
    public static RateLimiter Local(int limit) => new SlidingWindowRateLimiter(new() { PermitLimit = limit, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6, QueueLimit = 0 });

    public override TimeSpan? IdleDuration => local.IdleDuration is null ? null : time.GetElapsedTime(Interlocked.Read(ref lastUsed));

    public override RateLimiterStatistics? GetStatistics() => redis.IsConnected ? new RateLimiterStatistics { CurrentAvailablePermits = Interlocked.Read(ref left) } : local.GetStatistics();

    /// <summary>Nothing is decided without asking Redis; the caller then waits for <see cref="AcquireAsyncCore"/>.</summary>
    protected override RateLimitLease AttemptAcquireCore(int permitCount) => Lease.Refused(TimeSpan.FromSeconds(1));

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref lastUsed, time.GetTimestamp());
        if (redis.IsConnected)
        {
            try
            {
                return await SharedAsync(permitCount).WaitAsync(Patience, time, cancellationToken);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                log.LogDebug(e, "Redis is away; this node counts requests for itself");
            }
        }
        return await local.AcquireAsync(permitCount, cancellationToken);
    }

    private async Task<RateLimitLease> SharedAsync(int permits)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (minute, into) = (now / Minute, now % Minute);
        var database = redis.GetDatabase();
        var key = Key(minute);
        var counted = database.StringIncrementAsync(key, permits);
        var before = database.StringGetAsync(Key(minute - 1));
        await database.KeyExpireAsync(key, TimeSpan.FromMinutes(2));
        var used = await counted + ((double)((long?)await before ?? 0) * (Minute - into) / Minute);
        Interlocked.Exchange(ref left, Math.Max(0, (long)(limit - used)));
        if (used <= limit)
            return Lease.Granted;
        await database.StringDecrementAsync(key, permits, CommandFlags.FireAndForget);   // what was refused is not used
        return Lease.Refused(TimeSpan.FromMilliseconds(Math.Max(1_000, Minute - into)));
    }

    private RedisKey Key(long minute) => string.Create(CultureInfo.InvariantCulture, $"pms:rate:{who}:{minute}");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            local.Dispose();
        base.Dispose(disposing);
    }

    protected override ValueTask DisposeAsyncCore() => local.DisposeAsync();

    private sealed class Lease(TimeSpan? after) : RateLimitLease
    {
        public static readonly RateLimitLease Granted = new Lease(null);

        public override bool IsAcquired => after is null;

        public override IEnumerable<string> MetadataNames => after is null ? [] : [MetadataName.RetryAfter.Name];

        public static RateLimitLease Refused(TimeSpan after) => new Lease(after);

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = after is not null && metadataName == MetadataName.RetryAfter.Name ? after : null;
            return metadata is not null;
        }
    }
}
