using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SignIns;

namespace Pms.Bench.Live;

/// <summary>
/// A plant of as many operators as wanted, forty to a department, each allocated to a machine of their own with one job running there and three
/// planned behind it, and one manager. Ids follow from the person's: machine = person, the running job, its order, item and step = 4 × person − 3.
/// </summary>
internal static class LivePlant
{
    public const int PerDepartment = 40;
    public const int JobsEach = 4;
    public const string Pin = "481526", Manager = "manager", Password = "bench plant 2026";

    private const int Chunk = 250;

    public static long DepartmentOf(long person) => (person - 1) / PerDepartment + 1;

    public static int Departments(int people) => (int)DepartmentOf(people);

    public static long JobOf(long person) => (person - 1) * JobsEach + 1;

    public static string NumberOf(long person) => $"E{person:0000}";

    public static string MachineOf(long person) => $"M-{person:0000}";

    public static Task MakeAsync(BenchDatabase database, int people) => MakeAsync(database.Settings, database.Folder, people);

    public static async Task MakeAsync(DbSettings database, string folder, int people)
    {
        await using var services = Bare(database, folder);
        await services.GetRequiredService<Migrator>().MigrateAsync();
        await services.GetRequiredService<RoleSeed>().RunAsync();
        var hashing = services.GetRequiredService<Hashing>();
        var (pin, password) = (await hashing.HashAsync(Pin), await hashing.HashAsync(Password));
        var db = services.GetRequiredService<Db>();
        await db.InTransactionAsync(tx => HouseAsync(tx, people, password));
        for (var from = 1; from <= people; from += Chunk)
        {
            var some = Enumerable.Range(from, Math.Min(Chunk, people - from + 1)).Select(p => (long)p).ToList();
            await db.InTransactionAsync(tx => PeopleAsync(tx, some, pin));
            await db.InTransactionAsync(tx => WorkAsync(tx, some));
        }
    }

