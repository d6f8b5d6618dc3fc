using System.Reflection;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Core.Machines;
using Pms.Core.Orders;
using Pms.Core.Products;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Identity;

/// <summary>How one entity with field rules is read, listed and saved, with another valid value for each of its fields; a new entity gets its line here.</summary>
/// <param name="Other">A valid record in which every field differs from the stored one.</param>
/// <param name="Api">Its address below /api/v1, and of its list; null where it has none.</param>
internal sealed record FieldExample(string Entity, object Other, Func<Actor, Task<object>> Read, Func<Actor, object, Task<object>> Save, Func<Actor, PageRequest, Task<object>>? Row, string? Api = null, string? ApiList = null, string? Export = null)
{
    /// <summary>Fields that no save of a record can change.</summary>
    public string[] Fixed { get; init; } = [];

    /// <summary>Fields that must go along with another one's change.</summary>
    public Dictionary<string, string[]> Along { get; init; } = [];

    /// <summary>The record with one field as the other has it.</summary>
    public object Changed(object record, string field)
    {
        var copy = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(record, null)!;
        foreach (var name in Along.GetValueOrDefault(field, []).Append(field))
            Property(name).SetValue(copy, Property(name).GetValue(Other));
        return copy;
    }

    /// <summary>False for what a command of its own saves.</summary>
    public bool Has(string field) => Other.GetType().GetProperty(field) is not null;

    public PropertyInfo Property(string field) => Other.GetType().GetProperty(field)!;

    /// <summary>Makes one record of each entity.</summary>
    public static async Task<IReadOnlyList<FieldExample>> MakeAsync(Func<Type, object> service, Plant plant)
    {
        T Get<T>() => (T)service(typeof(T));
        var (departments, employees, machines, products, orders, users) = (Get<DepartmentService>(), Get<EmployeeService>(), Get<MachineService>(), Get<ProductService>(), Get<OrderService>(), Get<UserService>());
        var system = TestPms.System;
        var roles = await Get<RoleService>().ListAsync(system);
        var chief = (await users.CreateAsync(system, new CreateUser { UserName = "chief", DisplayName = "Chief", Email = "chief@example.org", RoleIds = [roles[^1].Id], DepartmentIds = [plant.Printing.Id] })).UserId;
        var centre = await machines.SaveAsync(system, new WorkCentre { DepartmentId = plant.Printing.Id, Code = "WC1", Name = "Carousels" });
        var top = await products.SaveAsync(system, new Category { Name = "Clothes" });
        var category = await products.SaveAsync(system, new Category { Name = "Shirts", ParentId = top.Id });
        var other = await products.SaveAsync(system, new Product { Code = "TS-200", Name = "T-shirt, black", Lifecycle = Lifecycle.Active, Steps = [new() { StageId = plant.Print.Id }] });

        var department = (await departments.SaveAsync(system, plant.Printing with { ManagerUserId = chief, DailyTarget = 500, WeeklyTarget = 2500, MonthlyTarget = 10_000, CapacityPerDay = 600, SequenceReason = true, Position = 3, Kind = DepartmentKind.Quality })).Id;
        var stage = (await departments.SaveStageAsync(system, plant.Print with { CapacityPerDay = 700, Checks = "first_piece", TransferQuantity = 40, Supplier = "Acme", LeadDays = 3, WaitHours = 2 })).Id;
        var employee = (await employees.SaveAsync(system, plant.Thabo with
        {
            Position = "Printer", Email = "thabo@example.org", Phone = "555 0100", Slots = 2, HiredOn = new(2024, 3, 1), Kind = EmployeeKind.Packer, FurtherDepartments = [plant.Packing.Id],
        })).Id;
        var machine = (await machines.SaveAsync(system, plant.Press with
        {
            WorkCentreId = centre.Id, Type = "Carousel", Manufacturer = "Acme", Model = "X1", Serial = "SER-4711-K", PurchasedOn = new(2020, 1, 1), PiecesPerCycle = 2, IdealMinutes = 0.4m, Slots = 2, Unattended = true,
        })).Id;
        var product = (await products.SaveAsync(system, plant.Shirt with { CategoryId = category.Id, Unit = "m", Decimals = 2, Specifications = [new() { Name = "Weight", Value = "180", Unit = "g" }] })).Id;
        var order = await orders.CreateAsync(system, new CreateOrder(
            new Order { Number = "SO1", SalesOrderNumber = "S-1", CustomerId = plant.Customer.Id, Value = 900, StartsOn = new(2026, 1, 10), DueOn = new(2026, 2, 1), Priority = OrderPriority.High, Notes = "Call first" },
            [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 100, UnitPrice = 9, DueOn = new(2026, 1, 30), OverTolerance = 0.02m, UnderTolerance = 0.01m, Specifications = "Left chest", Variants = [new() { VariantId = plant.Shirt.Variants[0].Id, Quantity = 100 }] }]));
        var item = (await orders.GetAsync(system, order)).Items[0].Id;
        var customer = await orders.SaveAsync(system, new Customer { Name = "Karoo Outfitters" });
        var absence = (await employees.SaveAsync(system, new Absence { EmployeeId = employee, StartsAt = TestPms.Start, EndsAt = TestPms.Start.AddDays(2), Kind = AbsenceKind.Sick, Note = "Back on Wednesday" })).Id;

