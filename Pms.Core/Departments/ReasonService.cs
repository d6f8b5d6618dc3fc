using System.Data.Common;
using Microsoft.Extensions.Logging;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Departments;

/// <summary>
/// The words people pick for stops, scrap, rework and holds. A department that has a list of its own uses that list alone, else the plant's.
/// A reason is never removed, only deactivated: history names it.
/// </summary>
public sealed class ReasonService(ReasonRepository reasons, Changes changes, AuditLog audit, Db db, Rights rights, ILogger<ReasonService> log)
{
    private const string Entity = "reason";

    /// <summary>Everything, inactive ones too; for editing and for showing history.</summary>
    public Task<IReadOnlyList<Reason>> AllAsync(Actor actor, CancellationToken ct = default) =>
        rights.Now.IsActive(actor) ? reasons.AllAsync(ct) : throw new ForbiddenException(Permissions.DepartmentsView);

    /// <summary>What a person of the department may pick, in the list's fixed order.</summary>
    public async Task<IReadOnlyList<Reason>> PickAsync(Actor actor, ReasonList list, long? departmentId, CancellationToken ct = default)
    {
        var active = (await AllAsync(actor, ct)).Where(r => r.List == list && r.Active).ToList();
        var own = active.Where(r => departmentId is not null && r.DepartmentId == departmentId).ToList();
        return [.. (own.Count > 0 ? own : active.Where(r => r.DepartmentId is null)).OrderBy(r => r.Position).ThenBy(r => r.Id)];
    }

    /// <summary>Creates (id 0) or changes a reason; list, department and code are fixed once stored.</summary>
    public async Task<Reason> SaveAsync(Actor actor, Reason reason, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsEdit, reason.DepartmentId);
        new ReasonValidator().Demand(reason);
        var after = reason with { Code = Text.Clean(reason.Code), Word = Text.Clean(reason.Word), KpiClass = reason.List == ReasonList.Stop ? reason.KpiClass : null };
        var id = await changes.SaveAsync(actor, new SaveOf<Reason>
        {
            Entity = Entity,
            After = after,
            DepartmentId = after.DepartmentId,
            Find = () => reasons.FindAsync(after.Id, ct),
            Decide = before =>
            {
                if (before.List != after.List || before.DepartmentId != after.DepartmentId || before.Code != after.Code)
                    throw new InvalidException(nameof(Reason.Code), "fixed");
            },
            Insert = tx => reasons.InsertAsync(tx, after),
            Unique = ("reasons", nameof(Reason.Code)),
            Update = (tx, _) => { reasons.Update(tx, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new MasterDataChanged(Entity, stored, after.DepartmentId)],
        }, ct);
        return (await reasons.FindAsync(id, ct))!;
    }

    /// <summary>Gives a new plant its first lists; a plant that has any reason keeps what it has.</summary>
    public async Task SeedAsync(CancellationToken ct = default)
    {
        if ((await reasons.AllAsync(ct)).Count > 0)
            return;
        try
        {
            await db.InTransactionAsync(tx =>
            {
                foreach (var reason in ReasonSeed.All)
                    reasons.Add(tx, reason);
                audit.Write(tx, Actor.System("setup"), "reason.seed", Entity, 0);
                return Task.CompletedTask;
            }, ct);
        }
        catch (DbException e) when (db.Dialect.IsDuplicateKey(e, "reasons"))
        {
            log.LogInformation("Another node gave the plant its first reason lists");
        }
    }
}
