using Pms.Core.Data;

namespace Pms.Core.Machines;

/// <summary>Writes machines, work centres and meter readings, and reads them.</summary>
public sealed class MachineRepository(Db db)
{
    private static readonly ListQuery List = new ListQuery(
            """
            SELECT m.id, m.number, m.name, m.department_id, d.name AS department, w.name AS work_centre, m.type, m.version,
                   (SELECT COUNT(*) FROM machine_stages s WHERE s.machine_id = m.id) AS stages,
                   CASE WHEN m.retired_at IS NOT NULL THEN 'Retired'
                        WHEN EXISTS (SELECT 1 FROM maintenance_tickets t WHERE t.standing_id = m.id AND t.status = 'InProgress') THEN 'Maintenance'
                        WHEN EXISTS (SELECT 1 FROM maintenance_tickets t WHERE t.standing_id = m.id) THEN 'Broken'
                        ELSE 'Available' END AS `condition`,
                   EXISTS (SELECT 1 FROM machine_runs r WHERE r.open_machine_id = m.id AND r.kind <> 'Stop') AS in_use
            """, "FROM machines m JOIN departments d ON d.id = m.department_id LEFT JOIN work_centres w ON w.id = m.work_centre_id", "m.id")
        .Contains("m.number_key", "m.name_key")
        .Filter("retired", "(CASE WHEN m.retired_at IS NULL THEN 0 ELSE 1 END) = @retired", ListQuery.Flag)
        .Filter("department", "m.department_id = @department", ListQuery.Number)
        .Filter("workcentre", "m.work_centre_id = @workcentre", ListQuery.Number)
        .Filter("stage", "EXISTS (SELECT 1 FROM machine_stages x WHERE x.machine_id = m.id AND x.stage_id = @stage)", ListQuery.Number)
        .Sort("number", "m.number_key").Sort("name", "m.name_key").Sort("department", "d.name_key", "m.number_key").Sort("type", "m.type", "m.number_key");

    public static ListShape Shape => List.Shape;

    private const string Select =
        """
        SELECT id, number, name, department_id, work_centre_id, type, manufacturer, model, serial, purchased_on, speed_factor, pieces_per_cycle, ideal_minutes, slots,
               unattended, retired_at, version FROM machines
        """;
    private const string SelectReading = "SELECT id, machine_id, at, kind, value, is_reset, reason, by_whom FROM meter_readings";
    private const string SelectCentre = "SELECT id, department_id, code, name, active, version FROM work_centres";

