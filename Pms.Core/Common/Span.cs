namespace Pms.Core;

/// <summary>A half-open stretch of time [Start, End); an empty one has no length and contains nothing.</summary>
public readonly record struct Span(DateTimeOffset Start, DateTimeOffset End)
{
    public TimeSpan Length => End > Start ? End - Start : TimeSpan.Zero;
    public bool IsEmpty => End <= Start;
    public bool Contains(DateTimeOffset at) => Start <= at && at < End;
    public bool Overlaps(Span other) => Start < other.End && other.Start < End;

    /// <summary>The part of it that lies in <paramref name="other"/>; empty where they don't meet.</summary>
    public Span Clip(Span other)
    {
        var start = Start > other.Start ? Start : other.Start;
        var end = End < other.End ? End : other.End;
        return new Span(start, end < start ? start : end);
    }
}

/// <summary>Sums over lists of spans in which no instant counts twice.</summary>
public static class Spans
{
    /// <summary>The same instants as ordered spans that neither overlap nor touch.</summary>
    public static List<Span> Merge(this IEnumerable<Span> spans)
    {
        var merged = new List<Span>();
        foreach (var span in spans.Where(s => !s.IsEmpty).OrderBy(s => s.Start))
        {
            if (merged.Count > 0 && span.Start <= merged[^1].End)
                merged[^1] = merged[^1] with { End = span.End > merged[^1].End ? span.End : merged[^1].End };
            else
                merged.Add(span);
        }
        return merged;
    }

    /// <summary>The instants that lie in <paramref name="spans"/> and in none of <paramref name="without"/>; ordered, disjoint.</summary>
    public static List<Span> Subtract(this IEnumerable<Span> spans, IEnumerable<Span> without)
    {
        var holes = without.Merge();
        var kept = new List<Span>();
        foreach (var span in spans.Merge())
        {
            var start = span.Start;
            foreach (var hole in holes)
            {
                if (hole.End <= start || hole.Start >= span.End)
                    continue;
                if (hole.Start > start)
                    kept.Add(new Span(start, hole.Start));
                start = hole.End;
            }
            if (start < span.End)
                kept.Add(new Span(start, span.End));
        }
        return kept;
    }

    /// <summary>The length of all of them together; overlaps count once.</summary>
    public static TimeSpan Total(this IEnumerable<Span> spans) => spans.Merge().Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Length);
}
