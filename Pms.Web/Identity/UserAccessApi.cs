using Microsoft.AspNetCore.Http.HttpResults;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Web.Shared.Api;

namespace Pms.Web.Identity;

/// <summary>/api/v1/users: where somebody is signed in and by what device, ended from afar; a lost second factor reset. Nobody's time entry ends by it.</summary>
public static class UserAccessApi
{
    /// <summary>An open session. <see cref="Device"/> is the id of the device it runs on, where that is known.</summary>
    public sealed record SessionAnswer(string Id, SessionKind Kind, SignInMethod Method, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt, string? Ip, string? Agent, string? Device, string? Terminal);

    /// <summary>One try to sign in, right or wrong.</summary>
    public sealed record SignInAnswer(long Id, DateTimeOffset At, bool Succeeded, Core.Channel Channel, string? Ip, string? Agent, bool NewDevice, bool FailedAtCode);

    public static void MapUserAccessApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("users");
        api.MapWhole("/{id:long}/sessions", async http => (IReadOnlyList<SessionAnswer>)[.. (await Access(http).ListSessionsAsync(http.Actor(), http.Id(), http.RequestAborted)).Select(Of)])
            .Says("ListUserSessions", "List a user's open sessions", "Newest first, at most 50.");
        api.MapDelete("/{id:long}/sessions", async Task<NoContent> (HttpContext http) =>
        {
            await Access(http).EndAllAsync(http.Actor(), http.Id(), http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("EndUserSessions", "Sign a user out everywhere", "All sessions end but the caller's own. Open pages leave within 30 seconds.");
        api.MapDelete("/{id:long}/sessions/{session}", async Task<NoContent> (HttpContext http) =>
        {
            await Access(http).EndSessionAsync(http.Actor(), http.Id(), Part(http, "session"), http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("EndUserSession", "End one session of a user");
        api.MapWhole("/{id:long}/sign-ins", async http => (IReadOnlyList<SignInAnswer>)[.. (await Access(http).ListSignInsAsync(http.Actor(), http.Id(), http.RequestAborted)).Select(Of)])
            .Says("ListUserSignIns", "List a user's last tries to sign in", "Newest first, at most 50, right and wrong ones.");
        api.MapWhole<KnownDevice>("/{id:long}/devices", http => Access(http).ListDevicesAsync(http.Actor(), http.Id(), http.RequestAborted))
            .Says("ListUserDevices", "List the devices that signed a user in before", "A known device is not slowed by wrong passwords elsewhere.");
        api.MapDelete("/{id:long}/devices/{device}", async Task<NoContent> (HttpContext http) =>
        {
            await Access(http).ForgetDeviceAsync(http.Actor(), http.Id(), Part(http, "device"), http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("ForgetUserDevice", "Forget a device of a user", "What is open on it ends.");
        api.MapOne("/{id:long}/second-factor", http => http.Service<SecondFactorService>().GetAsync(http.Actor(), http.Id(), http.RequestAborted))
            .Says("GetUserSecondFactor", "Whether a user has a second factor, and whether a role asks for one");
        api.MapDelete("/{id:long}/second-factor", async Task<NoContent> (HttpContext http) =>
        {
            await http.Service<SecondFactorService>().ResetAsync(http.Actor(), http.Id(), http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("ResetUserSecondFactor", "Reset the second factor of somebody who lost it", "Their sessions end; the password alone signs them in until they set up the next one.").Refuses("mfa.not_on", "mfa.reset_own");
    }

    private static AccessService Access(HttpContext http) => http.Service<AccessService>();

    private static string Part(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private static SessionAnswer Of(Session s) => new(s.Id, s.Kind, s.Method, s.CreatedAt, s.LastSeenAt, s.ExpiresAt, s.Ip, s.Agent, s.DeviceHash, s.TerminalName);

    private static SignInAnswer Of(SignInEntry e) => new(e.Id, e.At, e.Succeeded, e.Channel, e.Ip, e.Agent, e.OnNewDevice, e.FailedAtCode);
}
