using Pms.Core.Data;

namespace Pms.Core.Notifications;

/// <summary>Stores who was told what; a unique key of person and event makes telling twice impossible.</summary>
public sealed class NotificationRepository(Db db)
{
    public async Task<NotificationList> ListAsync(IReadOnlyList<string> keys, int most, CancellationToken ct) => await db.ManyAsync(
        """
        SELECT id, kind, args, link, created_at, read_at FROM notifications WHERE recipient IN @keys ORDER BY id DESC LIMIT @most;
        SELECT COUNT(*) FROM notifications WHERE recipient IN @keys AND read_at IS NULL
        """, new { keys, most }, async grids => new NotificationList([.. await grids.ReadAsync<Notification>()], (int)await grids.ReadSingleAsync<long>()), ct);

    /// <summary>Which of these people were told of the event before.</summary>
    public Task<IReadOnlyList<string>> ListToldAsync(IReadOnlyList<string> keys, string eventKey, CancellationToken ct) =>
        db.ListAsync<string>("SELECT recipient FROM notifications WHERE recipient IN @keys AND event_key = @eventKey", new { keys, eventKey }, ct);

    public void Insert(Tx tx, Recipient to, string kind, string args, string? link, string eventKey, DateTimeOffset now) => tx.Add(
        "INSERT INTO notifications (user_id, employee_id, recipient, kind, args, link, event_key, created_at) VALUES (@UserId, @EmployeeId, @Key, @kind, @args, @link, @eventKey, @now)",
        new { to.UserId, to.EmployeeId, to.Key, kind, args, link, eventKey, now });

    public Task<int> MarkReadAsync(Tx tx, IReadOnlyList<string> keys, long id, DateTimeOffset now) =>
        tx.ExecuteAsync("UPDATE notifications SET read_at = @now WHERE id = @id AND recipient IN @keys AND read_at IS NULL", new { keys, id, now });

    public Task<int> MarkAllReadAsync(Tx tx, IReadOnlyList<string> keys, DateTimeOffset now) =>
        tx.ExecuteAsync("UPDATE notifications SET read_at = @now WHERE recipient IN @keys AND read_at IS NULL", new { keys, now });

    /// <summary>Removes what was created before, a thousand at a time.</summary>
    public async Task PurgeAsync(DateTimeOffset before, CancellationToken ct)
    {
        while (true)
        {
            var ids = await db.ListAsync<long>("SELECT id FROM notifications WHERE created_at < @before ORDER BY id LIMIT 1000", new { before }, ct);
            if (ids.Count == 0)
                return;
            await db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM notifications WHERE id IN @ids", new { ids }), ct);
        }
    }
}
