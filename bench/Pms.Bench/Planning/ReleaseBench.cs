using System.Data.Common;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Planning.Releases;

namespace Pms.Bench.Planning;

/// <summary>Plans many orders with their paths into jobs, with all checks, audit, outbox and events, beside a multi-row INSERT of the same rows.</summary>
internal sealed class ReleaseBench : Bench
{
    private const int Machines = 24;

    public override string Name => "release";
    public override string Usage => "release --engine sqlite|mysql [--orders 1135] [--connection STRING]";
    public override string What => "orders planned with paths into jobs, with all checks and audit, beside a multi-row INSERT of the same rows; orders per second, and the whole in seconds";
    public override string NameFor(Options options) => $"release-{options.Text("engine", "sqlite")}";

    public override async Task RunAsync(Options options, Report report)
    {
        var count = options.Number("orders", 1135);
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var services = await Seed.StartAsync(database, Machines);
        await using var besideDatabase = await database.BesideAsync(options);
        await using var beside = await Seed.StartAsync(besideDatabase, Machines);
        var (db, floorDb, releases) = (services.GetRequiredService<Db>(), beside.GetRequiredService<Db>(), services.GetRequiredService<ReleaseService>());
        // Each machine runs one stage, as in a plant.
        await db.InTransactionAsync(tx => tx.ExecuteAsync($"DELETE FROM machine_stages WHERE machine_id % {Seed.Stages} + 1 <> stage_id"));
        var planner = Actor.System("bench");
        var comparison = new Comparison($"{database.Kind}, {count} orders of {Seed.Stages} steps", "orders/s");
        var (next, seconds) = (1L, new List<double>());
        // One pair uncounted: the runtime compiles, the caches fill.
        for (var pair = -1; pair < options.Pairs; pair++)
        {
            await db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM jobs"));   // the plan of the pair before
            await OrdersAsync(db, next, count);
            await OrdersAsync(floorDb, next, count);
            var ids = Enumerable.Range(0, count).Select(i => next + i).ToList();
            var began = Stopwatch.GetTimestamp();
            var result = await releases.ReleaseAsync(planner, new(ids, EvenLate: true), Guid.NewGuid().ToString("N"));
            var pms = Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (result.Orders != count)
                throw new InvalidOperationException($"{result.Orders} of {count} orders were planned.");
            var rows = await TextsAsync(database.Settings.Dialect, db, next, next + count - 1);
            var floor = await WriteAsync(besideDatabase.Settings, rows, next, next + count - 1);
            next += count;
            if (pair < 0)
                continue;
            comparison.Add(count / pms, count / floor);
            seconds.Add(pms);
        }
        report.Add(comparison);
        Report.Say($"  the whole: {Comparison.Median(seconds):0.00} s ({seconds.Min():0.00}–{seconds.Max():0.00})");
    }

    /// <summary>Orders with their steps and no job yet.</summary>
    public static Task OrdersAsync(Db db, long first, int count) => db.InTransactionAsync(async tx =>
    {
        foreach (var orders in Enumerable.Range(0, count).Select(i => first + i).Chunk(200))
        {
            await tx.ExecuteAsync("INSERT INTO orders (id, number, number_key, customer_id, due_on, status, created_at) VALUES " + string.Join(',', orders.Select(o => $"({o},'SO{o}','SO{o}',1,'2030-01-20','Unscheduled',0)")));
            await tx.ExecuteAsync("INSERT INTO order_items (id, order_id, line, product_id, quantity, status) VALUES " + string.Join(',', orders.Select(o => $"({o},{o},10,1,{Seed.Quantity * DbValue.Scale},'Unscheduled')")));
            await tx.ExecuteAsync("INSERT INTO order_steps (id, item_id, position, stage_id, department_id, setup_minutes, run_minutes) VALUES "
                + string.Join(',', orders.SelectMany(o => Enumerable.Range(1, Seed.Stages).Select(s => $"({Seed.JobOf(o, s)},{o},{s},{s},{Seed.Department},0,{DbValue.Scale / 2})"))));
        }
    });

    /// <summary>The rows that were written, as INSERTs of 250 each.</summary>
    private static async Task<List<string>> TextsAsync(Dialect dialect, Db db, long first, long last)
    {
        var texts = new List<string>();
        await using var source = dialect.Connect(db.Settings);
        await using var connection = await source.OpenConnectionAsync();
        foreach (var (table, columns, where) in new[]
        {
            ("jobs", "order_id, item_id, step_id, product_id, department_id, stage_id, work_centre_id, machine_id, employee_id, locked, kind, status, planned, planned_start, planned_end, sequence, setup_minutes, run_minutes, last_step, note, released_at, created_at",
                $"order_id BETWEEN {first} AND {last}"),
            ("audit", "at, user_id, employee_id, for_employee_id, terminal_id, actor, channel, ip, agent, request_id, action, entity, entity_id, department_id, changes, reason", $"action = 'job.planned' AND entity_id IN (SELECT id FROM jobs WHERE order_id BETWEEN {first} AND {last})"),
            ("outbox", "at, kind, payload, next_at", $"kind = 'job.planned' AND id > (SELECT MAX(id) FROM outbox) - {(last - first + 1) * Seed.Stages}"),
        })
        {
            var rows = new List<string>();
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT {columns} FROM {table} WHERE {where} ORDER BY id";
            await using (var reader = await command.ExecuteReaderAsync())
                while (await reader.ReadAsync())
                    rows.Add("(" + string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(i => Literal(reader, i, dialect))) + ")");
            texts.AddRange(rows.Chunk(250).Select(r => new StringBuilder($"INSERT INTO {table} ({columns}) VALUES ").AppendJoin(',', r).ToString()));
        }
        return texts;
    }

    private static string Literal(DbDataReader reader, int i, Dialect dialect) => reader.GetValue(i) switch
    {
        DBNull => "NULL",
        string text => "'" + (dialect.OneWriter ? text : text.Replace("\\", "\\\\", StringComparison.Ordinal)).Replace("'", "''", StringComparison.Ordinal) + "'",
        bool yes => yes ? "1" : "0",
        var number => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number}"),
    };

    /// <summary>Seconds for the same rows and the same statuses, bare, in one transaction.</summary>
    private static async Task<double> WriteAsync(DbSettings settings, List<string> texts, long first, long last)
    {
        await using var source = settings.Dialect.Connect(settings);
        await using var connection = await source.OpenConnectionAsync();
        var began = Stopwatch.GetTimestamp();
        foreach (var text in texts.Prepend(settings.Dialect.Begin).Concat(
        [
            $"UPDATE order_items SET status = 'Scheduled', version = version + 1 WHERE id BETWEEN {first} AND {last}", $"UPDATE orders SET status = 'Scheduled', version = version + 1 WHERE id BETWEEN {first} AND {last}", "COMMIT",
        ]))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = text;
            await command.ExecuteNonQueryAsync();
        }
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
