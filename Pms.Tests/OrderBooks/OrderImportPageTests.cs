using System.Text;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.OrderBooks;

/// <summary>A planner's morning: last night's order book with what it brings that isn't known, a correction, the list, and a quantity that is decided.</summary>
[Collection(Browser.SecondLine)]
public sealed class OrderImportPageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_order_book_is_taken_in_and_what_it_asks_is_decided(bool phone)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        var plant = await Plant.MakeAsync(app);
        await using var browser = await Browser.OpenAsync(app.Address, phone ? Screen.Phone : Screen.Desktop, dark: phone);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/planning/import");
        var check = page.GetByRole(AriaRole.Button, new() { Name = "Check the rows" });
        await Browser.GiveFileAsync(page.Locator("input[type=file]"), new FilePayload
        {
            Name = "orders.csv", MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes("Open orders\n\nOrder No;Customer PO;Customer;SKU;Description;Qty;Due date;Priority\nA1;P1;Karoo Traders;MUG-330;Mug 330 ml;250;19/12/2026;urgent\nA2;P2;Blue Crane Outfitters;TS-100;T-shirt;-5;20/12/2026;\n"
                + string.Concat(Enumerable.Range(1, 60).Select(i => $"B{i:00};P;Blue Crane Outfitters;TS-100;T-shirt;{i};21/12/2026;\n")) + "Total;;;;;2075;;\n"),
        }, check);
        await check.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Customers that aren’t known yet" })).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"order-import-unknown-{(phone ? "phone" : "desktop")}", fullPage: true);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create Karoo Traders" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create MUG-330" }).ClickAsync();
        await browser.ScreenshotAsync($"order-import-make-{(phone ? "phone" : "desktop")}");
        await page.GetByLabel("Production path").FillAsync("Printing / Screen print > Packing / Packing");
        await browser.AccessibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "First wrong row" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Correct row 5", Exact = true }).ClickAsync();
        await page.GetByLabel("Quantity").FillAsync("5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check this row" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Apply rows: 62" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply rows: 62" }).ClickAsync();
        await Expect(page.GetByText("62 rows are stored.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(page.GetByText("51 to 62 of 62")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();

        await browser.ScreenshotAsync($"order-import-done-{(phone ? "phone" : "desktop")}");
        await browser.GoToAsync("/planning/orders");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "A1", Exact = true })).ToBeVisibleAsync();
        await browser.ScreenshotAsync($"orders-{(phone ? "phone" : "desktop")}");
        if (phone)
            await page.GetByRole(AriaRole.Button, new() { Name = "Filters (1)" }).ClickAsync();
        await page.GetByLabel("Priority").SelectOptionAsync("3");
        await Expect(page.Locator("table.rows tbody tr")).ToHaveCountAsync(1);
        if (!phone)
        {
            // What a person leaves out of a list stays out, here and on every other device.
            await page.GetByRole(AriaRole.Button, new() { Name = "Columns" }).ClickAsync();
            await page.Locator(".column-choice").GetByLabel("Customer").UncheckAsync();
            await Expect(page.Locator("table.rows thead").GetByText("Customer")).ToBeHiddenAsync();
            await browser.GoToAsync("/planning/orders");
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "A1", Exact = true })).ToBeVisibleAsync();
            await Expect(page.Locator("table.rows thead").GetByText("Customer")).ToBeHiddenAsync();
        }
        await browser.AccessibleAsync();
        await browser.FitsAsync();

        var order = (await app.Get<OrderService>().ListAsync(TestPms.System, new PageRequest { Search = "A1" })).Items.Single();
        var item = (await app.Get<OrderService>().GetAsync(TestPms.System, order.Id)).Items.Single();
        await app.Get<OrderDecisionService>().AskAsync(TestPms.System, order.Id, item.Id, item.Quantity, 300, default);
        await browser.GoToAsync($"/planning/orders/{order.Id}");
        await Expect(page.GetByText("The imported order book wants 300 pcs; work on 250 has begun.")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"order-decision-{(phone ? "phone" : "desktop")}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take it over" }).ClickAsync();
        await Expect(page.GetByText("Needs a decision")).ToBeHiddenAsync();
        Assert.Equal(300m, (await app.Get<OrderService>().GetAsync(TestPms.System, order.Id)).Items.Single().Quantity);
        Assert.Equal(plant.Customer.Id, (await app.Get<OrderService>().ListCustomersAsync(TestPms.System, new PageRequest { Search = "Blue" })).Items.Single().Id);
    }
}
