using System.Collections.Frozen;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity.Roles;

namespace Pms.Core.Identity.Fields;

/// <summary>The rules of one role for the fields of one entity; all others are editable. The version is the role's.</summary>
public sealed record RoleFieldRules : IVersioned
{
    long IVersioned.Id => RoleId;
    public long RoleId { get; init; }
    public int Version { get; init; }
    public string Entity { get; init; } = "";
    public IReadOnlyDictionary<string, FieldRule> Rules { get; init; } = new Dictionary<string, FieldRule>();
}

/// <summary>An entity that roles may be kept from in single fields, with the states that conditions may name.</summary>
public sealed record RuledEntity(string Name, string View, string Edit, IReadOnlyList<EntityField> Fields, IReadOnlyDictionary<string, IReadOnlyList<string>> Conditions);

/// <summary>Says what a role may do with fields. System Admin is never restricted, and nothing that makes a record impossible can be set.</summary>
public sealed class FieldPermissionService(Commands commands, RoleRepository roles, FieldPermissionRepository rows, FieldCatalog catalog, FieldReach reach, Rights rights, AuditLog audit)
{
    /// <summary>Every entity and field there may be rules for.</summary>
    public Task<IReadOnlyList<RuledEntity>> EntitiesAsync(Actor actor)
    {
        rights.Demand(actor, Permissions.AdminRoles);
        return Task.FromResult<IReadOnlyList<RuledEntity>>([.. catalog.All.Select(e => new RuledEntity(e.Name, e.View, e.Edit, e.Fields, e.Conditions))]);
    }

    public async Task<RoleFieldRules> GetAsync(Actor actor, long roleId, string entity, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminRoles);
        var known = catalog.Find(entity) ?? throw new NotFoundException("entity", entity);
        var role = await roles.GetAsync(roleId, ct);
        var stored = await rows.OfRoleAsync(roleId, ct);
        return new RoleFieldRules { RoleId = roleId, Version = role.Version, Entity = entity, Rules = known.Fields.Where(f => stored.ContainsKey((entity, f.Name))).ToDictionary(f => f.Name, f => stored[(entity, f.Name)]) };
    }

    /// <summary>Sets the rules of the role for this entity to exactly these. Takes effect at once on this node and within seconds on the others.</summary>
    /// <exception cref="RuleException">role.admin_fields: System Admin can't be restricted.</exception>
    /// <exception cref="InvalidException">field.names_record, field.needed, field.settled, unknown_value; the field is the fault's place.</exception>
    /// <exception cref="ForbiddenException">It would leave somebody freer in a field than the actor.</exception>
    /// <exception cref="ConflictException">changed_meanwhile: somebody changed the role since it was read.</exception>
    public async Task<RoleFieldRules> SaveAsync(Actor actor, RoleFieldRules request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminRoles);
        var entity = catalog.Find(request.Entity) ?? throw new NotFoundException("entity", request.Entity);
        await commands.RunAsync(actor, "field_permission.save", actor.CommandKey, request, async tx =>
        {
            var role = await roles.GetAsync(request.RoleId, ct);
            if (role.Version != request.Version)
                throw new ConflictException("changed_meanwhile");
            if (role.IsAdmin)
                throw new RuleException("role.admin_fields");
            Demand(entity, role.Permissions.ContainsKey(entity.Edit), request.Rules);
            var stored = await rows.OfRoleAsync(role.Id, ct);
            reach.DemandChange(actor, role, role, stored, stored.Where(r => r.Key.Entity != entity.Name).Concat(request.Rules.Select(r => KeyValuePair.Create((entity.Name, r.Key), r.Value))).ToDictionary());
            var changes = new Dictionary<string, object?[]>();
            foreach (var field in entity.Fields.Select(f => f.Name))
            {
                var (before, after) = (stored.GetValueOrDefault((entity.Name, field)), request.Rules.GetValueOrDefault(field, FieldRule.Free));
                if ((before ?? FieldRule.Free) == after)
                    continue;
                rows.Set(tx, role.Id, entity.Name, field, before, after);
                changes[$"{entity.Name}.{field}"] = [Told(before ?? FieldRule.Free), Told(after)];
            }
            if (changes.Count == 0)
                return role.Id;
            roles.Update(tx, role);
            audit.Write(tx, actor, "field_permission.changed", "role", role.Id, changes);
            tx.Raise(new RightsChanged());
            return role.Id;
        }, ct);
        await rights.LoadAsync(ct);
        return await GetAsync(actor, request.RoleId, request.Entity, ct);
    }

    /// <summary>
    /// The actor as somebody with only this role, and with these rules instead of the stored ones, would see things: never more than the actor
    /// may see themself, and nothing is stored under it.
    /// </summary>
    public async Task<Actor> SeenAsAsync(Actor actor, RoleFieldRules draft, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminRoles);
        var role = await roles.GetAsync(draft.RoleId, ct);
        var rules = (await rows.OfRoleAsync(role.Id, ct)).Where(r => r.Key.Entity != draft.Entity).ToDictionary();
        foreach (var (field, rule) in draft.Rules)
            rules[(draft.Entity, field)] = rule;
        var views = role.IsAdmin ? [] : catalog.Views([new RoleFields(role.Permissions.Keys.ToHashSet(), rules)]).ToDictionary();
        var own = rights.Now.Of(actor);
        foreach (var (entity, view) in own?.Fields ?? new Dictionary<string, FieldView>())
            views[entity] = view;   // who is restricted themself sees through their own eyes
        return actor with
        {
            SeenAs = new RightsSnapshot.Person(role.Permissions.Keys.Where(p => rights.Now.Anywhere(actor, p)).ToFrozenDictionary(p => p, p => own?.Permissions.GetValueOrDefault(p, Scope.All) ?? Scope.All),
                own?.Departments ?? [], new[] { role.Code }.ToFrozenSet(), views),
        };
    }

    private static string Told(FieldRule rule) => rule.When is { } w ? $"{rule.Access} ({w.Name} = {w.Value})" : rule.Access.ToString();

    private static void Demand(FieldEntity entity, bool edits, IReadOnlyDictionary<string, FieldRule> rules)
    {
        var faults = new List<Fault>();
        foreach (var (name, rule) in rules)
        {
            if (entity.Fields.FirstOrDefault(f => f.Name == name) is not { } field || !Enum.IsDefined(rule.Access)
                || rule.When is { } when && (!entity.Conditions.TryGetValue(when.Name, out var values) || !values.Contains(when.Value)))
                faults.Add(new Fault(name, new Refusal("unknown_value")));
            else if (rule.Access == FieldAccess.Hidden && field.Names)
                faults.Add(new Fault(name, new Refusal("field.names_record")));
            else if (rule.Access == FieldAccess.Hidden && field.Needed && edits)
                faults.Add(new Fault(name, new Refusal("field.needed")));
            else if (field.Settled && rule.Strictest == FieldAccess.ReadOnly)
                faults.Add(new Fault(name, new Refusal("field.settled")));
        }
        if (faults.Count > 0)
            throw new InvalidException(faults);
    }
}
