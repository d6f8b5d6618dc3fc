using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Floor;

/// <summary>The managers' boards in a real browser, moved by real taps through the job service.</summary>
[Collection(Browser.SecondLine)]
public sealed class FloorPagesTests
{
    private static readonly string[] Pages =
        ["/manager", "/manager/floor", "/manager/floor?machine=1", "/manager/shift-start", "/manager/jobs", "/manager/jobs?view=kanban", "/manager/jobs?job=1", "/manager/allocations", "/manager/performance?days=1", "/manager/to-confirm", "/manager/wall-boards"];

    [Fact]
    public async Task A_tap_shows_on_the_floor_board_without_a_reload()
    {
        await using var app = await WebApp.StartAsync();
        var (seed, job) = await SeedAsync(app);
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa", "/manager/floor");
        var tile = browser.Page.Locator("[data-machine='M-01']");
        await Expect(tile).ToBeVisibleAsync();
        await Expect(tile).Not.ToHaveAttributeAsync("data-state", "running");
        await browser.Page.EvaluateAsync("() => { window.sameDocument = true; }");
        var thabo = new Actor { EmployeeId = seed.Thabo, Name = "Thabo M", Channel = Channel.Api };
        var jobs = app.Get<JobService>();

        await jobs.StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test"));
        await Expect(tile).ToHaveAttributeAsync("data-state", "running");
        await Expect(tile).ToContainTextAsync("SO260001 · Thabo");

        await jobs.ReportAsync(thabo, new ReportJob(job, 40, 0));
        await Expect(tile).ToContainTextAsync("40 / 500");

        await jobs.PauseAsync(thabo, new PauseJob(job));
        await Expect(tile).ToHaveAttributeAsync("data-state", "stopped");
        await Expect(tile).ToContainTextAsync("no reason yet");

        Assert.True(await browser.Page.EvaluateAsync<bool>("() => window.sameDocument === true"));
    }

    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task Every_page_fits_and_is_accessible(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var (seed, job) = await SeedAsync(app);
        await app.Get<JobService>().StartAsync(new Actor { EmployeeId = seed.Thabo, Name = "Thabo M" }, new StartJob(job, seed.Cutter, Reason: "test"));
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("nomsa", "/manager");

        foreach (var page in Pages)
        {
            await browser.GoToAsync(page);
            await Expect(browser.Page.Locator("main .skeleton")).ToHaveCountAsync(0);
            await browser.FitsAsync();
            await browser.AccessibleAsync();
            await browser.ScreenshotAsync($"manager-{page.Replace("/manager", "").Trim('/').Replace('?', '-').Replace('=', '-')}-{screen}{(dark ? "-dark" : "")}");
        }
    }

    [Fact]
    public async Task A_manager_assigns_and_splits_a_job_and_allocates_by_tap()
    {
        await using var app = await WebApp.StartAsync();
        var (seed, job) = await SeedAsync(app);
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa", $"/manager/jobs?job={job}");
        var page = browser.Page;

        await page.GetByLabel("Operator").SelectOptionAsync(new SelectOptionValue { Value = seed.Thabo.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Assign", Exact = true }).ClickAsync();
        await Eventually.TrueAsync(async () => await app.Get<Db>().ScalarAsync<long?>("SELECT employee_id FROM jobs WHERE id = @job", new { job }) == seed.Thabo, "the job was assigned");

        await page.GetByLabel("Pieces for a second job").FillAsync("200");
        await page.GetByRole(AriaRole.Button, new() { Name = "Split", Exact = true }).ClickAsync();
        await Eventually.TrueAsync(async () => await app.Get<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM jobs") == 2, "the job was split");
        Assert.Equal(500_000_000, await app.Get<Db>().ScalarAsync<long>("SELECT SUM(planned) FROM jobs"));

        await browser.GoToAsync("/manager/allocations");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move to… Thabo M" }).ClickAsync();
        await page.GetByLabel("Machine", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Value = "1" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Allocate" }).ClickAsync();
        await Expect(page.Locator(".alloc-machine").First).ToContainTextAsync("Thabo M");

        // The same by dragging: the person is dropped on a machine, and the sheet asks the rest.
        await page.GetByRole(AriaRole.Button, new() { Name = "Thabo M off M-01" }).ClickAsync();
        await Expect(page.Locator(".alloc-machine").First).Not.ToContainTextAsync("Thabo M");
        await page.Locator(".person", new() { HasText = "Thabo M" }).Locator(".face").DragToAsync(page.Locator(".alloc-machine", new() { HasText = "M-02" }));
        await Expect(page.GetByLabel("Machine", new() { Exact = true })).ToHaveValueAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allocate" }).ClickAsync();
        await Expect(page.Locator(".alloc-machine", new() { HasText = "M-02" })).ToContainTextAsync("Thabo M");
    }

    [Fact]
    public async Task A_person_sees_only_the_departments_they_may()
    {
        await using var app = await WebApp.StartAsync();
        var (seed, _) = await SeedAsync(app);
        await app.UserAsync("lindiwe", SeededRole.Operator, departments: [seed.Packing]);
        await app.UserAsync("nomsa");

        using var own = await app.ApiAsync("lindiwe");
        using var all = await app.ApiAsync("nomsa");

        Assert.Equal(["M-02"], await NumbersAsync(own, "/api/v1/floor/machines"));
        Assert.Equal(["M-01", "M-02"], await NumbersAsync(all, "/api/v1/floor/machines"));
        Assert.Empty(await NumbersAsync(own, $"/api/v1/floor/machines?department={seed.Cutting}"));
        var overview = await own.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/floor/overview", UriKind.Relative));
        Assert.Equal(1, overview.GetProperty("departments").GetArrayLength());
        using var stranger = app.Client();
        using var refused = await stranger.GetAsync(new Uri("/api/v1/floor/overview", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task<string[]> NumbersAsync(HttpClient http, string path) =>
        [.. (await http.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative))).GetProperty("items").EnumerateArray().Select(m => m.GetProperty("number").GetString()!)];

    private static async Task<(FloorSeed Seed, long Job)> SeedAsync(WebApp app)
    {
        var seed = new FloorSeed(app.Get<Db>(), app.Get<Calendars>());
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        await seed.InsertAsync("machine_stages", new { machine_id = seed.Cutter, stage_id = 1 });
        await seed.InsertAsync("employee_skills", new { employee_id = seed.Thabo, stage_id = 1 });
        var now = app.Get<PlantClock>().Now;
        var job = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", now.AddMinutes(-5), now.AddHours(4));
        await app.Get<Rights>().LoadAsync();
        return (seed, job);
    }
}
