using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;
using Pms.Core.Planning.Releases;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Planning.Releases;

/// <summary>A planner's morning: what if, several orders planned at once with one that doesn't fit, a hold with what could go there instead, and the old places again.</summary>
[Collection(Browser.SecondLine)]
public sealed class ReleasePageTests
{
    [Theory]
    [InlineData(Screen.Desktop, false)]
    [InlineData(Screen.Phone, true)]
    public async Task A_planner_plans_orders_cures_what_does_not_fit_and_fills_a_freed_place(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.Get<CalendarService>().SaveAsync(Plant.Admin, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        await app.Get<Calendars>().LoadAsync();
        await app.UserAsync("nomsa");
        var today = app.Get<PlantClock>().Today;
        var first = await OrderAsync(app, plant, "SO-1", 5500, today.AddDays(9));   // some 27 hours on the only press
        var urgent = await OrderAsync(app, plant, "SO-2", 4000, today.AddDays(1), OrderPriority.Normal);
        await app.Get<ReleaseService>().ReleaseAsync(Plant.Admin, new([first]));
        await OrderAsync(app, plant, "SO-3", 500, today.AddDays(9));
        var name = $"release-{screen}";
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;

        await browser.SignInAsync("nomsa", "/planning/what-if");
        await page.GetByLabel("Product").FillAsync("TS-100 · T-shirt, white");
        await page.GetByLabel("Quantity").FillAsync("500");
        await page.GetByRole(AriaRole.Button, new() { Name = "Work it out" }).ClickAsync();
        await Expect(page.GetByText("Could be done by")).ToBeVisibleAsync();
        await Expect(page.GetByText("Total lateness of the plan")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-what-if");

        await browser.GoToAsync("/planning/orders");
        await page.GetByLabel("Choose SO-2").CheckAsync();
        await page.GetByLabel("Choose SO-3").CheckAsync();
        await browser.ScreenshotAsync(name + "-chosen");
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan…" }).ClickAsync();
        await Expect(page.GetByText("Doesn't fit")).ToBeVisibleAsync();
        await Expect(page.GetByText("h needed")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-preview");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move SO-1" }).First.ClickAsync();
        await Expect(page.GetByText("Doesn't fit")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan 4 jobs" }).ClickAsync();
        await Expect(page.GetByText("4 jobs of 2 orders are planned.")).ToBeVisibleAsync();
        Assert.Equal(OrderStatus.Scheduled, (await app.Get<OrderService>().GetAsync(Plant.Admin, urgent)).Order.Status);

        // SO-2 is held and its place given back; SO-4 takes it.
        await OrderAsync(app, plant, "SO-4", 3500, today.AddDays(3), OrderPriority.Urgent);
        var hold = await app.Get<HoldService>().OpenAsync(Plant.Admin, new OpenHoldRequest(urgent, HoldKind.Material, "Navy caps short", false));
        await browser.GoToAsync($"/planning/holds/{hold}");
        await Expect(page.Locator(".candidates section")).ToHaveCountAsync(1);
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-hold");
        await page.GetByRole(AriaRole.Button, new() { Name = "Free them now" }).ClickAsync();
        await Expect(page.GetByText("went back to the plan")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan it here" }).ClickAsync();
        await Expect(page.GetByText("SO-4 is planned.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Lift the hold" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Lift the hold" }).ClickAsync();
        await Expect(page.GetByText("Old places").First).ToBeVisibleAsync();
        await Expect(page.GetByText("has passed")).ToBeVisibleAsync();   // it began at once
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync(name + "-lifted");
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan the rest anew" }).ClickAsync();
        await Expect(page.Locator(".release")).ToBeVisibleAsync();

        // A planned job moves to another day by one tap.
        await browser.GoToAsync($"/planning/orders/{first}?tab=jobs");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move… Packing" }).ClickAsync();
        await Expect(page.Locator(".sheet .part").First).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync(name + "-dates");
    }

    private static Task<long> OrderAsync(WebApp app, Plant plant, string number, decimal quantity, DateOnly due, OrderPriority priority = OrderPriority.Normal) => app.Get<OrderService>().CreateAsync(Plant.Admin,
        new CreateOrder(new Order { Number = number, CustomerId = plant.Customer.Id, DueOn = due, Priority = priority }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = quantity }]));
}
