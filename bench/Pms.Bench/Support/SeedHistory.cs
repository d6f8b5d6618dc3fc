using System.Data.Common;
using System.Diagnostics;
using Pms.Core.Data;

namespace Pms.Bench.Support;

/// <summary>
/// Years of finished work behind the open orders of <see cref="Seed"/>: of each order one item, four steps and twenty jobs, each job with its report, its machine's
/// and its person's time, spread evenly over two years up to yesterday. Written by INSERT … SELECT over a table of numbers, past every rule.
/// </summary>
internal static class SeedHistory
{
    public const int JobsOfOrder = 20, StepsOfOrder = 4;

    /// <summary>Beyond every id that <see cref="Seed"/> gives.</summary>
    public const long First = 1_000_000;

    private const int Chunk = 50_000;

    /// <param name="jobs">A multiple of <see cref="JobsOfOrder"/>.</param>
    public static async Task FillAsync(DbSettings settings, int jobs, int people)
    {
        var began = Stopwatch.GetTimestamp();
        await using var source = settings.Dialect.Connect(settings);
        await using var connection = await source.OpenConnectionAsync();
        var sqlite = settings.Dialect == Dialect.Sqlite;
        async Task SendAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            (command.CommandText, command.CommandTimeout) = (sql, 0);
            await command.ExecuteNonQueryAsync();
        }

        if (sqlite)
            await SendAsync("PRAGMA synchronous = OFF");
        await SendAsync("CREATE TABLE bench_numbers (n BIGINT NOT NULL PRIMARY KEY)");
        await SendAsync("INSERT INTO bench_numbers (n) VALUES (0)");
        for (long have = 1; have < jobs; have *= 2)
            await SendAsync($"INSERT INTO bench_numbers (n) SELECT n + {have} FROM bench_numbers WHERE n + {have} < {jobs}");
        var (orders, steps, yesterday) = (jobs / JobsOfOrder, jobs / JobsOfOrder * StepsOfOrder, DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeMilliseconds());
        var each = 730L * 86_400_000 / jobs;
        var at = $"({yesterday} - ({jobs} - s.n) * {each})";   // when job s.n began
        var (order, item, step, job, person) = ($"({First} + s.n / {JobsOfOrder})", $"({First} + s.n / {JobsOfOrder})", $"({First} + s.n / {JobsOfOrder / StepsOfOrder})", $"({First} + s.n)", $"(1 + s.n % {people})");
        if (!sqlite)   // '/' makes fractions there
            (order, item, step) = ($"({First} + s.n DIV {JobsOfOrder})", $"({First} + s.n DIV {JobsOfOrder})", $"({First} + s.n DIV {JobsOfOrder / StepsOfOrder})");
        var stage = $"(1 + s.n % {Seed.Stages})";
        foreach (var (rows, sql) in new (int, string)[]
        {
            (orders, $"INSERT INTO orders (id, number, number_key, customer_id, due_on, priority, status, created_at, completed_at) SELECT {First} + s.n, CONCAT('H', {First} + s.n), CONCAT('H', {First} + s.n), 1, '2025-06-01', 1, 'Completed', {yesterday}, {yesterday}"),
            (orders, $"INSERT INTO order_items (id, order_id, line, product_id, quantity, status) SELECT {First} + s.n, {First} + s.n, 10, 1, {Seed.Quantity * DbValue.Scale}, 'Completed'"),
            (steps, $"INSERT INTO order_steps (id, item_id, position, stage_id, department_id, setup_minutes) SELECT {First} + s.n, {First} + {(sqlite ? $"s.n / {StepsOfOrder}" : $"s.n DIV {StepsOfOrder}")}, 1 + s.n % {StepsOfOrder}, 1 + s.n % {Seed.Stages}, {Seed.Department}, 0"),
            (jobs, $"""
                INSERT INTO jobs (id, order_id, item_id, step_id, product_id, department_id, stage_id, machine_id, employee_id, operator_id, kind, status, planned, good, planned_start, planned_end, sequence, setup_minutes, started_at, finished_at, finish, released_at, created_at)
                SELECT {job}, {order}, {item}, {step}, 1, {Seed.Department}, {stage}, {person}, {person}, {person}, 'Normal', 'Finished', 50000000, 50000000, {at}, {at} + 3600000, s.n, 0, {at}, {at} + 3600000, 'Complete', {at}, {at}
                """),
            (jobs, $"INSERT INTO job_reports (job_id, step_id, department_id, stage_id, machine_id, employee_id, at, good, shift_day) SELECT {job}, {step}, {Seed.Department}, {stage}, {person}, {person}, {at} + 3600000, 50000000, '2025-06-01'"),
            (jobs, $"INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, ended_at, state) SELECT {person}, {Seed.Department}, 1, {job}, 'Run', {at}, {at} + 3600000, 'Closed'"),
            (jobs, $"INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, ended_at, state) SELECT {person}, {Seed.Department}, 1, {job}, {person}, 'Run', {at}, {at} + 3600000, 'Closed'"),
            (jobs / 8, $"INSERT INTO presences (employee_id, department_id, started_at, ended_at, state) SELECT {person}, {Seed.Department}, {yesterday} - ({jobs / 8} - s.n) * {each * 8}, {yesterday} - ({jobs / 8} - s.n) * {each * 8} + 28800000, 'Closed'"),
        })
            for (var from = 0; from < rows; from += Chunk)
            {
                await SendAsync(settings.Dialect.Begin);
                await SendAsync($"{sql} FROM bench_numbers s WHERE s.n >= {from} AND s.n < {Math.Min(from + Chunk, rows)}");
                await SendAsync("COMMIT");
            }
        await SendAsync("DROP TABLE bench_numbers");
        // A server counts its tables by itself, in time; SQLite is never asked to, by PMS as here.
        await SendAsync(sqlite ? "PRAGMA wal_checkpoint(TRUNCATE)" : "ANALYZE TABLE orders, order_items, order_steps, jobs, job_reports, machine_runs, work_times, presences");
        Report.Say($"{jobs:N0} finished jobs of {orders:N0} orders written in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }
}
