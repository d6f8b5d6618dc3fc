using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Web.Shared.Api;

namespace Pms.Web.Identity;

/// <summary>/api/v1/roles: what each may do, in which fields, and who holds it; and /api/v1/field-permissions: which fields there are to rule on.</summary>
public static class RolesApi
{
    /// <summary>What the copy is called.</summary>
    public sealed record CloneBody(string Name, string? Code = null);

    /// <summary>The whole set for this entity: a field that isn't named is free.</summary>
    public sealed record RulesBody(IReadOnlyDictionary<string, FieldRule> Rules);

    public static void MapRolesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("roles");
        var example = new { name = "Order clerk", active = true, needsSecondFactor = false, permissions = new Dictionary<string, string> { [Permissions.OrdersView] = nameof(Scope.All), [Permissions.JobsView] = nameof(Scope.Own) } };
        api.MapWhole("/", http => Roles(http).ListAsync(http.Actor(), http.RequestAborted)).Says("ListRoles", "List the roles with their permissions", "Those that every plant starts with come first. Permissions are a map from permission to All or Own departments.");
        api.MapOne("/{id:long}", ReadAsync).Says("GetRole", "Read a role");
        api.MapCreate<SaveRole, Role>("/", (http, body) => SaveAsync(http, body with { Id = 0, Version = 0 }), r => $"roles/{r.Id}")
            .Says("CreateRole", "Create a role", "Nobody gives a permission that they lack. With cloneOf it gets that role's field rules.").Refuses(StatusCodes.Status404NotFound, "not_found").Example(example);
        api.MapChange<SaveRole, Role>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) => SaveAsync(http, body with { Id = http.Id(), Version = version, CloneOf = null }))
            .Says("ChangeRole", "Replace a role's name and permissions", "Takes effect within seconds on open pages and tokens. Nobody leaves a holder freer in a field than they are themselves.").Refuses("role.admin_fixed").Example(example);
        api.MapCreate<CloneBody, Role>("/{id:long}/clone", async (http, body) =>
        {
            var from = await ReadAsync(http);
            return await SaveAsync(http, new SaveRole { Name = body.Name, Code = body.Code, NeedsSecondFactor = from.NeedsSecondFactor, Permissions = from.Permissions, CloneOf = from.Id });
        }, r => $"roles/{r.Id}").Says("CloneRole", "Make a role like this one", "With its permissions and its field rules; nobody holds it yet.").Example(new { name = "Order clerk, nights" });
        api.MapWhole("/{id:long}/holders", http => Roles(http).HoldersAsync(http.Actor(), http.Id(), http.RequestAborted)).Says("ListRoleHolders", "List who holds a role", "By name, at most 200, disabled users last.");

        api.MapOne("/{id:long}/field-permissions/{entity}", RulesAsync).Says("GetFieldPermissions", "Read a role's rules for the fields of an entity", "Fields that aren't named are free. The ETag is the role's.");
        api.MapChange<RulesBody, RoleFieldRules>("/{id:long}/field-permissions/{entity}", async http => (await RulesAsync(http)).Version, (http, body, version) =>
                Fields(http).SaveAsync(http.Actor(), new RoleFieldRules { RoleId = http.Id(), Version = version, Entity = Entity(http), Rules = body.Rules }, http.RequestAborted))
            .Says("ChangeFieldPermissions", "Replace a role's rules for the fields of an entity", "Under a condition a restriction holds only while the record is in that state. Nobody opens for others what is closed to themselves.").Refuses("role.admin_fields")
            .Example(new { rules = new Dictionary<string, object> { ["Value"] = new { access = nameof(FieldAccess.Hidden) }, ["Notes"] = new { access = nameof(FieldAccess.ReadOnly), when = new { name = "Status", value = "Completed" } } } });
        routes.MapApi("field-permissions").MapWhole("/", http => Fields(http).EntitiesAsync(http.Actor())).Says("ListFieldEntities", "List the entities and fields that roles may be kept from", "With the states that conditions may name.");
    }

    private static RoleService Roles(HttpContext http) => http.Service<RoleService>();

    private static FieldPermissionService Fields(HttpContext http) => http.Service<FieldPermissionService>();

    private static string Entity(HttpContext http) => (string)http.Request.RouteValues["entity"]!;

    private static Task<Role> ReadAsync(HttpContext http) => Roles(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static Task<RoleFieldRules> RulesAsync(HttpContext http) => Fields(http).GetAsync(http.Actor(), http.Id(), Entity(http), http.RequestAborted);

    private static async Task<Role> SaveAsync(HttpContext http, SaveRole role) => await Roles(http).GetAsync(http.Actor(), await Roles(http).SaveAsync(http.Actor(), role, http.RequestAborted), http.RequestAborted);
}
