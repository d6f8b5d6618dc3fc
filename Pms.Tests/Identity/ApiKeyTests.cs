using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;

namespace Pms.Tests.Identity;

/// <summary>API keys: never more than their creator, gone within seconds, nothing of them kept that opens a door.</summary>
public abstract class ApiKeyTests(Engine engine)
{
    private static readonly CreateApiKey Reading = new() { Name = "ERP sync", Permissions = [Permissions.OrdersView, Permissions.DepartmentsView], ExpiresOn = new(2026, 6, 1) };

    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_a_hash()
    {
        await using var pms = await People.PlantAsync(engine);
        var anna = await AdminAsync(pms);
        var (key, token) = await pms.Get<ApiKeyService>().CreateAsync(anna, Reading);
        Assert.StartsWith(key.Prefix, token, StringComparison.Ordinal);
        Assert.Equal((ApiKeyState.Active, 12), (key.StateAt(pms.Clock.GetUtcNow()), key.Prefix.Length));
        var row = (await pms.Db.ListAsync<(string Hash, string Name)>("SELECT token_hash, name FROM api_keys")).Single();
        Assert.Equal((Token.Hash(token!), "ERP sync"), (row.Hash, row.Name));
        Assert.DoesNotContain(token![12..], string.Concat(await pms.Db.ListAsync<string>("SELECT changes FROM audit WHERE changes IS NOT NULL")), StringComparison.Ordinal);
        Assert.Equal(1, await pms.CountAuditAsync("api_key.create"));
    }

    [Fact]
    public async Task A_key_never_does_more_than_its_creator_may()
    {
        await using var pms = await People.PlantAsync(engine);
        var cutting = await pms.DepartmentAsync();
        var anna = await AdminAsync(pms);
        var service = pms.Get<ApiKeyService>();
        var (key, token) = await service.CreateAsync(anna, Reading with { Departments = [cutting] });
        var actor = (await service.CheckAsync(token!, "192.0.2.7")).Key!.ToActor(null, null, null);
        var rights = pms.Get<Rights>();
        Assert.True(rights.Allows(actor, Permissions.DepartmentsView, cutting));
        Assert.False(rights.Allows(actor, Permissions.DepartmentsView, cutting + 1));
        Assert.False(rights.Allows(actor, Permissions.DepartmentsView));
        Assert.False(rights.Allows(actor, Permissions.DepartmentsEdit, cutting));
        Assert.Equal([cutting], rights.DemandDepartments(actor, Permissions.DepartmentsView)!);
        await Assert.ThrowsAsync<ForbiddenException>(() => service.CreateAsync(actor, Reading));

        // What the creator loses, the key loses.
        var roles = await pms.Get<RoleService>().ListAsync(TestPms.System);
        await pms.UserAsync("other", SeededRole.Admin);
        var user = await pms.Get<UserService>().GetAsync(TestPms.System, anna.UserId!.Value);
        await pms.Get<UserService>().UpdateAsync(TestPms.System, new UpdateUser { Id = user.Id, Version = user.Version, DisplayName = user.DisplayName, RoleIds = [roles.Single(r => r.Code == SeededRole.Technician).Id] });
        await pms.Get<Rights>().LoadAsync();
        Assert.False(rights.Allows(actor, Permissions.DepartmentsView, cutting));
    }

