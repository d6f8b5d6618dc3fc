using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Pms.Web.Shared;

/// <summary>The shell's own plain form posts; each needs the antiforgery token and leads back to a page of ours only.</summary>
public static class ShellEndpoints
{
    public const string ThemePath = "/preferences/theme";

    public static void MapShellEndpoints(this IEndpointRouteBuilder routes) =>
        routes.MapPost(ThemePath, SetTheme).AllowAnonymous();

    private static RedirectHttpResult SetTheme(HttpContext http, [FromForm] string? theme, [FromForm] string? back)
    {
        var choice = ThemeChoice.Named(theme);
        http.Response.Cookies.Append(ThemeChoice.Cookie, choice.Name, new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365), Path = "/", HttpOnly = true, IsEssential = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps,
        });
        return TypedResults.Redirect(LocalPath(back));
    }

    /// <summary>The path if it stays on this site, else the first page: nobody is sent elsewhere by a forged form.</summary>
    public static string LocalPath(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal) && !path.Any(char.IsControl) ? path : "/";
}
