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

/// <summary>One client sends commands as fast as it can for a while; the others are served on.</summary>
internal sealed class CommandFlood : FaultCase
{
    private const int People = 6, Wanted = 10_000, Lines = 64;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8);

    public override string Name => "flood";
    public override string What => $"one client wants {Wanted} commands a second";

    public override async Task<Outcome> RunAsync(Options options)
    {
        await using var plant = await FaultPlant.MakeAsync(options, People);
        using var pms = await plant.StartAsync(("Security__RateLimitPerMinute", "60"));
        await using var storm = new Storm(() => pms.Address, People - 1, TimeSpan.FromMilliseconds(50));
        await storm.UntilAsync(60);
        var before = storm.Answers.Select(a => a.Took).ToList();
        using var http = await FaultPlant.SignInAsync(pms.Address, People);
        var (sent, codes, began) = (0, new System.Collections.Concurrent.ConcurrentDictionary<int, int>(), Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Lines).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(began) < Time)
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
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    codes.AddOrUpdate(0, 1, (_, c) => c + 1);
                }
            }
        })));
        var meanwhile = storm.Answers.Where(a => a.At > began).Select(a => a.Took).ToList();
        await storm.StopAsync();
        return Outcome.Of([
            (codes.Values.Sum() > 0, $"{codes.Values.Sum() / Time.TotalSeconds:0}/s sent, answered {string.Join(", ", codes.OrderBy(c => c.Key).Select(c => $"{c.Key} × {c.Value}"))}"),
            (meanwhile.Count > 20 && Comparison.Quantile(meanwhile, 0.99) < 5_000, meanwhile.Count == 0 ? "others were not served" : ManyTabs.Served(before, meanwhile)), .. await plant.TallyAsync(storm)]);
    }
}
