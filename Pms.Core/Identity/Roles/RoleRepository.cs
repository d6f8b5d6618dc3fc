using Pms.Core.Data;

namespace Pms.Core.Identity.Roles;

/// <summary>The roles and their permissions.</summary>
public sealed class RoleRepository(Db db)
{
    public async Task<IReadOnlyList<Role>> ListAsync(CancellationToken ct = default) => await db.ManyAsync(
        """
        SELECT id, code, name, seeded, active, needs_second_factor, version FROM roles ORDER BY seeded DESC, id;
        SELECT role_id, permission, scope FROM role_permissions
        """, null, async grids =>
        {
            var roles = (await grids.ReadAsync<Role>()).ToList();
            var permissions = (await grids.ReadAsync<(long RoleId, string Permission, string Scope)>()).ToLookup(p => p.RoleId);
            return (IReadOnlyList<Role>)[.. roles.Select(r => r with { Permissions = permissions[r.Id].ToDictionary(p => p.Permission, p => Enum.Parse<Scope>(p.Scope)) })];
        }, ct);

    /// <exception cref="NotFoundException">There is no such role.</exception>
    public async Task<Role> GetAsync(long id, CancellationToken ct = default) =>
        (await ListAsync(ct)).FirstOrDefault(r => r.Id == id) ?? throw new NotFoundException("role", id);

    public Task<long> InsertAsync(Tx tx, Role role) => tx.InsertAsync(
        "INSERT INTO roles (code, name, name_key, seeded, active, needs_second_factor, version) VALUES (@Code, @Name, @Key, @Seeded, @Active, @NeedsSecondFactor, 1)",
        new { role.Code, role.Name, Key = Text.Key(role.Name), role.Seeded, role.Active, role.NeedsSecondFactor });

    public void Update(Tx tx, Role role) => tx.Add(
        "UPDATE roles SET name = @Name, name_key = @Key, active = @Active, needs_second_factor = @NeedsSecondFactor, version = version + 1 WHERE id = @Id AND version = @Version",
        new { role.Id, role.Version, role.Name, Key = Text.Key(role.Name), role.Active, role.NeedsSecondFactor });

    public void SetPermissions(Tx tx, long roleId, IReadOnlyDictionary<string, Scope> before, IReadOnlyDictionary<string, Scope> after)
    {
        foreach (var (permission, _) in before.Where(p => !after.ContainsKey(p.Key)))
            tx.Add("DELETE FROM role_permissions WHERE role_id = @roleId AND permission = @permission", new { roleId, permission });
        foreach (var (permission, scope) in after)
        {
            if (!before.TryGetValue(permission, out var old))
                tx.Add("INSERT INTO role_permissions (role_id, permission, scope) VALUES (@roleId, @permission, @scope)", new { roleId, permission, scope = scope.ToString() });
            else if (old != scope)
                tx.Add("UPDATE role_permissions SET scope = @scope WHERE role_id = @roleId AND permission = @permission", new { roleId, permission, scope = scope.ToString() });
        }
    }

    /// <summary>The permissions that this database has met; a version with more seeds those that are new.</summary>
    public Task<string?> FindKnownAsync(CancellationToken ct = default) => db.FindAsync<string>("SELECT value FROM settings WHERE name = 'known_permissions'", null, ct);

    public static async Task SetKnownAsync(Tx tx, string value)
    {
        if (await tx.ExecuteAsync("UPDATE settings SET value = @value, version = version + 1 WHERE name = 'known_permissions'", new { value }) == 0)
            await tx.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('known_permissions', @value)", new { value });
    }
}
