using Microsoft.AspNetCore.Http.HttpResults;
using Pms.Core;
using Pms.Web.Identity;

namespace Pms.Web.Shared.Api;

/// <summary>
/// The shapes an endpoint of /api/v1 may have, so that every noun is asked alike: lists by cursor and limit, one record with its ETag, made with POST,
/// changed and removed with If-Match, anything else a command; bodies are JSON, refusals problem details, repeats harmless by Idempotency-Key.
/// </summary>
public static class ApiRoutes
{
    /// <summary>A group of the API for one noun: bearer tokens only, antiforgery not needed because no cookie counts.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes, string noun) =>
        routes.MapGroup("/api/v1/" + noun).WithTags(noun).DisableAntiforgery().RequireAuthorization(IdentitySetup.ApiPolicy);

    /// <summary>A list of any length: search, filters, order, cursor, limit and fields as <see cref="ApiLists"/> says.</summary>
    public static RouteHandlerBuilder MapList<T>(this RouteGroupBuilder api, string path, ListShape shape, Func<HttpContext, PageRequest, Task<Page<T>>> list) =>
        api.MapGet(path, async Task<ApiList<T>> (HttpContext http) =>
        {
            var page = await list(http, http.ListRequest(shape));
            ApiLists.Link(http, page.Next);
            return new ApiList<T>(page.Items, page.Total, page.Next);
        }).WithMetadata(new AsksList(shape)).WithFields<T>();

    /// <summary>A short list, answered whole.</summary>
    public static RouteHandlerBuilder MapWhole<T>(this RouteGroupBuilder api, string path, Func<HttpContext, Task<IReadOnlyList<T>>> list) =>
        api.MapGet(path, async Task<ApiList<T>> (HttpContext http) =>
        {
            var items = await list(http);
            return new ApiList<T>(items, items.Count, null);
        }).WithFields<T>();

    /// <summary>One record or picture. With a version it carries the ETag that a change must bring.</summary>
    public static RouteHandlerBuilder MapOne<T>(this RouteGroupBuilder api, string path, Func<HttpContext, Task<T>> read, Func<T, int>? version = null) =>
        api.MapGet(path, async Task<Ok<T>> (HttpContext http) => TypedResults.Ok(http.Tagged(await read(http), version))).WithFields<T>().WithTag<T>(version is not null);

    /// <summary>Makes a record; 201 with its address.</summary>
    public static RouteHandlerBuilder MapCreate<TBody, T>(this RouteGroupBuilder api, string path, Func<HttpContext, TBody, Task<T>> create, Func<T, string> address) where TBody : class =>
        api.MapPost(path, async Task<Created<T>> (HttpContext http) =>
        {
            var made = await create(http, (await http.BodyAsync<TBody>())!);
            return TypedResults.Created("/api/v1/" + address(made), http.Tagged(made, null));
        }).Accepts<TBody>(ApiBodies.Json).WithMetadata(new TakesKey()).WithTag<T>();

    /// <summary>Replaces a record as it was read: the version in If-Match decides, the one in the body doesn't count.</summary>
    /// <param name="current">Its version now, for the answer to who comes too late.</param>
    public static RouteHandlerBuilder MapChange<TBody, T>(this RouteGroupBuilder api, string path, Func<HttpContext, Task<int>> current, Func<HttpContext, TBody, int, Task<T>> change) where TBody : class =>
        api.MapPut(path, async Task<Ok<T>> (HttpContext http) =>
        {
            var body = (await http.BodyAsync<TBody>())!;
            return TypedResults.Ok(http.Tagged(await http.IfMatchAsync(current, version => change(http, body, version)), null));
        }).Accepts<TBody>(ApiBodies.Json).WithMetadata(new TakesKey(), new NeedsIfMatch()).WithTag<T>();

    /// <summary>Changes the named fields of a record and leaves the others: the version in If-Match decides.</summary>
    public static RouteHandlerBuilder MapPatched<TBody, T>(this RouteGroupBuilder api, string path, Func<HttpContext, Task<int>> current, Func<HttpContext, TBody, int, Task<T>> change) where TBody : class =>
        api.MapPatch(path, async Task<Ok<T>> (HttpContext http) =>
        {
            var body = (await http.BodyAsync<TBody>())!;
            return TypedResults.Ok(http.Tagged(await http.IfMatchAsync(current, version => change(http, body, version)), null));
        }).Accepts<TBody>(ApiBodies.Json).WithMetadata(new TakesKey(), new NeedsIfMatch()).WithTag<T>();