    public Task<Page<MachineRow>> PageAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct = default) =>
        List.PageAsync<MachineRow>(db, request, scope is null ? null : ("m.department_id IN @scope", new { scope }), ct);

    public Task<Machine?> FindAsync(long id, CancellationToken ct = default) => db.ManyAsync(
        $"{Select} WHERE id = @id; SELECT stage_id FROM machine_stages WHERE machine_id = @id ORDER BY stage_id", new { id }, async grids =>
        {
            var machine = await grids.ReadFirstOrDefaultAsync<Machine>();
            var stages = (await grids.ReadAsync<long>()).ToArray();
            return machine is null ? null : machine with { Stages = stages };
        }, ct);

    public Task<long?> FindIdAsync(string number, CancellationToken ct = default) => db.ScalarAsync<long?>("SELECT id FROM machines WHERE number_key = @key", new { key = Text.Key(number) }, ct);

    /// <summary>Those in service, by number.</summary>
    public Task<IReadOnlyList<MachineName>> OfDepartmentAsync(long departmentId, CancellationToken ct = default) =>
        db.ListAsync<MachineName>("SELECT id, number FROM machines WHERE department_id = @departmentId AND retired_at IS NULL ORDER BY number_key", new { departmentId }, ct);

    /// <summary>By folded number.</summary>
    public Task<IReadOnlyDictionary<string, Machine>> ByNumberAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default) => db.ManyAsync<IReadOnlyDictionary<string, Machine>>(
        $"{Select} WHERE number_key IN @keys; SELECT s.machine_id, s.stage_id FROM machine_stages s JOIN machines m ON m.id = s.machine_id WHERE m.number_key IN @keys ORDER BY s.stage_id",
        new { keys }, async grids =>
        {
            var machines = (await grids.ReadAsync<Machine>()).ToList();
            var stages = (await grids.ReadAsync<(long Machine, long Stage)>()).ToLookup(s => s.Machine, s => s.Stage);
            return machines.ToDictionary(m => Text.Key(m.Number), m => m with { Stages = [.. stages[m.Id]] });
        }, ct);

    public async Task<long> InsertAsync(Tx tx, Machine m)
    {
        var id = await tx.InsertAsync(
            """
            INSERT INTO machines (number, number_key, name, name_key, department_id, work_centre_id, type, manufacturer, model, serial, purchased_on, speed_factor,
                pieces_per_cycle, ideal_minutes, slots, unattended, retired_at)
            VALUES (@Number, @NumberKey, @Name, @NameKey, @DepartmentId, @WorkCentreId, @Type, @Manufacturer, @Model, @Serial, @PurchasedOn, @SpeedFactor,
                @PiecesPerCycle, @IdealMinutes, @Slots, @Unattended, @RetiredAt)
            """, Args(m));
        AddStages(tx, id, m);
        return id;
    }

    /// <summary>Holds the transaction to the machine as it was read, without changing it.</summary>
    public void Unchanged(Tx tx, long id, int version) => tx.Add("UPDATE machines SET version = version WHERE id = @id AND version = @version", new { id, version });

    /// <summary>Makes whatever begins on the machine at this moment decide again.</summary>
    public Task<int> TouchAsync(Tx tx, long id) => tx.ExecuteAsync("UPDATE machines SET version = version + 1 WHERE id = @id", new { id });

    /// <summary>The stages are replaced as a whole.</summary>
    public void Update(Tx tx, Machine before, Machine m)
    {
        tx.Add(
            """
            UPDATE machines SET number = @Number, number_key = @NumberKey, name = @Name, name_key = @NameKey, department_id = @DepartmentId, work_centre_id = @WorkCentreId,
                type = @Type, manufacturer = @Manufacturer, model = @Model, serial = @Serial, purchased_on = @PurchasedOn, speed_factor = @SpeedFactor,
                pieces_per_cycle = @PiecesPerCycle, ideal_minutes = @IdealMinutes, slots = @Slots, unattended = @Unattended, retired_at = @RetiredAt, version = version + 1
            WHERE id = @Id AND version = @Version
            """, Args(m));
        tx.Add("DELETE FROM machine_stages WHERE machine_id = @Id", new { m.Id }, before.Stages.Count);
        AddStages(tx, m.Id, m);
    }

    public async Task<int> DeleteAsync(Tx tx, Machine m)
    {
        var rows = await tx.ExecuteAsync(
            """
            DELETE FROM machines WHERE id = @Id AND version = @Version
                AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.machine_id = @Id) AND NOT EXISTS (SELECT 1 FROM machine_runs x WHERE x.machine_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM allocations x WHERE x.machine_id = @Id) AND NOT EXISTS (SELECT 1 FROM maintenance_tickets x WHERE x.machine_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM shifts x WHERE x.machine_id = @Id) AND NOT EXISTS (SELECT 1 FROM meter_readings x WHERE x.machine_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM machine_windows x WHERE x.machine_id = @Id)
            """, new { m.Id, m.Version });
        if (rows > 0)
            await tx.ExecuteAsync("DELETE FROM machine_stages WHERE machine_id = @Id", new { m.Id });
        return rows;
    }

    /// <summary>True while something runs on it or is planned for it.</summary>
    public Task<bool> HasWorkAsync(long id, CancellationToken ct = default) => db.ScalarAsync<bool>(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE machine_id = @id AND status IN ('Planned', 'Running', 'Paused'))", new { id }, ct);

    /// <summary>How often the machine's allocations were changed; see <see cref="TouchAllocations"/>.</summary>
    public Task<int> AllocationsVersionAsync(long id, CancellationToken ct = default) =>
        db.ScalarAsync<int>("SELECT allocations_version FROM machines WHERE id = @id", new { id }, ct);

    /// <summary>Two people who allocate at the same machine at once: the later one decides again on what the earlier one wrote.</summary>
    public void TouchAllocations(Tx tx, long id, int seen) => tx.Add(
        "UPDATE machines SET allocations_version = allocations_version + 1 WHERE id = @id AND allocations_version = @seen", new { id, seen });

    private static readonly ListQuery Centres = new ListQuery(
            """
            SELECT w.id, w.code, w.name, w.department_id, d.name AS department, w.active, w.version,
                   (SELECT COUNT(*) FROM machines m WHERE m.work_centre_id = w.id AND m.retired_at IS NULL) AS machines
            """, "FROM work_centres w JOIN departments d ON d.id = w.department_id", "w.id")
        .Contains("w.code_key").ContainsOf(nameof(WorkCentre.DepartmentId), "d.name_key")
        .Filter("active", "w.active = @active", ListQuery.Flag)
        .Filter("department", "w.department_id = @department", ListQuery.Number)
        .Sort("code", "w.code_key").Sort("name", "w.name").Sort("department", "d.position", "d.code_key");

    public static ListShape CentreShape => Centres.Shape;

    public Task<Page<WorkCentreRow>> CentrePageAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct = default) =>
        Centres.PageAsync<WorkCentreRow>(db, request, scope is null ? null : ("w.department_id IN @scope", new { scope }), ct);

    public Task<int> DeleteAsync(Tx tx, WorkCentre w) => tx.ExecuteAsync(
        """
        DELETE FROM work_centres WHERE id = @Id AND version = @Version
            AND NOT EXISTS (SELECT 1 FROM machines x WHERE x.work_centre_id = @Id) AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.work_centre_id = @Id)
        """, new { w.Id, w.Version });

    public Task<IReadOnlyList<WorkCentre>> WorkCentresAsync(CancellationToken ct = default) => db.ListAsync<WorkCentre>(SelectCentre + " ORDER BY code_key, id", ct: ct);

    public Task<WorkCentre?> FindWorkCentreAsync(long id, CancellationToken ct = default) => db.FindAsync<WorkCentre>(SelectCentre + " WHERE id = @id", new { id }, ct);

    public Task<long> InsertAsync(Tx tx, WorkCentre w) => tx.InsertAsync(
        "INSERT INTO work_centres (department_id, code, code_key, name, active) VALUES (@DepartmentId, @Code, @CodeKey, @Name, @Active)", Args(w));

    public void Update(Tx tx, WorkCentre w) => tx.Add(
        """
        UPDATE work_centres SET department_id = @DepartmentId, code = @Code, code_key = @CodeKey, name = @Name, active = @Active, version = version + 1
        WHERE id = @Id AND version = @Version
        """, Args(w));

    public Task<IReadOnlyList<MeterReading>> ReadingsAsync(long machineId, CancellationToken ct = default) => db.ListAsync<MeterReading>(
        SelectReading + " WHERE machine_id = @machineId ORDER BY at DESC, id DESC LIMIT 100", new { machineId }, ct);

    /// <summary>Windows of one machine are decided one after the other.</summary>
    public static Task<int> LockWindowsAsync(Tx tx, long machineId) => tx.ExecuteAsync("UPDATE machines SET windows_version = windows_version + 1 WHERE id = @machineId", new { machineId });

    /// <summary>Holds the machine's counters to this transaction: what is read after it stays the neighbour until the commit.</summary>
    public static Task<int> LockMetersAsync(Tx tx, long machineId) => tx.ExecuteAsync("UPDATE machines SET meters_version = meters_version + 1 WHERE id = @machineId", new { machineId });

    /// <summary>The counter's readings next before (or at) and next after an instant.</summary>
    public static async Task<(MeterReading? Before, MeterReading? After)> NeighboursAsync(Tx tx, MeterReading r)
    {
        var args = new { r.MachineId, r.At, Kind = r.Kind.ToString() };
        var before = await tx.ListAsync<MeterReading>(SelectReading + " WHERE machine_id = @MachineId AND kind = @Kind AND at <= @At ORDER BY at DESC, id DESC LIMIT 1", args);
        var after = await tx.ListAsync<MeterReading>(SelectReading + " WHERE machine_id = @MachineId AND kind = @Kind AND at > @At ORDER BY at, id LIMIT 1", args);
        return (before.Count > 0 ? before[0] : null, after.Count > 0 ? after[0] : null);
    }

    public Task<long> InsertAsync(Tx tx, MeterReading r) => tx.InsertAsync(
        "INSERT INTO meter_readings (machine_id, at, kind, value, is_reset, reason, by_whom) VALUES (@MachineId, @At, @Kind, @Value, @IsReset, @Reason, @ByWhom)",
        new { r.MachineId, r.At, Kind = r.Kind.ToString(), r.Value, r.IsReset, r.Reason, r.ByWhom });

    private static void AddStages(Tx tx, long id, Machine m)
    {
        foreach (var stage in m.Stages)
            tx.Add("INSERT INTO machine_stages (machine_id, stage_id) VALUES (@id, @stage)", new { id, stage });
    }

    private static object Args(WorkCentre w) => new { w.Id, w.DepartmentId, w.Code, CodeKey = Text.Key(w.Code), w.Name, w.Active, w.Version };

    private static object Args(Machine m) => new
    {
        m.Id, m.Number, NumberKey = Text.Key(m.Number), m.Name, NameKey = Text.Key(m.Name), m.DepartmentId, m.WorkCentreId, m.Type, m.Manufacturer, m.Model, m.Serial,
        m.PurchasedOn, m.SpeedFactor, m.PiecesPerCycle, m.IdealMinutes, m.Slots, m.Unattended, m.RetiredAt, m.Version,
    };
}
