using Pms.Core.Data;

namespace Pms.Core.Departments;

/// <summary>Writes departments and stages, and reads them.</summary>
public sealed class DepartmentRepository(Db db)
{
    private static readonly ListQuery List = new ListQuery(
            """
            SELECT d.id, d.code, d.name, d.kind, u.display_name AS manager, d.daily_target, d.active, d.version,
                   (SELECT COUNT(*) FROM stages s WHERE s.department_id = d.id AND s.active = 1) AS stages,
                   (SELECT COUNT(*) FROM machines m WHERE m.department_id = d.id AND m.retired_at IS NULL) AS machines,
                   (SELECT COUNT(*) FROM employees e WHERE e.department_id = d.id AND e.active = 1) AS employees
            """, "FROM departments d LEFT JOIN users u ON u.id = d.manager_user_id", "d.id")
        .Contains("d.code_key", "d.name_key")
        .Filter("active", "d.active = @active", ListQuery.Flag)
        .Filter("kind", "d.kind IN @kind", ListQuery.OneOf<DepartmentKind>)
        .Sort("position", "d.position", "d.code_key").Sort("code", "d.code_key").Sort("name", "d.name_key").Sort("kind", "d.kind").Sort("target", "d.daily_target");

    public static ListShape Shape => List.Shape;

    private const string Select =
        "SELECT id, code, name, kind, manager_user_id, daily_target, weekly_target, monthly_target, capacity_per_day, sequence_reason, position, active, version FROM departments";
    private const string SelectStages =
        "SELECT id, department_id, name, position, kind, run_minutes, setup_minutes, supplier, lead_days, wait_hours, checks, transfer_quantity, capacity_per_day, active, version FROM stages";

