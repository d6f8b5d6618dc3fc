using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>A plant of one department with three stages (cut, sew, pack), machines and people, written straight into the tables; enough to tap on.</summary>
public sealed class JobFloor : IAsyncDisposable
{
    public const long Department = 1, OtherDepartment = 2, Cut = 1, Sew = 2, Pack = 3, StopReason = 1, ScrapReason = 2;

    private JobFloor(TestPms pms) => Pms = pms;

    public TestPms Pms { get; }
    public JobService Jobs => Pms.Get<JobService>();
    public Db Db => Pms.Db;
    public DateTimeOffset Now => Pms.Clock.GetUtcNow();

    /// <summary>An operator of the department, as signed in by PIN.</summary>
    public static Actor Ann => Operator(1, "Ann Arendse");
    public static Actor Ben => Operator(2, "Ben Botha");
    /// <summary>Works in the other department only.</summary>
    public static Actor Far => Operator(9, "Far Fourie");
    /// <summary>A Supervisor of the department.</summary>
    public static Actor Sue => Operator(5, "Sue Sithole");

    public static Actor Operator(long id, string name) => new() { EmployeeId = id, Name = name, Channel = Channel.Api };

    public static async Task<JobFloor> StartAsync(Engine engine)
    {
        var floor = new JobFloor(await TestPms.StartAsync(engine));
        await floor.SeedAsync();
        await floor.Pms.Get<Rights>().LoadAsync();
        await floor.Pms.Get<Calendars>().LoadAsync();
        return floor;
    }

    public ValueTask DisposeAsync() => Pms.DisposeAsync();

    /// <summary>A new order with one item over cut → sew → pack, and one Planned job per step. Returns the jobs by stage.</summary>
    public async Task<Dictionary<long, long>> OrderAsync(decimal quantity = 250, decimal setupMinutes = 0, long? machine = null)
    {
        var number = "SO" + Guid.NewGuid().ToString("N")[..8];
        var jobs = new Dictionary<long, long>();
        await Db.InTransactionAsync(async tx =>
        {
            var order = await tx.InsertAsync("INSERT INTO orders (number, number_key, customer_id, due_on, status, created_at) VALUES (@number, @number, 1, '2026-01-20', 'Scheduled', 0)", new { number });
            var item = await tx.InsertAsync("INSERT INTO order_items (order_id, line, product_id, quantity, status) VALUES (@order, 1, 1, @quantity, 'Scheduled')", new { order, quantity });
            foreach (var stage in new[] { Cut, Sew, Pack })
            {
                var step = await tx.InsertAsync("INSERT INTO order_steps (item_id, position, stage_id, department_id, setup_minutes, run_minutes) VALUES (@item, @stage, @stage, 1, @setupMinutes, @run)", new { item, stage, setupMinutes, run = 0.5m });
                jobs[stage] = await tx.InsertAsync(
                    """
                    INSERT INTO jobs (order_id, item_id, step_id, product_id, department_id, stage_id, machine_id, kind, status, planned, planned_start, planned_end, setup_minutes, run_minutes, last_step, created_at)
                    VALUES (@order, @item, @step, 1, 1, @stage, @machine, 'Normal', 'Planned', @quantity, @now, @now, @setupMinutes, @run, @last, 0)
                    """, new { order, item, step, stage, machine = machine ?? stage, quantity, now = Now, setupMinutes, run = 0.5m, last = stage == Pack });
            }
        });
        return jobs;
    }

    public Task<Job?> JobAsync(long id) => Pms.Get<JobRepository>().FindAsync(id);

    public Task<long> CountAsync(string fromWhere) => Db.ScalarAsync<long>("SELECT COUNT(*) FROM " + fromWhere)!;

