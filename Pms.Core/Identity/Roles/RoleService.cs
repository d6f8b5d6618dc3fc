using System.Data.Common;
using FluentValidation;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Identity.Roles;

/// <summary>Changes roles; nobody gives away more than they hold, and System Admin stays whole.</summary>
public sealed class RoleService(Db db, Commands commands, RoleRepository roles, RoleQueries queries, FieldPermissionRepository fields, FieldReach reach, Rights rights, AuditLog audit)
{
    private static readonly SaveRoleValidator Validator = new();

    public async Task<IReadOnlyList<Role>> ListAsync(Actor actor, CancellationToken ct = default)
    {
        if (!rights.Allows(actor, Permissions.AdminRoles))
            rights.Demand(actor, Permissions.AdminUsers);
        return await roles.ListAsync(ct);
    }

    /// <exception cref="NotFoundException">There is no such role.</exception>
    public async Task<Role> GetAsync(Actor actor, long id, CancellationToken ct = default) => (await ListAsync(actor, ct)).FirstOrDefault(r => r.Id == id) ?? throw new NotFoundException("role", id);

    /// <summary>How many active users hold each role.</summary>
    public Task<IReadOnlyDictionary<long, int>> HolderCountsAsync(Actor actor, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminRoles);
        return queries.CountAsync(ct);
    }

    /// <summary>Who holds the role, by name.</summary>
    public Task<IReadOnlyList<RoleHolder>> HoldersAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminRoles);
        return queries.HoldersAsync(id, ct);
    }

    /// <summary>Creates or changes the role; returns its id. Takes effect at once on this node and within seconds on the others.</summary>
    /// <exception cref="ForbiddenException">It would give a permission that the actor lacks, or leave a holder freer in a field.</exception>
    /// <exception cref="RuleException"><c>role.admin_fixed</c>: System Admin keeps all permissions and stays active.</exception>
    public async Task<long> SaveAsync(Actor actor, SaveRole request, CancellationToken ct = default)
    {
        Validator.Demand(request);
        rights.Demand(actor, Permissions.AdminRoles);
        try
        {
            var id = await commands.RunAsync(actor, "role.save", actor.CommandKey, request, async tx =>
            {
                var before = request.Id == 0 ? null : await roles.GetAsync(request.Id, ct);
                if (before is not null && before.Version != request.Version)
                    throw new ConflictException("changed_meanwhile");
                if (before is { IsAdmin: true } && (!request.Active || !Same(before.Permissions, request.Permissions)))
                    throw new RuleException("role.admin_fixed");
                rights.DemandCovers(actor, request.Permissions.Where(p => before is null || before.Permissions.GetValueOrDefault(p.Key, Scope.Own) != p.Value || !before.Permissions.ContainsKey(p.Key)));
                if ((before?.NeedsSecondFactor ?? false) != request.NeedsSecondFactor)
                    rights.DemandCovers(actor, request.Permissions);   // nobody weakens the door to what they may not do
                var after = (before ?? new Role { Code = Text.Clean(request.Code) is { Length: > 0 } code ? code : "r" + Guid.NewGuid().ToString("N")[..12] }) with { Name = Text.Clean(request.Name), Active = request.Active, NeedsSecondFactor = request.NeedsSecondFactor, Permissions = request.Permissions };
                if (before is not null && await fields.OfRoleAsync(before.Id, ct) is var rules)
                    reach.DemandChange(actor, before, after, rules, rules);
                if (before is null)
                    after = after with { Id = await roles.InsertAsync(tx, after) };
                else
                    roles.Update(tx, after);
                roles.SetPermissions(tx, after.Id, before?.Permissions ?? new Dictionary<string, Scope>(), after.Permissions);
                if (before is null && request.CloneOf is { } from)
                    foreach (var ((entity, field), rule) in await fields.OfRoleAsync((await roles.GetAsync(from, ct)).Id, ct))
                        fields.Set(tx, after.Id, entity, field, null, rule);
                audit.Write(tx, actor, before is null ? "role.created" : "role.changed", "role", after.Id, Changes(before, after));
                tx.Raise(new RightsChanged());
                return after.Id;
            }, ct);
            await rights.LoadAsync(ct);
            return id;
        }
        catch (DbException e) when (db.Dialect.IsDuplicateKey(e, "roles"))
        {
            throw e.Message.Contains("code", StringComparison.Ordinal) ? new InvalidException(nameof(SaveRole.Code), "role.code_taken", Text.Clean(request.Code))
                : new InvalidException(nameof(SaveRole.Name), "name_taken", Text.Clean(request.Name));
        }
    }

    internal static Dictionary<string, object?[]> Changes(Role? before, Role after)
    {
        var changes = new Dictionary<string, object?[]>();
        if (before?.Name != after.Name)
            changes["Name"] = [before?.Name, after.Name];
        if (before is not null && before.Active != after.Active)
            changes["Active"] = [before.Active, after.Active];
        if ((before?.NeedsSecondFactor ?? false) != after.NeedsSecondFactor)
            changes["NeedsSecondFactor"] = [before?.NeedsSecondFactor ?? false, after.NeedsSecondFactor];
        foreach (var permission in (before?.Permissions.Keys ?? []).Union(after.Permissions.Keys).Order(StringComparer.Ordinal))
        {
            Scope? old = before?.Permissions.TryGetValue(permission, out var o) == true ? o : null, now = after.Permissions.TryGetValue(permission, out var n) ? n : null;
            if (old != now)
                changes[permission] = [old?.ToString(), now?.ToString()];
        }
        return changes;
    }

    private static bool Same(IReadOnlyDictionary<string, Scope> a, IReadOnlyDictionary<string, Scope> b) => a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var scope) && scope == p.Value);

    private sealed class SaveRoleValidator : AbstractValidator<SaveRole>
    {
        public SaveRoleValidator()
        {
            RuleFor(r => r.Name).Must(n => Text.Clean(n).Length > 0).Refuse("required").MaximumLength(120);
            RuleFor(r => r.Code).Must((r, code) => r.Id != 0 || Text.Clean(code) is { Length: <= 64 } clean && clean.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '_')).Refuse("role.code_letters");
            RuleFor(r => r.Permissions).Must(p => p.Keys.All(k => Permissions.All.Contains(k))).Refuse("unknown_value");
            RuleFor(r => r.Permissions).Must(p => p.Values.All(Enum.IsDefined)).Refuse("unknown_value");
        }
    }
}
