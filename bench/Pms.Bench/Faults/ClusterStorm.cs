using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Live;
using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Faults;

/// <summary>Three Galera nodes behind one address, and what becomes of taps when the one that takes the writes dies or loses the others.</summary>
internal static class ClusterStorm
{
    public static Task KilledAsync(Options options, ClusterOracle oracle) => RunAsync(options, oracle, async (servers, writer) =>
    {
        await servers.SayAsync($"kill {writer}");
        ClusterOracle.Say($"{writer} killed");
        await Task.Delay(TimeSpan.FromSeconds(12));
        await servers.SayAsync($"start {writer}");
        ClusterOracle.Say($"{writer} is back");
    });

    public static Task CutAsync(Options options, ClusterOracle oracle) => RunAsync(options, oracle, async (servers, writer) =>
    {
        await servers.SayAsync($"cut {writer}");
        ClusterOracle.Say($"{writer} cut off");
        await Task.Delay(TimeSpan.FromSeconds(15));
        await servers.SayAsync($"join {writer}");
        ClusterOracle.Say($"{writer} is back");
    });

    private static async Task RunAsync(Options options, ClusterOracle oracle, Func<ClusterServers, string, Task> breaks)
    {
        var (people, rounds) = (options.Number("people", 12), options.Number("rounds", 3));
        await using var servers = await ClusterServers.StartAsync(galera: true, options);
        await PlantAsync(servers, people);
        await servers.WebAsync();
        using var taps = await ClusterTaps.SignInAsync(servers.Site, Enumerable.Range(1, people).Select(p => (long)p));
        using var enough = new CancellationTokenSource();
        var storm = taps.RunAsync(enough.Token);
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(4));
            await breaks(servers, await WriterAsync(servers));
        }
        await Task.Delay(TimeSpan.FromSeconds(4));
        await enough.CancelAsync();
        await storm;
        await taps.JudgeAsync(servers.Database, servers.Folder, oracle);
        var counts = new List<long>();
        foreach (var node in new[] { 1, 2, 3 })
            counts.Add(await WithAsync(servers.Node(node), servers.Folder, db => db.ScalarAsync<long>("SELECT COUNT(*) FROM job_reports")));
        oracle.Demand(counts.Distinct().Count() == 1, $"all three nodes hold the same ({string.Join(", ", counts)})");
    }

    /// <summary>The plant, with so much to make that nobody comes to its end.</summary>
    public static async Task PlantAsync(ClusterServers servers, int people)
    {
        await LivePlant.MakeAsync(servers.Database, servers.Folder, people);
        await WithAsync(servers.Database, servers.Folder, async db =>
        {
            await db.InTransactionAsync(tx => tx.ExecuteAsync($"UPDATE jobs SET planned = {1_000_000 * DbValue.Scale}"));
            await db.InTransactionAsync(tx => tx.ExecuteAsync($"UPDATE order_items SET quantity = {1_000_000 * DbValue.Scale}"));
            return 0;
        });
    }

    public static async Task<T> WithAsync<T>(DbSettings database, string folder, Func<Db, Task<T>> work)
    {
        await using var services = LivePlant.Bare(database, folder);
        return await work(services.GetRequiredService<Db>());
    }

    private static async Task<string> WriterAsync(ClusterServers servers) =>
        await WithAsync(servers.Database, servers.Folder, db => db.ScalarAsync<string>("SELECT @@wsrep_node_name")) ?? throw new InvalidOperationException("The database has no name.");
}
