using System.Data.Common;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Planning.Releases;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Capacity;

public sealed class OverPlanningTests_on_SQLite() : OverPlanningTests(Engine.Sqlite);

public sealed class OverPlanningTests_on_MariaDB() : OverPlanningTests(Engine.MySql);

/// <summary>Capacity binds: what doesn't fit isn't planned, whoever is faster, and load follows the jobs by itself.</summary>
public abstract class OverPlanningTests(Engine engine) : JobFloorTests(engine)
{
    private const long PlannersId = 30;
    private static readonly Actor Pam = JobFloor.Operator(PlannersId, "Pam Pillay");
    private static readonly DateTimeOffset Morning = TestPms.Start.AddDays(1).AddHours(-1);   // Tuesday, 06:00 on the plant's wall
    private static readonly DateOnly Tuesday = new(2026, 1, 6), Wednesday = new(2026, 1, 7);

    private JobPlanningService Planning => Floor.Pms.Get<JobPlanningService>();

    [Fact]
    public async Task Fifty_planners_at_once_on_the_last_slots_get_what_fits_and_no_more()
    {
        await PlannerAsync();
        var steps = await StepsAsync(50);
        await using var other = await Floor.Pms.AnotherNodeAsync();
        await other.Get<Core.Departments.Calendars>().LoadAsync();
        var nodes = new[] { Planning, other.Get<JobPlanningService>() };

        var answers = await Task.WhenAll(steps.Select((step, i) => Task.Run(() => PatientAsync(() => nodes[i % 2].PlanAsync(Pam, new PlanJob(step, 250, Morning, 1), $"plan-{i}")))));

        // 1 440 minutes a day, 125 each.
        Assert.Equal(11, answers.Count(a => a == "ok"));
        Assert.All(answers.Where(a => a != "ok"), a => Assert.Equal("capacity.over_minutes", a));
        var bucket = (await BookAsync()).At(Pool.Machine(1), Tuesday);
        Assert.Equal((1375m, 1440m), (bucket.Minutes, bucket.Capacity));
        Assert.Equal(11, await Floor.CountAsync("jobs"));
        Assert.Equal(1, await Floor.CountAsync("capacity_turns"));
    }

    [Fact]
    public async Task A_move_books_its_new_day_and_frees_the_old_and_a_full_day_refuses_it_by_how_much()
    {
        await PlannerAsync();
        var steps = await StepsAsync(3, minutes: 1000);
        var first = await Planning.PlanAsync(Pam, new PlanJob(steps[0], 2000, Morning, 1));
        var second = await Planning.PlanAsync(Pam, new PlanJob(steps[1], 2000, Morning.AddDays(1), 1));

        var refused = await Assert.ThrowsAsync<RuleException>(() => Planning.MoveAsync(Pam, new MoveJob(second.JobId, Morning, second.Version)));
        Assert.Equal(("capacity.over_minutes", "M-01", Tuesday), (refused.Code, refused.Args[0], refused.Args[1]));
        Assert.Equal([TimeSpan.FromMinutes(2000), TimeSpan.FromMinutes(1440), TimeSpan.FromMinutes(560), 138.9m], refused.Args.Skip(2));

        await Planning.MoveAsync(Pam, new MoveJob(first.JobId, Morning.AddDays(3), first.Version));
        Assert.Equal([0m, 1000m, 0m, 1000m], (await BookAsync()).Of(Pool.Machine(1), Tuesday, 4).Select(b => b.Minutes));
        Assert.Equal("ok", await TryAsync(() => Planning.MoveAsync(Pam, new MoveJob(second.JobId, Morning, second.Version))));
    }

    [Fact]
    public async Task A_move_within_an_overbooked_day_is_allowed_and_another_machine_s_standard_is_taken()
    {
        await PlannerAsync();
        var jobs = new List<long>();
        for (var i = 0; i < 12; i++)
            jobs.Add((await Floor.OrderAsync(machine: 1))[JobFloor.Cut]);   // written past all checks: 1 500 minutes from now on
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE machines SET speed_factor = 2000000 WHERE id = 2"));
        Assert.Equal(Band.Overbooked, (await BookAsync()).At(Pool.Machine(1), Tuesday.AddDays(-1)).Band);

        var moved = await Planning.MoveAsync(Pam, new MoveJob(jobs[0], Floor.Now.AddHours(2), 1));
        await Planning.MoveAsync(Pam, new MoveJob(jobs[0], Floor.Now.AddHours(2), moved.Version, MachineId: 2));

        var job = (await Floor.JobAsync(jobs[0]))!;
        Assert.Equal((2L, 0.25m, Floor.Now.AddHours(2).AddMinutes(62.5)), (job.MachineId, job.RunMinutes, job.PlannedEnd));
    }

