using Pms.Core.Data;

namespace Pms.Core.Departments;

/// <summary>Writes shifts with their breaks and calendar exceptions, and reads them.</summary>
public sealed class CalendarRepository(Db db)
{
    private const string Columns = "id, department_id, machine_id, name, days, starts_minute, length_minutes, valid_from, valid_to, active, version";
    private const string ExceptionColumns = "id, department_id, machine_id, on_day, kind, starts_minute, length_minutes, reason, version";
    private const string OfScope = "((department_id = @departmentId) OR (department_id IS NULL AND @departmentId IS NULL)) AND ((machine_id = @machineId) OR (machine_id IS NULL AND @machineId IS NULL))";

    /// <summary>The shifts of exactly one scope, in order of their start.</summary>
    public async Task<IReadOnlyList<Shift>> ShiftsAsync(long? departmentId, long? machineId, CancellationToken ct = default) => await WithBreaksAsync(
        await db.ListAsync<Shift>($"SELECT {Columns} FROM shifts WHERE {OfScope} ORDER BY active DESC, starts_minute, id", new { departmentId, machineId }, ct), ct);

    public async Task<Shift?> FindShiftAsync(long id, CancellationToken ct = default) =>
        await db.FindAsync<Shift>($"SELECT {Columns} FROM shifts WHERE id = @id", new { id }, ct) is { } shift ? (await WithBreaksAsync([shift], ct))[0] : null;

    /// <summary>The exceptions of exactly one scope from a day on.</summary>
    public Task<IReadOnlyList<CalendarException>> ExceptionsAsync(long? departmentId, long? machineId, DateOnly from, CancellationToken ct = default) =>
        db.ListAsync<CalendarException>($"SELECT {ExceptionColumns} FROM calendar_exceptions WHERE {OfScope} AND on_day >= @from ORDER BY on_day, id", new { departmentId, machineId, from }, ct);

    public Task<CalendarException?> FindExceptionAsync(long id, CancellationToken ct = default) =>
        db.FindAsync<CalendarException>($"SELECT {ExceptionColumns} FROM calendar_exceptions WHERE id = @id", new { id }, ct);

    public async Task<long> InsertAsync(Tx tx, Shift s)
    {
        var id = await tx.InsertAsync(
            """
            INSERT INTO shifts (department_id, machine_id, name, days, starts_minute, length_minutes, valid_from, valid_to, active)
            VALUES (@DepartmentId, @MachineId, @Name, @Days, @StartsMinute, @LengthMinutes, @ValidFrom, @ValidTo, @Active)
            """, s);
        AddBreaks(tx, id, s);
        return id;
    }

    /// <summary>The breaks are replaced as a whole.</summary>
    public void Update(Tx tx, Shift before, Shift s)
    {
        tx.Add(
            """
            UPDATE shifts SET name = @Name, days = @Days, starts_minute = @StartsMinute, length_minutes = @LengthMinutes, valid_from = @ValidFrom, valid_to = @ValidTo,
                active = @Active, version = version + 1
            WHERE id = @Id AND version = @Version
            """, new { s.Id, s.Name, s.Days, s.StartsMinute, s.LengthMinutes, s.ValidFrom, s.ValidTo, s.Active, s.Version });
        tx.Add("DELETE FROM shift_breaks WHERE shift_id = @Id", new { s.Id }, before.Breaks.Count);
        AddBreaks(tx, s.Id, s);
    }

    /// <summary>Presences and allocations keep naming a shift, so one that was used stays.</summary>
    public async Task<int> DeleteAsync(Tx tx, Shift s)
    {
        var rows = await tx.ExecuteAsync("DELETE FROM shifts WHERE id = @Id AND version = @Version AND NOT EXISTS (SELECT 1 FROM allocations x WHERE x.shift_id = @Id)", new { s.Id, s.Version });
        if (rows > 0)
            await tx.ExecuteAsync("DELETE FROM shift_breaks WHERE shift_id = @Id", new { s.Id });
        return rows;
    }

    public Task<long> InsertAsync(Tx tx, CalendarException e) => tx.InsertAsync(
        """
        INSERT INTO calendar_exceptions (department_id, machine_id, on_day, kind, starts_minute, length_minutes, reason)
        VALUES (@DepartmentId, @MachineId, @OnDay, @Kind, @StartsMinute, @LengthMinutes, @Reason)
        """, new { e.DepartmentId, e.MachineId, e.OnDay, Kind = e.Kind.ToString(), e.StartsMinute, e.LengthMinutes, e.Reason });

    public void Update(Tx tx, CalendarException e) => tx.Add(
        """
        UPDATE calendar_exceptions SET on_day = @OnDay, kind = @Kind, starts_minute = @StartsMinute, length_minutes = @LengthMinutes, reason = @Reason, version = version + 1
        WHERE id = @Id AND version = @Version
        """, new { e.Id, e.OnDay, Kind = e.Kind.ToString(), e.StartsMinute, e.LengthMinutes, e.Reason, e.Version });

    public Task<int> DeleteAsync(Tx tx, CalendarException e) => tx.ExecuteAsync("DELETE FROM calendar_exceptions WHERE id = @Id AND version = @Version", new { e.Id, e.Version });

    private static void AddBreaks(Tx tx, long shiftId, Shift s)
    {
        foreach (var b in s.Breaks)
            tx.Add("INSERT INTO shift_breaks (shift_id, after_minutes, length_minutes) VALUES (@shiftId, @AfterMinutes, @LengthMinutes)", new { shiftId, b.AfterMinutes, b.LengthMinutes });
    }

    private async Task<IReadOnlyList<Shift>> WithBreaksAsync(IReadOnlyList<Shift> shifts, CancellationToken ct)
    {
        var ids = shifts.Select(s => s.Id).ToArray();
        var breaks = ids.Length == 0 ? [] : await db.ListAsync<ShiftBreak>(
            "SELECT shift_id, after_minutes, length_minutes FROM shift_breaks WHERE shift_id IN @ids ORDER BY after_minutes, id", new { ids }, ct);
        var of = breaks.ToLookup(b => b.ShiftId);
        return [.. shifts.Select(s => s with { Breaks = [.. of[s.Id]] })];
    }
}
