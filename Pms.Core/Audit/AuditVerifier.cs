using Pms.Core.Audit.Retention;

namespace Pms.Core.Audit;

/// <summary>
/// Walks the chain from its first seal and says what is wrong first: an altered, missing, added or reordered row, a broken or cut chain, an
/// altered archive. A row that retention took out of the database is proven by the signed archive that holds it.
/// </summary>
public sealed class AuditVerifier(AuditChainRepository chain, AuditRoots roots, ArchiveFiles files, RetentionRepository retention)
{
    private const int SealsAtOnce = 50;

    /// <summary>Reads the whole chain; takes about a second per 50 000 rows.</summary>
    /// <param name="progress">Told after some seals each how far it is.</param>
    public async Task<AuditVerification> VerifyAsync(Func<AuditVerification, Task>? progress = null, CancellationToken ct = default)
    {
        var so = new AuditVerification { SealsTotal = (await chain.LastAsync(ct))?.Number ?? 0 };
        var previous = AuditSeal.Beginning;

        var (archives, spoiled) = await files.ReadAsync(ct);
        if (spoiled is not null)
            return so with { Problem = spoiled };
        if ((await retention.ListAsync(ct)).OrderBy(a => a.Number).FirstOrDefault(a => archives.All(d => d.Number != a.Number)) is { } gone)
            return so with { Problem = $"The archive {gone.File} is not in the data folder: put it and its description back under audit/archives to prove its {gone.Entries} entries." };

        await using var walk = new ArchiveWalk(files, archives, ct);
        while (await chain.SealsAfterAsync(so.Seals, SealsAtOnce, ct) is { Count: > 0 } some)
        {
            foreach (var seal in some)
            {
                if (seal.Number != so.Seals + 1)
                    return so with { Problem = $"Seal {so.Seals + 1} is missing." };
                if (seal.Previous != previous || seal.Hash != seal.Compute())
                    return so with { Problem = $"Seal {seal.Number} was altered." };
                var (archived, problem) = await CheckAsync(seal, await walk.OfAsync(seal.Number), ct);
                if (problem is not null)
                    return so with { Problem = problem };
                previous = seal.Hash;
                so = so with { Seals = seal.Number, Rows = so.Rows + seal.RowCount, Archived = so.Archived + archived, LastHash = seal.Hash };
            }
            if (progress is not null)
                await progress(so);
        }

        var (good, bad) = await roots.ReadAsync(ct);
        if (bad is [var file, ..])
            return so with { Problem = $"The root file {file} has no valid signature." };
        foreach (var root in good)
            if (await chain.FindAsync(root.Number, ct) is not { } seal || seal.Hash != root.Hash)
                return so with { Problem = $"The chain does not hold the root of {root.Day}: seal {root.Number} was removed or computed anew." };
        return so with { Unsealed = await chain.CountUnsealedAsync(ct), Roots = good.Count, RootDay = good.Count == 0 ? null : good[^1].Day, RootSeal = good.Count == 0 ? 0 : good[^1].Number };
    }

    private async Task<(int Archived, string? Problem)> CheckAsync(AuditSeal seal, Dictionary<long, AuditRow> archive, CancellationToken ct)
    {
        var stored = (await chain.RowsOfAsync(seal.Number, ct)).ToDictionary(r => r.Id);
        var archived = 0;
        foreach (var (id, hash) in seal.Rows())
        {
            if (stored.Remove(id, out var row))
            {
                if (row.Hash() != hash)
                    return (0, $"Audit row {id} of seal {seal.Number} was altered.");
                archive.Remove(id);   // an archive that was written, and a removal that the end of the process came before
                continue;
            }
            if (!archive.Remove(id, out var kept))
                return (0, $"Audit row {id} of seal {seal.Number} is missing.");
            if (kept.Hash() != hash)
                return (0, $"Audit row {id} of seal {seal.Number} was altered in its archive.");
            archived++;
        }
        if (stored.Count > 0)
            return (0, $"Audit row {stored.Keys.Min()} was added to seal {seal.Number} afterwards.");
        return archive.Count > 0 ? (0, $"An archive holds row {archive.Keys.Min()}, which seal {seal.Number} does not name.") : (archived, null);
    }
}
