using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Pms.Core;

namespace Pms.Web.Shared.Api;

/// <summary>Marks an endpoint whose answer can be cut to some fields; names are those of the type's JSON.</summary>
public sealed record PicksFields(Type Type);

/// <summary>Sparse fields: <c>fields=id,number</c> leaves everything else of the record, or of each record of a list, out of the answer.</summary>
public static class ApiFields
{
    public static RouteHandlerBuilder WithFields<T>(this RouteHandlerBuilder route) => route.WithMetadata(new PicksFields(typeof(T))).AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        var wish = http.Request.Query["fields"].ToString();
        if (wish.Length == 0)
            return await next(context);
        var json = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var known = Names(typeof(T), json);
        var picked = wish.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (picked.FirstOrDefault(p => !known.Contains(p)) is { } unknown)
            throw new InvalidException("fields", "unknown_field", unknown, known.ToArray());
        return await next(context) switch
        {
            ApiList<T> list => new ApiList<JsonNode?>([.. list.Items.Select(i => Pick(i, picked, json))], list.Total, list.Next),
            IValueHttpResult { Value: T one } => Pick(one, picked, json),
            var other => other,
        };
    });

    /// <summary>The fields a type has in JSON, in their order.</summary>
    public static IReadOnlyList<string> Names(Type type, JsonSerializerOptions json) => [.. json.GetTypeInfo(type).Properties.Where(p => p.Get is not null).Select(p => p.Name)];

    private static JsonObject? Pick<T>(T value, string[] picked, JsonSerializerOptions json)
    {
        var kept = new JsonObject();
        if (JsonSerializer.SerializeToNode(value, json) is not JsonObject whole)
            return null;
        foreach (var name in picked.Distinct(StringComparer.Ordinal))
            if (whole.TryGetPropertyValue(name, out var found))   // what the caller may not see isn't there
                kept[name] = found?.DeepClone();
        return kept;
    }
}
