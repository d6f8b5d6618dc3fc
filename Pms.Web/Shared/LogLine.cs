using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Web.Identity;
using Serilog.Context;
using Serilog.Core;
using Serilog.Events;

namespace Pms.Web.Shared;

/// <summary>
/// Every line says which part it is of, who it was for, from where and in which request, and stays one line: what a stranger sends can't make another.
/// </summary>
public sealed class LogLine : ILogEventEnricher
{
    /// <summary>Parts with a file of their own; everything stands in app too.</summary>
    public static readonly IReadOnlyList<string> Parts = ["database", "api", "auth", "security", "audit"];

    private static readonly (string Source, string Part)[] Sources =
    [
        ("Pms.Core.Data", "database"), ("MySqlConnector", "database"), (SecurityEvents.Category, "security"), ("Pms.Core.Audit", "audit"),
        ("Pms.Core.Identity", "auth"), ("Pms.Web.Identity", "auth"), ("Microsoft.AspNetCore.Authentication", "auth"), ("Microsoft.AspNetCore.Authorization", "auth"), ("Pms.Web.Shared.ApiErrors", "api"),
    ];

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToList())
            if (value is ScalarValue { Value: string text } && text.Any(char.IsControl))
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(string.Concat(text.Select(c => char.IsControl(c) ? '␤' : c)))));
        void Default(string name, string value) => logEvent.AddPropertyIfAbsent(new LogEventProperty(name, new ScalarValue(value)));
        Default("Log", NameOf(logEvent));
        Default("UserId", "-");
        Default("Ip", "-");
        // The reference that an error message shows is the trace's id.
        if (logEvent.TraceId is { } trace)
            logEvent.AddOrUpdateProperty(new LogEventProperty("RequestId", new ScalarValue(trace.ToString())));
        else
            Default("RequestId", "-");
    }

    /// <summary>The part a line is of.</summary>
    public static string NameOf(LogEvent line)
    {
        var source = Text(line, "SourceContext");
        foreach (var (prefix, part) in Sources)
            if (source.StartsWith(prefix, StringComparison.Ordinal))
                return part;
        return Text(line, "RequestPath").StartsWith("/api/", StringComparison.OrdinalIgnoreCase) ? "api" : "app";
    }

    /// <summary>A user, else an operator without an account.</summary>
    public static string Who(Actor? actor) => actor switch { null => "-", { UserId: { } user } => $"u:{user}", _ => actor.Principal };

    private static string Text(LogEvent line, string name) => line.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string text } ? text : "";
}

/// <summary>Names the person on all lines that a request or a tap writes.</summary>
public static class LogLines
{
    public static WebApplication UseLogLines(this WebApplication app)
    {
        app.Use(static async (http, next) =>
        {
            using (LogContext.Push(new LogNames(PmsClaims.ActorOf(http.User), PmsClaims.IpOf(http))))
                await next(http);
        });
        return app;
    }
}

/// <summary>The same for a live page: what a tap writes names who tapped. Every message of the browser passes here, so the names are put together once.</summary>
public sealed class CircuitLogLines(AuthenticationStateProvider who) : CircuitHandler
{
    private (ClaimsPrincipal User, ILogEventEnricher Names)? _last;

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        var user = (await who.GetAuthenticationStateAsync()).User;
        if (_last is not { } last || !ReferenceEquals(last.User, user))
        {
            var actor = PmsClaims.ActorOf(user);
            _last = last = (user, new LogNames(actor, actor?.Ip));
        }
        using (LogContext.Push(last.Names))
            await next(context);
    };
}

/// <summary>Who it is for and from where, put into words only where a line is written.</summary>
internal sealed class LogNames(Actor? actor, string? ip) : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        logEvent.AddPropertyIfAbsent(new LogEventProperty("UserId", new ScalarValue(LogLine.Who(actor))));
        logEvent.AddPropertyIfAbsent(new LogEventProperty("Ip", new ScalarValue(ip)));
    }
}
