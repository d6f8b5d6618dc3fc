using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Orders;
using Pms.Tests.Identity;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>
/// Nothing changes by being asked for, and what changes something needs a form of ours or a bearer token. Asked of every endpoint that the
/// program maps, found as it maps them, by somebody who may do everything.
/// </summary>
public sealed partial class SafeMethodsTests
{
    /// <summary>What is written beside a request, whatever it asks for: the log of exports with its seals, when a session was seen last, and the clockwork.</summary>
    private static readonly string[] Beside = ["audit", "audit_seals", "sessions", "outbox", "leases", "data_protection_keys"];

    /// <summary>They carry their credentials in the body; the live connection changes nothing by being opened, and is refused to other sites.</summary>
    private static readonly string[] ByThemselves = ["/api/v1/auth/login", "/api/v1/auth/refresh"];

    [Fact]
    public async Task Nothing_changes_by_GET_and_no_command_is_taken_without_a_form_of_ours_or_a_bearer_token()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = "SO-1", CustomerId = plant.Customer.Id, DueOn = app.Get<PlantClock>().Today.AddDays(30) }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 100 }]));
        await app.UserAsync("nomsa");
        using var page = app.Client();
        (await WebRulesTests.LoginAsync(page, "nomsa", "/")).Dispose();
        using var api = await app.ApiAsync("nomsa");
        var db = app.Get<Db>();
        await Eventually.TrueAsync(async () => await db.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE done_at IS NULL") == 0);
        var before = await ReadAsync(db);
        var logged = await db.ScalarAsync<long>("SELECT COALESCE(MAX(id), 0) FROM audit");

        var endpoints = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(e => (Path: PathOf(e), Methods: e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(e => !e.Path.StartsWith("/_", StringComparison.Ordinal) && e.Path != "/error").ToList();
        Assert.True(endpoints.Count > 150);
        var (asked, refused, wrong) = (0, 0, new List<string>());
        foreach (var (path, methods) in endpoints.Distinct())
        {
            var isApi = path.StartsWith("/api/v1/", StringComparison.Ordinal);
            foreach (var method in methods.Where(m => m is "GET" or "HEAD"))
            {
                using var answer = await SendAsync(isApi ? api : page, method, path);
                asked++;
                if (answer.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
                    wrong.Add($"{method} {path}: {answer.StatusCode}");
            }
            foreach (var method in methods.Where(m => m is not ("GET" or "HEAD" or "OPTIONS") && !ByThemselves.Contains(path)))
            {
                // The browser sends its cookie along with whatever another site makes it send; it has no token of ours to send. A board that isn't there answers nobody.
                using var answer = await SendAsync(page, method, path);
                refused++;
                if (answer.StatusCode != (isApi ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest) && !(path == "/board/1" && answer.StatusCode == HttpStatusCode.NotFound))
                    wrong.Add($"{method} {path}: {answer.StatusCode}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(asked > 100 && refused > 80, $"{asked} {refused}");

        var after = await ReadAsync(db);
        Assert.All(after, table => Assert.True(before[table.Key] == table.Value, $"{table.Key} has changed"));
        Assert.All(await db.ListAsync<string>("SELECT DISTINCT action FROM audit WHERE id > @logged", new { logged }), action => Assert.StartsWith("export.", action, StringComparison.Ordinal));
    }

    /// <summary>The content of every table that people fill.</summary>
    private static async Task<Dictionary<string, string>> ReadAsync(Db db)
    {
        var tables = await db.ListAsync<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        var read = new Dictionary<string, string>();
        foreach (var table in tables.Except(Beside))
            read[table] = JsonSerializer.Serialize((await db.ListAsync<dynamic>("SELECT * FROM " + table)).Select(row => (IDictionary<string, object?>)row));
        return read;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is not ("GET" or "HEAD"))
            request.Content = path.StartsWith("/api/", StringComparison.Ordinal) ? new StringContent("{}", null, "application/json") : new FormUrlEncodedContent([new("theme", "dark"), new("name", "Line 1")]);
        return await http.SendAsync(request);
    }

    /// <summary>The route with a value wherever it wants one.</summary>
    private static string PathOf(RouteEndpoint endpoint) => "/" + Parameter().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), m => m.Value switch
    {
        var p when p.Contains("format", StringComparison.Ordinal) => "csv",
        var p when p.StartsWith("{list", StringComparison.Ordinal) => "machines",
        var p when p.StartsWith("{entity", StringComparison.OrdinalIgnoreCase) => "employee",
        var p when p.StartsWith("{stream", StringComparison.Ordinal) => "work",
        var p when p.StartsWith("{number", StringComparison.Ordinal) => "M-01",
        _ => "1",
    });

    [GeneratedRegex(@"\{(?:[^{}]|\{[^{}]*\})*\}")]
    private static partial Regex Parameter();
}
