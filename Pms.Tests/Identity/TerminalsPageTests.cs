using Microsoft.Playwright;
using Pms.Core.Data;
using Pms.Core.Identity.Sessions;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Identity;

/// <summary>The sheet of a shared terminal in a real browser: where it stands, what happened to it, and that it can be taken out of use.</summary>
[Collection(Browser.Line)]
public sealed class TerminalsPageTests
{
    [Fact]
    public async Task A_terminal_s_sheet_tells_where_it_stands_and_takes_it_out_of_use()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var department = await app.Get<Db>().InTransactionAsync(tx => tx.InsertAsync("INSERT INTO departments (code, code_key, name, name_key, kind) VALUES ('EMB', 'EMB', 'Embroidery', 'EMBROIDERY', 'Branding')", new { }));
        var terminals = app.Get<TerminalService>();
        var (terminal, token) = await terminals.EnrolAsync(TestPms.System, new EnrolTerminal { Name = "Line 1", DepartmentId = department });
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        var page = browser.Page;
        await browser.SignInAsync("chief", "/admin/terminals");
        await page.GetByRole(AriaRole.Link, new() { Name = "Line 1" }).ClickAsync();
        var sheet = page.Locator("#side-sheet");
        await Expect(sheet.Locator(".facts")).ToContainTextAsync("Embroidery");
        await Expect(sheet.Locator(".facts")).ToContainTextAsync("never");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("terminal-sheet");

        await sheet.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        var asked = page.Locator(".mud-dialog");
        await Expect(asked).ToContainTextAsync("Badges stop working at Line 1 at once");
        await asked.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(asked).ToHaveCountAsync(0);
        Assert.NotNull(await terminals.FindAsync(token));
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await asked.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(sheet.Locator(".danger-zone")).ToContainTextAsync("revoked ");
        Assert.Null(await terminals.FindAsync(token));

        await sheet.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
        await Expect(sheet.Locator(".history > li > span")).ToHaveTextAsync(["Terminal: revoked", "Terminal: enrolled"]);
        await browser.AccessibleAsync();
        await page.GotoAsync($"/admin/terminals?id={terminal.Id + 1}");
        await browser.InteractiveAsync();
        await Expect(sheet).ToHaveCountAsync(0);
    }
}
