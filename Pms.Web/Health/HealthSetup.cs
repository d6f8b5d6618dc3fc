using System.Text.Json;
using HealthChecks.UI.Client;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Pms.Core.Identity;
using Pms.Web.Configuration;
using Pms.Web.Identity;

namespace Pms.Web.Health;

/// <summary>
/// Health for programs: <c>/api/health</c> says only how it stands, <c>…/detailed</c> what stands how (with permission, in the form a
/// HealthChecks UI reads), <c>…/ready</c> whether a proxy may send requests, <c>…/live</c> whether the process runs at all.
/// </summary>
public static class HealthSetup
{
    private const string Ready = "ready";

    public static IServiceCollection AddPmsHealth(this IServiceCollection services, PmsConfiguration configuration)
    {
        services.AddSingleton<ResourceSampler>().AddSingleton<Draining>().AddSingleton<HealthBoard>();
        services.AddSingleton<IHostedService>(sp => sp.GetRequiredService<Draining>());
        var checks = services.AddHealthChecks()
            .AddCheck<DatabaseCheck>("database", tags: [Ready])
            .AddCheck<Draining>("accepting", tags: [Ready])
            .AddCheck<DiskCheck>("disk")
            .AddCheck<MemoryCheck>("memory")
            .AddCheck<CpuCheck>("cpu")
            .AddCheck<WorkCheck>("scheduler")
            .AddCheck<OutboxCheck>("outbox");
        if (configuration.RedisUrl is not null)
            checks.AddCheck<RedisCheck>("redis");
        return services;
    }

    public static void MapPmsHealth(this IEndpointRouteBuilder routes)
    {
        Dictionary<HealthStatus, int> codes = new()
        {
            [HealthStatus.Healthy] = StatusCodes.Status200OK, [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable, [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
        };
        // The outside learns one word; a proxy takes a node out only when it can't work, not when a disk is nearly full.
        Dictionary<HealthStatus, int> lenient = new(codes) { [HealthStatus.Degraded] = StatusCodes.Status200OK };
        routes.MapHealthChecks("/api/health", new() { ResponseWriter = OneWord, ResultStatusCodes = codes }).AllowAnonymous();
        routes.MapHealthChecks("/api/health/ready", new() { Predicate = c => c.Tags.Contains(Ready), ResponseWriter = OneWord, ResultStatusCodes = lenient }).AllowAnonymous();
        routes.MapHealthChecks("/api/health/live", new() { Predicate = _ => false, ResponseWriter = OneWord }).AllowAnonymous();
        routes.MapHealthChecks("/api/health/detailed", new() { ResponseWriter = UIResponseWriter.WriteHealthCheckUIResponseNoExceptionDetails, ResultStatusCodes = codes })
            .RequireAuthorization(NeedsAttribute.PolicyPrefix + Permissions.AdminHealth);
    }

    private static Task OneWord(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(JsonSerializer.Serialize(new { status = report.Status.ToString() }), http.RequestAborted);
    }
}
