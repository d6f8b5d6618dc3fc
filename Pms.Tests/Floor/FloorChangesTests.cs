using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Floor;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Jobs.Time;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

/// <summary>A tap is shown by reading what it named only: the same picture as a reading of the whole plant, for the price of a few rows.</summary>
public abstract class FloorChangesTests(Engine engine)
{
    [Fact]
    public async Task After_every_tap_the_picture_is_that_of_a_whole_reading()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (seed, thabo, job) = await SeedAsync(pms);
        var boards = pms.Get<FloorBoards>();
        using var watching = boards.Watch(() => Task.CompletedTask);
        var later = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", pms.Clock.GetUtcNow().AddHours(5), pms.Clock.GetUtcNow().AddHours(6));
        await boards.LoadAsync();
        var (jobs, planning) = (pms.Get<JobService>(), pms.Get<JobPlanningService>());
        var reason = await seed.InsertAsync("reasons", new { list = "Stop", code = "TOOL", unique_key = "STOP:0:TOOL", word = "Tool", icon = "build", kpi_class = "Planned", position = 1 });

        await SameAsync("started and by that clocked in", () => jobs.StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test")));
        await SameAsync("reported", () => jobs.ReportAsync(thabo, new ReportJob(job, 40, 0)));
        await SameAsync("paused", () => jobs.PauseAsync(thabo, new PauseJob(job)));
        await SameAsync("said why", () => jobs.SetPauseReasonAsync(thabo, new SetPauseReason(job, reason)));
        await SameAsync("resumed", () => jobs.ResumeAsync(thabo, new ResumeJob(job)));
        var moved = new JobResult(later, JobStatus.Planned, null, await pms.Db.ScalarAsync<int>("SELECT version FROM jobs WHERE id = @later", new { later }));
        await SameAsync("moved", async () => moved = await planning.MoveAsync(TestPms.System, new MoveJob(moved.JobId, pms.Clock.GetUtcNow().AddHours(6), moved.Version, seed.Cutter, "test")));
        await SameAsync("cancelled", () => planning.CancelAsync(TestPms.System, new CancelJob(moved.JobId, "test", moved.Version)));
        await SameAsync("machine stands", () => pms.Get<MaintenanceService>().ReportStopAsync(thabo, new ReportStop(seed.Cutter, true, null, "Needle bar", Severity.High)));
        await SameAsync("reported again", () => jobs.ReportAsync(thabo, new ReportJob(job, 60, 0)));
        await SameAsync("finished", () => jobs.FinishAsync(thabo, new FinishJob(job, 10, 0, 0, null, ShortAnswer.RestLater, "test")));
        await SameAsync("undone", () => jobs.UndoAsync(thabo, new UndoJob(job)));
        var allocations = pms.Get<AllocationService>();
        var lindiwe = await seed.InsertAsync("employees", new { number = "E9", number_key = "E9", first_name = "Lindiwe", last_name = "Z", name_key = "LINDIWE Z", department_id = seed.Cutting, kind = "Operator" });
        var given = new Allocation();
        await SameAsync("given to a machine", async () => given = await allocations.SaveAsync(TestPms.System, new Allocation { EmployeeId = lindiwe, MachineId = seed.Cutter, Level = AllocationLevel.Secondary, FromDay = new DateOnly(2026, 1, 1) }));
        await SameAsync("taken off it", () => allocations.RemoveAsync(TestPms.System, given.Id, given.Version));
        await SameAsync("clocked out", () => pms.Get<TimeService>().ClockOutAsync(thabo, new ClockOut(null)));

        async Task SameAsync(string what, Func<Task> tap)
        {
            var wholes = boards.Wholes;
            // All steps together less than the boards' slow timer, which would read everything.
            pms.Clock.Advance(TimeSpan.FromMilliseconds(900));
            await tap();
            using var whole = new FloorBoards(pms.Get<FloorQueries>(), pms.Get<Calendars>(), pms.Get<PlantClock>(), pms.Get<LiveSettings>(), new NoEvents(), pms.Clock, pms.Get<Telemetry>(), NullLogger<FloorBoards>.Instance);
            var expected = Told(await whole.LoadAsync(), seed.Cutting);
            for (var i = 0; i < 200 && Told(boards.Now, seed.Cutting) != expected; i++)
                await Task.Delay(10);
            Assert.Equal(what + expected, what + Told(boards.Now, seed.Cutting));
            Assert.Equal(wholes, boards.Wholes);
        }
    }

