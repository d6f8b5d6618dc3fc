using System.Diagnostics;
using Pms.Bench.Circuits;
using Pms.Bench.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>People and managers come and go without an end: pages open, lines are cut and come back, tabs close. When all are gone none is open, and memory no longer grows once the program has warmed up.</summary>
internal sealed class Soak : FaultCase
{
    private const int People = 8, Boards = 4;

    /// <summary>What a closed page asked its browser last is waited for so long (WebShell: 20 s), and holds the page in memory.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(22);

    public override string Name => "soak";
    public override bool OnlyByName => true;
    public override string What => "pages that open, lose their line, come back and close, again and again";

    public override async Task<Outcome> RunAsync(Options options)
    {
        var time = TimeSpan.FromSeconds(options.Seconds(150));
        await using var plant = await FaultPlant.MakeAsync(options, People);
        using var meter = new OpenPages();
        using var pms = await plant.StartAsync(("Telemetry__OtlpEndpoint", meter.Address), ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        var visitors = new List<(Visitor By, string Page, Func<PageNode, bool> Drawn)>();
        for (var person = 1L; person <= People + Boards; person++)
        {
            var (visitor, who) = (new Visitor(pms.Address), person);
            if (person <= People)
                await visitor.SignInWithPinAsync(LivePlant.NumberOf(person), LivePlant.Pin);
            else
                await visitor.SignInWithPasswordAsync(LivePlant.Manager, LivePlant.Password);
            visitors.Add(person <= People ? (visitor, "/operator", n => n["data-job"] == $"{LivePlant.JobOf(who)}") : (visitor, "/manager/floor?department=1", n => n.Has("data-machine")));
        }
        var (opened, back, most) = (0, 0, 0L);
        List<(int Opened, long KiB)> levels = [];
        for (var third = 0; third < 3; third++)
        {
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time / 3;)
                await ChurnAsync();
            await Task.Delay(Rest);
            levels.Add((opened, await MemoryBench.SettledAsync(pms.Process)));
        }
        var left = await meter.UntilAsync(0, TimeSpan.FromSeconds(20));
        var (before, end) = (levels[^2], levels[^1]);
        return Outcome.Of(
            (opened == back * 2, $"{opened} pages opened and closed, {back} of them cut and come back"), (most >= visitors.Count, $"at most {most} open at once"), (left == 0, $"open at the end {left}"),
            (end.KiB < before.KiB * 1.05 + 8 * 1024, $"memory {string.Join(", ", levels.Select(l => $"{l.KiB / 1024} MiB after {l.Opened}"))}: {(end.KiB - before.KiB) / (double)(end.Opened - before.Opened):0.0} KiB a page in the last third"));

        async Task ChurnAsync()
        {
            var pages = await Task.WhenAll(visitors.Select(v => Circuit.OpenAsync(v.By, v.Page, v.Drawn)));
            Interlocked.Add(ref opened, pages.Length);
            await Task.WhenAll(pages.Where((_, i) => i % 2 == 0).Select(async page =>
            {
                await page.CutAsync();
                if (await page.ReconnectAsync())
                    Interlocked.Increment(ref back);
            }));
            most = Math.Max(most, await meter.UntilAsync(pages.Length, TimeSpan.FromSeconds(5)));
            await Task.WhenAll(pages.Select(p => p.LeaveAsync()));
        }
    }
}
