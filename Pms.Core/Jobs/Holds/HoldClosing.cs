using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Holds;

/// <summary>Ends open holds with what they stand on, as Voided: always inside the transaction that cancels or completes it. Undoing that brings them back.</summary>
public sealed class HoldClosing(HoldRepository holds, AuditLog audit, PlantClock clock)
{
    /// <summary>Voids all of the order, or only those of one item (its steps and jobs, too) or of one job.</summary>
    /// <param name="at">The instant of the command, where it can be undone.</param>
    public async Task VoidAsync(Tx tx, Actor actor, long orderId, string? order, long? itemId = null, long? jobId = null, string? reason = null, DateTimeOffset? at = null, CancellationToken ct = default)
    {
        foreach (var hold in await holds.OpenOfAsync(orderId, itemId, jobId, ct))
        {
            var after = hold with { State = HoldState.Voided, EndedAt = at ?? clock.Now, EndedBy = actor.Name };
            holds.Update(tx, after);
            Tell(tx, actor, "hold.void", "hold.ended", hold, after, order, reason);
        }
    }

    /// <summary>Opens again what the command of that instant voided with the item, or with the whole order by it.</summary>
    public async Task RestoreAsync(Tx tx, Actor actor, long orderId, string? order, long itemId, DateTimeOffset at, CancellationToken ct)
    {
        foreach (var hold in await holds.VoidedAsync(orderId, itemId, at, ct))
        {
            var after = hold with { State = HoldState.Open, EndedAt = null, EndedBy = null };
            holds.Reopen(tx, hold);
            Tell(tx, actor, "hold.restore", "hold.opened", hold, after, order, null);
        }
    }

    private void Tell(Tx tx, Actor actor, string action, string what, Hold before, Hold after, string? order, string? reason)
    {
        audit.Write(tx, actor, action, "hold", after.Id, AuditLog.Diff(before, after), reason: reason);
        tx.Send(what, new { holdId = after.Id, orderId = after.OrderId, order, kind = after.Kind.ToString(), note = after.Note, stopNow = after.StopNow, by = actor.Name, employeeId = actor.EmployeeId, userId = actor.UserId }, clock.Now);
        tx.Raise(new HoldChanged(after.Id, after.OrderId));
        tx.Raise(new OrderChanged(after.OrderId));
    }
}
