using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Jobs;
using Pms.Core.Departments;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Capacity;

/// <summary>The heat map in a real browser: what is hot is seen as soon as it is, and a cell opens the jobs behind it.</summary>
[Collection(Browser.SecondLine)]
public sealed class CapacityPageTests
{
    [Theory]
    [InlineData(Screen.Desktop, false)]
    [InlineData(Screen.Phone, true)]
    public async Task A_planner_sees_a_day_fill_up_and_what_fills_it(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.Get<CalendarService>().SaveAsync(TestPms.System, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        await app.UserAsync("nomsa");
        var clock = app.Get<PlantClock>();
        var tomorrow = clock.At(clock.Today.AddDays(1), 60);
        await PlanAsync(app, plant, "SO-1", tomorrow);   // 20 + 3 000 × 0.4 ÷ 1.25 minutes of 1 440
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/planning/capacity");
        var cell = page.Locator(".heat tbody tr").Filter(new() { HasText = "Printing" }).Locator("td").Nth(1).Locator(".cell");
        await Expect(cell).ToHaveTextAsync("68 %");
        await Expect(cell).ToHaveAttributeAsync("data-band", "Medium");
        await browser.AccessibleAsync();
        await browser.FitsAsync();

        await PlanAsync(app, plant, "SO-2", tomorrow);

        await Expect(cell).ToHaveTextAsync("136 %");
        await Expect(cell).ToHaveAttributeAsync("data-band", "Overbooked");
        await browser.ScreenshotAsync($"capacity-{screen}", fullPage: true);
        await cell.ClickAsync();
        var sheet = page.GetByRole(AriaRole.Dialog);
        await Expect(sheet).ToContainTextAsync("33 h of 24 h");
        await Expect(sheet.Locator(".parts li")).ToHaveCountAsync(2);
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync($"capacity-sheet-{screen}");
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".heat").GetByRole(AriaRole.Link, new() { Name = "Printing" }).ClickAsync();
        await Expect(page.Locator(".heat tbody tr")).ToHaveCountAsync(4);   // department, stage, its people, the machine
        await page.GetByRole(AriaRole.Link, new() { Name = "Week", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Week", Exact = true })).ToHaveAttributeAsync("aria-current", "true");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"capacity-department-{screen}", fullPage: true);
    }

    [Fact]
    public async Task However_many_watch_the_plant_is_read_once_per_burst_and_not_while_nobody_does()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var (books, bus) = (pms.Get<CapacityBooks>(), pms.Get<Core.Events.IEventBus>());
        bus.Publish(new OrderChanged(1));
        Assert.Equal(0, books.Reads);
        var told = 0;
        using (books.Watch(() => { Interlocked.Increment(ref told); return Task.CompletedTask; }))
        using (books.Watch(() => { Interlocked.Increment(ref told); return Task.CompletedTask; }))
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => books.LoadAsync()));
            var before = books.Reads;
            Assert.InRange(before, 1, 2);   // two where an event fell between
            for (var i = 0; i < 50; i++)
                bus.Publish(new OrderChanged(i));
            await Eventually.TrueAsync(() => Volatile.Read(ref told) >= 2 && books.Reads > before, "both watchers heard");
            Assert.InRange(books.Reads, before + 1, before + 3);
        }
        var reads = books.Reads;
        bus.Publish(new OrderChanged(1));
        await books.LoadAsync();
        Assert.InRange(books.Reads, reads, reads + 1);
    }

    private static async Task PlanAsync(WebApp app, Plant plant, string number, DateTimeOffset start)
    {
        var id = await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(new Order { Number = number, CustomerId = plant.Customer.Id, DueOn = new(2100, 1, 1) }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 3000 }]));
        var step = (await app.Get<OrderService>().GetAsync(TestPms.System, id)).Items[0].Steps[0];
        await app.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(step.Id, 3000, start, plant.Press.Id, Reason: "The customer waits"));
    }
}
