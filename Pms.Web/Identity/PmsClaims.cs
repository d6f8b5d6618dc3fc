using System.Diagnostics;
using System.Globalization;
using System.Security.Claims;
using Pms.Core;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Sessions;

namespace Pms.Web.Identity;

/// <summary>
/// The principal of one request or circuit: who and by which session, never roles. It is made anew from the session's row at each request;
/// the cookie itself holds only the session's token, a bearer token only its id.
/// </summary>
public static class PmsClaims
{
    /// <summary>Names a command, so that its repeat gets the first answer again.</summary>
    public const string KeyHeader = "Idempotency-Key";

    private const string Scheme = "pms";
    private const string SessionId = "sid", User = "usr", Employee = "emp", Terminal = "trm", BadgeOnly = "bdg", Scoped = "scp", Ip = "ip", Agent = "agt", FirstChange = "chg", Key = "key", KeyMay = "kmy", KeyIn = "kin", KeyPace = "kpm";

    /// <summary>The principal of a session that was just checked, with where this request comes from.</summary>
    public static ClaimsPrincipal Principal(Session session, HttpContext http)
    {
        // "sub" is also what antiforgery tokens are bound to.
        var identity = new PmsIdentity();
        void Add(string type, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                identity.AddClaim(new Claim(type, value));
        }
        Add("sub", session.Id);
        Add(ClaimTypes.Name, session.Name);
        Add(SessionId, session.Id);
        Add(User, session.UserId?.ToString(CultureInfo.InvariantCulture));
        Add(Employee, session.EmployeeId?.ToString(CultureInfo.InvariantCulture));
        Add(Terminal, session.TerminalId?.ToString(CultureInfo.InvariantCulture));
        Add(BadgeOnly, session.BadgeOnly ? "1" : null);
        Add(Scoped, session.Method == SignInMethod.Password ? null : "1");
        Add(FirstChange, session.First);
        Add(Ip, IpOf(http));
        Add(Agent, AgentOf(http));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>The principal of an API key that was just checked.</summary>
    public static ClaimsPrincipal Principal(ApiKey key, HttpContext http)
    {
        var actor = key.ToActor(IpOf(http), AgentOf(http), null);
        var identity = new PmsIdentity();
        identity.AddClaims([new("sub", actor.SessionId!), new(ClaimTypes.Name, actor.Name), new(SessionId, actor.SessionId!), new(User, Text(key.UserId)), new(Key, Text(key.Id)), new(KeyPace, Text(key.PerMinute)),
            .. key.EmployeeId is { } employee ? [new Claim(Employee, Text(employee))] : Array.Empty<Claim>(), .. actor.Scopes!.Select(p => new Claim(KeyMay, p)), .. key.Departments.Select(d => new Claim(KeyIn, Text(d))),
            .. actor.Ip is { } ip ? [new Claim(Ip, ip)] : Array.Empty<Claim>(), .. actor.Agent is { } agent ? [new Claim(Agent, agent)] : Array.Empty<Claim>()]);
        return new ClaimsPrincipal(identity);

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Requests a minute that the API key behind the principal may make; null for people.</summary>
    public static int? PaceOf(ClaimsPrincipal principal) => principal.FindFirst(KeyPace) is { } pace ? int.Parse(pace.Value, CultureInfo.InvariantCulture) : null;

    /// <summary>The actor behind a principal; null when nobody is signed in.</summary>
    public static Actor? ActorOf(ClaimsPrincipal? principal, Channel channel = Channel.Page) =>
        principal?.Identity is PmsIdentity { Who: { } actor } ? actor with { Channel = channel, RequestId = Activity.Current?.TraceId.ToString() } : null;

    /// <summary>What must be done before anything else (a new password, a second factor), as a code; null when nothing must.</summary>
    public static string? FirstOf(ClaimsPrincipal principal) => principal.FindFirst(FirstChange)?.Value;

    /// <summary>The actor of a request; of a command of the API with the caller's own key for it.</summary>
    /// <exception cref="UnauthenticatedException">Nobody is signed in.</exception>
    /// <exception cref="InvalidException">The Idempotency-Key is too long, or no plain text.</exception>
    public static Actor Actor(this HttpContext http)
    {
        if (FirstOf(http.User) is { } first)
            throw new UnauthenticatedException(first);
        var isApi = Shared.WebShell.IsApi(http);
        var actor = ActorOf(http.User, isApi ? Channel.Api : Channel.Page) ?? throw new UnauthenticatedException("not_signed_in");
        return isApi && !HttpMethods.IsGet(http.Request.Method) ? actor with { CommandKey = CommandKey(http) } : actor;
    }

    /// <summary>Visible ASCII up to 100 characters; null without one.</summary>
    private static string? CommandKey(HttpContext http) => http.Request.Headers[KeyHeader].ToString() switch
    {
        "" => null,
        { Length: > 100 } => throw new InvalidException(KeyHeader, "too_long", 100),
        var key => key.All(c => c is > ' ' and <= '~') ? key : throw new InvalidException(KeyHeader, "not_valid"),
    };

    public static string? IpOf(HttpContext http) => http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : null;

    public static string? AgentOf(HttpContext http) => http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent.Length > 200 ? agent[..200] : agent : null;

    /// <summary>Who it is as claims, and as an actor put together once: a request asks for it half a dozen times.</summary>
    private sealed class PmsIdentity : ClaimsIdentity
    {
        private Actor? who;

        public PmsIdentity() : base(Scheme, ClaimTypes.Name, ClaimTypes.Role) { }

        private PmsIdentity(PmsIdentity from) : base(from) { }

        public Actor? Who => who ??= FindFirst(SessionId) is { } sid ? Read(sid.Value) : null;

        public override ClaimsIdentity Clone() => new PmsIdentity(this);

        private Actor Read(string sid)
        {
            long? Number(string type) => FindFirst(type) is { } claim ? long.Parse(claim.Value, CultureInfo.InvariantCulture) : null;
            var key = Number(Key);
            return new Actor
            {
                ApiKeyId = key, OnlyDepartments = key is not null && HasClaim(c => c.Type == KeyIn) ? FindAll(KeyIn).Select(c => long.Parse(c.Value, CultureInfo.InvariantCulture)).ToHashSet() : null,
                UserId = Number(User), EmployeeId = Number(Employee), TerminalId = Number(Terminal), Name = Name ?? "", SessionId = sid,
                BadgeOnly = HasClaim(BadgeOnly, "1"), Scopes = key is not null ? FindAll(KeyMay).Select(c => c.Value).ToHashSet() : HasClaim(Scoped, "1") ? Core.Identity.Permissions.WithoutPassword : null,
                Ip = FindFirst(Ip)?.Value, Agent = FindFirst(Agent)?.Value,
            };
        }
    }
}
