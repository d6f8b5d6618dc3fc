namespace Pms.Core.Floor;

/// <summary>What an instant of a machine slot counts as; the first that matches, in this order (ISO 22400-2).</summary>
public enum TimeClass
{
    /// <summary>Makes first-pass pieces: APT, actual production time.</summary>
    Run,

    /// <summary>AUST, actual unit set-up time.</summary>
    Setup,

    /// <summary>Works pieces over: a loss of its own.</summary>
    Rework,

    /// <summary>Not meant to work: outside PBT, the planned busy time.</summary>
    Planned,

    /// <summary>Stands, or its job is paused: ADET.</summary>
    Down,

    /// <summary>No started job although somebody watches it: ADOT.</summary>
    Idle,

    /// <summary>Nobody can say.</summary>
    NoData,
}

/// <summary>A stretch of one class; neighbours in a timeline differ.</summary>
public readonly record struct ClassSpan(Span Span, TimeClass Class);

/// <summary>
/// Everything known of one machine slot within a window, raw; spans may overlap and reach outside the window,
/// <see cref="MachineTimeline.Of"/> decides what each instant counts as.
/// </summary>
public sealed record SlotHistory
{
    public required Span Window { get; init; }

    /// <summary>Run intervals of jobs that are not rework.</summary>
    public IReadOnlyList<Span> Run { get; init; } = [];
    public IReadOnlyList<Span> Setup { get; init; } = [];
    public IReadOnlyList<Span> Rework { get; init; } = [];

    /// <summary>The calendar's working time; all else is closed or a break.</summary>
    public IReadOnlyList<Span> Working { get; init; } = [];

    /// <summary>Preventive work inside its booked window, "no work planned" set before the shift, stops of class planned.</summary>
    public IReadOnlyList<Span> PlannedStops { get; init; } = [];

    /// <summary>The machine stands (an overrun of preventive work too), or its job is paused.</summary>
    public IReadOnlyList<Span> Down { get; init; } = [];

    /// <summary>Its counter is alive, or an operator is on it this shift.</summary>
    public IReadOnlyList<Span> Watched { get; init; } = [];
}

/// <summary>Classifies each instant of a machine slot exactly once; the classes partition the window.</summary>
public static class MachineTimeline
{
    /// <summary>The window as ordered, touching spans, neighbours of different class.</summary>
    public static IReadOnlyList<ClassSpan> Of(SlotHistory history)
    {
        var found = new List<ClassSpan>();
        List<Span> rest = [history.Window];
        Take(history.Run, TimeClass.Run);
        Take(history.Setup, TimeClass.Setup);
        Take(history.Rework, TimeClass.Rework);
        Take(rest.Subtract(history.Working), TimeClass.Planned);
        Take(history.PlannedStops, TimeClass.Planned);
        Take(history.Down, TimeClass.Down);
        Take(history.Watched, TimeClass.Idle);
        Take(rest, TimeClass.NoData);
        return Join(found);

        void Take(IReadOnlyList<Span> spans, TimeClass type)
        {
            if (spans.Count == 0 || rest.Count == 0)
                return;
            var left = rest.Subtract(spans);
            foreach (var span in rest.Subtract(left))
                found.Add(new ClassSpan(span, type));
            rest = left;
        }
    }

    private static List<ClassSpan> Join(List<ClassSpan> found)
    {
        var joined = new List<ClassSpan>(found.Count);
        foreach (var next in found.Where(s => !s.Span.IsEmpty).OrderBy(s => s.Span.Start))
        {
            if (joined.Count > 0 && joined[^1].Class == next.Class && joined[^1].Span.End == next.Span.Start)
                joined[^1] = next with { Span = new Span(joined[^1].Span.Start, next.Span.End) };
            else
                joined.Add(next);
        }
        return joined;
    }
}
