using System.Globalization;
using Pms.Core;

namespace Pms.Web.Planning;

/// <summary>How much time the board shows at once.</summary>
public enum Zoom { Day, Week, Fortnight, Month }

/// <summary>
/// The board's time axis: columns of equal width, each an hour or a day of the plant. A place within a column is its share of it, so that a day of
/// 23 or 25 hours is as wide as its neighbours and its bars still stand under its head.
/// </summary>
public sealed class PlanScale
{
    private readonly DateTimeOffset[] bounds;

    private PlanScale(Zoom zoom, DateOnly first, int days, PlantClock clock)
    {
        (Zoom, First, Days) = (zoom, first, days);
        bounds = zoom == Zoom.Day && days == 1
            ? [.. Enumerable.Range(0, 25).Select(h => clock.At(first, h * 60)).Distinct()]
            : [.. Enumerable.Range(0, days + 1).Select(d => clock.At(first.AddDays(d), 0))];
        Window = new Span(bounds[0], bounds[^1]);
        var parts = zoom switch { Zoom.Week => 4, Zoom.Fortnight => 2, _ => 1 };
        Cells = [.. Enumerable.Range(0, Columns).SelectMany(c => Enumerable.Range(0, parts).Select(p => new Span(Part(c, p, parts), Part(c, p + 1, parts))))];
    }

    public Zoom Zoom { get; }
    public DateOnly First { get; }
    public int Days { get; }
    public Span Window { get; }
    public int Columns => bounds.Length - 1;

    /// <summary>Where something can be let go.</summary>
    public IReadOnlyList<Span> Cells { get; }

    /// <summary>The last day shown.</summary>
    public DateOnly Last => First.AddDays(Days - 1);

    /// <summary>The window of a zoom that a day lies in.</summary>
    public static PlanScale Of(Zoom zoom, DateOnly day, PlantClock clock) => zoom switch
    {
        Zoom.Day => new(zoom, day, 1, clock),
        Zoom.Week => new(zoom, PlantClock.Monday(day), 7, clock),
        Zoom.Fortnight => new(zoom, PlantClock.Monday(day), 14, clock),
        _ => new(zoom, new DateOnly(day.Year, day.Month, 1), DateTime.DaysInMonth(day.Year, day.Month), clock),
    };

    /// <summary>The whole weeks that a month touches, as a wall calendar shows them.</summary>
    public static PlanScale Weeks(DateOnly day, PlantClock clock)
    {
        var first = PlantClock.Monday(new DateOnly(day.Year, day.Month, 1));
        var last = PlantClock.Monday(new DateOnly(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month))).AddDays(6);
        return new(Zoom.Month, first, last.DayNumber - first.DayNumber + 1, clock);
    }

    /// <summary>A day of the window so many windows further.</summary>
    public static DateOnly Step(Zoom zoom, DateOnly day, int windows) => zoom switch
    {
        Zoom.Day => day.AddDays(windows),
        Zoom.Week => day.AddDays(7 * windows),
        Zoom.Fortnight => day.AddDays(14 * windows),
        _ => new DateOnly(day.Year, day.Month, 1).AddMonths(windows),
    };

    /// <summary>The start of a column.</summary>
    public DateTimeOffset Column(int index) => bounds[index];

    /// <summary>The place of an instant, 0 to 1.</summary>
    public double At(DateTimeOffset instant)
    {
        if (instant <= bounds[0])
            return 0;
        if (instant >= bounds[^1])
            return 1;
        var found = Array.BinarySearch(bounds, instant);
        var column = found >= 0 ? found : ~found - 1;
        return (column + (instant - bounds[column]) / (bounds[column + 1] - bounds[column])) / Columns;
    }

    /// <summary>The value of --at: where something begins.</summary>
    public string Begin(Span span) => Number(At(span.Start));

    /// <summary>The value of --long: how much of the axis it takes.</summary>
    public string Long(Span span) => Number(At(span.End) - At(span.Start));

    /// <summary>The value of --at of an instant.</summary>
    public string Begin(DateTimeOffset instant) => Number(At(instant));

    private static string Number(double share) => share.ToString("0.#####", CultureInfo.InvariantCulture);

    private DateTimeOffset Part(int column, int part, int parts) => bounds[column] + (bounds[column + 1] - bounds[column]) * part / parts;
}
