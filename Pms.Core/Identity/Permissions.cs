using System.Reflection;
using P = Pms.Core.Identity.Permissions;

namespace Pms.Core.Identity;

/// <summary>How far a permission reaches: every department, or those of the person.</summary>
public enum Scope { All, Own }

/// <summary>Every permission there is, as <c>module.action</c>; a command demands exactly one, the service checks it.</summary>
public static class Permissions
{
    public const string JobsView = "jobs.view";
    public const string JobsExecute = "jobs.execute";
    /// <summary>See all jobs of the department on the operator page (cutters, packers).</summary>
    public const string JobsDepartment = "jobs.department";
    /// <summary>Plan without an order's schedule: a job by order number at the machine.</summary>
    public const string JobsManual = "jobs.manual";
    public const string JobsAssign = "jobs.assign";
    public const string JobsCorrect = "jobs.correct";
    public const string JobsActFor = "jobs.act_for";
    /// <summary>Start in spite of a soft rule, with a reason. Operators have it: nobody at a terminal is stopped by a percentage.</summary>
    public const string JobsOverride = "jobs.override";
    public const string JobsAcceptShort = "jobs.accept_short";
    public const string TimeClock = "time.clock";
    public const string TimeConfirm = "time.confirm";
    public const string TimeApprove = "time.approve";
    public const string TimeUnlock = "time.unlock";
    public const string PinUnlock = "employees.unlock_pin";
    public const string FloorView = "floor.view";
    public const string WallBoards = "floor.wall_boards";
    public const string PerformanceView = "floor.performance";
    public const string AllocationsView = "allocations.view";
    public const string AllocationsEdit = "allocations.edit";
    public const string OrdersView = "orders.view";
    public const string OrdersEdit = "orders.edit";
    public const string OrdersClose = "orders.close";
    public const string OrdersCancel = "orders.cancel";
    public const string OrdersReopen = "orders.reopen";
    /// <summary>Say what is there for a step, and move an item's material.</summary>
    public const string MaterialEdit = "material.edit";
    public const string DispatchEdit = "dispatch.edit";
    public const string HoldsEdit = "holds.edit";
    public const string HoldsQuality = "holds.quality";
    public const string PlanningSchedule = "planning.schedule";
    public const string PlanningOverrideCapacity = "planning.override_capacity";
    public const string MaintenanceReport = "maintenance.report";
    public const string MaintenanceView = "maintenance.view";
    public const string MaintenanceWork = "maintenance.work";
    public const string DepartmentsView = "departments.view";
    public const string DepartmentsEdit = "departments.edit";
    public const string MachinesView = "machines.view";
    public const string MachinesEdit = "machines.edit";
    public const string EmployeesView = "employees.view";
    public const string EmployeesEdit = "employees.edit";
    public const string ProductsView = "products.view";
    public const string ProductsEdit = "products.edit";
    public const string AdminUsers = "admin.users";
    public const string AdminRoles = "admin.roles";
    public const string AdminSettings = "admin.settings";
    public const string AdminTerminals = "admin.terminals";
    public const string AdminAudit = "admin.audit";
    public const string AdminHealth = "admin.health";
    public const string AdminApiKeys = "admin.api_keys";

    public static IReadOnlyList<string> All { get; } =
        [.. typeof(Permissions).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    /// <summary>What a PIN or a badge may reach: everything but administration, which asks for a password.</summary>
    public static IReadOnlySet<string> WithoutPassword { get; } = All.Where(p => !p.StartsWith("admin.", StringComparison.Ordinal)).ToHashSet();

    /// <summary>What an API key may be given: reading the audit and the health, but no administration.</summary>
    public static IReadOnlySet<string> ForKeys { get; } = All.Where(p => !p.StartsWith("admin.", StringComparison.Ordinal) || p is AdminAudit or AdminHealth).ToHashSet();

    /// <summary>Enough with only a badge at an enrolled terminal; everything else asks for the PIN.</summary>
    public static IReadOnlySet<string> WithBadgeOnly { get; } = new HashSet<string> { JobsView, JobsExecute, JobsDepartment, TimeClock, MaintenanceReport, FloorView };
}

/// <summary>The roles a new plant starts with; editable afterwards. Codes are fixed, names are not.</summary>
public sealed record SeededRole(string Code, string Name, IReadOnlyDictionary<string, Scope> Permissions)
{
    public const string Admin = "admin";
    public const string DepartmentManager = "department_manager";
    public const string Supervisor = "supervisor";
    public const string Planner = "planner";
    public const string Operator = "operator";
    public const string QcCoordinator = "qc";
    public const string Hod = "hod";
    public const string Technician = "technician";
    public const string Warehouse = "warehouse";
    public const string Finance = "finance";
    public const string Viewer = "viewer";

