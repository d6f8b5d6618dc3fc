using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Encodings.Web;

namespace Pms.Web.Shared.Api.Docs;

/// <summary>The OpenAPI document as the documentation page shows it; it knows nothing that the document doesn't say.</summary>
public sealed class ApiReading
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One group of calls, by noun.</summary>
    public sealed record Noun(string Name, string? Description, IReadOnlyList<Call> Calls);

    /// <summary>One call: everything a program must know to make it.</summary>
    public sealed record Call(string Id, string Method, string Path, string Summary, string? Description, bool Anonymous, bool Deprecated, IReadOnlyList<Parameter> Parameters, string? Body, string? BodyType, string? Answer,
        string Status, IReadOnlyList<Refused> Refusals);

    public sealed record Parameter(string Name, string In, bool Required, string? Description, IReadOnlyList<string> Values);

    /// <summary>The codes that one status may carry, with what they mean.</summary>
    public sealed record Refused(string Status, IReadOnlyList<(string Code, string Meaning)> Codes);

    /// <summary>One shape of JSON.</summary>
    public sealed record Shape(string Name, IReadOnlyList<(string Name, string Type, string? Link, string? Description)> Fields, IReadOnlyList<string> Values);

    public IReadOnlyList<Noun> Nouns { get; }

    public IReadOnlyList<Shape> Shapes { get; }

    public ApiReading(JsonObject document)
    {
        var described = document["tags"]?.AsArray().ToDictionary(t => (string)t!["name"]!, t => (string?)t!["description"]) ?? [];
        Nouns = [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => (Path: p.Key, Method: o.Key, Operation: o.Value!.AsObject())))
            .GroupBy(o => (string)o.Operation["tags"]![0]!).Select(g => new Noun(g.Key, described.GetValueOrDefault(g.Key), [.. g.Select(o => Read(o.Path, o.Method, o.Operation))]))
            .OrderBy(n => n.Name == "auth" ? "" : n.Name, StringComparer.Ordinal)];
        Shapes = [.. (document["components"]?["schemas"]?.AsObject() ?? []).Select(s => new Shape(s.Key,
            [.. (s.Value!["properties"]?.AsObject() ?? []).Select(f => (f.Key, TypeOf(f.Value), LinkOf(f.Value), (string?)f.Value?["description"]))], [.. (s.Value["enum"]?.AsArray() ?? []).Select(v => v?.ToString() ?? "null")])).OrderBy(s => s.Name, StringComparer.Ordinal)];
    }

    /// <summary>The call as one types it; what must be put in stands in capitals.</summary>
    public static string Curl(Call call, string site)
    {
        var path = call.Parameters.Where(p => p.In == "path").Aggregate(call.Path, (at, p) => at.Replace("{" + p.Name + "}", "1", StringComparison.Ordinal));
        var lines = new List<string> { $"curl {(call.Method == "GET" ? "" : $"-X {call.Method} ")}\"{site.TrimEnd('/')}{path}\"" };
        if (!call.Anonymous)
            lines.Add("-H \"Authorization: Bearer $PMS_KEY\"");
        if (call.Parameters.Any(p => p.Name == "If-Match"))
            lines.Add("-H 'If-Match: \"1\"'");
        if (call.Parameters.Any(p => p.Name == Identity.PmsClaims.KeyHeader))
            lines.Add($"-H \"{Identity.PmsClaims.KeyHeader}: $(uuidgen)\"");
        if (call.Body is not null)
            lines.AddRange(["-H \"Content-Type: application/json\"", $"-d '{call.Body.Replace("'", "'\\''", StringComparison.Ordinal)}'"]);
        return string.Join(" \\\n  ", lines);
    }

    private static Call Read(string path, string method, JsonObject o)
    {
        var body = o["requestBody"]?["content"]?[ApiBodies.Json];
        var responses = o["responses"]!.AsObject();
        var good = responses.First(r => r.Key.StartsWith('2'));
        var answer = good.Value!["content"]?[ApiBodies.Json]?["schema"];
        return new Call((string)o["operationId"]!, method.ToUpperInvariant(), path, (string?)o["summary"] ?? "", (string?)o["description"], o["security"] is null or JsonArray { Count: 0 }, (bool?)o["deprecated"] == true,
            [.. (o["parameters"]?.AsArray() ?? []).Select(p => new Parameter((string)p!["name"]!, (string)p["in"]!, (bool?)p["required"] == true, (string?)p["description"], [.. (p["schema"]?["enum"]?.AsArray() ?? []).Select(v => (string)v!)]))],
            body is null ? null : (body["example"] ?? new JsonObject()).ToJsonString(Pretty), body is null ? null : LinkOf(body["schema"]), answer is null ? null : TypeOf(answer), good.Key,
            [.. responses.Where(r => !r.Key.StartsWith('2')).OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => new Refused(r.Key, [.. r.Value!["x-codes"]!.AsObject().Select(c => (c.Key, (string)c.Value!))]))]);
    }

    /// <summary>The type's name, as a reader would say it.</summary>
    private static string TypeOf(JsonNode? schema) => schema switch
    {
        null => "anything",
        _ when LinkOf(schema) is { } link && schema["items"] is null => link,
        _ when schema["items"] is { } items => "list of " + TypeOf(items),
        _ when schema["oneOf"] is JsonArray some => string.Join(" or ", some.Select(TypeOf)),
        _ when schema["type"] is JsonArray types => string.Join(" or ", types.Select(t => (string)t!).Where(t => !(types.Count > 2 && t == "string"))) + Format(schema),
        _ when schema["additionalProperties"] is JsonObject values => "map to " + TypeOf(values),
        _ => ((string?)schema["type"] ?? "anything") + Format(schema),
    };

    private static string Format(JsonNode schema) => (string?)schema["format"] is { } format and not ("int64" or "int32" or "double") ? $" ({format})" : "";

    private static string? LinkOf(JsonNode? schema) => schema switch
    {
        null => null,
        _ when (string?)schema["$ref"] is { } reference => reference.Split('/')[^1],
        _ when schema["items"] is { } items => LinkOf(items),
        _ when schema["oneOf"] is JsonArray some => some.Select(LinkOf).FirstOrDefault(l => l is not null),
        _ => null,
    };
}