    [Fact]
    public async Task A_tap_costs_the_same_few_statements_whatever_the_number_of_boards_and_machines()
    {
        foreach (var counted in new[] { await StatementsAsync(machines: 0, boards: 1), await StatementsAsync(machines: 60, boards: 200) })
        {
            Assert.InRange(counted.Min(), 0, 2);   // the rows that were named, and steps seen for the first time
            Assert.InRange(counted.Max(), 1, 6);   // a reading may begin between a tap's events, and one of the tap before still go on
        }
    }

    [Fact]
    public async Task What_no_tap_touched_is_the_same_object_and_its_board_is_not_drawn()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (seed, thabo, job) = await SeedAsync(pms);
        var boards = pms.Get<FloorBoards>();
        using var watching = boards.Watch(() => Task.CompletedTask);
        var before = await boards.LoadAsync();

        await pms.Get<JobService>().StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test"));

        await Eventually.TrueAsync(() => Tile(boards.Now, seed.Cutter).State == MachineState.Running, "the tap is shown");
        var after = boards.Now;
        Assert.Same(Tile(before, seed.Packer), Tile(after, seed.Packer));
        Assert.NotSame(Tile(before, seed.Cutter), Tile(after, seed.Cutter));
        Assert.True(after.LooksLike(before, new HashSet<long> { seed.Packing }));
        Assert.False(after.LooksLike(before, new HashSet<long> { seed.Cutting }));
        Assert.False(after.LooksLike(before, null));
        Assert.Same(after.View(null), after.View(null));
    }

    [Fact]
    public async Task Many_who_ask_at_once_and_beside_a_refresh_get_a_picture()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (seed, thabo, job) = await SeedAsync(pms);
        var boards = pms.Get<FloorBoards>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => boards.LoadAsync())));   // nothing was read yet: one reads, the others wait
        Assert.Equal(1, boards.Wholes);
        using var watching = boards.Watch(() => Task.CompletedTask);
        var wholes = boards.Wholes;
        foreach (var tap in new Func<Task>[] { () => pms.Get<JobService>().StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test")), () => pms.Get<JobService>().PauseAsync(thabo, new PauseJob(job)) })
        {
            await tap();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => boards.LoadAsync())));
        }
        await Eventually.TrueAsync(() => Tile(boards.Now, seed.Cutter).State == MachineState.Stopped, "the boards show the pause");
        Assert.Equal(wholes, boards.Wholes);   // a refresh that failed would have asked for everything
    }

    [Fact]
    public async Task What_no_event_tells_is_seen_with_the_slow_timer()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (seed, _, job) = await SeedAsync(pms);
        var boards = pms.Get<FloorBoards>();
        using var watching = boards.Watch(() => Task.CompletedTask);
        await boards.LoadAsync();
        await seed.RunAsync(seed.Cutter, seed.Cutting, job, "Run", pms.Clock.GetUtcNow(), null);
        await seed.ExecuteAsync("UPDATE jobs SET status = 'Running', phase = 'Run' WHERE id = @job", new { job });

        pms.Clock.Advance(FloorBoards.Every);

        await Eventually.TrueAsync(() => Tile(boards.Now, seed.Cutter).State == MachineState.Running, "another node's tap is shown");
    }

    [Fact]
    public async Task A_time_that_nobody_ended_is_shown_as_soon_as_it_waits_for_a_word()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (seed, thabo, job) = await SeedAsync(pms);
        var started = false;
        using var heard = pms.Get<IEventBus>().Subscribe<JobChanged>(_ => true, _ => Volatile.Write(ref started, true));
        await pms.Get<JobService>().StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test"));
        await Eventually.TrueAsync(() => Volatile.Read(ref started), "the start was told, and the clock-in before it");
        await seed.ExecuteAsync("UPDATE presences SET department_id = @Packing", new { seed.Packing });   // so that only the work speaks for its department
        pms.Clock.Advance(TimeSpan.FromHours(18));
        var boards = pms.Get<FloorBoards>();   // only now: its timer has not run, and what it shows after this it was told
        using var watching = boards.Watch(() => Task.CompletedTask);
        bool Waits(FloorPicture picture) => picture.Overview.Needs.Any(n => n.Kind == NeedKind.ToConfirm && n.Departments.SequenceEqual([seed.Cutting]));
        Assert.False(Waits(await boards.LoadAsync()));

        await pms.Get<ForgottenTaps>().SweepAsync();

        await Eventually.TrueAsync(() => Waits(boards.Now), "the time to confirm is shown");
    }

    /// <summary>What each of a few taps sent to the database for all boards together.</summary>
    private async Task<List<int>> StatementsAsync(int machines, int boards)
    {
        WatchedDialect? dialect = null;
        await using var pms = await TestPms.StartAsync(engine, settings: s => s with { Dialect = dialect = new WatchedDialect(s.Dialect) });
        var (seed, thabo, job) = await SeedAsync(pms);
        for (var i = 0; i < machines; i++)
        {
            var machine = await seed.MachineAsync($"X-{i:00}", seed.Packing);
            var other = await seed.JobAsync(seed.PackStep, seed.Packing, machine, "Running", pms.Clock.GetUtcNow().AddHours(-1), pms.Clock.GetUtcNow().AddHours(1), phase: "Run");
            await seed.RunAsync(machine, seed.Packing, other, "Run", pms.Clock.GetUtcNow().AddHours(-1), null);
        }
        var floor = pms.Get<FloorBoards>();
        var watching = Enumerable.Range(0, boards).Select(_ => floor.Watch(() => Task.CompletedTask)).ToList();
        await floor.LoadAsync();
        var sent = 0;
        dialect!.Sends = c => { if (c.CommandText.Contains("FROM machine_runs WHERE job_id IN", StringComparison.Ordinal) || c.CommandText.Contains("AS later FROM order_steps", StringComparison.Ordinal) || c.CommandText.Contains("open_machine_id > 0", StringComparison.Ordinal)) Interlocked.Increment(ref sent); };
        var counted = new List<int>();
        var jobs = pms.Get<JobService>();
        foreach (var (tap, state) in new (Func<Task>, MachineState)[]
        {
            (() => jobs.StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test")), MachineState.Running),
            (() => jobs.PauseAsync(thabo, new PauseJob(job)), MachineState.Stopped),
            (() => jobs.ResumeAsync(thabo, new ResumeJob(job)), MachineState.Running),
        })
        {
            var before = Volatile.Read(ref sent);
            await tap();
            await Eventually.TrueAsync(() => Tile(floor.Now, seed.Cutter).State == state, $"the board shows {state}");
            counted.Add(Volatile.Read(ref sent) - before);
        }
        watching.ForEach(w => w.Dispose());
        return counted;
    }

    private protected static MachineTile Tile(FloorPicture picture, long machine) => picture.Floor.Machines.Single(m => m.Id == machine);

    /// <summary>All that a board of this department shows, as text, lists whose order says nothing in one order. What no tap touches stands where the last whole reading left it.</summary>
    private static string Told(FloorPicture picture, long department) => JsonSerializer.Serialize(new
    {
        picture.At,
        Machines = picture.Floor.Machines.Where(m => m.DepartmentId == department),
        Departments = picture.Overview.Departments.Where(d => d.Department.Id == department),
        Done = picture.Overview.Done.OrderBy(d => d.DepartmentId).Select(d => new { d.DepartmentId, d.Later, d.Good, Made = d.Made.OrderBy(m => m.Span.Start).ThenBy(m => m.Pieces).Select(m => new { m.Span, m.Pieces }) }),
        Needs = picture.Overview.Needs.OrderBy(n => n.Kind).ThenBy(n => n.MachineId).ThenBy(n => n.OrderId),
        Orders = picture.Overview.Orders.OrderBy(o => o.OrderId),
        Paths = picture.Overview.Paths.Select(p => string.Join(',', p)).Order(),
    });

    private protected static async Task<(FloorSeed Seed, Actor Thabo, long Job)> SeedAsync(TestPms pms)
    {
        var seed = new FloorSeed(pms);
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        await seed.InsertAsync("machine_stages", new { machine_id = seed.Cutter, stage_id = 1 });
        await seed.InsertAsync("employee_skills", new { employee_id = seed.Thabo, stage_id = 1 });
        await seed.InsertAsync("allocations", new { employee_id = seed.Thabo, machine_id = seed.Cutter, level = "Primary", from_day = new DateOnly(2026, 1, 1) });
        var now = pms.Clock.GetUtcNow();
        var job = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", now.AddMinutes(-5), now.AddHours(4));
        await pms.Get<RoleSeed>().RunAsync();
        await pms.Get<Rights>().LoadAsync();
        return (seed, new Actor { EmployeeId = seed.Thabo, Name = "Thabo M" }, job);
    }

    private sealed class NoEvents : IEventBus
    {
        public void Publish(IEvent e) { }
        public IDisposable Subscribe<TEvent>(Func<TEvent, bool> filter, Action<TEvent> listener, IReadOnlyCollection<long>? departments = null) where TEvent : IEvent => new ServiceCollection().BuildServiceProvider();
    }
}

