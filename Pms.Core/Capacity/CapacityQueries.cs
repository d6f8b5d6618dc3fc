using Dapper;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Machines;

namespace Pms.Core.Capacity;

/// <summary>Reads what there is to work with and the open jobs as load. Only open jobs are read, by their status, so finished work costs nothing however much there is.</summary>
public sealed class CapacityQueries(Db db, Calendars calendars, PlantClock clock)
{
    private const string Machines = "m.retired_at IS NULL AND (@every = 1 OR m.department_id IN @departments OR m.id IN (SELECT ms.machine_id FROM machine_stages ms JOIN stages g ON g.id = ms.stage_id WHERE g.department_id IN @departments))";
    private const string Stages = "(@every = 1 OR g.department_id IN @departments)";

    private const string Plant = $"""
        SELECT id, code, name, kind, capacity_per_day, position, active, version FROM departments;
        SELECT id, department_id, name, position, kind, run_minutes, setup_minutes, lead_days, wait_hours, transfer_quantity, capacity_per_day, active FROM stages;
        SELECT id, department_id, code, name, active FROM work_centres;
        SELECT m.id, m.number, m.name, m.department_id, m.work_centre_id, m.speed_factor, m.ideal_minutes, m.slots, m.unattended FROM machines m WHERE {Machines};
        SELECT x.machine_id, x.stage_id FROM machine_stages x JOIN machines m ON m.id = x.machine_id WHERE {Machines};
        SELECT w.id, w.machine_id, w.kind, w.starts_at, w.ends_at, w.reason, w.version FROM machine_windows w JOIN machines m ON m.id = w.machine_id WHERE w.ends_at > @now AND {Machines};
        SELECT t.machine_id, t.number, COALESCE(t.stands_from, t.opened_at) AS stood_from, t.expected_back FROM maintenance_tickets t JOIN machines m ON m.id = t.standing_id WHERE {Machines};
        SELECT DISTINCT e.id, e.department_id, e.slots, e.active FROM employees e JOIN employee_skills k ON k.employee_id = e.id JOIN stages g ON g.id = k.stage_id WHERE e.active = 1 AND {Stages};
        SELECT k.employee_id, k.stage_id, k.expires_on FROM employee_skills k JOIN stages g ON g.id = k.stage_id WHERE {Stages};
        SELECT d.employee_id, d.department_id FROM employee_departments d WHERE (@every = 1 OR d.department_id IN @departments);
        SELECT a.employee_id, a.starts_at, a.ends_at FROM absences a WHERE a.ends_at > @now
        """;

    private const string LoadColumns =
        """
        SELECT j.id AS job_id, j.order_id, j.item_id, j.step_id, j.product_id, j.department_id, j.stage_id, j.work_centre_id, j.machine_id, j.status AS state, j.planned_start AS start, j.planned_end AS `end`,
               j.sequence, j.setup_minutes, j.run_minutes, CASE WHEN j.started_at IS NOT NULL AND COALESCE(j.phase, 'Run') <> 'Setup' THEN 1 ELSE 0 END AS setup_done, j.planned, j.good,
        """;

    private const string StepColumns =
        """
               s.crew, s.position, s.parallel, COALESCE(s.transfer_quantity, g.transfer_quantity) AS transfer_quantity, p.unit, p.name AS product, o.number AS order_number, o.priority, COALESCE(i.due_on, o.due_on) AS due_on,
               CASE WHEN EXISTS (SELECT 1 FROM order_steps n WHERE n.item_id = s.item_id AND n.department_id = s.department_id AND n.position > s.position AND n.required = 1) THEN 0 ELSE 1 END AS last_here
        """;

    private const string OfJobs =
        """
        FROM jobs j JOIN order_steps s ON s.id = j.step_id LEFT JOIN stages g ON g.id = j.stage_id JOIN order_items i ON i.id = j.item_id JOIN orders o ON o.id = j.order_id JOIN products p ON p.id = j.product_id
        WHERE j.status IN ('Planned', 'Running', 'Paused')
        """;

    // A machine may work for another department's job: those are read by their machine, and not twice.
    private const string LoadsOf = $"""
        {LoadColumns} {StepColumns} {OfJobs} AND j.department_id IN @departments
        UNION ALL
        {LoadColumns} {StepColumns} {OfJobs} AND j.department_id NOT IN @departments AND j.machine_id IN (SELECT m.id FROM machines m WHERE m.department_id IN @departments)
        """;

