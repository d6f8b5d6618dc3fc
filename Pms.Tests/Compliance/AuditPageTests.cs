using Microsoft.Playwright;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Compliance;

/// <summary>The audit's pages in a real browser: find, compare, take it along, prove it.</summary>
[Collection(Browser.Line)]
public sealed class AuditPageTests
{
    [Fact]
    public async Task An_auditor_finds_a_change_compares_it_and_proves_the_chain()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await app.Get<DepartmentService>().SaveAsync(TestPms.System, plant.Printing with { DailyTarget = 500, Name = "=Printing \"><img src=x onerror=1>" });
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/admin/audit");
        await Expect(page.Locator(".rows tbody tr").First).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();

        await page.GetByRole(AriaRole.Combobox, new() { Name = "What", Exact = true }).SelectOptionAsync("department.update");
        await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(1);
        await page.Locator(".row-link").First.ClickAsync();
        await Expect(page.Locator(".audit-compare")).ToContainTextAsync("Daily target");
        await Expect(page.Locator(".audit-compare ins").First).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("audit");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".side-sheet")).ToHaveCountAsync(0);

        await page.Locator(".audit-more summary").ClickAsync();
        var field = page.GetByLabel("Field", new() { Exact = true });
        foreach (var (word, rows) in new[] { ("Weekly target", 0), ("daily target", 1) })
        {
            await field.FillAsync(word);
            await field.PressAsync("Enter");
            await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(rows);
        }

        var list = await page.Context.APIRequest.GetAsync("/lists/departments.csv?f=active:true&sort=-code");
        Assert.Contains("'=Printing", await list.TextAsync());
        Assert.Equal(400, (await page.Context.APIRequest.GetAsync("/lists/departments.csv?sort=nothing")).Status);

        foreach (var format in new[] { "CSV", "Excel", "PDF" })
        {
            var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = format }).ClickAsync());
            Assert.Null(await file.FailureAsync());
            Assert.True(new FileInfo(await file.PathAsync()).Length > 300);
            if (format == "CSV")
                Assert.Contains("Daily target", await File.ReadAllTextAsync(await file.PathAsync()));
        }

        await page.GotoAsync("/admin/audit/security");
        await Expect(page.Locator(".rows tbody tr").First).ToContainTextAsync("Audit exported");
        await page.GotoAsync("/admin/audit/chain");
        await browser.InteractiveAsync();
        await Eventually.TrueAsync(async () => await app.Get<AuditChainRepository>().CountUnsealedAsync(default) == 0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify now" }).ClickAsync();
        await Expect(page.GetByText("The chain is whole")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();

        // All about one record is a tap away from any of its entries; a column that one doesn't want stays away.
        await browser.GoToAsync("/admin/audit?action=department.update");
        await page.Locator(".row-link").First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "All about this record" }).ClickAsync();
        await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator(".rows tbody tr").Last).ToContainTextAsync("created");
        var (who, what) = (page.GetByRole(AriaRole.Columnheader, new() { Name = "Who", Exact = true }), page.GetByRole(AriaRole.Columnheader, new() { Name = "What", Exact = true }));
        await Expect(who).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Columns" }).ClickAsync();
        await page.Locator(".column-choice").GetByLabel("Who").UncheckAsync();
        await Expect(who).ToHaveCountAsync(0);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("audit-columns");
        await Eventually.TrueAsync(async () => await app.Get<Db>().ScalarAsync<int>("SELECT COUNT(*) FROM screen_choices") == 1, "the choice is kept");
        await browser.GoToAsync("/admin/audit");
        await Expect(what).ToHaveCountAsync(1);
        await Expect(who).ToHaveCountAsync(0);
    }
}
