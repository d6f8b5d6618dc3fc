using Pms.Core;
using Pms.Core.Machines;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Machines;

/// <summary>/api/v1/allocations: who works at which machine, from when to when.</summary>
public static class AllocationsApi
{
    public static void MapAllocationsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("allocations");
        var example = new { employeeId = 31, machineId = 14, level = nameof(AllocationLevel.Primary), fromDay = "2026-11-24" };
        api.MapList("/", AllocationService.Shape, (http, request) => Service(http).PageAsync(http.Actor(), request, http.RequestAborted)).Says("ListAllocations", "List who works at which machine; on=yyyy-MM-dd for one day");
        api.MapOne("/{id:long}", ReadAsync).Says("GetAllocation", "Read an allocation");
        api.MapCreate<Allocation, Allocation>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"allocations/{x.Id}")
            .Says("CreateAllocation", "Put a person at a machine").Refuses("allocation.primary_taken", "machine.retired").Example(example);
        api.MapChange<Allocation, Allocation>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeAllocation", "Replace an allocation").Refuses("allocation.primary_taken", "machine.retired").Example(example);
        api.MapRemove("/{id:long}", async http => (await ReadAsync(http)).Version, (http, version) => Service(http).RemoveAsync(http.Actor(), http.Id(), version, http.RequestAborted)).Says("RemoveAllocation", "Take a person off a machine");
    }

    private static Task<Allocation> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static AllocationService Service(HttpContext http) => http.Service<AllocationService>();
}
