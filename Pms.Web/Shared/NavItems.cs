using MudBlazor;

namespace Pms.Web.Shared;

/// <summary>One target of the left rail and of Ctrl+K.</summary>
/// <param name="Group">Text key of the heading it stands under.</param>
/// <param name="Text">Text key of its name.</param>
/// <param name="Permission">Shown to who holds it; null shows it to everybody who is signed in.</param>
/// <param name="Count">A component that shows how many wait behind it.</param>
/// <param name="Exact">Marked only on exactly this route, not on routes below it.</param>
public sealed record NavItem(string Group, string Route, string Text, string Icon, string? Permission, bool Exact = false, Type? Count = null);

/// <summary>The whole navigation in one place: a page that exists has a line here, in the order of the plant's day; a route that doesn't exist is never listed.</summary>
public static class NavItems
{
    public static readonly IReadOnlyList<NavItem> All =
    [
        new("Nav_Group_Start", "/", "Nav_Home", Icons.Material.Filled.Home, null, Exact: true),
        new("Nav_Group_Start", "/operator", "Nav_Operator", Icons.Material.Filled.PlayCircle, Pms.Core.Identity.Permissions.JobsExecute),
        new("Nav_Group_Manager", "/manager", "Nav_Overview", Icons.Material.Filled.Dashboard, Pms.Core.Identity.Permissions.FloorView, Exact: true),
        new("Nav_Group_Manager", "/manager/floor", "Nav_Floor", Icons.Material.Filled.GridView, Pms.Core.Identity.Permissions.FloorView),
        new("Nav_Group_Manager", "/manager/shift-start", "Nav_ShiftStart", Icons.Material.Filled.WbTwilight, Pms.Core.Identity.Permissions.AllocationsView),
        new("Nav_Group_Manager", "/manager/jobs", "Nav_Jobs", Icons.Material.Filled.ViewKanban, Pms.Core.Identity.Permissions.JobsView),
        new("Nav_Group_Manager", "/manager/allocations", "Nav_Allocations", Icons.Material.Filled.Groups, Pms.Core.Identity.Permissions.AllocationsView),
        new("Nav_Group_Manager", "/manager/to-confirm", "Nav_ToConfirm", Icons.Material.Filled.FactCheck, Pms.Core.Identity.Permissions.TimeConfirm),
        new("Nav_Group_Manager", "/manager/performance", "Nav_Performance", Icons.Material.Filled.QueryStats, Pms.Core.Identity.Permissions.PerformanceView),
        new("Nav_Group_Manager", "/manager/wall-boards", "Nav_WallBoards", Icons.Material.Filled.Tv, Pms.Core.Identity.Permissions.WallBoards),
        new("Nav_Group_Planning", "/planning/orders", "Nav_Orders", Icons.Material.Filled.Assignment, Pms.Core.Identity.Permissions.OrdersView),
        new("Nav_Group_Planning", "/planning/import", "Nav_OrderImport", Icons.Material.Filled.UploadFile, Pms.Core.Identity.Permissions.OrdersEdit),
        new("Nav_Group_Planning", "/planning/capacity", "Nav_Capacity", Icons.Material.Filled.StackedBarChart, Pms.Core.Identity.Permissions.DepartmentsView),
        new("Nav_Group_Planning", "/planning/schedule", "Nav_Schedule", Icons.Material.Filled.ViewTimeline, Pms.Core.Identity.Permissions.JobsView),
        new("Nav_Group_Planning", "/planning/machine-calendar", "Nav_MachineCalendar", Icons.Material.Filled.CalendarMonth, Pms.Core.Identity.Permissions.JobsView),
        new("Nav_Group_Planning", "/planning/exceptions", "Nav_Exceptions", Icons.Material.Filled.ReportProblem, Pms.Core.Identity.Permissions.OrdersView, Count: typeof(Pms.Web.Planning.Exceptions.ExceptionCount)),
        new("Nav_Group_Planning", "/planning/what-if", "Nav_WhatIf", Icons.Material.Filled.LiveHelp, Pms.Core.Identity.Permissions.PlanningSchedule),
        new("Nav_Group_Admin", "/admin/departments", "Nav_Departments", Icons.Material.Filled.Domain, Pms.Core.Identity.Permissions.DepartmentsView),
        new("Nav_Group_Admin", "/admin/machines", "Nav_Machines", Icons.Material.Filled.PrecisionManufacturing, Pms.Core.Identity.Permissions.MachinesView),
        new("Nav_Group_Admin", "/admin/work-centres", "Nav_WorkCentres", Icons.Material.Filled.Hub, Pms.Core.Identity.Permissions.MachinesView),
        new("Nav_Group_Admin", "/admin/employees", "Nav_Employees", Icons.Material.Filled.Groups, Pms.Core.Identity.Permissions.EmployeesView),
        new("Nav_Group_Admin", "/admin/products", "Nav_Products", Icons.Material.Filled.Checkroom, Pms.Core.Identity.Permissions.ProductsView),
        new("Nav_Group_Admin", "/admin/users", "Nav_Users", Icons.Material.Filled.ManageAccounts, Pms.Core.Identity.Permissions.AdminUsers),
        new("Nav_Group_Admin", "/admin/roles", "Nav_Roles", Icons.Material.Filled.AdminPanelSettings, Pms.Core.Identity.Permissions.AdminRoles),
        new("Nav_Group_Admin", "/admin/field-permissions", "Nav_Fields", Icons.Material.Filled.Rule, Pms.Core.Identity.Permissions.AdminRoles),
        new("Nav_Group_Admin", "/admin/badges", "Nav_Badges", Icons.Material.Filled.Badge, Pms.Core.Identity.Permissions.PinUnlock),
        new("Nav_Group_Admin", "/admin/terminals", "Nav_Terminals", Icons.Material.Filled.TabletMac, Pms.Core.Identity.Permissions.AdminTerminals),
        new("Nav_Group_Admin", "/admin/audit", "Nav_Audit", Icons.Material.Filled.ManageSearch, Pms.Core.Identity.Permissions.AdminAudit),
        new("Nav_Group_Admin", "/admin/api-keys", "Nav_ApiKeys", Icons.Material.Filled.VpnKey, Pms.Core.Identity.Permissions.AdminApiKeys),
        new("Nav_Group_Admin", "/admin/settings", "Nav_Settings", Icons.Material.Filled.Settings, Pms.Core.Identity.Permissions.AdminSettings),
        new("Nav_Group_Admin", "/admin/health", "Nav_Health", Icons.Material.Filled.MonitorHeart, Pms.Core.Identity.Permissions.AdminHealth),
    ];
}
