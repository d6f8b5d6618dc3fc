using System.Reflection;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Audit.Retention;
using Pms.Core.Capacity;
using Pms.Core.Compliance;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Files;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Floor.Losses;
using Pms.Core.Floor.People;
using Pms.Core.Floor.Phases;
using Pms.Core.Floor.ShiftStart;
using Pms.Core.Floor.WallBoards;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Core.Imports;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Jobs.Stops;
using Pms.Core.Jobs.Time;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Core.Orders.Goods;
using Pms.Core.Planning.Exceptions;
using Pms.Core.Planning.Promises;
using Pms.Core.Planning.Releases;
using Pms.Core.Planning.Suggestions;
using Pms.Core.Products;
using Pms.Core.Search;
using Pms.Core.Settings;
using Pms.Tests.Support;
using P = Pms.Core.Identity.Permissions;

namespace Pms.Tests.Security;

/// <summary>How far a command's permission must reach.</summary>
internal enum Reach
{
    /// <summary>In the department of the thing.</summary>
    There,

    /// <summary>As <see cref="There"/>, but what may not be seen is answered as not there.</summary>
    Seen,

    /// <summary>In any department: a list shows what may be seen.</summary>
    Anywhere,

    /// <summary>In all departments.</summary>
    Plant,

    /// <summary>In the person's own department, wherever it is aimed.</summary>
    Home,

    /// <summary>Whoever is active: names that every picker needs.</summary>
    Signed,

    /// <summary>The person's own account, badge, sessions and notices: tested by name elsewhere.</summary>
    Self,
}

/// <summary>What a command demands (one of the permissions is enough) and how it is called with valid arguments.</summary>
/// <param name="First">Demanded before it: who lacks this is told so.</param>
internal sealed record Demand(Reach Reach, string[] AnyOf, Func<TestPms, Actor, Place, Task>? Call, string? First = null)
{
    public bool Allows(Rights rights, Actor actor, Place home, Place at) => Reach switch
    {
        Reach.Self => true,
        Reach.Signed => rights.Now.IsActive(actor),
        Reach.Plant => AnyOf.Any(p => rights.Allows(actor, p)),
        Reach.Anywhere => AnyOf.Any(p => rights.Now.Anywhere(actor, p)),
        Reach.Home => AnyOf.Any(p => rights.Allows(actor, p, home.Department)),
        _ => AnyOf.Any(p => rights.Allows(actor, p, at.Department)),
    };
}

/// <summary>
/// Every command of the core with what it demands. A new public method that takes an actor first must get its line here;
/// the matrix test names those that have none.
/// </summary>
internal static class PermissionMatrix
{
    /// <summary>What carries commands out and decides nothing, or only answers yes or no.</summary>
    private static readonly HashSet<Type> Ground = [typeof(FieldRules), typeof(Rights), typeof(RightsSnapshot), typeof(SecurityEvents), typeof(AuditLog), typeof(AuditChecks), typeof(AuditKeeping), typeof(Changes), typeof(Commands)];

    public static IEnumerable<string> Commands => typeof(Actor).Assembly.GetTypes().Where(t => t is { IsPublic: true, IsClass: true } && !Ground.Contains(t) && !t.IsAssignableTo(typeof(IImportDefinition)) && !t.IsAssignableTo(typeof(IFileOwner)))
        .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(m => m.ReturnType.IsAssignableTo(typeof(Task)) && m.GetParameters() is [{ } first, ..] && first.ParameterType == typeof(Actor)).Select(Name).Order(StringComparer.Ordinal);

    /// <summary>Type.Method, and where that is not enough the type of the request.</summary>
    private static string Name(MethodInfo method)
    {
        var name = $"{method.DeclaringType!.Name}.{method.Name}";
        return method.DeclaringType.GetMethods().Count(m => m.Name == method.Name) > 1 ? $"{name}({method.GetParameters()[1].ParameterType.Name})" : name;
    }

    private static Demand At(string permission, Func<TestPms, Actor, Place, Task> call) => new(Reach.There, [permission], call);
    private static Demand At(string[] anyOf, Func<TestPms, Actor, Place, Task> call) => new(Reach.There, anyOf, call);
    private static Demand See(string permission, Func<TestPms, Actor, Place, Task> call) => new(Reach.Seen, [permission], call);
    private static Demand List(string permission, Func<TestPms, Actor, Place, Task> call) => new(Reach.Anywhere, [permission], call);
    private static Demand All(string permission, Func<TestPms, Actor, Place, Task> call) => new(Reach.Plant, [permission], call);
    private static Demand Home(string permission, Func<TestPms, Actor, Place, Task> call) => new(Reach.Home, [permission], call);
    private static Demand Signed(Func<TestPms, Actor, Place, Task> call) => new(Reach.Signed, [], call);
    private static Demand Self => new(Reach.Self, [], null);

    private const long Nobody = 777_777;
    private static readonly DateOnly Day = new(2026, 1, 5);
    private static readonly PageRequest Page = new();
    private static readonly Core.Span Week = new(TestPms.Start, TestPms.Start.AddDays(7));
    private static readonly AuditFilter Span = new() { From = TestPms.Start, To = TestPms.Start.AddDays(1) };