        return
        [
            new("department", new Department { Code = "PR2", Name = "Printing 2", Kind = DepartmentKind.Other, ManagerUserId = null, DailyTarget = 1, WeeklyTarget = 2, MonthlyTarget = 3, CapacityPerDay = 4, SequenceReason = false, Position = 9, Active = false },
                async a => await departments.GetAsync(a, department), async (a, r) => await departments.SaveAsync(a, (Department)r),
                async (a, r) => (await departments.ListAsync(a, r)).Items.Single(x => x.Id == department), $"departments/{department}", "departments", "departments"),
            new("stage", new Stage { Name = "Digital print", Kind = StageKind.Bench, RunMinutes = 1, SetupMinutes = 2, Supplier = "Other", LeadDays = 4, WaitHours = 5, Checks = "tool", TransferQuantity = 6, CapacityPerDay = 7, Active = false },
                async a => await departments.StageAsync(a, department, stage), async (a, r) => await departments.SaveStageAsync(a, (Stage)r), null, $"departments/{department}/stages/{stage}"),
            new("employee", new Employee
            {
                Number = "E002", FirstName = "Sipho", LastName = "Dube", DepartmentId = plant.Packing.Id, Position = "Packer", Kind = EmployeeKind.Operator, Email = "s@example.org", Phone = "555 0199", Slots = 1, HiredOn = new(2025, 1, 1), Active = false,
                FurtherDepartments = [], Skills = [],
            }, async a => await employees.GetAsync(a, employee), async (a, r) => await employees.SaveAsync(a, (Employee)r), async (a, r) => (await employees.ListAsync(a, r)).Items.Single(x => x.Id == employee),
                $"employees/{employee}", "employees", "employees") { Along = { ["DepartmentId"] = ["FurtherDepartments"] } },
            new("machine", new Machine
            {
                Number = "M-02", Name = "Press", DepartmentId = plant.Packing.Id, WorkCentreId = null, Type = "Flat", Manufacturer = "Other", Model = "X2", Serial = "4712", PurchasedOn = new(2021, 1, 1), SpeedFactor = 2, PiecesPerCycle = 1, IdealMinutes = 1,
                Slots = 3, Unattended = false, Stages = [],
            }, async a => await machines.GetAsync(a, machine), async (a, r) => await machines.SaveAsync(a, (Machine)r), async (a, r) => (await machines.ListAsync(a, r)).Items.Single(x => x.Id == machine),
                $"machines/{machine}", "machines", "machines") { Along = { ["DepartmentId"] = ["WorkCentreId"] } },
            new("work_centre", new WorkCentre { Code = "WC2", Name = "Presses", DepartmentId = plant.Packing.Id, Active = false },
                async a => await machines.GetCentreAsync(a, centre.Id), async (a, r) => await machines.SaveAsync(a, (WorkCentre)r), async (a, r) => (await machines.ListCentresAsync(a, r)).Items.Single(x => x.Id == centre.Id),
                $"work-centres/{centre.Id}", "work-centres", "work-centres"),
            new("product", new Product { Code = "TS-101", Name = "Shirt", CategoryId = null, Unit = "kg", Decimals = 1, Specifications = [new() { Name = "Weight", Value = "200", Unit = "g" }], Lifecycle = Lifecycle.Retired, Variants = [], Steps = [], Instructions = [] },
                async a => await products.GetAsync(a, product), async (a, r) => await products.SaveAsync(a, (Product)r), async (a, r) => (await products.ListAsync(a, r)).Items.Single(x => x.Id == product), $"products/{product}", "products", "products"),
            new("category", new Category { Name = "Hats", ParentId = null }, async a => await products.CategoryAsync(a, category.Id), async (a, r) => await products.SaveAsync(a, (Category)r),
                async (a, _) => (await products.CategoriesAsync(a)).Single(x => x.Id == category.Id), $"categories/{category.Id}"),
            new("customer", new Customer { Name = "Namib Outfitters", Active = false }, async a => await orders.CustomerAsync(a, customer.Id), async (a, r) => await orders.SaveAsync(a, (Customer)r),
                async (a, r) => (await orders.ListCustomersAsync(a, r)).Items.Single(x => x.Id == customer.Id), $"customers/{customer.Id}"),
            new("absence", new Absence { StartsAt = TestPms.Start.AddDays(7), EndsAt = TestPms.Start.AddDays(8), Kind = AbsenceKind.Training, Note = "Course" },
                async a => (await employees.AbsencesAsync(a, employee)).Single(x => x.Id == absence), async (a, r) => await employees.SaveAsync(a, (Absence)r), async (a, _) => (await employees.AbsencesAsync(a, employee)).Single(x => x.Id == absence)) { Along = { ["StartsAt"] = ["EndsAt"] } },
            new("order", new Order { Number = "SO2", SalesOrderNumber = "S-2", CustomerId = customer.Id, Value = 1000, StartsOn = new(2026, 1, 11), DueOn = new(2026, 2, 2), Priority = OrderPriority.Low, Notes = "Call after" },
                async a => (await orders.GetAsync(a, order)).Order, async (a, r) => await orders.SaveAsync(a, (Order)r), async (a, r) => (await orders.ListAsync(a, r)).Items.Single(x => x.Id == order), $"orders/{order}", "orders", "orders"),
            new("order_item", new OrderItem { ProductId = other.Id, Quantity = 120, UnitPrice = 10, DueOn = new(2026, 1, 31), OverTolerance = 0.03m, UnderTolerance = 0.02m, Specifications = "Right chest", Variants = [] },
                async a => await orders.ItemAsync(a, order, item), async (a, r) => await orders.SaveItemAsync(a, (OrderItem)r), null, $"orders/{order}/items/{item}") { Along = { ["ProductId"] = ["Variants"], ["Quantity"] = ["Variants"] }, Fixed = [OrderFields.Path] },
            new("user", new User { DisplayName = "Boss", Email = "boss@example.org", EmployeeId = employee, Culture = "en-ZA", Language = "de", RoleIds = [], DepartmentIds = [] },
                async a => await users.GetAsync(a, chief), async (a, r) =>
                {
                    var u = (User)r;
                    await users.UpdateAsync(a, new UpdateUser { Id = u.Id, Version = u.Version, DisplayName = u.DisplayName, Email = u.Email, Culture = u.Culture, Language = u.Language, EmployeeId = u.EmployeeId, RoleIds = u.RoleIds, DepartmentIds = u.DepartmentIds });
                    return await users.GetAsync(a, chief);
                }, async (a, r) => (await users.ListAsync(a, r)).Items.Single(x => x.Id == chief), null, null, "users") { Fixed = ["UserName", "Active"] },
        ];
    }
}
