using Microsoft.Playwright;
using Pms.Core.Identity;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Products;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Machines;

/// <summary>A machine's own page and the category tree in a real browser.</summary>
[Collection(Browser.SecondLine)]
public sealed class MachinePageTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task A_machines_page_shows_all_its_tabs_and_takes_a_reading(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await app.Get<MaintenanceService>().ReportStopAsync(TestPms.System, new ReportStop(plant.Press.Id, false, Description: "Squeaks"));
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/s/m-01");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/machines/M-01$"));
        await Expect(page.GetByText("Squeaks")).ToBeVisibleAsync();
        await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        foreach (var tab in new[] { "Status history", "Tickets", "Calendar", "Files", "History", "Downtime", "Meters" })
        {
            await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = tab, Exact = true }).ClickAsync();
            await Expect(page.Locator(".sheet-tabs [aria-current]")).ToHaveTextAsync(tab);
            await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
            await browser.AccessibleAsync();
            await browser.FitsAsync();
            if (tab == "Status history")
            {
                var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
                Assert.StartsWith("M-01-status-", download.SuggestedFilename, StringComparison.Ordinal);
                Assert.Contains("State", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
            }
        }
        await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = "Downtime", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set time aside" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("New squeegees");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".parts")).ToContainTextAsync("New squeegees");
        await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = "Meters", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a reading" }).ClickAsync();
        await page.GetByLabel("Shows").FillAsync("120");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".meter")).ToContainTextAsync("120");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a reading" }).ClickAsync();
        await page.GetByLabel("Shows").FillAsync("90");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".wrong")).ToContainTextAsync("already showed 120");
        await page.GetByLabel("The counter was reset").CheckAsync();
        await page.GetByLabel("Why").FillAsync("New control panel");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("New control panel")).ToBeVisibleAsync();
        Assert.Equal(2, (await app.Get<MachineService>().ReadingsAsync(TestPms.System, plant.Press.Id)).Count);
    }

    [Fact]
    public async Task A_category_is_made_below_another_and_the_list_opens_from_it()
    {
        await using var app = await WebApp.StartAsync();
        await Plant.MakeAsync(app);
        await app.Get<ProductService>().SaveAsync(TestPms.System, new Category { Name = "Workwear" });
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/admin/products/categories");
        await page.GetByRole(AriaRole.Button, new() { Name = "New category" }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name" }).FillAsync("Jackets");
        await page.GetByLabel("Below").SelectOptionAsync(new SelectOptionValue { Label = "Workwear" });
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".tree li")).ToHaveCountAsync(2);
        await browser.AccessibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Products in Jackets" }).ClickAsync();
        await Expect(page.GetByText("Nothing found")).ToBeVisibleAsync();
    }
}
