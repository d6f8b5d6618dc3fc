using System.Data.Common;
using Dapper;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Jobs;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Core.Orders.Goods;
using Pms.Core.Planning.Exceptions;
using Pms.Tests.Floor;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>What is asked at every tap and on every page reads no growing table from end to end, however long the history: MariaDB's own plan says so.</summary>
public sealed class ExplainTests
{
    private const int History = 6_000;

    /// <summary>They grow with every job.</summary>
    private static readonly string[] Growing = ["jobs", "job_reports", "machine_runs", "work_times", "presences", "audit", "orders", "order_items", "order_steps", "material_moves", "dispatches", "step_readiness", "idempotency", "outbox", "order_decisions"];

    [Fact]
    public async Task Hot_queries_read_no_growing_table_from_end_to_end()
    {
        WatchedDialect? dialect = null;
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { Dialect = dialect = new WatchedDialect(s.Dialect) });
        var seed = new FloorSeed(pms);
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        await pms.Get<RoleSeed>().RunAsync();
        await pms.Get<Rights>().LoadAsync();
        await FillAsync(seed);
        var asked = new List<(string What, string Sql, DynamicParameters Args)>();
        var thabo = new Actor { EmployeeId = seed.Thabo, Name = "Thabo M" };

        await AskAsync("operator's page", async () =>
        {
            var scope = await pms.Get<JobQueries>().ScopeAsync(thabo, new DateOnly(2026, 1, 5));
            await pms.Get<JobQueries>().LoadAsync(thabo, scope!, pms.Clock.GetUtcNow().AddDays(3));
            await pms.Get<JobQueries>().LoadAsync(thabo, scope! with { WholeDepartment = true }, pms.Clock.GetUtcNow().AddDays(3));
        });
        await AskAsync("tap's situation", () => pms.Get<JobSituationQueries>().ReadAsync(History - 5, seed.Cutter, seed.Thabo, CancellationToken.None));
        await AskAsync("situation of a tap on work that goes on", () => pms.Get<JobSituationQueries>().ReadGoingAsync(History - 5, CancellationToken.None));
        await AskAsync("other items of an order", () => pms.Get<JobSituationQueries>().OthersAsync(History - 5, History - 5, CancellationToken.None));
        await AskAsync("boards, whole", () => pms.Get<FloorBoards>().LoadAsync());
        var boards = pms.Get<FloorBoards>();
        using (boards.Watch(() => Task.CompletedTask))
        {
            await AskAsync("boards, after what happens on a floor", async () =>
            {
                foreach (var e in new Core.Events.IEvent[]
                {
                    new JobChanged(History - 5, History - 5, seed.Cutting, seed.Cutter, null, seed.Thabo, null, "reported"), new TimeChanged(seed.Thabo, seed.Cutting),
                    new TicketChanged(1, seed.Cutter, seed.Cutting), new AllocationChanged(1, seed.Cutter, seed.Thabo, seed.Cutting),
                })
                    pms.Get<Core.Events.IEventBus>().Publish(e);
                string[] read = ["FROM machine_runs WHERE job_id IN", "FROM presences WHERE employee_id IN", "WHERE t.standing_id IN", "AND a.machine_id IN"];
                await Eventually.TrueAsync(() => read.All(r => asked.Any(a => a.Sql.Contains(r, StringComparison.Ordinal))), "the boards read what happened");
            });
        }
        foreach (var filters in new Dictionary<string, string>[] { new() { ["open"] = "true" }, new() { ["open"] = "true", ["late"] = "true" }, new() { ["late"] = "true" }, new() { ["open"] = "true", ["hold"] = "false", ["priority"] = "3" }, new() { ["status"] = "Scheduled" },
            new() { ["open"] = "true", ["duefrom"] = "2026-01-01", ["dueto"] = "2026-02-01" } })
        {
            await AskAsync("orders, " + string.Join(", ", filters), () => pms.Get<OrderQueries>().PageAsync(new PageRequest { Filters = filters }));
            await AskAsync("orders by cursor, " + string.Join(", ", filters), () => pms.Get<OrderQueries>().PageAsync(new PageRequest { Filters = filters, Cursor = "" }));
        }
        await AskAsync("orders, searched", () => pms.Get<OrderQueries>().PageAsync(new PageRequest { Search = "SO59", Filters = new Dictionary<string, string> { ["open"] = "true" } }));
        await AskAsync("order book's orders", () => pms.Get<OrderBookQueries>().OrdersAsync([.. Enumerable.Range(100, 200).Select(i => "SO" + i)]));
        await AskAsync("order", () => pms.Get<OrderQueries>().DetailAsync(History - 5));
        await AskAsync("jobs, open", () => pms.Get<JobBoardService>().PageAsync(TestPms.System, new JobBoardRequest()));
        await AskAsync("jobs, late", () => pms.Get<JobBoardService>().PageAsync(TestPms.System, new JobBoardRequest { Status = "Late" }));
        await AskAsync("jobs of a machine", () => pms.Get<JobBoardService>().PageAsync(TestPms.System, new JobBoardRequest { MachineId = seed.Cutter }));
        var week = new Span(pms.Clock.GetUtcNow(), pms.Clock.GetUtcNow().AddDays(7));
        await AskAsync("schedule", () => pms.Get<ScheduleService>().WindowAsync(TestPms.System, new(week)));
        await AskAsync("schedule, a week ago", () => pms.Get<ScheduleService>().WindowAsync(TestPms.System, new(new Span(week.Start.AddDays(-7), week.Start))));
        await AskAsync("schedule as a list", () => pms.Get<ScheduleService>().ListAsync(TestPms.System, new PageRequest()));
        await AskAsync("job in the plan", () => pms.Get<ScheduleService>().JobAsync(TestPms.System, History - 5));
        await AskAsync("unplanned work", () => pms.Get<ScheduleService>().UnplannedAsync(TestPms.System, new()));
        await AskAsync("machine calendar", () => pms.Get<ScheduleService>().MachineAsync(TestPms.System, seed.Cutter, week));
        await AskAsync("exceptions", () => pms.Get<IssueBoard>().NowAsync());
        await AskAsync("goods of an order", () => pms.Get<GoodsService>().OfOrderAsync(TestPms.System, History - 5));
        await AskAsync("closing", () => pms.Get<OrderQueries>().ClosingAsync([History - 5, History - 6]));
        await AskAsync("history of a record", () => pms.Get<ChangeQueries>().ListAsync("job", History - 5, null, 50));
        await AskAsync("last change of a record", () => pms.Get<ChangeQueries>().LastAsync("job", History - 5));
        await AskAsync("load of a department, as a planner decides on it", () => pms.Get<CapacityQueries>().LoadsAsync([seed.Cutting]));
        await AskAsync("load of the plant", async () => Assert.Equal(60, (await pms.Get<CapacityQueries>().LoadsAsync()).Count));
        await AskAsync("a step to plan", () => pms.Get<CapacityQueries>().StepAsync(History - 5));
        await AskAsync("sealer", () => pms.Get<AuditSealer>().SealAsync());

