using System.Diagnostics;
using System.Net.Http.Json;
using Pms.Bench.Circuits;
using Pms.Bench.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>One browser opens a heap of tabs; the others are served on, and the tabs' memory ends with them.</summary>
internal sealed class ManyTabs : FaultCase
{
    private const int People = 6, Tabs = 200;

    public override string Name => "tabs";
    public override string What => $"one browser opens {Tabs} tabs";

    public override async Task<Outcome> RunAsync(Options options)
    {
        await using var plant = await FaultPlant.MakeAsync(options, People);
        using var pms = await plant.StartAsync();
        var visitor = new Visitor(pms.Address);
        await visitor.SignInWithPasswordAsync(LivePlant.Manager, LivePlant.Password);
        await using var storm = new Storm(() => pms.Address, People - 1, TimeSpan.FromMilliseconds(50));
        await storm.UntilAsync(60);
        var (before, kib) = (storm.Answers.ToList(), pms.ResidentKiB);
        var (opened, refused, tabs) = (0, 0, new List<Circuit>());
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, Tabs), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            try
            {
                var tab = await Circuit.OpenAsync(visitor, "/manager/floor?department=1", n => n.Has("data-machine"));
                lock (tabs)
                    tabs.Add(tab);
                Interlocked.Increment(ref opened);
            }
            catch (Exception e) when (e is InvalidOperationException or HttpRequestException or TimeoutException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        await storm.UntilAsync(60);
        var meanwhile = storm.Answers.Where(a => a.At > began).Select(a => a.Took).ToList();
        var cost = pms.ResidentKiB - kib;
        foreach (var tab in tabs)
            await tab.DisposeAsync();
        await storm.StopAsync();
        return Outcome.Of([
            (opened + refused == Tabs, $"{opened} opened, {refused} refused, {cost / 1024} MiB"), (Comparison.Quantile(meanwhile, 0.99) < 5_000, Served(before.Select(a => a.Took), meanwhile)), .. await plant.TallyAsync(storm)]);
    }

    internal static string Served(IEnumerable<double> before, IReadOnlyCollection<double> meanwhile) =>
        $"others' taps p50 {Comparison.Median(before):0} ms before, {Comparison.Median(meanwhile):0} ms meanwhile, p99 {Comparison.Quantile(meanwhile, 0.99):0} ms of {meanwhile.Count}";
}

/// <summary>
/// One client sends commands as fast as it can, first by the API until it is limited and for a while longer, then over its live page; the others are served on. The limit by the minute is set low,
/// so that a slow machine reaches it, and the others tap as people do.
/// </summary>
internal sealed class CommandFlood : FaultCase
{
    private const int People = 6, Wanted = 10_000, Lines = 64, PerMinute = 30;   // an address; a person ten times as many
    private const int AtOnce = 300, PerSecond = 60;   // what a live page may send (TapLimit)
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8), Longest = TimeSpan.FromSeconds(40);

    public override string Name => "flood";
    public override string What => $"one client wants {Wanted} commands a second, by the API and over its page";

    public override async Task<Outcome> RunAsync(Options options)
    {
        await using var plant = await FaultPlant.MakeAsync(options, People);
        using var pms = await plant.StartAsync(("Security__RateLimitPerMinute", $"{PerMinute}"));
        await using var storm = new Storm(() => pms.Address, People - 1, TimeSpan.FromMilliseconds(500));
        await storm.UntilAsync(20);
        var before = storm.Answers.Select(a => a.Took).ToList();
        var visitor = new Visitor(pms.Address);
        await visitor.SignInWithPinAsync(LivePlant.NumberOf(People), LivePlant.Pin);
        await using var page = await Circuit.OpenAsync(visitor, "/operator", n => n["data-job"] == $"{LivePlant.JobOf(People)}");
        using var http = await FaultPlant.SignInAsync(pms.Address, People);
        var (sent, limited, began) = (0, 0L, Stopwatch.GetTimestamp());
        var codes = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        bool Goes() => Stopwatch.GetElapsedTime(began) < Longest && (Interlocked.Read(ref limited) is var since && since == 0 || Stopwatch.GetElapsedTime(since) < Time);
        await Task.WhenAll(Enumerable.Range(0, Lines).Select(_ => Task.Run(async () =>
        {
            while (Goes())
            {
                var n = Interlocked.Increment(ref sent);
                if (n > Wanted * Stopwatch.GetElapsedTime(began).TotalSeconds)
                    await Task.Delay(1);
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/jobs/{LivePlant.JobOf(People)}/report", UriKind.Relative)) { Content = JsonContent.Create(new { good = 1, reason = "flood" }) };
                var key = $"report-{People}-{n}";
                request.Headers.Add("Idempotency-Key", key);
                try
                {
                    using var answer = await http.SendAsync(request);
                    codes.AddOrUpdate((int)answer.StatusCode, 1, (_, c) => c + 1);
                    if (answer.IsSuccessStatusCode)
                        storm.Acknowledged.Enqueue(key);
                    if (answer.StatusCode == System.Net.HttpStatusCode.TooManyRequests)
                        Interlocked.CompareExchange(ref limited, Stopwatch.GetTimestamp(), 0);
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    codes.AddOrUpdate(0, 1, (_, c) => c + 1);
                }
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var byApi = storm.Answers.Where(a => a.At > began).Select(a => a.Took).ToList();

        var flooding = Stopwatch.GetTimestamp();
        var messages = await page.FloodAsync(Time);
        var (worked, allowed) = (page.Floods, AtOnce + (int)(PerSecond * Stopwatch.GetElapsedTime(flooding).TotalSeconds));
        var byPage = storm.Answers.Where(a => a.At > flooding).Select(a => a.Took).ToList();
        await storm.StopAsync();
        return Outcome.Of([
            (codes.GetValueOrDefault(429) > 0 && codes.GetValueOrDefault(200) <= 10 * PerMinute * (1 + seconds / 60), $"by the API {codes.Values.Sum() / seconds:0}/s sent, answered {string.Join(", ", codes.OrderBy(c => c.Key).Select(c => $"{c.Key} × {c.Value}"))}"),
            (byApi.Count > 5 && Comparison.Quantile(byApi, 0.99) < 5_000, byApi.Count == 0 ? "others were not served" : ManyTabs.Served(before, byApi)),
            (worked > 0 && worked <= allowed && worked < messages, $"over the page {messages / Time.TotalSeconds:0}/s sent, {worked} worked off of {allowed} allowed"),
            (byPage.Count > 5 && Comparison.Quantile(byPage, 0.99) < 5_000, byPage.Count == 0 ? "others were not served" : ManyTabs.Served(before, byPage)), .. await plant.TallyAsync(storm)]);
    }
}
