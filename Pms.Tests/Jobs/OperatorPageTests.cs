using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Pms.Core.Data;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Pms.Tests.Jobs.OperatorSteps;

namespace Pms.Tests.Jobs;

/// <summary>The operator's day in a real browser, on the phone in the hand and on the terminal at the machine.</summary>
[Collection(Browser.Line)]
public sealed partial class OperatorPageTests
{
    [Fact]
    public async Task The_whole_story_on_a_phone()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var job = await floor.OrderAsync("SO260117", 250);
        await floor.OrderAsync("SO260122", 500, cut: 120);
        await floor.OrderAsync("SO260131", 60, cut: 0);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        var page = browser.Page;
        async Task LookAsync(string name)
        {
            await browser.FitsAsync();
            await TargetsAsync(page);
            await browser.AccessibleAsync();
            await browser.ScreenshotAsync($"operator-phone-{name}");
        }

        await SignInAsync(browser, "1001");
        var card = page.Locator($"[data-job='{job}']");
        await Expect(page.Locator("[data-status=Planned]")).ToHaveCountAsync(3);
        await Expect(page.GetByText("Ready for 120 of 500")).ToBeVisibleAsync();
        await Expect(page.GetByText("Waiting for Cutting")).ToBeVisibleAsync();
        await LookAsync("1-jobs");

        await card.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(card).ToHaveAttributeAsync("data-status", "Running");
        await Expect(page.GetByText("SO260117 runs on M-14.")).ToBeVisibleAsync();
        await Expect(page.Locator(".op-now")).ToContainTextAsync("SO260117");
        await LookAsync("2-running");

