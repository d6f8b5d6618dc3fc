using System.Text.Json;
using Pms.Core.Data;

namespace Pms.Core.Audit.Retention;

/// <summary>Writes the retention policy and the list of archives, reads what is due, and takes out of audit what an archive holds.</summary>
public sealed class RetentionRepository(Db db)
{
    private const string Columns = "seal, id, at, user_id, employee_id, for_employee_id, terminal_id, actor, channel, ip, agent, request_id, action, entity, entity_id, department_id, changes, reason";

    public async Task<RetentionPolicy> GetAsync(CancellationToken ct = default)
    {
        var stored = await db.FindAsync<Stored>("SELECT days, exceptions, version FROM audit_retention WHERE id = 1", null, ct);
        return stored is null ? new() : new() { Days = stored.Days, Exceptions = JsonSerializer.Deserialize<RetentionRule[]>(stored.Exceptions) ?? [], Version = stored.Version };
    }

    public static void Update(Tx tx, RetentionPolicy policy) => tx.Add(
        "UPDATE audit_retention SET days = @Days, exceptions = @exceptions, version = version + 1 WHERE id = @Id AND version = @Version",
        new { policy.Id, policy.Days, policy.Version, exceptions = JsonSerializer.Serialize(policy.Exceptions) });

    /// <summary>Sealed entries older than the cutoff, by seal and id, after a place: of one kind, or of all kinds but those given.</summary>
    public Task<IReadOnlyList<ArchivedRow>> DueAsync(string? entity, IReadOnlyCollection<string> others, DateTimeOffset cutoff, long lastSeal, long afterSeal, long afterId, int most, CancellationToken ct) =>
        db.ManyAsync<IReadOnlyList<ArchivedRow>>(
            $"""
            SELECT {Columns} FROM audit
            WHERE seal >= @afterSeal AND seal <= @lastSeal AND (seal > @afterSeal OR id > @afterId) AND at < @cutoff
              AND (@entity IS NULL OR entity = @entity) AND entity NOT IN @others
            ORDER BY seal, id LIMIT @most
            """, new { entity, others = others.Append("").ToArray(), cutoff, lastSeal, afterSeal, afterId, most },
            grids => Task.FromResult<IReadOnlyList<ArchivedRow>>([.. grids.Read<long, AuditRow, ArchivedRow>((seal, row) => new ArchivedRow { Seal = seal, Row = row }, "id")]), ct);

    public Task<IReadOnlyList<AuditArchive>> ListAsync(CancellationToken ct = default) => db.ListAsync<AuditArchive>(
        "SELECT number, made_at, file, entity, entries, first_seal, last_seal, oldest_at, newest_at FROM audit_archives ORDER BY number DESC", null, ct);

    public static void Insert(Tx tx, AuditArchive archive) => tx.Add(
        """
        INSERT INTO audit_archives (number, made_at, file, entity, entries, first_seal, last_seal, oldest_at, newest_at)
        VALUES (@Number, @MadeAt, @File, @Entity, @Entries, @FirstSeal, @LastSeal, @OldestAt, @NewestAt)
        """, archive);

    /// <summary>Takes sealed entries out, in slices, since every other writer of SQLite waits for it.</summary>
    public async Task RemoveAsync(IReadOnlyList<long> ids, CancellationToken ct)
    {
        foreach (var some in ids.Chunk(500))
            await db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM audit WHERE id IN @some AND seal IS NOT NULL", new { some }), ct);
    }

    private sealed record Stored
    {
        public int Days { get; init; }
        public string Exceptions { get; init; } = "[]";
        public int Version { get; init; }
    }
}
