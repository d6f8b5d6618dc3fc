using System.Diagnostics.Metrics;
using Pms.Tests.Support;

namespace Pms.Tests.Shared;

/// <summary>Pages that close leave nothing open on the server.</summary>
[Collection(Browser.Line)]
public sealed class OpenPagesTests
{
    [Fact]
    public async Task When_all_tabs_are_closed_none_is_open()
    {
        await using var app = await WebApp.StartAsync();
        var (open, opened) = (0L, 0L);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "aspnetcore.components.circuit.active" && ReferenceEquals(instrument.Meter.Scope, app.Get<IMeterFactory>()))
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            Interlocked.Add(ref open, change);
            if (change > 0)
                Interlocked.Increment(ref opened);
        });
        listener.Start();
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa");
        await browser.InteractiveAsync();
        for (var tab = 2; tab <= 3; tab++)
        {
            var page = await browser.Page.Context.NewPageAsync();
            await page.GotoAsync("/");
            await page.Locator("[data-interactive]").First.WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        }
        await Eventually.TrueAsync(() => Interlocked.Read(ref open) >= 3, "three open pages");

        foreach (var page in browser.Page.Context.Pages.ToList())
            await page.GotoAsync("about:blank");   // as a tab that closes it says goodbye
        await Eventually.TrueAsync(() => Interlocked.Read(ref open) == 0, $"no open page of {Interlocked.Read(ref opened)}");
    }
}
