using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning.Releases;
using Pms.Tests.Jobs;
using Pms.Tests.Support;
using static Pms.Tests.Planning.PlanningFloor;

namespace Pms.Tests.Planning.Releases;

public sealed class ReleaseTests_on_SQLite() : ReleaseTests(Engine.Sqlite);

public sealed class ReleaseTests_on_MariaDB() : ReleaseTests(Engine.MySql);

/// <summary>Many orders become jobs at once, whole or not at all, and never more than there is room for.</summary>
public abstract class ReleaseTests(Engine engine) : JobFloorTests(engine)
{
    private static readonly DateOnly Monday = new(2026, 1, 5);

    private ReleaseService Releases => Floor.Pms.Get<ReleaseService>();

    [Fact]
    public async Task Orders_become_jobs_step_after_step_and_a_repeat_plans_nothing_twice()
    {
        await Floor.PlannerAsync();
        var orders = new List<long>();
        for (var i = 0; i < 5; i++)
            orders.Add(await Floor.NeedAsync(quantity: 240, priority: i == 4 ? OrderPriority.Urgent : OrderPriority.Normal));
        var told = new List<ReleaseProgress>();

        var preview = await Releases.PreviewAsync(Pam, new(orders));
        Assert.Equal(0, await Floor.CountAsync("jobs"));
        var result = await Releases.ReleaseAsync(Pam, new(orders), "release-1", new Told(told));
        var again = await Releases.ReleaseAsync(Pam, new(orders), "release-1");

        Assert.Equal((5, 15, 15L), (result.Orders, result.Jobs, await Floor.CountAsync("jobs")));
        Assert.Equal([new(5, 5)], told);
        Assert.Equal(result.Lines.SelectMany(l => l.Steps).Select(s => s.JobId).Order(), again.Lines.SelectMany(l => l.Steps).Select(s => s.JobId).Order());
        Assert.All(result.Lines, l => Assert.Equal((ReleaseOutcome.Placed, 3, false), (l.Outcome, l.Steps.Count, l.Late)));
        Assert.Equal(preview.Lines.Select(l => (l.ItemId, l.Start, l.End)), result.Lines.Select(l => (l.ItemId, l.Start, l.End)));
        // The urgent one is first in line.
        Assert.Equal((orders[4], Floor.Now), (result.Lines[0].OrderId, result.Lines[0].Start));
        foreach (var line in result.Lines)
        {
            Assert.True(line.Steps[0].End <= line.Steps[1].Start && line.Steps[1].End <= line.Steps[2].Start);
            Assert.Equal(OrderStatus.Scheduled, (await Floor.OpenAsync(line.OrderId)).OrderStatus);
        }
        var job = (await Floor.JobAsync(result.Lines[0].Steps[2].JobId!.Value))!;
        Assert.Equal((JobStatus.Planned, 240m, 0.5m, true, Floor.Now, 1), (job.Status, job.Planned, job.RunMinutes, job.LastStep, job.ReleasedAt, job.Version));
        Assert.Equal((15, 15, 5), (await Floor.CountAsync("audit WHERE action = 'job.planned'"), await Floor.CountAsync("outbox WHERE kind = 'job.planned'"), await Floor.CountAsync("orders WHERE status = 'Scheduled'")));
        Assert.Equal(ReleaseOutcome.Nothing, (await Releases.ReleaseAsync(Pam, new([orders[0]]))).Lines[0].Outcome);
        Assert.Empty(await Floor.BrokenInvariantsAsync());
        await FitsAsync();
    }

    [Fact]
    public async Task Pieces_for_a_thousand_years_find_no_room_and_break_nothing()
    {
        await Floor.PlannerAsync();
        var order = await Floor.NeedAsync(quantity: Rules.MaxQuantity, stages: JobFloor.Cut);
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE order_steps SET run_minutes = @most", new { most = 100_000m }));
        Assert.Equal(ReleaseOutcome.NoRoom, (await Releases.PreviewAsync(Pam, new([order]))).Lines[0].Outcome);
        Assert.Equal(ReleaseOutcome.NoRoom, (await Releases.ReleaseAsync(Pam, new([order]))).Lines[0].Outcome);
        Assert.Equal(0, await Floor.CountAsync("jobs"));
    }

