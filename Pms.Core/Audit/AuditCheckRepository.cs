using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>A verification of the chain, running or done, as any node and page may see it.</summary>
public sealed record AuditCheck
{
    /// <summary>A running one that was silent this long lost its process.</summary>
    public static readonly TimeSpan Silent = TimeSpan.FromMinutes(2);

    public long Id { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset BeatAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string StartedBy { get; init; } = "";
    public long Seals { get; init; }
    public long SealsTotal { get; init; }
    public long Entries { get; init; }
    public long Archived { get; init; }
    public long Unsealed { get; init; }
    public int Roots { get; init; }
    public string? RootDay { get; init; }
    public string? LastHash { get; init; }
    public string? Problem { get; init; }

    public bool IsRunning(DateTimeOffset now) => EndedAt is null && now - BeatAt < Silent;

    public bool IsWhole => EndedAt is not null && Problem is null;
}

/// <summary>Writes how far verifications are and what they found.</summary>
public sealed class AuditCheckRepository(Db db)
{
    private const string Select =
        "SELECT id, started_at, beat_at, ended_at, started_by, seals, seals_total, entries, archived, unsealed, roots, root_day, last_hash, problem FROM audit_checks";

    public Task<AuditCheck?> LastAsync(CancellationToken ct = default) => db.FindAsync<AuditCheck>(Select + " ORDER BY id DESC LIMIT 1", null, ct);

    /// <summary>The last that came to its end.</summary>
    public Task<AuditCheck?> LastDoneAsync(CancellationToken ct = default) => db.FindAsync<AuditCheck>(Select + " WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1", null, ct);

    public Task<IReadOnlyList<AuditCheck>> ListAsync(int most, CancellationToken ct = default) => db.ListAsync<AuditCheck>(Select + " ORDER BY id DESC LIMIT @most", new { most }, ct);

    public static Task<long> InsertAsync(Tx tx, string startedBy, DateTimeOffset now) =>
        tx.InsertAsync("INSERT INTO audit_checks (started_at, beat_at, started_by) VALUES (@now, @now, @startedBy)", new { now, startedBy });

    /// <summary>Queues how far it is, or with <paramref name="ended"/> what it found.</summary>
    public static void Update(Tx tx, long id, AuditVerification found, DateTimeOffset now, DateTimeOffset? ended) => tx.Add(
        """
        UPDATE audit_checks SET beat_at = @now, ended_at = @ended, seals = @Seals, seals_total = @SealsTotal, entries = @Rows, archived = @Archived, unsealed = @Unsealed,
            roots = @Roots, root_day = @RootDay, last_hash = @LastHash, problem = @problem
        WHERE id = @id
        """, new
        {
            id, now, ended, found.Seals, found.SealsTotal, found.Rows, found.Archived, found.Unsealed, found.Roots, found.RootDay, found.LastHash,
            problem = found.Problem is { Length: > 500 } text ? text[..500] : found.Problem,
        });
}
