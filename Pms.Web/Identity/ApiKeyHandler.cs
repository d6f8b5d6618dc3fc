using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Pms.Core.Identity.ApiKeys;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Lets programs in by <c>Authorization: Bearer pms_…</c>: the key's row decides at each request, and who made it must still be there.</summary>
public sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyService keys) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "pms-key";

    private const string Bearer = "Bearer ";

    /// <summary>True if the request brings an API key, good or not.</summary>
    public static bool Speaks(HttpRequest request) => TokenOf(request) is not null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request) is not { Length: < 100 } token)
            return AuthenticateResult.NoResult();
        var (key, why) = await keys.CheckAsync(token, PmsClaims.IpOf(Context), Context.RequestAborted);
        if (key is not null)
            return AuthenticateResult.Success(new AuthenticationTicket(PmsClaims.Principal(key, Context), SchemeName));
        Context.Items[CookieSessions.WhyOver] = why;
        return AuthenticateResult.Fail("The key doesn't hold.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return ApiErrors.WriteAsync(Context, new Core.UnauthenticatedException(Context.Items[CookieSessions.WhyOver] as string ?? "not_signed_in"));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ApiErrors.WriteAsync(Context, new Core.ForbiddenException("api"));

    private static string? TokenOf(HttpRequest request) => request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer + ApiKey.Begin, StringComparison.Ordinal) ? header[Bearer.Length..].Trim() : null;
}