    /// <summary>What must hold whatever was tapped in whatever order; an empty list is good.</summary>
    public async Task<IReadOnlyList<string>> BrokenInvariantsAsync()
    {
        var broken = new List<string>();
        async Task None(string what, string sql)
        {
            if (await Db.ScalarAsync<long>($"SELECT COUNT(*) FROM ({sql}) AS x") is > 0 and var n)
                broken.Add($"{what}: {n}");
        }
        await None("sums differ from reports", "SELECT j.id FROM jobs j LEFT JOIN job_reports r ON r.job_id = j.id GROUP BY j.id, j.good, j.scrap, j.rework HAVING COALESCE(SUM(r.good), 0) <> j.good OR COALESCE(SUM(r.scrap), 0) <> j.scrap OR COALESCE(SUM(r.rework), 0) <> j.rework");
        await None("negative sums", "SELECT id FROM jobs WHERE good < 0 OR scrap < 0 OR rework < 0");
        await None("running without labour", "SELECT j.id FROM jobs j WHERE j.status = 'Running' AND NOT EXISTS (SELECT 1 FROM work_times w WHERE w.job_id = j.id AND w.ended_at IS NULL)");
        await None("running without machine time", "SELECT j.id FROM jobs j WHERE j.status = 'Running' AND j.machine_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM machine_runs r WHERE r.open_job_id = j.id AND r.kind <> 'Stop')");
        await None("clock runs on a job that does not", "SELECT j.id FROM jobs j WHERE j.status <> 'Running' AND (EXISTS (SELECT 1 FROM work_times w WHERE w.job_id = j.id AND w.ended_at IS NULL) OR EXISTS (SELECT 1 FROM machine_runs r WHERE r.open_job_id = j.id AND r.kind <> 'Stop'))");
        await None("labour without presence", "SELECT w.id FROM work_times w WHERE w.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM presences p WHERE p.open_employee_id = w.employee_id)");
        await None("stop without pause", "SELECT j.id FROM jobs j JOIN machine_runs r ON r.open_job_id = j.id WHERE r.kind = 'Stop' AND j.status <> 'Paused'");
        await None("ends before it starts", "SELECT id FROM machine_runs WHERE ended_at < started_at UNION ALL SELECT id FROM work_times WHERE ended_at < started_at");
        await None("machine slot used twice at once", "SELECT a.id FROM machine_runs a JOIN machine_runs b ON b.machine_id = a.machine_id AND b.slot = a.slot AND b.id > a.id AND a.started_at < COALESCE(b.ended_at, 9999999999999) AND b.started_at < COALESCE(a.ended_at, 9999999999999) WHERE a.state NOT IN ('Void', 'Superseded') AND b.state NOT IN ('Void', 'Superseded')");
        await None("person's slot used twice at once", "SELECT a.id FROM work_times a JOIN work_times b ON b.employee_id = a.employee_id AND b.slot = a.slot AND b.id > a.id AND a.started_at < COALESCE(b.ended_at, 9999999999999) AND b.started_at < COALESCE(a.ended_at, 9999999999999) WHERE a.state NOT IN ('Void', 'Superseded') AND b.state NOT IN ('Void', 'Superseded')");
        await None("version without audit", "SELECT y.id FROM (SELECT j.id, j.order_id, j.version - 1 AS changes, (SELECT COUNT(*) FROM audit a WHERE a.entity = 'job' AND a.entity_id = j.id AND a.action NOT IN ('job.manual', 'job.planned', 'job.split_off')) AS rows_ FROM jobs j) y WHERE y.changes < y.rows_ OR y.changes > y.rows_ AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.order_id = y.order_id)");   // a hold touches jobs and changes nothing of them
        await None("item complete with open jobs", "SELECT i.id FROM order_items i JOIN jobs j ON j.item_id = i.id WHERE i.status = 'Completed' AND j.status IN ('Planned', 'Running', 'Paused')");
        await None("work on an item that has not begun", "SELECT i.id FROM order_items i JOIN jobs j ON j.item_id = i.id WHERE i.status IN ('Scheduled', 'Unscheduled') AND (j.started_at IS NOT NULL OR j.good > 0)");
        return broken;
    }

    private Task SeedAsync() => Db.InTransactionAsync(async tx =>
    {
        foreach (var role in SeededRole.All)
        {
            if (await tx.FindAsync<long>("SELECT COUNT(*) FROM roles WHERE code = @Code", new { role.Code }) > 0)
                continue;
            var id = await tx.InsertAsync("INSERT INTO roles (code, name, name_key, seeded) VALUES (@Code, @Name, @Name, 1)", new { role.Code, role.Name });
            foreach (var (permission, scope) in role.Permissions)
                tx.Add("INSERT INTO role_permissions (role_id, permission, scope) VALUES (@id, @permission, @scope)", new { id, permission, scope });
        }
        tx.Add("INSERT INTO customers (id, name, name_key) VALUES (1, 'Blue Gum Outfitters', 'BLUE GUM OUTFITTERS')");
        tx.Add("INSERT INTO departments (id, code, code_key, name, name_key, kind) VALUES (1, 'SEW', 'SEW', 'Sewing', 'SEWING', 'Branding'), (2, 'PRT', 'PRT', 'Print', 'PRINT', 'Branding')", rows: 2);
        tx.Add("INSERT INTO shifts (id, name, days, starts_minute, length_minutes) VALUES (1, 'Early', 127, 360, 480), (2, 'Late', 127, 840, 480), (3, 'Night', 127, 1320, 480)", rows: 3);
        tx.Add("INSERT INTO stages (id, department_id, name, name_key, position, kind) VALUES (1, 1, 'Cut', 'CUT', 1, 'Machine'), (2, 1, 'Sew', 'SEW', 2, 'Machine'), (3, 1, 'Pack', 'PACK', 3, 'Machine')", rows: 3);
        foreach (var machine in new[] { 1L, 2, 3, 4 })
            tx.Add("INSERT INTO machines (id, number, number_key, name, name_key, department_id, slots) VALUES (@machine, @number, @number, 'Line', 'LINE', 1, @slots)", new { machine, number = $"M-{machine:00}", slots = machine == 4 ? 2 : 1 });
        foreach (var machine in new[] { 1L, 2, 3, 4 })
            tx.Add("INSERT INTO machine_stages (machine_id, stage_id) VALUES (@machine, 1), (@machine, 2), (@machine, 3)", new { machine }, rows: 3);
        foreach (var (id, first, last, kind, department) in new[] { (1L, "Ann", "Arendse", "Operator", 1L), (2, "Ben", "Botha", "Operator", 1), (3, "Cas", "Cele", "Operator", 1), (5, "Sue", "Sithole", "Supervisor", 1), (9, "Far", "Fourie", "Operator", 2) })
        {
            tx.Add("INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@id, @number, @number, @first, @last, @last, @department, @kind)",
                new { id, number = $"E{id:000}", first, last, department, kind });
            tx.Add("INSERT INTO employee_skills (employee_id, stage_id) VALUES (@id, 1), (@id, 2), (@id, 3)", new { id }, rows: 3);
        }
        tx.Add("INSERT INTO reasons (id, list, code, word, icon, position, kpi_class) VALUES (1, 'Stop', 'T-THREAD', 'Thread', 'x', 901, 'Technical'), (2, 'Scrap', 'T-DIRT', 'Dirt', 'x', 902, NULL)", rows: 2);
        tx.Add("INSERT INTO products (id, code, code_key, name, name_key, unit, lifecycle) VALUES (1, 'CAP-6', 'CAP-6', 'Cap 6-panel', 'CAP 6-PANEL', 'pcs', 'Active')");
    });
}
