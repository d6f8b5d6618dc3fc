using System.Globalization;
using Pms.Core;
using Pms.Core.Audit;

namespace Pms.Web.Shared.Api;

/// <summary>Marks an endpoint whose answer carries the record's version.</summary>
public sealed record CarriesETag;

/// <summary>Marks an endpoint that changes only the version named in If-Match.</summary>
public sealed record NeedsIfMatch;

/// <summary>A change must say which version it was made from.</summary>
public sealed class IfMatchNeededException() : PmsException("if_match_needed", []);

/// <summary>The version in If-Match is not the one in force any more.</summary>
public sealed class StaleVersionException(string eTag, ConflictException conflict) : PmsException("version_stale", [.. conflict.Args], conflict)
{
    public string ETag => eTag;
}

/// <summary>ETags are the versions of records: read with the record, brought back in If-Match, so that nobody overwrites another unseen.</summary>
public static class ApiVersions
{
    public static string Tag(int version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Puts the ETag on the answer where the record has a version.</summary>
    public static T Tagged<T>(this HttpContext http, T value, Func<T, int>? version)
    {
        if (version is not null)
            http.Response.Headers.ETag = Tag(version(value));
        else if (value is IVersioned versioned)
            http.Response.Headers.ETag = Tag(versioned.Version);
        return value;
    }

    /// <summary>Runs a change with the version the caller brought.</summary>
    /// <exception cref="IfMatchNeededException">None was brought: 428.</exception>
    /// <exception cref="StaleVersionException">Somebody was faster: 412 with the ETag in force.</exception>
    public static async Task<T> IfMatchAsync<T>(this HttpContext http, Func<HttpContext, Task<int>> current, Func<int, Task<T>> change)
    {
        var header = http.Request.Headers.IfMatch.ToString();
        if (string.IsNullOrWhiteSpace(header))
            throw new IfMatchNeededException();
        // A tag we never gave matches nothing; so does a weak one (RFC 9110).
        var version = header == "*" ? await current(http)
            : header is ['"', .. var inner, '"'] && int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        try
        {
            return await change(version);
        }
        catch (ConflictException conflict) when (conflict.Code is "changed_by_other" or "changed_meanwhile")
        {
            throw new StaleVersionException(Tag(await current(http)), conflict);
        }
    }
}
