using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Settings;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Settings;

/// <summary>The settings page in a real browser.</summary>
[Collection(Browser.SecondLine)]
public sealed class SettingsPageTests
{
    [Fact]
    public async Task An_administrator_finds_a_setting_changes_it_sees_who_was_faster_and_goes_back_to_the_default()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/admin/settings");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await Expect(page.GetByLabel("Time zone")).ToBeDisabledAsync();   // the test's host sets it
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search settings" }).FillAsync("take back own");
        var undo = page.GetByRole(AriaRole.Textbox, new() { Name = "Taking back (minutes)" });
        await Expect(page.Locator(".setting")).ToHaveCountAsync(1);
        await undo.FillAsync("99");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Enter something from 1 to 60.")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await undo.FillAsync("12");

        await app.Get<SettingsService>().ChangeAsync(TestPms.System, new ChangeSettings(1, new Dictionary<string, string?> { ["longStopMinutes"] = "45" }));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".clash")).ToContainTextAsync("45");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep both changes" }).ClickAsync();
        await Expect(page.GetByText("not saved")).ToHaveCountAsync(0);
        Assert.Equal((12, 45), (app.Get<LiveSettings>().Now.UndoMinutes, app.Get<LiveSettings>().Now.LongStopMinutes));

        await page.GetByRole(AriaRole.Button, new() { Name = "Back to the default: 5 (Taking back (minutes))" }).ClickAsync();
        await Expect(undo).ToHaveValueAsync("5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("not saved")).ToHaveCountAsync(0);
        Assert.Equal(5, app.Get<LiveSettings>().Now.UndoMinutes);

        await undo.FillAsync("20");
        await app.Get<SettingsService>().ChangeAsync(TestPms.System, new ChangeSettings((await app.Get<SettingsService>().GetAsync(TestPms.System)).Version, new Dictionary<string, string?> { ["undoMinutes"] = "7" }));
        var choice = page.Locator(".clash-field");
        await Expect(choice).ToContainTextAsync("20");
        await browser.AccessibleAsync();
        await choice.GetByText("Theirs").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save as chosen" }).ClickAsync();
        await Expect(undo).ToHaveValueAsync("7");
        await Expect(page.GetByText("not saved")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
        await Expect(page.Locator(".history")).ToContainTextAsync("undo minutes");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("settings");
    }
}
