using System.Security.Cryptography;
using System.Text;
using Pms.Core.Identity;

namespace Pms.Core.Demo;

/// <summary>The people of the demo whom anybody may sign in as. They exist in the demo's own database only, which never runs in production.</summary>
public static class DemoAccounts
{
    /// <summary>Of every demo user.</summary>
    public const string Password = "demo plant 2026";

    /// <summary>Of every demo employee.</summary>
    public const string Pin = "246813";

    /// <summary>The operator who belongs to the visitor: the simulator leaves this person and machine M-01 alone.</summary>
    public const string OperatorNumber = "E001";

    /// <summary>What an employee's badge carries: 26 digits that end in the number.</summary>
    public static string Badge(string employeeNumber) => employeeNumber.TrimStart('E').PadLeft(26, '7');

    internal static string BadgeHash(string employeeNumber) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Badge(employeeNumber))));

    /// <summary>One user per role, in the order in which the sign-in page shows them.</summary>
    public static IReadOnlyList<DemoAccount> Users { get; } =
    [
        new("admin", SeededRole.Admin, "Everything"),
        new("manager", SeededRole.DepartmentManager, "All six departments: floor, jobs, allocations, times"),
        new("supervisor", SeededRole.Supervisor, "Shift lead of Cutting and Embroidery"),
        new("planner", SeededRole.Planner, "Orders, jobs and dates"),
        new("operator", SeededRole.Operator, "Screen printer with an account"),
        new("quality", SeededRole.QcCoordinator, "Quality holds"),
        new("hod", SeededRole.Hod, "Sees all departments"),
        new("technician", SeededRole.Technician, "Maintenance tickets"),
        new("warehouse", SeededRole.Warehouse, "Orders and products"),
        new("finance", SeededRole.Finance, "Orders and performance"),
        new("viewer", SeededRole.Viewer, "Boards only"),
    ];
}

/// <summary>A user of the demo with the role it shows; all have <see cref="DemoAccounts.Password"/>.</summary>
public sealed record DemoAccount(string UserName, string Role, string Sees);
