using Pms.Core.Data;

namespace Pms.Core.Jobs.Holds;

/// <summary>Writes holds and reads them.</summary>
public sealed class HoldRepository(Db db)
{
    private const string Select =
        "SELECT id, scope, order_id, item_id, step_id, job_id, kind, note, expected_on, stop_now, state, opened_at, opened_by, freed_at, ended_at, ended_by, version FROM holds";

    public Task<Hold?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Hold>(Select + " WHERE id = @id", new { id }, ct);

    /// <summary>All of an order, open ones first, then the latest.</summary>
    public Task<IReadOnlyList<Hold>> OfOrderAsync(long orderId, CancellationToken ct = default) => db.ListAsync<Hold>(
        Select + " WHERE order_id = @orderId ORDER BY CASE state WHEN 'Open' THEN 0 ELSE 1 END, opened_at DESC, id DESC LIMIT 200", new { orderId }, ct);

    /// <summary>The open ones of an order, or only those of one item (its steps and jobs, too) or of one job.</summary>
    public Task<IReadOnlyList<Hold>> OpenOfAsync(long orderId, long? itemId, long? jobId, CancellationToken ct = default) => db.ListAsync<Hold>(
        Select + """
         WHERE order_id = @orderId AND state = 'Open' AND (@itemId IS NULL AND @jobId IS NULL OR job_id = @jobId OR item_id = @itemId
            OR step_id IN (SELECT s.id FROM order_steps s WHERE s.item_id = @itemId) OR job_id IN (SELECT j.id FROM jobs j WHERE j.item_id = @itemId)) ORDER BY id
        """, new { orderId, itemId, jobId }, ct);

    /// <summary>Those of an item and of its whole order that were voided at that instant.</summary>
    public Task<IReadOnlyList<Hold>> VoidedAsync(long orderId, long itemId, DateTimeOffset at, CancellationToken ct = default) => db.ListAsync<Hold>(
        Select + """
         WHERE order_id = @orderId AND state = 'Voided' AND ended_at = @at AND (scope = 'Order' OR item_id = @itemId
            OR step_id IN (SELECT s.id FROM order_steps s WHERE s.item_id = @itemId) OR job_id IN (SELECT j.id FROM jobs j WHERE j.item_id = @itemId)) ORDER BY id
        """, new { orderId, itemId, at }, ct);

    /// <summary>The place a step or job has, or null when it is not of that order.</summary>
    public Task<HoldPlace?> PlaceAsync(OpenHoldRequest r, CancellationToken ct = default) => db.FindAsync<HoldPlace>(
        """
        SELECT o.number AS order_number, o.status AS order_status, i.line, i.status AS item_status, j.status AS job_status, s.department_id
        FROM orders o
            LEFT JOIN jobs j ON j.id = @JobId AND j.order_id = o.id
            LEFT JOIN order_steps s ON s.id = COALESCE(@StepId, j.step_id)
            LEFT JOIN order_items i ON i.id = COALESCE(@ItemId, s.item_id) AND i.order_id = o.id
        WHERE o.id = @OrderId AND (@JobId IS NULL OR j.id IS NOT NULL) AND (@StepId IS NULL OR s.id IS NOT NULL AND i.id IS NOT NULL) AND (@ItemId IS NULL OR i.id IS NOT NULL)
        """, new { r.OrderId, r.ItemId, r.StepId, r.JobId }, ct);

    /// <summary>The items that it covers, wholly or in part, with their versions. Read before the jobs: a job made later changes its item's.</summary>
    public Task<IReadOnlyList<(long Id, int Version)>> ItemsAsync(OpenHoldRequest r, CancellationToken ct = default) => db.ListAsync<(long Id, int Version)>(
        """
        SELECT i.id, i.version FROM order_items i WHERE i.order_id = @OrderId AND (@ItemId IS NULL OR i.id = @ItemId)
            AND (@StepId IS NULL OR i.id = (SELECT s.item_id FROM order_steps s WHERE s.id = @StepId)) AND (@JobId IS NULL OR i.id = (SELECT j.item_id FROM jobs j WHERE j.id = @JobId))
        """, new { r.OrderId, r.ItemId, r.StepId, r.JobId }, ct);

    /// <summary>The open jobs that it covers.</summary>
    public Task<IReadOnlyList<CoveredJob>> CoveredAsync(OpenHoldRequest r, CancellationToken ct = default) => db.ListAsync<CoveredJob>(
        """
        SELECT id, department_id, status, version FROM jobs WHERE order_id = @OrderId AND status IN ('Planned', 'Running', 'Paused')
            AND (@ItemId IS NULL OR item_id = @ItemId) AND (@StepId IS NULL OR step_id = @StepId) AND (@JobId IS NULL OR id = @JobId)
        """, new { r.OrderId, r.ItemId, r.StepId, r.JobId }, ct);

    public Task<long> InsertAsync(Tx tx, Hold h) => tx.InsertAsync(
        """
        INSERT INTO holds (scope, order_id, item_id, step_id, job_id, kind, note, expected_on, stop_now, state, opened_at, opened_by)
        VALUES (@Scope, @OrderId, @ItemId, @StepId, @JobId, @Kind, @Note, @ExpectedOn, @StopNow, @State, @OpenedAt, @OpenedBy)
        """,
        new
        {
            Scope = h.Scope.ToString(), h.OrderId, h.ItemId, h.StepId, h.JobId, Kind = h.Kind.ToString(), h.Note, h.ExpectedOn, h.StopNow, State = h.State.ToString(), h.OpenedAt, h.OpenedBy,
        });

    /// <summary>Open holds whose slots are kept since before an instant, the longest first.</summary>
    public Task<IReadOnlyList<long>> KeptSinceAsync(DateTimeOffset before, CancellationToken ct = default) =>
        db.ListAsync<long>("SELECT id FROM holds WHERE state = 'Open' AND freed_at IS NULL AND opened_at <= @before ORDER BY opened_at, id LIMIT 100", new { before }, ct);

    /// <summary>Holds only while it is open, as it was read, and its slots are kept.</summary>
    public void Free(Tx tx, Hold h, DateTimeOffset now) =>
        tx.Add("UPDATE holds SET freed_at = @now WHERE id = @Id AND version = @Version AND state = 'Open' AND freed_at IS NULL", new { h.Id, h.Version, now });

    /// <summary>Holds only while it is open and as it was read.</summary>
    public void Update(Tx tx, Hold h) => tx.Add(
        """
        UPDATE holds SET note = @Note, expected_on = @ExpectedOn, state = @State, ended_at = @EndedAt, ended_by = @EndedBy, version = version + 1
        WHERE id = @Id AND version = @Version AND state = 'Open'
        """, new { h.Id, h.Note, h.ExpectedOn, State = h.State.ToString(), h.EndedAt, h.EndedBy, h.Version });

    /// <summary>Holds only while it is voided and as it was read.</summary>
    public void Reopen(Tx tx, Hold h) => tx.Add("UPDATE holds SET state = 'Open', ended_at = NULL, ended_by = NULL, version = version + 1 WHERE id = @Id AND version = @Version AND state = 'Voided'", new { h.Id, h.Version });
}

/// <summary>Where a hold would stand.</summary>
public sealed record HoldPlace
{
    public string OrderNumber { get; init; } = "";
    public string OrderStatus { get; init; } = "";

    /// <summary>Of the item and job named, where one is.</summary>
    public int? Line { get; init; }
    public string? ItemStatus { get; init; }
    public string? JobStatus { get; init; }
    public long? DepartmentId { get; init; }
}
