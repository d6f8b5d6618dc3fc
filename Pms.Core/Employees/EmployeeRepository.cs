using Pms.Core.Data;

namespace Pms.Core.Employees;

/// <summary>Writes employees with their departments, skills and absences, and reads them.</summary>
public sealed class EmployeeRepository(Db db, PlantClock clock)
{
    private static readonly ListQuery List = new ListQuery(
            """
            SELECT e.id, e.number, e.first_name, e.last_name, e.department_id, d.name AS department, e.position, e.kind, e.active, e.version,
                   (SELECT COUNT(*) FROM employee_skills s WHERE s.employee_id = e.id) AS skills,
                   EXISTS (SELECT 1 FROM absences a WHERE a.employee_id = e.id AND a.starts_at <= @now AND a.ends_at > @now) AS absent
            """, "FROM employees e JOIN departments d ON d.id = e.department_id", "e.id")
        .Contains("e.number_key", "e.name_key")
        .Filter("active", "e.active = @active", ListQuery.Flag)
        .Filter("department", "(e.department_id = @department OR EXISTS (SELECT 1 FROM employee_departments x WHERE x.employee_id = e.id AND x.department_id = @department))", ListQuery.Number)
        .Filter("kind", "e.kind IN @kind", ListQuery.OneOf<EmployeeKind>)
        .Filter("stage", "EXISTS (SELECT 1 FROM employee_skills x WHERE x.employee_id = e.id AND x.stage_id = @stage)", ListQuery.Number)
        .Sort("name", "e.name_key").Sort("number", "e.number_key").Sort("department", "d.name_key", "e.name_key").Sort("kind", "e.kind", "e.name_key");

    private static readonly ListQuery Skills = new ListQuery(
            "SELECT s.employee_id, s.stage_id, e.number, e.first_name, e.last_name, d.name AS department, t.name AS stage, s.expires_on",
            "FROM employee_skills s JOIN employees e ON e.id = s.employee_id JOIN departments d ON d.id = e.department_id JOIN stages t ON t.id = s.stage_id", "s.employee_id")
        .Where("e.active = 1 AND s.expires_on IS NOT NULL")
        .Contains("e.number_key", "e.name_key")
        .Filter("department", "(e.department_id = @department OR EXISTS (SELECT 1 FROM employee_departments x WHERE x.employee_id = e.id AND x.department_id = @department))", ListQuery.Number)
        .Filter("stage", "s.stage_id = @stage", ListQuery.Number)
        .Filter("due", "(CASE WHEN s.expires_on < @today THEN 'Expired' WHEN s.expires_on <= @in30 THEN '30' WHEN s.expires_on <= @in60 THEN '60' WHEN s.expires_on <= @in90 THEN '90' ELSE '' END) IN @due", Due)
        .Sort("expires", "s.expires_on", "e.name_key", "s.stage_id").Sort("name", "e.name_key", "s.stage_id").Sort("department", "d.name_key", "e.name_key", "s.stage_id").Sort("stage", "t.name_key", "e.name_key", "s.stage_id");

    public static ListShape Shape => List.Shape;

    public static ListShape SkillShape => Skills.Shape;

    /// <summary>Within 60 days includes within 30; what is expired already is another list.</summary>
    private static object? Due(string value) => value switch { "Expired" => new[] { value }, "30" => new[] { "30" }, "60" => new[] { "30", "60" }, "90" => new[] { "30", "60", "90" }, _ => null };

