using System.Diagnostics.CodeAnalysis;

namespace Pms.Core;

/// <summary>
/// The one place where instants become the plant's days and times of day. Instants are UTC everywhere else.
/// A production day is the day its shift starts, which the calendar decides; this clock only knows the zone.
/// </summary>
public sealed class PlantClock(TimeProvider time, TimeZoneInfo first)
{
    private volatile TimeZoneInfo zone = first;

    public TimeZoneInfo Zone => zone;

    /// <summary>Another zone from now on; only where nothing was recorded yet, for recorded days were cut by the one before.</summary>
    internal void Use(TimeZoneInfo other) => zone = other;

    /// <summary>Now, cut to whole milliseconds, as the databases store it.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Today's calendar date on the plant's wall.</summary>
    public DateOnly Today => DateOf(Now);

    /// <summary>The wall-clock view of an instant, for showing.</summary>
    public DateTime Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, zone).DateTime;

    /// <summary>The Monday of a day's week.</summary>
    public static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    public DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(Local(instant));

    /// <summary>
    /// The instant of a wall time: <paramref name="minute"/> minutes after <paramref name="day"/>'s midnight label, which may run past 24:00
    /// (1 500 is 01:00 of the next day). A time that the spring change skips is moved forward past the gap; one that the autumn change
    /// repeats is its first occurrence.
    /// </summary>
    public DateTimeOffset At(DateOnly day, int minute)
    {
        var zone = this.zone;
        var local = day.ToDateTime(TimeOnly.MinValue).AddMinutes(minute);
        if (zone.IsInvalidTime(local))
        {
            // The gap is as long as the change of offset; the time after it is the same instant on the new offset.
            var before = zone.GetUtcOffset(local.AddHours(-3));
            return new DateTimeOffset(local - before, TimeSpan.Zero);
        }
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local - offset, TimeSpan.Zero);
    }

    /// <summary>The instant of a wall time that somebody typed, to the minute; for gaps and repeated hours as <see cref="At(DateOnly, int)"/>.</summary>
    public DateTimeOffset At(DateTime wall) => At(DateOnly.FromDateTime(wall), (int)wall.TimeOfDay.TotalMinutes);

    /// <summary>The same of a time that is to come: in the hour that the autumn change repeats, the second occurrence once the first is over by more than <paramref name="grace"/>.</summary>
    public DateTimeOffset Coming(DateTime wall, TimeSpan grace)
    {
        var (first, zone) = (At(wall), this.zone);
        if (first >= Now - grace || !zone.IsAmbiguousTime(wall))
            return first;
        var offsets = zone.GetAmbiguousTimeOffsets(wall);
        return first + (offsets.Max() - offsets.Min());
    }

    /// <summary>Finds the zone by its IANA or Windows name; null or empty is the machine's own.</summary>
    public static bool TryZone(string? name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = string.IsNullOrWhiteSpace(name) ? TimeZoneInfo.Local : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : null;
        return zone is not null;
    }
}
