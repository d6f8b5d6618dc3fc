using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Machines;

/// <summary>One day on which a machine's own calendar gives it other hours than its department has.</summary>
public sealed record MachineHours(long MachineId, string Number, DateOnly Day, DayState State, decimal Hours, decimal DepartmentHours, string? Reason);

/// <summary>Where machines have hours of their own: the narrowest calendar wins, and this says on which days it narrows or widens the department's.</summary>
public sealed class MachineHoursService(MachineRepository machines, Calendars calendars, Rights rights, PlantClock clock)
{
    /// <summary>By day and machine, from a Monday on (null: this week's).</summary>
    public async Task<IReadOnlyList<MachineHours>> DifferingAsync(Actor actor, long departmentId, DateOnly? from = null, int weeks = 4, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsView, departmentId);
        if (weeks is < 1 or > CalendarService.MostWeeks)
            throw new InvalidException(nameof(weeks), "between", 1, CalendarService.MostWeeks);
        var calendar = calendars.Now;
        var own = (await machines.OfDepartmentAsync(departmentId, ct)).Where(m => calendar.Differs(m.Id)).ToList();
        if (own.Count == 0)
            return [];
        var (start, days) = (PlantClock.Monday(from ?? clock.Today), weeks * 7);
        var usual = WorkingHours.Of(calendar, departmentId, null, start, days, null).ToDictionary(d => d.Day);
        return [.. own.SelectMany(m => WorkingHours.Of(calendar, departmentId, m.Id, start, days, null).Where(d => d.Hours != usual[d.Day].Hours)
            .Select(d => new MachineHours(m.Id, m.Number, d.Day, d.State, d.Hours, usual[d.Day].Hours, d.Reason))).OrderBy(d => d.Day).ThenBy(d => d.Number, StringComparer.Ordinal)];
    }
}

/// <summary>A machine by id and number.</summary>
public sealed record MachineName
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
}
