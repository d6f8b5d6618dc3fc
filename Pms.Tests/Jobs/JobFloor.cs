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

    public Task<IReadOnlyList<string>> BrokenInvariantsAsync() => FloorInvariants.BrokenAsync(Db);

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
