using System.Reflection;
using Microsoft.AspNetCore.Components;
using Pms.Core.Identity;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Where a person's day begins: the first page of their role that exists and that they may open.</summary>
public static class HomePages
{
    private static readonly HashSet<string> Routes = [.. typeof(HomePages).Assembly.GetTypes()
        .SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template)];

    /// <summary>In this order: whoever manages sees the floor first, whoever works on it their jobs.</summary>
    private static readonly (string Permission, string Route)[] Order =
    [
        (Permissions.JobsAssign, "/manager"), (Permissions.JobsExecute, "/operator"), (Permissions.MaintenanceWork, "/maintenance/technician"),
        (Permissions.MaintenanceWork, "/maintenance/tickets"), (Permissions.FloorView, "/manager"), (Permissions.OrdersView, "/planning/orders"), (Permissions.AdminUsers, "/admin/users"),
    ];

    /// <summary>Null: the overview of what they may do.</summary>
    public static string? For(Me me) => me.Actor is null ? null
        : me.Actor.TerminalId is not null && Routes.Contains("/operator") ? "/operator"
        : me.May(Permissions.PlanningSchedule) && !me.May(Permissions.JobsActFor) && Routes.Contains("/planning/orders") ? "/planning/orders"   // a planner, not whoever may everything
        : Order.FirstOrDefault(o => Routes.Contains(o.Route) && me.May(o.Permission)).Route;

    /// <summary>The route if it exists, else the first page.</summary>
    public static string OrHome(string route) => Routes.Contains(route) ? route : "/";
}
