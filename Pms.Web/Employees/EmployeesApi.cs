using Pms.Core;
using Pms.Core.Employees;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Employees;

/// <summary>/api/v1/employees: list, read, create, replace, remove.</summary>
public static class EmployeesApi
{
    public static void MapEmployeesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("employees");
        var example = new { number = "1042", firstName = "Nomsa", lastName = "Dube", departmentId = 1, position = "Machinist", kind = nameof(EmployeeKind.Operator), active = true };
        api.MapList("/", EmployeeService.Shape, (http, request) => Service(http).ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListEmployees", "List employees");
        api.MapList("/skills", EmployeeService.SkillShape, (http, request) => Service(http).ListSkillsAsync(http.Actor(), request, http.RequestAborted))
            .Says("ListExpiringSkills", "List the skills that expire", "Filter due by Expired, 30, 60 or 90: what is expired, or runs out within so many days.");
        api.MapOne("/{id:long}", ReadAsync).Says("GetEmployee", "Read an employee");
        api.MapCreate<Employee, Employee>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"employees/{x.Id}")
            .Says("CreateEmployee", "Create an employee").Example(example);
        api.MapChange<Employee, Employee>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeEmployee", "Replace an employee").Example(example);
        api.MapRemove("/{id:long}", async http => (await ReadAsync(http)).Version, (http, version) => Service(http).RemoveAsync(http.Actor(), http.Id(), version, http.RequestAborted))
            .Says("RemoveEmployee", "Remove an employee that nothing refers to", "Who has worked is set inactive instead.");
    }

    private static EmployeeService Service(HttpContext http) => http.Service<EmployeeService>();

    private static Task<Employee> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);
}
