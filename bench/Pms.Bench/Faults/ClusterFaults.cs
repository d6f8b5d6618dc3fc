using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>What is proven over several servers: each case makes its own, breaks them, and says what it counted and whether the promise held.</summary>
internal static class ClusterFaults
{
    public const string Command = "faults";

    private static readonly IReadOnlyList<Case> Cases =
    [
        new("rolling", "one node after the other stopped and started: nobody signed out, what was typed until a second before is back, no acknowledged tap missing or doubled", ClusterPeople.RollingAsync),
        new("node-killed", "a node killed: its people are back on the other with what they typed, those of the other notice nothing", ClusterPeople.KilledAsync),
        new("due-once", "work that is due is done once on two nodes, one of which is killed over it", ClusterRounds.RunAsync),
        new("galera-killed", "the node with the writes killed in a storm of taps, three times", ClusterStorm.KilledAsync),
        new("galera-cut", "the node with the writes cut off from the others in a storm of taps, three times", ClusterStorm.CutAsync),
        new("galera-planners", "fifty planners at once on the last slots of a machine, over one writing node and over two", ClusterPlanners.RunAsync),
    ];

    public static string Usage => $"{Command} --case {string.Join('|', Cases.Select(c => c.Name))} [--people 12] [--rounds 3] [--proxy haproxy|nginx] [--data DIR]\n    "
        + string.Join("\n    ", Cases.Select(c => $"{c.Name}: {c.What}"));

    /// <summary>The case that was asked for, or null where it is none of several servers.</summary>
    public static Func<Task<int>>? Find(Options options) => Cases.FirstOrDefault(c => c.Name == options.Text("case")) is not { } found ? null : async () =>
    {
        var oracle = new ClusterOracle(found.Name);
        await found.Run(options, oracle);
        return oracle.Close();
    };

    private sealed record Case(string Name, string What, Func<Options, ClusterOracle, Task> Run);
}

/// <summary>Figures, and promises that hold or don't.</summary>
internal sealed class ClusterOracle(string name)
{
    private readonly List<string> broken = [];

    public static void Say(string line) => Report.Say($"  {DateTime.UtcNow:HH:mm:ss} {line}");

    public void Demand(bool holds, string promise)
    {
        Say($"{(holds ? "held  " : "BROKEN")} {promise}");
        if (!holds)
            broken.Add(promise);
    }

    public int Close()
    {
        Report.Say($"{name} {(broken.Count == 0 ? "held" : $"broken={broken.Count}")}");
        return broken.Count == 0 ? 0 : 1;
    }
}
