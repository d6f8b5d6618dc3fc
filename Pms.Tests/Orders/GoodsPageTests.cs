using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Orders.Goods;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Orders;

/// <summary>The way of an order's goods on its page: marked ready, material in and out, pieces dispatched in parts, then closed.</summary>
[Collection(Browser.SecondLine)]
public sealed class GoodsPageTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task An_order_is_made_ready_supplied_dispatched_and_closed(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.Get<CalendarService>().SaveAsync(TestPms.System, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        await app.UserAsync("nomsa");
        await app.UserAsync("pieter", SeededRole.Warehouse);
        var (orders, goods) = (app.Get<OrderService>(), app.Get<GoodsService>());
        var id = await orders.CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = "SO-1", CustomerId = plant.Customer.Id, DueOn = new(2027, 2, 1) }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 100 }]));
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("pieter", $"/planning/orders/{id}?tab=goods");

        // One tap for one step, one for all; short asks when it is expected.
        await page.GetByRole(AriaRole.Button, new() { Name = "Material at Screen print: short" }).ClickAsync();
        await page.GetByLabel("Material at Screen print: expected on").FillAsync("2027-01-15");
        await page.GetByRole(AriaRole.Button, new() { Name = "Artwork at All steps: there" }).ClickAsync();
        await Expect(page.Locator(".ready button[aria-pressed=true][data-state=done]")).ToHaveCountAsync(3);   // two steps and their row
        await Eventually.TrueAsync(async () => (await orders.GetAsync(TestPms.System, id)).Items[0].Steps is [var print, var pack]
            && print.Readiness.Any(r => r is { What: ReadinessCheck.Material, State: ReadinessState.Short, OnDay: { Month: 1, Day: 15 } }) && pack.Readiness.Any(r => r is { What: ReadinessCheck.Artwork, State: ReadinessState.Ok }), "readiness is stored");

        await page.GetByRole(AriaRole.Button, new() { Name = "Move material" }).ClickAsync();
        await page.Locator(".sheet").GetByLabel("Quantity").FillAsync("110");
        await page.Locator(".sheet").GetByLabel("Note").FillAsync("Delivery note 4711");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync($"goods-move-{screen}");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Record as received" }).ClickAsync();
        await Expect(page.GetByText("Delivery note 4711")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Move material" }).ClickAsync();
        await page.Locator(".sheet").GetByLabel("Quantity").FillAsync("120");
        await page.Locator(".sheet").GetByLabel("Why more than is there").FillAsync("Ten were in another box");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Record as issued" }).ClickAsync();
        await Expect(page.GetByText("Ten were in another box")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take back: Issued to the floor 120" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Textbox).FillAsync("Miscounted");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Expect(page.Locator(".entry[data-back]")).ToHaveCountAsync(2);
        Assert.Equal((110m, 0m), (await goods.OfOrderAsync(TestPms.System, id))[0] is var item ? (item.InStore, item.Issued) : default);

        // Made elsewhere meanwhile; the page shows it, and lets it go in two parts.
        foreach (var step in (await orders.GetAsync(TestPms.System, id)).Items[0].Steps)
            await MakeAsync(app, plant, step, 100);
        await Expect(page.GetByText("Completed").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dispatch" }).ClickAsync();
        await Expect(page.Locator(".sheet").GetByLabel("Quantity")).ToHaveValueAsync("100");
        await page.Locator(".sheet").GetByLabel("Quantity").FillAsync("60");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync($"goods-dispatch-{screen}");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Record dispatch" }).ClickAsync();
        await Expect(page.Locator(".sheet")).ToHaveCountAsync(0);
        await Expect(page.Locator(".page-head").GetByRole(AriaRole.Button, new() { Name = "Close" })).ToHaveCountAsync(0);   // the warehouse doesn't close
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"goods-{screen}", fullPage: true);

        // The planner is told what is missing, from the list of orders too.
        await using var planner = await Browser.OpenAsync(app.Address, screen, dark);
        page = planner.Page;
        await planner.SignInAsync("nomsa", "/planning/orders?f=open:false");
        await page.GetByLabel("Choose SO-1").CheckAsync();
        await page.Locator(".picked").GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Close" }).Last.ClickAsync();
        await Expect(page.GetByText("SO-1: 40 pcs of line 10 are still here")).ToBeVisibleAsync();
        await planner.ScreenshotAsync($"orders-close-{screen}");
        await goods.DispatchAsync(TestPms.System, id, new DispatchGoods((await goods.OfOrderAsync(TestPms.System, id))[0].ItemId, 40));
        await planner.GoToAsync($"/planning/orders/{id}?tab=goods");
        await page.Locator(".page-head").GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Close" }).Last.ClickAsync();
        await Expect(page.GetByText("Closed", new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Dispatch" })).ToHaveCountAsync(0);   // locked
        Assert.Equal(OrderStatus.Closed, (await orders.GetAsync(TestPms.System, id)).Order.Status);
    }

    private static async Task MakeAsync(WebApp app, Plant plant, OrderDetail.Step step, decimal quantity)
    {
        var now = app.Get<PlantClock>().Now;
        var machine = step.DepartmentId == plant.Printing.Id ? plant.Press.Id : (long?)null;
        var job = await app.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(step.Id, quantity, now, machine, End: now.AddHours(1)));
        var thabo = TestPms.System with { ForEmployeeId = plant.Thabo.Id };
        await app.Get<JobService>().StartAsync(thabo, new StartJob(job.JobId, Reason: "Material came"));
        await app.Get<JobService>().FinishAsync(thabo, new FinishJob(job.JobId, quantity));
    }
}
