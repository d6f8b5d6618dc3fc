using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Faults;

/// <summary>Work that comes due by itself while two nodes run: times that people forgot to end, and messages. Each has its effect once.</summary>
internal static class ClusterRounds
{
    public static async Task RunAsync(Options options, ClusterOracle oracle)
    {
        var people = Math.Max(options.Number("people", 300), 20);
        await using var servers = await ClusterServers.StartAsync(galera: false, options);
        await ClusterStorm.PlantAsync(servers, people);
        await ClusterStorm.WithAsync(servers.Database, servers.Folder, async db =>
        {
            // Everybody went home two days ago without a word.
            var then = DateTimeOffset.UtcNow.AddDays(-2).ToUnixTimeMilliseconds();
            foreach (var table in new[] { "machine_runs", "work_times", "presences" })
                await db.InTransactionAsync(tx => tx.ExecuteAsync($"UPDATE {table} SET started_at = {then}"));
            return await db.InTransactionAsync(tx => tx.ExecuteAsync($"UPDATE jobs SET started_at = {then} WHERE status = 'Running'"));
        });
        await servers.WebAsync();
        var killed = false;
        for (var until = DateTime.UtcNow.AddMinutes(4); DateTime.UtcNow < until; await Task.Delay(100))
        {
            var left = await OpenAsync(servers);
            if (left == 0 && await CountAsync(servers, "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL") == 0)
                break;
            if (!killed && left < people)
            {
                await servers.SayAsync("kill web1");
                killed = true;
                ClusterOracle.Say($"web1 killed with {left} of {people} still to do");
                await servers.SayAsync("start web1");
            }
        }
        var paused = await CountAsync(servers, "SELECT COUNT(*) FROM audit WHERE entity = 'job' AND actor = 'forgotten taps'");
        var twice = await CountAsync(servers, "SELECT COUNT(*) FROM (SELECT entity_id FROM audit WHERE entity = 'job' AND actor = 'forgotten taps' GROUP BY entity_id HAVING COUNT(*) > 1) AS t");
        var (rest, waiting) = (await OpenAsync(servers), await CountAsync(servers, "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL"));
        var sealedTwice = await CountAsync(servers, "SELECT COUNT(*) FROM (SELECT number FROM audit_seals) AS s") - await CountAsync(servers, "SELECT COALESCE(MAX(number), 0) FROM audit_seals");
        ClusterOracle.Say($"due {people}, done {paused}, twice {twice}, left {rest}; messages waiting {waiting}");
        oracle.Demand(paused == people && twice == 0 && rest == 0, "each was closed, once");
        oracle.Demand(waiting == 0, "all messages were handed on");
        oracle.Demand(sealedTwice <= 0, "the audit's seals are one line");
    }

    private static Task<long> OpenAsync(ClusterServers servers) => CountAsync(servers, "SELECT COUNT(*) FROM machine_runs WHERE state = 'Open' AND kind = 'Run'");

    private static Task<long> CountAsync(ClusterServers servers, string sql) => ClusterStorm.WithAsync(servers.Database, servers.Folder, db => db.ScalarAsync<long>(sql));
}