    /// <summary>Removes a record that nothing refers to.</summary>
    public static RouteHandlerBuilder MapRemove(this RouteGroupBuilder api, string path, Func<HttpContext, Task<int>> current, Func<HttpContext, int, Task> remove) =>
        api.MapDelete(path, async Task<NoContent> (HttpContext http) =>
        {
            await http.IfMatchAsync<object?>(current, async version =>
            {
                await remove(http, version);
                return null;
            });
            return TypedResults.NoContent();
        }).WithMetadata(new NeedsIfMatch()).Refuses("in_use");

    /// <summary>Does something to a record: a verb at the end of its address.</summary>
    public static RouteHandlerBuilder MapCommand<TBody, T>(this RouteGroupBuilder api, string path, Func<HttpContext, TBody?, Task<T>> command, bool optionalBody = false) where TBody : class =>
        api.MapPost(path, async Task<Ok<T>> (HttpContext http) => TypedResults.Ok(await command(http, await http.BodyAsync<TBody>(optionalBody))))
            .Accepts<TBody>(optionalBody, ApiBodies.Json).WithMetadata(new TakesKey());

    /// <summary>Does something to one version of a record: the version in If-Match decides.</summary>
    public static RouteHandlerBuilder MapVersioned<TBody, T>(this RouteGroupBuilder api, string path, Func<HttpContext, Task<int>> current, Func<HttpContext, TBody?, int, Task<T>> command, bool optionalBody = false) where TBody : class =>
        api.MapPost(path, async Task<Ok<T>> (HttpContext http) =>
        {
            var body = await http.BodyAsync<TBody>(optionalBody);
            return TypedResults.Ok(await http.IfMatchAsync(current, version => command(http, body, version)));
        }).Accepts<TBody>(optionalBody, ApiBodies.Json).WithMetadata(new TakesKey(), new NeedsIfMatch());

    /// <summary>A command without body and answer on one version of a record.</summary>
    public static RouteHandlerBuilder MapVersionCommand(this RouteGroupBuilder api, string path, Func<HttpContext, Task<int>> current, Func<HttpContext, int, Task> command) =>
        api.MapPost(path, async Task<NoContent> (HttpContext http) =>
        {
            await http.IfMatchAsync<object?>(current, async version =>
            {
                await command(http, version);
                return null;
            });
            return TypedResults.NoContent();
        }).WithMetadata(new TakesKey(), new NeedsIfMatch());

    /// <summary>As above, with a body that may be left out.</summary>
    public static RouteHandlerBuilder MapVersionCommand<TBody>(this RouteGroupBuilder api, string path, Func<HttpContext, Task<int>> current, Func<HttpContext, TBody?, int, Task> command) where TBody : class =>
        api.MapPost(path, async Task<NoContent> (HttpContext http) =>
        {
            var body = await http.BodyAsync<TBody>(optional: true);
            await http.IfMatchAsync<object?>(current, async version =>
            {
                await command(http, body, version);
                return null;
            });
            return TypedResults.NoContent();
        }).Accepts<TBody>(true, ApiBodies.Json).WithMetadata(new TakesKey(), new NeedsIfMatch());

    private static RouteHandlerBuilder WithTag<T>(this RouteHandlerBuilder route, bool always = false) =>
        always || typeof(Core.Audit.IVersioned).IsAssignableFrom(typeof(T)) ? route.WithMetadata(new CarriesETag()) : route;

    /// <summary>An id of the address.</summary>
    public static long Id(this HttpContext http, string name = "id") => long.Parse((string)http.Request.RouteValues[name]!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The one department a picture is cut to; null where none is asked for.</summary>
    /// <exception cref="InvalidException">department is no id.</exception>
    public static long? Department(this HttpContext http) => http.Request.Query["department"].ToString() switch
    {
        "" => null,
        var text => long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : throw new InvalidException("department", "not_valid"),
    };

    /// <summary>The caller's own key for this command, for services that take it by itself.</summary>
    public static string? Key(this HttpContext http) => http.Actor().CommandKey;

    public static T Service<T>(this HttpContext http) where T : notnull => http.RequestServices.GetRequiredService<T>();
}
