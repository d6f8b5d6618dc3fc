using System.Collections.Concurrent;

namespace Pms.Core.Departments;

/// <summary>
/// One shift as it really lies in time, half-open. <see cref="Day"/> is the production day: the day it starts.
/// An extra shift or a day opened by an exception without a pattern has the negative id of the exception.
/// </summary>
public sealed record ShiftWindow
{
    public long ShiftId { get; init; }
    public string Name { get; init; } = "";
    public DateOnly Day { get; init; }
    public DateTimeOffset Start { get; init; }
    public DateTimeOffset End { get; init; }
    public IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> Breaks { get; init; } = [];

    public Span Span => new(Start, End);
    public bool Contains(DateTimeOffset at) => Start <= at && at < End;

    /// <summary>The window without its breaks.</summary>
    public IReadOnlyList<Span> Working => new[] { Span }.Subtract(Breaks.Select(b => new Span(b.Start, b.End)));
}

/// <summary>
/// When the plant works: an immutable picture of shifts, breaks and exceptions. For shifts the narrowest scope that has a pattern in force
/// on a day wins (machine, else department, else plant); exceptions are applied from the plant to the machine, so a narrower one has the last word.
/// </summary>
public sealed class PlantCalendar
{
    /// <summary>How far ahead work may be laid before the calendar is taken to have no working time.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(366 * 3);

    /// <summary>Between two shifts an instant still belongs to the day of the one that ended at most this long ago.</summary>
    public static readonly TimeSpan Afterwards = TimeSpan.FromHours(12);

    private const int CacheLimit = 50_000;

    private readonly PlantClock clock;
    private readonly List<Shift> active;
    private readonly List<CalendarException> differing;
    private readonly ILookup<(long? Department, long? Machine), Shift> shifts;
    private readonly ILookup<(long? Department, long? Machine, DateOnly Day), CalendarException> exceptions;
    private readonly HashSet<long> ownDepartments;
    private readonly HashSet<long> ownMachines;
    private readonly ConcurrentDictionary<(long? Department, long? Machine, DateOnly Day), ShiftWindow[]> days = new();

    public PlantCalendar(PlantClock clock, IEnumerable<Shift> shifts, IEnumerable<CalendarException> exceptions)
    {
        this.clock = clock;
        active = [.. shifts.Where(s => s.Active)];
        differing = [.. exceptions];
        // A machine's row counts for the machine alone, whatever department stands beside it.
        this.shifts = active.ToLookup(s => s.MachineId is { } m ? ((long?)null, (long?)m) : (s.DepartmentId, null));
        this.exceptions = differing.ToLookup(e => e.MachineId is { } m ? ((long?)null, (long?)m, e.OnDay) : (e.DepartmentId, null, e.OnDay));
        ownMachines = [.. active.Select(s => s.MachineId).Concat(differing.Select(e => e.MachineId)).OfType<long>()];
        ownDepartments = [.. active.Where(s => s.MachineId is null).Select(s => s.DepartmentId)
            .Concat(differing.Where(e => e.MachineId is null).Select(e => e.DepartmentId)).OfType<long>()];
    }

    /// <summary>No shifts at all, as before the first load.</summary>
    public static PlantCalendar Empty(PlantClock clock) => new(clock, [], []);

    /// <summary>The same plant with this shift stored (id 0: added) or inactive; to see hours before they are saved.</summary>
    public PlantCalendar With(Shift shift) => new(clock, [.. active.Where(s => shift.Id == 0 || s.Id != shift.Id), shift], differing);

    /// <inheritdoc cref="With(Shift)"/>
    public PlantCalendar With(CalendarException exception) => new(clock, active, [.. differing.Where(e => exception.Id == 0 || e.Id != exception.Id), exception]);

    /// <summary>What makes the day differ, the widest scope first: plant, department, machine.</summary>
    public IReadOnlyList<CalendarException> ExceptionsOn(long departmentId, long? machineId, DateOnly day) =>
        [.. exceptions[(null, null, day)], .. exceptions[(departmentId, null, day)], .. machineId is { } m ? exceptions[(null, m, day)] : []];

