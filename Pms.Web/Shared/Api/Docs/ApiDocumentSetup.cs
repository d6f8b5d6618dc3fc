using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Pms.Core;
using Pms.Web.Identity;

namespace Pms.Web.Shared.Api.Docs;

/// <summary>The OpenAPI document of /api/v1: made from the endpoints' own metadata, so that it says what they do and nothing else.</summary>
public static class ApiDocumentSetup
{
    public const string Name = "v1", Path = "/api/openapi.json";

    private const string Problem = "Problem", Bearer = "bearer", ProblemJson = "application/problem+json";

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        services.AddSingleton<ApiDocument>();
        return services.AddOpenApi(Name, o =>
        {
            o.ShouldInclude = d => d.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
            o.CreateSchemaReferenceId = json => OpenApiOptions.CreateDefaultSchemaReferenceId(json) is { } id
                ? json.Type.DeclaringType is { } outer && !outer.Name.EndsWith("Api", StringComparison.Ordinal) ? outer.Name + id : id : null;
            o.AddSchemaTransformer(PlainAsync);
            o.AddOperationTransformer(DescribeAsync);
            o.AddDocumentTransformer(CompleteAsync);
        });
    }

    public static void MapApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, async (ApiDocument document, HttpContext http) => TypedResults.Text(await document.JsonAsync(http.RequestAborted), "application/json")).AllowAnonymous().ExcludeFromDescription();

    /// <summary>Numbers are numbers (texts that hold one are read too, but nobody should rely on it), and null only stands where the type allows it.</summary>
    private static Task PlainAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (schema.Type is { } type && type.HasFlag(JsonSchemaType.String) && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
            (schema.Type, schema.Pattern) = (type & ~JsonSchemaType.String, null);
        if (context.JsonPropertyInfo?.AttributeProvider is PropertyInfo { PropertyType.IsValueType: false } property && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.NotNull)
            schema.Type &= ~JsonSchemaType.Null;
        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = new EndpointMetadataCollection(context.Description.ActionDescriptor.EndpointMetadata);
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var route = metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? context.Description.RelativePath ?? "";
        var said = Parameters(metadata, route, json).ToList();
        operation.Parameters = [.. said, .. (operation.Parameters ?? []).Where(p => said.All(s => s.Name != p.Name))];
        if (operation.RequestBody?.Content?.TryGetValue(ApiBodies.Json, out var media) == true && metadata.GetMetadata<BodyExample>() is { } example && media is OpenApiMediaType body)
            body.Example = JsonSerializer.SerializeToNode(example.Value, json);
        if (operation.RequestBody is OpenApiRequestBody request)
            request.Required = metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IAcceptsMetadata>() is not { IsOptional: true };
        operation.Deprecated = metadata.GetMetadata<Deprecated>() is not null;

        var words = context.ApplicationServices.GetRequiredService<RefusalWords>();
        foreach (var (status, response) in operation.Responses ?? [])
            if (status is "200" or "201" or "204" && response is OpenApiResponse good)
                Headers(good, status, metadata);
        operation.Responses ??= [];
        var example400 = await context.GetOrCreateSchemaAsync(typeof(ApiProblem), null, ct);
        context.Document?.AddComponent(Problem, example400);
        foreach (var (status, codes) in ApiPromise.Of(metadata, context.Description.RelativePath ?? "", context.Description.HttpMethod ?? "GET"))
        {
            operation.Responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join("\n", codes.Select(c => $"`{c}`: {words.Meaning(c)}")),
                Content = new Dictionary<string, OpenApiMediaType> { [ProblemJson] = new() { Schema = new OpenApiSchemaReference(Problem, context.Document) } },
                Extensions = new Dictionary<string, IOpenApiExtension> { ["x-codes"] = new JsonNodeExtension(new JsonObject(codes.Select(c => KeyValuePair.Create(c, (JsonNode?)words.Meaning(c))))) },
            };
        }
        operation.Security = metadata.GetMetadata<IAllowAnonymous>() is not null ? [] : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
    }

    private static IEnumerable<OpenApiParameter> Parameters(EndpointMetadataCollection metadata, string path, JsonSerializerOptions json)
    {
        foreach (var part in path.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}').Split(':')))
            yield return new OpenApiParameter { Name = part[0], In = ParameterLocation.Path, Required = true, Schema = part.Length > 1 ? new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" } : new OpenApiSchema { Type = JsonSchemaType.String } };
        if (metadata.GetMetadata<AsksList>() is { Shape: var shape })
        {
            if (shape.Searches)
                yield return Query("q", "Searches codes, numbers and names.");
            yield return Query("sort", $"The order, with - before it descending. Without it: {shape.First}.", shape.Sorts.SelectMany(s => new[] { s, "-" + s }));
            yield return new OpenApiParameter { Name = "limit", In = ParameterLocation.Query, Description = "Records a page.", Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer, Minimum = "1", Maximum = PageRequest.MaxSize.ToString(System.Globalization.CultureInfo.InvariantCulture), Default = ApiLists.FirstLimit,
            } };
            yield return Query("cursor", "next of the page before: goes on behind its last record.");
            foreach (var filter in shape.Filters)
                yield return Query(filter);
        }
        if (metadata.GetMetadata<AsksDepartment>() is not null)
            yield return new OpenApiParameter { Name = "department", In = ParameterLocation.Query, Description = "Only this department.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" } };
        if (metadata.GetMetadata<AsksDays>() is { } days)
        {
            yield return new OpenApiParameter { Name = "from", In = ParameterLocation.Query, Description = "The first day; without it today.", Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" } };
            yield return new OpenApiParameter { Name = "days", In = ParameterLocation.Query, Description = "So many days.", Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer, Minimum = "1", Maximum = days.Most.ToString(System.Globalization.CultureInfo.InvariantCulture), Default = days.First,
            } };
        }
        if (metadata.GetMetadata<PicksFields>() is { Type: var type })
            yield return Query("fields", "Only these fields, by commas: " + string.Join(", ", ApiFields.Names(type, json)) + ".");
        if (metadata.GetMetadata<TakesKey>() is not null)
            yield return new OpenApiParameter { Name = PmsClaims.KeyHeader, In = ParameterLocation.Header, Description = "Your own name for this command, up to 100 characters: a repeat within 24 hours gets the same answer.", Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 100 } };
        if (metadata.GetMetadata<NeedsIfMatch>() is not null)
            yield return new OpenApiParameter { Name = "If-Match", In = ParameterLocation.Header, Required = true, Description = "The ETag that came with the record.", Example = "\"3\"", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
    }

    private static OpenApiParameter Query(string name, string? description = null, IEnumerable<string>? values = null) => new()
    {
        Name = name, In = ParameterLocation.Query, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = values?.Select(v => (JsonNode)v).ToList() },
    };

    private static void Headers(OpenApiResponse response, string status, EndpointMetadataCollection metadata)
    {
        var headers = new Dictionary<string, IOpenApiHeader>();
        void Has(string name, string description) => headers[name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        if (status == "201")
            Has("Location", "Where the new record is.");
        if (metadata.GetMetadata<CarriesETag>() is not null)
            Has("ETag", "The record's version; bring it in If-Match to change it.");
        if (metadata.GetMetadata<AsksList>() is not null)
            Has("Link", "The next page as a whole address, rel=\"next\".");
        Has("RateLimit-Limit", "Requests a minute.");
        Has("RateLimit-Remaining", "Requests left in this minute.");
        response.Headers = headers;
    }

    private static Task CompleteAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info = new OpenApiInfo
        {
            Title = "PMS", Version = Name,
            Description = "Everything a plant's other programs need of PMS. Lists go by cursor, changes need the ETag they were made from, commands may be repeated under an Idempotency-Key, refusals are problem details with a stable code.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer",
                Description = "An API key (pms_…, made on /admin/api-keys), or the access token of POST /api/v1/auth/login, which lives 15 minutes and is renewed by POST /api/v1/auth/refresh.",
            },
        };
        var words = context.ApplicationServices.GetRequiredService<Microsoft.Extensions.Localization.IStringLocalizer<ApiTexts>>();
        Describe(document, context.ApplicationServices.GetRequiredService<Microsoft.Extensions.Localization.IStringLocalizer<ApiFieldTexts>>());
        document.Tags = document.Tags?.Select(t => new OpenApiTag { Name = t.Name, Description = words["Tag_" + t.Name].Value }).ToHashSet();
        return Task.CompletedTask;
    }

    /// <summary>What a record says of its field by itself stands; for the others there are words by name.</summary>
    private static void Describe(OpenApiDocument document, Microsoft.Extensions.Localization.IStringLocalizer<ApiFieldTexts> words)
    {
        string? Of(string key) => words[key] is { ResourceNotFound: false, Value: var word } ? word : null;
        foreach (var (name, field) in (document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>()).Values.SelectMany(s => s.Properties ?? new Dictionary<string, IOpenApiSchema>()))
            switch (field)
            {
                case OpenApiSchemaReference reference:
                    reference.Reference.Description ??= Of("Field_" + name);   // of the field, not of the type it is of
                    break;
                case OpenApiSchema own:
                    own.Description ??= Of("Field_" + name);
                    break;
            }
        foreach (var parameter in document.Paths.Values.SelectMany(p => p.Operations ?? []).SelectMany(o => o.Value.Parameters ?? []).OfType<OpenApiParameter>())
            parameter.Description ??= Of("Parameter_" + parameter.Name);
    }
}
