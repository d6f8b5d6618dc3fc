using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs.Planning;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Orders;
using Pms.Core.Search;
using Pms.Tests.Identity;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using Pms.Web.Search;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Search;

/// <summary>What Ctrl+K finds, for whom, and how it leads there.</summary>
[Collection(Browser.SecondLine)]
public sealed class SearchTests
{
    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task Everything_is_found_by_its_number_or_name_within_the_rights_of_who_asks(Engine engine)
    {
        await using var pms = await People.PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await plant.OrderAsync(pms, "MO-7");
        await pms.Get<MachineService>().SaveAsync(TestPms.System, new Machine { Number = "MO-9", Name = "Packing bench", DepartmentId = plant.Packing.Id });
        await pms.Get<EmployeeService>().SaveAsync(TestPms.System, new Employee { Number = "E002", FirstName = "Zoë", LastName = "Moyo", DepartmentId = plant.Packing.Id });
        await pms.UserAsync("moses");
        await pms.Get<MaintenanceService>().ReportStopAsync(TestPms.System, new ReportStop(plant.Press.Id, false, Description: "Squeaks"));
        await pms.Get<Rights>().LoadAsync();

        async Task<string[]> Of(Actor actor, string text) => [.. (await pms.Get<SearchService>().FindAsync(actor, text)).Select(f => $"{f.Kind} {f.Name}: {f.Detail}")];

        Assert.Equal(["Order MO-7: Blue Crane Outfitters", "Machine MO-9: Packing bench", "Employee Thabo Mokoena: E001", "Employee Zoë Moyo: E002", "User Shown moses: moses"], await Of(TestPms.System, " mo"));
        Assert.Equal(["Employee Zoë Moyo: E002"], await Of(TestPms.System, "zoe"));
        Assert.Equal(["Product TS-100: T-shirt, white"], await Of(TestPms.System, "t-shirt"));
        Assert.Equal(["Machine M-01: Carousel"], await Of(TestPms.System, "rousel"));
        Assert.Equal(["Ticket MT-0001: Carousel"], await Of(TestPms.System, "mt-0"));
        Assert.Empty(await Of(TestPms.System, "m"));
        Assert.Empty(await Of(TestPms.System, "%"));
        Assert.Empty(await Of(TestPms.System, new string('m', SearchService.Longest + 1)));

        var own = new[] { Permissions.MachinesView, Permissions.EmployeesView, Permissions.JobsView, Permissions.MaintenanceView, Permissions.OrdersView };
        var printer = await pms.EditorAsync("printer", [plant.Printing.Id], own.ToDictionary(p => p, _ => Scope.Own));
        Assert.Equal(["Employee Thabo Mokoena: E001"], await Of(printer, "mo"));   // an order belongs to no department
        Assert.Equal(["Ticket MT-0001: Carousel"], await Of(printer, "mt-0"));
        var packer = await pms.EditorAsync("packer", [plant.Packing.Id], own.ToDictionary(p => p, _ => Scope.Own));
        Assert.Equal(["Machine MO-9: Packing bench", "Employee Zoë Moyo: E002"], await Of(packer, "mo"));
        Assert.Empty(await Of(packer, "mt-0"));
        var nobody = await pms.EditorAsync("nobody", [], new() { [Permissions.FloorView] = Scope.All });
        Assert.Empty(await Of(nobody, "mo"));
        await Assert.ThrowsAsync<ForbiddenException>(() => Of(new Actor { Name = "gone", UserId = 777_777 }, "mo"));
    }

    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task Jobs_are_found_by_their_order_in_ones_own_departments_and_a_hidden_customer_is_not_told(Engine engine)
    {
        await using var pms = await People.PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await Plant.WorksAsync(pms);
        var order = await plant.OrderAsync(pms, "SO-1");
        var step = (await pms.Get<OrderService>().GetAsync(TestPms.System, order)).Items[0].Steps[0];
        await pms.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(step.Id, 10, TestPms.Start.AddHours(2), plant.Press.Id, End: TestPms.Start.AddHours(3)));

        async Task<string[]> Of(Actor actor) => [.. (await pms.Get<SearchService>().FindAsync(actor, "so-1")).Select(f => $"{f.Kind} {f.Name}: {f.Detail}")];

        var planner = await pms.EditorAsync("planner", [], new() { [Permissions.OrdersView] = Scope.All, [Permissions.JobsView] = Scope.All });
        Assert.Equal(["Order SO-1: Blue Crane Outfitters", "Job SO-1: Screen print · M-01"], await Of(planner));
        var packer = await pms.EditorAsync("packer", [plant.Packing.Id], new() { [Permissions.JobsView] = Scope.Own });
        Assert.Empty(await Of(packer));

        var rules = pms.Get<FieldPermissionService>();
        var role = (await pms.Get<Core.Identity.Roles.RoleService>().ListAsync(TestPms.System)).Single(r => r.Name == "Role of planner").Id;
        await rules.SaveAsync(TestPms.System, await rules.GetAsync(TestPms.System, role, "order") with { Rules = new Dictionary<string, FieldRule> { ["CustomerId"] = new(FieldAccess.Hidden) } });
        Assert.Equal(["Order SO-1: ", "Job SO-1: Screen print · M-01"], await Of(planner));
    }

    [Theory]
    [InlineData("Zoë Moyo", "zoe", "[Zoë] Moyo")]
    [InlineData("WO-1301", "wo-13", "[WO-13]01")]
    [InlineData("Carousel", "x", "Carousel")]
    [InlineData("aaa", "a", "[a][a][a]")]
    [InlineData("<b>", "", "<b>")]
    public void What_was_typed_is_marked(string text, string typed, string marked) =>
        Assert.Equal(marked, string.Concat(SearchWords.Pieces(text, typed).Select(p => p.Hit ? $"[{p.Piece}]" : p.Piece)));

    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task One_types_and_goes_with_the_keyboard_alone(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        var order = await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = "MO-7", CustomerId = plant.Customer.Id, DueOn = new(2027, 2, 1) }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 1000 }]));
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/account");
        var (box, hits) = (page.Locator("#search-text"), page.Locator(".hits [role=option]"));
        await Eventually.PassesAsync(async () =>
        {
            await page.Keyboard.PressAsync("Control+k");
            await Expect(box).ToBeFocusedAsync(new() { Timeout = 1000 });
        });
        await box.PressSequentiallyAsync("mo");
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Orders" }).GetByRole(AriaRole.Option)).ToContainTextAsync("MO-7");
        await Expect(page.Locator(".hits mark").First).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"search-{screen}");
        await box.FillAsync("m-0");
        await Expect(hits).ToHaveCountAsync(1);
        await box.FillAsync("mok");
        await Expect(hits).ToContainTextAsync(["Thabo Mokoena"]);
        await box.FillAsync("mo");
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Employees" })).ToBeVisibleAsync();
        var chosen = page.Locator(".hits [aria-selected=true]");
        await Expect(chosen).ToContainTextAsync("MO-7");
        await box.PressAsync("ArrowDown");
        await Expect(chosen).ToContainTextAsync("Thabo Mokoena");
        await box.PressAsync("ArrowUp");
        await Expect(chosen).ToContainTextAsync("MO-7");
        await box.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"/planning/orders/{order}$"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "MO-7" })).ToBeVisibleAsync();
    }
}