        await Tap(card, "Report pieces");
        await KeysAsync(page, "40");
        await LookAsync("3-report");
        await page.GetByRole(AriaRole.Button, new() { Name = "Scrap" }).ClickAsync();
        await KeysAsync(page, "2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Report 40 good, 2 scrap" }).ClickAsync();
        await Expect(page.GetByText("Why are 2 scrap?").First).ToBeVisibleAsync();
        await LookAsync("4-scrap");
        await page.GetByRole(AriaRole.Button, new() { Name = "Wrong colour" }).ClickAsync();
        await Expect(page.GetByText("40 good and 2 scrap reported for SO260117.")).ToBeVisibleAsync();
        await Expect(card).ToContainTextAsync("40 / 250");

        await Tap(card, "Pause");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Why did SO260117 stop?");
        await Expect(card).ToHaveAttributeAsync("data-status", "Paused");
        await LookAsync("5-why");
        await page.GetByRole(AriaRole.Button, new() { Name = "Thread break" }).ClickAsync();
        await Expect(card).ToContainTextAsync("Thread break");
        await LookAsync("6-paused");

        await Tap(card, "Resume");
        await Expect(card).ToHaveAttributeAsync("data-status", "Running");

        await Tap(card, "Finish");
        await KeysAsync(page, "10");
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish with 10 good" }).ClickAsync();
        await Expect(page.GetByText("200 of 250 are missing. What about them?")).ToBeVisibleAsync();
        await LookAsync("7-short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rest later" }).ClickAsync();
        await Expect(page.GetByText("SO260117 is finished with 50 of 250 good.")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-status=Running], [data-status=Paused]")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByText("SO260117: your last tap is taken back.")).ToBeVisibleAsync();
        await Expect(card).ToHaveAttributeAsync("data-status", "Paused");
        await Expect(card).ToContainTextAsync("40 / 250");
        await Tap(card, "Resume");
        await Expect(card).ToHaveAttributeAsync("data-status", "Running");

        // A colleague takes it over on his own phone; hers shows it without a tap.
        await using var other = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(other, "1002");
        var his = other.Page.Locator($"[data-job='{job}']");
        await Expect(his).ToContainTextAsync("With Nomsa Dube");
        await Tap(his, "Take over");
        await Expect(other.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Take over SO260117 from Nomsa Dube");
        await KeysAsync(other.Page, "5");
        await other.ScreenshotAsync("operator-phone-8-takeover");
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "Take over; 5 good so far" }).ClickAsync();
        await Expect(other.Page.GetByText("SO260117 is yours now.")).ToBeVisibleAsync();
        await Expect(card).ToContainTextAsync("With Thabo Mokoena");
        await Expect(card).ToContainTextAsync("45 / 250");
        Assert.Equal(1, await app.Get<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM machine_runs WHERE job_id = @job AND ended_at IS NULL", new { job }));

        // It was a slip of the finger: the bar gives it back, pieces and all.
        await other.AccessibleAsync();
        await other.ScreenshotAsync("operator-phone-9-takeover-undo");
        await other.Page.Locator(".undo").GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(other.Page.GetByText("SO260117: your last tap is taken back.")).ToBeVisibleAsync();
        await Expect(his).ToContainTextAsync("With Nomsa Dube");
        await Expect(card).ToHaveAttributeAsync("data-status", "Running");
        await Expect(card).ToContainTextAsync("40 / 250");
    }

    [Fact]
    public async Task On_a_terminal_the_list_is_left_and_the_job_right()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var job = await floor.OrderAsync("SO260117", 250, setup: 10);
        await floor.OrderAsync("SO260122", 500, cut: 120);
        await floor.HoldAsync(await floor.OrderAsync("SO260140", 80), "Order", "Material");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Terminal, dark: true);
        await SignInAsync(browser, "1001");
        var card = browser.Page.Locator($"[data-job='{job}']");
        await Tap(card, "Start");
        await Expect(card.GetByRole(AriaRole.Button, new() { Name = "Running now" })).ToBeVisibleAsync();
        await browser.ScreenshotAsync("operator-terminal-setup");
        await Tap(card, "Running now");
        await Expect(browser.Page.GetByText("pieces are made from now on")).ToBeVisibleAsync();
        var (list, mine) = (await browser.Page.Locator(".op-next").BoundingBoxAsync(), await browser.Page.Locator(".op-mine").BoundingBoxAsync());
        Assert.True(list!.X + list.Width <= mine!.X, "the list stands left of the job");
        await browser.FitsAsync();
        await TargetsAsync(browser.Page, 118, ".btn-big");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("operator-terminal-running");
        await Tap(card, "Report pieces");
        await KeysAsync(browser.Page, "12");
        await browser.ScreenshotAsync("operator-terminal-report");
    }

    [Fact]
    public async Task A_soft_rule_asks_for_a_reason_a_hard_one_says_who_and_since_when()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var waiting = await floor.OrderAsync("SO260117", 250, cut: 0);
        var second = await floor.OrderAsync("SO260122", 250);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(browser, "1001");
        var page = browser.Page;
        await Tap(page.Locator($"[data-job='{waiting}']"), "Start");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Nothing has come from Cutting");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("operator-phone-9-reason");
        await page.GetByLabel("Why do you start anyway?").FillAsync("Pieces lie here, not counted");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on anyway" }).ClickAsync();
        await Expect(page.Locator($"[data-job='{waiting}']")).ToHaveAttributeAsync("data-status", "Running");

        await Tap(page.Locator($"[data-job='{second}']"), "Start");
        await Expect(page.GetByText(HardRefusal())).ToBeVisibleAsync();
        await Expect(page.Locator($"[data-job='{second}']")).ToHaveAttributeAsync("data-status", "Planned");
    }

    [Fact]
    public async Task A_manual_job_a_stop_and_the_clock_are_a_few_taps()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        await floor.OrderAsync("SO260117", 250, startsInHours: 24 * 9);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(browser, "1001");
        var page = browser.Page;
        await Expect(page.GetByText("No jobs are waiting")).ToBeVisibleAsync();
        await browser.ScreenshotAsync("operator-phone-empty");

        var foot = page.Locator(".foot");
        await foot.GetByRole(AriaRole.Button, new() { Name = "Clock" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Clock in" }).ClickAsync();
        await Expect(page.GetByText("You are clocked in.")).ToBeVisibleAsync();

        await foot.GetByRole(AriaRole.Button, new() { Name = "Manual" }).ClickAsync();
        await Expect(page.GetByLabel("Type or scan the order number")).ToBeFocusedAsync();   // where a scanner types
        await page.Keyboard.TypeAsync("so260117");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = StepName() }).ClickAsync();
        await KeysAsync(page, "30");
        await TargetsAsync(page);
        await browser.FitsAsync();
        await browser.ScreenshotAsync("operator-phone-manual");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start 30 pieces" }).ClickAsync();
        await Expect(page.Locator("[data-status=Running]")).ToContainTextAsync("Manual");

        await foot.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await browser.ScreenshotAsync("operator-phone-stop");
        await TargetsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "The machine stands" }).ClickAsync();
        await Expect(page.GetByText("M-14 stands. Maintenance knows")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-status=Paused]")).ToContainTextAsync("the machine broke down");

        await foot.GetByRole(AriaRole.Button, new() { Name = "Clock" }).ClickAsync();
        await browser.ScreenshotAsync("operator-phone-clock");
        await page.GetByRole(AriaRole.Button, new() { Name = "Clock out" }).ClickAsync();
        await Expect(page.GetByText("You are clocked out.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Codes_lead_to_their_things_keys_work_and_the_screen_can_be_wiped()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var job = await floor.OrderAsync("SO260117", 250, machine: floor.M15);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(browser, "1001");
        var page = browser.Page;
        await browser.GoToAsync("/s/m-15");
        await Expect(page.Locator(".op-place")).ToHaveTextAsync("M-15");
        await Expect(page.Locator("[data-keys]")).ToBeVisibleAsync();   // from here on keys are heard
        await page.Keyboard.PressAsync("s");
        await Expect(page.Locator($"[data-job='{job}']")).ToHaveAttributeAsync("data-status", "Running");
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Report pieces");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeFocusedAsync();   // it hears Escape once it has the focus
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await browser.GoToAsync($"/s/j{job}");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Front logo, 12 cm above the seam.");
        await TargetsAsync(page);
        await browser.ScreenshotAsync("operator-phone-details");
        await page.GetByRole(AriaRole.Button, new() { Name = "Clean the screen" }).ClickAsync();
        await browser.ScreenshotAsync("operator-phone-clean");
        foreach (var number in (string[])["1", "3", "1", "2", "3"])
            await page.Locator(".cleaning").GetByRole(AriaRole.Button, new() { Name = number, Exact = true }).ClickAsync();
        await Expect(page.Locator(".cleaning")).ToHaveCountAsync(0);

        await browser.GoToAsync("/s/1001", interactive: false);
        await Expect(page.GetByText("Nothing in the plant is called")).ToBeVisibleAsync();
    }

    [GeneratedRegex("already (running|working)")]
    private static partial Regex HardRefusal();

    [GeneratedRegex("^Embroidery")]
    private static partial Regex StepName();
}
