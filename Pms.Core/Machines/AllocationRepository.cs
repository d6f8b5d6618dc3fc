using Pms.Core.Data;

namespace Pms.Core.Machines;

/// <summary>Writes allocations and reads them.</summary>
public sealed class AllocationRepository(Db db)
{
    private static readonly ListQuery List = new ListQuery(
            """
            SELECT a.id, a.employee_id, e.first_name, e.last_name, a.machine_id, m.number AS machine, m.department_id, a.level, a.shift_id, s.name AS shift, a.from_day, a.to_day, a.version
            """, "FROM allocations a JOIN employees e ON e.id = a.employee_id JOIN machines m ON m.id = a.machine_id LEFT JOIN shifts s ON s.id = a.shift_id", "a.id")
        .Contains("m.number_key", "e.name_key")
        .Filter("department", "m.department_id = @department", ListQuery.Number).Filter("machine", "a.machine_id = @machine", ListQuery.Number).Filter("employee", "a.employee_id = @employee", ListQuery.Number)
        .Filter("level", "a.level IN @level", ListQuery.OneOf<AllocationLevel>).Filter("on", "a.from_day <= @on AND (a.to_day IS NULL OR a.to_day >= @on)", ListQuery.Day)
        .Sort("machine", "m.number_key", "a.from_day").Sort("employee", "e.name_key").Sort("from", "a.from_day");

    public static ListShape Shape => List.Shape;

    public Task<Page<AllocationRow>> PageAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct) =>
        List.PageAsync<AllocationRow>(db, request, scope is null ? null : ("m.department_id IN @scope", new { scope }), ct);

    private const string Select = "SELECT id, employee_id, machine_id, level, shift_id, from_day, to_day, version FROM allocations";

    public Task<Allocation?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Allocation>(Select + " WHERE id = @id", new { id }, ct);

    /// <summary>Those of one machine that end on the day or later.</summary>
    public Task<IReadOnlyList<Allocation>> OfMachineAsync(long machineId, DateOnly from, CancellationToken ct = default) =>
        db.ListAsync<Allocation>(Select + " WHERE machine_id = @machineId AND (to_day IS NULL OR to_day >= @from) ORDER BY from_day, id", new { machineId, from }, ct);

    /// <summary>Everything that touches [from, to] in the departments (null: all), by machine and level.</summary>
    public Task<IReadOnlyList<AllocationRow>> ListAsync(DateOnly from, DateOnly to, IReadOnlySet<long>? departments, long? employeeId, CancellationToken ct = default) => db.ListAsync<AllocationRow>(
        """
        SELECT a.id, a.employee_id, e.first_name, e.last_name, a.machine_id, m.number AS machine, m.department_id, a.level, a.shift_id, s.name AS shift, a.from_day, a.to_day, a.version
        FROM allocations a JOIN employees e ON e.id = a.employee_id JOIN machines m ON m.id = a.machine_id LEFT JOIN shifts s ON s.id = a.shift_id
        WHERE a.from_day <= @to AND (a.to_day IS NULL OR a.to_day >= @from) AND (@every = 1 OR m.department_id IN @departments) AND (@employeeId IS NULL OR a.employee_id = @employeeId)
        ORDER BY m.number_key, CASE a.level WHEN 'Primary' THEN 0 WHEN 'Secondary' THEN 1 ELSE 2 END, a.from_day, a.id LIMIT 5000
        """, new { from, to, employeeId, every = departments is null ? 1 : 0, departments = departments ?? new HashSet<long>() }, ct);

    /// <summary>True if the machine can work in the shift: its own, its department's or the plant's.</summary>
    public async Task<bool> HasShiftAsync(long shiftId, Machine machine, CancellationToken ct) => await db.ScalarAsync<long>(
        "SELECT COUNT(*) FROM shifts WHERE id = @shiftId AND (machine_id = @Id OR (machine_id IS NULL AND (department_id IS NULL OR department_id = @DepartmentId)))",
        new { shiftId, machine.Id, machine.DepartmentId }, ct) > 0;

    public Task<long> InsertAsync(Tx tx, Allocation a) => tx.InsertAsync(
        "INSERT INTO allocations (employee_id, machine_id, level, shift_id, from_day, to_day) VALUES (@EmployeeId, @MachineId, @Level, @ShiftId, @FromDay, @ToDay)", Args(a));

    public void Update(Tx tx, Allocation a) => tx.Add(
        """
        UPDATE allocations SET employee_id = @EmployeeId, machine_id = @MachineId, level = @Level, shift_id = @ShiftId, from_day = @FromDay, to_day = @ToDay, version = version + 1
        WHERE id = @Id AND version = @Version
        """, Args(a));

    public void Delete(Tx tx, Allocation a) => tx.Add("DELETE FROM allocations WHERE id = @Id AND version = @Version", new { a.Id, a.Version });

    private static object Args(Allocation a) => new { a.Id, a.EmployeeId, a.MachineId, Level = a.Level.ToString(), a.ShiftId, a.FromDay, a.ToDay, a.Version };
}