    /// <summary>The same plant on days like any other.</summary>
    public PlantCalendar Usual() => new(clock, active, []);

    /// <summary>The days from this one on that something closes or changes the hours of.</summary>
    public IEnumerable<DateOnly> ShorterFrom(DateOnly day) => differing.Where(e => e.OnDay >= day && e.Kind != ExceptionKind.ExtraShift).Select(e => e.OnDay).Distinct().Order();

    /// <summary>True where the machine has shifts or exceptions of its own.</summary>
    public bool Differs(long machineId) => ownMachines.Contains(machineId);

    /// <summary>The shifts that overlap [from, to), in order of their start.</summary>
    public IReadOnlyList<ShiftWindow> Shifts(long departmentId, long? machineId, DateTimeOffset from, DateTimeOffset to)
    {
        var found = new List<ShiftWindow>();
        if (to <= from)
            return found;
        // A shift starts at most a day before it ends, so yesterday's may still run.
        for (var (day, last) = (clock.DateOf(from).AddDays(-1), clock.DateOf(to)); day <= last; day = day.AddDays(1))
            foreach (var window in Day(departmentId, machineId, day))
                if (window.Start < to && from < window.End)
                    found.Add(window);
        found.Sort((a, b) => a.Start.CompareTo(b.Start));
        return found;
    }

    /// <summary>The shifts that start on a production day, in order.</summary>
    public IReadOnlyList<ShiftWindow> ShiftsOf(long departmentId, long? machineId, DateOnly day) => Day(departmentId, machineId, day);

    /// <summary>The shift that runs at the instant; where two overlap, the one that began first keeps it to its end.</summary>
    public ShiftWindow? ShiftAt(long departmentId, long? machineId, DateTimeOffset at) =>
        Shifts(departmentId, machineId, at, at.AddMilliseconds(1)) is [var first, ..] ? first : null;

    /// <summary>
    /// The production day of an instant: of the shift it lies in; outside of any, of the last shift that ended within the previous 12 h,
    /// else the calendar date.
    /// </summary>
    public DateOnly ProductionDay(long departmentId, long? machineId, DateTimeOffset at)
    {
        if (ShiftAt(departmentId, machineId, at) is { } now)
            return now.Day;
        ShiftWindow? last = null;
        foreach (var shift in Shifts(departmentId, machineId, at - Afterwards, at))
            if (shift.End <= at && (last is null || shift.End > last.End))
                last = shift;
        return last?.Day ?? clock.DateOf(at);
    }

    /// <summary>Shifts minus breaks within [from, to); ordered, disjoint, overlaps of shifts once.</summary>
    public IReadOnlyList<Span> WorkingTime(long departmentId, long? machineId, DateTimeOffset from, DateTimeOffset to)
    {
        var within = new Span(from, to);
        return Shifts(departmentId, machineId, from, to).SelectMany(s => s.Working).Select(s => s.Clip(within)).Merge();
    }

    /// <summary>
    /// The instant at which <paramref name="work"/> of working time has passed since <paramref name="from"/>; for no work, the first instant
    /// at or after it that is worked.
    /// </summary>
    /// <exception cref="RuleException">calendar.no_working_time: not enough of it within <see cref="Horizon"/>.</exception>
    public DateTimeOffset AddWorking(long departmentId, long? machineId, DateTimeOffset from, TimeSpan work)
    {
        var left = work;
        // By the week, so that a short job doesn't read years; each chunk is disjoint, so nothing counts twice.
        for (var (start, end) = (from, from + Horizon); start < end; start += TimeSpan.FromDays(7))
        {
            foreach (var span in WorkingTime(departmentId, machineId, start, start.AddDays(7)))
            {
                if (left <= span.Length && (left > TimeSpan.Zero || !span.IsEmpty))
                    return span.Start + left;
                left -= span.Length;
            }
        }
        throw new RuleException("calendar.no_working_time", departmentId);
    }

