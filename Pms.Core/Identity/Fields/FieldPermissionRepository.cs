using Pms.Core.Data;

namespace Pms.Core.Identity.Fields;

/// <summary>The field rules of the roles; a field without a row is editable.</summary>
public sealed class FieldPermissionRepository(Db db)
{
    private sealed record Row
    {
        public string Entity { get; init; } = "";
        public string Field { get; init; } = "";
        public string Access { get; init; } = "";
        public string? WhenName { get; init; }
        public string? WhenValue { get; init; }
    }

    public async Task<IReadOnlyDictionary<(string Entity, string Field), FieldRule>> OfRoleAsync(long roleId, CancellationToken ct = default) =>
        (await db.ListAsync<Row>("SELECT entity, field, access, when_name, when_value FROM field_permissions WHERE role_id = @roleId ORDER BY entity, field", new { roleId }, ct))
            .ToDictionary(r => (r.Entity, r.Field), r => Rule(r.Access, r.WhenName, r.WhenValue));

    internal static FieldRule Rule(string access, string? name, string? value) => new(Enum.Parse<FieldAccess>(access), name is null ? null : new FieldCondition(name, value ?? ""));

    public void Set(Tx tx, long roleId, string entity, string field, FieldRule? before, FieldRule after)
    {
        var args = new { roleId, entity, field, access = after.Access.ToString(), name = after.When?.Name, value = after.When?.Value };
        if (after == FieldRule.Free)
            tx.Add("DELETE FROM field_permissions WHERE role_id = @roleId AND entity = @entity AND field = @field", new { roleId, entity, field });
        else if (before is null)
            tx.Add("INSERT INTO field_permissions (role_id, entity, field, access, when_name, when_value) VALUES (@roleId, @entity, @field, @access, @name, @value)", args);
        else
            tx.Add("UPDATE field_permissions SET access = @access, when_name = @name, when_value = @value WHERE role_id = @roleId AND entity = @entity AND field = @field", args);
    }
}
