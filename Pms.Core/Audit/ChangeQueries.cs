using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>What happened to one record, from the audit: the last change for refusals, the whole story for its History tab.</summary>
public sealed class ChangeQueries(Db db)
{
    public Task<LastChange?> LastAsync(string entity, long id, CancellationToken ct = default) => db.FindAsync<LastChange>(
        "SELECT actor, at FROM audit WHERE entity = @entity AND entity_id = @id ORDER BY id DESC LIMIT 1", new { entity, id }, ct);

    /// <summary>The entries before <paramref name="before"/> (an entry's id; null from the newest on), newest first; without those of the actions that begin with <paramref name="without"/>.</summary>
    public Task<IReadOnlyList<ChangeEntry>> ListAsync(string entity, long id, long? before, int limit, IReadOnlyList<string>? without = null, CancellationToken ct = default) => db.ListAsync<ChangeEntry>(
        """
        SELECT id, at, actor, action, changes, reason, channel, department_id FROM audit
        WHERE entity = @entity AND entity_id = @id AND id < @before AND SUBSTR(action, 1, CASE WHEN INSTR(action, '.') = 0 THEN 1 ELSE INSTR(action, '.') - 1 END) NOT IN @without
        ORDER BY id DESC LIMIT @limit
        """, new { entity, id, before = before ?? long.MaxValue, limit, without = without is { Count: > 0 } ? without : ["-"] }, ct);
}

/// <summary>The name as it was then, and the instant.</summary>
public sealed record LastChange
{
    public string Actor { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>One entry of a record's story. <see cref="Changes"/> is JSON: field → [before, after].</summary>
public sealed record ChangeEntry
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string Actor { get; init; } = "";

    /// <summary>noun.verb, e.g. machine.update.</summary>
    public string Action { get; init; } = "";
    public string? Changes { get; init; }
    public string? Reason { get; init; }
    public Channel Channel { get; init; }
    public long? DepartmentId { get; init; }
}