    public static IReadOnlyList<SeededRole> All { get; } =
    [
        new(Admin, "System Admin", P.All.ToDictionary(p => p, _ => Scope.All)),
        new(DepartmentManager, "Department Manager", Of(
            all: [P.FloorView, P.OrdersView, P.ProductsView, P.DepartmentsView],
            own: [P.JobsView, P.JobsAssign, P.JobsManual, P.JobsCorrect, P.JobsActFor, P.JobsOverride, P.JobsAcceptShort, P.JobsDepartment,
                P.TimeConfirm, P.TimeApprove, P.TimeUnlock, P.PinUnlock, P.WallBoards, P.PerformanceView, P.AllocationsView, P.AllocationsEdit,
                P.HoldsEdit, P.MaintenanceReport, P.MaintenanceView, P.MachinesView, P.EmployeesView, P.PlanningOverrideCapacity])),
        new(Supervisor, "Supervisor", Of(
            all: [P.FloorView, P.OrdersView, P.ProductsView, P.DepartmentsView],
            own: [P.JobsView, P.JobsExecute, P.JobsDepartment, P.JobsManual, P.JobsAssign, P.JobsCorrect, P.JobsActFor, P.JobsOverride, P.JobsAcceptShort,
                P.TimeClock, P.TimeConfirm, P.TimeApprove, P.PinUnlock, P.PerformanceView, P.AllocationsView, P.AllocationsEdit, P.HoldsEdit,
                P.MaintenanceReport, P.MaintenanceView, P.MachinesView, P.EmployeesView])),
        new(Planner, "Planner", Of(
            all: [P.FloorView, P.JobsView, P.JobsAssign, P.JobsAcceptShort, P.OrdersView, P.OrdersEdit, P.OrdersClose, P.OrdersCancel, P.OrdersReopen, P.MaterialEdit, P.DispatchEdit, P.HoldsEdit,
                P.PlanningSchedule, P.DepartmentsView, P.MachinesView, P.EmployeesView, P.ProductsView, P.AllocationsView, P.MaintenanceView])),
        new(Operator, "Operator", Of(
            own: [P.JobsView, P.JobsExecute, P.JobsManual, P.JobsOverride, P.TimeClock, P.MaintenanceReport, P.FloorView])),
        new(QcCoordinator, "QC Coordinator", Of(
            all: [P.FloorView, P.JobsView, P.OrdersView, P.ProductsView, P.HoldsEdit, P.HoldsQuality, P.DepartmentsView])),
        new(Hod, "HOD", Of(all: [P.FloorView, P.JobsView, P.OrdersView, P.ProductsView, P.DepartmentsView, P.MachinesView, P.PerformanceView, P.AllocationsView, P.MaintenanceView])),
        new(Technician, "Maintenance Technician", Of(all: [P.FloorView, P.MachinesView, P.MaintenanceReport, P.MaintenanceView, P.MaintenanceWork], own: [P.TimeClock])),
        new(Warehouse, "Warehouse", Of(all: [P.FloorView, P.OrdersView, P.MaterialEdit, P.DispatchEdit, P.ProductsView], own: [P.TimeClock])),
        new(Finance, "Finance", Of(all: [P.FloorView, P.OrdersView, P.ProductsView, P.PerformanceView])),
        new(Viewer, "Viewer", Of(all: [P.FloorView])),
    ];

    private static Dictionary<string, Scope> Of(string[]? all = null, string[]? own = null) =>
        (all ?? []).Select(p => (p, Scope.All)).Concat((own ?? []).Select(p => (p, Scope.Own))).ToDictionary(p => p.p, p => p.Item2);
}
