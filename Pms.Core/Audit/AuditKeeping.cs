using Pms.Core.Audit.Retention;

namespace Pms.Core.Audit;

/// <summary>Where the audit is kept, for how long, and what verifications found; whoever asks has been checked by the caller.</summary>
public sealed class AuditKeeping(AuditChainRepository chain, AuditCheckRepository checks, RetentionRepository retention, AuditRoots roots, Changes changes)
{
    /// <summary>The last verifications, newest first; the first may be running.</summary>
    public Task<IReadOnlyList<AuditCheck>> ChecksAsync(int most, CancellationToken ct = default) => checks.ListAsync(most, ct);

    /// <summary>The last verification that came to its end.</summary>
    public Task<AuditCheck?> LastCheckAsync(CancellationToken ct = default) => checks.LastDoneAsync(ct);

    /// <summary>True if the row is what its seal holds.</summary>
    public async Task<bool> FitsSealAsync(long id, long number, CancellationToken ct = default)
    {
        var row = (await chain.RowsOfAsync(number, ct)).FirstOrDefault(r => r.Id == id);
        return row is not null && await chain.FindAsync(number, ct) is { } seal && seal.Hash == seal.Compute() && seal.Rows().Any(r => r.Id == id && r.Hash == row.Hash());
    }

    /// <summary>Policy, archives, chain and signed roots.</summary>
    public async Task<AuditStore> StoreAsync(CancellationToken ct = default)
    {
        var (good, bad) = await roots.ReadAsync(ct);
        return new(await retention.GetAsync(ct), await retention.ListAsync(ct), await chain.LastAsync(ct), await chain.CountUnsealedAsync(ct), good.Count, good.Count == 0 ? null : good[^1].Day, bad.Count);
    }

    /// <summary>Changes how long entries are kept.</summary>
    /// <exception cref="InvalidException">Days out of bounds, a kind twice or none.</exception>
    /// <exception cref="ConflictException">Somebody else changed it.</exception>
    public async Task SetRetentionAsync(Actor actor, RetentionPolicy policy, CancellationToken ct = default)
    {
        var faults = new List<Fault>();
        void Days(string field, int days)
        {
            if (days is < RetentionPolicy.Least or > RetentionPolicy.Most)
                faults.Add(new(field, new Refusal("between", RetentionPolicy.Least, RetentionPolicy.Most)));
        }
        Days(nameof(policy.Days), policy.Days);
        for (var i = 0; i < policy.Exceptions.Count; i++)
        {
            var entity = policy.Exceptions[i].Entity;
            if (string.IsNullOrWhiteSpace(entity) || entity.Length > 32)
                faults.Add(new($"Exceptions[{i}].Entity", new Refusal("required")));
            else if (policy.Exceptions.Take(i).Any(e => e.Entity == entity))
                faults.Add(new($"Exceptions[{i}].Entity", new Refusal("taken")));
            Days($"Exceptions[{i}].Days", policy.Exceptions[i].Days);
        }
        if (faults.Count > 0)
            throw new InvalidException(faults);
        await changes.SaveAsync(actor, new SaveOf<RetentionPolicy>
        {
            Entity = "audit_retention", After = policy with { Id = 1 }, Find = async () => await retention.GetAsync(ct), Insert = _ => throw new NotFoundException("audit_retention", 1),
            Update = (tx, _) => { RetentionRepository.Update(tx, policy with { Id = 1 }); return Task.CompletedTask; }, Raise = (_, _) => [new RetentionChanged()],
        }, ct);
    }
}

/// <summary>Where the audit is kept and for how long.</summary>
public sealed record AuditStore(RetentionPolicy Policy, IReadOnlyList<AuditArchive> Archives, AuditSeal? LastSeal, long Unsealed, int Roots, string? RootDay, int BadRoots);
