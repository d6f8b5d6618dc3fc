using System.Diagnostics;
using System.Net;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>Commits are obeyed and their answers lost, between PMS and its database and between people and PMS; all is sent again under the same key.</summary>
internal sealed class AnswersDropped : FaultCase
{
    private const int People = 6, Drops = 40;

    public override string Name => "answers-dropped";
    public override string What => "answers lost after the commit, on the database's wire and on the people's, and resets of all lines";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var server = await MariaDbServer.StartAsync();
        await using var plant = await FaultPlant.MakeAsync(options, People, server);
        await using var data = new FaultProxy(server.Port);
        using var pms = await plant.StartAsync(plant.Through(data.Port));
        await using var people = new FaultProxy(pms.Address.Port);
        await using var storm = new Storm(() => new Uri($"http://127.0.0.1:{people.Port}"), People);
        await storm.UntilAsync(People);
        for (var drop = 0; drop < Drops; drop++)
        {
            if (drop % 2 == 0)
                data.DropAnswerTo("COMMIT");
            else
                people.DropAnswerTo("Idempotency-Key");
            if (drop % 10 == 9)
            {
                data.Reset();
                people.Reset();
            }
            await storm.UntilAsync(People);
        }
        await storm.StopAsync();
        return Outcome.Of([(data.Broken > Drops / 4 && people.Broken > Drops / 4, $"dropped {data.Broken} of the database's and {people.Broken} of PMS's"), .. await plant.TallyAsync(storm)]);
    }
}

/// <summary>Far more callers than connections, and answers that take their time: each is served or told 503 in time, and nobody is left out.</summary>
internal sealed class PoolExhausted : FaultCase
{
    private const int People = 48, Pool = 2;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8), Limit = TimeSpan.FromSeconds(9);

    public override string Name => "pool-exhausted";
    public override string What => $"{People} people on {Pool} connections whose answers take 20 ms";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var server = await MariaDbServer.StartAsync();
        await using var plant = await FaultPlant.MakeAsync(options, People, server);
        await using var wire = new FaultProxy(server.Port);
        using var pms = await plant.StartAsync(plant.Through(wire.Port), ("Database__PoolMin", "1"), ("Database__PoolMax", $"{Pool}"));
        await using var storm = new Storm(() => pms.Address, People);
        await storm.UntilAsync(People, TimeSpan.FromSeconds(60));
        wire.Delay = TimeSpan.FromMilliseconds(20);
        var before = storm.Acknowledged.Count;
        await Task.Delay(Time);
        wire.Delay = TimeSpan.Zero;
        await storm.UntilAsync(People, TimeSpan.FromSeconds(60));
        await storm.StopAsync();
        var fewest = storm.Acknowledged.GroupBy(k => k.Split('-')[1]).Select(g => g.Count()).Order().ToList();
        var busy = storm.Refused.GetValueOrDefault(HttpStatusCode.ServiceUnavailable);
        return Outcome.Of([
            (fewest.Count == People, $"everybody was served, the least {fewest.FirstOrDefault()} times, the most {fewest.LastOrDefault()}"), (storm.Longest < Limit.TotalMilliseconds, $"the longest wait for an answer {storm.Longest / 1000:0.0} s"),
            (storm.Refused.Keys.All(c => c == HttpStatusCode.ServiceUnavailable), $"told 503 {busy} times"), .. await plant.TallyAsync(storm)]);
    }
}

/// <summary>The database's wire goes dead without ending a connection; requests are answered 503 in time, the program still says that it lives, and all goes on when the wire does.</summary>
internal sealed class WireStalled : FaultCase
{
    private const int People = 12;

    /// <summary>The command's five seconds, as long again to look for its key where the COMMIT was under way, and a machine that does more than this.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8), Longest = TimeSpan.FromSeconds(12);

    public override string Name => "wire-stalled";
    public override string What => "the database's wire goes dead and no connection ends";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var server = await MariaDbServer.StartAsync();
        await using var plant = await FaultPlant.MakeAsync(options, People, server);
        await using var wire = new FaultProxy(server.Port);
        using var pms = await plant.StartAsync(plant.Through(wire.Port));
        await using var storm = new Storm(() => pms.Address, People);
        await storm.UntilAsync(People * 2);
        using var http = new HttpClient { BaseAddress = pms.Address };
        var before = await AliveAsync(http, TimeSpan.FromSeconds(2));   // as fast as this machine is now
        wire.Stall();
        var meanwhile = await AliveAsync(http, Time);
        wire.Resume();
        var back = Stopwatch.GetTimestamp();
        await storm.UntilAsync(People);
        var again = Stopwatch.GetElapsedTime(back);
        await storm.StopAsync();
        var busy = storm.Refused.GetValueOrDefault(HttpStatusCode.ServiceUnavailable);
        return Outcome.Of([
            (busy > 0, $"told 503 {busy} times"), (storm.Longest < Longest.TotalMilliseconds, $"the longest wait for an answer {storm.Longest / 1000:0.0} s"), (meanwhile < TimeSpan.FromSeconds(1) + 4 * before, $"alive meanwhile, said within {meanwhile.TotalSeconds:0.00} s, {before.TotalSeconds:0.00} s before"),
            (true, $"taps again {again.TotalSeconds:0.0} s after the wire"), .. await plant.TallyAsync(storm)]);
    }

    /// <summary>The slowest answer to the question whether it lives; without one the case is broken.</summary>
    private static async Task<TimeSpan> AliveAsync(HttpClient http, TimeSpan time)
    {
        var (began, slowest) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while (Stopwatch.GetElapsedTime(began) < time)
        {
            var asked = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(new Uri("/api/health/live", UriKind.Relative));
            answer.EnsureSuccessStatusCode();
            slowest = Stopwatch.GetElapsedTime(asked) is var took && took > slowest ? took : slowest;
            await Task.Delay(100);
        }
        return slowest;
    }
}