    [Fact]
    public async Task A_split_job_books_its_whole_load_and_a_second_planner_cant_take_it()
    {
        await PlannerAsync();
        var steps = await StepsAsync(2, minutes: 1400, setup: 30);
        var whole = await Planning.PlanAsync(Pam, new PlanJob(steps[0], 2800, Morning, 1));
        var before = (await BookAsync()).At(Pool.Machine(1), Tuesday);
        Assert.Equal(1430, before.Minutes);

        await Planning.SplitAsync(Pam, new SplitJob(whole.JobId, 1100, whole.Version));

        var after = await BookAsync();
        Assert.Equal(before, after.At(Pool.Machine(1), Tuesday));
        Assert.Equal(2, after.JobsOf(Pool.Machine(1), Tuesday).Count);
        Assert.Equal("capacity.over_minutes", await TryAsync(() => Planning.PlanAsync(Pam, new PlanJob(steps[1], 2800, Morning, 1))));
    }

    [Fact]
    public async Task What_is_reported_paused_finished_and_cancelled_changes_the_load_by_itself()
    {
        await PlannerAsync();
        var job = (await Floor.OrderAsync(quantity: 400, setupMinutes: 20))[JobFloor.Cut];
        Assert.Equal(220, await LoadAsync());
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Assert.Equal(220, await LoadAsync());   // still in set-up
        await Jobs.RunNowAsync(JobFloor.Ann, new RunNow(job));
        Assert.Equal(200, await LoadAsync());
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 100));
        Assert.Equal(150, await LoadAsync());
        var paused = await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        Assert.Equal(150, await LoadAsync());   // keeps its rest, and not the whole again
        var back = await Planning.UnplanAsync(Pam, new UnplanJob(job, paused.Version));
        Assert.Equal(150, await LoadAsync());
        await Planning.MoveAsync(Pam, new MoveJob(job, Morning, back.Version));
        Assert.Equal((0, 150), (await LoadAsync(), (await BookAsync()).At(Pool.Machine(1), Tuesday).Minutes));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 50, Answer: ShortAnswer.ThatIsAll));
        Assert.DoesNotContain((await BookAsync()).Loads, l => l.JobId == job);

        var step = (await StepsAsync(1))[0];
        var planned = await Planning.PlanAsync(Pam, new PlanJob(step, 250, Morning, 1));
        Assert.Equal(125, (await BookAsync()).At(Pool.Machine(1), Tuesday).Minutes);
        await Planning.CancelAsync(Pam, new CancelJob(planned.JobId, "Not wanted", planned.Version));
        Assert.Equal(0, (await BookAsync()).At(Pool.Machine(1), Tuesday).Minutes);

        async Task<decimal> LoadAsync() => (await BookAsync()).At(Pool.Machine(1), Tuesday.AddDays(-1)).Minutes;
    }

    [Fact]
    public async Task A_manual_job_books_its_load_and_is_never_refused_for_it()
    {
        await PlannerAsync();
        var steps = await StepsAsync(2, minutes: 1440);
        await Planning.PlanAsync(Pam, new PlanJob(steps[0], 2880, Floor.Now, 4));
        await Planning.PlanAsync(Pam, new PlanJob((await StepsAsync(1, minutes: 900))[0], 1800, Floor.Now, 4));

        await Jobs.StartManualAsync(JobFloor.Ann, new StartManualJob(steps[1], 2880, 4, "Now"));

        var bucket = (await BookAsync()).At(Pool.Machine(4), Tuesday.AddDays(-1));
        Assert.True(bucket.Minutes > bucket.Capacity && bucket.Band == Band.Overbooked, $"{bucket}");
    }

    [Fact]
    public async Task Only_who_may_exceed_capacity_does_so_and_says_why()
    {
        await PlannerAsync();
        var steps = await StepsAsync(2, minutes: 1000);
        await Planning.PlanAsync(Pam, new PlanJob(steps[0], 2000, Morning, 1));

        Assert.Equal("capacity.over_minutes", await TryAsync(() => Planning.PlanAsync(Pam, new PlanJob(steps[1], 2000, Morning, 1, Reason: "The customer waits"))));
        var needed = await Assert.ThrowsAsync<ReasonNeededException>(() => Planning.PlanAsync(TestPms.System, new PlanJob(steps[1], 2000, Morning, 1)));
        Assert.Equal("capacity.over_minutes", needed.Warnings[0].Code);
        var job = await Planning.PlanAsync(TestPms.System, new PlanJob(steps[1], 2000, Morning, 1, Reason: " The customer waits "));

        Assert.Equal(2000, (await BookAsync()).At(Pool.Machine(1), Tuesday).Minutes);
        Assert.Equal("The customer waits", await Floor.Db.FindAsync<string>("SELECT reason FROM audit WHERE entity = 'job' AND entity_id = @JobId", new { job.JobId }));
        Assert.Contains("Machine M-01 2026-01-06: 2000 of 1440 min", await Floor.Db.FindAsync<string>("SELECT changes FROM audit WHERE entity = 'job' AND entity_id = @JobId", new { job.JobId }));
    }

    [Fact]
    public async Task A_place_is_neither_past_nor_closed_nor_set_aside_nor_out_of_service()
    {
        await PlannerAsync();
        var step = (await StepsAsync(1))[0];
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO calendar_exceptions (on_day, kind, reason) VALUES ('2026-01-07', 'Closed', 'Holiday')"));
        await Floor.Pms.Get<Core.Departments.Calendars>().LoadAsync();
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE machines SET retired_at = 1 WHERE id = 3"));
        var ticket = await Floor.Pms.Get<MaintenanceService>().ReportStopAsync(JobFloor.Ben, new ReportStop(2, Stands: true));
        await Floor.Pms.Get<MaintenanceService>().SetExpectedBackAsync(TestPms.System, new SetExpectedBack(ticket.TicketId, Morning.AddHours(3), ticket.Version));
        await Floor.Pms.Get<MachineWindowService>().SaveAsync(TestPms.System, new MachineWindow { MachineId = 1, StartsAt = Morning, EndsAt = Morning.AddHours(2), Reason = "New blade" });

        Assert.Equal("plan.past", await TryAsync(() => PlanAsync(Floor.Now.AddHours(-1), 4)));
        Assert.Equal("plan.closed", await TryAsync(() => PlanAsync(Morning.AddDays(1).AddHours(2), 4)));
        Assert.Equal("job.machine_retired", await TryAsync(() => PlanAsync(Morning, 3)));
        Assert.Equal("job.machine_stands", await TryAsync(() => PlanAsync(Morning.AddHours(2), 2)));
        var aside = await Assert.ThrowsAsync<RuleException>(() => PlanAsync(Morning.AddHours(1), 1));
        Assert.Equal(("plan.machine_downtime", "M-01", Morning.AddHours(2), "New blade"), (aside.Code, aside.Args[0], aside.Args[2], aside.Args[3]));
        Assert.Equal(0, await Floor.CountAsync("jobs"));

        var job = (await Floor.JobAsync((await PlanAsync(Morning.AddHours(-1), 1)).JobId))!;   // an hour before the window, the rest after it
        Assert.Equal(Morning.AddHours(3).AddMinutes(5), job.PlannedEnd);
        Assert.Equal((125, 1440 - 120m), ((await BookAsync()).Of(Pool.Machine(1), Tuesday.AddDays(-1), 2).Sum(b => b.Minutes), (await BookAsync()).At(Pool.Machine(1), Tuesday).Capacity));
        await Planning.CancelAsync(Pam, new CancelJob(job.Id, "Not wanted", job.Version));
        Assert.Equal("ok", await TryAsync(() => PlanAsync(Morning.AddHours(3), 2)));

        Task<JobResult> PlanAsync(DateTimeOffset start, long machine) => Planning.PlanAsync(Pam, new PlanJob(step, 250, start, machine));
    }

    [Fact]
    public async Task What_is_planned_for_the_minute_that_runs_begins_now_and_fills_what_is_left_of_the_day()
    {
        await PlannerAsync();
        var step = (await StepsAsync(1))[0];
        var minute = Morning.AddHours(-1);
        Floor.Pms.Clock.Advance(minute.AddSeconds(54) - Floor.Now);

        var planned = await Planning.PlanAsync(Pam, new PlanJob(step, 250, minute, 1));
        var job = (await Floor.JobAsync((await Planning.MoveAsync(Pam, new MoveJob(planned.JobId, minute, planned.Version, 2))).JobId))!;

        Assert.Equal((minute.AddSeconds(54), minute.AddSeconds(54).AddMinutes(125)), (job.PlannedStart, job.PlannedEnd));
        Assert.Equal([59.1m, 65.9m], (await BookAsync()).Of(Pool.Machine(2), Tuesday.AddDays(-1), 2).Select(b => b.Minutes));
    }

    /// <summary>Those who wait for the turn hold a connection each: whoever has the turn must not have to stand in line behind them for another.</summary>
    [Fact]
    public async Task Whoever_holds_a_department_s_turn_asks_on_that_one_connection_alone()
    {
        await PlannerAsync();
        var steps = await StepsAsync(2);
        WatchedDialect watched = null!;
        await using var node = await Floor.Pms.AnotherNodeAsync(settings: s => s with { Dialect = watched = new WatchedDialect(s.Dialect) });
        await node.Get<Core.Departments.Calendars>().LoadAsync();
        var planning = node.Get<JobPlanningService>();
        var (turns, holder, beside) = (0, (DbConnection?)null, new List<string>());
        watched.Sends = command =>
        {
            if (command.CommandText.Contains("UPDATE capacity_turns", StringComparison.Ordinal))
                (turns, holder) = (turns + 1, command.Connection);
            else if (holder is not null && command.Connection != holder)
                beside.Add(command.CommandText);
            if (command.CommandText.Contains("COMMIT", StringComparison.Ordinal))
                holder = null;
        };

        var planned = await planning.PlanAsync(Pam, new PlanJob(steps[0], 250, Morning, 1), "plan");
        await planning.MoveAsync(Pam, new MoveJob(planned.JobId, Morning.AddHours(1), planned.Version), "move");
        await node.Get<ReleaseService>().ReleaseAsync(Pam, new([await Floor.Db.ScalarAsync<long>("SELECT MAX(id) FROM orders")]), "release");

        Assert.Equal((3, null), (turns, holder));
        Assert.Equal(2, await Floor.CountAsync("jobs"));
        Assert.Empty(beside);
    }

    private async Task<CapacityBook> BookAsync() => new(await Floor.Pms.Get<CapacityQueries>().PlantAsync([JobFloor.Department]), await Floor.Pms.Get<CapacityQueries>().LoadsAsync([JobFloor.Department]));

    /// <summary>A planner without the right to exceed anything.</summary>
    private async Task PlannerAsync()
    {
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync(
            "INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@PlannersId, 'E030', 'E030', 'Pam', 'Pillay', 'PILLAY', 1, 'Planner')", new { PlannersId }));
        await Floor.Pms.Get<Rights>().LoadAsync();
    }

    /// <summary>So many orders of one step to cut that nobody planned yet, half a minute a piece.</summary>
    private async Task<List<long>> StepsAsync(int count, decimal minutes = 125, decimal setup = 0)
    {
        var steps = new List<long>();
        await Floor.Db.InTransactionAsync(async tx =>
        {
            for (var i = 0; i < count; i++)
            {
                var number = "SP" + Guid.NewGuid().ToString("N")[..8];
                var order = await tx.InsertAsync("INSERT INTO orders (number, number_key, customer_id, due_on, status, created_at) VALUES (@number, @number, 1, '2026-01-20', 'Unscheduled', 0)", new { number });
                var item = await tx.InsertAsync("INSERT INTO order_items (order_id, line, product_id, quantity, status) VALUES (@order, 1, 1, @quantity, 'Unscheduled')", new { order, quantity = minutes * 2 });
                steps.Add(await tx.InsertAsync("INSERT INTO order_steps (item_id, position, stage_id, department_id, setup_minutes, run_minutes) VALUES (@item, 1, 1, 1, @setup, @run)", new { item, setup, run = 0.5m }));
            }
        });
        return steps;
    }

    /// <summary>Comes again while the database is busy with the others.</summary>
    private static async Task<string> PatientAsync<T>(Func<Task<T>> command)
    {
        string answer;
        do
            answer = await TryAsync(command);
        while (answer is "database_busy" or "database_away" or "changed_meanwhile" or "key_in_flight");
        return answer;
    }
}
