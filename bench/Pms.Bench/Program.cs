using System.Globalization;
using Pms.Bench.Commands;
using Pms.Bench.Faults;
using Pms.Bench.Floors;
using Pms.Bench.Floors.Live;
using Pms.Bench.History;
using Pms.Bench.Live;
using Pms.Bench.Planning;
using Pms.Bench.Plants;
using Pms.Bench.Sheets;
using Pms.Bench.Start;
using Pms.Bench.Support;

namespace Pms.Bench;

/// <summary>Measures what PMS promises in figures beside bare programs that do the same necessary work; prints figures, judges nothing.</summary>
internal static class Program
{
    private static readonly IReadOnlyList<Bench> Benches =
    [
        new BoardsBench(),
        new CommandsBench(),
        new ExportBench(),
        new FaultsBench(),
        new HistoryBench(),
        new ImportBench(),
        new MemoryBench(),
        new PlantsBench(),
        new ReconnectBench(),
        new ReleaseBench(),
        new StartBench(),
        new TapBench(),
    ];

    public static async Task<int> Main(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (args is [] or ["list"] or ["--help"])
        {
            foreach (var each in Benches)
                Console.WriteLine($"{each.Usage}\n    {each.What}");
            Console.WriteLine(ClusterFaults.Usage);
            Console.WriteLine("All take --seconds N (how long it measures), --warm N (how long both sides run before), --pairs N (at least 5), --data DIR (where databases lie, on a real disk) and --json FILE.");
            return 0;
        }
        if (args[0] == BareApi.Command)
        {
            await BareApi.RunAsync(Options.Parse(args[1..]));
            return 0;
        }
        if (args[0] == BareBlazor.Command)
        {
            await BareBlazor.RunAsync(Options.Parse(args[1..]));
            return 0;
        }
        if (args[0] == ClusterFaults.Command && ClusterFaults.Find(Options.Parse(args[1..])) is { } proof)
            return await proof();
        if (Benches.FirstOrDefault(b => b.Name == args[0]) is not { } bench)
        {
            await Console.Error.WriteLineAsync($"There is no bench '{args[0]}'; 'list' names them all.");
            return 2;
        }
        var options = Options.Parse(args[1..]);
        var report = new Report(bench.NameFor(options));
        await bench.RunAsync(options, report);
        await report.CloseAsync(options.Text("json"));
        return 0;
    }
}

/// <summary>One measurement that can be repeated: PMS and its floor in turns, A B A B.</summary>
internal abstract class Bench
{
    public abstract string Name { get; }
    public abstract string Usage { get; }
    public abstract string What { get; }
    public virtual string NameFor(Options options) => Name;
    public abstract Task RunAsync(Options options, Report report);
}
