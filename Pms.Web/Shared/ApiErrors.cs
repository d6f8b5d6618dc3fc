using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Shared;

/// <summary>
/// The one place where the API turns refusals into answers (RFC 9457): a status by kind, the stable code, words in the reader's language,
/// faults by field. A fault of ours says only a reference to quote.
/// </summary>
public sealed class ApiErrors(ILogger<ApiErrors> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken cancellationToken)
    {
        // The handler has put the path of the error page into the request already; the answer is about the one that was asked for.
        if (http.Features.Get<IExceptionHandlerPathFeature>() is not { } asked || !new PathString(asked.Path).StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
            return false;
        http.Request.Path = asked.Path;
        switch (exception)
        {
            case PmsException refused:
                await WriteAsync(http, refused);
                break;
            case BadHttpRequestException bad:
                await WriteAsync(http, bad.StatusCode);
                break;
            default:
                log.LogError(exception, "An API call failed, reference {Reference}", Reference(http));
                await WriteAsync(http, StatusCodes.Status500InternalServerError, "unexpected", Words(http, new Refusal("unexpected", Reference(http))), null);
                break;
        }
        return true;
    }

    /// <summary>The status that each kind of refusal has, in the API and nowhere else.</summary>
    public static int StatusOf(PmsException refused) => refused switch
    {
        InvalidException => StatusCodes.Status400BadRequest,
        UnauthenticatedException => StatusCodes.Status401Unauthorized,
        ForbiddenException => StatusCodes.Status403Forbidden,
        NotFoundException => StatusCodes.Status404NotFound,
        IfMatchNeededException => StatusCodes.Status428PreconditionRequired,
        StaleVersionException => StatusCodes.Status412PreconditionFailed,
        ConflictException or RuleException or ReasonNeededException or KeyInFlightException => StatusCodes.Status409Conflict,
        KeyReusedException => StatusCodes.Status422UnprocessableEntity,
        TooManyException => StatusCodes.Status429TooManyRequests,
        BusyException or OutcomeUnknownException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static async Task WriteAsync(HttpContext http, PmsException refused)
    {
        var words = http.RequestServices.GetRequiredService<RefusalWords>();
        if (refused is ForbiddenException forbidden && Identity.PmsClaims.ActorOf(http.User, Channel.Api) is { } actor)
            await http.RequestServices.GetRequiredService<Core.Identity.SecurityEvents>().RefusedAsync(actor, forbidden, http.RequestAborted);
        if (refused switch { BusyException busy => busy.RetryAfter, TooManyException many => many.RetryAfter, KeyInFlightException twin => twin.RetryAfter, _ => (TimeSpan?)null } is { } wait)
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (refused is StaleVersionException stale)
            http.Response.Headers.ETag = stale.ETag;
        await WriteAsync(http, StatusOf(refused), refused.Code, words.Of(refused), problem =>
        {
            if (refused is StaleVersionException stale)
                problem.Extensions["etag"] = stale.ETag;
            if (refused is InvalidException invalid)
            {
                problem.Extensions["faults"] = invalid.Faults.Select(f => new { field = Camel(f.Field), code = f.Why.Code, known = f.Why.Args.OfType<string[]>().FirstOrDefault() }).ToArray();
                problem.Extensions["errors"] = invalid.Faults.GroupBy(f => f.Field).ToDictionary(f => Camel(f.Key), f => f.Select(x => words.Of(x.Why)).ToArray());
            }
            if (refused is ReasonNeededException needed)
                problem.Extensions["warnings"] = needed.Warnings.Select(w => new { code = w.Code, text = words.Of(w) }).ToArray();
        });
    }

    /// <summary>
    /// Answers refusals where they happen, so that the log shows them as what they are and not as faults, and gives an answer without a body
    /// (no such route, wrong method, a body that can't be read) one.
    /// </summary>
    public static async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        if (!WebShell.IsApi(http))
        {
            await next(http);
            return;
        }
        try
        {
            ApiBodies.Limit(http);
            ApiDeprecation.Announce(http);
            await next(http);
        }
        catch (BadHttpRequestException bad) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await WriteAsync(http, bad.StatusCode);
        }
        catch (PmsException refused) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await WriteAsync(http, refused);
        }
        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null } response)
            await WriteAsync(http, response.StatusCode);
    }

    /// <summary>For a file that the browser opens by its address: a refusal is a line of words with its status, and no fault of ours.</summary>
    public static async ValueTask<object?> InWordsAsync(EndpointFilterInvocationContext asked, EndpointFilterDelegate next)
    {
        try
        {
            return await next(asked);
        }
        catch (PmsException refused) when (refused is not UnauthenticatedException)
        {
            var http = asked.HttpContext;
            if (refused is ForbiddenException forbidden && PmsClaims.ActorOf(http.User) is { } actor)
                await http.RequestServices.GetRequiredService<SecurityEvents>().RefusedAsync(actor, forbidden, http.RequestAborted);
            return Results.Text(http.RequestServices.GetRequiredService<RefusalWords>().Of(refused), "text/plain", statusCode: StatusOf(refused));
        }
    }

    /// <summary>The code of a refusal that is HTTP's own.</summary>
    public static string CodeOf(int status) => status switch
    {
        400 => "bad_request", 401 => "not_signed_in", 403 => "not_allowed", 404 => "no_such_address", 405 => "wrong_method", 413 => "too_big", 415 => "not_json", _ => "bad_request",
    };

    private static Task WriteAsync(HttpContext http, int status) => WriteAsync(http, status, CodeOf(status), Words(http, new Refusal(CodeOf(status))), null);

    private static async Task WriteAsync(HttpContext http, int status, string code, string title, Action<ProblemDetails>? more)
    {
        var problem = new ProblemDetails { Type = "urn:pms:error:" + code, Title = title, Status = status, Instance = http.Request.Path };
        problem.Extensions["code"] = code;
        problem.Extensions["requestId"] = Reference(http);
        more?.Invoke(problem);
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", http.RequestAborted);
    }

    private static string Words(HttpContext http, Refusal refusal) => http.RequestServices.GetRequiredService<RefusalWords>().Of(refusal);

    private static string Reference(HttpContext http) => System.Diagnostics.Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;

    private static string Camel(string path) => path.Contains('-', StringComparison.Ordinal) ? path : string.Join('.', path.Split('.').Select(p => p.Length == 0 ? p : char.ToLowerInvariant(p[0]) + p[1..]));
}
