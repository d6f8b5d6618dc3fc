using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;

namespace Pms.Tests.Identity;

/// <summary>Roles, field rules and API keys from outside: on the version read, once per key, and a key's secret in one answer only.</summary>
public sealed class RolesApiTests
{
    [Fact]
    public async Task A_role_is_made_changed_cloned_and_ruled_by_the_version_it_was_read_in()
    {
        await using var app = await WebApp.StartAsync();
        var nomsa = await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        var body = new { name = "Clerk", permissions = new Dictionary<string, string> { ["orders.view"] = "All", ["jobs.view"] = "Own" } };
        var made = await SendAsync(api, HttpMethod.Post, "roles", body, key: "r1");
        Assert.Equal((HttpStatusCode.Created, "All", "\"1\""), (made.Status, made.Body.GetProperty("permissions").GetProperty("orders.view").GetString(), made.ETag));
        var (id, twin) = (made.Body.GetProperty("id").GetInt64(), await SendAsync(api, HttpMethod.Post, "roles", body, key: "r1"));
        Assert.Equal(id, twin.Body.GetProperty("id").GetInt64());
        Assert.Equal("name_taken", (await SendAsync(api, HttpMethod.Post, "roles", body)).Fault);

        Assert.Equal("if_match_needed", (await SendAsync(api, HttpMethod.Put, $"roles/{id}", body)).Code);
        var rules = $"roles/{id}/field-permissions/order";
        var ruled = await SendAsync(api, HttpMethod.Put, rules, new { rules = new Dictionary<string, object> { ["Value"] = new { access = "Hidden" }, ["Notes"] = new { access = "ReadOnly", when = new { name = "Status", value = "Completed" } } } }, "\"1\"");
        Assert.Equal((HttpStatusCode.OK, "Completed", "\"2\""), (ruled.Status, ruled.Body.GetProperty("rules").GetProperty("Notes").GetProperty("when").GetProperty("value").GetString(), ruled.ETag));
        var late = await SendAsync(api, HttpMethod.Put, $"roles/{id}", body, "\"1\"");
        Assert.Equal((HttpStatusCode.PreconditionFailed, "version_stale", "\"2\""), (late.Status, late.Code, late.ETag));
        Assert.Equal("field.names_record", (await SendAsync(api, HttpMethod.Put, rules, new { rules = new Dictionary<string, object> { ["Number"] = new { access = "Hidden" } } }, "\"2\"")).Fault);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(api, HttpMethod.Get, $"roles/{id}/field-permissions/nothing")).Status);

        var clone = await SendAsync(api, HttpMethod.Post, $"roles/{id}/clone", new { name = "Night clerk" });
        var copied = await SendAsync(api, HttpMethod.Get, $"roles/{clone.Body.GetProperty("id").GetInt64()}/field-permissions/order");
        Assert.Equal(ruled.Body.GetProperty("rules").ToString(), copied.Body.GetProperty("rules").ToString());
        await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "eva", DisplayName = "Eva Dube", RoleIds = [id] });
        Assert.Equal("Eva Dube", (await SendAsync(api, HttpMethod.Get, $"roles/{id}/holders")).Body.GetProperty("items")[0].GetProperty("displayName").GetString());
        var admin = (await app.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.IsAdmin).Id;
        Assert.Equal("role.admin_fixed", (await SendAsync(api, HttpMethod.Put, $"roles/{admin}", body, "*")).Code);
        var entities = await SendAsync(api, HttpMethod.Get, "field-permissions");
        Assert.Contains("customer", entities.Body.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        Assert.True(nomsa > 0);
    }

    [Fact]
    public async Task A_key_is_made_once_and_told_once()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        var body = new { name = "ERP", permissions = new[] { Permissions.OrdersView }, expiresOn = app.Get<PlantClock>().Today.AddDays(3) };
        var twins = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(api, HttpMethod.Post, "api-keys", body, key: "k1")));
        Assert.All(twins, t => Assert.Equal((HttpStatusCode.Created, true), (t.Status, t.NoStore)));
        Assert.Single(twins.Select(t => t.Body.GetProperty("id").GetInt64()).Distinct());
        var secret = Assert.Single(twins.Select(t => t.Body.GetProperty("secret").GetString()).OfType<string>());
        Assert.Equal(("key_reused", 1), ((await SendAsync(api, HttpMethod.Post, "api-keys", new { body.name, permissions = new[] { Permissions.JobsView }, body.expiresOn }, key: "k1")).Code, (await SendAsync(api, HttpMethod.Get, "api-keys")).Body.GetProperty("total").GetInt32()));
        Assert.Equal(0, await app.Get<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM idempotency WHERE result LIKE '%pms_%'"));

        using var program = app.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(program, HttpMethod.Get, "orders")).Status);
        Assert.Equal("forbidden", (await SendAsync(program, HttpMethod.Post, "api-keys", body)).Code);   // a key makes no keys
        var address = $"api-keys/{twins[0].Body.GetProperty("id").GetInt64()}";
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(api, HttpMethod.Delete, address)).Status);
        var read = (await SendAsync(api, HttpMethod.Get, address)).Body;
        Assert.Equal(("Revoked", JsonValueKind.Null), (read.GetProperty("state").GetString(), read.GetProperty("secret").ValueKind));
        Assert.Equal("api_key.revoked", (await SendAsync(program, HttpMethod.Get, "orders")).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(api, HttpMethod.Post, address + "/restore")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(program, HttpMethod.Get, "orders")).Status);
    }

    private sealed record Answer(HttpStatusCode Status, JsonElement Body, string? ETag, bool NoStore)
    {
        public string? Code => Body.GetProperty("code").GetString();
        public string? Fault => Body.GetProperty("faults")[0].GetProperty("code").GetString();
    }

    private static async Task<Answer> SendAsync(HttpClient api, HttpMethod method, string path, object? body = null, string? version = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        if (version is not null)
            request.Headers.TryAddWithoutValidation("If-Match", version);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new(answer.StatusCode, text.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(text) : default, answer.Headers.ETag?.Tag, answer.Headers.CacheControl?.NoStore == true);
    }
}
