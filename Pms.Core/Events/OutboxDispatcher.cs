using Microsoft.Extensions.Logging;
using Pms.Core.Data;

namespace Pms.Core.Events;

/// <summary>Delivers outbox entries of some kinds. May be called more than once for one entry: a second time must do nothing.</summary>
public interface IOutboxHandler
{
    bool Takes(string kind);

    /// <summary>Throwing means: not delivered, try again later.</summary>
    Task HandleAsync(OutboxEntry entry, CancellationToken ct);
}

/// <summary>
/// Hands what commands sent to whoever takes it, at least once, oldest first; what fails is tried again at growing distances and never dropped.
/// Entries that nobody takes are done.
/// </summary>
public sealed class OutboxDispatcher(OutboxRepository outbox, TimeProvider time, IEnumerable<IOutboxHandler> handlers, Telemetry telemetry, ILogger<OutboxDispatcher> log)
{
    public const int Batch = 500;

    /// <summary>How long delivered entries are kept to look at.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly IReadOnlyList<IOutboxHandler> handlers = [.. handlers];

    /// <summary>True when something is due; costs one index look-up.</summary>
    public Task<bool> IsDueAsync(CancellationToken ct = default) => outbox.IsDueAsync(time.GetUtcNow(), ct);

    /// <summary>Delivers all that is due while the lease holds; returns how many entries are done.</summary>
    public async Task<int> DispatchAsync(Lease lease, CancellationToken ct = default)
    {
        var done = 0;
        while (!ct.IsCancellationRequested)
        {
            var due = await outbox.ListDueAsync(time.GetUtcNow(), Batch, ct);
            if (due.Count == 0)
                break;
            List<long> delivered = [];
            foreach (var entry in due)
                if (await DeliverAsync(entry, ct))
                    delivered.Add(entry.Id);
            if (delivered.Count > 0)
                await outbox.SetDoneAsync(delivered, time.GetUtcNow(), ct);
            done += delivered.Count;
            if (due.Count < Batch || !await lease.RenewAsync(ct))
                break;
        }
        return done;
    }

    /// <summary>Removes delivered entries older than <see cref="Kept"/>, some at a time.</summary>
    public Task<int> PurgeAsync(CancellationToken ct = default) => outbox.DeleteDoneAsync(time.GetUtcNow() - Kept, ct);

    private async Task<bool> DeliverAsync(OutboxEntry entry, CancellationToken ct)
    {
        try
        {
            foreach (var handler in handlers)
                if (handler.Takes(entry.Kind))
                    await handler.HandleAsync(entry, ct);
            telemetry.Delivered(time.GetUtcNow() - entry.At);
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.LogWarning(e, "Outbox entry {Id} ({Kind}) was not delivered at attempt {Attempt}", entry.Id, entry.Kind, entry.Attempts + 1);
            var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(entry.Attempts, 12)));
            await outbox.SetFailedAsync(entry.Id, time.GetUtcNow() + (pause < LongestPause ? pause : LongestPause), e.GetType().Name, ct);
            return false;
        }
    }
}