    public Task<Page<DepartmentRow>> PageAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct = default) =>
        List.PageAsync<DepartmentRow>(db, request, scope is null ? null : ("d.id IN @scope", new { scope }), ct);

    /// <summary>By folded code.</summary>
    public async Task<IReadOnlyDictionary<string, Department>> ByCodeAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default) =>
        (await db.ListAsync<Department>(Select + " WHERE code_key IN @keys", new { keys }, ct)).ToDictionary(d => Text.Key(d.Code));

    public Task<Department?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Department>(Select + " WHERE id = @id", new { id }, ct);

    /// <summary>Active ones first to last in the plant's order; for pickers.</summary>
    public Task<IReadOnlyList<Department>> ActiveAsync(CancellationToken ct = default) =>
        db.ListAsync<Department>(Select + " WHERE active = 1 ORDER BY position, code_key, id", ct: ct);

    public Task<Stage?> FindStageAsync(long id, CancellationToken ct = default) => db.FindAsync<Stage>(SelectStages + " WHERE id = @id", new { id }, ct);

    public Task<IReadOnlyList<Stage>> StagesAsync(long departmentId, CancellationToken ct = default) =>
        db.ListAsync<Stage>(SelectStages + " WHERE department_id = @departmentId ORDER BY position, id", new { departmentId }, ct);

    /// <summary>Every stage of the plant in the departments' order; for pickers of paths, skills and machines.</summary>
    public Task<IReadOnlyList<Stage>> AllStagesAsync(CancellationToken ct = default) =>
        db.ListAsync<Stage>(SelectStages + " ORDER BY department_id, position, id", ct: ct);

    public Task<long> InsertAsync(Tx tx, Department d) => tx.InsertAsync(
        """
        INSERT INTO departments (code, code_key, name, name_key, kind, manager_user_id, daily_target, weekly_target, monthly_target, capacity_per_day, sequence_reason, position, active)
        VALUES (@Code, @CodeKey, @Name, @NameKey, @Kind, @ManagerUserId, @DailyTarget, @WeeklyTarget, @MonthlyTarget, @CapacityPerDay, @SequenceReason, @Position, @Active)
        """, Args(d));

    public void Update(Tx tx, Department d) => tx.Add(
        """
        UPDATE departments SET code = @Code, code_key = @CodeKey, name = @Name, name_key = @NameKey, kind = @Kind, manager_user_id = @ManagerUserId,
            daily_target = @DailyTarget, weekly_target = @WeeklyTarget, monthly_target = @MonthlyTarget, capacity_per_day = @CapacityPerDay,
            sequence_reason = @SequenceReason, position = @Position, active = @Active, version = version + 1
        WHERE id = @Id AND version = @Version
        """, Args(d));

    public Task<int> DeleteAsync(Tx tx, Department d) => tx.ExecuteAsync(
        """
        DELETE FROM departments WHERE id = @Id AND version = @Version
            AND NOT EXISTS (SELECT 1 FROM stages x WHERE x.department_id = @Id) AND NOT EXISTS (SELECT 1 FROM machines x WHERE x.department_id = @Id)
            AND NOT EXISTS (SELECT 1 FROM employees x WHERE x.department_id = @Id) AND NOT EXISTS (SELECT 1 FROM employee_departments x WHERE x.department_id = @Id)
            AND NOT EXISTS (SELECT 1 FROM user_departments x WHERE x.department_id = @Id) AND NOT EXISTS (SELECT 1 FROM work_centres x WHERE x.department_id = @Id)
            AND NOT EXISTS (SELECT 1 FROM shifts x WHERE x.department_id = @Id) AND NOT EXISTS (SELECT 1 FROM order_steps x WHERE x.department_id = @Id)
            AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.department_id = @Id)
        """, new { d.Id, d.Version });

    public Task<long> InsertStageAsync(Tx tx, Stage s) => tx.InsertAsync(
        """
        INSERT INTO stages (department_id, name, name_key, position, kind, run_minutes, setup_minutes, supplier, lead_days, wait_hours, checks, transfer_quantity, capacity_per_day, active)
        VALUES (@DepartmentId, @Name, @NameKey, @Position, @Kind, @RunMinutes, @SetupMinutes, @Supplier, @LeadDays, @WaitHours, @Checks, @TransferQuantity, @CapacityPerDay, @Active)
        """, Args(s));

    public void UpdateStage(Tx tx, Stage s) => tx.Add(
        """
        UPDATE stages SET name = @Name, name_key = @NameKey, position = @Position, kind = @Kind, run_minutes = @RunMinutes, setup_minutes = @SetupMinutes, supplier = @Supplier,
            lead_days = @LeadDays, wait_hours = @WaitHours, checks = @Checks, transfer_quantity = @TransferQuantity, capacity_per_day = @CapacityPerDay, active = @Active, version = version + 1
        WHERE id = @Id AND version = @Version
        """, Args(s));

    public Task<int> DeleteStageAsync(Tx tx, Stage s) => tx.ExecuteAsync(
        """
        DELETE FROM stages WHERE id = @Id AND version = @Version
            AND NOT EXISTS (SELECT 1 FROM machine_stages x WHERE x.stage_id = @Id) AND NOT EXISTS (SELECT 1 FROM employee_skills x WHERE x.stage_id = @Id)
            AND NOT EXISTS (SELECT 1 FROM product_steps x WHERE x.stage_id = @Id) AND NOT EXISTS (SELECT 1 FROM order_steps x WHERE x.stage_id = @Id)
            AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.stage_id = @Id) AND NOT EXISTS (SELECT 1 FROM work_instructions x WHERE x.stage_id = @Id)
        """, new { s.Id, s.Version });

    private static object Args(Department d) => new
    {
        d.Id, d.Code, CodeKey = Text.Key(d.Code), d.Name, NameKey = Text.Key(d.Name), Kind = d.Kind.ToString(), d.ManagerUserId, d.DailyTarget, d.WeeklyTarget,
        d.MonthlyTarget, d.CapacityPerDay, d.SequenceReason, d.Position, d.Active, d.Version,
    };

    private static object Args(Stage s) => new
    {
        s.Id, s.DepartmentId, s.Name, NameKey = Text.Key(s.Name), s.Position, Kind = s.Kind.ToString(), s.RunMinutes, s.SetupMinutes, s.Supplier, s.LeadDays, s.WaitHours,
        s.Checks, s.TransferQuantity, s.CapacityPerDay, s.Active, s.Version,
    };
}