    public Task<Page<SkillRow>> SkillsAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct = default)
    {
        var (today, args) = (clock.Today, new Dapper.DynamicParameters());
        foreach (var (name, days) in new[] { ("today", 0), ("in30", 30), ("in60", 60), ("in90", 90) })
            args.Add(name, DbValue.Of(today.AddDays(days)));
        if (scope is not null)
            args.Add("scope", scope);
        return Skills.PageAsync<SkillRow>(db, request,
            (scope is null ? "1 = 1" : "(e.department_id IN @scope OR EXISTS (SELECT 1 FROM employee_departments y WHERE y.employee_id = e.id AND y.department_id IN @scope))", args), ct);
    }

    private const string Select = "SELECT id, number, first_name, last_name, department_id, position, kind, email, phone, slots, hired_on, active, version FROM employees";
    private const string SelectAbsence = "SELECT id, employee_id, starts_at, ends_at, kind, note, version FROM absences";

    public Task<Page<EmployeeRow>> PageAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct = default) => List.PageAsync<EmployeeRow>(db, request,
        scope is null ? ("1 = 1", new { now = clock.Now })
            : ("(e.department_id IN @scope OR EXISTS (SELECT 1 FROM employee_departments x WHERE x.employee_id = e.id AND x.department_id IN @scope))", new { scope, now = clock.Now }), ct);

    public Task<Employee?> FindAsync(long id, CancellationToken ct = default) => db.ManyAsync(
        $"""
        {Select} WHERE id = @id;
        SELECT department_id FROM employee_departments WHERE employee_id = @id ORDER BY department_id;
        SELECT employee_id, stage_id, expires_on FROM employee_skills WHERE employee_id = @id ORDER BY stage_id
        """, new { id }, async grids =>
        {
            var employee = await grids.ReadFirstOrDefaultAsync<Employee>();
            var departments = (await grids.ReadAsync<long>()).ToArray();
            var skills = (await grids.ReadAsync<Skill>()).ToArray();
            return employee is null ? null : employee with { FurtherDepartments = departments, Skills = skills };
        }, ct);

    /// <summary>By folded number.</summary>
    public Task<IReadOnlyDictionary<string, Employee>> ByNumberAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default) => db.ManyAsync<IReadOnlyDictionary<string, Employee>>(
        $"""
        {Select} WHERE number_key IN @keys;
        SELECT x.employee_id, x.department_id FROM employee_departments x JOIN employees e ON e.id = x.employee_id WHERE e.number_key IN @keys ORDER BY x.department_id;
        SELECT x.employee_id, x.stage_id, x.expires_on FROM employee_skills x JOIN employees e ON e.id = x.employee_id WHERE e.number_key IN @keys ORDER BY x.stage_id
        """, new { keys }, async grids =>
        {
            var people = (await grids.ReadAsync<Employee>()).ToList();
            var departments = (await grids.ReadAsync<(long Employee, long Department)>()).ToLookup(d => d.Employee, d => d.Department);
            var skills = (await grids.ReadAsync<Skill>()).ToLookup(s => s.EmployeeId);
            return people.ToDictionary(e => Text.Key(e.Number), e => e with { FurtherDepartments = [.. departments[e.Id]], Skills = [.. skills[e.Id]] });
        }, ct);

    public async Task<long> InsertAsync(Tx tx, Employee e)
    {
        var id = await tx.InsertAsync(
            """
            INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, position, kind, email, phone, slots, hired_on, active)
            VALUES (@Number, @NumberKey, @FirstName, @LastName, @NameKey, @DepartmentId, @Position, @Kind, @Email, @Phone, @Slots, @HiredOn, @Active)
            """, Args(e));
        AddParts(tx, id, e);
        return id;
    }

    /// <summary>Takes the row's lock without changing it.</summary>
    public Task StandInLineAsync(Tx tx, long id) => tx.ExecuteAsync("UPDATE employees SET version = version WHERE id = @id", new { id });

    /// <summary>Departments and skills are replaced as a whole.</summary>
    public void Update(Tx tx, Employee before, Employee e)
    {
        tx.Add(
            """
            UPDATE employees SET number = @Number, number_key = @NumberKey, first_name = @FirstName, last_name = @LastName, name_key = @NameKey, department_id = @DepartmentId,
                position = @Position, kind = @Kind, email = @Email, phone = @Phone, slots = @Slots, hired_on = @HiredOn, active = @Active, version = version + 1
            WHERE id = @Id AND version = @Version
            """, Args(e));
        tx.Add("DELETE FROM employee_departments WHERE employee_id = @Id", new { e.Id }, before.FurtherDepartments.Count);
        tx.Add("DELETE FROM employee_skills WHERE employee_id = @Id", new { e.Id }, before.Skills.Count);
        AddParts(tx, e.Id, e);
    }

    /// <summary>Only a person who never did anything can go; history names the others.</summary>
    public async Task<int> DeleteAsync(Tx tx, Employee e)
    {
        var rows = await tx.ExecuteAsync(
            """
            DELETE FROM employees WHERE id = @Id AND version = @Version
                AND NOT EXISTS (SELECT 1 FROM users x WHERE x.employee_id = @Id) AND NOT EXISTS (SELECT 1 FROM allocations x WHERE x.employee_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM absences x WHERE x.employee_id = @Id) AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.employee_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM work_times x WHERE x.employee_id = @Id) AND NOT EXISTS (SELECT 1 FROM presences x WHERE x.employee_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM job_reports x WHERE x.employee_id = @Id) AND NOT EXISTS (SELECT 1 FROM audit x WHERE x.employee_id = @Id)
                AND NOT EXISTS (SELECT 1 FROM employee_credentials x WHERE x.employee_id = @Id)
            """, new { e.Id, e.Version });
        if (rows > 0)
        {
            await tx.ExecuteAsync("DELETE FROM employee_departments WHERE employee_id = @Id", new { e.Id });
            await tx.ExecuteAsync("DELETE FROM employee_skills WHERE employee_id = @Id", new { e.Id });
        }
        return rows;
    }

    public Task<IReadOnlyList<Absence>> AbsencesAsync(long employeeId, CancellationToken ct = default) =>
        db.ListAsync<Absence>(SelectAbsence + " WHERE employee_id = @employeeId ORDER BY starts_at DESC, id DESC LIMIT 200", new { employeeId }, ct);

    public Task<Absence?> FindAbsenceAsync(long id, CancellationToken ct = default) => db.FindAsync<Absence>(SelectAbsence + " WHERE id = @id", new { id }, ct);

    public Task<long> InsertAsync(Tx tx, Absence a) => tx.InsertAsync(
        "INSERT INTO absences (employee_id, starts_at, ends_at, kind, note) VALUES (@EmployeeId, @StartsAt, @EndsAt, @Kind, @Note)", Args(a));

    public void Update(Tx tx, Absence a) => tx.Add(
        "UPDATE absences SET starts_at = @StartsAt, ends_at = @EndsAt, kind = @Kind, note = @Note, version = version + 1 WHERE id = @Id AND version = @Version", Args(a));

    public Task<int> DeleteAsync(Tx tx, Absence a) => tx.ExecuteAsync("DELETE FROM absences WHERE id = @Id AND version = @Version", new { a.Id, a.Version });

    private static void AddParts(Tx tx, long id, Employee e)
    {
        foreach (var department in e.FurtherDepartments)
            tx.Add("INSERT INTO employee_departments (employee_id, department_id) VALUES (@id, @department)", new { id, department });
        foreach (var skill in e.Skills)
            tx.Add("INSERT INTO employee_skills (employee_id, stage_id, expires_on) VALUES (@id, @StageId, @ExpiresOn)", new { id, skill.StageId, skill.ExpiresOn });
    }

    private static object Args(Absence a) => new { a.Id, a.EmployeeId, a.StartsAt, a.EndsAt, Kind = a.Kind.ToString(), a.Note, a.Version };

    private static object Args(Employee e) => new
    {
        e.Id, e.Number, NumberKey = Text.Key(e.Number), e.FirstName, e.LastName, NameKey = Text.Key($"{e.LastName} {e.FirstName}"), e.DepartmentId, e.Position,
        Kind = e.Kind.ToString(), e.Email, e.Phone, e.Slots, e.HiredOn, e.Active, e.Version,
    };
}