    private const string AllLoads = $"{LoadColumns} {StepColumns} {OfJobs}";

    /// <summary>The plant around some departments: their stages and people, and every machine of theirs or for their stages; null: all of it.</summary>
    public Task<CapacityPlant> PlantAsync(IReadOnlyCollection<long>? departments = null, CancellationToken ct = default)
    {
        var now = clock.Now;
        return db.ManyAsync(Plant, new { every = departments is null ? 1 : 0, departments = departments ?? [], now }, async grids =>
        {
            var all = (await grids.ReadAsync<Department>()).AsList();
            var stages = (await grids.ReadAsync<Stage>()).AsList();
            var centres = (await grids.ReadAsync<WorkCentre>()).AsList();
            var machines = (await grids.ReadAsync<Machine>()).AsList();
            var runs = (await grids.ReadAsync<(long Machine, long Stage)>()).ToLookup(x => x.Machine, x => x.Stage);
            var windows = (await grids.ReadAsync<MachineWindow>()).AsList();
            var standing = (await grids.ReadAsync<Standing>()).AsList();
            var people = (await grids.ReadAsync<Employee>()).AsList();
            var skills = (await grids.ReadAsync<Skill>()).ToLookup(s => s.EmployeeId);
            var further = (await grids.ReadAsync<(long Employee, long Department)>()).ToLookup(x => x.Employee, x => x.Department);
            var absences = (await grids.ReadAsync<Absence>()).AsList();
            var calendar = calendars.Now;
            var home = machines.ToDictionary(m => m.Id, m => m.DepartmentId);
            return new CapacityPlant(clock, calendar, now, all, stages, centres, machines.Select(m => m with { Stages = [.. runs[m.Id].Order()] }),
                windows.Concat(standing.Select(t => t.Window(calendar, home[t.MachineId], now))), people.Select(p => p with { Skills = [.. skills[p.Id]], FurtherDepartments = [.. further[p.Id]] }), absences);
        }, ct);
    }

    /// <summary>The open jobs of some departments and on their machines (null: all), as load.</summary>
    public Task<IReadOnlyList<PlannedLoad>> LoadsAsync(IReadOnlyCollection<long>? departments = null, CancellationToken ct = default) =>
        departments is null ? db.ListAsync<PlannedLoad>(AllLoads, null, ct) : db.ListAsync<PlannedLoad>(LoadsOf, new { departments }, ct);

    /// <summary>The same, read within a transaction that has taken their turns.</summary>
    public Task<IReadOnlyList<PlannedLoad>> LoadsAsync(Tx tx, IReadOnlyCollection<long> departments) => tx.ListAsync<PlannedLoad>(LoadsOf, new { departments });

    /// <summary>A step as the load that a job of it would be, without place and quantity; its minutes are the step's own.</summary>
    public Task<PlannedLoad?> StepAsync(long stepId, CancellationToken ct = default) => db.FindAsync<PlannedLoad>(
        $"""
        SELECT i.order_id, s.item_id, s.id AS step_id, i.product_id, s.department_id, s.stage_id, s.setup_minutes, s.run_minutes,
        {StepColumns}
        FROM order_steps s LEFT JOIN stages g ON g.id = s.stage_id JOIN order_items i ON i.id = s.item_id JOIN orders o ON o.id = i.order_id JOIN products p ON p.id = i.product_id WHERE s.id = @stepId
        """, new { stepId }, ct);

    /// <summary>A machine that stands, until it is expected back; where that is not known or has passed, until the end of the shift that runs.</summary>
    private sealed record Standing
    {
        public long MachineId { get; init; }
        public string Number { get; init; } = "";
        public DateTimeOffset StoodFrom { get; init; }
        public DateTimeOffset? ExpectedBack { get; init; }

        public MachineWindow Window(PlantCalendar calendar, long department, DateTimeOffset now) => new()
        {
            MachineId = MachineId, Kind = WindowKind.Standing, StartsAt = StoodFrom, Reason = Number,
            EndsAt = ExpectedBack > now ? ExpectedBack.Value : calendar.ShiftAt(department, MachineId, now)?.End ?? now.AddHours(1),
        };
    }
}
