using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Notifications;
using Pms.Tests.Support;
using Pms.Web.Health;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Health;

/// <summary>Health says how the plant's program stands, to whom it may, with a status that proxies understand.</summary>
[Collection(Browser.Line)]
public sealed class HealthTests
{
    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task All_is_well_on_a_fresh_start(Engine engine)
    {
        await using var app = await WebApp.StartAsync(engine);
        foreach (var path in new[] { "live", "ready" })
            Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy"}"""), await GetAsync(app, "/api/health/" + path));
    }

    [Fact]
    public async Task Details_are_for_who_may_see_them_in_the_form_a_dashboard_reads()
    {
        await using var app = await WebApp.StartAsync();
        var (status, body) = await GetAsync(app, "/api/health/detailed");
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.DoesNotContain("entries", body, StringComparison.Ordinal);

        await app.UserAsync("viola", SeededRole.Viewer);
        using var viewer = await app.ApiAsync("viola");
        using var refused = await viewer.GetAsync(new Uri("/api/health/detailed", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        await app.UserAsync("nomsa");
        using var admin = await app.ApiAsync("nomsa");
        using var answer = await admin.GetAsync(new Uri("/api/health/detailed", UriKind.Relative));
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var entries = report.GetProperty("entries");
        foreach (var check in new[] { "database", "disk", "memory", "cpu", "scheduler", "outbox", "accepting" })
            Assert.True(entries.TryGetProperty(check, out _), check);
        Assert.Equal("sqlite", entries.GetProperty("database").GetProperty("data").GetProperty("engine").GetString());
    }

    [Theory]
    [InlineData(Screen.Phone)]
    [InlineData(Screen.Desktop)]
    public async Task The_page_tells_it_in_words_and_the_bell_rings_beside_it(Screen screen)
    {
        await using var app = await WebApp.StartAsync();
        var id = await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen);
        await browser.SignInAsync("nomsa", "/admin/health");
        await Expect(browser.Page.Locator(".checks")).ToContainTextAsync("The database answers in");

        await app.Get<NotificationService>().TellAsync([new(id, null)], "job.over_input", ["Anna", "A-1", "M-1", 50, 40, "counted <b>twice</b>"], "/manager", "test:1");
        await Expect(browser.Page.Locator(".bell-count")).ToHaveTextAsync("1");
        await browser.Page.Locator(".bell > button").ClickAsync();
        await Expect(browser.Page.Locator(".bell-panel li").First).ToContainTextAsync("Anna reported 50 on order A-1, but only 40 had come from the step before: counted <b>twice</b>");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"health-and-bell-{screen}");
        await browser.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Mark all as read" }).ClickAsync();
        await Expect(browser.Page.Locator(".bell-count")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_page_is_not_for_everybody()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("viola", SeededRole.Viewer);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        browser.Expect("403");
        await browser.SignInAsync("viola", "/admin/health", interactive: false);
        await Expect(browser.Page.Locator("main")).Not.ToContainTextAsync("database");
    }

    [Fact]
    public async Task With_the_database_away_it_says_503_within_seconds_and_is_well_again_when_it_returns()
    {
        using var server = await MariaDbServer.StartAsync();
        await using var app = await WebApp.StartAsync(Engine.MySql, server: server);
        app.ExpectErrors();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/api/health/ready")).Status);

        server.Kill();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(app, "/api/health")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(app, "/api/health/ready")).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/api/health/live")).Status);

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await GetAsync(app, "/api/health/ready")).Status == HttpStatusCode.OK, "readiness");
    }

    [Fact]
    public async Task Readiness_ignores_Redis_and_fails_first_at_shutdown()
    {
        using var redis = await RedisServer.StartAsync();
        await using var app = await WebApp.StartAsync(redisUrl: redis.Url);
        app.ExpectErrors();
        redis.Kill();
        await Eventually.TrueAsync(async () => (await GetAsync(app, "/api/health")).Status == HttpStatusCode.ServiceUnavailable, "health without Redis");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/api/health/ready")).Status);

        await app.Get<Draining>().StoppingAsync(default);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(app, "/api/health/ready")).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/api/health/live")).Status);
    }

    [Fact]
    public async Task The_pool_meter_counts_connections_in_use()
    {
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { PoolMax = 3 });
        var meter = pms.Get<PoolMeter>();
        var before = meter.InUse;
        await using (await pms.Db.OpenAsync(default))
            Assert.True(meter.InUse > before);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(WebApp app, string path)
    {
        using var http = app.Client();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
