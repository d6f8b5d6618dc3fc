using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Pms.Core;

namespace Pms.Web.Shared.Api;

/// <summary>Reads what comes in: JSON of a limited size, and what can't be read is refused by its place in it.</summary>
public static class ApiBodies
{
    public const string Json = "application/json";

    /// <summary>Bytes of one request; files take other ways.</summary>
    public const long Largest = 1024 * 1024;

    /// <summary>Refuses what says that it is too large, and stops reading what turns out to be.</summary>
    public static void Limit(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null)
            return;   // it takes files and says how large
        // First what says so by itself: with the server's limit lowered it would cut the connection, and the answer would not arrive.
        if (http.Request.ContentLength > Largest)
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = Largest;
    }

    /// <summary>The body; null only where it may be left out.</summary>
    /// <exception cref="InvalidException">It is no JSON, or a value doesn't fit its field.</exception>
    public static async Task<T?> BodyAsync<T>(this HttpContext http, bool optional = false) where T : class
    {
        if (optional && (http.Request.ContentLength ?? (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? 0 : null)) == 0)
            return null;
        if (!http.Request.HasJsonContentType())
            throw new BadHttpRequestException("The body is no JSON.", StatusCodes.Status415UnsupportedMediaType);
        var json = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, json, http.RequestAborted)
                ?? (optional ? null : throw new InvalidException("body", "required"));
        }
        catch (JsonException e)
        {
            var at = e.Path?.TrimStart('$').TrimStart('.') ?? "";
            throw new InvalidException(at.Length == 0 ? "body" : at, at.Length == 0 ? "not_json" : "not_valid");
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidException("body", "not_json");
        }
    }
}