    [Fact]
    public async Task What_was_due_days_ago_is_told_to_have_no_time_left_and_is_planned_late_where_that_is_asked()
    {
        await Floor.PlannerAsync();
        foreach (var due in new DateOnly[] { Monday.AddDays(-1), Monday.AddDays(-2), Monday.AddDays(-90), new(2000, 1, 1) })
        {
            var order = await Floor.NeedAsync(quantity: 2, due: due);
            foreach (var by in Enum.GetValues<ReleaseBy>())
            {
                Assert.Equal("capacity.no_time", (await Releases.PreviewAsync(Pam, new([order], by))).Lines[0].Proof?.Code);
                Assert.Equal("capacity.no_time", (await Releases.ReleaseAsync(Pam, new([order], by))).Lines[0].Proof?.Code);
            }
            var line = (await Releases.ReleaseAsync(Pam, new([order], EvenLate: true))).Lines[0];
            Assert.Equal((ReleaseOutcome.Placed, true), (line.Outcome, line.Late));
        }
    }

    [Fact]
    public async Task More_orders_than_go_into_one_transaction_are_planned_under_one_key()
    {
        await Floor.PlannerAsync();
        var orders = new List<long>();
        for (var i = 0; i < 152; i++)
            orders.Add(await Floor.NeedAsync(quantity: 2, stages: JobFloor.Cut));
        Assert.Equal(152, (await Releases.ReleaseAsync(Pam, new(orders), "many")).Jobs);
        Assert.Equal(152, (await Releases.ReleaseAsync(Pam, new(orders), "many")).Jobs);
        Assert.Equal(152, await Floor.CountAsync("jobs"));
        await FitsAsync();
    }

