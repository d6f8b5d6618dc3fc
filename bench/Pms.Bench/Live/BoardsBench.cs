using System.Diagnostics;
using Pms.Bench.Floors.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Live;

/// <summary>
/// Many boards of one department that all show every tap in it, the worst there is: a tap until the last of them has been sent it. The floor
/// commits the bare rows and broadcasts as many bytes to as many clients. On MariaDB the statements of both are counted by the server.
/// </summary>
internal sealed class BoardsBench : Bench
{
    private const int People = LivePlant.PerDepartment;

    public override string Name => "boards";
    public override string Usage => "boards --engine sqlite|mysql [--boards 500] [--rate 20]";
    public override string What => "milliseconds, p99, from a tap until each of so many open floor boards of its department was sent it, --rate taps a second, beside a plain SignalR broadcast of as many bytes; on mysql also statements per tap";

    public override async Task RunAsync(Options options, Report report)
    {
        var (count, rate) = (options.Number("boards", 500), options.Number("rate", 20));
        var round = TimeSpan.FromSeconds(Math.Max(3, options.Seconds(120) / (2.0 * options.Pairs)));
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var second = await database.BesideAsync(options);
        var site = await LiveSite.PmsAsync(database, People);
        await using var pms = new PmsBoards(site);
        await site.OpenOperatorsAsync(People);
        await pms.OpenAsync(1);
        var alone = await StatementsAsync(pms, database, rate, round / 2);
        await pms.OpenAsync(count - 1);
        Report.Say($"  PMS: {pms.Boards} boards open, {pms.Process.ResidentKiB / 1024} MiB");

        var (before, taps) = (pms.Bytes, (await TapsAsync(pms, rate, round)).Count);
        var bytes = (int)((pms.Bytes - before) / taps / count);
        await LivePlant.MakeAsync(second, People);
        var (process, address) = await BareBlazor.StartAsync(second, People);
        await using var bare = new BareBoards(process, address, bytes);
        await bare.OpenAsync(count);
        await TapsAsync(bare, rate, round / 2);
        Report.Say($"  {bytes} bytes to a board for a tap");

        var what = $"{database.Kind}, {count} boards, {rate} taps/s, ";
        var (p99, p50) = (new Comparison(what + "the last board, p99", "ms", lessIsBetter: true), new Comparison(what + "the last board, p50", "ms", lessIsBetter: true, judged: false));
        var cpu = new Comparison(what + "the program's processor time", "ms per tap", lessIsBetter: true, judged: false);
        var messages = new Comparison(what + "messages", "to a board per tap", lessIsBetter: true, judged: false);
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            var (a, b) = (await TimedAsync(pms, rate, round), await TimedAsync(bare, rate, round));
            p99.Add(Comparison.Quantile(a.Taken, 0.99), Comparison.Quantile(b.Taken, 0.99));
            p50.Add(Comparison.Median(a.Taken), Comparison.Median(b.Taken));
            cpu.Add(a.Cpu, b.Cpu);
            messages.Add(a.Messages, b.Messages);
        }
        report.Add(p99);
        report.Add(p50);
        report.Add(cpu);
        report.Add(messages);
        if (alone is { } one && await StatementsAsync(pms, database, rate, round / 2) is { } all)
        {
            Report.Say($"  statements per tap with 1 board {one.Statements:0.00}, with {count} boards {all.Statements:0.00}");
            Report.Say($"  readings for boards per tap with 1 board {one.Readings:0.00}, with {count} boards {all.Readings:0.00} (taps that fall together share one)");
        }
    }

    private static async Task<(List<double> Taken, double Cpu, double Messages)> TimedAsync(BoardSite site, double rate, TimeSpan time)
    {
        var (cpu, messages) = (site.Process.Cpu, site.Messages);
        var taken = await TapsAsync(site, rate, time);
        return (taken, (site.Process.Cpu - cpu).TotalMilliseconds / taken.Count, (double)(site.Messages - messages) / site.Boards / taken.Count);
    }

    /// <summary>Statements and boards' readings per tap as the server counts them; null on SQLite, which counts nothing.</summary>
    private static async Task<(double Statements, double Readings)?> StatementsAsync(PmsBoards pms, BenchDatabase database, double rate, TimeSpan time)
    {
        await TapsAsync(pms, rate, time / 2);   // warm
        if (await database.LogAsync(true) is false)
            return null;
        var taps = (await TapsAsync(pms, rate, time)).Count;
        await database.LogAsync(false);
        // Each of the boards' readings, of what changed or of the whole plant, asks this once.
        return ((double)await database.LoggedAsync("%") / taps, (double)await database.LoggedAsync("%AS waiting, 0 AS late FROM jobs%") / taps);
    }

    /// <summary>Taps at random times, so many a second, each by a person whose last tap every board has shown. Milliseconds of each.</summary>
    private static async Task<List<double>> TapsAsync(BoardSite site, double rate, TimeSpan time)
    {
        List<double> taken = [];
        List<Task> running = [];
        var free = new List<long>(Enumerable.Range(1, People).Select(p => (long)p));
        var random = new Random(5);
        var (began, due) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while ((due += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate)) < time)
        {
            if (due - Stopwatch.GetElapsedTime(began) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait);
            long person;
            lock (free)
            {
                if (free.Count == 0)
                    continue;
                var at = random.Next(free.Count);
                person = free[at];
                free.RemoveAt(at);
            }
            running.Add(OneAsync(person));
        }
        await Task.WhenAll(running);
        return taken;

        async Task OneAsync(long person)
        {
            var ms = await site.TapAsync(person);
            lock (free)
            {
                free.Add(person);
                taken.Add(ms);
            }
        }
    }
}