    /// <summary>The core alone over the database, without its periodic work.</summary>
    public static ServiceProvider Bare(DbSettings database, string folder) => new ServiceCollection().AddLogging().AddPmsCore(new CoreSettings
    {
        Database = database, Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), DataFolder = folder, PasswordWorkFactor = 4,
    }).BuildServiceProvider();

    private static async Task HouseAsync(Tx tx, int people, string password)
    {
        var departments = Enumerable.Range(1, Departments(people)).ToList();
        foreach (var sql in new[]
        {
            "INSERT INTO customers (id, name, name_key) VALUES (1, 'Blue Gum Outfitters', 'BLUE GUM OUTFITTERS')",
            "INSERT INTO shifts (id, name, days, starts_minute, length_minutes) VALUES (1, 'Early', 127, 360, 480), (2, 'Late', 127, 840, 480), (3, 'Night', 127, 1320, 480)",
            "INSERT INTO products (id, code, code_key, name, name_key, unit, lifecycle) VALUES (1, 'CAP-6', 'CAP-6', 'Cap 6-panel', 'CAP 6-PANEL', 'pcs', 'Active')",
            Rows("INSERT INTO departments (id, code, code_key, name, name_key, kind, position) VALUES ", departments.Select(d => $"({d},'D{d:00}','D{d:00}','Sewing {d}','SEWING {d}','Branding',{d})")),
            Rows("INSERT INTO stages (id, department_id, name, name_key, position, kind) VALUES ", departments.Select(d => $"({d},{d},'Sew','SEW',1,'Machine')")),
            $"INSERT INTO users (id, user_name, user_name_key, display_name, password_hash, created_at) VALUES (1, '{Manager}', '{Pms.Core.Text.Key(Manager)}', 'Mary Manthe', '{password}', {Now})",
            $"INSERT INTO user_roles (user_id, role_id) SELECT 1, id FROM roles WHERE code = '{Core.Identity.SeededRole.DepartmentManager}'",
            Rows("INSERT INTO user_departments (user_id, department_id) VALUES ", departments.Select(d => $"(1,{d})")),
        })
            await tx.ExecuteAsync(sql);
    }

    private static async Task PeopleAsync(Tx tx, List<long> people, string pin)
    {
        foreach (var sql in new[]
        {
            Rows("INSERT INTO machines (id, number, number_key, name, name_key, department_id, slots) VALUES ", people.Select(p => $"({p},'{MachineOf(p)}','{MachineOf(p)}','Line','LINE',{DepartmentOf(p)},1)")),
            Rows("INSERT INTO machine_stages (machine_id, stage_id) VALUES ", people.Select(p => $"({p},{DepartmentOf(p)})")),
            Rows("INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, kind) VALUES ", people.Select(p => $"({p},'{NumberOf(p)}','{NumberOf(p)}','Ann','Arendse {p}','ARENDSE {p}',{DepartmentOf(p)},'Operator')")),
            Rows("INSERT INTO employee_skills (employee_id, stage_id) VALUES ", people.Select(p => $"({p},{DepartmentOf(p)})")),
            Rows("INSERT INTO employee_credentials (employee_id, pin_hash, pin_set_at) VALUES ", people.Select(p => $"({p},'{pin}',{Now})")),
            Rows("INSERT INTO allocations (employee_id, machine_id, level, from_day) VALUES ", people.Select(p => $"({p},{p},'Primary','2020-01-01')")),
            Rows("INSERT INTO presences (employee_id, department_id, started_at, state) VALUES ", people.Select(p => $"({p},{DepartmentOf(p)},{Now},'Open')")),
        })
            await tx.ExecuteAsync(sql);
    }

    private static async Task WorkAsync(Tx tx, List<long> people)
    {
        var (now, quantity) = (Now, 250 * DbValue.Scale);
        var jobs = people.SelectMany(_ => Enumerable.Range(0, JobsEach), (p, n) => (Person: p, Id: JobOf(p) + n, First: n == 0, Sequence: n + 1, Department: DepartmentOf(p))).ToList();
        foreach (var sql in new[]
        {
            Rows("INSERT INTO orders (id, number, number_key, customer_id, due_on, status, created_at) VALUES ", jobs.Select(j => $"({j.Id},'SO{j.Id}','SO{j.Id}',1,'2030-01-20','{(j.First ? "InProgress" : "Scheduled")}',{now})")),
            Rows("INSERT INTO order_items (id, order_id, line, product_id, quantity, status) VALUES ", jobs.Select(j => $"({j.Id},{j.Id},1,1,{quantity},'{(j.First ? "InProgress" : "Scheduled")}')")),
            Rows("INSERT INTO order_steps (id, item_id, position, stage_id, department_id, setup_minutes, run_minutes) VALUES ", jobs.Select(j => $"({j.Id},{j.Id},1,{j.Department},{j.Department},0,{DbValue.Scale / 2})")),
            Rows("INSERT INTO jobs (id, order_id, item_id, step_id, product_id, department_id, stage_id, machine_id, kind, status, phase, planned, planned_start, planned_end, sequence, setup_minutes, run_minutes, last_step, started_at, operator_id, released_at, created_at) VALUES ",
                jobs.Select(j => $"({j.Id},{j.Id},{j.Id},{j.Id},1,{j.Department},{j.Department},{j.Person},'Normal',{(j.First ? "'Running','Run'" : "'Planned',NULL")},{quantity},{now},{now + 36_000_000},{j.Sequence},0,{DbValue.Scale / 2},1,{(j.First ? $"{now},{j.Person}" : "NULL,NULL")},{now},{now})")),
            Rows("INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, state) VALUES ", people.Select(p => $"({p},{DepartmentOf(p)},1,{JobOf(p)},'Run',{now},'Open')")),
            Rows("INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, state) VALUES ", people.Select(p => $"({p},{DepartmentOf(p)},1,{JobOf(p)},{p},'Run',{now},'Open')")),
        })
            await tx.ExecuteAsync(sql);
    }

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static string Rows(string head, IEnumerable<string> rows) => new StringBuilder(head).AppendJoin(',', rows).ToString();
}
