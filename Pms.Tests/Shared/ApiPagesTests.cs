using Microsoft.Playwright;
using Pms.Core.Identity.ApiKeys;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Shared;

/// <summary>What an integrator meets: the documentation that asks for nobody, and the page where the key is made.</summary>
[Collection(Browser.Line)]
public sealed class ApiPagesTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task The_documentation_reads_in_both_themes_and_names_what_each_call_answers(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.GoToAsync("/api/docs", interactive: false);
        var call = browser.Page.Locator("details.call", new() { HasText = "/api/v1/departments/{id}" }).First;
        await call.Locator("summary").ClickAsync();
        await Expect(call.GetByText("Answers 200 Department", new() { Exact = true })).ToBeVisibleAsync();
        await browser.FitsAsync();
        await browser.AccessibleAsync(TimeSpan.FromSeconds(30));
        await browser.ScreenshotAsync($"api-docs-{screen}{(dark ? "-dark" : "")}");
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task A_key_is_made_shown_once_revoked_and_taken_back(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("chief", "/admin/api-keys");
        await browser.AccessibleAsync();
        await browser.GoToAsync("/admin/api-keys?id=new");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        await Expect(browser.Page.Locator("#k-name-wrong")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.Page.Locator("#k-name").FillAsync("ERP sync");
        await browser.Page.GetByLabel("See orders").CheckAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var token = (await browser.Page.Locator("code.secret").First.TextContentAsync())!.Trim();
        Assert.NotNull((await app.Get<ApiKeyService>().CheckAsync(token, null)).Key);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"api-key-made-{screen}{(dark ? "-dark" : "")}");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(browser.Page.GetByText(token)).ToHaveCountAsync(0);

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "ERP sync" }).ClickAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke the key" }).ClickAsync();
        await browser.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Revoke the key" }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Button, new() { Name = "Take it back" })).ToBeVisibleAsync();
        Assert.Equal("api_key.revoked", (await app.Get<ApiKeyService>().CheckAsync(token, null)).WhyNot);
        await browser.AccessibleAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Take it back" }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke the key" })).ToBeVisibleAsync();
        Assert.NotNull((await app.Get<ApiKeyService>().CheckAsync(token, null)).Key);
    }
}