        Assert.True(asked.Count > 30, $"only {asked.Count} statements were seen");
        var scans = new List<string>();
        foreach (var (what, sql, args) in asked)
            foreach (var step in await pms.Db.ListAsync<Step>("EXPLAIN " + sql, args))
                if (step is { Table: { } alias } && (step.Type == "ALL" || (step.Type == "index" && step.RowsRead > History / 2)) && Named(sql, alias) is { } table && Growing.Contains(table))
                    scans.Add($"{what}: {table} as {alias}, {step.Rows} rows, of {step.Possible_keys ?? "no key"}\n{sql}");
        Assert.True(scans.Count == 0, string.Join("\n\n", scans.Distinct()));

        async Task AskAsync(string what, Func<Task> ask)
        {
            dialect!.Sends = command =>
            {
                foreach (var sql in command.CommandText.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(s => s.StartsWith("SELECT", StringComparison.Ordinal)))
                {
                    var args = new DynamicParameters();
                    foreach (DbParameter p in command.Parameters)
                        args.Add(p.ParameterName, p.Value is DBNull ? null : p.Value);
                    lock (asked)
                        asked.Add((what, sql, args));
                }
            };
            await ask();
            dialect.Sends = null;
        }
    }

    /// <summary>The table behind an alias of a plan.</summary>
    private static string? Named(string sql, string alias) => Growing.Contains(alias) ? alias
        : Growing.FirstOrDefault(t => System.Text.RegularExpressions.Regex.IsMatch(sql, $@"\b{t}\s+(AS\s+)?{System.Text.RegularExpressions.Regex.Escape(alias)}\b"));

    /// <summary>A year's finished work behind a handful of open jobs, and the server's own statistics of it.</summary>
    private static async Task FillAsync(FloorSeed seed)
    {
        var (open, day, now) = (History - 60, 86_400_000L, FloorSeed.At("2026-01-05T08:00").ToUnixTimeMilliseconds());
        var args = new { seed.Cutting, seed.Product, seed.Cutter, seed.Thabo, open, day, now, first = now - 365 * day, each = 365 * day / History };
        var rows = $"FROM seq_100_to_{History} s";
        foreach (var sql in new[]
        {
            $"INSERT INTO orders (id, number, number_key, customer_id, due_on, status, created_at) SELECT s.seq, CONCAT('SO', s.seq), CONCAT('SO', s.seq), 1, IF(s.seq > @open, '2026-01-20', '2025-06-01'), IF(s.seq > @open, 'Scheduled', 'Completed'), @first {rows}",
            $"INSERT INTO order_items (id, order_id, line, product_id, quantity, status) SELECT s.seq, s.seq, 1, @Product, 100, IF(s.seq > @open, 'Scheduled', 'Completed') {rows}",
            $"INSERT INTO order_steps (id, item_id, position, stage_id, department_id, setup_minutes) SELECT s.seq, s.seq, 1, 1, @Cutting, 0 {rows}",
            $"""
            INSERT INTO jobs (id, order_id, item_id, step_id, product_id, department_id, stage_id, machine_id, employee_id, operator_id, kind, status, planned, planned_start, planned_end, sequence, setup_minutes, last_action_by, last_action_at, started_at, finished_at, released_at, created_at)
            SELECT s.seq, s.seq, s.seq, s.seq, @Product, @Cutting, 1, @Cutter, @Thabo, @Thabo, 'Normal', IF(s.seq > @open, 'Planned', 'Finished'), 100, @first + s.seq * @each, @first + s.seq * @each + 3600000, s.seq, 0, @Thabo, @first,
                   IF(s.seq > @open, NULL, @first + s.seq * @each), IF(s.seq > @open, NULL, @first + s.seq * @each + 3600000), @first, @first {rows}
            """,
            $"INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, ended_at, state) SELECT @Cutter, @Cutting, 1, s.seq, 'Run', @first + s.seq * @each, @first + s.seq * @each + 3600000, 'Closed' {rows}",
            $"INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, ended_at, state) SELECT @Thabo, @Cutting, 1, s.seq, @Cutter, 'Run', @first + s.seq * @each, @first + s.seq * @each + 3600000, 'Closed' {rows}",
            $"INSERT INTO presences (employee_id, department_id, started_at, ended_at, state) SELECT @Thabo, @Cutting, @first + s.seq * @each, @first + s.seq * @each + 3600000, 'Closed' {rows}",
            $"INSERT INTO job_reports (job_id, step_id, department_id, stage_id, machine_id, employee_id, at, good, shift_day) SELECT s.seq, s.seq, @Cutting, 1, @Cutter, @Thabo, @first + s.seq * @each, 100, DATE_FORMAT(FROM_UNIXTIME((@first + s.seq * @each) / 1000), '%Y-%m-%d') {rows}",
            $"INSERT INTO audit (at, actor, channel, action, entity, entity_id, seal) SELECT @first + s.seq * @each, 'Thabo M', 'Page', 'job.start', 'job', s.seq, IF(s.seq > @open, NULL, 1) {rows}",
            $"INSERT INTO material_moves (order_id, item_id, kind, quantity, at, by_name) SELECT s.seq, s.seq, 'Received', 100, @first, 'Store' {rows}",
            $"INSERT INTO dispatches (order_id, item_id, kind, quantity, on_day, at, by_name) SELECT s.seq, s.seq, 'Customer', 100, '2025-06-01', @first, 'Store' {rows}",
            $"INSERT INTO step_readiness (step_id, what, state, by_name, at) SELECT s.seq, 'Material', 'Ok', 'Store', @first {rows}",
            $"INSERT INTO idempotency (principal, request_key, command, request_hash, at) SELECT 'e:1', CONCAT('k', s.seq), 'job.start', 'x', @first + s.seq * @each {rows}",
        })
            await seed.ExecuteAsync(sql, args);
        await seed.ExecuteAsync("ANALYZE TABLE " + string.Join(", ", Growing));
    }

    private sealed record Step
    {
        public string? Table { get; init; }
        public string? Type { get; init; }
        public string? Possible_keys { get; init; }
        public string? Rows { get; init; }
        public long RowsRead => long.TryParse(Rows, System.Globalization.CultureInfo.InvariantCulture, out var rows) ? rows : 0;
    }
}
