using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Planning;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs.Planning;

namespace Pms.Bench.Faults;

/// <summary>
/// Fifty planners on two nodes want one machine on one day that holds eleven of their jobs. Once both nodes write to one database server, once
/// each to another: then no lock is shared, and only the certification of the turn's row decides.
/// </summary>
internal static class ClusterPlanners
{
    private const int Planners = 50, Fit = 11;   // 1 440 minutes a day, 125 each

    public static async Task RunAsync(Options options, ClusterOracle oracle)
    {
        await using var servers = await ClusterServers.StartAsync(galera: true, options);
        await using var seeded = await Seed.StartAsync(servers.Node(1), servers.Folder, 12);
        var rounds = options.Number("rounds", 3);
        for (var round = 0; round < rounds; round++)
            foreach (var writers in new[] { 1, 2 })
                await RoundAsync(servers, seeded.GetRequiredService<Db>(), round * 2 + writers, writers, oracle);
    }

    private static async Task RoundAsync(ClusterServers servers, Db db, int round, int writers, ClusterOracle oracle)
    {
        var first = 1L + round * Planners;
        await db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM jobs"));   // the plan of the round before
        await ReleaseBench.OrdersAsync(db, first, Planners);
        await using var one = await NodeAsync(servers.Node(1), servers.Folder);
        await using var other = await NodeAsync(servers.Node(writers), servers.Folder);
        var nodes = new[] { one.GetRequiredService<JobPlanningService>(), other.GetRequiredService<JobPlanningService>() };
        var morning = Tomorrow();
        var again = 0;
        var answers = await Task.WhenAll(Enumerable.Range(0, Planners).Select(i => Task.Run(async () =>
        {
            var actor = Actor.System($"planner {i}");
            for (var key = Guid.NewGuid().ToString("N"); ;)
            {
                try
                {
                    await nodes[i % 2].PlanAsync(actor, new PlanJob(Seed.JobOf(first + i, 1), Seed.Quantity, morning, 1), key);
                    return "planned";
                }
                catch (Exception e) when (e is BusyException or ConflictException or OutcomeUnknownException or KeyInFlightException)
                {
                    Interlocked.Increment(ref again);
                    await Task.Delay(Random.Shared.Next(20, 120));
                }
                catch (ReasonNeededException e) { return e.Warnings[0].Code; }
                catch (PmsException e) { return e.Code; }
            }
        })));
        var stored = await db.ScalarAsync<long>("SELECT COUNT(*) FROM jobs");
        var said = string.Join(", ", answers.GroupBy(a => a).Select(g => $"{g.Count()} {g.Key}"));
        ClusterOracle.Say($"{writers} writing node{(writers == 1 ? "" : "s")}: {said}; stored {stored}; busy and tried again {again}");
        oracle.Demand(answers.Count(a => a == "planned") == Fit && stored == Fit && answers.All(a => a is "planned" or "capacity.over_minutes"), $"{Fit} of {Planners} planners got the day over {writers} writing node{(writers == 1 ? "" : "s")}, the others were told that it is full");
    }

    private static async Task<ServiceProvider> NodeAsync(DbSettings database, string folder)
    {
        var services = Live.LivePlant.Bare(database, folder);
        await services.GetRequiredService<Rights>().LoadAsync();
        await services.GetRequiredService<Calendars>().LoadAsync();
        return services;
    }

    /// <summary>Six o'clock of tomorrow on the plant's wall, when its production day begins.</summary>
    private static DateTimeOffset Tomorrow()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var at = TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, zone).Date.AddDays(1).AddHours(6);
        return new DateTimeOffset(at, zone.GetUtcOffset(at));
    }
}
