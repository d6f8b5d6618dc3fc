using Pms.Core;
using Pms.Core.Departments;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Departments;

/// <summary>/api/v1/departments with their stages.</summary>
public static class DepartmentsApi
{
    public static void MapDepartmentsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("departments");
        var example = new { code = "EMB", name = "Embroidery", kind = nameof(DepartmentKind.Branding), dailyTarget = 1200, capacityPerDay = 1500, position = 3, active = true };
        api.MapList("/", DepartmentService.Shape, (http, request) => Service(http).ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListDepartments", "List departments");
        api.MapOne("/{id:long}", ReadAsync).Says("GetDepartment", "Read a department");
        api.MapCreate<Department, Department>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), d => $"departments/{d.Id}")
            .Says("CreateDepartment", "Create a department").Example(example);
        api.MapChange<Department, Department>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeDepartment", "Replace a department").Example(example);
        api.MapRemove("/{id:long}", async http => (await ReadAsync(http)).Version, (http, version) => Service(http).RemoveAsync(http.Actor(), http.Id(), version, http.RequestAborted))
            .Says("RemoveDepartment", "Remove a department that nothing refers to", "What is in use is set inactive instead.");

        api.MapGet("/{id:long}/hours", async Task<ApiList<DayHours>> (long id, DateOnly? from, int? weeks, HttpContext http) =>
        {
            var days = await http.Service<CalendarService>().HoursAsync(http.Actor(), id, from: from, weeks: weeks ?? 4, ct: http.RequestAborted);
            return new ApiList<DayHours>(days, days.Count, null);
        }).WithFields<DayHours>().Says("ListWorkingHours", "Hours and capacity of each day, from a Monday on", "Shifts, breaks, exceptions and clock changes are in them; the day of a night shift is the one it begins on.")
            .Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid").Refuses(StatusCodes.Status404NotFound, "not_found");

        var stage = new { name = "Digitise", position = 1, kind = nameof(StageKind.Bench), runMinutes = 0.5, setupMinutes = 10, checks = "artwork", active = true };
        api.MapWhole("/{id:long}/stages", http => Service(http).StagesAsync(http.Actor(), http.Id(), http.RequestAborted)).Says("ListStages", "List a department's stages in their order");
        api.MapOne("/{id:long}/stages/{stage:long}", StageAsync).Says("GetStage", "Read a stage");
        api.MapCreate<Stage, Stage>("/{id:long}/stages", (http, body) => Service(http).SaveStageAsync(http.Actor(), body with { Id = 0, Version = 0, DepartmentId = http.Id() }, http.RequestAborted),
            s => $"departments/{s.DepartmentId}/stages/{s.Id}").Says("CreateStage", "Create a stage").Example(stage);
        api.MapChange<Stage, Stage>("/{id:long}/stages/{stage:long}", async http => (await StageAsync(http)).Version, (http, body, version) =>
            Service(http).SaveStageAsync(http.Actor(), body with { Id = http.Id("stage"), Version = version, DepartmentId = http.Id() }, http.RequestAborted)).Says("ChangeStage", "Replace a stage").Example(stage);
        api.MapRemove("/{id:long}/stages/{stage:long}", async http => (await StageAsync(http)).Version, async (http, version) =>
        {
            await StageAsync(http);
            await Service(http).RemoveStageAsync(http.Actor(), http.Id("stage"), version, http.RequestAborted);
        }).Says("RemoveStage", "Remove a stage that nothing refers to");
    }

    private static DepartmentService Service(HttpContext http) => http.Service<DepartmentService>();

    private static Task<Department> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static Task<Stage> StageAsync(HttpContext http) => Service(http).StageAsync(http.Actor(), http.Id(), http.Id("stage"), http.RequestAborted);
}
