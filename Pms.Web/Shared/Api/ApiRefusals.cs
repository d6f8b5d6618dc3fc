namespace Pms.Web.Shared.Api;

/// <summary>Marks an endpoint whose command may be repeated under an Idempotency-Key.</summary>
public sealed record TakesKey;

/// <summary>Refusals of one endpoint beyond those that the conventions bring; each is a code with its words in RefusalTexts.</summary>
public sealed record MayRefuse(int Status, IReadOnlyList<string> Codes);

/// <summary>Marks an endpoint whose picture can be cut to one department: <c>department=3</c>.</summary>
public sealed record AsksDepartment;

/// <summary>Marks an endpoint that answers some days: <c>from=2026-11-24</c> (today), <c>days=14</c>.</summary>
public sealed record AsksDays(int First, int Most);

/// <summary>A body as somebody would really send it.</summary>
public sealed record BodyExample(object Value);

/// <summary>What endpoints say about themselves for the document.</summary>
public static class ApiRefusals
{
    /// <summary>Rules of the plant that this command may run into: 409.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params string[] codes) => route.WithMetadata(new MayRefuse(StatusCodes.Status409Conflict, codes));

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, int status, params string[] codes) => route.WithMetadata(new MayRefuse(status, codes));

    public static RouteHandlerBuilder Says(this RouteHandlerBuilder route, string name, string summary, string? description = null)
    {
        route.WithName(name).WithSummary(summary);
        return description is null ? route : route.WithDescription(description);
    }

    /// <summary>An example of the body; anonymous types will do.</summary>
    public static RouteHandlerBuilder Example(this RouteHandlerBuilder route, object body) => route.WithMetadata(new BodyExample(body));
}
