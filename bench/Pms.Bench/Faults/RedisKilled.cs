using System.Diagnostics;
using Pms.Bench.Circuits;
using Pms.Bench.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>Two nodes, Redis between them killed and started again: taps go on, a board on the other node falls back to its slow timer and is quick again afterwards.</summary>
internal sealed class RedisKilled : FaultCase
{
    private const int People = 4;

    public override string Name => "redis-killed";
    public override string What => "Redis is killed and comes back empty; a board on another node looks on";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var redis = await RedisServer.StartAsync();
        await using var plant = await FaultPlant.MakeAsync(options, People);
        var url = ("REDIS_URL", redis.Url);
        using var one = await plant.StartAsync(url);
        using var two = await plant.StartAsync(url);
        var manager = new Visitor(two.Address);
        await manager.SignInWithPasswordAsync(LivePlant.Manager, LivePlant.Password);
        await using var board = await Circuit.OpenAsync(manager, "/manager/floor?department=1", n => n.Has("data-machine"));
        await using var storm = new Storm(() => one.Address, People - 1, TimeSpan.FromMilliseconds(100));   // the last one's machine is watched
        using var http = await FaultPlant.SignInAsync(one.Address, People);

        var with = await SeenAsync("pause");
        var before = storm.Acknowledged.Count;
        redis.Kill();
        var without = await SeenAsync("resume");
        var meanwhile = storm.Acknowledged.Count - before;
        await redis.StartAgainAsync();
        var back = Stopwatch.GetTimestamp();
        var pause = true;
        var after = TimeSpan.MaxValue;
        while (after > TimeSpan.FromSeconds(2) && Stopwatch.GetElapsedTime(back) < TimeSpan.FromSeconds(60))
        {
            after = await SeenAsync(pause ? "pause" : "resume");
            pause = !pause;
        }
        await storm.StopAsync();
        return Outcome.Of([
            (with < TimeSpan.FromSeconds(3), $"seen on the other node after {with.TotalSeconds:0.00} s"), (meanwhile > 0, $"{meanwhile} taps acknowledged without Redis"), (without < TimeSpan.FromSeconds(40), $"seen then after {without.TotalSeconds:0.0} s"),
            (after < TimeSpan.FromSeconds(2), $"with Redis back after {after.TotalSeconds:0.00} s again"), .. await plant.TallyAsync(storm)]);

        async Task<TimeSpan> SeenAsync(string verb)
        {
            var seen = board.UntilAsync(n => n["data-id"] == $"{People}" && n["data-state"] == "running" == (verb == "resume"), TimeSpan.FromSeconds(45));
            var tapped = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/jobs/{LivePlant.JobOf(People)}/{verb}", UriKind.Relative)) { Content = System.Net.Http.Json.JsonContent.Create(new { }) };
            var key = $"{verb}-{People}-{tapped}";
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            storm.Acknowledged.Enqueue(key);
            return Stopwatch.GetElapsedTime(tapped, await seen);
        }
    }
}
