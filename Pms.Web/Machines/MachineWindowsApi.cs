using Pms.Core.Machines;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Machines;

/// <summary>/api/v1/machine-windows: time set aside on machines, into which nothing is planned.</summary>
public static class MachineWindowsApi
{
    public static void MapMachineWindowsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("machine-windows");
        var example = new { machineId = 14, startsAt = "2026-11-24T12:00:00Z", endsAt = "2026-11-24T16:00:00Z", reason = "New blade" };
        string[] refusals = ["machine.window_taken", "machine.retired"];
        api.MapList("/", MachineWindowService.Shape, (http, request) => Service(http).PageAsync(http.Actor(), request, http.RequestAborted)).Says("ListMachineWindows", "List the time set aside on machines, as far as it is not over");
        api.MapOne("/{id:long}", ReadAsync).Says("GetMachineWindow", "Read a window of a machine");
        api.MapCreate<MachineWindow, MachineWindow>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"machine-windows/{x.Id}")
            .Says("CreateMachineWindow", "Set time of a machine aside").Refuses(refusals).Example(example);
        api.MapChange<MachineWindow, MachineWindow>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeMachineWindow", "Replace a window of a machine").Refuses(refusals).Example(example);
        api.MapRemove("/{id:long}", async http => (await ReadAsync(http)).Version, (http, version) => Service(http).RemoveAsync(http.Actor(), http.Id(), version, http.RequestAborted)).Says("RemoveMachineWindow", "Give the time of a window back");
    }

    private static Task<MachineWindow> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static MachineWindowService Service(HttpContext http) => http.Service<MachineWindowService>();
}