    [Fact]
    public async Task Nobody_hands_out_what_they_lack_nor_administration()
    {
        await using var pms = await People.PlantAsync(engine);
        var anna = await AdminAsync(pms);
        var service = pms.Get<ApiKeyService>();
        foreach (var (request, field) in new (CreateApiKey, string)[]
        {
            (Reading with { Name = " " }, "Name"), (Reading with { Permissions = [] }, "Permissions"), (Reading with { Permissions = [Permissions.AdminUsers] }, "Permissions"), (Reading with { Permissions = ["x"] }, "Permissions"),
            (Reading with { Departments = [999] }, "Departments"), (Reading with { PerMinute = 0 }, "PerMinute"), (Reading with { ExpiresOn = new(2025, 12, 31) }, "ExpiresOn"), (Reading with { ExpiresOn = new(2030, 1, 1) }, "ExpiresOn"),
        })
            Assert.Equal(field, (await Assert.ThrowsAsync<InvalidException>(() => service.CreateAsync(anna, request))).Faults[0].Field);

        var roleId = await pms.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Key maker", Permissions = new Dictionary<string, Scope> { [Permissions.AdminApiKeys] = Scope.All, [Permissions.OrdersView] = Scope.All } });
        var issued = await pms.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "ben", DisplayName = "Ben", RoleIds = [roleId] }, People.Password);
        await pms.Get<Rights>().LoadAsync();
        var ben = new Actor { UserId = issued.UserId, Name = "Ben", Channel = Channel.Page };
        Assert.Equal([Permissions.OrdersView], service.Grantable(ben));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.CreateAsync(ben, Reading));
        await service.CreateAsync(ben, Reading with { Permissions = [Permissions.OrdersView] });
    }

    [Fact]
    public async Task Revoked_expired_and_orphaned_keys_stop_within_thirty_seconds()
    {
        await using var pms = await People.PlantAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        await other.Get<Rights>().LoadAsync();
        var anna = await AdminAsync(pms);
        await pms.UserAsync("other", SeededRole.Admin);
        var (key, token) = await pms.Get<ApiKeyService>().CreateAsync(anna, Reading);
        var (_, orphan) = await pms.Get<ApiKeyService>().CreateAsync(anna, Reading);
        foreach (var node in new[] { pms, other })
            Assert.NotNull((await node.Get<ApiKeyService>().CheckAsync(token!, null)).Key);
        Assert.Equal("api_key.unknown", (await pms.Get<ApiKeyService>().CheckAsync(token + "x", null)).WhyNot);

        await pms.Get<ApiKeyService>().RevokeAsync(anna, key.Id);
        Assert.Equal("api_key.revoked", (await pms.Get<ApiKeyService>().CheckAsync(token!, null)).WhyNot);
        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("api_key.revoked", (await other.Get<ApiKeyService>().CheckAsync(token!, null)).WhyNot);
        await pms.Get<ApiKeyService>().RestoreAsync(anna, key.Id);
        Assert.NotNull((await pms.Get<ApiKeyService>().CheckAsync(token!, null)).Key);
        await pms.Get<ApiKeyService>().RevokeAsync(anna, key.Id);
        pms.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("api_key.restore_too_late", (await Assert.ThrowsAsync<RuleException>(() => pms.Get<ApiKeyService>().RestoreAsync(anna, key.Id))).Code);

        await pms.Get<UserService>().DeactivateAsync(TestPms.System, anna.UserId!.Value);
        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("api_key.owner_disabled", (await other.Get<ApiKeyService>().CheckAsync(orphan!, null)).WhyNot);
    }

    [Fact]
    public async Task A_key_works_through_its_last_day_and_says_when_it_was_used()
    {
        await using var pms = await People.PlantAsync(engine);
        var anna = await AdminAsync(pms);
        var service = pms.Get<ApiKeyService>();
        var (key, token) = await service.CreateAsync(anna, Reading with { ExpiresOn = new(2026, 1, 5) });
        await service.CheckAsync(token!, "192.0.2.7");
        Assert.Equal((pms.Clock.GetUtcNow(), "192.0.2.7"), await service.GetAsync(anna, key.Id) is var read ? (read.LastUsedAt!.Value, read.LastIp) : default);
        pms.Clock.Advance(key.ExpiresAt - pms.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.NotNull((await service.CheckAsync(token!, null)).Key);
        pms.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("api_key.expired", (await service.CheckAsync(token!, null)).WhyNot);
    }

    private static async Task<Actor> AdminAsync(TestPms pms)
    {
        var id = await pms.UserAsync("anna", SeededRole.Admin);
        await pms.Get<Rights>().LoadAsync();
        return new Actor { UserId = id, Name = "Anna", Channel = Channel.Page };
    }
}

public sealed class ApiKeyTests_on_SQLite() : ApiKeyTests(Engine.Sqlite);

public sealed class ApiKeyTests_on_MariaDB() : ApiKeyTests(Engine.MySql);

/// <summary>API keys as a program meets them.</summary>
public sealed class ApiKeyWebTests
{
    [Fact]
    public async Task A_program_reads_and_writes_with_its_key_within_its_scopes_and_no_further()
    {
        await using var app = await WebApp.StartAsync();
        var user = await app.UserAsync("nomsa");
        var nomsa = new Actor { UserId = user, Name = "Nomsa Dube", Channel = Channel.Page };
        var today = app.Get<PlantClock>().Today;
        var (key, token) = await app.Get<ApiKeyService>().CreateAsync(nomsa, new CreateApiKey { Name = "ERP", Permissions = [Permissions.DepartmentsView, Permissions.DepartmentsEdit], ExpiresOn = today.AddDays(30) });
        using var http = app.Client();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        var me = await http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/auth/me", UriKind.Relative));
        Assert.Equal((user, key.Id), (me.GetProperty("userId").GetInt64(), me.GetProperty("apiKeyId").GetInt64()));
        Assert.Equal(["departments.edit", "departments.view"], me.GetProperty("permissions").EnumerateObject().Select(p => p.Name));
        using var made = await http.PostAsJsonAsync(new Uri("/api/v1/departments", UriKind.Relative), new { code = "EMB", name = "Embroidery" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("Nomsa Dube · ERP", (await app.Get<Pms.Core.Data.Db>().ListAsync<string>("SELECT actor FROM audit WHERE action = 'department.create'")).Single());
        Assert.Equal("forbidden", await CodeAsync("/api/v1/orders", HttpStatusCode.Forbidden));
        using var logout = await http.PostAsync(new Uri("/api/v1/auth/logout", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Conflict, logout.StatusCode);
        using var page = await http.GetAsync(new Uri("/admin/departments", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);

        await app.Get<ApiKeyService>().RevokeAsync(nomsa, key.Id);
        Assert.Equal("api_key.revoked", await CodeAsync("/api/v1/departments", HttpStatusCode.Unauthorized));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "pms_guess");
        Assert.Equal("api_key.unknown", await CodeAsync("/api/v1/departments", HttpStatusCode.Unauthorized));

        async Task<string?> CodeAsync(string path, HttpStatusCode status)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(status, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
        }
    }
}
