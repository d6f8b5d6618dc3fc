using Microsoft.AspNetCore.Http.HttpResults;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Web.Shared;
using Pms.Web.Shared.Api;

namespace Pms.Web.Identity;

/// <summary>Signs programs and phones in: an access token for 15 minutes and a refresh token that works once.</summary>
public static class AuthApi
{
    /// <summary>User name and password, or employee number and PIN. An issued password must come with a new one, an account with a second factor with a code of its app or a recovery code.</summary>
    public sealed record LoginRequest(string? UserName, string? Password, string? NewPassword, string? EmployeeNumber, string? Pin, string? Code = null);

    /// <summary>The token of the last answer; a second use ends the session.</summary>
    public sealed record RefreshRequest(string? RefreshToken);

    /// <summary>Send <c>Authorization: Bearer</c> with the access token; seconds until it must be refreshed.</summary>
    public sealed record TokenAnswer(string AccessToken, string TokenType, int ExpiresIn, string RefreshToken);

    /// <summary>Who the token stands for and what they may do, as permission → all or own departments.</summary>
    public sealed record MeAnswer(long? UserId, long? EmployeeId, string Name, string? Department, DateTimeOffset SignedInAt, DateTimeOffset EndsAt, IReadOnlyDictionary<string, Scope> Permissions)
    {
        /// <summary>The API key that speaks; null for a person.</summary>
        public long? ApiKeyId { get; init; }

        /// <summary>The only departments of the key; empty is all that the user has.</summary>
        public IReadOnlyList<long> Departments { get; init; } = [];
    }

    public static void MapAuthApi(this IEndpointRouteBuilder routes)
    {
        var anonymous = routes.MapGroup("/api/v1/auth").WithTags("auth").DisableAntiforgery().AllowAnonymous();
        anonymous.MapPost("/login", LoginAsync).Accepts<LoginRequest>(ApiBodies.Json).Says("Login", "Sign a person in", "User name and password, or employee number and PIN. An integration uses an API key instead.")
            .Refuses(StatusCodes.Status401Unauthorized, "sign_in.wrong", "sign_in.wrong_pin", "password.change_first", "mfa.needed", "mfa.wrong", "mfa.enrol_first", "mfa.unreadable").Refuses(StatusCodes.Status429TooManyRequests, "sign_in.wait").Refuses(StatusCodes.Status503ServiceUnavailable, "sign_in.busy")
            .Example(new { userName = "nomsa", password = "nine quiet looms" });
        anonymous.MapPost("/refresh", RefreshAsync).Accepts<RefreshRequest>(ApiBodies.Json).Says("Refresh", "Get the next access token", "Each refresh token works once; a second use ends the session.")
            .Refuses(StatusCodes.Status401Unauthorized, "session.ended").Example(new { refreshToken = "kX3…Qw.9tB…aE" });
        var signedIn = routes.MapApi("auth");
        signedIn.MapPost("/logout", LogoutAsync).Says("Logout", "End this session").Refuses("api_key.no_session");
        signedIn.MapOne("/me", MeAsync).Says("GetMe", "Who the token stands for and what they may do");
    }

    private static async Task<Ok<TokenAnswer>> LoginAsync(HttpContext http, SignInService signIn, SessionService sessions, UserService users, SessionCookies cookies, ApiTokens tokens)
    {
        var request = (await http.BodyAsync<LoginRequest>())!;
        var origin = cookies.OriginOf(http, Channel.Api);
        var signedIn = request.EmployeeNumber is not null
            ? await signIn.WithPinAsync(request.EmployeeNumber, request.Pin, origin, http.RequestAborted)
            : await signIn.WithPasswordAsync(request.UserName, request.Password, request.Code, origin, http.RequestAborted);
        if (signedIn.Session.First is not null)
        {
            var actor = signedIn.Session.ToActor(Channel.Api, origin.Ip, origin.Agent, origin.RequestId);
            try
            {
                if (signedIn.Session.ChangeFirst)
                {
                    if (request.NewPassword is null)
                        throw new UnauthenticatedException("password.change_first");
                    await users.ChangeOwnPasswordAsync(actor, request.Password, request.NewPassword, http.RequestAborted);
                }
                // Setting it up shows a secret and asks for a page.
                if (signedIn.Session is { EnrolFirst: true, SecondFactorAt: null })
                    throw new UnauthenticatedException("mfa.enrol_first");
            }
            catch (PmsException)
            {
                await sessions.EndAsync(actor, signedIn.Session.Id);
                throw;
            }
        }
        return Answer(http, signedIn.Session, signedIn.Token + "." + signedIn.Refresh, tokens);
    }

    private static async Task<Ok<TokenAnswer>> RefreshAsync(HttpContext http, SessionService sessions, SessionCookies cookies, ApiTokens tokens)
    {
        if ((await http.BodyAsync<RefreshRequest>())!.RefreshToken?.Split('.') is not [var token, var refresh])
            throw new UnauthenticatedException("session.ended");
        var (session, next) = await sessions.RefreshAsync(token, refresh, cookies.OriginOf(http, Channel.Api), http.RequestAborted);
        return Answer(http, session, token + "." + next, tokens);
    }

    private static async Task<NoContent> LogoutAsync(HttpContext http, SessionService sessions)
    {
        var actor = http.Actor();
        if (actor.ApiKeyId is not null)
            throw new RuleException("api_key.no_session");
        await sessions.EndAsync(actor, actor.SessionId!, ct: http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<MeAnswer> MeAsync(HttpContext http)
    {
        var (actor, sessions, rights) = (http.Actor(), http.Service<SessionService>(), http.Service<Rights>());
        var person = rights.Now.Of(actor);
        var permissions = (person?.Permissions ?? Enumerable.Empty<KeyValuePair<string, Scope>>()).Where(p => rights.Now.Anywhere(actor, p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal).ToDictionary();
        if (actor.ApiKeyId is { } key)
        {
            var found = (await http.Service<ApiKeyService>().CheckAsync(http.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim(), actor.Ip, http.RequestAborted)).Key ?? throw new UnauthenticatedException("api_key.unknown");
            return new MeAnswer(actor.UserId, actor.EmployeeId, actor.Name, null, found.CreatedAt, found.ExpiresAt, permissions) { ApiKeyId = key, Departments = found.Departments };
        }
        var session = (await sessions.CheckAsync(actor.SessionId!, http.RequestAborted)).Session ?? throw new UnauthenticatedException("session.ended");
        return new MeAnswer(actor.UserId, actor.EmployeeId, actor.Name, session.DepartmentName, session.CreatedAt, session.ExpiresAt, permissions);
    }

    private static Ok<TokenAnswer> Answer(HttpContext http, Session session, string refresh, ApiTokens tokens)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (access, seconds) = tokens.Create(session);
        return TypedResults.Ok(new TokenAnswer(access, "Bearer", seconds, refresh));
    }
}
