using System.Globalization;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Tests.Floor;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Planning;

/// <summary>The schedule in a real browser: dragged at a desk, tapped on a tablet, read on a phone, and seen by another planner.</summary>
[Collection(Browser.SecondLine)]
public sealed class SchedulePageTests
{
    private static readonly string[] Pages =
    [
        "/planning/schedule", "/planning/schedule?view=board&zoom=day", "/planning/schedule?zoom=fortnight", "/planning/schedule?view=board&zoom=month&rows=departments", "/planning/schedule?view=list", "/planning/schedule?view=calendar", "/planning/schedule?job=1",
        "/planning/schedule?open=unplanned", "/planning/machine-calendar?machine=1", "/planning/machine-calendar?machine=1&view=week",
    ];

    [Fact]
    public async Task A_planner_drags_jobs_and_another_sees_it_at_once()
    {
        await using var app = await WebApp.StartAsync();
        var (_, job, third) = await SeedAsync(app);
        await app.UserAsync("nomsa", SeededRole.Planner);
        await app.UserAsync("sipho", SeededRole.Planner);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await using var other = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa", "/planning/schedule?zoom=fortnight");
        await other.SignInAsync("sipho", "/planning/schedule?zoom=fortnight");
        var page = browser.Page;
        await Expect(Bar(browser, "M-01", job)).ToBeVisibleAsync();
        await Expect(Bar(other, "M-01", job)).ToBeVisibleAsync();

        // To a machine that can do it: both boards show it there, and the other one within a second of the planner's own.
        await DragAsync(browser, Bar(browser, "M-01", job), "M-03");
        await Expect(Bar(browser, "M-03", job)).ToBeVisibleAsync();
        await Expect(Bar(other, "M-03", job)).ToBeVisibleAsync(new() { Timeout = 1_000 });
        Assert.Equal(third, await MachineAsync(app, job));
        await Expect(page.GetByText("SO260001 was moved.")).ToBeVisibleAsync();

        // To one that can't: the board says why, and nothing moves.
        await DragAsync(browser, Bar(browser, "M-03", job), "M-02");
        await Expect(page.GetByText("M-02 can't do Cut.")).ToBeVisibleAsync();
        await Expect(Bar(browser, "M-03", job)).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("refused"));
        Assert.Equal(third, await MachineAsync(app, job));

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(Bar(browser, "M-01", job)).ToBeVisibleAsync();
        await Expect(Bar(other, "M-01", job)).ToBeVisibleAsync();

