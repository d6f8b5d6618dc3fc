using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Holds;

/// <summary>Ends open holds with what they stand on, as Voided: always inside the transaction that cancels or completes it.</summary>
public sealed class HoldClosing(HoldRepository holds, AuditLog audit, PlantClock clock)
{
    /// <summary>Voids all of the order, or only those of one item (its steps and jobs, too) or of one job.</summary>
    public async Task VoidAsync(Tx tx, Actor actor, long orderId, string? order, long? itemId = null, long? jobId = null, string? reason = null, CancellationToken ct = default)
    {
        foreach (var hold in await holds.OpenOfAsync(orderId, itemId, jobId, ct))
        {
            var after = hold with { State = HoldState.Voided, EndedAt = clock.Now, EndedBy = actor.Name };
            holds.Update(tx, after);
            audit.Write(tx, actor, "hold.void", "hold", hold.Id, AuditLog.Diff(hold, after), reason: reason);
            tx.Send("hold.ended", new { holdId = hold.Id, orderId, order, kind = hold.Kind.ToString(), note = hold.Note, stopNow = hold.StopNow, by = actor.Name, employeeId = actor.EmployeeId, userId = actor.UserId }, clock.Now);
            tx.Raise(new HoldChanged(hold.Id, orderId));
            tx.Raise(new OrderChanged(orderId));
        }
    }
}
