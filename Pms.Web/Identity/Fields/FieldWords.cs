using Microsoft.Extensions.Localization;
using Pms.Core.Identity.Fields;
using Pms.Web.Departments;
using Pms.Web.Employees;
using Pms.Web.Machines;
using Pms.Web.Orders;
using Pms.Web.Products;

namespace Pms.Web.Identity.Fields;

/// <summary>The names of entities, fields and states as their own pages say them; what no page names is spelled out.</summary>
public sealed class FieldWords(IStringLocalizerFactory texts, IStringLocalizer<IdentityTexts> own)
{
    private sealed record Words(Type Texts, string Title, Dictionary<string, string> Fields);

    private static readonly Dictionary<string, Words> Known = new()
    {
        ["department"] = new(typeof(DepartmentsTexts), "Title", new()
        {
            ["ManagerUserId"] = "Manager", ["DailyTarget"] = "Daily", ["WeeklyTarget"] = "Weekly", ["MonthlyTarget"] = "Monthly", ["CapacityPerDay"] = "Capacity", ["SequenceReason"] = "Sequence_Reason", ["Active"] = "Is_Active",
        }),
        ["stage"] = new(typeof(DepartmentsTexts), "Stages", new()
        {
            ["Kind"] = "Stage_Kind", ["RunMinutes"] = "Run_Minutes", ["SetupMinutes"] = "Setup_Minutes", ["LeadDays"] = "Lead_Days", ["WaitHours"] = "Wait_Hours", ["TransferQuantity"] = "Transfer", ["CapacityPerDay"] = "Capacity", ["Active"] = "Is_Active",
        }),
        ["employee"] = new(typeof(EmployeesTexts), "Title", new()
        {
            ["FirstName"] = "First", ["LastName"] = "Last", ["DepartmentId"] = "Department", ["HiredOn"] = "Hired", ["FurtherDepartments"] = "Further", ["Active"] = "Is_Active",
        }),
        ["machine"] = new(typeof(MachinesTexts), "Title", new()
        {
            ["DepartmentId"] = "Department", ["WorkCentreId"] = "WorkCentre", ["PurchasedOn"] = "Purchased", ["SpeedFactor"] = "Speed", ["PiecesPerCycle"] = "Pieces", ["IdealMinutes"] = "Ideal",
        }),
        ["work_centre"] = new(typeof(MachinesTexts), "Centres", new() { ["DepartmentId"] = "Department", ["Active"] = "Is_Active" }),
        ["product"] = new(typeof(ProductsTexts), "Title", new() { ["CategoryId"] = "Category", ["Instructions"] = "Tab_Instructions" }),
        ["category"] = new(typeof(ProductsTexts), "Categories", new() { ["ParentId"] = "Category_Under" }),
        ["customer"] = new(typeof(OrdersTexts), "Customer", []),
        ["absence"] = new(typeof(EmployeesTexts), "Tab_Absences", []),
        ["order"] = new(typeof(OrdersTexts), "Title", new() { ["SalesOrderNumber"] = "Sales_Order", ["CustomerId"] = "Customer", ["StartsOn"] = "Starts", ["DueOn"] = "Due" }),
        ["order_item"] = new(typeof(OrdersTexts), "Items", new() { ["ProductId"] = "Product", ["UnitPrice"] = "Price", ["DueOn"] = "Item_Due" }),
        ["user"] = new(typeof(IdentityTexts), "Users", new() { ["DisplayName"] = "Name", ["EmployeeId"] = "User_Employee", ["RoleIds"] = "Roles", ["DepartmentIds"] = "Departments", ["Active"] = "State" }),
    };

    public string Entity(FieldEntity entity) => Known.TryGetValue(entity.Name, out var words) ? texts.Create(words.Texts)[words.Title] : Spelled(entity.Name);

    public string Field(FieldEntity entity, string field) => Find(entity, Known.GetValueOrDefault(entity.Name)?.Fields.GetValueOrDefault(field) ?? field) ?? Spelled(field);

    public string State(FieldEntity entity, FieldCondition when) => own["Field_When", Field(entity, when.Name),
        when.Value switch { "True" => own["Field_Yes"].Value, "False" => own["Field_No"].Value, var value => Find(entity, $"{when.Name}_{value}") ?? Find(entity, $"StageKind_{value}") ?? Spelled(value) }];

    public string Rule(FieldEntity entity, FieldRule rule) => rule.When is { } when ? $"{own["Field_" + rule.Access]} {State(entity, when)}" : own["Field_" + rule.Access];

    private string? Find(FieldEntity entity, string key) => Known.TryGetValue(entity.Name, out var words) && texts.Create(words.Texts)[key] is { ResourceNotFound: false } found && !found.Value.Contains('{') ? found.Value : null;

    /// <summary>WaitHours → Wait hours.</summary>
    private static string Spelled(string name) => string.Concat(name.Replace('_', ' ').Select((c, i) => i == 0 ? char.ToUpperInvariant(c).ToString() : char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
}
