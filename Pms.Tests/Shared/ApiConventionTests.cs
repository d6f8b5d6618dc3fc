using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Tests.Support;
using Pms.Web.Shared.Api;

namespace Pms.Tests.Shared;

/// <summary>What every noun of /api/v1 keeps, seen from outside.</summary>
public sealed class ApiConventionTests
{
    [Fact]
    public async Task A_list_is_paged_by_links_picked_by_fields_and_refuses_what_it_does_not_know()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        for (var i = 0; i < 5; i++)
            await app.Get<DepartmentService>().SaveAsync(TestPms.System, new Department { Code = $"D{i}", Name = $"Hall {i}" });
        using var api = await app.ApiAsync("nomsa");
        var (codes, path) = (new List<string?>(), "/api/v1/departments?sort=-code&limit=2&fields=id,code");
        for (var pages = 0; path is not null && pages < 9; pages++)
        {
            using var answer = await api.GetAsync(new Uri(path, UriKind.Relative));
            var list = await BodyAsync(answer, HttpStatusCode.OK);
            Assert.All(list.GetProperty("items").EnumerateArray(), d => Assert.Equal(["id", "code"], d.EnumerateObject().Select(p => p.Name)));
            codes.AddRange(list.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("code").GetString()));
            path = answer.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0][1..] : null;
            Assert.Equal(path is null, list.GetProperty("next").ValueKind == JsonValueKind.Null);
        }
        Assert.Equal(["D4", "D3", "D2", "D1", "D0"], codes);

        foreach (var (query, field, code, known) in new (string, string, string, string?)[]
        {
            ("limit=-1", "limit", "between", null), ("limit=1000000000", "limit", "between", null), ("limit=99999999999999", "limit", "between", null), ("limit=x", "limit", "between", null),
            ("cursor=nonsense", "cursor", "bad_cursor", null), ("sort=colour", "sort", "unknown_sort", "code"), ("colour=red", "colour", "unknown_filter", "kind"), ("page=2", "page", "unknown_filter", "kind"),
            ("kind=Purple", "kind", "not_valid", null), ("fields=code,nope", "fields", "unknown_field", "code"),
        })
        {
            using var answer = await api.GetAsync(new Uri("/api/v1/departments?" + query, UriKind.Relative));
            var problem = await BodyAsync(answer, HttpStatusCode.BadRequest);
            var fault = problem.GetProperty("faults")[0];
            Assert.Equal(("invalid", field, code), (problem.GetProperty("code").GetString(), fault.GetProperty("field").GetString(), fault.GetProperty("code").GetString()));
            if (known is not null)
                Assert.Contains(known, fault.GetProperty("known").EnumerateArray().Select(k => k.GetString()));
        }
    }

    [Fact]
    public async Task Bodies_are_json_of_one_megabyte_and_a_bad_value_is_named_by_its_place()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        foreach (var (body, type, status, code, field) in new (string, string, HttpStatusCode, string, string?)[]
        {
            ("{", "application/json", HttpStatusCode.BadRequest, "invalid", "body"), ("null", "application/json", HttpStatusCode.BadRequest, "invalid", "body"), ("", "application/json", HttpStatusCode.BadRequest, "invalid", "body"),
            ("""{"kind":"Purple"}""", "application/json", HttpStatusCode.BadRequest, "invalid", "kind"), ("""{"position":"x"}""", "application/json", HttpStatusCode.BadRequest, "invalid", "position"),
            ("a=b", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "not_json", null),
            ("{\"name\":\"" + new string('x', 1_100_000) + "\"}", "application/json", HttpStatusCode.RequestEntityTooLarge, "too_big", null),
        })
        {
            using var content = new StringContent(body, Encoding.UTF8, type);
            using var answer = await api.PostAsync(new Uri("/api/v1/departments", UriKind.Relative), content);
            var problem = await BodyAsync(answer, status);
            Assert.Equal(code, problem.GetProperty("code").GetString());
            if (field is not null)
                Assert.Equal(field, problem.GetProperty("faults")[0].GetProperty("field").GetString());
        }
        using var nowhere = await api.GetAsync(new Uri("/api/v1/nowhere", UriKind.Relative));
        Assert.Equal("no_such_address", (await BodyAsync(nowhere, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        using var wrong = await api.DeleteAsync(new Uri("/api/v1/departments", UriKind.Relative));
        Assert.Equal("wrong_method", (await BodyAsync(wrong, HttpStatusCode.MethodNotAllowed)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_command_under_a_key_happens_once_and_a_key_is_of_one_body()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        var twins = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostAsync("EMB", "k-1")));
        Assert.All(twins, t => Assert.Equal(HttpStatusCode.Created, t.Status));
        Assert.Single(twins.Select(t => t.Body.GetProperty("id").GetInt64()).Distinct());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "key_reused"), await CodeAsync("PRT", "k-1"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), await CodeAsync("PRT", new string('k', 101)));

        async Task<(HttpStatusCode, string?)> CodeAsync(string code, string key) => await PostAsync(code, key) is var (status, body) ? (status, body.GetProperty("code").GetString()) : default;

        async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string code, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/departments") { Content = JsonContent.Create(new { code, name = code }) };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await api.SendAsync(request);
            return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
        }
    }

    [Fact]
    public async Task A_deprecated_endpoint_says_so_in_every_answer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseRouting();
        app.Use(next => http =>
        {
            ApiDeprecation.Announce(http);
            return next(http);
        });
        app.MapGet("/old", () => TypedResults.NotFound()).Deprecate(DateTimeOffset.UnixEpoch.AddDays(20_000), DateTimeOffset.UnixEpoch.AddDays(20_365), "/api/docs#new");
        app.MapGet("/new", () => TypedResults.NoContent());
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var old = await http.GetAsync(new Uri("/old", UriKind.Relative));
        Assert.Equal("@1728000000", old.Headers.GetValues("Deprecation").Single());
        Assert.Equal("Sat, 04 Oct 2025 00:00:00 GMT", old.Headers.GetValues("Sunset").Single());
        Assert.Contains("rel=\"deprecation\"", old.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        using var fresh = await http.GetAsync(new Uri("/new", UriKind.Relative));
        Assert.False(fresh.Headers.Contains("Deprecation"));
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
