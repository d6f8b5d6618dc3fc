using Pms.Core.Data;

namespace Pms.Core.Health;

/// <summary>What waits in the outbox: how many entries, since when the oldest, how many failed before.</summary>
public sealed record OutboxState
{
    public long Waiting { get; init; }
    public DateTimeOffset? OldestAt { get; init; }
    public long Failing { get; init; }
}

/// <summary>The few questions that health asks the database; cheap enough for every few seconds.</summary>
public sealed class HealthQueries(Db db)
{
    /// <summary>A round trip; throws when the database is away.</summary>
    public Task PingAsync(CancellationToken ct = default) => db.ScalarAsync<long>("SELECT 1", ct: ct);

    public async Task<OutboxState> OutboxAsync(CancellationToken ct = default) =>
        await db.FindAsync<OutboxState>("SELECT COUNT(*) AS waiting, MIN(at) AS oldest_at, COALESCE(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) AS failing FROM outbox WHERE waiting_at IS NOT NULL", ct: ct) ?? new();
}
