using Pms.Core.Maintenance;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Maintenance;

/// <summary>/api/v1/tickets: stops reported at machines, and the way of each until the machine is released.</summary>
public static class TicketsApi
{
    /// <summary>Bodies: what a command needs besides the ticket and its version.</summary>
    public sealed record AssignBody(long? EmployeeId);

    public sealed record CompleteBody(string WorkDone, bool Release = true);

    public sealed record CancelBody(string Reason);

    public sealed record ExpectedBody(DateTimeOffset ExpectedBack);

    public static void MapTicketsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("tickets");
        api.MapList("/", MaintenanceService.Shape, (http, request) => Service(http).ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListTickets", "List maintenance tickets, the newest first");
        api.MapOne("/{id:long}", TicketAsync, t => t.Version).Says("GetTicket", "Read a ticket");
        api.MapCreate<ReportStop, TicketResult>("/", (http, body) => Service(http).ReportStopAsync(http.Actor(), body, http.Key(), http.RequestAborted), t => $"tickets/{t.TicketId}")
            .Says("ReportStop", "Report that a machine stands or needs maintenance", "Where it stands, its running jobs are paused with it.").Refuses(StatusCodes.Status404NotFound, "not_found")
            .Refuses("job.machine_retired", "maintenance.already_reported").Example(new { machineId = 14, stands = true, reasonId = 3, description = "Needle bar bent", severity = nameof(Severity.High) });
        Moves<AssignBody>("assign", "AssignTicket", "Give it to a technician, or back to nobody", (id, b, version) => new(id, b?.EmployeeId is null ? TicketStatus.Open : TicketStatus.Assigned, version, b?.EmployeeId)).Example(new { employeeId = 31 });
        Moves<object>("start", "StartTicket", "Begin the work, or go on when parts are there", (id, _, version) => new(id, TicketStatus.InProgress, version), true);
        Moves<object>("await-parts", "AwaitParts", "Wait for parts", (id, _, version) => new(id, TicketStatus.AwaitingParts, version), true);
        Moves<CompleteBody>("complete", "CompleteTicket", "Finish the work and, unless release is false, the machine's downtime", (id, b, version) => new(id, TicketStatus.Completed, version, WorkDone: b!.WorkDone, Release: b.Release))
            .Example(new { workDone = "Needle bar replaced", release = true });
        Moves<CancelBody>("cancel", "CancelTicket", "Take a ticket back that was none", (id, b, version) => new(id, TicketStatus.Cancelled, version, Reason: b!.Reason)).Example(new { reason = "Reported twice" });
        api.MapVersioned<object, TicketResult>("/{id:long}/release", CurrentAsync, (http, _, version) => Service(http).ReleaseAsync(http.Actor(), http.Id(), version, http.Key(), http.RequestAborted), optionalBody: true)
            .Says("ReleaseMachine", "Let the machine of a completed ticket produce again").Refuses("maintenance.not_releasable");
        api.MapVersioned<ExpectedBody, TicketResult>("/{id:long}/expected-back", CurrentAsync, (http, b, version) => Service(http).SetExpectedBackAsync(http.Actor(), new(http.Id(), b!.ExpectedBack, version), http.Key(), http.RequestAborted))
            .Says("SetExpectedBack", "Say when the machine should run again").Refuses("maintenance.not_standing").Example(new { expectedBack = "2026-11-24T12:00:00Z" });

        RouteHandlerBuilder Moves<TBody>(string verb, string name, string summary, Func<long, TBody?, int, ChangeTicket> change, bool optionalBody = false) where TBody : class =>
            api.MapVersioned<TBody, TicketResult>($"/{{id:long}}/{verb}", CurrentAsync, (http, body, version) => Service(http).ChangeAsync(http.Actor(), change(http.Id(), body, version), http.Key(), http.RequestAborted), optionalBody)
                .Says(name, summary).Refuses("maintenance.illegal_change");
    }

    private static Task<Ticket> TicketAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static async Task<int> CurrentAsync(HttpContext http) => (await TicketAsync(http)).Version;

    private static MaintenanceService Service(HttpContext http) => http.Service<MaintenanceService>();
}
