using Microsoft.Extensions.Logging;
using Pms.Core.Data;

namespace Pms.Core.Audit.Retention;

/// <summary>
/// Moves entries older than the policy says into signed archives: first the file, then its row and its own entry in the audit, then the
/// removal. Their seals stay, so the chain goes on holding, and the verifier finds the entries in the archive. What doesn't fit its seal
/// stays where it is: an archive never hides a change.
/// </summary>
public sealed class AuditArchiver(RetentionRepository retention, ArchiveFiles files, AuditChainRepository chain, AuditLog audit, Db db, PlantClock clock, ILogger<AuditArchiver> log)
{
    /// <summary>Entries in one archive at most.</summary>
    public const int InOne = 20_000;
    private const int AtOnce = 1000;

    private static readonly Actor System = Actor.System("retention", Channel.Scheduler);

    /// <summary>One round over all kinds; returns how many entries went into archives.</summary>
    /// <param name="goOn">Asked after each archive; false ends the round, what is left comes with the next.</param>
    public async Task<int> RunAsync(Func<Task<bool>>? goOn = null, CancellationToken ct = default)
    {
        var policy = await retention.GetAsync(ct);
        var total = 0;
        foreach (var (entity, days) in policy.Exceptions.Select(e => ((string?)e.Entity, e.Days)).Prepend((null, policy.Days)))
        {
            var others = entity is null ? policy.Exceptions.Select(e => e.Entity).ToArray() : [];
            int moved;
            do
            {
                moved = await MoveAsync(entity, others, clock.Now.AddDays(-days), ct);
                total += moved;
            }
            while (moved > 0 && (goOn is null || await goOn()));
        }
        return total;
    }

    private async Task<int> MoveAsync(string? entity, string[] others, DateTimeOffset cutoff, CancellationToken ct)
    {
        if (await chain.LastBeforeAsync(cutoff, ct) is not { } last)
            return 0;
        List<ArchivedRow> rows = [];
        var (afterSeal, afterId, spoiled) = (0L, 0L, 0);
        AuditSeal? seal = null;
        Dictionary<long, string> hashes = [];
        while (rows.Count < InOne && await retention.DueAsync(entity, others, cutoff, last.Number, afterSeal, afterId, AtOnce, ct) is { Count: > 0 } due)
        {
            foreach (var row in due)
            {
                if (seal?.Number != row.Seal)
                {
                    seal = await chain.FindAsync(row.Seal, ct);
                    hashes = seal?.Rows().ToDictionary(r => r.Id, r => r.Hash) ?? [];
                }
                if (hashes.GetValueOrDefault(row.Row.Id) == row.Row.Hash())
                    rows.Add(row);
                else
                    spoiled++;
            }
            (afterSeal, afterId) = (due[^1].Seal, due[^1].Row.Id);
        }
        if (spoiled > 0)
            log.LogError("{Count} audit entries do not fit their seal and are not archived; run 'audit verify'", spoiled);
        if (rows.Count == 0)
            return 0;

        var described = await files.WriteAsync(files.NextNumber((await retention.ListAsync(ct)).Select(a => a.Number).DefaultIfEmpty().Max()), clock.Now, rows, ct);
        var archive = new AuditArchive
        {
            Number = described.Number, MadeAt = clock.Now, File = described.File, Entity = entity, Entries = rows.Count, FirstSeal = described.FirstSeal, LastSeal = described.LastSeal,
            OldestAt = DateTimeOffset.FromUnixTimeMilliseconds(rows.Min(r => r.Row.At)), NewestAt = DateTimeOffset.FromUnixTimeMilliseconds(rows.Max(r => r.Row.At)),
        };
        await db.InTransactionAsync(tx =>
        {
            RetentionRepository.Insert(tx, archive);
            audit.Write(tx, System, "audit.archived", "audit_archive", archive.Number, AuditLog.Diff(null, archive));
            return Task.CompletedTask;
        }, ct);
        await retention.RemoveAsync([.. rows.Select(r => r.Row.Id)], ct);
        log.LogInformation("{Count} audit entries went into the archive {File}", rows.Count, archive.File);
        return rows.Count;
    }
}
