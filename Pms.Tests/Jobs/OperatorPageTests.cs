using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Identity.SignIns;
using Pms.Core.Jobs;
using Pms.Core.Machines;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Jobs;

/// <summary>The operator's day in a real browser, on the phone in the hand and on the terminal at the machine.</summary>
[Collection(Browser.Line)]
public sealed partial class OperatorPageTests
{
    private const string Pin = "730194";

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
    public async Task Two_quick_taps_are_one()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var job = await floor.OrderAsync("SO260117", 250);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(browser, "1001");
        var card = browser.Page.Locator($"[data-job='{job}']");
        await card.GetByRole(AriaRole.Button, new() { Name = "Start" }).DblClickAsync();
        await Expect(card).ToHaveAttributeAsync("data-status", "Running");
        await Tap(card, "Report pieces");
        await KeysAsync(browser.Page, "7");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Report 7 good" }).DblClickAsync();
        await Expect(card).ToContainTextAsync("7 / 250");
        await card.GetByRole(AriaRole.Button, new() { Name = "Pause" }).DblClickAsync();
        await Expect(card).ToHaveAttributeAsync("data-status", "Paused");
        var db = app.Get<Db>();
        Assert.Equal((1, 7_000_000, 2), (await db.ScalarAsync<long>("SELECT COUNT(*) FROM job_reports WHERE job_id = @job", new { job }), await db.ScalarAsync<long>("SELECT good FROM jobs WHERE id = @job", new { job }),
            await db.ScalarAsync<long>("SELECT COUNT(*) FROM machine_runs WHERE job_id = @job", new { job })));
    }

    [Fact]
    public async Task What_was_typed_and_not_sent_comes_back_with_the_page()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var job = await floor.OrderAsync("SO260117", 250);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(browser, "1001");
        var card = browser.Page.Locator($"[data-job='{job}']");
        await Tap(card, "Start");
        await Tap(card, "Report pieces");
        await KeysAsync(browser.Page, "123");
        await Eventually.TrueAsync(async () => await browser.Page.EvaluateAsync<int>("() => sessionStorage.length") > 0, "the draft is written");
        await browser.Page.ReloadAsync();
        await browser.InteractiveAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Report 123 good" }).ClickAsync();
        await Expect(card).ToContainTextAsync("123 / 250");
        await Eventually.TrueAsync(async () => await browser.Page.EvaluateAsync<int>("() => sessionStorage.length") == 0, "the draft is gone");
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

    [Fact]
    public async Task Who_is_lent_to_another_department_hears_what_happens_there()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        var (db, bus) = (app.Get<Db>(), app.Get<IEventBus>());
        var job = await floor.OrderAsync("SO260117", 250);
        var (order, cut) = (await db.ScalarAsync<long>("SELECT order_id FROM jobs WHERE id = @job", new { job }), await db.ScalarAsync<long>("SELECT MIN(id) FROM jobs WHERE department_id = @Cutting", new { floor.Cutting }));
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(browser, "1002");
        await Expect(browser.Page.Locator($"[data-job='{job}']")).ToBeVisibleAsync();

        await floor.InsertAsync("allocations", new { employee_id = floor.Thabo, machine_id = floor.M15, level = "Primary", from_day = app.Get<PlantClock>().Today });
        await floor.ExecuteAsync("INSERT INTO employee_departments (employee_id, department_id) VALUES (@Thabo, @Cutting)", new { floor.Thabo, floor.Cutting });
        await app.Get<Rights>().LoadAsync();
        bus.Publish(new AllocationChanged(1, floor.M15, floor.Thabo, floor.Embroidery));
        await Expect(browser.Page.Locator($"[data-job='{job}']")).ToHaveCountAsync(0);   // M-14's, which he no longer sees: the page knows where he is now
        await floor.ExecuteAsync("UPDATE jobs SET status = 'Planned', good = 0, finished_at = NULL, employee_id = @Thabo WHERE id = @cut", new { floor.Thabo, cut });
        bus.Publish(new JobChanged(cut, order, floor.Cutting, null, null, floor.Thabo, null, "planned"));

        await Expect(browser.Page.Locator($"[data-job='{cut}']")).ToBeVisibleAsync();
        // Once more: the first sight could be that of the reading which the move itself asked for.
        await floor.ExecuteAsync("UPDATE jobs SET employee_id = @Nomsa WHERE id = @cut", new { floor.Nomsa, cut });
        bus.Publish(new JobChanged(cut, order, floor.Cutting, null, null, floor.Nomsa, floor.Thabo, "assigned"));
        await Expect(browser.Page.Locator($"[data-job='{cut}']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_first_load_is_light()
    {
        await using var app = await WebApp.StartAsync();
        var floor = await PlantAsync(app);
        for (var i = 0; i < 20; i++)
            await floor.OrderAsync($"SO2601{i:00}", 250);
        await using var first = await Browser.OpenAsync(app.Address, Screen.Phone);
        await SignInAsync(first, "1001");
        await using var cold = await Browser.OpenAsync(app.Address, Screen.Phone);
        await cold.Page.Context.AddCookiesAsync((await first.Page.Context.CookiesAsync()).Select(c => new Cookie { Name = c.Name, Value = c.Value, Domain = c.Domain, Path = c.Path }));
        var answers = new System.Collections.Concurrent.ConcurrentQueue<IResponse>();
        cold.Page.Response += (_, answer) => answers.Enqueue(answer);
        await cold.GoToAsync("/operator");
        await Expect(cold.Page.Locator("[data-status=Planned]")).ToHaveCountAsync(20);
        await cold.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var sizes = new List<(string Path, int Bytes)>();
        foreach (var answer in answers.Where(a => a.Status == 200 && !a.Url.Contains("_blazor", StringComparison.Ordinal)))
            sizes.Add((new Uri(answer.Url).AbsolutePath, OnTheWire(new Uri(answer.Url).AbsolutePath, await answer.BodyAsync())));
        var total = sizes.Sum(s => s.Bytes);
        Assert.True(total is > 50_000 and < 300_000, $"{total:N0} bytes: " + string.Join(", ", sizes.Select(s => $"{s.Path} {s.Bytes:N0}")));
    }

    /// <summary>A published copy sends its own files compressed by Brotli; the test's host sends them as they are.</summary>
    private static int OnTheWire(string path, byte[] body)
    {
        if (Path.GetExtension(path) is not (".js" or ".css" or ".svg"))
            return body.Length;
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            brotli.Write(body);
        return (int)packed.Length;
    }

    private static async Task<OperatorFloor> PlantAsync(WebApp app)
    {
        await app.UserAsync("chief");   // without an administrator every page leads to the set-up
        var floor = await new OperatorFloor(app.Get<Db>(), app.Get<PlantClock>()).PlantAsync(app.Get<Rights>(), app.Get<Calendars>());
        foreach (var employee in (long[])[floor.Nomsa, floor.Thabo])
            await app.Get<EmployeeCredentials>().IssuePinAsync(TestPms.System, employee, Pin);
        return floor;
    }

    private static async Task SignInAsync(Browser browser, string number)
    {
        await browser.Page.GotoAsync("/login?by=pin&returnUrl=%2Foperator");
        await browser.Page.Locator("#number").FillAsync(number);
        await browser.Page.Locator("#pin").FillAsync(Pin);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await browser.Page.WaitForURLAsync(url => url.Contains("/operator", StringComparison.Ordinal));
        await browser.InteractiveAsync();
    }

    private static Task Tap(ILocator card, string name) => card.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    private static async Task KeysAsync(IPage page, string digits)
    {
        foreach (var digit in digits)
            await page.Locator(".keypad").GetByRole(AriaRole.Button, new() { Name = digit.ToString(), Exact = true }).ClickAsync();
    }

    /// <summary>Every target that a thumb in a glove should hit, seen on the screen as it stands.</summary>
    private static async Task TargetsAsync(IPage page, int least = 72, string which = ".btn-big, .foot button, .sheet .btn:not(.btn-icon), .undo .btn")
    {
        // In one look: a redraw between two would take a target away.
        var small = await page.Locator(which).EvaluateAllAsync<string[]>(
            "(all, least) => all.map(e => [e.innerText, e.getBoundingClientRect()]).filter(([, b]) => b.height > 0 && b.height < least).map(([t, b]) => `${t}: ${b.width}×${b.height}`)", least - 0.5);
        Assert.True(small.Length == 0, "Too small: " + string.Join("; ", small));
    }

    [GeneratedRegex("already (running|working)")]
    private static partial Regex HardRefusal();

    [GeneratedRegex("^Embroidery")]
    private static partial Regex StepName();
}
