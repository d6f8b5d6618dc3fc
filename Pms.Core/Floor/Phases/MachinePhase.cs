namespace Pms.Core.Floor.Phases;

/// <summary>What a machine was at, the first that holds; whoever asks how well it was used asks for the time classes of ISO 22400 instead.</summary>
public enum MachinePhase
{
    /// <summary>A run or rework interval is on it.</summary>
    Producing,
    SetUp,

    /// <summary>It stands, and the work on it is planned or in progress.</summary>
    Maintenance,

    /// <summary>A ticket says that it stands, and nobody works on it yet.</summary>
    Standing,

    /// <summary>Its job is paused within working time; over night a paused job is no stop.</summary>
    Stopped,

    /// <summary>The calendar says work, and nothing is started.</summary>
    Idle,

    /// <summary>Outside the calendar's working time.</summary>
    Closed,
}

/// <summary>One stretch of a machine's history; neighbours differ in phase or in why.</summary>
public sealed record PhaseSpan
{
    public MachinePhase Phase { get; init; }
    public DateTimeOffset From { get; init; }
    public DateTimeOffset To { get; init; }

    /// <summary>Goes on: its end is the present, not its end.</summary>
    public bool Ongoing { get; init; }

    /// <summary>Orders at it then, in order of their number.</summary>
    public IReadOnlyList<string> Orders { get; init; } = [];

    /// <summary>The stop's or ticket's reason as people chose it.</summary>
    public string? Reason { get; init; }
    public string? Ticket { get; init; }
    public TimeSpan Length => To - From;
}

/// <summary>Something that makes a machine be at a phase for a while.</summary>
public sealed record PhaseSource(MachinePhase Phase, Span Span, string? Order = null, string? Reason = null, string? Ticket = null);

/// <summary>Lays what is known of a machine into one line: each instant is at exactly one phase, of several the first of <see cref="MachinePhase"/>.</summary>
public static class PhaseLine
{
    public static IReadOnlyList<PhaseSpan> Of(Span window, IReadOnlyCollection<PhaseSource> sources, IReadOnlyList<Span> working, bool ongoing)
    {
        if (window.IsEmpty)
            return [];
        var known = sources.Select(s => s with { Span = s.Span.Clip(window) }).Where(s => !s.Span.IsEmpty)
            .Concat(working.Select(w => new PhaseSource(MachinePhase.Idle, w.Clip(window)))).OrderBy(s => s.Span.Start).ToList();
        var edges = known.SelectMany(s => new[] { s.Span.Start, s.Span.End }).Append(window.Start).Append(window.End).Distinct().Order().ToList();
        var (line, open, next) = (new List<PhaseSpan>(), new List<PhaseSource>(), 0);
        for (var i = 0; i + 1 < edges.Count; i++)
        {
            var at = edges[i];
            open.RemoveAll(s => s.Span.End <= at);
            for (; next < known.Count && known[next].Span.Start <= at; next++)
                open.Add(known[next]);
            Add(line, Stretch(at, edges[i + 1], open));
        }
        if (ongoing && line.Count > 0)
            line[^1] = line[^1] with { Ongoing = true };
        return line;
    }

    private static PhaseSpan Stretch(DateTimeOffset from, DateTimeOffset to, List<PhaseSource> open)
    {
        var phase = open.Count == 0 ? MachinePhase.Closed : open.Min(s => s.Phase);
        if (phase == MachinePhase.Stopped && open.TrueForAll(s => s.Phase != MachinePhase.Idle))
            return new() { Phase = MachinePhase.Closed, From = from, To = to };
        var why = open.Where(s => s.Phase == phase).ToList();
        return new()
        {
            Phase = phase, From = from, To = to, Orders = [.. why.Select(s => s.Order).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            Reason = why.Select(s => s.Reason).OfType<string>().Distinct().ToList() is { Count: > 0 } reasons ? string.Join(", ", reasons) : null,
            Ticket = why.Select(s => s.Ticket).FirstOrDefault(t => t is not null),
        };
    }

    private static void Add(List<PhaseSpan> line, PhaseSpan next)
    {
        if (line.Count > 0 && line[^1] is var last && last.Phase == next.Phase && last.Reason == next.Reason && last.Ticket == next.Ticket && last.Orders.SequenceEqual(next.Orders))
            line[^1] = last with { To = next.To };
        else
            line.Add(next);
    }
}
