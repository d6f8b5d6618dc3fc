using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Pms.Core;

namespace Pms.Web.Shared.Api;

/// <summary>One page of a list. <see cref="Total"/> is exact up to 10 000; above that it is 10 001. <see cref="Next"/> is the cursor of the next page, null on the last.</summary>
public sealed record ApiList<T>(IReadOnlyList<T> Items, int Total, string? Next);

/// <summary>Marks an endpoint that answers a list which can be asked like this.</summary>
public sealed record AsksList(ListShape Shape);

/// <summary>
/// How the API asks for a list: <c>q</c> searches, <c>sort</c> orders ('-' before it descending), <c>limit</c> is 1 to 200, <c>cursor</c> goes on where
/// the page before ended, <c>fields</c> picks; every other parameter is a filter of that list, several values by commas. What isn't known is refused.
/// </summary>
public static class ApiLists
{
    public const int FirstLimit = 50;

    public static readonly IReadOnlyList<string> Own = ["q", "sort", "limit", "cursor", "fields"];

    /// <exception cref="InvalidException">limit is no number from 1 to 200; a parameter is no filter of this list.</exception>
    public static PageRequest ListRequest(this HttpContext http, ListShape shape)
    {
        var query = http.Request.Query;
        var filters = query.Where(p => !Own.Contains(p.Key, StringComparer.OrdinalIgnoreCase)).ToDictionary(p => p.Key, p => string.Join(',', p.Value.OfType<string>()));
        foreach (var name in filters.Keys.Where(n => !shape.Filters.Contains(n, StringComparer.OrdinalIgnoreCase)))
            throw new InvalidException(name, "unknown_filter", name, shape.Filters.ToArray());
        var limit = query["limit"].ToString();
        var size = FirstLimit;
        if (limit.Length > 0 && (!int.TryParse(limit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out size) || size is < 1 or > PageRequest.MaxSize))
            throw new InvalidException("limit", "between", 1, PageRequest.MaxSize);
        return new PageRequest { Search = query["q"].ToString(), Sort = query["sort"].ToString(), Size = size, Cursor = query["cursor"].ToString(), Filters = filters };
    }

    /// <summary>RFC 8288: the next page as a whole address, for programs that follow links.</summary>
    public static void Link(HttpContext http, string? next)
    {
        if (next is null)
            return;
        var query = new QueryBuilder(http.Request.Query.Where(p => !p.Key.Equals("cursor", StringComparison.OrdinalIgnoreCase)).SelectMany(p => p.Value, (p, value) => new KeyValuePair<string, string>(p.Key, value ?? ""))) { { "cursor", next } };
        http.Response.Headers.Link = $"<{http.Request.Path}{query}>; rel=\"next\"";
    }
}
