using Microsoft.AspNetCore.Http.HttpResults;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Web.Shared.Api;

namespace Pms.Web.Identity;

/// <summary>/api/v1/api-keys: made for the caller, listed and revoked. The key itself is in one answer only: it is stored nowhere, so a repeat can't say it again.</summary>
public static class ApiKeysApi
{
    /// <summary>A key without its secret.</summary>
    public sealed record KeyAnswer(long Id, string Name, string Prefix, ApiKeyState State, long UserId, string UserName, IReadOnlyList<string> Permissions, IReadOnlyList<long> Departments, int PerMinute,
        DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt, string? LastIp)
    {
        /// <summary>The key itself, in the answer that made it and never again; a repeat under the same Idempotency-Key has null here.</summary>
        public string? Secret { get; init; }
    }

    public static void MapApiKeysApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("api-keys");
        api.MapList("/", ApiKeyService.Shape, async (http, request) => (await Keys(http).ListAsync(http.Actor(), request, http.RequestAborted)).Select(k => Of(http, k))).Says("ListApiKeys", "List API keys", "Those that are not revoked first, then by name.");
        api.MapOne("/{id:long}", async http => Of(http, await Keys(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted))).Says("GetApiKey", "Read an API key");
        api.MapCreate<CreateApiKey, KeyAnswer>("/", async (http, body) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                var (key, token) = await Keys(http).CreateAsync(http.Actor(), body, http.RequestAborted);
                return Of(http, key) with { Secret = token };
            }, k => $"api-keys/{k.Id}").Says("CreateApiKey", "Make an API key that acts for the caller", "The answer holds the key in secret, this once: a repeat under the same Idempotency-Key makes no second key and answers it without its secret. Revoke it and make another one if the first answer was lost.")
            .Example(new { name = "ERP", permissions = new[] { Permissions.OrdersView }, departments = Array.Empty<long>(), perMinute = 600, expiresOn = "2027-06-30" });
        api.MapDelete("/{id:long}", async Task<NoContent> (HttpContext http) =>
        {
            await Keys(http).RevokeAsync(http.Actor(), http.Id(), http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("RevokeApiKey", "Revoke an API key", "It stops within seconds, and stays in the list. Revoking it again changes nothing.");
        api.MapPost("/{id:long}/restore", async Task<NoContent> (HttpContext http) =>
        {
            await Keys(http).RestoreAsync(http.Actor(), http.Id(), http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("RestoreApiKey", "Take a revocation back", "For ten minutes; afterwards a new key is made.").Refuses("api_key.restore_too_late");
    }

    private static ApiKeyService Keys(HttpContext http) => http.Service<ApiKeyService>();

    private static KeyAnswer Of(HttpContext http, ApiKey k) => new(k.Id, k.Name, k.Prefix, k.StateAt(http.Service<PlantClock>().Now), k.UserId, k.UserName, k.Permissions, k.Departments, k.PerMinute, k.CreatedAt, k.ExpiresAt, k.RevokedAt, k.LastUsedAt, k.LastIp);
}
