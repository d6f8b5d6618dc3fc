using Pms.Core.Floor.WallBoards;

namespace Pms.Web.Floor.WallBoards;

/// <summary>A token that opens no board is answered with 404 and a page of plain HTML: a stranger gets no live connection by guessing an address.</summary>
public static class UnknownBoards
{
    private static readonly object Mark = new();

    public static WebApplication UseUnknownBoards(this WebApplication app)
    {
        app.Use(async (http, next) =>
        {
            if (http.Request.Path.StartsWithSegments("/board", StringComparison.OrdinalIgnoreCase) && http.GetRouteValue(nameof(BoardTokenPage.Token)) is { } token
                && await http.RequestServices.GetRequiredService<WallBoardService>().OpenAsync(token as string, http.RequestAborted) is null)
            {
                http.Items[Mark] = true;
                // At the last moment, so that the board's own page is shown and not the general one: it says what to do at the screen and asks for itself again.
                http.Response.OnStarting(static response =>
                {
                    ((HttpResponse)response).StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }, http.Response);
            }
            await next(http);
        });
        return app;
    }

    /// <summary>True for the request of a board that is not there.</summary>
    public static bool IsUnknown(HttpContext http) => http.Items.ContainsKey(Mark);
}
