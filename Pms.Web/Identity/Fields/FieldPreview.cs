using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity.Users;
using Pms.Core.Machines;
using Pms.Core.Orders;
using Pms.Core.Products;
using Pms.Web.Departments;
using Pms.Web.Employees;
using Pms.Web.Machines;
using Pms.Web.Orders;
using Pms.Web.Products;

namespace Pms.Web.Identity.Fields;

/// <summary>
/// Which real pages show an entity, and with which record: the preview renders them, under an actor that sees as the role sees. Pages that open
/// a record by the address get it from the preview's own address.
/// </summary>
public sealed class FieldPreview(DepartmentService departments, EmployeeService employees, MachineService machines, ProductService products, OrderService orders, UserService users)
{
    /// <param name="Id">For the address; null where the page needs none.</param>
    /// <param name="Part">Of the record, opened on its tab.</param>
    public sealed record Shown(IReadOnlyList<(Type Page, Dictionary<string, object?> With)> Pages, long? Id = null, string? Tab = null, long? Part = null);

    private static readonly PageRequest First = new() { Size = 1 };

    /// <summary>What is shown of the entity to this actor; the first record they may see is the sample.</summary>
    public async Task<Shown> OfAsync(Actor seeing, string entity, CancellationToken ct) => entity switch
    {
        "department" => Page<DepartmentsPage>(Id(await departments.ListAsync(seeing, First, ct), d => d.Id)),
        "stage" => await StageAsync(seeing, ct),
        "employee" => Page<EmployeesPage>(Id(await employees.ListAsync(seeing, First, ct), e => e.Id)),
        "absence" => Page<EmployeesPage>(Id(await employees.ListAsync(seeing, First, ct), e => e.Id), "absences"),
        "category" => Page<CategoriesPage>(null),
        "customer" => Page<OrdersPage>(null),
        "machine" => Page<MachinesPage>(Id(await machines.ListAsync(seeing, First, ct), m => m.Id)),
        "work_centre" => Page<WorkCentresPage>(Id(await machines.ListCentresAsync(seeing, First, ct), w => w.Id)),
        "product" => Page<ProductsPage>(Id(await products.ListAsync(seeing, First, ct), p => p.Id)),
        "user" => Page<UsersPage>(Id(await users.ListAsync(seeing, First, ct), u => u.Id)),
        _ => await OrderAsync(seeing, entity, ct),
    };

    private async Task<Shown> StageAsync(Actor seeing, CancellationToken ct)
    {
        var shown = Page<DepartmentsPage>(Id(await departments.ListAsync(seeing, First, ct), d => d.Id), "stages");
        return shown.Id is { } id ? shown with { Part = (await departments.StagesAsync(seeing, id, ct)).FirstOrDefault()?.Id } : shown;
    }

    private async Task<Shown> OrderAsync(Actor seeing, string entity, CancellationToken ct)
    {
        if (Id(await orders.ListAsync(seeing, First, ct), o => o.Id) is not { } id)
            return Page<OrdersPage>(null);
        var detail = await orders.GetAsync(seeing, id, ct);
        var none = Microsoft.AspNetCore.Components.EventCallback.Empty;
        return entity == "order"
            ? new([(typeof(OrdersPage), []), (typeof(OrderHeadSheet), new() { ["Order"] = detail.Order, ["Customer"] = detail.Customer, ["OnClose"] = none })])
            : new([(typeof(OrderPage), new() { ["Id"] = id }), (typeof(ItemSheet), new() { ["OrderId"] = id, ["Item"] = detail.Items.FirstOrDefault(), ["OnClose"] = none })]);
    }

    private static Shown Page<TPage>(long? id, string? tab = null) => new([(typeof(TPage), [])], id, tab);

    private static long? Id<T>(Page<T> page, Func<T, long> id) => page.Items.Count == 0 ? null : id(page.Items[0]);
}
