using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.SignIns;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>What tests do on the operator's page again and again: a plant to work in, the sign-in by PIN, taps and digits.</summary>
internal static class OperatorSteps
{
    private const string Pin = "730194";

    public static async Task<OperatorFloor> PlantAsync(WebApp app)
    {
        await app.UserAsync("chief");   // without an administrator every page leads to the set-up
        var floor = await new OperatorFloor(app.Get<Db>(), app.Get<PlantClock>()).PlantAsync(app.Get<Rights>(), app.Get<Calendars>());
        foreach (var employee in (long[])[floor.Nomsa, floor.Thabo])
            await app.Get<EmployeeCredentials>().IssuePinAsync(TestPms.System, employee, Pin);
        return floor;
    }

    public static async Task SignInAsync(Browser browser, string number)
    {
        await browser.Page.GotoAsync("/login?by=pin&returnUrl=%2Foperator");
        await browser.Page.Locator("#number").FillAsync(number);
        await browser.Page.Locator("#pin").FillAsync(Pin);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await browser.Page.WaitForURLAsync(url => url.Contains("/operator", StringComparison.Ordinal));
        await browser.InteractiveAsync();
    }

    public static Task Tap(ILocator card, string name) => card.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    public static async Task KeysAsync(IPage page, string digits)
    {
        foreach (var digit in digits)
            await page.Locator(".keypad").GetByRole(AriaRole.Button, new() { Name = digit.ToString(), Exact = true }).ClickAsync();
    }

    /// <summary>Every target that a thumb in a glove should hit, seen on the screen as it stands.</summary>
    public static async Task TargetsAsync(IPage page, int least = 72, string which = ".btn-big, .foot button, .sheet .btn:not(.btn-icon), .undo .btn")
    {
        // In one look: a redraw between two would take a target away.
        var small = await page.Locator(which).EvaluateAllAsync<string[]>(
            "(all, least) => all.map(e => [e.innerText, e.getBoundingClientRect()]).filter(([, b]) => b.height > 0 && b.height < least).map(([t, b]) => `${t}: ${b.width}×${b.height}`)", least - 0.5);
        Assert.True(small.Length == 0, "Too small: " + string.Join("; ", small));
    }
}
