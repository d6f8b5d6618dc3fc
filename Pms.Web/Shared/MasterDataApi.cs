using Pms.Web.Capacity;
using Pms.Web.Departments;
using Pms.Web.Employees;
using Pms.Web.Files;
using Pms.Web.Imports;
using Pms.Web.Jobs;
using Pms.Web.Machines;
using Pms.Web.Maintenance;
using Pms.Web.Orders;
using Pms.Web.Planning;
using Pms.Web.Planning.Exceptions;
using Pms.Web.Planning.Releases;
using Pms.Web.Products;
using Pms.Web.Settings;

namespace Pms.Web.Shared;

/// <summary>Every noun of the master data in the API, once.</summary>
public static class MasterDataApi
{
    public static void MapMasterDataApi(this IEndpointRouteBuilder routes)
    {
        routes.MapCapacityApi();
        routes.MapCategoriesApi();
        routes.MapDepartmentsApi();
        routes.MapEmployeesApi();
        routes.MapFilesApi();
        routes.MapImportsApi();
        routes.MapMachinesApi();
        routes.MapAllocationsApi();
        routes.MapMachineWindowsApi();
        routes.MapTicketsApi();
        routes.MapTimesApi();
        routes.MapPlanningApi();
        routes.MapScheduleApi();
        routes.MapReleasesApi();
        routes.MapProductsApi();
        routes.MapOrdersApi();
        routes.MapExceptionsApi();
        routes.MapSettingsApi();
    }
}
