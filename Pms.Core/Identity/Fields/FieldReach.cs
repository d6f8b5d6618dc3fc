using System.Collections.Frozen;
using Pms.Core.Identity.Roles;

namespace Pms.Core.Identity.Fields;

/// <summary>
/// Nobody leaves anybody freer in a field than they are themselves: not by the roles they give, not by a role they change, not through an
/// account they manage. An entity counts where the roles open it. Who is not restricted pays one look-up; System Admin never is.
/// </summary>
public sealed class FieldReach(Rights rights, FieldCatalog catalog)
{
    /// <summary>What somebody may see and change: permissions, and what is left of the fields.</summary>
    private sealed record Sight(IReadOnlySet<string> Permissions, IReadOnlyDictionary<string, FieldView> Fields)
    {
        public static Sight Of(RightsSnapshot.Person person) => new(person.Permissions.Keys.ToHashSet(), person.Fields);

        public bool Opens(FieldEntity entity) => entity.ForAll || Permissions.Contains(entity.View) || Permissions.Contains(entity.Edit);
    }

    /// <summary>An account of these roles leaves no more of any field than the actor's own do.</summary>
    /// <exception cref="ForbiddenException">Names the first field that it would leave freer.</exception>
    public void DemandCovers(Actor actor, IReadOnlyCollection<Role> roles)
    {
        if (Own(actor) is not { } own)
            return;
        Demand(own, null, Of(roles.Where(r => r.Active).Select(r => r.Code)));
        if (roles.Any(r => !r.Active))
            Demand(own, null, Of(roles.Select(r => r.Code)));   // one that is inactive now may be active again tomorrow
    }

    /// <inheritdoc cref="DemandCovers(Actor, IReadOnlyCollection{Role})"/>
    public void DemandCovers(Actor actor, RightsSnapshot.Person person)
    {
        if (Own(actor) is { } own)
            Demand(own, null, Sight.Of(person));
    }

    /// <summary>
    /// The role as it shall be, with its rules as they shall be, leaves none of its holders freer than they were unless the actor is as free.
    /// By itself, too, whoever will hold it: rules are only eased, and a role only brought back, as far as the actor is free.
    /// </summary>
    /// <exception cref="ForbiddenException">Names the first field that it would leave freer.</exception>
    public void DemandChange(Actor actor, Role before, Role after, IReadOnlyDictionary<(string Entity, string Field), FieldRule> was, IReadOnlyDictionary<(string Entity, string Field), FieldRule> rules)
    {
        if (Own(actor) is not { } own)
            return;
        var changed = new RoleFields(after.Permissions.Keys.ToHashSet(), rules);
        if (after.Active)
            Demand(own, before.Active ? Of([new RoleFields(before.Permissions.Keys.ToHashSet(), was)]) : null, Of([changed]));
        foreach (var holder in rights.Now.Everybody.Where(p => p.Roles.Contains(after.Code)).DistinctBy(p => string.Join(' ', p.Roles.Order(StringComparer.Ordinal))))
            Demand(own, Sight.Of(holder), Of(after.Active ? holder.Roles : holder.Roles.Where(r => r != after.Code), after.Code, changed));
    }

    private IReadOnlyDictionary<string, FieldView>? Own(Actor actor) => !actor.IsSystem && rights.Now.Of(actor)?.Fields is { Count: > 0 } own ? own : null;

    private Sight Of(IEnumerable<string> codes, string? code = null, RoleFields? instead = null)
    {
        var all = codes.ToList();
        var sight = Of([.. all.Select(c => c == code ? instead! : rights.Now.RoleFields.GetValueOrDefault(c, RoleFields.None))]);
        return all.Contains(SeededRole.Admin) ? sight with { Fields = FrozenDictionary<string, FieldView>.Empty } : sight;
    }

    private Sight Of(IReadOnlyList<RoleFields> roles) => new(roles.SelectMany(r => r.Permissions).ToHashSet(), catalog.Views(roles));

    /// <param name="before">Null: nothing was open before.</param>
    private static void Demand(IReadOnlyDictionary<string, FieldView> own, Sight? before, Sight after)
    {
        foreach (var (name, mine) in own.Where(o => after.Opens(o.Value.Entity)))
            if (mine.Widened(before?.Opens(mine.Entity) == true ? before.Fields.GetValueOrDefault(name) : mine, after.Fields.GetValueOrDefault(name)) is { } field)
                throw new ForbiddenException($"{name}.{field}");
    }
}
