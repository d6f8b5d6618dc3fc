using Pms.Core.Data;

namespace Pms.Core.Events;

/// <summary>An entry that waits to be delivered; <see cref="Payload"/> is JSON of ids and amounts.</summary>
public sealed record OutboxEntry
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string Kind { get; init; } = "";
    public string Payload { get; init; } = "";
    public int Attempts { get; init; }
}

/// <summary>The outbox's table after the fact: what is due, done, to be tried again or old. <see cref="Outbox"/> writes the entries.</summary>
public sealed class OutboxRepository(Db db)
{
    /// <summary>True when something is due; costs one index look-up.</summary>
    public async Task<bool> IsDueAsync(DateTimeOffset now, CancellationToken ct) =>
        await db.ScalarAsync<long?>("SELECT id FROM outbox WHERE waiting_at <= @now ORDER BY waiting_at LIMIT 1", new { now }, ct) is not null;

    /// <summary>The oldest that are due.</summary>
    public Task<IReadOnlyList<OutboxEntry>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken ct) =>
        db.ListAsync<OutboxEntry>("SELECT id, at, kind, payload, attempts FROM outbox WHERE waiting_at <= @now ORDER BY waiting_at, id LIMIT @limit", new { now, limit }, ct);

    public Task SetDoneAsync(IReadOnlyList<long> ids, DateTimeOffset now, CancellationToken ct) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("UPDATE outbox SET done_at = @now, error = NULL WHERE id IN @ids AND done_at IS NULL", new { now, ids }), ct);

    public Task SetFailedAsync(long id, DateTimeOffset next, string error, CancellationToken ct) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("UPDATE outbox SET attempts = attempts + 1, next_at = @next, error = @error WHERE id = @id", new { id, next, error }), ct);

    /// <summary>Removes entries done before the instant, some at a time; returns how many.</summary>
    public async Task<int> DeleteDoneAsync(DateTimeOffset before, CancellationToken ct)
    {
        for (var removed = 0; ;)
        {
            var ids = await db.ListAsync<long>("SELECT id FROM outbox WHERE done_at < @before ORDER BY done_at LIMIT 1000", new { before }, ct);
            if (ids.Count == 0)
                return removed;
            removed += await db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM outbox WHERE id IN @ids", new { ids }), ct);
        }
    }
}
