using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pms.Bench.Support;
using Pms.Core.Departments;
using Pms.Core.Events;
using StackExchange.Redis;

namespace Pms.Bench.Plants;

/// <summary>
/// Many plants of two nodes each share one Redis: events published on a plant's first node until its second node hears them, through PMS's own
/// buses and connections. The floor is the same plant alone on the same Redis. What a plant's nodes do with an event is not in it.
/// </summary>
internal sealed class PlantsBench : Bench
{
    public override string Name => "plants";
    public override string Usage => "plants [--plants 100] [--rates 10,33,100]";
    public override string What => "milliseconds from an event on one node to the other node of its plant, p99, while so many plants send so many events a second each through one Redis, beside one plant alone";

    public override async Task RunAsync(Options options, Report report)
    {
        var port = TestRun.FreePort();
        using var server = ChildProcess.Start("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "1000"]);
        await server.UntilAsync(async () =>
        {
            try
            {
                await using var probe = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectTimeout=500");
                return true;
            }
            catch (RedisException)
            {
                return false;   // not yet
            }
        }, TimeSpan.FromSeconds(20));
        await using var watch = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},allowAdmin=true");
        var plants = new List<Plant>();
        for (var number = 0; number < options.Number("plants", 100); number++)
            plants.Add(await Plant.OpenAsync(port, number));
        Report.Say($"  {plants.Count} plants of two nodes, {plants.Count * 4} connections");

        foreach (var rate in options.Numbers("rates", "10,33,100"))
        {
            var round = TimeSpan.FromSeconds(Math.Max(2, options.Seconds(60) / (2.0 * options.Pairs)));
            await RunAsync(plants, rate, round / 2);   // warm
            var comparison = new Comparison($"{plants.Count} plants × {rate} events/s, p99", "ms", lessIsBetter: true);
            var all = new List<double>();
            var (sent, began, cpu) = (0L, Stopwatch.GetTimestamp(), await CpuAsync(watch, port));
            var busy = TimeSpan.Zero;
            for (var pair = 0; pair < options.Pairs; pair++)
            {
                cpu = await CpuAsync(watch, port);
                began = Stopwatch.GetTimestamp();
                var (many, count) = await RunAsync(plants, rate, round);
                busy += TimeSpan.FromSeconds((await CpuAsync(watch, port) - cpu) / Stopwatch.GetElapsedTime(began).TotalSeconds);
                sent += count;
                if (many.Count != count)
                    throw new InvalidOperationException($"{count - many.Count} of {count} events did not come.");
                all.AddRange(many);
                var (alone, _) = await RunAsync(plants[..1], rate, round);
                comparison.Add(Comparison.Quantile(many, 0.99), Comparison.Quantile(alone, 0.99));
            }
            report.Add(comparison);
            Report.Say($"  {sent / (options.Pairs * round.TotalSeconds):0} events/s in all, p50 {Comparison.Quantile(all, 0.5):0.00} ms, p99 {Comparison.Quantile(all, 0.99):0.00} ms, the slowest {all.Max():0.0} ms; Redis took {busy.TotalSeconds / options.Pairs * 100:0.0} % of one core; none was lost");
        }
        foreach (var plant in plants)
            await plant.DisposeAsync();
    }

    /// <summary>Each plant's events fall at random times; what was heard, in milliseconds, and how many were sent.</summary>
    private static async Task<(List<double> Heard, int Sent)> RunAsync(IReadOnlyList<Plant> plants, double rate, TimeSpan time)
    {
        var sent = await Task.WhenAll(plants.Select(p => p.SendAsync(rate, time)));
        for (var until = Stopwatch.GetTimestamp(); plants.Sum(p => p.Heard) < sent.Sum() && Stopwatch.GetElapsedTime(until) < TimeSpan.FromSeconds(5);)
            await Task.Delay(20);
        return ([.. plants.SelectMany(p => p.Take())], sent.Sum());
    }

    private static async Task<double> CpuAsync(ConnectionMultiplexer redis, int port)
    {
        var info = (await redis.GetServer("127.0.0.1", port).InfoAsync("cpu")).SelectMany(g => g).ToDictionary(p => p.Key, p => p.Value);
        return double.Parse(info["used_cpu_sys"], CultureInfo.InvariantCulture) + double.Parse(info["used_cpu_user"], CultureInfo.InvariantCulture);
    }

    /// <summary>Two nodes of one plant, each with its own connection and bus.</summary>
    private sealed class Plant : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<long, long> under = new();
        private readonly ConcurrentQueue<double> heard = new();
        private readonly List<IAsyncDisposable> connections = [];
        private readonly List<InProcessEventBus> locals = [];
        private RedisEventBus first = null!;
        private IDisposable? listening;
        private long last;

        public int Heard => heard.Count;

        public static async Task<Plant> OpenAsync(int port, int number)
        {
            var plant = new Plant();
            plant.first = await plant.NodeAsync(port, number);
            var second = await plant.NodeAsync(port, number);
            plant.listening = second.Subscribe<MasterDataChanged>(_ => true, plant.Hear);
            // The subscription is there when a first event came through.
            for (var tries = 0; plant.heard.IsEmpty && tries < 200; tries++, await Task.Delay(20))
                plant.Publish();
            plant.Take();
            return plant;
        }

        public async Task<int> SendAsync(double rate, TimeSpan time)
        {
            var (count, due, began) = (0, TimeSpan.Zero, Stopwatch.GetTimestamp());
            while ((due += TimeSpan.FromSeconds(-Math.Log(1 - Random.Shared.NextDouble()) / rate)) < time)
            {
                if (due - Stopwatch.GetElapsedTime(began) is var wait && wait > TimeSpan.Zero)
                    await Task.Delay(wait);
                Publish();
                count++;
            }
            return count;
        }

        public List<double> Take()
        {
            var taken = heard.ToList();
            heard.Clear();
            under.Clear();
            return taken;
        }

        public async ValueTask DisposeAsync()
        {
            listening?.Dispose();
            foreach (var connection in connections)
                await connection.DisposeAsync();
            foreach (var local in locals)
                local.Dispose();
        }

        private async Task<RedisEventBus> NodeAsync(int port, int number)
        {
            var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { "127.0.0.1", port } }, DefaultDatabase = number, ChannelPrefix = RedisChannel.Literal($"{number}:"), ConnectTimeout = 10_000 });
            var local = new InProcessEventBus(NullLogger<InProcessEventBus>.Instance);
            connections.Add(connection);
            locals.Add(local);
            return new RedisEventBus(local, connection, NullLogger<RedisEventBus>.Instance);
        }

        private void Publish()
        {
            var id = Interlocked.Increment(ref last);
            under[id] = Stopwatch.GetTimestamp();
            first.Publish(new MasterDataChanged("machine", id, 1));
        }

        private void Hear(MasterDataChanged e)
        {
            if (under.TryRemove(e.Id, out var began))
                heard.Enqueue(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }
}
