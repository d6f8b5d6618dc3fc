using Pms.Core.Data;

namespace Pms.Core.Identity.Roles;

/// <summary>Who holds a role.</summary>
public sealed class RoleQueries(Db db)
{
    /// <summary>Active users by role.</summary>
    public async Task<IReadOnlyDictionary<long, int>> CountAsync(CancellationToken ct = default) => (await db.ListAsync<(long Role, int Holders)>(
        "SELECT ur.role_id, COUNT(*) AS holders FROM user_roles ur JOIN users u ON u.id = ur.user_id AND u.active = 1 GROUP BY ur.role_id", null, ct)).ToDictionary(r => r.Role, r => r.Holders);

    /// <summary>The first 200 by name, inactive ones last.</summary>
    public Task<IReadOnlyList<RoleHolder>> HoldersAsync(long roleId, CancellationToken ct = default) => db.ListAsync<RoleHolder>(
        "SELECT u.id, u.user_name, u.display_name, u.active FROM user_roles ur JOIN users u ON u.id = ur.user_id WHERE ur.role_id = @roleId ORDER BY u.active DESC, u.display_name, u.id LIMIT 200", new { roleId }, ct);
}

/// <summary>A user who has a role.</summary>
public sealed record RoleHolder
{
    public long Id { get; init; }
    public string UserName { get; init; } = "";
    public string DisplayName { get; init; } = "";
    public bool Active { get; init; }
}
