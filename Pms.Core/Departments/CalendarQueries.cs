using Dapper;
using Pms.Core.Data;

namespace Pms.Core.Departments;

/// <summary>Reads everything the plant's calendar is made of, in one round trip.</summary>
public sealed class CalendarQueries(Db db, PlantClock clock)
{
    public Task<PlantCalendar> LoadAsync(CancellationToken ct = default) => db.ManyAsync(
        """
        SELECT id, department_id, machine_id, name, days, starts_minute, length_minutes, valid_from, valid_to, active, version FROM shifts WHERE active = 1;
        SELECT b.shift_id, b.after_minutes, b.length_minutes FROM shift_breaks b JOIN shifts s ON s.id = b.shift_id AND s.active = 1 ORDER BY b.shift_id, b.after_minutes;
        SELECT id, department_id, machine_id, on_day, kind, starts_minute, length_minutes, reason, version FROM calendar_exceptions
        """, null, async grids =>
        {
            var shifts = (await grids.ReadAsync<Shift>()).AsList();
            var breaks = (await grids.ReadAsync<ShiftBreak>()).ToLookup(b => b.ShiftId);
            var exceptions = (await grids.ReadAsync<CalendarException>()).AsList();
            return new PlantCalendar(clock, shifts.Select(s => s with { Breaks = [.. breaks[s.Id]] }), exceptions);
        }, ct);
}
