using System.Collections.Concurrent;
using Pms.Core.Departments;

namespace Pms.Core.Capacity;

/// <summary>A stretch of working time and the production day it belongs to.</summary>
public readonly record struct WorkStretch(DateOnly Day, Span Span);

/// <summary>
/// When one place works, by production day: its calendar without breaks and without the windows in which it can't run. Days are ordered and disjoint: where
/// the shifts of two days overlap, the earlier day keeps the time.
/// </summary>
public sealed class PlaceTime(PlantCalendar calendar, PlantClock clock, long department, long? machine, IReadOnlyList<Span> without)
{
    /// <summary>How far it looks for working time.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(400);

    private readonly ConcurrentDictionary<DateOnly, IReadOnlyList<Span>> days = new();

    /// <summary>The working time of a production day, in order.</summary>
    public IReadOnlyList<Span> Of(DateOnly day) => days.GetOrAdd(day, Build);

    /// <summary>Working time of a production day from an instant on.</summary>
    public TimeSpan LengthOf(DateOnly day, DateTimeOffset from)
    {
        var sum = TimeSpan.Zero;
        foreach (var span in Of(day))
            sum += from <= span.Start ? span.Length : new Span(from, span.End).Length;
        return sum;
    }

    /// <summary>Working time from an instant on, cut to begin there; up to the horizon, or to <paramref name="until"/>.</summary>
    public IEnumerable<WorkStretch> From(DateTimeOffset from, DateTimeOffset? until = null)
    {
        var end = until ?? from + Horizon;
        for (var (day, last) = (clock.DateOf(from).AddDays(-1), clock.DateOf(end)); day <= last; day = day.AddDays(1))
            foreach (var span in Of(day))
                if (span.End > from && span.Start < end)
                    yield return new(day, span.Clip(new(from, end)));
    }

    /// <summary>Working time before an instant, the latest first, cut to end there.</summary>
    public IEnumerable<WorkStretch> Before(DateTimeOffset until, DateTimeOffset from)
    {
        for (var (day, first) = (clock.DateOf(until), clock.DateOf(from).AddDays(-1)); day >= first; day = day.AddDays(-1))
            foreach (var span in Of(day).Reverse())
                if (span.Start < until && span.End > from)
                    yield return new(day, span.Clip(new(from, until)));
    }

    /// <summary>The first instant at or after it that is worked; null where none is within the horizon.</summary>
    public DateTimeOffset? Next(DateTimeOffset from) => From(from).Select(s => (DateTimeOffset?)s.Span.Start).FirstOrDefault();

    /// <summary>The instant at which so much working time has passed; for none, the first worked instant.</summary>
    public DateTimeOffset? Add(DateTimeOffset from, TimeSpan work)
    {
        foreach (var (_, span) in From(from))
        {
            if (work <= span.Length)
                return span.Start + work;
            work -= span.Length;
        }
        return null;
    }

    /// <summary>The latest instant from which so much working time lies before <paramref name="until"/>; null where it would begin before <paramref name="from"/>.</summary>
    public DateTimeOffset? Back(DateTimeOffset until, TimeSpan work, DateTimeOffset from)
    {
        foreach (var (_, span) in Before(until, from))
        {
            if (work <= span.Length)
                return span.End - work;
            work -= span.Length;
        }
        return null;
    }

    /// <summary>Working time within [from, until) by production day, in order.</summary>
    public IReadOnlyList<(DateOnly Day, TimeSpan Work)> Shares(DateTimeOffset from, DateTimeOffset until)
    {
        var shares = new List<(DateOnly Day, TimeSpan Work)>();
        foreach (var (day, span) in From(from, until))
        {
            if (shares.Count > 0 && shares[^1].Day == day)
                shares[^1] = (day, shares[^1].Work + span.Length);
            else
                shares.Add((day, span.Length));
        }
        return shares;
    }

    /// <summary>The instant of a day from which just so much of its working time is left; the first worked one after the day for none.</summary>
    internal DateTimeOffset? LastOf(DateOnly day, TimeSpan left)
    {
        var spans = Of(day);
        if (left <= TimeSpan.Zero)
            return Next(spans[^1].End);
        for (var i = spans.Count - 1; i >= 0; left -= spans[i--].Length)
            if (left <= spans[i].Length)
                return spans[i].End - left;
        return spans[0].Start;
    }

    /// <summary>The instant of a day up to which just so much of its working time has passed; the day's first worked one for none.</summary>
    internal DateTimeOffset FirstOf(DateOnly day, TimeSpan passed)
    {
        var spans = Of(day);
        foreach (var span in spans)
        {
            if (passed <= span.Length)
                return span.Start + passed;
            passed -= span.Length;
        }
        return spans[^1].End;
    }

    private IReadOnlyList<Span> Build(DateOnly day)
    {
        var shifts = calendar.ShiftsOf(department, machine, day);
        if (shifts.Count == 0)
            return [];
        var earlier = calendar.ShiftsOf(department, machine, day.AddDays(-1)).Select(s => s.Span);
        return shifts.SelectMany(s => s.Working).Subtract(earlier.Concat(without));
    }
}
