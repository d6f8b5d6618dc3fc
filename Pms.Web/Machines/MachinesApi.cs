using Pms.Core;
using Pms.Core.Floor.Phases;
using Pms.Core.Machines;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Machines;

/// <summary>/api/v1/machines and /api/v1/work-centres: list, read, create, replace, remove.</summary>
public static class MachinesApi
{
    public static void MapMachinesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("machines");
        var example = new { number = "M-14", name = "Six-head embroidery", departmentId = 1, speedFactor = 1, piecesPerCycle = 6, slots = 1, stages = new[] { 1 } };
        api.MapList("/", MachineService.Shape, (http, request) => Service(http).ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListMachines", "List machines");
        api.MapOne("/{id:long}", ReadAsync).Says("GetMachine", "Read a machine");
        api.MapCreate<Machine, Machine>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"machines/{x.Id}")
            .Says("CreateMachine", "Create a machine").Example(example);
        api.MapChange<Machine, Machine>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeMachine", "Replace a machine").Example(example);
        api.MapRemove("/{id:long}", async http => (await ReadAsync(http)).Version, (http, version) => Service(http).RemoveAsync(http.Actor(), http.Id(), version, http.RequestAborted))
            .Says("RemoveMachine", "Remove a machine that nothing refers to", "What has run is retired instead.");

        api.MapGet("/{id:long}/status-history", async Task<ApiList<PhaseSpan>> (long id, DateTimeOffset? from, DateTimeOffset? to, HttpContext http) =>
        {
            var until = to ?? http.Service<PlantClock>().Now;
            var spans = await http.Service<PhaseService>().HistoryAsync(http.Actor(), id, from ?? until.AddDays(-7), until, http.RequestAborted);
            return new ApiList<PhaseSpan>(spans, spans.Count, null);
        }).WithFields<PhaseSpan>().Says("ListMachineStatus", "What a machine was at, from one instant to another", "Derived from its intervals, tickets and calendar; at most 31 days at once, the last 7 without a wish.")
            .Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid").Refuses(StatusCodes.Status404NotFound, "not_found");
        api.MapWhole("/{id:long}/meter-readings", http => Service(http).ReadingsAsync(http.Actor(), http.Id(), http.RequestAborted)).Says("ListMeterReadings", "List the latest 100 readings of a machine's counters");
        api.MapCreate<MeterReading, MeterReading>("/{id:long}/meter-readings", async (http, body) =>
        {
            var reading = body with { Id = 0, MachineId = http.Id() };
            var id = await Service(http).ReadMeterAsync(http.Actor(), reading, http.RequestAborted);
            return (await Service(http).ReadingsAsync(http.Actor(), reading.MachineId, http.RequestAborted)).FirstOrDefault(r => r.Id == id) ?? reading with { Id = id };
        }, r => $"machines/{r.MachineId}/meter-readings").Says("AddMeterReading", "Note what a counter shows", "A counter never goes back unless the reading says that it was reset, and why.")
            .Example(new { at = "2026-01-05T14:00:00+01:00", kind = nameof(MeterKind.Hours), value = 12480.5 });

        var centres = routes.MapApi("work-centres");
        var centre = new { departmentId = 1, code = "EMB-6", name = "Six-head machines", active = true };
        centres.MapList("/", MachineService.CentreShape, (http, request) => Service(http).ListCentresAsync(http.Actor(), request, http.RequestAborted)).Says("ListWorkCentres", "List work centres");
        centres.MapOne("/{id:long}", CentreAsync).Says("GetWorkCentre", "Read a work centre");
        centres.MapCreate<WorkCentre, WorkCentre>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"work-centres/{x.Id}")
            .Says("CreateWorkCentre", "Create a work centre").Example(centre);
        centres.MapChange<WorkCentre, WorkCentre>("/{id:long}", async http => (await CentreAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeWorkCentre", "Replace a work centre").Example(centre);
        centres.MapRemove("/{id:long}", async http => (await CentreAsync(http)).Version, (http, version) => Service(http).RemoveCentreAsync(http.Actor(), http.Id(), version, http.RequestAborted))
            .Says("RemoveWorkCentre", "Remove a work centre that nothing refers to");
    }

    private static Task<WorkCentre> CentreAsync(HttpContext http) => Service(http).GetCentreAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static MachineService Service(HttpContext http) => http.Service<MachineService>();

    private static Task<Machine> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);
}
