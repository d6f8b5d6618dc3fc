using System.Data.Common;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity.Users;

namespace Pms.Core.Identity.Roles;

/// <summary>
/// Makes the roles a new plant starts with, once; on a later version it adds only permissions that this database never met, so that what
/// people changed stays. System Admin gets whatever it lacks. Two nodes may do it at the same time.
/// </summary>
public sealed class RoleSeed(Db db, RoleRepository roles, AuditLog audit)
{
    public async Task RunAsync(CancellationToken ct = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await SeedAsync(ct);
                return;
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e) && attempt < 5)
            {
                continue;   // the other node was faster; see what is left to do
            }
        }
    }

    private Task SeedAsync(CancellationToken ct) => db.InTransactionAsync(async tx =>
    {
        var known = (await roles.FindKnownAsync(ct))?.Split(',').ToHashSet() ?? [];
        var present = (await roles.ListAsync(ct)).ToDictionary(r => r.Code);
        var complete = known.IsSupersetOf(Permissions.All) && SeededRole.All.All(s => present.ContainsKey(s.Code))
            && Permissions.All.All(p => present[SeededRole.Admin].Permissions.GetValueOrDefault(p, Scope.Own) == Scope.All);
        if (complete)
            return;
        await UserRepository.LockAdminsAsync(tx);   // makes the row that guards the last administrator
        foreach (var seeded in SeededRole.All)
        {
            if (present.TryGetValue(seeded.Code, out var role))
                Complete(tx, role, seeded, known);
            else
                await InsertAsync(tx, seeded);
        }
        await RoleRepository.SetKnownAsync(tx, string.Join(',', Permissions.All.Union(known).Order(StringComparer.Ordinal)));
        tx.Raise(new RightsChanged());
    }, ct);

    private async Task InsertAsync(Tx tx, SeededRole seeded)
    {
        var role = new Role { Code = seeded.Code, Name = seeded.Name, Seeded = true, Active = true };
        role = role with { Id = await roles.InsertAsync(tx, role) };
        roles.SetPermissions(tx, role.Id, role.Permissions, seeded.Permissions);
        audit.Write(tx, Actor.System("seed"), "role.seeded", "role", role.Id, RoleService.Changes(null, role with { Permissions = seeded.Permissions }));
    }

    private void Complete(Tx tx, Role role, SeededRole seeded, HashSet<string> known)
    {
        var after = role.Permissions.ToDictionary();
        foreach (var (permission, scope) in seeded.Permissions)
            if (role.IsAdmin)
                after[permission] = Scope.All;
            else if (!known.Contains(permission))
                after.TryAdd(permission, scope);
        var changes = RoleService.Changes(role, role with { Permissions = after });
        if (changes.Count == 0)
            return;
        roles.Update(tx, role);
        roles.SetPermissions(tx, role.Id, role.Permissions, after);
        audit.Write(tx, Actor.System("seed"), "role.seeded", "role", role.Id, changes);
    }
}
