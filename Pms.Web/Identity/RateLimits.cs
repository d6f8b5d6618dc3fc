using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Pms.Web.Configuration;
using Pms.Web.Security;
using Pms.Web.Shared;
using StackExchange.Redis;

namespace Pms.Web.Identity;

/// <summary>
/// How often one client may ask. Counted are pages, form posts, API calls and, apart from these, opened live connections; never files nor a
/// page's own live traffic, which has a limit of its own. Whoever is signed in counts alone; strangers count by address, with room for a whole
/// shift behind one where it is only the sign-in page. With Redis the nodes count together.
/// </summary>
public static class RateLimits
{
    /// <summary>Times the setting: a person clicks more than a stranger may try.</summary>
    private const int SignedIn = 10, AnonymousPages = 10;

    public static IServiceCollection AddPmsRateLimits(this IServiceCollection services, PmsConfiguration configuration)
    {
        services.AddOptions<RateLimiterOptions>().Configure<IServiceProvider>((o, sp) => o.GlobalLimiter = Limiter(configuration.RateLimitPerMinute, sp));
        return services.AddRateLimiter(Answers);
    }

    private static PartitionedRateLimiter<HttpContext> Limiter(int limit, IServiceProvider services)
    {
        var (redis, time, log) = (services.GetService<IConnectionMultiplexer>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SharedWindow>>());
        RateLimitPartition<string> Window(string who, int most) => RateLimitPartition.Get(who, w => redis is null ? SharedWindow.Local(most) : new SharedWindow(w, most, redis, time, log));
        return PartitionedRateLimiter.Create<HttpContext, string>(http =>
        {
            var connects = OpensConnection(http);
            if (!connects && !Counts(http))
                return RateLimitPartition.GetNoLimiter("");
            if (PmsClaims.ActorOf(http.User) is { } actor)
                return Window((connects ? "sc:" : "s:") + actor.Principal, LimitOf(http, limit));
            var address = PmsClaims.IpOf(http);
            return WebShell.IsApi(http) ? Window("a:" + address, LimitOf(http, limit)) : Window((connects ? "pc:" : "p:") + address, limit * AnonymousPages);
        });
    }

    /// <summary>Requests a minute: an API key has its own number, a person ten times the setting.</summary>
    private static int LimitOf(HttpContext http, int limit) => PmsClaims.PaceOf(http.User) ?? (PmsClaims.ActorOf(http.User) is not null ? limit * SignedIn : limit);

    /// <summary>Tells a program with every answer how often it may ask and how often still.</summary>
    public static Task AnnounceAsync(HttpContext http, RequestDelegate next)
    {
        if (!WebShell.IsApi(http) || !Counts(http))
            return next(http);
        http.Response.OnStarting(() =>
        {
            var limit = LimitOf(http, http.RequestServices.GetRequiredService<PmsConfiguration>().RateLimitPerMinute);
            var left = http.RequestServices.GetRequiredService<IOptions<RateLimiterOptions>>().Value.GlobalLimiter?.GetStatistics(http)?.CurrentAvailablePermits ?? limit;
            http.Response.Headers["RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["RateLimit-Remaining"] = Math.Clamp(left, 0, limit).ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"minute\";q={limit};w=60");
            return Task.CompletedTask;
        });
        return next(http);
    }

    private static void Answers(RateLimiterOptions o)
    {
        o.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        o.OnRejected = async (context, _) =>
        {
            var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromMinutes(1);
            var refused = new Core.TooManyException("too_many_requests", wait);
            if (WebShell.IsApi(context.HttpContext))
            {
                await ApiErrors.WriteAsync(context.HttpContext, refused);
                return;
            }
            context.HttpContext.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            context.HttpContext.Response.ContentType = "text/plain; charset=utf-8";
            await context.HttpContext.Response.WriteAsync(context.HttpContext.RequestServices.GetRequiredService<RefusalWords>().Of(refused));
        };
    }

    /// <summary>A new live connection: it is negotiated, or opened without that; what goes over one that is open carries its id.</summary>
    private static bool OpensConnection(HttpContext http) => http.Request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase, out var rest)
        && (rest.StartsWithSegments("/negotiate", StringComparison.OrdinalIgnoreCase) || !rest.HasValue && !http.Request.Query.ContainsKey("id"));

    private static bool Counts(HttpContext http) => http.GetEndpoint() is { } endpoint
        && !http.Request.Path.StartsWithSegments("/api/health", StringComparison.OrdinalIgnoreCase)
        && (WebShell.IsApi(http) || endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
            || HttpMethods.IsPost(http.Request.Method) && !http.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal));
}
