using Pms.Bench.Circuits;
using Pms.Bench.Support;

namespace Pms.Bench.Live;

/// <summary>
/// Resident memory that one more circuit costs: the difference over so many circuits after a full collection, so that the program itself and
/// what all circuits share falls out. Operators' pages and managers' boards of PMS, each beside as many circuits of a bare page, in turns.
/// </summary>
internal sealed class MemoryBench : Bench
{
    private readonly Dictionary<LiveSite, long> last = [];

    public override string Name => "memory";
    public override string Usage => "memory --engine sqlite|mysql [--step 60] [--hold SECONDS]";
    public override string What => "resident KiB per open operator's page and per open manager's board, beside an open page of a bare Blazor program";

    public override async Task RunAsync(Options options, Report report)
    {
        var step = options.Number("step", 60);
        var people = 2 * step * (options.Pairs + 1);   // the bare side opens as many again beside the boards
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var second = await database.BesideAsync(options);
        await using var pms = await LiveSite.PmsAsync(database, people / 2);
        await using var bare = await LiveSite.BareAsync(second, people);
        await CompareAsync("operator's page", pms, bare, step, options.Pairs, report, () => pms.OpenOperatorsAsync(pms.Operators.Count + step));
        List<Circuit> boards = [];
        await CompareAsync("manager's board", pms, bare, step, options.Pairs, report, async () =>
        {
            for (var i = 0; i < step; i++)
                boards.Add(await pms.OpenBoardAsync(1));
        });
        Report.Say($"  at the end: PMS {pms.Process.ResidentKiB / 1024} MiB with {pms.Operators.Count} operators and {boards.Count} boards, bare {bare.Process.ResidentKiB / 1024} MiB with {bare.Operators.Count}");
        if (options.Number("hold", 0) is > 0 and var hold)
        {
            Report.Say($"  open for {hold} s: PMS is process {pms.Process.Id}, the bare program {bare.Process.Id}");
            await Task.Delay(TimeSpan.FromSeconds(hold));
        }
        foreach (var board in boards)
            await board.DisposeAsync();
    }

    private async Task CompareAsync(string what, LiveSite pms, LiveSite bare, int step, int pairs, Report report, Func<Task> open)
    {
        var (all, each) = (new Comparison($"{what}, over {step * pairs} circuits", "KiB per circuit", lessIsBetter: true), new Comparison($"{what}, steps of {step}", "KiB per circuit", lessIsBetter: true, judged: false));
        for (var pair = 0; pair <= pairs; pair++)
        {
            var (a, b) = (await CostAsync(pms, step, open), await CostAsync(bare, step, () => bare.OpenOperatorsAsync(bare.Operators.Count + step)));
            if (pair > 0)   // the first step makes what all circuits share, on both sides
                each.Add(a, b);
        }
        // The runtime takes and gives memory back in pieces of 4 MiB, so the whole says more than the steps it was made in.
        all.Add(each.Pairs.Average(p => p.Pms), each.Pairs.Average(p => p.Floor));
        report.Add(all);
        report.Add(each);
    }

    /// <summary>KiB per circuit; what it was before is what was left after the last time, so that nothing is counted twice or never.</summary>
    private async Task<double> CostAsync(LiveSite site, int circuits, Func<Task> open)
    {
        var before = last.TryGetValue(site, out var left) ? left : await SettledAsync(site.Process);
        await open();
        last[site] = await SettledAsync(site.Process);
        return (last[site] - before) / (double)circuits;
    }

    /// <summary>Resident memory once it no longer gets smaller. The runtime gives a free region back only after twenty collections, and a few MiB at a time.</summary>
    public static async Task<long> SettledAsync(ChildProcess process)
    {
        for (var collection = 0; collection < 24; collection++)
            await Collection.ForceAsync(process.Id);
        var (least, still) = (process.ResidentKiB, 0);
        while (still++ < 5)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.3));
            if (process.ResidentKiB is var now && now < least - 256)
                (least, still) = (now, 0);
        }
        return least;
    }
}
