using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>One endpoint of /api/v1 as the program really maps it, with a plausible request made from its types.</summary>
internal sealed record ApiEndpoint(string Name, HttpMethod Method, string Pattern, bool Open, Type? Body, IReadOnlyList<ParameterInfo> Query)
{
    /// <summary>The address with this id wherever the route wants one.</summary>
    public string Path(string id = "1") => System.Text.RegularExpressions.Regex.Replace(id == "1" ? Pattern.Replace("{entity}", "employee", StringComparison.Ordinal).Replace("{stream}", "work", StringComparison.Ordinal) : Pattern, @"\{[^}]+\}", id) + (Query.Count == 0 ? "" : "?" + string.Join('&', Query.Select(q => $"{q.Name}={Uri.EscapeDataString(Sample(q.ParameterType)?.ToString() ?? "")}")));

    public JsonNode? SampleBody => Body is null ? null : Sample(Body);

    /// <summary>With the version in force where one is asked for, so that what stands behind that question is tried too.</summary>
    public HttpRequestMessage Request(string path, string? body)
    {
        var request = new HttpRequestMessage(Method, path) { Content = body is null ? null : new StringContent(body, null, "application/json") };
        if (Method != HttpMethod.Get)
            request.Headers.TryAddWithoutValidation("If-Match", "*");
        return request;
    }

    public static IReadOnlyList<ApiEndpoint> Of(WebApp app) => [.. app.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.RoutePattern.RawText?.TrimStart('/').StartsWith("api/v1", StringComparison.OrdinalIgnoreCase) == true)
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => Of(e, method)))];

    private static ApiEndpoint Of(RouteEndpoint endpoint, string method)
    {
        var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
        var routed = endpoint.RoutePattern.Parameters.Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new(endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"{method} {pattern}", new HttpMethod(method), pattern,
            endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null, endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType,
            [.. (endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? []).Where(p => IsSimple(p.ParameterType) && !routed.Contains(p.Name!) && !p.GetCustomAttributes().Any(a => a is IFromHeaderMetadata or IFromBodyMetadata))]);
    }

    private static bool IsSimple(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is { } t && (t.IsPrimitive || t.IsEnum || t == typeof(string) || t == typeof(decimal) || t == typeof(DateOnly) || t == typeof(DateTimeOffset));

    private static JsonNode? Sample(Type type, int depth = 0)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return "x";
        if (type == typeof(bool))
            return false;
        if (type.IsEnum)
            return Enum.GetNames(type)[0];
        if (type == typeof(DateOnly))
            return "2026-01-20";
        if (type == typeof(DateTimeOffset))
            return TestPms.Start.ToString("O", CultureInfo.InvariantCulture);
        if (type.IsPrimitive || type == typeof(decimal))
            return 1;
        if (type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) is not null)
            return new JsonObject();
        if (type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>)) is { } list)
            return depth > 3 ? new JsonArray() : new JsonArray(Sample(list.GetGenericArguments()[0], depth + 1));
        var made = new JsonObject();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0))
            made[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = Sample(property.PropertyType, depth + 1);
        return made;
    }
}
