using Microsoft.AspNetCore.Http.HttpResults;
using Pms.Web.Configuration;
using Pms.Web.Shared;

namespace Pms.Web.Security;

/// <summary>
/// In production nobody signs in, and no page is shown, over a line that others can read: without https (its own or a trusted proxy's)
/// there is only a page that says so. Health answers all the same, because a proxy asks for it on its own line.
/// </summary>
public static class PlainHttp
{
    public static WebApplication UsePlainHttpRule(this WebApplication app)
    {
        if (app.Services.GetRequiredService<PmsConfiguration>().AllowsPlainHttp)
            return app;
        var told = 0;
        app.Use((http, next) =>
        {
            if (http.Request.IsHttps || http.Request.Path.StartsWithSegments("/api/health", StringComparison.OrdinalIgnoreCase) || IsFile(http.Request))
                return next(http);
            if (Interlocked.Exchange(ref told, 1) == 0)
                app.Logger.LogWarning("Requests come over plain http and are refused. Give PMS a certificate (Kestrel:Certificates:Default), or name the proxy that does https in Web:TrustedProxies");
            return WebShell.IsApi(http)
                ? TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "https is required", type: "https_required").ExecuteAsync(http)
                : new RazorComponentResult<HttpsNeeded> { StatusCode = StatusCodes.Status403Forbidden }.ExecuteAsync(http);
        });
        return app;
    }

    private static bool IsFile(HttpRequest request) => HttpMethods.IsGet(request.Method) && Path.HasExtension(request.Path.Value) && !request.Path.StartsWithSegments("/_blazor");
}