public sealed class FloorChangesTests_on_SQLite() : FloorChangesTests(Engine.Sqlite)
{
    /// <summary>SQLite tells how it goes through the tables whatever is in them; MariaDB's plans are looked at in <see cref="Data.ExplainTests"/>.</summary>
    [Fact]
    public async Task From_a_tap_to_the_boards_rows_are_found_by_ids_and_never_by_their_status_alone()
    {
        WatchedDialect? dialect = null;
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var (seed, thabo, job) = await SeedAsync(pms);
        await using var node = await pms.AnotherNodeAsync(settings: s => s with { Dialect = dialect = new WatchedDialect(s.Dialect) });   // which has nothing of the seed's to read later
        await node.Get<Rights>().LoadAsync();
        await node.Get<Calendars>().LoadAsync();
        var (boards, queries, jobs) = (node.Get<FloorBoards>(), node.Get<JobQueries>(), node.Get<JobService>());
        using var watching = boards.Watch(() => Task.CompletedTask);
        await boards.LoadAsync();
        var asked = new ConcurrentDictionary<string, DynamicParameters>();
        dialect!.Sends = command =>
        {
            var args = new DynamicParameters();
            foreach (DbParameter p in command.Parameters)
                args.Add(p.ParameterName, p.Value is DBNull ? null : p.Value);
            foreach (var sql in command.CommandText.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(s => s.StartsWith("SELECT", StringComparison.Ordinal) || s.StartsWith("UPDATE", StringComparison.Ordinal)))
                asked.TryAdd(sql, args);
        };

        foreach (var (tap, state) in new (Func<Task>, MachineState)[]
        {
            (() => jobs.StartAsync(thabo, new StartJob(job, seed.Cutter, Reason: "test")), MachineState.Running),
            (() => jobs.ReportAsync(thabo, new ReportJob(job, 5, 0)), MachineState.Running),
            (() => jobs.PauseAsync(thabo, new PauseJob(job)), MachineState.Stopped),
        })
        {
            var refreshes = boards.Refreshes;
            await tap();
            var scope = await queries.ScopeAsync(thabo, new DateOnly(2026, 1, 5));
            await queries.LoadAsync(thabo, scope!, pms.Clock.GetUtcNow().AddDays(3));
            await Eventually.TrueAsync(() => boards.Refreshes > refreshes && Tile(boards.Now, seed.Cutter).State == state, $"the boards show {state}");
        }
        dialect.Sends = null;

        Assert.True(asked.Count > 15, $"only {asked.Count} statements were seen");
        var slow = new List<string>();
        foreach (var (sql, args) in asked)
            slow.AddRange((await pms.Db.ListAsync<PlanStep>("EXPLAIN QUERY PLAN " + sql, args)).Where(s => s.IsSlow).Where(s => !Derived.Contains(s.Detail)).Select(s => $"{s.Detail}\n{sql}"));
        Assert.True(slow.Count == 0, string.Join("\n\n", slow));
    }

    /// <summary>What a query made itself, of rows found by ids; and the departments, who are few.</summary>
    private static readonly string[] Derived = ["SCAN k", "SCAN n", "SCAN q", "SCAN d", "SEARCH u USING AUTOMATIC COVERING INDEX (reason_id=?)"];

    private sealed record PlanStep
    {
        public string Detail { get; init; } = "";

        public bool IsSlow => Detail.StartsWith("SCAN", StringComparison.Ordinal) && !Detail.Contains("CONSTANT ROW", StringComparison.Ordinal)
            || Detail.Contains("AUTOMATIC", StringComparison.Ordinal) || Detail.Contains("(status=?)", StringComparison.Ordinal) || Detail.Contains("(state=?)", StringComparison.Ordinal);
    }
}

public sealed class FloorChangesTests_on_MariaDB() : FloorChangesTests(Engine.MySql);
