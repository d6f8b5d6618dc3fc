using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Machines;
using Pms.Core.Orders;
using Pms.Core.Planning.Releases;
using Pms.Tests.Floor;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Planning;

/// <summary>What a planner does between seven and nine: the order book, the list, forty orders at once, the board, a day that is too full, a hold.</summary>
[Collection(Browser.SecondLine)]
public sealed class PlannersMorningTests
{
    [Fact]
    public async Task An_order_book_is_taken_in_and_forty_orders_are_planned_of_which_three_do_not_fit()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.Get<MachineService>().SaveAsync(Plant.Admin, plant.Press with { SpeedFactor = 1 });
        await app.Get<CalendarService>().SaveAsync(Plant.Admin, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        await app.UserAsync("nomsa");
        var today = app.Get<PlantClock>().Today;
        // On the only press already: a day and a half, due in a fortnight.
        var first = await OrderAsync(app, plant, "BIG", 5000, today.AddDays(14));
        await app.Get<ReleaseService>().ReleaseAsync(Plant.Admin, new([first]));
        await OrderAsync(app, plant, "LATE-1", 20, today.AddDays(-2), OrderPriority.Urgent);
        await OrderAsync(app, plant, "LATE-2", 20, today.AddDays(-2));
        await OrderAsync(app, plant, "URGENT", 20, today.AddDays(20), OrderPriority.Urgent);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var page = browser.Page;

        // Forty rows, two of them wrong: they are corrected on the page.
        string Row(int i, string quantity, int due) => string.Create(CultureInfo.InvariantCulture, $"M{i:00};P{i};Blue Crane Outfitters;TS-100;T-shirt;{quantity};{today.AddDays(due):dd/MM/yyyy};\n");
        string Book(bool wrong) => "Order No;Customer PO;Customer;SKU;Description;Qty;Due date;Priority\n" + string.Concat(Enumerable.Range(1, 37).Select(i => Row(i, wrong && i is (5 or 9) ? "-5" : "30", 20)))
            + Row(38, "6500", 2) + Row(39, "20000", 2) + Row(40, "20000", 2);
        await browser.SignInAsync("nomsa", "/planning/import");
        await GiveAsync(page, "morning.csv", Book(wrong: true));
        foreach (var (row, good) in new[] { (6, 39), (10, 40) })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "First wrong row" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = $"Correct row {row}", Exact = true }).ClickAsync();
            await page.GetByLabel("Quantity").FillAsync("30");
            await page.GetByRole(AriaRole.Button, new() { Name = "Check this row" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = $"Apply rows: {good}" })).ToBeVisibleAsync();
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply rows: 40" }).ClickAsync();
        await Expect(page.GetByText("40 rows are stored.")).ToBeVisibleAsync();
        await browser.GoToAsync("/planning/import");
        await GiveAsync(page, "morning-again.csv", Book(wrong: false));
        await Expect(page.GetByText("Nothing in this file is new or different.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Apply rows") })).ToHaveCountAsync(0);

        // Late and urgent is one of the three that are late or urgent; its page says when it would be done.
        await browser.GoToAsync("/planning/orders?f=late:true&f=priority:3&f=open:true");
        await Expect(page.Locator("table.rows tbody tr")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "LATE-1" }).ClickAsync();
        await Expect(page.GetByText(new Regex("forecast "))).Not.ToHaveCountAsync(0);

        // Forty at once: one fits when another is moved, two are too much for anything.
        await browser.GoToAsync("/planning/orders?q=M");
        await Expect(page.Locator("table.rows tbody tr")).ToHaveCountAsync(40);
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose this page" }).ClickAsync();
        await Expect(page.GetByLabel("Choose M40")).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan…" }).ClickAsync();
        await Expect(page.GetByText("37 fit · 0 late · 3 left out")).ToBeVisibleAsync();
        await Expect(page.GetByText("Doesn't fit")).ToHaveCountAsync(3);
        await Expect(page.Locator("tr.told b")).ToHaveCountAsync(3);   // each with its proof
        await Expect(page.GetByText("h needed").First).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("morning-release");
        await page.GetByRole(AriaRole.Button, new() { Name = "Move BIG" }).First.ClickAsync();
        await Expect(page.GetByText("38 fit · 0 late · 2 left out")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan 76 jobs" }).ClickAsync();
        await Expect(page.GetByText("76 jobs of 38 orders are planned, 2 are left out.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_board_says_why_not_and_a_day_that_is_too_full_is_eased_by_what_it_suggests()
    {
        await using var app = await WebApp.StartAsync();
        var seed = new FloorSeed(app.Get<Db>(), app.Get<Calendars>());
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        var (aside, full) = (await seed.MachineAsync("M-03", seed.Cutting), await seed.MachineAsync("M-04", seed.Cutting));
        foreach (var machine in new[] { seed.Cutter, aside, full })
            await seed.InsertAsync("machine_stages", new { machine_id = machine, stage_id = 1 });
        var clock = app.Get<PlantClock>();
        await app.Get<Db>().InTransactionAsync(tx => tx.ExecuteAsync("UPDATE orders SET due_on = @due", new { due = clock.Today.AddDays(30) }));
        // From Monday on, a fortnight as the board shows it: M-03 is set aside, M-04 has a job of 22 hours on each of its days.
        var monday = PlantClock.Monday(clock.Today);
        var window = (From: clock.At(monday, 0), Until: clock.At(monday.AddDays(14), 0));
        await seed.InsertAsync("machine_windows", new { machine_id = aside, kind = "Planned", starts_at = window.From, ends_at = window.Until, reason = "New blade" });
        for (var day = clock.Today.AddDays(1); day < monday.AddDays(14); day = day.AddDays(1))
            await seed.JobAsync(seed.CutStep, seed.Cutting, full, "Planned", clock.At(day, 0), clock.At(day, 1320), planned: 2640);
        var tomorrow = clock.Today.AddDays(1);
        var jobs = new List<long>();
        for (var i = 0; i < 3; i++)
            jobs.Add(await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", clock.At(tomorrow, 600 * i), clock.At(tomorrow, 600 * i + 600), planned: 1200));
        await app.Get<Rights>().LoadAsync();
        await app.UserAsync("nomsa", SeededRole.Planner);
        await app.UserAsync("sipho", SeededRole.DepartmentManager, departments: [seed.Cutting, seed.Packing]);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/planning/schedule?zoom=fortnight");
        await SchedulePageTests.DragAsync(browser, Bar(page, jobs[0]), "M-03");
        await Expect(page.GetByText("M-03 is set aside from")).ToBeVisibleAsync();
        await SchedulePageTests.DragAsync(browser, Bar(page, jobs[0]), "M-04");
        await Expect(page.GetByText(new Regex(@"M-04 would be overbooked on .*: 3[0-9:]+ h of 24:00 h, [0-9:]+ h too much"))).ToBeVisibleAsync();
        Assert.Equal(seed.Cutter, await MachineAsync(app, jobs[0]));

        // Below the board the departments' days: tomorrow's cell opens what fills it, and two jobs go to the next days that are free.
        var strip = page.GetByRole(AriaRole.Region, new() { Name = "Load by day" });
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("morning-board");
        foreach (var job in jobs.Skip(1))
        {
            await strip.GetByRole(AriaRole.Button, new() { NameRegex = new($"^CUT, {tomorrow.ToString("ddd d MMM", CultureInfo.InvariantCulture)}") }).ClickAsync();
            var sheet = page.Locator(".sheet");
            await Expect(sheet.Locator(".parts a")).ToHaveCountAsync(job == jobs[1] ? 4 : 3);
            await sheet.Locator($".parts a[href*='job={job}']").ClickAsync();
            await Expect(sheet).ToHaveCountAsync(0);
            var panel = page.Locator(".side-sheet");
            await panel.GetByRole(AriaRole.Button, new() { Name = "Which day is free?" }).ClickAsync();
            await Expect(panel.GetByRole(AriaRole.Button, new() { NameRegex = new("^Take it") }).First).ToBeVisibleAsync();
            if (job == jobs[1])
                await browser.ScreenshotAsync("morning-dates");
            await panel.GetByRole(AriaRole.Button, new() { NameRegex = new($"^Take it: .*{tomorrow.AddDays(2).ToString("d MMM", CultureInfo.InvariantCulture)}[a-z]* .*M-01") }).First.ClickAsync();
            await Eventually.TrueAsync(async () => clock.DateOf(await StartAsync(app, job)) == tomorrow.AddDays(2), "the job was shifted");
            await Expect(page.Locator(".mud-snackbar").First).ToBeVisibleAsync();
            await panel.GetByRole(AriaRole.Link, new() { Name = "Close" }).ClickAsync();
            await Expect(panel).ToHaveCountAsync(0);
        }

        // Whoever may exceed the capacity is asked why, and it is kept.
        await using var other = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await other.SignInAsync("sipho", "/planning/schedule?zoom=fortnight");
        await SchedulePageTests.DragAsync(other, Bar(other.Page, jobs[0]), "M-04");
        var dialog = other.Page.Locator(".mud-dialog");
        await Expect(dialog).ToContainTextAsync("h too much");
        await dialog.GetByLabel("Reason").FillAsync("Saturday shift agreed");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Do it anyway" }).ClickAsync();
        await Eventually.TrueAsync(async () => await MachineAsync(app, jobs[0]) == full, "the job was moved all the same");
        await Expect(page.Locator($".plan-row[aria-label='M-04'] .plan-bar[data-job='{jobs[0]}']")).ToBeVisibleAsync();
        Assert.Equal("Saturday shift agreed", await app.Get<Db>().ScalarAsync<string>("SELECT reason FROM audit WHERE action = 'job.move' AND entity_id = @id AND reason IS NOT NULL", new { id = jobs[0] }));
    }

    [Fact]
    public async Task A_date_is_promised_before_an_order_is_saved_and_a_freed_place_goes_to_the_better_of_two()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.Get<CalendarService>().SaveAsync(Plant.Admin, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        await app.UserAsync("nomsa");
        var clock = app.Get<PlantClock>();
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/planning/orders/new");
        var line = page.Locator(".order-line");
        await line.GetByLabel("Product").FillAsync("TS-100 · T-shirt, white");
        await line.GetByLabel("Quantity").FillAsync("500");
        await line.GetByLabel("Quantity").BlurAsync();
        await Expect(line.GetByText("Earliest:")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("morning-promise");
        Assert.Equal(0, await app.Get<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM orders"));

        // Planned for tomorrow and held; five others could go there.
        var held = await OrderAsync(app, plant, "HELD", 1000, clock.Today.AddDays(9));
        var steps = (await app.Get<OrderService>().GetAsync(Plant.Admin, held)).Items[0].Steps;
        var planning = app.Get<JobPlanningService>();
        await planning.PlanAsync(Plant.Admin, new PlanJob(steps[0].Id, 1021, clock.At(clock.Today.AddDays(1), 6 * 60), plant.Press.Id));
        await planning.PlanAsync(Plant.Admin, new PlanJob(steps[1].Id, 1000, clock.At(clock.Today.AddDays(1), 18 * 60)));
        for (var i = 1; i <= 5; i++)
            await OrderAsync(app, plant, $"C{i}", 200 * i, clock.Today.AddDays(2 + i), i == 5 ? OrderPriority.Urgent : OrderPriority.Normal);
        var hold = await app.Get<HoldService>().OpenAsync(Plant.Admin, new OpenHoldRequest(held, HoldKind.Material, "White blanks short", false));
        await browser.GoToAsync("/planning/exceptions");
        await page.GetByRole(AriaRole.Link, new() { Name = "HELD" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex($"/planning/holds/{hold}$"));
        var candidates = page.Locator(".candidates > section");
        await Expect(candidates).ToHaveCountAsync(5);
        var scores = await candidates.Locator(".score").AllInnerTextsAsync();
        Assert.Equal(scores.OrderByDescending(s => int.Parse(s, CultureInfo.InvariantCulture)), scores);
        await Expect(candidates.First).ToContainTextAsync("C5");
        await candidates.Nth(0).GetByLabel("Compare").CheckAsync();
        await candidates.Nth(1).GetByLabel("Compare").CheckAsync();
        var compared = page.GetByRole(AriaRole.Region, new() { Name = "Side by side" });
        await Expect(compared.Locator("thead th.n")).ToHaveCountAsync(2);
        await Expect(compared).ToContainTextAsync("Total lateness");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync("morning-compare");
        await page.GetByRole(AriaRole.Button, new() { Name = "Free them now" }).ClickAsync();
        await Expect(page.GetByText("went back to the plan")).ToBeVisibleAsync();
        await candidates.First.GetByRole(AriaRole.Button, new() { Name = "Plan it here" }).ClickAsync();
        await Expect(page.GetByText("C5 is planned.")).ToBeVisibleAsync();
        Assert.Equal(1, await app.Get<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM jobs j JOIN orders o ON o.id = j.order_id WHERE o.number = 'C5'"));

        // Lifted: its old places are offered as far as nobody took them.
        await page.GetByRole(AriaRole.Button, new() { Name = "Lift the hold" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Lift the hold" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Old places" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take it: Packing" }).ClickAsync();
        await Expect(page.GetByText("Planned at its old place.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Planned again")).ToHaveCountAsync(1);
    }

    private static ILocator Bar(IPage page, long job) => page.Locator($".plan-row .plan-bar[data-job='{job}']");

    private static Task<long> MachineAsync(WebApp app, long job) => app.Get<Db>().ScalarAsync<long>("SELECT machine_id FROM jobs WHERE id = @job", new { job });

    private static async Task<DateTimeOffset> StartAsync(WebApp app, long job) => DateTimeOffset.FromUnixTimeMilliseconds(await app.Get<Db>().ScalarAsync<long>("SELECT planned_start FROM jobs WHERE id = @job", new { job }));

    private static async Task GiveAsync(IPage page, string name, string text)
    {
        var check = page.GetByRole(AriaRole.Button, new() { Name = "Check the rows" });
        await Browser.GiveFileAsync(page.Locator("input[type=file]"), new FilePayload { Name = name, MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(text) }, check);
        await check.ClickAsync();
    }

    private static Task<long> OrderAsync(WebApp app, Plant plant, string number, decimal quantity, DateOnly due, OrderPriority priority = OrderPriority.Normal) => app.Get<OrderService>().CreateAsync(Plant.Admin,
        new CreateOrder(new Order { Number = number, CustomerId = plant.Customer.Id, DueOn = due, Priority = priority }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = quantity }]));
}
