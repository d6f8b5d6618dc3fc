using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Floor.Losses;

/// <summary>
/// Where machine time and pieces went, by machine, over whole production days: each shift of each slot is classified instant by instant,
/// and only then summed. Time outside any shift counts where the machine worked.
/// </summary>
public sealed class LossService(LossQueries queries, DepartmentService departments, Calendars calendars, Rights rights, PlantClock clock)
{
    /// <summary>A longer period is a report.</summary>
    public const int MostDays = 31;

    /// <summary>An open stop may be older than the period.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(7);

    public async Task<IReadOnlyList<MachineLosses>> MachinesAsync(Actor actor, DateOnly from, DateOnly to, long? departmentId, CancellationToken ct = default)
    {
        if (to < from)
            throw new InvalidException("to", "before_start");
        if (to.DayNumber - from.DayNumber >= MostDays)
            throw new InvalidException("to", "too_large", MostDays);
        var scope = FloorService.Narrow(rights.DemandDepartments(actor, Permissions.PerformanceView), departmentId);
        IReadOnlyCollection<long> ids = scope is null ? [.. (await departments.ActiveAsync(actor, ct)).Select(d => d.Id)] : [.. scope];
        var days = Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(from.AddDays).ToList();
        var now = clock.Now;
        var (start, end) = (clock.At(from, 0), clock.At(to.AddDays(1), 1440));
        var read = await queries.LoadAsync(ids, [.. days.Select(d => (string)DbValue.Of(d)!)], start, end < now ? end : now, start - LookBack, ct);
        return Of(read, days, calendars.Now, clock, now);
    }

    /// <summary>Pure: the same rows and the same instant give the same losses.</summary>
    public static IReadOnlyList<MachineLosses> Of(LossRead read, IReadOnlyList<DateOnly> days, PlantCalendar calendar, PlantClock clock, DateTimeOffset now)
    {
        var runs = read.Runs.ToLookup(r => r.MachineId);
        var tickets = read.Tickets.DistinctBy(t => t.Id).ToLookup(t => t.MachineId);
        var work = read.Work.ToLookup(w => w.MachineId!.Value);
        var presences = read.Presences.ToLookup(p => p.EmployeeId);
        var pieces = read.Pieces.ToLookup(p => p.MachineId);
        var stops = read.Stops.ToLookup(s => s.MachineId);
        var found = new List<MachineLosses>();
        foreach (var machine in read.Machines)
        {
            var times = new UnitTimes();
            var stood = new List<(string? Reason, TimeSpan Time)>();
            foreach (var window in Windows(machine, days, calendar, clock).Select(w => w.Clip(new Span(DateTimeOffset.MinValue, now))).Where(w => !w.IsEmpty))
            {
                var inWindow = runs[machine.Id].Where(r => r.Until(now).Overlaps(window)).ToList();
                var worked = work[machine.Id].Where(w => w.Until(now).Overlaps(window)).ToList();
                var watched = worked.Select(w => w.EmployeeId).Distinct().SelectMany(e => presences[e]).Concat(worked).Select(p => p.Until(now)).Where(s => s.Overlaps(window)).ToList();
                var stands = tickets[machine.Id].Select(t => (t.IsPlanned, new Span(t.StandsFrom, t.ReleasedAt ?? now))).ToList();
                var working = calendar.WorkingTime(machine.DepartmentId, machine.Id, window.Start, window.End);
                foreach (var timeline in MachineBuilder.Timelines(machine.Slots, inWindow, stands, window, working, watched, now))
                    times += UnitTimes.Of(timeline);
                stood.AddRange(stops[machine.Id].Select(s => (s.Reason, new Span(s.StartedAt, s.EndedAt ?? now).Clip(window).Length)).Where(s => s.Length > TimeSpan.Zero));
            }
            var made = pieces[machine.Id].ToList();
            found.Add(new MachineLosses
            {
                Machine = machine,
                Oee = Oee.Of(times, made.Select(p => new Production(p.ProductId, p.RunMinutes, p.Good, p.Scrap, p.Rework))),
                Scrap = made.Sum(p => p.Scrap),
                Rework = made.Sum(p => p.Rework),
                Stops = [.. stood.GroupBy(s => s.Reason).Select(g => new StopSum(g.Key, g.Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Time), g.Count())).OrderByDescending(s => s.Time)],
            });
        }
        return found;
    }

    /// <summary>From the first shift's start to the last one's end of each production day; a day without a shift is the calendar day, for work done all the same.</summary>
    private static IEnumerable<Span> Windows(FloorMachine machine, IReadOnlyList<DateOnly> days, PlantCalendar calendar, PlantClock clock)
    {
        var last = DateTimeOffset.MinValue;
        foreach (var day in days)
        {
            var shifts = calendar.ShiftsOf(machine.DepartmentId, machine.Id, day);
            var window = shifts.Count > 0 ? new Span(shifts.Min(s => s.Start), shifts.Max(s => s.End)) : new Span(clock.At(day, 0), clock.At(day, 1440));
            var start = window.Start > last ? window.Start : last;   // a day after a night shift begins where the night ended
            if (start < window.End)
                yield return new Span(start, window.End);
            last = window.End > last ? window.End : last;
        }
    }
}
