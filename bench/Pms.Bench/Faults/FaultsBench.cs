using System.Diagnostics;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>What breaks in a plant, one thing after the other, each for a bounded time and each with what must hold afterwards; the ratio is how many held.</summary>
internal sealed class FaultsBench : Bench
{
    private static readonly IReadOnlyList<FaultCase> Cases =
    [
        new WebKilled(),
        new DatabaseKilled(),
        new RedisKilled(),
        new AnswersDropped(),
        new PoolExhausted(),
        new WireStalled(),
        new DiskFull(),
        new MigrationKilled(),
        new ManyTabs(),
        new CommandFlood(),
        new BackupMeanwhile(),
        new Soak(),
    ];

    public override string Name => "faults";
    public override string Usage => $"faults [--only {string.Join(',', Cases.Select(c => c.Name))}] [--rounds N] [--seconds 150]";
    public override string What => "what must hold after kills, dropped answers, stalls, floods and full disks: acknowledged, stored, doubled, lost; cases that held of all";

    public override async Task RunAsync(Options options, Report report)
    {
        IReadOnlyList<FaultCase> chosen = (options.Text("only") ?? options.Text("case")) is { } only ? [.. Cases.Where(c => only.Split(',').Contains(c.Name))] : [.. Cases.Where(c => !c.OnlyByName)];
        if (chosen.Count == 0)
            throw new ArgumentException("There is no such case; 'list' names them all.");
        var held = 0;
        foreach (var each in chosen)
        {
            var began = Stopwatch.GetTimestamp();
            Outcome outcome;
            try { outcome = await each.RunAsync(options); }
            catch (Exception e) { outcome = new(false, e.Message); }
            held += outcome.Held ? 1 : 0;
            Report.Say($"{each.Name}: {(outcome.Held ? "held" : "BROKEN")} in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s — {each.What}: {outcome.Said}");
        }
        var all = new Comparison("cases that held", "cases");
        all.Add(held, chosen.Count);
        report.Add(all);
    }
}

/// <summary>One thing that breaks, and what must hold afterwards.</summary>
internal abstract class FaultCase
{
    /// <summary>As it is asked for on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What breaks, in a few words.</summary>
    public abstract string What { get; }

    /// <summary>It takes minutes, so only who asks for it has it run.</summary>
    public virtual bool OnlyByName => false;

    public abstract Task<Outcome> RunAsync(Options options);
}

/// <summary>Whether all held, and the figures that say so.</summary>
internal sealed record Outcome(bool Held, string Said)
{
    public static Outcome Of(params IReadOnlyList<(bool Held, string Said)> parts) => new(parts.All(p => p.Held), string.Join("; ", parts.Select(p => p.Held ? p.Said : $"NOT: {p.Said}")));
}
