using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>The table audit_seals, and the one column of audit that is ever set later.</summary>
public sealed class AuditChainRepository(Db db)
{
    private const string Columns = "id, at, user_id, employee_id, for_employee_id, terminal_id, actor, channel, ip, agent, request_id, action, entity, entity_id, department_id, changes, reason";

    /// <summary>The oldest rows without a seal.</summary>
    public Task<IReadOnlyList<AuditRow>> UnsealedAsync(int most, CancellationToken ct) =>
        db.ListAsync<AuditRow>($"SELECT {Columns} FROM audit WHERE seal IS NULL ORDER BY id LIMIT @most", new { most }, ct);

    public async Task<long> CountUnsealedAsync(CancellationToken ct) => await db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE seal IS NULL", null, ct);

    public Task<AuditSeal?> LastAsync(CancellationToken ct) =>
        db.FindAsync<AuditSeal>("SELECT number, at, row_count, previous, hash FROM audit_seals ORDER BY number DESC LIMIT 1", null, ct);

    /// <summary>The last seal before an instant, without its rows.</summary>
    public Task<AuditSeal?> LastBeforeAsync(DateTimeOffset before, CancellationToken ct) =>
        db.FindAsync<AuditSeal>("SELECT number, at, row_count, previous, hash FROM audit_seals WHERE at < @before ORDER BY number DESC LIMIT 1", new { before }, ct);

    public Task<AuditSeal?> FindAsync(long number, CancellationToken ct) =>
        db.FindAsync<AuditSeal>("SELECT number, at, row_hashes, row_count, previous, hash FROM audit_seals WHERE number = @number", new { number }, ct);

    /// <summary>Seals after a number, in order, with their rows' hashes.</summary>
    public Task<IReadOnlyList<AuditSeal>> SealsAfterAsync(long number, int most, CancellationToken ct) =>
        db.ListAsync<AuditSeal>("SELECT number, at, row_hashes, row_count, previous, hash FROM audit_seals WHERE number > @number ORDER BY number LIMIT @most", new { number, most }, ct);

    public Task<IReadOnlyList<AuditRow>> RowsOfAsync(long seal, CancellationToken ct) =>
        db.ListAsync<AuditRow>($"SELECT {Columns} FROM audit WHERE seal = @seal ORDER BY id", new { seal }, ct);

    /// <summary>Writes the seal and marks its rows. A second sealer fails on the number, or finds rows already marked.</summary>
    public Task SealAsync(AuditSeal seal, IReadOnlyList<long> ids, CancellationToken ct) => db.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync("INSERT INTO audit_seals (number, at, row_hashes, row_count, previous, hash) VALUES (@Number, @At, @RowHashes, @RowCount, @Previous, @Hash)", seal);
        foreach (var some in ids.Chunk(500))
            if (await tx.ExecuteAsync("UPDATE audit SET seal = @Number WHERE id IN @some AND seal IS NULL", new { seal.Number, some }) != some.Length)
                throw new ConflictException("changed_meanwhile");
    }, ct);
}
