using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.Users;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Identity's plain form posts: each carries the antiforgery token and leads back to a page of ours.</summary>
public static class IdentityEndpoints
{
    public const string SignOutPath = "/account/sign-out", EnrolPath = "/admin/terminals/enrol", ForgetPath = "/admin/terminals/forget",
        CulturePath = "/account/culture";

    public static void MapIdentityEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(SignOutPath, SignOutAsync).AllowAnonymous();
        routes.MapPost(EnrolPath, EnrolAsync).RequireAuthorization();
        routes.MapPost(ForgetPath, Forget).RequireAuthorization();
        routes.MapPost(CulturePath, SetCultureAsync).RequireAuthorization();
        RoleExport.Map(routes);
    }

    /// <summary>Signs off the screen; nobody's time entry ends by it.</summary>
    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext http, [FromForm] string? back, SessionService sessions)
    {
        var atTerminal = false;
        if (PmsClaims.ActorOf(http.User) is { } actor)
        {
            atTerminal = actor.TerminalId is not null;
            await sessions.EndAsync(actor, actor.SessionId!, ct: http.RequestAborted);
        }
        await http.SignOutAsync(SessionCookies.Scheme);
        return TypedResults.Redirect(atTerminal ? "/operator/terminal" : back is null ? "/login" : ShellEndpoints.LocalPath(back));
    }

    /// <summary>Makes the browser that asks a shared terminal: only a request can hand it the cookie. The administrator is signed off there.</summary>
    private static async Task<RedirectHttpResult> EnrolAsync(HttpContext http, [FromForm] string? name, [FromForm] long? department, TerminalService terminals, SessionService sessions, SessionCookies cookies)
    {
        var actor = http.Actor();
        try
        {
            var (_, token) = await terminals.EnrolAsync(actor, new EnrolTerminal { Name = name ?? "", DepartmentId = department ?? 0 }, http.RequestAborted);
            cookies.SetTerminal(http, token);
        }
        catch (Core.InvalidException invalid)
        {
            return TypedResults.Redirect("/admin/terminals?wrong=" + invalid.Faults[0].Field);
        }
        await http.SignOutAsync(SessionCookies.Scheme);
        // After the answer: the page that is still open would hear of its session's end first and lead to the sign-in page instead.
        http.Response.OnCompleted(() => sessions.EndAsync(actor, actor.SessionId!));
        return TypedResults.Redirect("/operator/terminal");
    }

    /// <summary>This browser is no terminal any more; the administrator revokes the terminal itself in the list.</summary>
    private static RedirectHttpResult Forget(HttpContext http, [FromForm] string? name, Rights rights, SessionCookies cookies)
    {
        // A form parameter, so that antiforgery is checked; the name itself only helps the reader of the form.
        _ = name;
        rights.Demand(http.Actor(), Permissions.AdminTerminals);
        cookies.ClearTerminal(http);
        return TypedResults.Redirect("/admin/terminals");
    }

    /// <summary>The language, and how numbers and dates are written: on this browser at once, and with the account for the next one.</summary>
    private static async Task<RedirectHttpResult> SetCultureAsync(HttpContext http, [FromForm] string? culture, [FromForm] string? language, UserService users)
    {
        var actor = http.Actor();
        if (PmsCultures.Formats.Contains(culture) && language is not null && PmsCultures.Languages.Contains(language))
        {
            if (actor.UserId is not null || actor.BadgeOnly)
                await users.SetOwnCultureAsync(actor, culture, language, http.RequestAborted);
            PmsCultures.Remember(http, culture, language);
        }
        return TypedResults.Redirect("/account");
    }
}