    private ShiftWindow[] Day(long departmentId, long? machineId, DateOnly day)
    {
        // Machines and departments without rows of their own share the picture of the wider scope.
        long? machine = machineId is { } m && ownMachines.Contains(m) ? m : null;
        long? department = ownDepartments.Contains(departmentId) ? departmentId : null;
        if (days.Count > CacheLimit)
            days.Clear();
        return days.GetOrAdd((department, machine, day), static (key, me) => me.Build(key.Department, key.Machine, key.Day), this);
    }

    private ShiftWindow[] Build(long? department, long? machine, DateOnly day)
    {
        (long? Department, long? Machine)[] scopes = (department, machine) switch
        {
            (null, null) => [(null, null)],
            (_, null) => [(null, null), (department, null)],
            (null, _) => [(null, null), (null, machine)],
            _ => [(null, null), (department, null), (null, machine)],
        };
        var pattern = scopes.Reverse().Select(s => shifts[s].Where(x => x.InForce(day)).ToList()).FirstOrDefault(s => s.Count > 0) ?? [];
        var regular = pattern.Where(s => s.StartsOn(day)).OrderBy(s => s.StartsMinute).ThenBy(s => s.Id).Select(s => new Hours(s)).ToList();
        var result = regular;
        foreach (var scope in scopes)
            foreach (var exception in exceptions[(scope.Department, scope.Machine, day)].OrderBy(e => e.Kind switch { ExceptionKind.Closed => 0, ExceptionKind.ChangedHours => 1, _ => 2 }).ThenBy(e => e.Id))
                result = exception.Kind switch
                {
                    ExceptionKind.Closed => [],
                    ExceptionKind.ChangedHours => Fit(regular, exception),
                    _ => [.. result, new Hours(exception)],
                };
        return [.. result.Select(h => h.On(day, clock)).Where(w => w.Start < w.End).OrderBy(w => w.Start)];
    }

    private static List<Hours> Fit(List<Hours> regular, CalendarException changed)
    {
        var hours = new Hours(changed);
        var kept = regular.Where(s => s.Start < hours.End && hours.Start < s.End)
            .Select(s => s with { Start = Math.Max(s.Start, hours.Start), End = Math.Min(s.End, hours.End) }).ToList();
        if (kept.Count == 0)
            return [regular.Count > 0 ? regular[0] with { Start = hours.Start, End = hours.End } : hours];
        kept[0] = kept[0] with { Start = hours.Start };
        kept[^1] = kept[^1] with { End = hours.End };
        return kept;
    }

    /// <summary>A shift on the wall clock: minutes of its day, breaks at absolute minutes so that changed hours don't move them.</summary>
    private sealed record Hours(long Id, string Name, int Start, int End, IReadOnlyList<(int Start, int End)> Breaks)
    {
        public Hours(Shift s) : this(s.Id, s.Name, s.StartsMinute, s.StartsMinute + s.LengthMinutes,
            [.. s.Breaks.Select(b => (s.StartsMinute + b.AfterMinutes, s.StartsMinute + b.AfterMinutes + b.LengthMinutes))])
        { }

        public Hours(CalendarException e) : this(-e.Id, e.Reason, e.StartsMinute ?? 0, (e.StartsMinute ?? 0) + (e.LengthMinutes ?? 0), []) { }

        public ShiftWindow On(DateOnly day, PlantClock clock) => new()
        {
            ShiftId = Id,
            Name = Name,
            Day = day,
            Start = clock.At(day, Start),
            End = clock.At(day, End),
            // A break that the spring change swallows has no length; one outside changed hours isn't taken.
            Breaks = [.. Breaks.Select(b => (Start: clock.At(day, Math.Max(b.Start, Start)), End: clock.At(day, Math.Min(b.End, End)))).Where(b => b.Start < b.End).OrderBy(b => b.Start)],
        };
    }
}
