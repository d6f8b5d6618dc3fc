using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Floors;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Jobs;

namespace Pms.Bench.Commands;

/// <summary>Start, report and finish of jobs through the job engine, per second, beside the same rows by a bare program.</summary>
internal sealed class CommandsBench : Bench
{
    public override string Name => "commands";
    public override string Usage => "commands --engine sqlite|mysql [--api] [--clients 1,32] [--connection STRING]";
    public override string What => "full job commands per second (rules, audit, idempotency, outbox, events) beside the same rows written bare in one transaction; with --api start and finish by HTTP with a bearer token beside a bare API";
    public override string NameFor(Options options) => $"commands-{(options.Has("api") ? "api-" : "")}{options.Text("engine", "sqlite")}";

    public override async Task RunAsync(Options options, Report report)
    {
        if (options.Has("api"))
        {
            await ApiBench.RunAsync(options, report);
            return;
        }
        var clients = options.Numbers("clients", "1,32");
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var services = await Seed.StartAsync(database, clients.Max());
        var (db, jobs) = (services.GetRequiredService<Db>(), services.GetRequiredService<JobService>());
        await using var floor = await CommandFloor.OpenAsync(database.Settings);
        var next = 1L;

        var round = TimeSpan.FromSeconds(Math.Max(1, options.Seconds(80) / (2.0 * clients.Count * options.Pairs)));
        foreach (var n in clients)
        {
            Task<double> PmsAsync(TimeSpan time) => RateAsync(time, 0, (tap, order, stage, person, key) => TapAsync(jobs, tap, order, stage, person, key));
            Task<double> FloorAsync(TimeSpan time) => RateAsync(time, 1, (tap, order, stage, person, key) => floor.TapAsync(tap, order, stage, person, key));
            double[] fastest = [200, 500];
            List<(double Own, double Server)>[] milliseconds = [[], []];
            async Task<double> RateAsync(TimeSpan time, int side, Func<Tap, long, int, long, string, Task> tap)
            {
                // More orders than it can work, made before its time begins.
                var orders = n + (int)(1.5 * fastest[side] * time.TotalSeconds / (Seed.Stages * 3));
                await Seed.OrdersAsync(db, next, orders);
                var (cpu, server) = (Process.GetCurrentProcess().TotalProcessorTime, database.ServerCpu);
                var (rate, taps) = await Load.RateAsync(next, orders, n, time, tap);
                milliseconds[side].Add(((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / taps, (database.ServerCpu - server).TotalMilliseconds / taps));
                fastest[side] = Math.Max(fastest[side], rate);
                next += orders;
                return rate;
            }

            // Both sides warm, as a server is that has run for minutes: the runtime compiles a method twice or three times before it leaves it alone.
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < options.Warm(n == clients[0]);)
            {
                await FloorAsync(round / 4);
                await PmsAsync(round);
            }
            var comparison = new Comparison($"{database.Kind}, {n} client{(n == 1 ? "" : "s")}", "commands/s");
            for (var pair = 0; pair < options.Pairs; pair++)
                comparison.Add(await PmsAsync(round), await FloorAsync(round));
            report.Add(comparison);
            string Times(int side) => $"{Comparison.Median(milliseconds[side].TakeLast(options.Pairs).Select(m => m.Own)):0.00} + {Comparison.Median(milliseconds[side].TakeLast(options.Pairs).Select(m => m.Server)):0.00} ms";
            Report.Say($"  processor time per command, of this process + of the server it started: PMS {Times(0)}, floor {Times(1)} (the clients' own and, on SQLite, the database's included)");
        }
    }

    private static Task TapAsync(JobService jobs, Tap tap, long order, int stage, long person, string key)
    {
        var actor = new Actor { EmployeeId = person, Name = "Ann Arendse", Channel = Channel.Api };
        var job = Seed.JobOf(order, stage);
        return tap switch
        {
            Tap.Start => jobs.StartAsync(actor, new StartJob(job, person), key),
            Tap.Report => jobs.ReportAsync(actor, new ReportJob(job, 100), key),
            _ => jobs.FinishAsync(actor, new FinishJob(job, Seed.Quantity - 100), key),
        };
    }
}

/// <summary>Clients that work orders through all their stages as fast as they can, each as one person at one machine.</summary>
internal static class Load
{
    private static readonly Tap[] All = Enum.GetValues<Tap>();

    /// <summary>Taps per second until <paramref name="time"/> was over, and all taps; orders begun are worked to their end, uncounted.</summary>
    public static async Task<(double Rate, int Taps)> RateAsync(long first, int orders, int clients, TimeSpan time, Func<Tap, long, int, long, string, Task> tap, IReadOnlyList<Tap>? taps = null)
    {
        taps ??= All;
        var (taken, counted, all, began) = (first - 1, 0, 0, Stopwatch.GetTimestamp());
        bool InTime() => Stopwatch.GetElapsedTime(began) < time;
        await Task.WhenAll(Enumerable.Range(1, clients).Select(person => Task.Run(async () =>
        {
            for (long order; InTime() && (order = Interlocked.Increment(ref taken)) < first + orders;)
                for (var stage = 1; stage <= Seed.Stages; stage++)
                    foreach (var each in taps)
                    {
                        await tap(each, order, stage, person, Guid.NewGuid().ToString("N"));
                        Interlocked.Increment(ref all);
                        if (InTime())
                            Interlocked.Increment(ref counted);
                    }
        })));
        // Where the orders gave out before the time, the time they took.
        return (counted / Math.Min(time.TotalSeconds, Stopwatch.GetElapsedTime(began).TotalSeconds), all);
    }
}
