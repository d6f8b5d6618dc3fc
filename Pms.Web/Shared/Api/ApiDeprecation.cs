using System.Globalization;

namespace Pms.Web.Shared.Api;

/// <summary>An endpoint that will go: since when it is deprecated, when it stops answering, and where to read what replaces it.</summary>
public sealed record Deprecated(DateTimeOffset Since, DateTimeOffset? Sunset, string? Link);

/// <summary>Deprecated endpoints say so in every answer, refusals too (RFC 9745 Deprecation, RFC 8594 Sunset).</summary>
public static class ApiDeprecation
{
    public static RouteHandlerBuilder Deprecate(this RouteHandlerBuilder route, DateTimeOffset since, DateTimeOffset? sunset = null, string? link = null)
    {
        var deprecated = new Deprecated(since, sunset, link);
        return route.WithMetadata(deprecated);
    }

    /// <summary>Writes the headers when the answer starts, whatever it will be.</summary>
    public static void Announce(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Deprecated>() is not { } deprecated)
            return;
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers["Deprecation"] = "@" + deprecated.Since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            if (deprecated.Sunset is { } sunset)
                headers["Sunset"] = sunset.ToUniversalTime().ToString("r", CultureInfo.InvariantCulture);
            if (deprecated.Link is { } link)
                headers.Append("Link", $"<{link}>; rel=\"deprecation\"");
            return Task.CompletedTask;
        });
    }
}
