using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.SignalR;
using MudBlazor;
using MudBlazor.Services;
using Pms.Web.Capacity;
using Pms.Web.Floor;
using Pms.Web.Health;
using Pms.Web.Planning;
using Pms.Web.Security;
using Serilog;

namespace Pms.Web.Shared;

/// <summary>Everything the pages stand on and no feature owns: rendering, theme, words, headers, limits, logging.</summary>
public static class WebShell
{
    /// <summary>Host options: a published copy (wwwroot and settings beside the program) serves from where it lies, anything else from the folder it is started in.</summary>
    public static WebApplicationOptions Options(string[] args)
    {
        var here = AppContext.BaseDirectory;
        var published = Directory.Exists(Path.Combine(here, "wwwroot")) && File.Exists(Path.Combine(here, "appsettings.json"));
        return new WebApplicationOptions { Args = args, ContentRootPath = published ? here : null };
    }

    public static WebApplicationBuilder AddPmsShell(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseStaticWebAssets(); // else an unpublished Production serves every asset as 0 bytes
        builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        // No static logger: two hosts in one process (as in tests) keep their lines apart.
        builder.Services.AddSerilog((services, log) => PmsLogging.Configure(log, builder.Configuration, services), preserveStaticLogger: true);

        // Limits set on purpose. A cut circuit is kept ten minutes so that a phone coming back from a dead spot finds its page;
        // 2 000 kept circuits are about 0.8 GB at 0.4 MB for an operator's page (docs/benchmarks.md).
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(o =>
        {
            o.DetailedErrors = builder.Environment.IsDevelopment();
            o.DisconnectedCircuitMaxRetained = 2_000;
            o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10);
            o.JSInteropDefaultCallTimeout = TimeSpan.FromSeconds(20);
            o.MaxBufferedUnacknowledgedRenderBatches = 20;
        }).AddHubOptions(o =>
        {
            o.MaximumReceiveMessageSize = 64 * 1024; // a message of typed text; files stream in smaller pieces
            o.ClientTimeoutInterval = TimeSpan.FromSeconds(45);
            o.KeepAliveInterval = TimeSpan.FromSeconds(15);
            o.HandshakeTimeout = TimeSpan.FromSeconds(15);
            o.MaximumParallelInvocationsPerClient = 1;
            o.AddFilter<TapLimit>();
        });
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddAuthorization();
        builder.Services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            o.SnackbarConfiguration.PreventDuplicates = true;
        });
        builder.Services.AddSingleton<TapLimit>();
        builder.Services.AddLocalization();
        builder.Services.AddAntiforgery(o =>
        {
            o.SuppressXFrameOptionsHeader = true; // frame-ancestors 'none' says it
        });
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = false); // a bad form is no fault of ours, in development neither
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<ClockOrigin>().AddScoped<ClockBeat>().AddScoped<CircuitHandler>(sp => sp.GetRequiredService<ClockBeat>());
        builder.Services.AddScoped<Search.SearchWords>();
        builder.Services.AddFloorPages();
        builder.Services.AddPlanningPages().AddCapacityPages();
        builder.Services.AddSingleton<RefusalWords>();
        builder.Services.AddSingleton<Imports.ImportErrors>();
        return builder;
    }

    /// <summary>What every request passes first: headers, errors in plain words, the log line, the reader's culture.</summary>
    public static WebApplication UsePmsShell(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error", CreateScopeForErrors = true, StatusCodeSelector = static e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(static (http, next) =>
        {
            if (IsApi(http) && http.Features.Get<IStatusCodePagesFeature>() is { } pages)
            {
                pages.Enabled = false; // a program wants its 401 or 404, not a page about it
            }

            if (http.Features.Get<IExceptionHandlerFeature>() is not null || http.Features.Get<IStatusCodeReExecuteFeature>() is not null)
            {
                http.Request.Method = HttpMethods.Get; // the page about a failed form is only shown; the form itself may be the fault
            }

            return next(http);
        });
        app.UseSerilogRequestLogging(o => PmsLogging.Requests(o, app.Services.GetRequiredService<Serilog.ILogger>()));
        app.UseRequestLocalization(PmsCultures.Configure);
        return app;
    }

    public static WebApplication MapPmsShell(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapShellEndpoints();
        app.MapPmsHealth();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    /// <summary>True for what machines read: there an error stays a status with problem details and never becomes a page.</summary>
    public static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
}
