using Pms.Core.Planning.Exceptions;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Planning.Exceptions;

/// <summary>/api/v1/exceptions: what needs a planner.</summary>
public static class ExceptionsApi
{
    public static void MapExceptionsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("exceptions");
        api.MapList("/", IssueService.Shape, (http, request) => http.Service<IssueService>().ListAsync(http.Actor(), request, http.RequestAborted))
            .Says("ListExceptions", "List what needs a planner", "On hold, needs decision, to reassign, lost capacity, rejected, late and at risk; by kind, the oldest first.");
        api.MapWhole("/counts", http => http.Service<IssueService>().CountsAsync(http.Actor(), new Core.PageRequest(), http.RequestAborted)).Says("CountExceptions", "Count them by kind");
    }
}
