using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Machines;
using Pms.Core.Orders;
using Pms.Core.Products;
using Pms.Tests.Support;

namespace Pms.Tests.Orders;

/// <summary>A small plant made through the services: two departments with a stage each, a machine, an operator, a product with its path, a customer.</summary>
public sealed record Plant
{
    public static readonly Actor Admin = TestPms.System;

    public required Department Printing { get; init; }
    public required Department Packing { get; init; }
    public required Stage Print { get; init; }
    public required Stage Pack { get; init; }
    public required Machine Press { get; init; }
    public required Employee Thabo { get; init; }
    public required Product Shirt { get; init; }
    public required Customer Customer { get; init; }

    public static Task<Plant> MakeAsync(TestPms pms) => MakeAsync(pms.Get<DepartmentService>(), pms.Get<MachineService>(), pms.Get<EmployeeService>(), pms.Get<ProductService>(), pms.Get<OrderService>());

    public static Task<Plant> MakeAsync(WebApp app) => MakeAsync(app.Get<DepartmentService>(), app.Get<MachineService>(), app.Get<EmployeeService>(), app.Get<ProductService>(), app.Get<OrderService>());

    private static async Task<Plant> MakeAsync(DepartmentService departments, MachineService machines, EmployeeService employees, ProductService products, OrderService orders)
    {
        var printing = await departments.SaveAsync(Admin, new Department { Code = "PRT", Name = "Printing" });
        var packing = await departments.SaveAsync(Admin, new Department { Code = "PCK", Name = "Packing" });
        var print = await departments.SaveStageAsync(Admin, new Stage { DepartmentId = printing.Id, Name = "Screen print", Position = 1, RunMinutes = 0.5m, SetupMinutes = 20, TransferQuantity = 50 });
        var pack = await departments.SaveStageAsync(Admin, new Stage { DepartmentId = packing.Id, Name = "Packing", Position = 1, Kind = StageKind.Bench, RunMinutes = 0.1m });
        return new Plant
        {
            Printing = printing, Packing = packing, Print = print, Pack = pack,
            Press = await machines.SaveAsync(Admin, new Machine { Number = "M-01", Name = "Carousel", DepartmentId = printing.Id, Stages = [print.Id], SpeedFactor = 1.25m }),
            Thabo = await employees.SaveAsync(Admin, new Employee { Number = "E001", FirstName = "Thabo", LastName = "Mokoena", DepartmentId = printing.Id, Skills = [new() { StageId = print.Id }] }),
            Shirt = await products.SaveAsync(Admin, new Product
            {
                Code = "TS-100", Name = "T-shirt, white", Lifecycle = Lifecycle.Active,
                Variants = [new() { Size = "S" }, new() { Size = "M", Colour = "White" }],
                Steps = [new() { StageId = print.Id, RunMinutes = 0.4m, ScrapShare = 0.02m }, new() { StageId = pack.Id }],
                Instructions = [new() { StageId = print.Id, Text = "Flash between colours.", Link = "https://example.org/flash.pdf" }],
            }),
            Customer = await orders.SaveAsync(Admin, new Customer { Name = "Blue Crane Outfitters" }),
        };
    }

    /// <summary>The whole plant works around the clock; without it nothing can be planned.</summary>
    public static Task WorksAsync(TestPms pms) => pms.Get<CalendarService>().SaveAsync(Admin, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });

    public async Task<long> OrderAsync(TestPms pms, string number, decimal quantity = 1000, string? key = null) => await pms.Get<OrderService>().CreateAsync(Admin, new CreateOrder(
        new Order { Number = number, CustomerId = Customer.Id, DueOn = new(2026, 2, 1) }, [new OrderItem { ProductId = Shirt.Id, Quantity = quantity }]), key);
}
