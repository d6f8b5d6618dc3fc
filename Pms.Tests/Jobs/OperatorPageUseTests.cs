using System.IO.Compression;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Machines;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Pms.Tests.Jobs.OperatorSteps;

namespace Pms.Tests.Jobs;

/// <summary>How the operator's page holds up in a real browser: under quick fingers, after it was lost, when its person works elsewhere, and on a slow line.</summary>
[Collection(Browser.Line)]
public sealed class OperatorPageUseTests
{
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
}