        // Keys: from bar to bar, Enter opens, Escape closes and gives the focus back.
        await Bar(browser, "M-01", job).FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("[data-row='m2'] .plan-bar").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(Bar(browser, "M-01", job)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Line 1, 500 pieces");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(Bar(browser, "M-01", job)).ToBeFocusedAsync();

        // What is unplanned is dragged onto a line as well; its whole need is planned.
        await page.GetByRole(AriaRole.Link, new() { Name = "Unplanned work" }).ClickAsync();
        var step = page.Locator(".plan-step", new() { HasText = "300 pcs to plan" });
        await DragAsync(browser, step, "M-03");
        await Expect(step).ToHaveCountAsync(0);
        Assert.Equal(300_000_000, await app.Get<Db>().ScalarAsync<long>("SELECT planned FROM jobs WHERE machine_id = @third", new { third }));

        // The list as a file: the same jobs.
        await browser.GoToAsync("/planning/schedule?view=list&zoom=fortnight");
        var file = await page.Context.APIRequest.GetAsync(await page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).GetAttributeAsync("href") ?? "");
        var text = await file.TextAsync();
        Assert.True(file.Ok, text);
        Assert.Equal((3, 1), (text.Split("SO26000").Length - 1, text.Split("SO260002").Length - 1));
    }

    [Fact]
    public async Task On_a_tablet_a_tap_moves_a_job_and_plans_what_is_unplanned()
    {
        await using var app = await WebApp.StartAsync();
        var (_, job, third) = await SeedAsync(app);
        await app.UserAsync("nomsa", SeededRole.Planner);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Tablet);
        await browser.SignInAsync("nomsa", "/planning/schedule");
        var page = browser.Page;
        await browser.FitsAsync();

        await Bar(browser, "M-01", job).TapAsync();
        var panel = page.GetByRole(AriaRole.Dialog);
        await panel.GetByLabel("Move to…").Nth(1).SelectOptionAsync(third.ToString(CultureInfo.InvariantCulture));
        await panel.GetByRole(AriaRole.Button, new() { Name = "Move", Exact = true }).TapAsync();
        await Eventually.TrueAsync(async () => await MachineAsync(app, job) == third, "the job was moved");
        await browser.ScreenshotAsync("planning-panel-Tablet");
        await panel.GetByRole(AriaRole.Link, new() { Name = "Close" }).TapAsync();
        await Expect(Bar(browser, "M-03", job)).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).TapAsync();
        await Expect(Bar(browser, "M-01", job)).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Unplanned work" }).TapAsync();
        var step = page.Locator(".plan-step", new() { HasText = "300 pcs to plan" });
        await step.GetByRole(AriaRole.Button, new() { Name = "Plan here…" }).TapAsync();
        await step.GetByLabel("Machine").SelectOptionAsync(third.ToString(CultureInfo.InvariantCulture));
        await Expect(step.GetByLabel("Quantity")).ToHaveValueAsync("300");
        await step.GetByLabel("Quantity").FillAsync("120");
        await step.GetByRole(AriaRole.Button, new() { Name = "Plan", Exact = true }).TapAsync();
        await Expect(page.Locator(".plan-step", new() { HasText = "180 pcs to plan" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Tablet, false)]
    [InlineData(Screen.Desktop, false)]
    public async Task Every_page_fits_and_is_accessible(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await SeedAsync(app);
        await app.UserAsync("nomsa", SeededRole.Planner);
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("nomsa", "/planning/schedule");
        await Expect(browser.Page.Locator(screen == Screen.Phone ? ".list-frame .row-link" : ".plan-bar").First).ToBeVisibleAsync();

        foreach (var path in Pages)
        {
            await browser.GoToAsync(path);
            await Expect(browser.Page.Locator("main .skeleton")).ToHaveCountAsync(0);
            await browser.FitsAsync();
            await browser.AccessibleAsync();
            await browser.ScreenshotAsync($"planning-{path["/planning/".Length..].Replace('?', '-').Replace('=', '-').Replace('&', '-')}-{screen}{(dark ? "-dark" : "")}");
        }
    }

    private static ILocator Bar(Browser browser, string machine, long job) => browser.Page.Locator($".plan-row[aria-label='{machine}'] .plan-bar[data-job='{job}']");

    /// <summary>By the mouse, as a hand does it: taken up, carried until the lines show where it may go, let go three days on.</summary>
    internal static async Task DragAsync(Browser browser, ILocator what, string machine)
    {
        var page = browser.Page;
        await what.ScrollIntoViewIfNeededAsync();
        await what.HoverAsync();
        await page.Mouse.DownAsync();
        var row = page.Locator($".plan-row[aria-label='{machine}'] .plan-track");
        var box = (await row.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width * 0.6f, box.Y + box.Height / 2, new() { Steps = 4 });
        await Expect(row.Locator(".plan-cell").First).ToBeAttachedAsync();
        await page.Mouse.MoveAsync(box.X + box.Width * 0.61f, box.Y + box.Height / 2, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Expect(page.Locator(".plan-cell")).ToHaveCountAsync(0);
    }

    private static Task<long> MachineAsync(WebApp app, long job) => app.Get<Db>().ScalarAsync<long>("SELECT machine_id FROM jobs WHERE id = @job", new { job });

    /// <summary>Cutting with two machines and a job, packing with one; an order of which 300 are not cut yet.</summary>
    private static async Task<(FloorSeed Seed, long Job, long Third)> SeedAsync(WebApp app)
    {
        var seed = new FloorSeed(app.Get<Db>(), app.Get<Calendars>());
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        var third = await seed.MachineAsync("M-03", seed.Cutting);
        foreach (var machine in new[] { seed.Cutter, third })
            await seed.InsertAsync("machine_stages", new { machine_id = machine, stage_id = 1 });
        var clock = app.Get<PlantClock>();
        var morning = clock.At(clock.Today, 8 * 60);
        var job = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", morning, morning.AddHours(4));
        await seed.JobAsync(seed.PackStep, seed.Packing, seed.Packer, "Planned", morning.AddHours(6), morning.AddHours(9));
        var order = await seed.InsertAsync("orders", new { number = "SO260002", number_key = "SO260002", customer_id = 1, due_on = clock.Today.AddDays(4), status = "Unscheduled", created_at = morning });
        var item = await seed.InsertAsync("order_items", new { order_id = order, line = 1, product_id = seed.Product, quantity = 300m, status = "Unscheduled" });
        await seed.InsertAsync("order_steps", new { item_id = item, position = 1, stage_id = 1, department_id = seed.Cutting, setup_minutes = 10m, run_minutes = 0.5m });
        await seed.InsertAsync("maintenance_tickets", new { number = "MT-0001", machine_id = seed.Packer, department_id = seed.Packing, description = "Belt slips", severity = "High", stands = true, status = "Open", reported_by = "Thabo", opened_at = morning.AddHours(-2), stands_from = morning.AddHours(-2), expected_back = morning.AddHours(3) });
        await app.Get<Rights>().LoadAsync();
        return (seed, job, third);
    }
}