    public static readonly IReadOnlyDictionary<string, Demand> Demands = new Dictionary<string, Demand>
    {
        // Identity; nobody in the matrix is this user, who would see and end their own
        ["AccessService.ListSessionsAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<AccessService>().ListSessionsAsync(a, Nobody)),
        ["AccessService.ListSignInsAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<AccessService>().ListSignInsAsync(a, Nobody)),
        ["AccessService.ListDevicesAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<AccessService>().ListDevicesAsync(a, Nobody)),
        ["AccessService.EndSessionAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<AccessService>().EndSessionAsync(a, Nobody, "x")),
        ["AccessService.EndAllAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<AccessService>().EndAllAsync(a, Nobody)),
        ["AccessService.ForgetDeviceAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<AccessService>().ForgetDeviceAsync(a, Nobody, "x")),
        ["SecondFactorService.GetMineAsync"] = Self,
        ["SecondFactorService.StartAsync"] = Self,
        ["SecondFactorService.ConfirmAsync"] = Self,
        ["SecondFactorService.RenewCodesAsync"] = Self,
        ["SecondFactorService.TurnOffAsync"] = Self,
        ["SecondFactorService.GetAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<SecondFactorService>().GetAsync(a, Nobody)),
        ["SecondFactorService.ResetAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<SecondFactorService>().ResetAsync(a, Nobody)),
        ["ApiKeyService.ListAsync"] = All(P.AdminApiKeys, (s, a, _) => s.Get<ApiKeyService>().ListAsync(a, Page)),
        ["ApiKeyService.GetAsync"] = All(P.AdminApiKeys, (s, a, _) => s.Get<ApiKeyService>().GetAsync(a, 1)),
        ["ApiKeyService.CreateAsync"] = All(P.AdminApiKeys, (s, a, _) => s.Get<ApiKeyService>().CreateAsync(a, new CreateApiKey { Name = "N", Permissions = [P.OrdersView], ExpiresOn = Day })),
        ["ApiKeyService.RevokeAsync"] = All(P.AdminApiKeys, (s, a, _) => s.Get<ApiKeyService>().RevokeAsync(a, 1)),
        ["ApiKeyService.RestoreAsync"] = All(P.AdminApiKeys, (s, a, _) => s.Get<ApiKeyService>().RestoreAsync(a, 1)),
        ["FieldPermissionService.EntitiesAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<FieldPermissionService>().EntitiesAsync(a)),
        ["FieldPermissionService.GetAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<FieldPermissionService>().GetAsync(a, 2, "order")),
        ["FieldPermissionService.SeenAsAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<FieldPermissionService>().SeenAsAsync(a, new RoleFieldRules { RoleId = 2, Version = 1, Entity = "order" })),
        ["FieldPermissionService.SaveAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<FieldPermissionService>().SaveAsync(a, new RoleFieldRules { RoleId = 2, Version = 1, Entity = "order" })),
        ["HistoryService.NamesAsync"] = Signed((s, a, _) => s.Get<HistoryService>().NamesAsync(a, "machine", [1])),
        ["SearchService.FindAsync"] = Signed((s, a, _) => s.Get<SearchService>().FindAsync(a, "SO")),
        ["HistoryService.ListAsync"] = List(P.JobsView, (s, a, p) => s.Get<HistoryService>().ListAsync(a, "job", p.Job)),
        ["SignInService.ConfirmPinAsync"] = Self,
        ["EmployeeCredentials.GetAsync"] = At(P.EmployeesView, (s, a, p) => s.Get<EmployeeCredentials>().GetAsync(a, p.Employee)),
        ["EmployeeCredentials.IssuePinAsync"] = At([P.EmployeesEdit, P.PinUnlock], (s, a, p) => s.Get<EmployeeCredentials>().IssuePinAsync(a, p.Employee)),
        ["EmployeeCredentials.IssueBadgeAsync"] = At([P.EmployeesEdit, P.PinUnlock], (s, a, p) => s.Get<EmployeeCredentials>().IssueBadgeAsync(a, p.Employee)),
        ["EmployeeCredentials.RevokeBadgeAsync"] = At([P.EmployeesEdit, P.PinUnlock], (s, a, p) => s.Get<EmployeeCredentials>().RevokeBadgeAsync(a, p.Employee)),
        ["EmployeeCredentials.UnlockAsync"] = At(P.PinUnlock, (s, a, p) => s.Get<EmployeeCredentials>().UnlockAsync(a, p.Employee)),
        ["EmployeeCredentials.ChangePinAsync"] = Self,
        ["RoleService.ListAsync"] = new(Reach.Plant, [P.AdminRoles, P.AdminUsers], (s, a, _) => s.Get<RoleService>().ListAsync(a)),
        ["RoleService.GetAsync"] = new(Reach.Plant, [P.AdminRoles, P.AdminUsers], (s, a, _) => s.Get<RoleService>().GetAsync(a, 2)),
        ["RoleService.HolderCountsAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<RoleService>().HolderCountsAsync(a)),
        ["RoleService.HoldersAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<RoleService>().HoldersAsync(a, 2)),
        ["RoleService.SaveAsync"] = All(P.AdminRoles, (s, a, _) => s.Get<RoleService>().SaveAsync(a, new SaveRole { Name = "New" })),
        ["UserService.ListAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().ListAsync(a, Page)),
        ["UserService.GetAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().GetAsync(a, 1)),
        ["UserService.CreateAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().CreateAsync(a, new CreateUser { UserName = "new", DisplayName = "New" })),
        ["UserService.UpdateAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().UpdateAsync(a, new UpdateUser { Id = 1, Version = 1, DisplayName = "New" })),
        ["UserService.DeactivateAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().DeactivateAsync(a, 2)),
        ["UserService.ReactivateAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().ReactivateAsync(a, 2)),
        ["UserService.IssuePasswordAsync"] = All(P.AdminUsers, (s, a, _) => s.Get<UserService>().IssuePasswordAsync(a, 2)),
        ["UserService.ChangeOwnPasswordAsync"] = Self,
        ["UserService.SetOwnCultureAsync"] = Self,
        ["SessionService.EndAsync"] = Self,
        ["SessionService.EndOthersAsync"] = Self,
        ["SessionService.ListMineAsync"] = Self,
        ["TerminalService.ListAsync"] = All(P.AdminTerminals, (s, a, _) => s.Get<TerminalService>().ListAsync(a, Page)),
        ["TerminalService.GetAsync"] = All(P.AdminTerminals, (s, a, _) => s.Get<TerminalService>().GetAsync(a, 1)),
        ["TerminalService.EnrolAsync"] = All(P.AdminTerminals, (s, a, p) => s.Get<TerminalService>().EnrolAsync(a, new EnrolTerminal { Name = "Hall", DepartmentId = p.Department })),
        ["TerminalService.RevokeAsync"] = All(P.AdminTerminals, (s, a, _) => s.Get<TerminalService>().RevokeAsync(a, 1)),
        ["NotificationService.ListAsync"] = Self,
        ["NotificationService.ReadAsync"] = Self,
        ["NotificationService.ReadAllAsync"] = Self,

        // Compliance
        ["ComplianceService.ListAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().ListAsync(a, Span)),
        ["ComplianceService.NewAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().NewAsync(a, Span, default)),
        ["ComplianceService.CountAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().CountAsync(a, Span, 10)),
        ["ComplianceService.GetAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().GetAsync(a, 1)),
        ["ComplianceService.ChoicesAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().ChoicesAsync(a)),
        ["ComplianceService.ExportAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().ExportAsync(a, Span, "csv")),
        ["ComplianceService.ChecksAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().ChecksAsync(a)),
        ["ComplianceService.LastCheckAsync"] = List(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().LastCheckAsync(a)),
        ["ComplianceService.StartCheckAsync"] = All(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().StartCheckAsync(a)),
        ["ComplianceService.StoreAsync"] = All(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().StoreAsync(a)),
        ["ComplianceService.SetRetentionAsync"] = All(P.AdminAudit, (s, a, _) => s.Get<ComplianceService>().SetRetentionAsync(a, new())),

        // Departments
        ["DepartmentService.ListAsync"] = List(P.DepartmentsView, (s, a, _) => s.Get<DepartmentService>().ListAsync(a, Page)),
        ["DepartmentService.GetAsync"] = At(P.DepartmentsView, (s, a, p) => s.Get<DepartmentService>().GetAsync(a, p.Department)),
        ["DepartmentService.ActiveAsync"] = Signed((s, a, _) => s.Get<DepartmentService>().ActiveAsync(a)),
        ["DepartmentService.StagesAsync"] = Signed((s, a, p) => s.Get<DepartmentService>().StagesAsync(a, p.Department)),
        ["DepartmentService.StageAsync"] = Signed((s, a, p) => s.Get<DepartmentService>().StageAsync(a, p.Department, p.Stage)),
        ["DepartmentService.AllStagesAsync"] = Signed((s, a, _) => s.Get<DepartmentService>().AllStagesAsync(a)),
        ["DepartmentService.SaveAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<DepartmentService>().SaveAsync(a, new Department { Id = p.Department, Version = 1, Code = "X", Name = "X" })),
        ["DepartmentService.RemoveAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<DepartmentService>().RemoveAsync(a, p.Department, 1)),
        ["DepartmentService.SaveStageAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<DepartmentService>().SaveStageAsync(a, new Stage { DepartmentId = p.Department, Name = "New" })),
        ["DepartmentService.MoveStageAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<DepartmentService>().MoveStageAsync(a, p.Stage, 0)),
        ["DepartmentService.RemoveStageAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<DepartmentService>().RemoveStageAsync(a, p.Stage, 1)),
        ["CalendarService.ShiftsAsync"] = At(P.DepartmentsView, (s, a, p) => s.Get<CalendarService>().ShiftsAsync(a, p.Department, null)),
        ["CalendarService.ExceptionsAsync"] = At(P.DepartmentsView, (s, a, p) => s.Get<CalendarService>().ExceptionsAsync(a, p.Department, null)),
        ["CalendarService.HoursAsync"] = At(P.DepartmentsView, (s, a, p) => s.Get<CalendarService>().HoursAsync(a, p.Department)),
        ["CalendarService.SaveAsync(Shift)"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<CalendarService>().SaveAsync(a, new Shift { DepartmentId = p.Department, Name = "Late", LengthMinutes = 60 })),
        ["CalendarService.SaveAsync(CalendarException)"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<CalendarService>().SaveAsync(a, new CalendarException { DepartmentId = p.Department, OnDay = Day, Reason = "Feast" })),
        ["CalendarService.RemoveAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<CalendarService>().RemoveAsync(a, p.Shift, 1)),
        ["CalendarService.RemoveExceptionAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<CalendarService>().RemoveExceptionAsync(a, p.Exception, 1)),
        ["ReasonService.AllAsync"] = Signed((s, a, _) => s.Get<ReasonService>().AllAsync(a)),
        ["ReasonService.PickAsync"] = Signed((s, a, p) => s.Get<ReasonService>().PickAsync(a, ReasonList.Stop, p.Department)),
        ["ReasonService.SaveAsync"] = At(P.DepartmentsEdit, (s, a, p) => s.Get<ReasonService>().SaveAsync(a, new Reason { List = ReasonList.Scrap, DepartmentId = p.Department, Code = "N", Word = "New", Icon = "tool" })),

        // Employees and machines
        ["EmployeeService.ListAsync"] = List(P.EmployeesView, (s, a, _) => s.Get<EmployeeService>().ListAsync(a, Page)),
        ["EmployeeService.ListSkillsAsync"] = List(P.EmployeesView, (s, a, _) => s.Get<EmployeeService>().ListSkillsAsync(a, Page)),
        ["EmployeeService.GetAsync"] = See(P.EmployeesView, (s, a, p) => s.Get<EmployeeService>().GetAsync(a, p.Employee)),
        ["EmployeeService.SaveAsync(Employee)"] = At(P.EmployeesEdit, (s, a, p) => s.Get<EmployeeService>().SaveAsync(a, new Employee { Number = "N", FirstName = "N", LastName = "N", DepartmentId = p.Department })),
        ["EmployeeService.RemoveAsync"] = At(P.EmployeesEdit, (s, a, p) => s.Get<EmployeeService>().RemoveAsync(a, p.Employee, 1)),
        ["EmployeeService.AbsencesAsync"] = See(P.EmployeesView, (s, a, p) => s.Get<EmployeeService>().AbsencesAsync(a, p.Employee)),
        ["EmployeeService.SaveAsync(Absence)"] = At(P.AllocationsEdit, (s, a, p) => s.Get<EmployeeService>().SaveAsync(a, new Absence { EmployeeId = p.Employee, StartsAt = TestPms.Start, EndsAt = TestPms.Start.AddDays(1) })),
        ["EmployeeService.RemoveAbsenceAsync"] = At(P.AllocationsEdit, (s, a, p) => s.Get<EmployeeService>().RemoveAbsenceAsync(a, p.Absence, 1)),
        ["MachineHoursService.DifferingAsync"] = At(P.DepartmentsView, (s, a, p) => s.Get<MachineHoursService>().DifferingAsync(a, p.Department)),
        ["MachineService.ListAsync"] = List(P.MachinesView, (s, a, _) => s.Get<MachineService>().ListAsync(a, Page)),
        ["MachineService.GetAsync(Int64)"] = See(P.MachinesView, (s, a, p) => s.Get<MachineService>().GetAsync(a, p.Machine)),
        ["MachineService.GetAsync(String)"] = See(P.MachinesView, (s, a, p) => s.Get<MachineService>().GetAsync(a, p.Number)),
        ["MachineService.SaveAsync(Machine)"] = At(P.MachinesEdit, (s, a, p) => s.Get<MachineService>().SaveAsync(a, new Machine { Number = "N", Name = "N", DepartmentId = p.Department })),
        ["MachineService.SaveAsync(WorkCentre)"] = At(P.MachinesEdit, (s, a, p) => s.Get<MachineService>().SaveAsync(a, new WorkCentre { Code = "N", Name = "N", DepartmentId = p.Department })),
        ["MachineService.RetireAsync"] = At(P.MachinesEdit, (s, a, p) => s.Get<MachineService>().RetireAsync(a, p.Machine, 1, true)),
        ["MachineService.RemoveAsync"] = At(P.MachinesEdit, (s, a, p) => s.Get<MachineService>().RemoveAsync(a, p.Machine, 1)),
        ["MachineService.WorkCentresAsync"] = Signed((s, a, _) => s.Get<MachineService>().WorkCentresAsync(a)),
        ["MachineService.ReadingsAsync"] = See(P.MachinesView, (s, a, p) => s.Get<MachineService>().ReadingsAsync(a, p.Machine)),
        ["MachineService.ReadMeterAsync"] = At(P.MaintenanceReport, (s, a, p) => s.Get<MachineService>().ReadMeterAsync(a, new MeterReading { MachineId = p.Machine, At = TestPms.Start, Value = 1 })),
        ["MachineService.ListCentresAsync"] = List(P.MachinesView, (s, a, _) => s.Get<MachineService>().ListCentresAsync(a, Page)),
        ["MachineService.GetCentreAsync"] = See(P.MachinesView, (s, a, p) => s.Get<MachineService>().GetCentreAsync(a, p.WorkCentre)),
        ["MachineService.RemoveCentreAsync"] = At(P.MachinesEdit, (s, a, p) => s.Get<MachineService>().RemoveCentreAsync(a, p.WorkCentre, 1)),
        ["CapacityService.ReadAsync"] = At(P.DepartmentsView, (s, a, p) => s.Get<CapacityService>().ReadAsync(a, p.Department)),
        ["CapacityService.JobsAsync"] = List(P.JobsView, (s, a, p) => s.Get<CapacityService>().JobsAsync(a, Pool.Machine(p.Machine), Day)),
        ["MachineWindowService.PageAsync"] = List(P.MachinesView, (s, a, _) => s.Get<MachineWindowService>().PageAsync(a, Page)),
        ["MachineWindowService.OfMachineAsync"] = See(P.MachinesView, (s, a, p) => s.Get<MachineWindowService>().OfMachineAsync(a, p.Machine)),
        ["MachineWindowService.GetAsync"] = See(P.MachinesView, (s, a, p) => s.Get<MachineWindowService>().GetAsync(a, p.Window)),
        ["MachineWindowService.SaveAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<MachineWindowService>().SaveAsync(a, new MachineWindow { MachineId = p.Machine, StartsAt = TestPms.Start.AddDays(3), EndsAt = TestPms.Start.AddDays(4), Reason = "Service" })),
        ["MachineWindowService.RemoveAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<MachineWindowService>().RemoveAsync(a, p.Window, 1)),
        ["FileService.ListAsync"] = See(P.MachinesView, (s, a, p) => s.Get<FileService>().ListAsync(a, "machine", p.Machine)),
        ["FileService.OpenAsync"] = new(Reach.Seen, [P.MachinesView], (s, a, p) => s.Get<FileService>().OpenAsync(a, p.File, false)),
        ["FileService.AddAsync"] = new(Reach.Seen, [P.MachinesEdit], (s, a, p) => s.Get<FileService>().AddAsync(a, "machine", p.Machine, FileRole.Document, "plan.pdf", Stream.Null), P.MachinesView),
        ["FileService.RemoveAsync"] = new(Reach.Seen, [P.MachinesEdit], (s, a, p) => s.Get<FileService>().RemoveAsync(a, p.File), P.MachinesView),
        ["AllocationService.ListAsync"] = List(P.AllocationsView, (s, a, _) => s.Get<AllocationService>().ListAsync(a, Day, Day)),
        ["AllocationService.PageAsync"] = List(P.AllocationsView, (s, a, _) => s.Get<AllocationService>().PageAsync(a, Page)),
        ["AllocationService.GetAsync"] = See(P.AllocationsView, (s, a, p) => s.Get<AllocationService>().GetAsync(a, p.Allocation)),
        ["AllocationService.SaveAsync"] = At(P.AllocationsEdit, (s, a, p) => s.Get<AllocationService>().SaveAsync(a, new Allocation { EmployeeId = p.Employee, MachineId = p.Machine, FromDay = Day })),
        ["AllocationService.RemoveAsync"] = At(P.AllocationsEdit, (s, a, p) => s.Get<AllocationService>().RemoveAsync(a, p.Allocation, 1)),
        ["MaintenanceService.ListOpenAsync"] = List(P.MaintenanceView, (s, a, _) => s.Get<MaintenanceService>().ListOpenAsync(a)),
        ["MaintenanceService.ListOfMachineAsync"] = List(P.MaintenanceView, (s, a, p) => s.Get<MaintenanceService>().ListOfMachineAsync(a, p.Machine)),
        ["MaintenanceService.GetAsync"] = At(P.MaintenanceView, (s, a, p) => s.Get<MaintenanceService>().GetAsync(a, p.Ticket)),
        ["MaintenanceService.ReportStopAsync"] = At(P.MaintenanceReport, (s, a, p) => s.Get<MaintenanceService>().ReportStopAsync(a, new ReportStop(p.Machine, false))),
        ["MaintenanceService.ChangeAsync"] = At(P.MaintenanceWork, (s, a, p) => s.Get<MaintenanceService>().ChangeAsync(a, new ChangeTicket(p.Ticket, TicketStatus.InProgress, 1))),
        ["MaintenanceService.ReleaseAsync"] = At(P.MaintenanceWork, (s, a, p) => s.Get<MaintenanceService>().ReleaseAsync(a, p.Ticket, 1)),
        ["MaintenanceService.SetExpectedBackAsync"] = At([P.MaintenanceWork, P.JobsAssign], (s, a, p) => s.Get<MaintenanceService>().SetExpectedBackAsync(a, new SetExpectedBack(p.Ticket, TestPms.Start.AddDays(1), 1))),

        // Products and orders belong to the plant
        ["ProductService.ListAsync"] = All(P.ProductsView, (s, a, _) => s.Get<ProductService>().ListAsync(a, Page)),
        ["ProductService.GetAsync"] = All(P.ProductsView, (s, a, _) => s.Get<ProductService>().GetAsync(a, 1)),
        ["ProductService.SaveAsync(Product)"] = All(P.ProductsEdit, (s, a, _) => s.Get<ProductService>().SaveAsync(a, new Product { Code = "N", Name = "N" })),
        ["ProductService.RemoveAsync"] = All(P.ProductsEdit, (s, a, _) => s.Get<ProductService>().RemoveAsync(a, 1, 1)),
        ["ProductService.CategoriesAsync"] = All(P.ProductsView, (s, a, _) => s.Get<ProductService>().CategoriesAsync(a)),
        ["ProductService.CategoryAsync"] = All(P.ProductsView, (s, a, _) => s.Get<ProductService>().CategoryAsync(a, 1)),
        ["ProductService.CategoryCountsAsync"] = All(P.ProductsView, (s, a, _) => s.Get<ProductService>().CategoryCountsAsync(a)),
        ["ProductService.RemoveCategoryAsync"] = All(P.ProductsEdit, (s, a, _) => s.Get<ProductService>().RemoveCategoryAsync(a, 1, 1)),
        ["ProductService.SaveAsync(Category)"] = All(P.ProductsEdit, (s, a, _) => s.Get<ProductService>().SaveAsync(a, new Category { Name = "N" })),
        ["OrderService.ListAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderService>().ListAsync(a, Page)),
        ["OrderService.GetAsync"] = All(P.OrdersView, (s, a, p) => s.Get<OrderService>().GetAsync(a, p.Order)),
        ["OrderService.CreateAsync"] = All(P.OrdersEdit, (s, a, _) => s.Get<OrderService>().CreateAsync(a, new CreateOrder(new Order { Number = "N", CustomerId = 1, DueOn = Day }, [new OrderItem { ProductId = 1, Quantity = 1 }]))),
        ["OrderService.SaveAsync(Order)"] = All(P.OrdersEdit, (s, a, p) => s.Get<OrderService>().SaveAsync(a, new Order { Id = p.Order, Version = 1, Number = "N", CustomerId = 1, DueOn = Day })),
        ["OrderService.SaveItemAsync"] = All(P.OrdersEdit, (s, a, p) => s.Get<OrderService>().SaveItemAsync(a, new OrderItem { OrderId = p.Order, ProductId = 1, Quantity = 1 })),
        ["OrderService.SetPathAsync"] = All(P.OrdersEdit, (s, a, p) => s.Get<OrderService>().SetPathAsync(a, new SetPath(p.Item, 1, [new OrderStep { StageId = p.Stage }]))),
        ["OrderService.CustomersAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderService>().CustomersAsync(a, null)),
        ["OrderService.ListCustomersAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderService>().ListCustomersAsync(a, Page)),
        ["OrderService.CustomerAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderService>().CustomerAsync(a, 1)),
        ["OrderService.ItemAsync"] = All(P.OrdersView, (s, a, p) => s.Get<OrderService>().ItemAsync(a, p.Order, p.Item)),
        ["OrderService.SaveAsync(Customer)"] = All(P.OrdersEdit, (s, a, _) => s.Get<OrderService>().SaveAsync(a, new Customer { Name = "N" })),
        ["OrderService.ProductPathAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderService>().ProductPathAsync(a, 1)),
        ["ItemService.SaveAsync"] = All(P.OrdersEdit, (s, a, p) => s.Get<ItemService>().SaveAsync(a, new OrderItem { OrderId = p.Order, ProductId = 1, Quantity = 1 })),
        ["OrderDecisionService.ListAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderDecisionService>().ListAsync(a, Page)),
        ["OrderDecisionService.OfOrderAsync"] = All(P.OrdersView, (s, a, p) => s.Get<OrderDecisionService>().OfOrderAsync(a, p.Order)),
        ["OrderDecisionService.GetAsync"] = All(P.OrdersView, (s, a, _) => s.Get<OrderDecisionService>().GetAsync(a, 1)),
        ["OrderDecisionService.AcceptAsync"] = All(P.OrdersEdit, (s, a, _) => s.Get<OrderDecisionService>().AcceptAsync(a, new AcceptDecision(1, 1))),
        ["OrderDecisionService.DismissAsync"] = All(P.OrdersEdit, (s, a, _) => s.Get<OrderDecisionService>().DismissAsync(a, new DismissDecision(1, 1, "Too late"))),
        ["ItemService.PreviewAsync"] = All(P.OrdersEdit, (s, a, p) => s.Get<ItemService>().PreviewAsync(a, p.Order, 1, 1)),
        ["OrderService.ReopenAsync"] = All(P.OrdersReopen, (s, a, p) => s.Get<OrderService>().ReopenAsync(a, new ReopenItems(p.Order, null, "Wanted after all"))),
        ["CloseService.CloseAsync(Int64)"] = All(P.OrdersClose, (s, a, p) => s.Get<CloseService>().CloseAsync(a, p.Order)),
        ["CloseService.CloseAsync(CloseOrders)"] = All(P.OrdersClose, (s, a, p) => s.Get<CloseService>().CloseAsync(a, new CloseOrders([p.Order]))),
        ["ReadinessService.SetAsync"] = At(P.MaterialEdit, (s, a, p) => s.Get<ReadinessService>().SetAsync(a, new SetReadiness(ReadinessCheck.Material, ReadinessState.Ok, [p.Step]))),
        ["GoodsService.OfOrderAsync"] = All(P.OrdersView, (s, a, p) => s.Get<GoodsService>().OfOrderAsync(a, p.Order)),
        ["GoodsService.MoveAsync"] = All(P.MaterialEdit, (s, a, p) => s.Get<GoodsService>().MoveAsync(a, p.Order, new MoveMaterial(p.Item, MaterialKind.Received, 1))),
        ["GoodsService.DispatchAsync"] = All(P.DispatchEdit, (s, a, p) => s.Get<GoodsService>().DispatchAsync(a, p.Order, new DispatchGoods(p.Item, 1, Reason: "Counted"))),
        ["GoodsService.TakeMoveBackAsync"] = All(P.MaterialEdit, (s, a, p) => s.Get<GoodsService>().TakeMoveBackAsync(a, p.Order, new TakeBack(1, "Counted twice"))),
        ["GoodsService.TakeDispatchBackAsync"] = All(P.DispatchEdit, (s, a, p) => s.Get<GoodsService>().TakeDispatchBackAsync(a, p.Order, new TakeBack(1, "Came back"))),
        ["IssueService.ListAsync"] = All(P.OrdersView, (s, a, _) => s.Get<IssueService>().ListAsync(a, Page)),
        ["IssueService.CountsAsync"] = All(P.OrdersView, (s, a, _) => s.Get<IssueService>().CountsAsync(a, Page)),
        ["IssueService.CountAsync"] = All(P.OrdersView, (s, a, _) => s.Get<IssueService>().CountAsync(a)),
        ["CancelService.CancelAsync"] = All(P.OrdersCancel, (s, a, p) => s.Get<CancelService>().CancelAsync(a, new CancelItems(p.Order, null, "Not wanted"))),
        ["HoldService.ListAsync"] = All(P.OrdersView, (s, a, p) => s.Get<HoldService>().ListAsync(a, p.Order)),
        ["HoldService.GetAsync"] = All(P.OrdersView, (s, a, p) => s.Get<HoldService>().GetAsync(a, p.Order, p.Hold)),
        ["HoldService.FindAsync"] = All(P.OrdersView, (s, a, p) => s.Get<HoldService>().FindAsync(a, p.Hold)),
        ["HoldRelief.FreeAsync"] = At(P.HoldsEdit, (s, a, p) => s.Get<HoldRelief>().FreeAsync(a, p.Hold)),
        ["PromiseService.AskAsync"] = new(Reach.Anywhere, [P.PlanningSchedule], (s, a, p) => s.Get<PromiseService>().AskAsync(a, new AskPromise(OrderId: p.Order)), P.OrdersView),
        ["PromiseService.DateAsync"] = new(Reach.Plant, [P.OrdersEdit], (s, a, p) => s.Get<PromiseService>().DateAsync(a, new AskPromise(OrderId: p.Order)), P.OrdersView),
        ["ReleaseService.PreviewAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<ReleaseService>().PreviewAsync(a, new([p.Order]))),
        ["ReleaseService.ReleaseAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<ReleaseService>().ReleaseAsync(a, new([p.Order]))),
        ["SuggestionService.OfHoldAsync"] = new(Reach.Anywhere, [P.PlanningSchedule], (s, a, p) => s.Get<SuggestionService>().OfHoldAsync(a, p.Hold), P.OrdersView),
        ["SuggestionService.TakeOldPlaceAsync"] = new(Reach.Anywhere, [P.PlanningSchedule], (s, a, p) => s.Get<SuggestionService>().TakeOldPlaceAsync(a, p.Hold, p.Job), P.OrdersView),
        ["SuggestionService.DatesAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<SuggestionService>().DatesAsync(a, new AskDates(p.Step, 1))),
        ["HoldService.OpenAsync"] = At(P.HoldsEdit, (s, a, p) => s.Get<HoldService>().OpenAsync(a, new OpenHoldRequest(p.Order, HoldKind.Material, "No thread", false, JobId: p.Job))),
        ["HoldService.ChangeAsync"] = At(P.HoldsEdit, (s, a, p) => s.Get<HoldService>().ChangeAsync(a, p.Hold, 1, "Still none", null)),
        ["HoldService.LiftAsync"] = At(P.HoldsEdit, (s, a, p) => s.Get<HoldService>().LiftAsync(a, p.Hold, 1)),

        // Jobs and times
        ["JobQueries.LoadAsync"] = Self,   // within what ScopeAsync gave
        ["JobQueries.ScopeAsync"] = List(P.JobsExecute, (s, a, p) => s.Get<JobQueries>().ScopeAsync(a, Day, p.Machine)),
        ["JobQueries.DetailsAsync"] = See(P.JobsView, (s, a, p) => s.Get<JobQueries>().DetailsAsync(a, p.Job)),
        ["JobQueries.ScanAsync"] = List(P.JobsExecute, (s, a, _) => s.Get<JobQueries>().ScanAsync(a, "EMB")),
        ["JobService.StartAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().StartAsync(a, new StartJob(p.Job))),
        ["JobService.ResumeAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().ResumeAsync(a, new ResumeJob(p.Job))),
        ["JobService.RunNowAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().RunNowAsync(a, new RunNow(p.Job))),
        ["JobService.PauseAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().PauseAsync(a, new PauseJob(p.Job))),
        ["JobService.SetPauseReasonAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().SetPauseReasonAsync(a, new SetPauseReason(p.Job, p.Reason))),
        ["JobService.ReportAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().ReportAsync(a, new ReportJob(p.Job, 1))),
        ["JobService.FinishAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().FinishAsync(a, new FinishJob(p.Job, 1))),
        ["JobService.UndoAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().UndoAsync(a, new UndoJob(p.Job))),
        ["JobService.TakeOverAsync"] = At(P.JobsExecute, (s, a, p) => s.Get<JobService>().TakeOverAsync(a, new TakeOverJob(p.Job))),
        ["JobService.EnterAsync"] = At(P.JobsActFor, (s, a, p) => s.Get<JobService>().EnterAsync(a, new EnterJob(p.Job, TestPms.Start.AddHours(-1), TestPms.Start, p.Employee, p.Machine))),
        ["JobService.StartManualAsync"] = At(P.JobsManual, (s, a, p) => s.Get<JobService>().StartManualAsync(a, new StartManualJob(p.Step, 1, p.Machine))),
        ["JobPlanningService.PlanAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<JobPlanningService>().PlanAsync(a, new PlanJob(p.Step, 1, TestPms.Start))),
        ["JobPlanningService.MoveAsync"] = At(P.JobsAssign, (s, a, p) => s.Get<JobPlanningService>().MoveAsync(a, new MoveJob(p.Job, TestPms.Start, 1))),
        ["JobPlanningService.AssignAsync"] = At(P.JobsAssign, (s, a, p) => s.Get<JobPlanningService>().AssignAsync(a, new AssignJob(p.Job, null, false, 1))),
        ["JobPlanningService.SequenceAsync"] = At(P.JobsAssign, (s, a, p) => s.Get<JobPlanningService>().SequenceAsync(a, new SequenceJob(p.Job, null, 1))),
        ["JobPlanningService.SplitAsync"] = At(P.JobsAssign, (s, a, p) => s.Get<JobPlanningService>().SplitAsync(a, new SplitJob(p.Job, 1, 1))),
        ["JobPlanningService.UnplanAsync"] = At(P.JobsAssign, (s, a, p) => s.Get<JobPlanningService>().UnplanAsync(a, new UnplanJob(p.Job, 1))),
        ["JobPlanningService.CancelAsync"] = At(P.PlanningSchedule, (s, a, p) => s.Get<JobPlanningService>().CancelAsync(a, new CancelJob(p.Job, "Not wanted", 1))),
        ["JobPlanningService.AcceptShortAsync"] = At(P.JobsAcceptShort, (s, a, p) => s.Get<JobPlanningService>().AcceptShortAsync(a, new AcceptShort(p.Step, "Enough"))),
        ["JobPlanningService.WithdrawShortAsync"] = At(P.JobsAcceptShort, (s, a, p) => s.Get<JobPlanningService>().WithdrawShortAsync(a, new WithdrawShort(p.Step, "All of them"))),
        ["StopService.ListAsync"] = At(P.FloorView, (s, a, p) => s.Get<StopService>().ListAsync(a, p.Machine, p.Department, TestPms.Start.AddDays(-1), TestPms.Start)),
        ["StopService.SetReasonAsync"] = At(P.JobsCorrect, (s, a, p) => s.Get<StopService>().SetReasonAsync(a, new SetStopReason(p.Stop, p.Reason, null))),
        ["TimeService.ClockInAsync"] = Home(P.TimeClock, (s, a, _) => s.Get<TimeService>().ClockInAsync(a)),
        ["TimeService.ClockOutAsync"] = Home(P.TimeClock, (s, a, _) => s.Get<TimeService>().ClockOutAsync(a, new ClockOut())),
        ["TimeService.PresentSinceAsync"] = Home(P.TimeClock, (s, a, _) => s.Get<TimeService>().PresentSinceAsync(a)),
        ["ScreenChoices.FindAsync"] = Self,
        ["ScreenChoices.KeepAsync"] = Self,
        ["TimeService.ToConfirmAsync"] = Self,
        ["TimeService.OfJobAsync"] = At(P.JobsView, (s, a, p) => s.Get<TimeService>().OfJobAsync(a, p.Job)),
        ["TimeService.ConfirmAsync"] = At(P.TimeConfirm, (s, a, p) => s.Get<TimeService>().ConfirmAsync(a, new ConfirmTime(TimeStream.Work, p.Work))),
        ["TimeService.CorrectAsync"] = At(P.JobsCorrect, (s, a, p) => s.Get<TimeService>().CorrectAsync(a, new CorrectTime(TimeStream.Work, p.Work, TestPms.Start.AddHours(-2), TestPms.Start.AddHours(-1), "Forgot"))),
        ["TimeService.CorrectReportAsync"] = At(P.JobsCorrect, (s, a, p) => s.Get<TimeService>().CorrectReportAsync(a, new CorrectReport(p.Report, 1, 0, 0, "Miscounted"))),
        ["TimeService.ApproveShiftAsync"] = At(P.TimeApprove, (s, a, p) => s.Get<TimeService>().ApproveShiftAsync(a, new ApproveShift(p.Department, Day.AddDays(-1), p.Shift))),

        // Audit and imports
        ["ImportService.UploadAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().UploadAsync(a, "employee", "people.csv", Stream.Null)),
        ["ImportService.GetAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().GetAsync(a, MatrixPlant.Import)),
        ["ImportService.ListAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().ListAsync(a, "employee")),
        ["ImportService.ReshapeAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().ReshapeAsync(a, MatrixPlant.Import, 1, null, null)),
        ["ImportService.CheckAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().CheckAsync(a, MatrixPlant.Import, 1, new ImportSetup())),
        ["ImportService.RowsAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().RowsAsync(a, MatrixPlant.Import)),
        ["ImportService.PageAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().PageAsync(a, MatrixPlant.Import, null, 0, 50)),
        ["ImportService.FirstWrongAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().FirstWrongAsync(a, MatrixPlant.Import)),
        ["ImportService.MissingAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().MissingAsync(a, MatrixPlant.Import)),
        ["ImportService.MakeAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().MakeAsync(a, MatrixPlant.Import, "Customer", ["Moon"], new Dictionary<string, string>())),
        ["ImportService.CorrectAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().CorrectAsync(a, MatrixPlant.Import, 1, new Dictionary<string, string>())),
        ["ImportService.ApplyAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().ApplyAsync(a, MatrixPlant.Import, 1)),
        ["ImportService.CancelAsync"] = List(P.EmployeesEdit, (s, a, _) => s.Get<ImportService>().CancelAsync(a, MatrixPlant.Import)),

        ["MaintenanceService.ListAsync"] = List(P.MaintenanceView, (s, a, _) => s.Get<MaintenanceService>().ListAsync(a, Page)),
        ["TimeService.ListAsync"] = List(P.TimeConfirm, (s, a, _) => s.Get<TimeService>().ListAsync(a, TimeStream.Work, Page)),

        // Settings
        ["SettingsService.GetAsync"] = All(P.AdminSettings, (s, a, _) => s.Get<SettingsService>().GetAsync(a)),
        ["SettingsService.ChangeAsync"] = All(P.AdminSettings, (s, a, _) => s.Get<SettingsService>().ChangeAsync(a, new ChangeSettings(1, new Dictionary<string, string?>()))),
        ["SettingsService.SendTestMailAsync"] = All(P.AdminSettings, (s, a, _) => s.Get<SettingsService>().SendTestMailAsync(a, "naledi@plant.example")),

        // Floor
        ["FloorService.OverviewAsync"] = List(P.FloorView, (s, a, _) => s.Get<FloorService>().OverviewAsync(a)),
        ["FloorService.FloorAsync"] = List(P.FloorView, (s, a, _) => s.Get<FloorService>().FloorAsync(a)),
        ["ShiftStartService.ReadAsync"] = List(P.AllocationsView, (s, a, p) => s.Get<ShiftStartService>().ReadAsync(a, p.Department)),
        ["ScheduleService.WindowAsync"] = List(P.JobsView, (s, a, _) => s.Get<ScheduleService>().WindowAsync(a, new(Week))),
        ["ScheduleService.ListAsync"] = List(P.JobsView, (s, a, _) => s.Get<ScheduleService>().ListAsync(a, Page)),
        ["ScheduleService.JobAsync"] = At(P.JobsView, (s, a, p) => s.Get<ScheduleService>().JobAsync(a, p.Job)),
        ["ScheduleService.UnplannedAsync"] = List(P.PlanningSchedule, (s, a, _) => s.Get<ScheduleService>().UnplannedAsync(a, new())),
        ["ScheduleService.MachineAsync"] = See(P.JobsView, (s, a, p) => s.Get<ScheduleService>().MachineAsync(a, p.Machine, Week)),
        ["ScheduleService.MachinesAsync"] = List(P.JobsView, (s, a, _) => s.Get<ScheduleService>().MachinesAsync(a)),
        ["JobBoardService.ListAsync"] = List(P.JobsView, (s, a, _) => s.Get<JobBoardService>().ListAsync(a, Page)),
        ["JobBoardService.PageAsync"] = List(P.JobsView, (s, a, _) => s.Get<JobBoardService>().PageAsync(a, new JobBoardRequest())),
        ["JobBoardService.KanbanAsync"] = List(P.JobsView, (s, a, _) => s.Get<JobBoardService>().KanbanAsync(a, new JobBoardRequest(), 10)),
        ["JobBoardService.GetAsync"] = At(P.JobsView, (s, a, p) => s.Get<JobBoardService>().GetAsync(a, p.Job)),
        ["JobBoardService.ChoicesAsync"] = At(P.JobsAssign, (s, a, p) => s.Get<JobBoardService>().ChoicesAsync(a, new JobRow { Id = p.Job, DepartmentId = p.Department, StageId = p.Stage })),
        ["LossService.MachinesAsync"] = List(P.PerformanceView, (s, a, p) => s.Get<LossService>().MachinesAsync(a, Day, Day, p.Department)),
        ["PeopleService.PeopleAsync"] = List(P.AllocationsView, (s, a, p) => s.Get<PeopleService>().PeopleAsync(a, p.Department)),
        ["PhaseService.HistoryAsync"] = See(P.MachinesView, (s, a, p) => s.Get<PhaseService>().HistoryAsync(a, p.Machine, TestPms.Start.AddDays(-1), TestPms.Start)),
        ["PhaseService.DaysAsync"] = See(P.MachinesView, (s, a, p) => s.Get<PhaseService>().DaysAsync(a, p.Machine, Day, Day)),
        ["PeopleService.ShiftsAsync"] = List(P.TimeApprove, (s, a, _) => s.Get<PeopleService>().ShiftsAsync(a)),
        ["PeopleService.PerformanceAsync"] = List(P.PerformanceView, (s, a, p) => s.Get<PeopleService>().PerformanceAsync(a, Day, Day, p.Department)),
        ["PeopleService.DetailsAsync"] = List(P.PerformanceView, (s, a, p) => s.Get<PeopleService>().DetailsAsync(a, p.Employee, Day, Day)),
        ["WallBoardService.ListAsync"] = List(P.WallBoards, (s, a, _) => s.Get<WallBoardService>().ListAsync(a)),
        ["WallBoardService.CreateAsync"] = At(P.WallBoards, (s, a, p) => s.Get<WallBoardService>().CreateAsync(a, new CreateWallBoard("Hall", p.Department, false))),
        ["WallBoardService.RevokeAsync"] = At(P.WallBoards, (s, a, p) => s.Get<WallBoardService>().RevokeAsync(a, p.Board)),
    };
}
