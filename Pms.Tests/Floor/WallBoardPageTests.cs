using System.Net;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Floor.WallBoards;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

[Collection(Browser.SecondLine)]
public sealed class WallBoardPageTests
{
    [Fact]
    public async Task A_tap_is_on_the_wall_without_a_reload_and_a_revoked_board_goes_dark()
    {
        await using var app = await WebApp.StartAsync();
        var machine = await SeedAsync(app);
        var walls = app.Get<WallBoardService>();
        var made = await walls.CreateAsync(Actor.System("test"), new CreateWallBoard("Hall 2", null, false));
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.GoToAsync($"/board/{made.Token}");
        var tile = browser.Page.Locator("[data-machine='M-01']");
        await Assertions.Expect(tile).ToHaveAttributeAsync("data-state", "nodata");

        // Somebody's command, as the board sees it: rows are there, then the event.
        await ExecuteAsync(app, "INSERT INTO maintenance_tickets (number, machine_id, department_id, description, severity, stands, status, reported_by, opened_at) VALUES ('MT-1', @machine, 1, 'Needle bar', 'High', 1, 'Open', 'Thabo', @at)",
            new { machine, at = app.Get<PlantClock>().Now });
        app.Get<IEventBus>().Publish(new JobChanged(0, 0, 1, machine, null, null, null, "paused"));

        await Assertions.Expect(tile).ToHaveAttributeAsync("data-state", "broken");
        await browser.FitsAsync();
        await browser.ScreenshotAsync("wall-board");

        await walls.RevokeAsync(Actor.System("test"), made.Id);
        await Assertions.Expect(browser.Page.Locator(".wall-gone h1")).ToBeVisibleAsync();
        await Assertions.Expect(tile).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_unknown_board_shows_nothing_of_the_plant()
    {
        await using var app = await WebApp.StartAsync();
        await SeedAsync(app);
        using var client = app.Client();

        var made = await app.Get<WallBoardService>().CreateAsync(Actor.System("test"), new CreateWallBoard("Hall 2", null, false));
        Assert.Contains("<!--Blazor:", await client.GetStringAsync("/board/" + made.Token), StringComparison.Ordinal);

        foreach (var token in new[] { "a-token-of-plausible-length-that-nobody-made", "x", "%F0%9F%98%80" })
        {
            using var answer = await client.GetAsync("/board/" + token);
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.DoesNotContain("M-01", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<!--Blazor:", page, StringComparison.Ordinal);   // nothing to open a live connection by
            Assert.Contains("http-equiv=\"refresh\"", page, StringComparison.Ordinal);
        }
    }

    private static async Task<long> SeedAsync(WebApp app)
    {
        await ExecuteAsync(app, "INSERT INTO departments (code, code_key, name, name_key, kind) VALUES ('EMB', 'EMB', 'Embroidery', 'EMBROIDERY', 'Other')");
        await ExecuteAsync(app, "INSERT INTO shifts (name, days, starts_minute, length_minutes) VALUES ('All day', 127, 0, 1440)");
        await ExecuteAsync(app, "INSERT INTO machines (number, number_key, name, name_key, department_id) VALUES ('M-01', 'M-01', 'Head 1', 'HEAD 1', 1)");
        await app.Get<Calendars>().LoadAsync();
        return 1;
    }

    private static Task ExecuteAsync(WebApp app, string sql, object? args = null) => app.Get<Db>().InTransactionAsync(async tx => { await tx.ExecuteAsync(sql, args); });
}
