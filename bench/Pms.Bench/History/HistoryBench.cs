using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Jobs;
using Pms.Core.Orders;
using Pms.Core.Planning;

namespace Pms.Bench.History;

/// <summary>What pages read, over a short history and over a long one: the same open work stands before both, so the time should be the same.</summary>
internal sealed class HistoryBench : Bench
{
    private const int People = 40, OpenOrders = 100;

    public override string Name => "history";
    public override string Usage => "history --engine sqlite|mysql [--jobs 1000000] [--few 10000] [--connection STRING]";
    public override string What => "milliseconds of the overview, the floor, an operator's list, the job list, the order list, the month of capacity and the schedule with many finished jobs behind them, beside the same with few";
    public override string NameFor(Options options) => $"history-{options.Text("engine", "sqlite")}";

    public override async Task RunAsync(Options options, Report report)
    {
        await using var few = await BenchDatabase.CreateAsync(options);
        await using var many = await few.BesideAsync(options);
        await using var small = await Seed.StartAsync(few, People);
        await using var large = await Seed.StartAsync(many, People);
        foreach (var (services, database, jobs) in new[] { (small, few, options.Number("few", 10_000)), (large, many, options.Number("jobs", 1_000_000)) })
        {
            await Seed.OrdersAsync(services.GetRequiredService<Db>(), 1, OpenOrders);
            await SeedHistory.FillAsync(database.Settings, jobs, People);
        }

        var system = Actor.System("bench");
        var ann = new Actor { EmployeeId = 1, Name = "Ann Arendse" };
        var today = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero);
        static PageRequest Orders(params (string Name, string Value)[] filters) => new() { Filters = filters.ToDictionary(f => f.Name, f => f.Value) };
        foreach (var (what, read) in new (string, Func<IServiceProvider, Task>)[]
        {
            // Both are one picture, kept in memory; its whole reading is what a start and the slow timer pay.
            ("overview and floor", async s =>
            {
                using var boards = ActivatorUtilities.CreateInstance<FloorBoards>(s);
                (await boards.LoadAsync()).View(null);
            }),
            ("operator's list", async s =>
            {
                var queries = s.GetRequiredService<JobQueries>();
                var scope = await queries.ScopeAsync(ann, DateOnly.FromDateTime(DateTime.UtcNow)) ?? throw new InvalidOperationException("Nobody.");
                await queries.LoadAsync(ann, scope, DateTimeOffset.UtcNow.AddDays(2));
            }),
            ("jobs, open", s => s.GetRequiredService<JobBoardService>().PageAsync(system, new JobBoardRequest())),
            ("orders, open", s => s.GetRequiredService<OrderService>().ListAsync(system, Orders(("open", "true")))),
            ("orders, open and late", s => s.GetRequiredService<OrderService>().ListAsync(system, Orders(("open", "true"), ("late", "true")))),
            ("orders, searched", s => s.GetRequiredService<OrderService>().ListAsync(system, Orders(("open", "true")) with { Search = "SO1" })),
            // Both read anew, as after a change; the month is kept in memory otherwise.
            ("capacity, the month of a department", async s =>
            {
                using var books = ActivatorUtilities.CreateInstance<CapacityBooks>(s);
                await ActivatorUtilities.CreateInstance<CapacityService>(s, books).ReadAsync(system, Seed.Department, days: 31);
            }),
            ("schedule, two weeks", s => s.GetRequiredService<ScheduleService>().WindowAsync(system, new(new Span(today, today.AddDays(14))))),
            ("an order", s => s.GetRequiredService<OrderService>().GetAsync(system, 1)),
        })
        {
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < options.Warm(what == "overview and floor") / 4;)
            {
                await MillisecondsAsync(small, read);
                await MillisecondsAsync(large, read);
            }
            var comparison = new Comparison($"{few.Kind}, {what}", "ms", lessIsBetter: true);
            for (var pair = 0; pair < Math.Max(15, options.Pairs); pair++)
                comparison.Add(await MillisecondsAsync(large, read), await MillisecondsAsync(small, read));
            report.Add(comparison);
        }
        // Told only: they read the history itself, whose length they show.
        foreach (var (what, request) in new[] { ("all orders by due day", Orders()), ("completed orders", Orders(("status", "Completed"))), ("all orders by customer", Orders() with { Sort = "customer" }) })
        {
            async Task<double> MedianAsync(IServiceProvider services)
            {
                var times = new List<double>();
                for (var i = 0; i < 7; i++)
                    times.Add(await MillisecondsAsync(services, s => s.GetRequiredService<OrderService>().ListAsync(system, request)));
                return Comparison.Median(times);
            }
            Report.Say($"  {what}: {await MedianAsync(large):0.0} ms over the long history, {await MedianAsync(small):0.0} ms over the short one");
        }
    }

    private static async Task<double> MillisecondsAsync(IServiceProvider services, Func<IServiceProvider, Task> read)
    {
        var began = Stopwatch.GetTimestamp();
        await read(services);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
