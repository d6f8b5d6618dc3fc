using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Web.Configuration;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Checks the session behind the cookie at each request and sends who has none to the sign-in page.</summary>
public sealed class CookieSessions(PmsConfiguration configuration, IdentitySettings settings, TimeProvider time) : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    /// <summary>Where the check leaves why a session is over, for the sign-in page.</summary>
    public const string WhyOver = "pms.why";

    public void Configure(CookieAuthenticationOptions options) => Configure(SessionCookies.Scheme, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != SessionCookies.Scheme)
            return;
        options.Cookie.Name = SessionCookies.Name(configuration, "session");
        options.Cookie.HttpOnly = true;
        options.Cookie.IsEssential = true;
        options.Cookie.Path = "/";
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = configuration.AllowsPlainHttp ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        options.ExpireTimeSpan = settings.SessionLimit;
        options.SlidingExpiration = false;
        options.TimeProvider = time;
        options.LoginPath = "/login";
        options.ReturnUrlParameter = "returnUrl";
        options.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = ValidateAsync,
            OnRedirectToLogin = context =>
            {
                var why = context.HttpContext.Items[WhyOver] as string;
                var back = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/";
                context.Response.Redirect(LoginUrl(ShellEndpoints.LocalPath(back), why));
                return Task.CompletedTask;
            },
        };
    }

    public static string LoginUrl(string back, string? why) => QueryString.Create([new("returnUrl", back == "/" ? null : back), .. why is null ? [] : new KeyValuePair<string, string?>[] { new("why", why) }]) is var query && back == "/" && why is null
        ? "/login" : "/login" + query;

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var sessions = http.RequestServices.GetRequiredService<SessionService>();
        var token = context.Principal?.FindFirst(SessionCookies.TokenClaim)?.Value;
        var (session, why) = token is null ? (null, "session.ended") : await sessions.CheckAsync(Token.Hash(token), http.RequestAborted);
        if (session is null)
        {
            http.Items[WhyOver] = why;
            context.RejectPrincipal();
            if (!http.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal))
                await http.SignOutAsync(SessionCookies.Scheme);
            return;
        }
        http.Items[SessionCookies.TokenClaim] = token;
        context.ReplacePrincipal(PmsClaims.Principal(session, http));
        context.ShouldRenew = false;
        await sessions.TouchAsync(session.Id, http.RequestAborted);
    }
}
