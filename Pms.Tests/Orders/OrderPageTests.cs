using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Orders;

/// <summary>An order's items and paths edited on its page, by dragging and by tapping.</summary>
[Collection(Browser.SecondLine)]
public sealed class OrderPageTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task Items_and_their_paths_are_changed_on_the_page(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        var id = await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = "SO-1", CustomerId = plant.Customer.Id, DueOn = new(2027, 2, 1) }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 1000 }]));
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        var name = $"order-items-{screen}";
        await browser.SignInAsync("nomsa", $"/planning/orders/{id}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Change the path" }).ClickAsync();
        var steps = page.Locator(".path-step");
        await Expect(steps).ToHaveCountAsync(2);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-path");
        if (screen == Screen.Desktop)
            await page.Locator(".path-handle").Nth(1).DragToAsync(steps.Nth(0));
        else
            await page.GetByRole(AriaRole.Button, new() { Name = "Move Packing · Packing up" }).ClickAsync();
        await Expect(steps.Nth(0).Locator("select option:checked")).ToHaveTextAsync("Packing · Packing");
        await steps.Nth(1).GetByLabel("Scrap %").FillAsync("95");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save path" }).ClickAsync();
        await Expect(page.Locator(".path .wrong")).ToBeVisibleAsync();
        await steps.Nth(1).GetByLabel("Scrap %").FillAsync("10");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save path" }).ClickAsync();
        await Expect(steps).ToHaveCountAsync(0);
        await Expect(page.Locator("tbody tr").Nth(0)).ToContainTextAsync("Packing");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add an item" }).ClickAsync();
        await page.Locator(".sheet").GetByLabel("Product").FillAsync("TS-100");
        await page.Locator(".sheet").GetByLabel("M White").FillAsync("25");
        await Expect(page.Locator(".sheet").GetByLabel("Quantity")).ToHaveValueAsync("25");
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync(name + "-add");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Line 20")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel this item" }).Nth(1).ClickAsync();
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Cancel line 20" }).ClickAsync();
        await Expect(page.Locator(".sheet .wrong")).ToBeVisibleAsync();
        await page.Locator(".sheet").GetByLabel("In words").FillAsync("Entered twice");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Cancel line 20" }).ClickAsync();
        await Expect(page.Locator("main").GetByText("Cancelled")).ToBeVisibleAsync();
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name);
        Assert.Equal([OrderStatus.Unscheduled, OrderStatus.Cancelled], (await app.Get<OrderService>().GetAsync(TestPms.System, id)).Items.Select(i => i.Status));
    }

    [Fact]
    public async Task What_is_typed_in_a_sheet_of_an_order_is_not_lost_without_a_question()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        var id = await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = "SO-3", CustomerId = plant.Customer.Id, DueOn = new(2027, 2, 1) }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 1000 }]));
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var (page, sheet) = (browser.Page, browser.Page.Locator(".sheet"));
        var question = page.Locator(".mud-dialog").Filter(new() { HasText = "Leave without saving?" });
        await browser.SignInAsync("nomsa", "/planning/orders");
        await page.GetByRole(AriaRole.Link, new() { Name = "SO-3" }).ClickAsync();
        await page.WaitForURLAsync(url => url.Contains($"/planning/orders/{id}", StringComparison.Ordinal));
        foreach (var (open, field) in new[] { ("Edit", "Notes"), ("Put on hold", "In words"), ("Change", "Specifications"), ("Add an item", "Product"), ("Cancel the order", "In words"), ("Cancel this item", "In words") })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = open, Exact = true }).ClickAsync();
            await sheet.Locator("header, h2").First.ClickAsync();
            await page.Keyboard.PressAsync("Escape");   // nothing is typed: nobody is asked
            await Expect(sheet).ToHaveCountAsync(0);

            await page.GetByRole(AriaRole.Button, new() { Name = open, Exact = true }).ClickAsync();
            await sheet.GetByLabel(field).FillAsync("Half a sentence");
            await Expect(sheet.Locator(".unsaved")).ToBeVisibleAsync();
            foreach (var way in new Func<Task>[]
                { () => page.Keyboard.PressAsync("Escape"), () => page.Locator(".sheet-veil").ClickAsync(new() { Position = new() { X = 4, Y = 4 } }), () => sheet.GetByLabel("Close").ClickAsync(), () => page.EvaluateAsync("() => history.back()") })
            {
                await way();
                await Expect(question).ToBeVisibleAsync();
                await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
                await Expect(question).ToHaveCountAsync(0);
                await Expect(sheet.GetByLabel(field)).ToHaveValueAsync("Half a sentence");
                await sheet.GetByLabel(field).FocusAsync();
            }
            await sheet.Locator("form .row").Last.GetByRole(AriaRole.Button).Last.ClickAsync();
            await question.GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
            await Expect(sheet).ToHaveCountAsync(0);
        }
        Assert.Contains($"/planning/orders/{id}", page.Url, StringComparison.Ordinal);
        var detail = await app.Get<OrderService>().GetAsync(TestPms.System, id);
        Assert.Equal((null, null, OrderStatus.Unscheduled), (detail.Order.Notes, detail.Items.Single().Specifications, detail.Order.Status));
    }

    [Fact]
    public async Task An_order_is_lowered_keeps_its_papers_and_its_job_is_entered_from_a_paper_sheet()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await app.Get<CalendarService>().SaveAsync(TestPms.System, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        var clock = app.Get<PlantClock>();
        var id = await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(
            new Order { Number = "SO-2", CustomerId = plant.Customer.Id, DueOn = clock.Today.AddDays(30), Notes = "Call before delivery" }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 1000 }]));
        var step = (await app.Get<OrderService>().GetAsync(TestPms.System, id)).Items[0].Steps[0];
        var job = (await app.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(step.Id, 1000, clock.Now.AddHours(2), plant.Press.Id, End: clock.Now.AddHours(10)))).JobId;
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", $"/planning/orders/{id}");
        await Expect(page.Locator(".facts")).ToContainTextAsync("Call before delivery");

        await page.GetByRole(AriaRole.Button, new() { Name = "Change", Exact = true }).ClickAsync();
        await page.Locator(".sheet").GetByLabel("Quantity").FillAsync("400");
        await Expect(page.Locator(".sheet .note")).ToContainTextAsync("shrinks the job at Screen print");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("order-lower");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".sheet")).ToHaveCountAsync(0);
        var planned = (await app.Get<OrderService>().GetAsync(TestPms.System, id)).Jobs.Single().Planned;
        Assert.InRange(planned, 400, 999);

        await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = "Files" }).ClickAsync();
        await page.Locator(".file-pick input").Nth(1).SetInputFilesAsync(new FilePayload { Name = "packing list.pdf", MimeType = "application/pdf", Buffer = System.Text.Encoding.ASCII.GetBytes("%PDF-1.4 x") });
        await Expect(page.GetByText("packing list.pdf")).ToBeVisibleAsync();
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();

        await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("order-jobs");
        await page.GetByRole(AriaRole.Link, new() { Name = "Screen print" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"/manager/jobs\\?job={job}$"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Enter from a paper sheet" }).ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Enter from a paper sheet" });
        await form.GetByRole(AriaRole.Button, new() { Name = "Enter and finish" }).ClickAsync();
        await Expect(form.Locator(".wrong").First).ToBeVisibleAsync();
        string At(int minutes) => clock.Local(clock.Now.AddMinutes(minutes)).ToString("yyyy-MM-dd'T'HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        await form.GetByLabel("Began").FillAsync(At(-120));
        await form.GetByLabel("Ended").FillAsync(At(-60));
        await form.GetByLabel("Who did it").SelectOptionAsync(new SelectOptionValue { Label = "Thabo Mokoena" });
        await form.GetByLabel("Good pieces").FillAsync(planned.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await browser.MessagesReadAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("job-paper");
        await form.GetByRole(AriaRole.Button, new() { Name = "Enter and finish" }).ClickAsync();
        await Expect(form).ToHaveCountAsync(0);
        await Expect(page.Locator(".sheet")).ToContainTextAsync("Entered afterwards by");
    }
}
