using System.Diagnostics;
using Pms.Bench.Support;

namespace Pms.Bench.Live;

/// <summary>
/// A tap on the operator's page until that page shows it, and until the department's floor board in another circuit does, with many circuits
/// open and taps falling at random times. Both programs stand with all their circuits open; only one of them is tapped at a time.
/// </summary>
internal sealed class TapBench : Bench
{
    public override string Name => "tap";
    public override string Usage => "tap --engine sqlite|mysql [--circuits 1,100,1000] [--think 30] [--connection STRING]";
    public override string What => "milliseconds from a tap to what its page shows and to what a floor board in another circuit shows, at so many open circuits, each tapping every --think seconds, beside a bare Blazor page and the bare commit";

    public override async Task RunAsync(Options options, Report report)
    {
        var sizes = options.Numbers("circuits", "1,100,1000");
        var think = options.Number("think", 30);
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var second = await database.BesideAsync(options);
        await using var pms = await LiveSite.PmsAsync(database, sizes.Max());
        await using var bare = await LiveSite.BareAsync(second, sizes.Max());
        var round = TimeSpan.FromSeconds(Math.Max(3, options.Seconds(150) / (2.0 * sizes.Count * options.Pairs)));
        foreach (var n in sizes)
        {
            foreach (var site in new[] { pms, bare })
            {
                var began = Stopwatch.GetTimestamp();
                await site.OpenOperatorsAsync(n);
                await site.OpenBoardsAsync(LivePlant.Departments(n));
                Report.Say($"  {(site == pms ? "PMS" : "floor")}: {site.Operators.Count} operators' pages and {site.Boards.Count} boards open, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s, {site.Process.ResidentKiB / 1024} MiB");
            }
            await CompareAsync(pms, bare, n, Math.Max(3, n / (double)think), round, options.Warm(n == sizes[0]) / 2, options.Pairs, database.Kind, report);
        }
    }

    private static async Task CompareAsync(LiveSite pms, LiveSite bare, int n, double perSecond, TimeSpan round, TimeSpan warm, int pairs, string kind, Report report)
    {
        // A few taps would measure the runtime's first, unoptimised code: it compiles what is called often two or three times.
        foreach (var site in new[] { bare, pms, bare, pms })
            await TapsAsync(site, n, Math.Max(8, perSecond * 2), warm, []);
        var what = $"{kind}, {n} circuit{(n == 1 ? "" : "s")}, {perSecond:0.#} taps/s, ";
        var (page, board) = (new Comparison(what + "own page, p50", "ms", lessIsBetter: true), new Comparison(what + "board, p50", "ms", lessIsBetter: true));
        var cpu = new Comparison(what + "the program's processor time", "ms per tap", lessIsBetter: true, judged: false);
        var drawn = new Comparison(what + "render batches", "to the own page per tap", lessIsBetter: true, judged: false);
        List<(double Page, double Board)> ofPms = [], ofBare = [];
        for (var pair = 0; pair < pairs; pair++)
        {
            var ((a, ofA, drawnA), (b, ofB, drawnB)) = (await TimedAsync(pms, n, perSecond, round, ofPms), await TimedAsync(bare, n, perSecond, round, ofBare));
            cpu.Add(ofA, ofB);
            drawn.Add(drawnA, drawnB);
            page.Add(Comparison.Median(a.Select(t => t.Page)), Comparison.Median(b.Select(t => t.Page)));
            board.Add(Comparison.Median(a.Select(t => t.Board)), Comparison.Median(b.Select(t => t.Board)));
        }
        report.Add(page);
        report.Add(board);
        report.Add(cpu);
        report.Add(drawn);
        foreach (var (name, of) in new (string, Func<(double Page, double Board), double>)[] { ("own page", t => t.Page), ("board", t => t.Board) })
        {
            var all = new Comparison($"{what}{name}, p99 of all {ofPms.Count} and {ofBare.Count} taps", "ms", lessIsBetter: true, judged: false);
            all.Add(Comparison.Quantile([.. ofPms.Select(of)], 0.99), Comparison.Quantile([.. ofBare.Select(of)], 0.99));
            report.Add(all);
        }
    }

    private static async Task<(List<(double Page, double Board)> Taps, double Cpu, double Batches)> TimedAsync(LiveSite site, int people, double perSecond, TimeSpan time, List<(double Page, double Board)> all)
    {
        var (cpu, batches) = (site.Process.Cpu, site.Operators.Values.Sum(o => o.Batches));
        var taps = await TapsAsync(site, people, perSecond, time, all);
        return (taps, (site.Process.Cpu - cpu).TotalMilliseconds / taps.Count, (site.Operators.Values.Sum(o => o.Batches) - batches) / (double)taps.Count);
    }

    /// <summary>Taps at random times, so many a second, whether or not the last was answered; each by a person whose last tap was. Milliseconds of each.</summary>
    private static async Task<List<(double Page, double Board)>> TapsAsync(LiveSite site, int people, double perSecond, TimeSpan time, List<(double Page, double Board)> all)
    {
        List<(double Page, double Board)> taken = [];
        List<Task> running = [];
        var busy = new HashSet<long>();
        var random = new Random();
        var began = Stopwatch.GetTimestamp();
        var due = TimeSpan.Zero;
        while (true)
        {
            due += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / perSecond);
            if (due > time)
                break;
            if (due - Stopwatch.GetElapsedTime(began) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait);
            long person;
            lock (busy)
            {
                if (busy.Count == people)
                    continue;   // each waits for an answer and would not tap again
                do
                    person = random.Next(people) + 1;
                while (!busy.Add(person));
            }
            running.Add(OneAsync(person));
        }
        await Task.WhenAll(running);
        all.AddRange(taken);
        return taken;

        async Task OneAsync(long person)
        {
            var tap = await TapAsync(site, person);
            lock (busy)
            {
                busy.Remove(person);
                taken.Add(tap);
            }
        }
    }

    private static async Task<(double Page, double Board)> TapAsync(LiveSite site, long person)
    {
        var (page, board, status) = (site.Operators[person], site.Boards[LivePlant.DepartmentOf(person)], site.StatusOf(person));
        var after = status == "Running" ? "Paused" : "Running";
        var onPage = page.UntilAsync(n => n["data-status"] == after && site.IsJob(n, person));
        var onBoard = board.UntilAsync(n => n["data-id"] == $"{person}" && n["data-state"] == "running" == (after == "Running"));
        var began = Stopwatch.GetTimestamp();
        await page.ClickAsync(n => site.IsButton(n, person, status));
        return (Stopwatch.GetElapsedTime(began, await onPage).TotalMilliseconds, Stopwatch.GetElapsedTime(began, await onBoard).TotalMilliseconds);
    }
}
