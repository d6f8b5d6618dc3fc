using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Pms.Core.Departments;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Shared;

/// <summary>The OpenAPI document says what the endpoints do: every one is in it, each answers only refusals it lists, and answers look like their types.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public async Task Every_endpoint_is_documented_and_every_documented_call_is_an_endpoint()
    {
        await using var app = await WebApp.StartAsync();
        var document = await DocumentAsync(app);
        var served = app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText?.StartsWith("/api/v1/", StringComparison.Ordinal) == true)
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} /{string.Join('/', e.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p is Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter ? "{" + parameter.Name + "}" : ((Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart)p).Content))))}"));
        Assert.Equal(served.Order(StringComparer.Ordinal), Calls(document).Select(c => $"{c.Method} {c.Path}").Order(StringComparer.Ordinal));
        Assert.All(document["tags"]!.AsArray(), t => Assert.False(((string?)t!["description"])?.StartsWith("Tag_", StringComparison.Ordinal) ?? true, (string?)t["name"]));
        Assert.All(Calls(document), c =>
        {
            Assert.False(string.IsNullOrEmpty((string?)c.Operation["summary"]), c.Path);
            Assert.All(c.Operation["responses"]!.AsObject().Where(r => r.Key[0] is '4' or '5').SelectMany(r => r.Value!["x-codes"]!.AsObject()), code => Assert.NotEqual(code.Key, (string?)code.Value));   // a code without words
        });
    }

    [Fact]
    public async Task Every_field_and_parameter_says_what_it_is()
    {
        await using var app = await WebApp.StartAsync();
        var document = await DocumentAsync(app);
        var silent = document["components"]!["schemas"]!.AsObject().SelectMany(s => (s.Value!["properties"]?.AsObject() ?? []).Where(f => string.IsNullOrWhiteSpace((string?)f.Value!["description"])).Select(f => $"{s.Key}.{f.Key}"))
            .Concat(Calls(document).SelectMany(c => (c.Operation["parameters"]?.AsArray() ?? []).Where(p => string.IsNullOrWhiteSpace((string?)p!["description"])).Select(p => $"{c.Method} {c.Path} {p!["name"]}"))).ToList();
        Assert.True(silent.Count == 0, "Say it at the record, or give the name words in ApiFieldTexts.resx:\n" + string.Join('\n', silent));
    }

    [Fact]
    public async Task Each_call_answers_bad_input_with_a_refusal_it_documents_and_good_reads_with_its_type()
    {
        await using var app = await WebApp.StartAsync();
        await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        using var http = await app.ApiAsync("nomsa");
        using var nobody = app.Client();
        var document = await DocumentAsync(app);
        var wrong = new List<string>();
        foreach (var (method, path, operation) in Calls(document).Where(c => !c.Path.StartsWith("/api/v1/auth/log", StringComparison.Ordinal)))
        {
            var address = path.Replace("{entity}", "machines", StringComparison.Ordinal);
            foreach (var (id, query, body, match) in new[] { ("987654", "", "{}", (string?)null), ("987654", "?limit=-1&sort=nope&fields=nope&department=x", "[1]", "\"7\""), ("x", "", "{", "\"7\""), ("1", "", "{\"kind\":\"Purple\"}", "\"99\""), ("1", "", "null", "*") })
            {
                if (method == "DELETE" && match == "*")
                    continue;
                var target = System.Text.RegularExpressions.Regex.Replace(address, @"\{\w+\}", id) + query;
                await TryAsync(http, target, body, match);
            }
            if (operation["security"] is JsonArray { Count: > 0 })
                await TryAsync(nobody, System.Text.RegularExpressions.Regex.Replace(address, @"\{\w+\}", "1"), "{}", null);

            async Task TryAsync(HttpClient client, string target, string body, string? match)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), target);
                if (method is "POST" or "PUT" or "PATCH")
                    request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                if (match is not null)
                    request.Headers.TryAddWithoutValidation("If-Match", match);
                using var answer = await client.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
                var said = operation["responses"]![status];
                var json = text.StartsWith('{') || text.StartsWith('[') ? JsonNode.Parse(text) : null;
                if (said is null)
                    wrong.Add($"{method} {target} {body}: {status} is not documented: {text}");
                else if (status[0] != '2' && said["x-codes"]?[(string?)json?["code"] ?? ""] is null)
                    wrong.Add($"{method} {target} {body}: {status} {(string?)json?["code"]} is not documented");
                else if (json is not null && said["content"]?.AsObject().FirstOrDefault().Value?["schema"] is { } schema && Mismatch(document, schema, json, "$") is { } mismatch)
                    wrong.Add($"{method} {target}: {status} doesn't look like its type at {mismatch}");
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join('\n', wrong.Take(40))}");
    }

    /// <summary>Where a value isn't what its schema says: types, nulls, unknown or missing fields; null where all is well.</summary>
    private static string? Mismatch(JsonObject document, JsonNode schema, JsonNode? value, string at)
    {
        if ((string?)schema["$ref"] is { } reference)
            return Mismatch(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!, value, at);
        if (schema["oneOf"] is JsonArray some)
            return some.Any(s => Mismatch(document, s!, value, at) is null) ? null : at + " (none of its types)";
        var types = schema["type"] switch { JsonArray many => many.Select(t => (string)t!).ToArray(), JsonValue one => [(string)one!], _ => [] };
        var kind = value?.GetValueKind() switch
        {
            null or JsonValueKind.Null => "null", JsonValueKind.String => "string", JsonValueKind.True or JsonValueKind.False => "boolean", JsonValueKind.Array => "array", JsonValueKind.Object => "object", _ => "number",
        };
        if (types.Length > 0 && !types.Contains(kind) && !(kind == "number" && types.Contains("integer")))
            return $"{at}: {kind} instead of {string.Join('|', types)}";
        if (schema["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            return $"{at}: {value} is none of its values";
        if (value is JsonArray items && schema["items"] is { } item)
            return items.Select((v, i) => Mismatch(document, item, v, $"{at}[{i}]")).FirstOrDefault(m => m is not null);
        if (value is not JsonObject fields)
            return null;
        if (schema["properties"] is JsonObject known)
            return fields.FirstOrDefault(f => !known.ContainsKey(f.Key)) is { Key: { } extra } ? $"{at}.{extra} is not documented"
                : fields.Select(f => Mismatch(document, known[f.Key]!, f.Value, $"{at}.{f.Key}")).FirstOrDefault(m => m is not null);
        return schema["additionalProperties"] is JsonObject values ? fields.Select(f => Mismatch(document, values, f.Value, $"{at}.{f.Key}")).FirstOrDefault(m => m is not null) : null;
    }

    private static IEnumerable<(string Method, string Path, JsonObject Operation)> Calls(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => (o.Key.ToUpperInvariant(), p.Key, o.Value!.AsObject())));

    private static async Task<JsonObject> DocumentAsync(WebApp app)
    {
        using var http = app.Client();
        return (JsonObject)JsonNode.Parse(await http.GetStringAsync(new Uri("/api/openapi.json", UriKind.Relative)))!;
    }
}
