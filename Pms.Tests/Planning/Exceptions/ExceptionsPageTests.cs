using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Data;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning.Exceptions;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Planning.Exceptions;

/// <summary>The exceptions page: counted and grouped, narrowed, live, and each row leads to where it is solved.</summary>
[Collection(Browser.SecondLine)]
public sealed class ExceptionsPageTests
{
    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task A_planner_finds_what_is_wrong_and_goes_to_where_it_is_solved(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        var (orders, holds, clock) = (app.Get<OrderService>(), app.Get<HoldService>(), app.Get<PlantClock>());
        async Task<long> OrderAsync(string number, int due, OrderPriority priority = OrderPriority.Normal, decimal quantity = 500) => await orders.CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = number, CustomerId = plant.Customer.Id, DueOn = clock.Today.AddDays(due), Priority = priority }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = quantity }]));
        var late = await OrderAsync("SO-LATE", -2, OrderPriority.Urgent);
        await OrderAsync("SO-SOON", 1, quantity: 20_000);   // a week of work
        var held = await OrderAsync("SO-HELD", 30);
        await holds.OpenAsync(TestPms.System, new OpenHoldRequest(held, HoldKind.Material, "Blanks not delivered yet", false, clock.Today.AddDays(3)));
        var step = (await orders.GetAsync(TestPms.System, late)).Items[0].Steps[0].Id;
        await app.Get<CalendarService>().SaveAsync(TestPms.System, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        var job = await app.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(step, 500, clock.Now, plant.Press.Id, plant.Thabo.Id, clock.Now.AddHours(4)));
        await app.Get<Db>().InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET planned_start = @from, planned_end = @to WHERE id = @JobId", new { from = clock.Now.AddHours(-5), to = clock.Now.AddHours(-1), job.JobId }));   // time went by

        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/planning/exceptions");
        await Expect(page.Locator(".issue-kinds .tile")).ToHaveCountAsync(4);
        await Expect(page.Locator("tr.group")).ToHaveTextAsync(["On hold (1)", "Late jobs (1)", "Late orders (1)", "At risk (1)"]);
        await Expect(page.Locator("tbody tr:not(.group)").First).ToContainTextAsync("Material · Blanks not delivered yet");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"exceptions-{screen}");

        // Live: another planner holds the urgent one, too.
        await holds.OpenAsync(TestPms.System, new OpenHoldRequest(late, HoldKind.Customer, "Another colour", false));
        await Expect(page.Locator("tr.group").First).ToHaveTextAsync("On hold (2)");
        await page.Locator(".issue-kinds .tile", new() { HasText = "Late orders" }).ClickAsync();
        await Expect(page.Locator("tbody tr:not(.group)")).ToHaveCountAsync(1);
        await Expect(page.Locator("tbody tr:not(.group)")).ToContainTextAsync("SO-LATE");
        await page.GoBackAsync();
        await Expect(page.Locator("tr.group")).ToHaveCountAsync(4);
        await page.Locator(".search-box input").FillAsync("blanks");
        await Expect(page.Locator("tbody tr:not(.group)")).ToHaveCountAsync(1);

        // The hold opens where its replacements stand; lifted there it is gone here.
        await page.GetByRole(AriaRole.Link, new() { Name = "SO-HELD" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/planning/holds/[0-9]+$"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Lift" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Lift" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Lift" })).ToHaveCountAsync(0);
        Assert.DoesNotContain((await app.Get<IssueService>().ListAsync(TestPms.System, new PageRequest())).Items, i => i.OrderNumber == "SO-HELD");

        // A late job opens at the job itself.
        await browser.GoToAsync("/planning/exceptions?f=kind:LateJob");
        await page.GetByRole(AriaRole.Link, new() { Name = "SO-LATE" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "SO-LATE · Screen print" })).ToBeVisibleAsync();
    }
}
