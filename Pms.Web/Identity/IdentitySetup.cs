using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SignIns;
using Pms.Web.Configuration;
using Pms.Web.Identity.Fields;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Who is there and what they may open: cookies for pages, bearer tokens for /api and never the other way round.</summary>
public static class IdentitySetup
{
    /// <summary>Signed in by a bearer token or an API key.</summary>
    public const string ApiPolicy = "api";

    private const string ByPath = "pms";

    public static WebApplicationBuilder AddPmsIdentity(this WebApplicationBuilder builder, PmsConfiguration configuration)
    {
        var services = builder.Services;
        services.AddSingleton<SessionCookies>().AddSingleton<ApiTokens>().AddSingleton<RoleExport>();
        services.AddSingleton<FieldPreview>().AddSingleton<FieldWords>();
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, CookieSessions>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(sp => sp.GetRequiredService<ApiTokens>());
        services.AddAuthentication(ByPath)
            .AddPolicyScheme(ByPath, null, o => o.ForwardDefaultSelector = http => !WebShell.IsApi(http) ? SessionCookies.Scheme : ApiKeyHandler.Speaks(http.Request) ? ApiKeyHandler.SchemeName : JwtBearerDefaults.AuthenticationScheme)
            .AddCookie(SessionCookies.Scheme)
            .AddJwtBearer()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        services.AddSingleton<IAuthorizationHandler, NeedsHandler>().AddSingleton<IAuthorizationMiddlewareResultHandler, PageRefusals>();
        services.AddAuthorization(o =>
        {
            o.AddPolicy(ApiPolicy, p => p.AddAuthenticationSchemes(ByPath).RequireAuthenticatedUser());
            foreach (var permission in Permissions.All)
                o.AddPolicy(NeedsAttribute.PolicyPrefix + permission, p => p.RequireAuthenticatedUser().AddRequirements(new NeededPermission(permission)));
        });
        services.AddScoped<CircuitSession>().AddScoped<CircuitHandler>(sp => sp.GetRequiredService<CircuitSession>());
        services.Configure<AntiforgeryOptions>(o =>
        {
            o.Cookie.Name = SessionCookies.Name(configuration, "xsrf");
            o.Cookie.Path = "/";
            o.Cookie.SameSite = SameSiteMode.Lax;
            o.Cookie.SecurePolicy = configuration.AllowsPlainHttp ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        });
        services.AddExceptionHandler<ApiErrors>();
        services.AddPmsRateLimits(configuration);
        return builder;
    }

    public static WebApplication UsePmsIdentity(this WebApplication app)
    {
        app.Use(SameOrigin);
        app.Use(next => http => ApiErrors.AnswerAsync(http, next));
        app.UseAuthentication();
        app.Use(next => http => RateLimits.AnnounceAsync(http, next));
        app.UseRateLimiter();
        app.UseAuthorization();
        return app;
    }

    public static WebApplication MapPmsIdentity(this WebApplication app)
    {
        app.MapIdentityEndpoints();
        app.MapAuthApi();
        app.MapUserAccessApi();
        app.MapRolesApi();
        app.MapApiKeysApi();
        app.Lifetime.ApplicationStarted.Register(() => _ = TellSetupCodeAsync(app));
        return app;
    }

    /// <summary>The roles of a new plant, before anybody reads rights.</summary>
    public static Task SeedIdentityAsync(this WebApplication app) => app.Services.GetRequiredService<RoleSeed>().RunAsync();

    /// <summary>A page of another site may not speak through the reader's browser: the live connection, and posts, come from our own pages only.</summary>
    private static Task SameOrigin(HttpContext http, RequestDelegate next)
    {
        var origin = http.Request.Headers.Origin.ToString();
        var guarded = http.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal) || !WebShell.IsApi(http) && HttpMethods.IsPost(http.Request.Method);
        if (guarded && origin.Length > 0 && (!Uri.TryCreate(origin, UriKind.Absolute, out var from) || !string.Equals(from.Authority, http.Request.Host.Value, StringComparison.OrdinalIgnoreCase)
            && !string.Equals($"{from.Host}:{from.Port}", http.Request.Host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }
        return next(http);
    }

    private static async Task TellSetupCodeAsync(WebApplication app)
    {
        try
        {
            if (app.Services.GetRequiredService<RunMode>().IsDemo || await app.Services.GetRequiredService<SetupService>().NewCodeAsync() is not { } code)
                return;
            var address = (app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "").Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal);
            await Console.Out.WriteLineAsync($"\n  This plant has no user yet. Open {address}/setup and create the first administrator\n  with this code, good for one day:   {code}\n");
        }
        catch (PmsException e)
        {
            app.Logger.LogError(e, "The code for the first administrator could not be made; start PMS again");
        }
    }

    /// <summary>A page that somebody may not open is answered with 403 and shown as such inside its layout, and written down; anything else as usual.</summary>
    private sealed class PageRefusals(SecurityEvents security) : IAuthorizationMiddlewareResultHandler
    {
        private readonly AuthorizationMiddlewareResultHandler usual = new();

        public async Task HandleAsync(RequestDelegate next, HttpContext http, AuthorizationPolicy policy, PolicyAuthorizationResult result)
        {
            if (!result.Forbidden || http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is null)
            {
                await usual.HandleAsync(next, http, policy, result);
                return;
            }
            if (PmsClaims.ActorOf(http.User) is { } actor && policy.Requirements.OfType<NeededPermission>().FirstOrDefault() is { } needed)
                await security.RefusedAsync(actor, new ForbiddenException(needed.Permission), http.RequestAborted);
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await next(http);   // the router refuses it once more, and says so in words
        }
    }
}
