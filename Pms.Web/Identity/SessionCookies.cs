using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Web.Configuration;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>
/// The cookies of identity: the session, the device (so that failures elsewhere don't slow it) and the enrolled terminal. Over https they are
/// <c>__Host-</c> ones; the plain-http names of demo and development say what they are.
/// </summary>
public sealed class SessionCookies(PmsConfiguration configuration, IdentitySettings settings)
{
    public const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    /// <summary>The only claim in the session cookie: the session's token.</summary>
    public const string TokenClaim = "tok";

    private static readonly TimeSpan Lasting = TimeSpan.FromDays(400);

    public static string Name(PmsConfiguration configuration, string what) => (configuration.AllowsPlainHttp ? "pms-http-" : "__Host-pms-") + what;

    /// <summary>Where a sign-in on this request comes from, with what the device already carries.</summary>
    public Origin OriginOf(HttpContext http, Channel channel = Channel.Page) => new()
    {
        Channel = channel, Ip = PmsClaims.IpOf(http), Agent = PmsClaims.AgentOf(http), RequestId = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier,
        Device = channel == Channel.Page ? Read(http, "device") : null, Terminal = channel == Channel.Page ? Read(http, "terminal") : null,
        Replaces = channel == Channel.Page ? http.User.FindFirst(TokenClaim)?.Value ?? http.Items[TokenClaim] as string : null,
    };

    public string? TerminalToken(HttpContext http) => Read(http, "terminal");

    /// <summary>Gives the browser its new session; the one before, if there was one, is ended already.</summary>
    public async Task SignInAsync(HttpContext http, SignedIn signedIn)
    {
        var identity = new ClaimsIdentity([new Claim(TokenClaim, signedIn.Token)], Scheme);
        await http.SignInAsync(Scheme, new ClaimsPrincipal(identity), new AuthenticationProperties
        {
            // A phone's home-screen app forgets session cookies at each close; a terminal shall.
            IsPersistent = signedIn.Session.Kind != SessionKind.Terminal, IssuedUtc = signedIn.Session.CreatedAt, ExpiresUtc = signedIn.Session.CreatedAt + settings.SessionLimit, AllowRefresh = false,
        });
        PmsCultures.Remember(http, signedIn.Session.Culture, signedIn.Session.Language, signedIn.Session.Kind == SessionKind.Terminal);
        if (signedIn.Session.Kind != SessionKind.Terminal)
            Append(http, "device", signedIn.Device, Lasting);
    }

    public void SetTerminal(HttpContext http, string token) => Append(http, "terminal", token, Lasting);

    public void ClearTerminal(HttpContext http) => http.Response.Cookies.Delete(Name(configuration, "terminal"), Options(http, null));

    private string? Read(HttpContext http, string what) => http.Request.Cookies[Name(configuration, what)] is { Length: > 0 and < 200 } value ? value : null;

    private void Append(HttpContext http, string what, string value, TimeSpan age) => http.Response.Cookies.Append(Name(configuration, what), value, Options(http, age));

    private CookieOptions Options(HttpContext http, TimeSpan? age) => new()
    {
        Path = "/", HttpOnly = true, IsEssential = true, SameSite = SameSiteMode.Lax, MaxAge = age, Secure = !configuration.AllowsPlainHttp || http.Request.IsHttps,
    };
}
