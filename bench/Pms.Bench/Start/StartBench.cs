using System.Diagnostics;
using Pms.Bench.Floors;
using Pms.Bench.Support;

namespace Pms.Bench.Start;

/// <summary>From the start of the process to its first page answered: the demo in an empty folder, and an existing database beside a bare program.</summary>
internal sealed class StartBench : Bench
{
    public override string Name => "start";
    public override string Usage => "start [--engine sqlite|mysql] [--connection STRING]";
    public override string What => "seconds from the process's start to its first page: the demo plant in an empty folder, and PMS on an existing database beside a bare minimal API";

    public override async Task RunAsync(Options options, Report report)
    {
        await using var database = await BenchDatabase.CreateAsync(options);
        List<double> fresh = [], again = [];
        for (var i = 0; i < 3; i++)
        {
            var folder = Path.Combine(database.Folder, $"demo{i}");
            fresh.Add(await SecondsAsync(() => PmsProcess.StartDemoAsync(folder)));
            again.Add(await SecondsAsync(() => PmsProcess.StartDemoAsync(folder)));
        }
        Report.Say($"The demo, fresh: {Comparison.Median(fresh):0.0} s to its first page ({fresh.Min():0.0}–{fresh.Max():0.0} of {fresh.Count}); started again: {Comparison.Median(again):0.0} s ({again.Min():0.0}–{again.Max():0.0})");

        Report.Say($"On an empty database: {await SecondsAsync(() => PmsProcess.StartAsync(database)):0.0} s with its migrations");
        var comparison = new Comparison($"start on {database.Kind}, existing database", "s to the first page", lessIsBetter: true);
        for (var pair = 0; pair < options.Pairs; pair++)
            comparison.Add(await SecondsAsync(() => PmsProcess.StartAsync(database)), await SecondsAsync(() => BareAsync(database)));
        report.Add(comparison);
    }

    private static async Task<ChildProcess> BareAsync(BenchDatabase database)
    {
        var address = new Uri($"http://127.0.0.1:{TestRun.FreePort()}");
        var bare = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pms.Bench.dll"), BareApi.Command, "--url", address.ToString(), "--secret", Guid.NewGuid().ToString("N"),
            "--engine", database.Kind, "--database", database.Settings.ConnectionString]);
        await PmsProcess.UntilReadyAsync(bare, address);
        return bare;
    }

    private static async Task<double> SecondsAsync<T>(Func<Task<T>> start) where T : IDisposable
    {
        var began = Stopwatch.GetTimestamp();
        using var process = await start();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
