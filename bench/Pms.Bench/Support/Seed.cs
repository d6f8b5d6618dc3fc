using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;

namespace Pms.Bench.Support;

/// <summary>
/// A plant of one department with three stages, as many machines and operators as there are clients, all clocked in, and orders of one item
/// over three steps with a Planned job each. Ids follow from the order's: item = order, step = job = 3 × order + stage − 1.
/// </summary>
internal static class Seed
{
    public const int Stages = 3;
    public const int Quantity = 250;
    public const long Department = 1;

    /// <summary>A core over the database, migrated, with the plant in it.</summary>
    public static Task<ServiceProvider> StartAsync(BenchDatabase database, int people) => StartAsync(database.Settings, database.Folder, people);

    public static async Task<ServiceProvider> StartAsync(DbSettings database, string folder, int people)
    {
        var services = new ServiceCollection().AddLogging().AddPmsCore(new CoreSettings
        {
            Database = database, Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), DataFolder = folder,
        }).BuildServiceProvider();
        await services.GetRequiredService<Migrator>().MigrateAsync();
        await services.GetRequiredService<RoleSeed>().RunAsync();
        await services.GetRequiredService<Db>().InTransactionAsync(tx => PlantAsync(tx, people));
        await services.GetRequiredService<Rights>().LoadAsync();
        await services.GetRequiredService<Calendars>().LoadAsync();
        return services;
    }

    public static long JobOf(long order, int stage) => order * Stages + stage - 1;

    /// <summary>Makes orders <paramref name="first"/> … first + count − 1.</summary>
    public static async Task OrdersAsync(Db db, long first, int count)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        const int chunk = 200;
        for (var from = first; from < first + count; from += chunk)
        {
            var orders = Enumerable.Range(0, (int)Math.Min(chunk, first + count - from)).Select(i => from + i).ToList();
            var jobs = orders.SelectMany(_ => Enumerable.Range(1, Stages), (o, stage) => (Order: o, Stage: stage, Id: JobOf(o, stage))).ToList();
            await db.InTransactionAsync(async tx =>
            {
                await tx.ExecuteAsync(Rows("INSERT INTO orders (id, number, number_key, customer_id, due_on, status, created_at) VALUES ", orders.Select(o => $"({o},'SO{o}','SO{o}',1,'2030-01-20','Scheduled',{now})")));
                await tx.ExecuteAsync(Rows("INSERT INTO order_items (id, order_id, line, product_id, quantity, status) VALUES ", orders.Select(o => $"({o},{o},1,1,{Quantity * DbValue.Scale},'Scheduled')")));
                await tx.ExecuteAsync(Rows("INSERT INTO order_steps (id, item_id, position, stage_id, department_id, setup_minutes, run_minutes) VALUES ", jobs.Select(j => $"({j.Id},{j.Order},{j.Stage},{j.Stage},{Department},0,{DbValue.Scale / 2})")));
                await tx.ExecuteAsync(Rows(
                    "INSERT INTO jobs (id, order_id, item_id, step_id, product_id, department_id, stage_id, kind, status, planned, planned_start, planned_end, setup_minutes, run_minutes, last_step, released_at, created_at) VALUES ",
                    jobs.Select(j => $"({j.Id},{j.Order},{j.Order},{j.Id},1,{Department},{j.Stage},'Normal','Planned',{Quantity * DbValue.Scale},{now},{now},0,{DbValue.Scale / 2},{(j.Stage == Stages ? 1 : 0)},{now},{now})")));
            });
        }
    }

    private static async Task PlantAsync(Tx tx, int people)
    {
        var all = Enumerable.Range(1, people).ToList();
        foreach (var sql in new[]
        {
            "INSERT INTO customers (id, name, name_key) VALUES (1, 'Blue Gum Outfitters', 'BLUE GUM OUTFITTERS')",
            "INSERT INTO departments (id, code, code_key, name, name_key, kind) VALUES (1, 'SEW', 'SEW', 'Sewing', 'SEWING', 'Branding')",
            "INSERT INTO shifts (id, name, days, starts_minute, length_minutes) VALUES (1, 'Early', 127, 360, 480), (2, 'Late', 127, 840, 480), (3, 'Night', 127, 1320, 480)",
            "INSERT INTO stages (id, department_id, name, name_key, position, kind) VALUES (1, 1, 'Cut', 'CUT', 1, 'Machine'), (2, 1, 'Sew', 'SEW', 2, 'Machine'), (3, 1, 'Pack', 'PACK', 3, 'Machine')",
            "INSERT INTO products (id, code, code_key, name, name_key, unit, lifecycle) VALUES (1, 'CAP-6', 'CAP-6', 'Cap 6-panel', 'CAP 6-PANEL', 'pcs', 'Active')",
            Rows("INSERT INTO machines (id, number, number_key, name, name_key, department_id, slots) VALUES ", all.Select(i => $"({i},'M-{i:0000}','M-{i:0000}','Line','LINE',1,1)")),
            Rows("INSERT INTO machine_stages (machine_id, stage_id) VALUES ", all.SelectMany(i => Enumerable.Range(1, Stages).Select(s => $"({i},{s})"))),
            Rows("INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, kind) VALUES ", all.Select(i => $"({i},'E{i:0000}','E{i:0000}','Ann','Arendse {i}','ARENDSE {i}',1,'Operator')")),
            Rows("INSERT INTO employee_skills (employee_id, stage_id) VALUES ", all.SelectMany(i => Enumerable.Range(1, Stages).Select(s => $"({i},{s})"))),
            Rows("INSERT INTO presences (employee_id, department_id, started_at, state) VALUES ", all.Select(i => $"({i},1,{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()},'Open')")),
        })
            await tx.ExecuteAsync(sql);
    }

    private static string Rows(string head, IEnumerable<string> rows) => new StringBuilder(head).AppendJoin(',', rows).ToString();
}
