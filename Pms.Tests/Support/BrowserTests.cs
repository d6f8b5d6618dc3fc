using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Xunit.Sdk;

namespace Pms.Tests.Support;

/// <summary>The browser's own checks, proven on small pages that keep or break them under PMS's strict policy.</summary>
[Collection(Browser.Line)]
public sealed class BrowserTests
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

    [Fact]
    public async Task A_good_page_passes_every_check()
    {
        await using var app = await PageAsync("<h1>Machines</h1><p data-interactive>All are well.</p>");
        await using var browser = await Browser.OpenAsync(Address(app), Screen.Phone);
        await browser.GoToAsync("/");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await Assertions.Expect(browser.Page.GetByText("All are well.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_inline_script_is_caught()
    {
        await using var app = await PageAsync("<h1>Machines</h1><script>document.title = 'x'</script>");
        var browser = await Browser.OpenAsync(Address(app), Screen.Desktop);
        await browser.GoToAsync("/", interactive: false);
        var e = await Assert.ThrowsAnyAsync<XunitException>(() => browser.DisposeAsync().AsTask());
        Assert.Contains("Content Security Policy", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poor_contrast_and_a_page_wider_than_the_phone_are_caught()
    {
        await using var app = await PageAsync("<h1>Machines</h1><p style='color:#ccc;background:#fff;width:900px'>Hardly to be read</p>");
        await using var browser = await Browser.OpenAsync(Address(app), Screen.Phone);
        await browser.GoToAsync("/", interactive: false);
        var e = await Assert.ThrowsAnyAsync<XunitException>(() => browser.AccessibleAsync(TimeSpan.Zero));
        Assert.Contains("color-contrast", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<XunitException>(browser.FitsAsync);
    }

    [Fact]
    public async Task Poor_contrast_in_the_other_theme_is_caught()
    {
        await using var app = await PageAsync("<style>:root{color-scheme:light dark;background:light-dark(#fff,#222)}p{color:light-dark(#111,#444)}</style><h1>Machines</h1><p>Well to be read by day</p>");
        await using var browser = await Browser.OpenAsync(Address(app), Screen.Desktop);
        await browser.GoToAsync("/", interactive: false);
        var e = await Assert.ThrowsAnyAsync<XunitException>(() => browser.AccessibleAsync(TimeSpan.Zero));
        Assert.Contains("dark", e.Message, StringComparison.Ordinal);
    }

    private static Uri Address(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static async Task<WebApplication> PageAsync(string body)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/favicon.ico", () => Results.NoContent());
        app.MapGet("/", (HttpContext http) =>
        {
            http.Response.Headers.ContentSecurityPolicy = Policy;
            return Results.Content($"<!DOCTYPE html><html lang=en><head><title>Plant</title><meta name=viewport content='width=device-width'></head><body><main>{body}</main></body></html>", "text/html");
        });
        await app.StartAsync();
        return app;
    }
}
