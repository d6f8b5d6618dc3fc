using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Pms.Tests.Support;

namespace Pms.Tests.Shared;

/// <summary>Whatever page a visitor sees first, it opens on every screen and in both themes without a console error, a sideways scroll or a serious accessibility fault.</summary>
[Collection(Browser.Line)]
public sealed class FirstPageTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task The_first_page_is_clean(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);

        await browser.GoToAsync("/", interactive: false);
        await browser.Page.Locator("h1").First.WaitForAsync();
        // While a page goes live the framework takes its title away for a moment.
        if (await browser.Page.Locator(".live").CountAsync() > 0)
            await browser.Page.Locator(".live[data-live=true]").First.WaitForAsync();
        await Assertions.Expect(browser.Page).ToHaveTitleAsync(new Regex(".+"));

        await browser.FitsAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync($"first-page-{screen}{(dark ? "-dark" : "")}");
    }
}
