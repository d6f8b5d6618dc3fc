using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Notifications;

/// <summary>Tells people of events, each of them once, and keeps what they have read. Everybody sees only their own.</summary>
public sealed class NotificationService(NotificationRepository notifications, RecipientQueries recipients, Rights rights, Db db, PlantClock clock, LiveSettings live)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The person's newest notifications; none for who only showed a badge, which may have been found.</summary>
    public async Task<NotificationList> ListAsync(Actor actor, int most = 30, CancellationToken ct = default) =>
        KeysOf(actor) is { Count: > 0 } keys ? await notifications.ListAsync(keys, Math.Clamp(most, 1, 200), ct) : new([], 0);

    /// <summary>Marks one of the person's own as read; somebody else's, or one read before, stays as it is.</summary>
    public Task ReadAsync(Actor actor, long id, CancellationToken ct = default) => MarkAsync(actor, (tx, keys) => notifications.MarkReadAsync(tx, keys, id, clock.Now), ct);

    public Task ReadAllAsync(Actor actor, CancellationToken ct = default) => MarkAsync(actor, (tx, keys) => notifications.MarkAllReadAsync(tx, keys, clock.Now), ct);

    /// <summary>Tells who holds one of the roles, in the department where one is named, but not <paramref name="except"/> (who did it).</summary>
    public async Task TellRolesAsync(IReadOnlyCollection<string> roles, long? departmentId, string kind, IReadOnlyList<object?> args, string? link, string eventKey,
        Recipient? except = null, CancellationToken ct = default) =>
        await TellAsync([.. (await recipients.ListAsync(roles, departmentId, ct)).Where(r => except is null || !r.Is(except))], kind, args, link, eventKey, ct);

    /// <summary>Tells everybody who has the permission in the department.</summary>
    public async Task TellWhoMayAsync(string permission, long departmentId, string kind, IReadOnlyList<object?> args, string? link, string eventKey, CancellationToken ct = default) =>
        await TellAsync([.. (await recipients.EverybodyAsync(ct)).Where(r => rights.Allows(new Actor { Name = "", UserId = r.UserId, EmployeeId = r.EmployeeId }, permission, departmentId))], kind, args, link, eventKey, ct);

    /// <summary>Tells each of these people once per <paramref name="eventKey"/>, however often it is called.</summary>
    public async Task TellAsync(IReadOnlyList<Recipient> to, string kind, IReadOnlyList<object?> args, string? link, string eventKey, CancellationToken ct = default)
    {
        if (to.Count == 0)
            return;
        var json = JsonSerializer.Serialize(args, Json);
        for (var attempt = 1; ; attempt++)
        {
            var told = await notifications.ListToldAsync([.. to.Select(r => r.Key)], eventKey, ct);
            var rest = to.Where(r => !told.Contains(r.Key)).ToList();
            if (rest.Count == 0)
                return;
            try
            {
                await db.InTransactionAsync(tx =>
                {
                    foreach (var recipient in rest)
                    {
                        notifications.Insert(tx, recipient, kind, json, link, eventKey, clock.Now);
                        tx.Raise(new NotificationsChanged(recipient.Key));
                    }
                    return Task.CompletedTask;
                }, ct);
                return;
            }
            catch (DbException e) when (attempt < 5 && db.Dialect.IsDuplicateKey(e))
            {
                continue;   // another node tells the same people; look again who is left
            }
        }
    }

    /// <summary>Removes notifications older than the settings keep them.</summary>
    public Task PurgeAsync(CancellationToken ct = default) => notifications.PurgeAsync(clock.Now.AddDays(-live.Now.NotificationDays), ct);

    private static IReadOnlyList<string> KeysOf(Actor actor) => actor.BadgeOnly ? [] : Recipient.KeysOf(actor);

    private async Task MarkAsync(Actor actor, Func<Tx, IReadOnlyList<string>, Task<int>> mark, CancellationToken ct)
    {
        if (KeysOf(actor) is not { Count: > 0 } keys)
            return;
        await db.InTransactionAsync(async tx =>
        {
            if (await mark(tx, keys) == 0)
                return;
            foreach (var key in keys)
                tx.Raise(new NotificationsChanged(key));
        }, ct);
    }
}
