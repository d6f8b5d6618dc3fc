using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>Every endpoint that the program maps: closed to strangers and to who lacks the right, and never an unexpected answer whatever is sent.</summary>
public sealed class ApiSurfaceTests
{
    private const string Here = "@@here@@";

    /// <summary>Endpoints that anybody who is signed in may ask: about themselves, names that every picker needs, and what a file may hold.</summary>
    private static readonly string[] ForEverybody = ["Logout", "GetMe", "ListStages", "GetStage", "ListImportFields", "ListTimesToConfirm"];

    /// <summary>Endpoints that answer "not there" for what may not be seen.</summary>
    private static readonly string[] AsIfNotThere = ["ListFiles", "GetFile"];

    /// <summary>As JSON text; each takes the place of every value of every body in turn.</summary>
    private static readonly string[] Bad =
    [
        "null", "[]", "[null]", "{}", "[[[[null]]]]", "true", "-1", "0", "1e300", "1e400", "0.12345678901234567890", "9223372036854775808", "999999999999", "\"\"", "\"x\\u0000y\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"",
        "\"\\u202e\\u0301\"", "\"\\\"><img src=x onerror=1>\"", "\"9999-12-31\"", "\"0001-01-01T00:00:00Z\"", "\"" + new string('w', 10_000) + "\"",
    ];

    private static readonly string[] BadTexts = ["-1", "0", "9223372036854775807", "99999999999999999999", "x%00y", "%F0%9F%98%80", "%ED%A0%80", "%25", "'", "null", "2026-99-99", "1e9"];

    [Fact]
    public async Task Nothing_answers_without_a_token_and_nothing_to_who_lacks_the_right()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await new MatrixPlant(app.Get<Db>(), TestPms.Start).MakeAsync(app.Get<Rights>(), app.Get<Calendars>());
        var role = await app.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Nothing" });
        await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "nobody", DisplayName = "Nobody", RoleIds = [role], EmployeeId = plant.Own.Employee }, Visitors.Password);
        using HttpClient stranger = app.Client(), nobody = await app.ApiAsync("nobody");
        var wrong = new List<string>();
        var endpoints = ApiEndpoint.Of(app);
        Assert.True(endpoints.Count > 40, $"{endpoints.Count} endpoints");
        foreach (var endpoint in endpoints.Where(e => !e.Open).OrderBy(e => e.Name == "Logout"))
        {
            var body = endpoint.SampleBody?.ToJsonString();
            using var without = await stranger.SendAsync(endpoint.Request(endpoint.Path(), body));
            if (without.StatusCode != HttpStatusCode.Unauthorized)
                wrong.Add($"{endpoint.Name} without a token: {(int)without.StatusCode}");
            using var lacking = await nobody.SendAsync(endpoint.Request(endpoint.Path(), body));
            // What is not even well formed is told first; it tells nothing of the plant.
            if (lacking.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.BadRequest) && !ForEverybody.Contains(endpoint.Name)
                && !(lacking.StatusCode == HttpStatusCode.NotFound && AsIfNotThere.Contains(endpoint.Name)))
                wrong.Add($"{endpoint.Name} without the right: {(int)lacking.StatusCode} {await lacking.Content.ReadAsStringAsync()}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Whatever_is_sent_gets_an_answer_that_was_meant()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await new MatrixPlant(app.Get<Db>(), TestPms.Start).MakeAsync(app.Get<Rights>(), app.Get<Calendars>());
        await app.UserAsync("chief", employeeId: plant.Own.Employee);
        using var http = await app.ApiAsync("chief");
        var requests = ApiEndpoint.Of(app).Where(e => e.Name != "Logout").SelectMany(Variants).Distinct().ToList();
        var (wrong, sent) = (new ConcurrentBag<string>(), 0);
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (r, ct) =>
        {
            using var request = r.Endpoint.Request(r.Path, r.Body);
            if (r.Key is not null)
                request.Headers.TryAddWithoutValidation("Idempotency-Key", r.Key);
            using var answer = await http.SendAsync(request, ct);
            Interlocked.Increment(ref sent);
            var text = await answer.Content.ReadAsStringAsync(ct);
            if ((int)answer.StatusCode >= 500)
                wrong.Add($"{(int)answer.StatusCode} {r.Endpoint.Method} {r.Path} {Short(r.Body)}: {Short(text)}");
            else if ((int)answer.StatusCode >= 400 && text.Length > 0 && !text.Contains("\"code\"", StringComparison.Ordinal))
                wrong.Add($"no code: {(int)answer.StatusCode} {r.Endpoint.Method} {r.Path} {Short(r.Body)}: {Short(text)}");
        });
        if (!wrong.IsEmpty)
            app.ExpectErrors();
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {sent}:\n{string.Join('\n', wrong.Order(StringComparer.Ordinal).Take(60))}\n{app.Errors.FirstOrDefault()}");
    }

    private static IEnumerable<(ApiEndpoint Endpoint, string Path, string? Body, string? Key)> Variants(ApiEndpoint endpoint)
    {
        var (path, sample) = (endpoint.Path(), endpoint.SampleBody);
        yield return (endpoint, path, sample?.ToJsonString(), null);
        foreach (var key in new[] { "", " ", "k", new string('k', 200), "k'--" })
            yield return (endpoint, path, sample?.ToJsonString(), key);
        foreach (var text in BadTexts)
        {
            if (endpoint.Pattern.Contains('{', StringComparison.Ordinal))
                yield return (endpoint, endpoint.Path(text), sample?.ToJsonString(), null);
            // Known to a list or to nobody; a name that is not asked for is not looked at.
            foreach (var name in endpoint.Query.Select(q => q.Name!).Concat(["search", "sort", "page", "size"]).Distinct())
                if (endpoint.Method == HttpMethod.Get || endpoint.Query.Any(q => q.Name == name))
                    yield return (endpoint, $"{path.Split('?')[0]}?{name}={text}", sample?.ToJsonString(), null);
        }
        if (sample is null)
            yield break;
        foreach (var bad in Bad.Append("not json").Append("").Append("{\"a\":" + new string('[', 100) + new string(']', 100) + "}"))
            yield return (endpoint, path, bad, null);
        foreach (var marked in Marked(sample))
            foreach (var bad in Bad)
                yield return (endpoint, path, marked.Replace($"\"{Here}\"", bad, StringComparison.Ordinal), null);
    }

    /// <summary>The body once for each value in it, with that value marked.</summary>
    private static IEnumerable<string> Marked(JsonNode sample)
    {
        var paths = new List<string>();
        Walk(sample, paths);
        foreach (var at in paths)
        {
            var copy = sample.DeepClone();
            var steps = at.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var parent = steps[..^1].Aggregate(copy, (node, step) => node is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
            if (parent is JsonArray array)
                array[int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture)] = Here;
            else
                parent[steps[^1]] = Here;
            yield return copy.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        }

        static void Walk(JsonNode? node, List<string> paths, string at = "")
        {
            if (at.Length > 0)
                paths.Add(at);
            if (node is JsonObject made)
                foreach (var (name, value) in made)
                    Walk(value, paths, $"{at}/{name}");
            else if (node is JsonArray { Count: > 0 } list)
                Walk(list[0], paths, $"{at}/0");
        }
    }

    private static string Short(string? text) => text is null ? "" : text.Length > 300 ? text[..300] + "…" : text;
}
