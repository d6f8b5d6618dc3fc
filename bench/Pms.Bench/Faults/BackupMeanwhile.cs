using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using Pms.Bench.Live;
using Pms.Bench.Support;
using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Bench.Faults;

/// <summary>deploy/backup copies the plant while everybody taps, deploy/restore puts it back elsewhere: what was acknowledged before the backup began is in it, and the copy is of one moment.</summary>
internal sealed class BackupMeanwhile : FaultCase
{
    private const int People = 6, Taps = 40;

    public override string Name => "backup";
    public override string What => "a backup while everybody taps, restored elsewhere, on both databases";

    public override async Task<Outcome> RunAsync(Options options)
    {
        if (!OperatingSystem.IsLinux())
            return new(true, "not run: the scripts are for servers");
        using var server = await MariaDbServer.StartAsync();
        List<(bool, string)> said = [];
        foreach (var on in new[] { null, server })
        {
            await using var plant = await FaultPlant.MakeAsync(options, People, on);
            using var pms = await plant.StartAsync();
            await using var storm = new Storm(() => pms.Address, People, TimeSpan.FromMilliseconds(5));
            await storm.UntilAsync(Taps);
            var (before, began) = (storm.Acknowledged.ToList(), Stopwatch.GetTimestamp());
            var folder = Path.Combine(plant.Database.Folder, "copies");
            var copy = Run("backup", folder, Environment(plant.Database.Settings, Path.Combine(plant.Database.Folder, "pms"))).Split('\n')[^1];
            var (took, meanwhile) = (Stopwatch.GetElapsedTime(began), storm.Acknowledged.Count - before.Count);
            await storm.StopAsync();

            await using var elsewhere = await plant.Database.BesideAsync(options);
            var data = Path.Combine(elsewhere.Folder, "restored");
            var settings = on is null ? elsewhere.Settings with { ConnectionString = $"Data Source={Path.Combine(data, "pms.db")}" } : elsewhere.Settings;
            Run("restore", copy, Environment(settings, data));
            await using var services = LivePlant.Bare(settings, data);
            said.AddRange([(true, $"{plant.Database.Kind}, copied in {took.TotalSeconds:0.0} s"), (meanwhile > 0, $"{meanwhile} taps meanwhile"), .. await FaultPlant.TallyAsync(services.GetRequiredService<Db>(), before)]);
        }
        return Outcome.Of(said);
    }

    private static Dictionary<string, string> Environment(DbSettings database, string folder)
    {
        if (database.Dialect == Dialect.Sqlite)
            return new() { ["Data__Folder"] = folder, ["Database__File"] = database.ConnectionString.Split("Data Source=")[1] };
        var parts = new MySqlConnectionStringBuilder(database.ConnectionString);
        return new() { ["Data__Folder"] = folder, ["DB_HOST"] = parts.Server, ["DB_PORT"] = $"{parts.Port}", ["DB_USER"] = parts.UserID, ["DB_PASSWORD"] = parts.Password, ["DB_NAME"] = parts.Database };
    }

    private static string Run(string script, string argument, Dictionary<string, string> environment)
    {
        var info = new ProcessStartInfo(Path.Combine(TestRun.Repository, "deploy", script), [argument, "--settings", "/nowhere"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment.Remove("DB_HOST");
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        using var run = Process.Start(info)!;
        var (said, wrong) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        run.WaitForExit();
        return run.ExitCode == 0 ? said.Result.Trim() : throw new InvalidOperationException($"deploy/{script}: {wrong.Result}{said.Result}");
    }
}