    [Fact]
    public async Task Two_planners_who_release_at_once_onto_the_last_capacity_get_what_fits_and_no_more()
    {
        await Floor.PlannerAsync();
        await Floor.OnlyMachinesAsync(1);
        // What is left of Monday is 1 380 minutes; each order takes 200 of them.
        var orders = new List<long>();
        for (var i = 0; i < 12; i++)
            orders.Add(await Floor.NeedAsync(quantity: 400, due: Monday, stages: JobFloor.Cut));
        await using var other = await Floor.Pms.AnotherNodeAsync();
        await other.Get<Calendars>().LoadAsync();
        var nodes = new[] { Releases, other.Get<ReleaseService>() };

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => PatientAsync(() => nodes[i % 2].ReleaseAsync(Pam, new([.. orders.Skip(i * 3).Take(3)]), $"r-{i}")))));

        Assert.Equal(6, results.Sum(r => r.Jobs));
        Assert.Equal(6, await Floor.CountAsync("jobs"));
        Assert.All(results.SelectMany(r => r.Lines).Where(l => l.Outcome != ReleaseOutcome.Placed), l => Assert.Equal((ReleaseOutcome.NoRoom, "capacity.no_room"), (l.Outcome, l.Proof!.Code)));
        await FitsAsync();
        // The same orders by two at once: each is planned once.
        var twice = await Floor.NeedAsync(quantity: 100);
        var both = await Task.WhenAll(nodes.Select(n => Task.Run(() => PatientAsync(() => n.ReleaseAsync(Pam, new([twice]))))));
        Assert.Equal((3, 9L), (both.Sum(r => r.Jobs), await Floor.CountAsync("jobs")));
    }

    [Fact]
    public async Task What_does_not_fit_is_answered_with_the_proof_and_with_moves_that_cure_it()
    {
        await Floor.PlannerAsync();
        await Floor.OnlyMachinesAsync(1);
        var (first, second) = (await Floor.NeedAsync(quantity: 1600, due: new(2026, 1, 9), stages: JobFloor.Cut), await Floor.NeedAsync(quantity: 800, due: new(2026, 1, 8), stages: JobFloor.Cut));
        await Releases.ReleaseAsync(Pam, new([first, second]));   // 1 200 of Monday's 1 380 minutes
        var urgent = await Floor.NeedAsync(quantity: 600, due: Monday, priority: OrderPriority.Urgent, stages: JobFloor.Cut);

        var line = (await Releases.PreviewAsync(Pam, new([urgent]))).Lines[0];

        Assert.Equal(ReleaseOutcome.NoRoom, line.Outcome);
        var proof = line.Proof!;
        Assert.Equal(("capacity.no_room", Monday, Monday, TimeSpan.FromMinutes(1500), TimeSpan.FromMinutes(1380), TimeSpan.FromMinutes(120)), (proof.Code, proof.From, proof.Until, proof.Needed, proof.There, proof.Missing));
        Assert.Equal([first, second], proof.Orders.Select(o => o.OrderId));
        Assert.Equal(TimeSpan.FromMinutes(800), proof.Orders[0].Time);
        Assert.Equal(2, line.Cures.Count);
        Assert.Equal(ReleaseOutcome.NoRoom, (await Releases.ReleaseAsync(Pam, new([urgent]))).Lines[0].Outcome);
        Assert.Equal(2, await Floor.CountAsync("jobs"));

        // One tap applies a cure, and then it fits.
        foreach (var move in line.Cures[0].Moves)
            await Floor.Pms.Get<JobPlanningService>().MoveAsync(Pam, new MoveJob(move.JobId, move.Start, move.Version, move.MachineId));
        Assert.Equal(ReleaseOutcome.Placed, (await Releases.ReleaseAsync(Pam, new([urgent]))).Lines[0].Outcome);
        await FitsAsync();

        // Whoever takes it late gets the earliest place there is.
        var late = await Floor.NeedAsync(quantity: 600, due: Monday, stages: JobFloor.Cut);
        Assert.Equal((ReleaseOutcome.Placed, true), (await Releases.PreviewAsync(Pam, new([late], EvenLate: true))).Lines[0] is var l ? (l.Outcome, l.Late) : default);
    }

    [Fact]
    public async Task Backward_it_is_done_just_before_its_due_day_ends()
    {
        await Floor.PlannerAsync();
        var order = await Floor.NeedAsync(quantity: 240, due: new(2026, 1, 8));
        var line = (await Releases.ReleaseAsync(Pam, new([order], ReleaseBy.Due))).Lines[0];
        var end = Forecast.EndOfDay(await Floor.Pms.Get<CapacityQueries>().PlantAsync(), 1, new(2026, 1, 8));
        Assert.Equal((end, end.AddMinutes(-120), end.AddMinutes(-360)), (line.End, line.Steps[2].Start, line.Start));
    }

    [Fact]
    public async Task A_rest_waits_for_what_is_planned_before_it_and_ends_before_what_is_planned_behind()
    {
        await Floor.PlannerAsync();
        var order = await Floor.NeedAsync(quantity: 240);
        var planning = Floor.Pms.Get<JobPlanningService>();
        await planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Cut), 240, Tuesday, 1));
        await planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Pack), 240, Tuesday.AddHours(6), 3));

        var line = (await Releases.ReleaseAsync(Pam, new([order]))).Lines[0];
        Assert.Equal((1, Tuesday.AddHours(2)), (line.Steps.Count, line.Start));

        var tight = await Floor.NeedAsync(quantity: 240);
        await planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(tight, JobFloor.Cut), 240, Tuesday, 2));
        await planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(tight, JobFloor.Pack), 240, Tuesday.AddHours(3), 4));
        Assert.Equal("capacity.no_time", (await Releases.ReleaseAsync(Pam, new([tight], EvenLate: true))).Lines[0].Proof!.Code);
    }

    [Fact]
    public async Task What_may_not_be_planned_is_refused_by_name_and_the_others_are_planned()
    {
        await Floor.PlannerAsync();
        var good = await Floor.NeedAsync();
        var cancelled = await Floor.NeedAsync();
        await Floor.Pms.Get<CancelService>().CancelAsync(TestPms.System, new CancelItems(cancelled, null, "Taken back"));   // a second ago
        var held = await Floor.NeedAsync();
        await Floor.Pms.Get<HoldService>().OpenAsync(TestPms.System, new OpenHoldRequest(held, HoldKind.Material, "Thread is late", false, StepId: await Floor.StepOfAsync(held, JobFloor.Sew)));
        var empty = await Floor.NeedAsync();
        await Floor.ExecuteAsync("DELETE FROM order_steps WHERE item_id = @item", new { item = await Floor.ItemOfAsync(empty) });
        var off = await Floor.NeedAsync();
        await Floor.ExecuteAsync("INSERT INTO stages (id, department_id, name, name_key, position, kind) VALUES (9, 2, 'Print', 'PRINT', 1, 'Bench')");
        await Floor.ExecuteAsync("UPDATE order_steps SET stage_id = 9, department_id = 2 WHERE id = @step", new { step = await Floor.StepOfAsync(off, JobFloor.Sew) });
        await Floor.ExecuteAsync("UPDATE departments SET active = 0 WHERE id = 2");

        var lines = (await Releases.ReleaseAsync(Pam, new([cancelled, held, empty, off, good]))).Lines.ToDictionary(l => l.OrderId);

        Assert.Equal("job.order_cancelled", lines[cancelled].Why!.Code);
        Assert.Equal("job.on_hold", lines[held].Why!.Code);
        Assert.Equal("release.no_steps", lines[empty].Why!.Code);
        Assert.Equal(("release.department_off", "Print"), (lines[off].Why!.Code, lines[off].Why!.Args[0]));
        Assert.Equal((ReleaseOutcome.Placed, 3L), (lines[good].Outcome, await Floor.CountAsync("jobs")));
        await Assert.ThrowsAsync<NotFoundException>(() => Releases.ReleaseAsync(Pam, new([good, 9_999])));
        await Assert.ThrowsAsync<InvalidException>(() => Releases.ReleaseAsync(Pam, new([])));
        await Assert.ThrowsAsync<InvalidException>(() => Releases.PreviewAsync(Pam, new([.. Enumerable.Range(1, ReleaseService.MostOrders + 1).Select(i => (long)i)])));
        await Assert.ThrowsAsync<ForbiddenException>(() => Releases.ReleaseAsync(JobFloor.Ann, new([good])));
    }

    [Fact]
    public async Task Without_a_calendar_and_with_a_shift_of_no_hours_nothing_is_half_planned()
    {
        await Floor.PlannerAsync();
        var order = await Floor.NeedAsync();
        foreach (var sql in new[] { "DELETE FROM shifts", "INSERT INTO shifts (name, days, starts_minute, length_minutes) VALUES ('None', 127, 360, 0)" })
        {
            await Floor.ExecuteAsync(sql);
            await Floor.Pms.Get<Calendars>().LoadAsync();
            var line = (await Releases.ReleaseAsync(Pam, new([order], EvenLate: true))).Lines[0];
            Assert.Equal((ReleaseOutcome.NoRoom, "capacity.no_time"), (line.Outcome, line.Proof!.Code));
            Assert.Equal(line.Proof.Code, (await Releases.PreviewAsync(Pam, new([order], ReleaseBy.Due))).Lines[0].Proof!.Code);
        }
        Assert.Equal(0, await Floor.CountAsync("jobs"));
    }

    /// <summary>No pool is over on any day.</summary>
    private async Task FitsAsync()
    {
        var queries = Floor.Pms.Get<CapacityQueries>();
        var book = new CapacityBook(await queries.PlantAsync(), await queries.LoadsAsync());
        Assert.DoesNotContain(book.Loaded, b => b.Capacity is { } c && b.Minutes > c + 0.001m);
    }

    private static async Task<ReleaseResult> PatientAsync(Func<Task<ReleaseResult>> command)
    {
        for (; ; )
        {
            try { return await command(); }
            catch (PmsException busy) when (busy is BusyException or ConflictException or KeyInFlightException) { continue; }
        }
    }

    private sealed class Told(List<ReleaseProgress> list) : IProgress<ReleaseProgress>
    {
        public void Report(ReleaseProgress value) => list.Add(value);
    }
}
