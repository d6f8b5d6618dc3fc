using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Holds;

/// <summary>
/// Opens and lifts holds. Opening touches every item and open job it covers, so that a start in flight, also of a job that nobody planned, is decided again and refused;
/// "stop now" pauses what runs in the same transaction. Lifting starts nothing by itself.
/// </summary>
public sealed class HoldService(HoldRepository holds, HoldRelief relief, LiveSettings live, JobRepository jobRows, JobService jobs, OrderProgress progress, Commands commands, Changes changes, AuditLog audit, Rights rights, PlantClock clock)
{
    private const string Entity = "hold";

    public Task<IReadOnlyList<Hold>> ListAsync(Actor actor, long orderId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return holds.OfOrderAsync(orderId, ct);
    }

    /// <summary>Opens a hold and answers its id. A person with the right for own departments may hold a step or job of them.</summary>
    /// <exception cref="RuleException">order.not_open · order.item_not_open · job.already_finished · job.is_cancelled: nothing is left to hold.</exception>
    public async Task<long> OpenAsync(Actor actor, OpenHoldRequest request, string? key = null, CancellationToken ct = default)
    {
        new OpenHoldValidator().Demand(request);
        var made = await commands.RunAsync(actor, "hold.open", key, request, async tx =>
        {
            var place = await holds.PlaceAsync(request, ct) ?? throw new NotFoundException("order", request.OrderId);
            rights.Demand(actor, request.Kind == HoldKind.Quality && rights.Allows(actor, Permissions.HoldsQuality) ? Permissions.HoldsQuality : Permissions.HoldsEdit, place.DepartmentId);
            if (place.OrderStatus is nameof(OrderStatus.Completed) or nameof(OrderStatus.Closed) or nameof(OrderStatus.Cancelled))
                throw new RuleException("order.not_open", place.OrderNumber);
            if (place.ItemStatus is nameof(OrderStatus.Completed) or nameof(OrderStatus.Cancelled))
                throw new RuleException("order.item_not_open", place.Line, place.OrderNumber);
            if (place.JobStatus is nameof(JobStatus.Finished) or nameof(JobStatus.Cancelled))
                throw new RuleException(place.JobStatus == nameof(JobStatus.Finished) ? "job.already_finished" : "job.is_cancelled", place.OrderNumber);
            var now = clock.Now;
            var hold = new Hold
            {
                Scope = request.Scope, OrderId = request.OrderId, ItemId = request.ItemId, StepId = request.StepId, JobId = request.JobId, Kind = request.Kind, Note = Text.Clean(request.Note),
                ExpectedOn = request.ExpectedOn, StopNow = request.StopNow, State = HoldState.Open, OpenedAt = now, OpenedBy = actor.Name,
            };
            foreach (var (itemId, version) in await holds.ItemsAsync(request, ct))
                progress.Touch(tx, itemId, version);
            foreach (var job in await holds.CoveredAsync(request, ct))
            {
                if (job.Status != nameof(JobStatus.Running))
                    jobRows.Touch(tx, job.Id, job.Version);
                else if (request.StopNow)
                    await jobs.PauseWithinAsync(tx, actor, job.Id, PauseCause.Hold, now, ct: ct);
            }
            var id = await holds.InsertAsync(tx, hold);
            audit.Write(tx, actor, "hold.open", Entity, id, AuditLog.Diff(null, hold), place.DepartmentId, hold.Note);
            audit.Write(tx, actor, "order.hold", "order", hold.OrderId, departmentId: place.DepartmentId, reason: hold.Note);
            Tell(tx, "hold.opened", hold with { Id = id }, place.OrderNumber, actor);
            tx.Raise(new HoldChanged(id, hold.OrderId));
            tx.Raise(new OrderChanged(hold.OrderId));
            return id;
        }, ct);
        if (live.Now.HoldGrace == TimeSpan.Zero)
            await relief.SweepAsync(ct);
        return made;
    }

    /// <summary>Changes the reason or the expected end of an open hold.</summary>
    public Task ChangeAsync(Actor actor, long id, int version, string note, DateOnly? expectedOn, CancellationToken ct = default) =>
        EndAsync(actor, id, version, "hold.change", h => h with { Note = Text.Clean(note) is { Length: > 0 and <= 500 } kept ? kept : throw new InvalidException(nameof(Hold.Note), "required"), ExpectedOn = expectedOn }, null, ct);

    /// <summary>Lifts one hold; others stay. A quality hold only by quality; one for want of stock waives the replacement, and says why.</summary>
    /// <exception cref="InvalidException">Reason: a hold for want of stock is waived without one.</exception>
    /// <exception cref="ConflictException">Somebody changed or lifted it meanwhile.</exception>
    public Task LiftAsync(Actor actor, long id, int version, string? reason = null, CancellationToken ct = default) =>
        EndAsync(actor, id, version, "hold.lift", h => h with { State = HoldState.Lifted, EndedAt = clock.Now, EndedBy = actor.Name }, Text.OrNull(reason), ct);

    /// <summary>One hold, whichever order it is of.</summary>
    public async Task<Hold> FindAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return await holds.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
    }

    /// <summary>One hold of the order.</summary>
    public async Task<Hold> GetAsync(Actor actor, long orderId, long id, CancellationToken ct = default) =>
        (await ListAsync(actor, orderId, ct)).FirstOrDefault(h => h.Id == id) ?? throw new NotFoundException(Entity, id);

    private Task EndAsync(Actor actor, long id, int version, string action, Func<Hold, Hold> change, string? reason, CancellationToken ct) => commands.RunAsync(actor, action, actor.CommandKey, new { id, version, reason }, async tx =>
    {
        var before = await holds.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        var place = await holds.PlaceAsync(new OpenHoldRequest(before.OrderId, before.Kind, "", false, null, before.ItemId, before.StepId, before.JobId), ct);
        rights.Demand(actor, before.Kind == HoldKind.Quality ? Permissions.HoldsQuality : Permissions.HoldsEdit, place?.DepartmentId);
        if (before.State != HoldState.Open || before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        var after = change(before);
        if (after.State == HoldState.Lifted && before.Kind == HoldKind.NoStock && reason is null)
            throw new InvalidException("Reason", "needed");
        holds.Update(tx, after);
        audit.Write(tx, actor, action, Entity, id, AuditLog.Diff(before, after), place?.DepartmentId, reason);
        if (after.State != HoldState.Open)
            audit.Write(tx, actor, "order.unhold", "order", before.OrderId, departmentId: place?.DepartmentId, reason: reason);
        Tell(tx, after.State == HoldState.Open ? "hold.changed" : "hold.ended", after, place?.OrderNumber, actor);
        tx.Raise(new HoldChanged(id, before.OrderId));
        tx.Raise(new OrderChanged(before.OrderId));
        return id;
    }, ct);

    /// <summary>Planners hear of every hold at once.</summary>
    private void Tell(Tx tx, string what, Hold hold, string? order, Actor actor) => tx.Send(what,
        new { holdId = hold.Id, orderId = hold.OrderId, order, kind = hold.Kind.ToString(), note = hold.Note, stopNow = hold.StopNow, by = actor.Name, employeeId = actor.EmployeeId, userId = actor.UserId }, clock.Now);
}
