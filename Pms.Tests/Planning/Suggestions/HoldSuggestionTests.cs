using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning.Outlooks;
using Pms.Core.Planning.Suggestions;
using Pms.Tests.Jobs;
using Pms.Tests.Support;
using static Pms.Tests.Planning.PlanningFloor;

namespace Pms.Tests.Planning.Suggestions;

public sealed class HoldSuggestionTests_on_SQLite() : HoldSuggestionTests(Engine.Sqlite);

public sealed class HoldSuggestionTests_on_MariaDB() : HoldSuggestionTests(Engine.MySql);

/// <summary>A hold gives its slots back after the grace, others are suggested for them, and the old places are offered again.</summary>
public abstract class HoldSuggestionTests(Engine engine) : JobFloorTests(engine)
{
    private HoldService Holds => Floor.Pms.Get<HoldService>();
    private HoldRelief Relief => Floor.Pms.Get<HoldRelief>();
    private SuggestionService Suggestions => Floor.Pms.Get<SuggestionService>();
    private JobPlanningService Planning => Floor.Pms.Get<JobPlanningService>();

    [Fact]
    public async Task After_the_grace_unstarted_jobs_leave_the_plan_and_their_old_place_is_taken_again_when_the_hold_is_lifted()
    {
        await Floor.PlannerAsync();
        var (order, job) = await PlannedAsync(250, Tuesday, 1);
        await Planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Sew), 250, Tuesday.AddHours(4), 2));
        await Planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Pack), 250, Tuesday.AddHours(8), 3));
        Assert.Equal(OrderStatus.Scheduled, (await Floor.OpenAsync(order)).OrderStatus);
        var hold = await Holds.OpenAsync(Pam, new OpenHoldRequest(order, HoldKind.Material, "Cloth is late", false));

        Assert.False(await Relief.IsDueAsync(default));
        Assert.Equal(Floor.Now.AddMinutes(60), (await Suggestions.OfHoldAsync(Pam, hold)).FreesAt);
        Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(60));
        Assert.True(await Relief.IsDueAsync(default));
        await Relief.SweepAsync(default);

        Assert.False(await Relief.IsDueAsync(default));
        var item = await Floor.OpenAsync(order);
        Assert.Equal((OrderStatus.Unscheduled, OrderStatus.Unscheduled, 3), (item.OrderStatus, item.Status, item.Unplanned.Count));
        Assert.Equal((JobStatus.Cancelled, hold), ((await Floor.JobAsync(job))!.Status, (await Floor.JobAsync(job))!.FreedBy));
        Assert.DoesNotContain(await Floor.Pms.Get<CapacityQueries>().LoadsAsync(), l => l.OrderId == order);
        Assert.Equal("hold.freed", (await Assert.ThrowsAsync<RuleException>(() => Relief.FreeAsync(Pam, hold))).Code);
        Assert.Empty(await Floor.BrokenInvariantsAsync());

        // Somebody takes one of the places; the other two are still there.
        var (_, taken) = await PlannedAsync(2300, Tuesday, 1);
        await Holds.LiftAsync(Pam, hold, 1);
        var lifted = await Suggestions.OfHoldAsync(Pam, hold);
        Assert.Equal((null, 3, 0), (lifted.FreesAt, lifted.Slots.Count, lifted.Candidates.Count));
        Assert.Equal(["hold.old_place_taken", null, null], lifted.Slots.Select(s => s.Gone?.Code));
        Assert.Equal("hold.old_place_taken", (await Assert.ThrowsAsync<RuleException>(() => Suggestions.TakeOldPlaceAsync(Pam, hold, job))).Code);
        await Planning.CancelAsync(Pam, new CancelJob(taken, "Not wanted", 1));
        foreach (var slot in lifted.Slots)
            await Suggestions.TakeOldPlaceAsync(Pam, hold, slot.JobId, $"old-{slot.JobId}");

        Assert.All((await Suggestions.OfHoldAsync(Pam, hold)).Slots, s => Assert.True(s.Planned));
        Assert.Equal(OrderStatus.Scheduled, (await Floor.OpenAsync(order)).OrderStatus);
        Assert.Equal(Tuesday, await Floor.Db.ScalarAsync<long>("SELECT MIN(planned_start) FROM jobs WHERE order_id = @order AND status = 'Planned'", new { order }) is var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : default);
    }

    [Fact]
    public async Task Without_a_grace_the_slots_are_free_at_once_and_what_runs_or_is_paused_keeps_its_load()
    {
        await Floor.PlannerAsync();
        Floor.Pms.Get<LiveSettings>().Now = Floor.Pms.Get<LiveSettings>().Now with { HoldGraceMinutes = 0 };
        var order = await Floor.NeedAsync(quantity: 200);
        var cut = await Planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Cut), 200, Floor.Now, 1));
        await Planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Sew), 200, Tuesday, 2));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(cut.JobId));

        await Holds.OpenAsync(Pam, new OpenHoldRequest(order, HoldKind.Customer, "Another colour", true));

        Assert.Equal([cut.JobId], (await Floor.Pms.Get<CapacityQueries>().LoadsAsync()).Select(l => l.JobId));
        Assert.Equal(OrderStatus.InProgress, (await Floor.OpenAsync(order)).OrderStatus);
        Assert.Equal([JobFloor.Sew, JobFloor.Pack], (await Floor.OpenAsync(order)).Unplanned.Select(s => s.StageId));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task A_hold_lifted_at_the_moment_it_is_freed_is_one_or_the_other()
    {
        await Floor.PlannerAsync();
        var (order, job) = await PlannedAsync(250, Tuesday, 1);
        var hold = await Holds.OpenAsync(Pam, new OpenHoldRequest(order, HoldKind.Other, "Wait", false));
        await using var other = await Floor.Pms.AnotherNodeAsync();

        await Task.WhenAll(Task.Run(() => TryAsync(() => Relief.FreeAsync(Pam, hold))), Task.Run(() => TryAsync(async () => { await other.Get<HoldService>().LiftAsync(Pam, hold, 1); return 0; })));

        var after = await Holds.FindAsync(Pam, hold);
        Assert.Equal(HoldState.Lifted, after.State);
        Assert.Equal(after.FreedAt is null ? JobStatus.Planned : JobStatus.Cancelled, (await Floor.JobAsync(job))!.Status);
    }

    [Fact]
    public async Task Candidates_fit_the_step_and_the_slot_and_the_best_comes_first()
    {
        await Floor.PlannerAsync();
        await Floor.OnlyMachinesAsync(1, 2);
        await Floor.ExecuteAsync("INSERT INTO categories (id, name, name_key) VALUES (1, 'Caps', 'CAPS')");
        await Floor.ExecuteAsync("UPDATE products SET category_id = 1");
        await Floor.ExecuteAsync("INSERT INTO products (id, code, code_key, name, name_key, unit, lifecycle, category_id) VALUES (2, 'CAP-5', 'CAP-5', 'Cap 5-panel', 'CAP 5-PANEL', 'pcs', 'Active', 1), (3, 'BAG', 'BAG', 'Bag', 'BAG', 'pcs', 'Active', NULL)");
        var (held, _) = await PlannedAsync(240, Tuesday, 1);   // two hours
        var same = await Floor.NeedAsync(quantity: 230, due: new(2026, 1, 6), stages: JobFloor.Cut);
        var category = await Floor.NeedAsync(quantity: 240, due: new(2026, 1, 12), product: 2, stages: JobFloor.Cut);
        var large = await Floor.NeedAsync(quantity: 480, product: 3, priority: OrderPriority.Urgent, stages: JobFloor.Cut);
        var later = await Floor.NeedAsync(stages: [JobFloor.Sew, JobFloor.Cut]);   // its first step is another
        var lacking = await Floor.NeedAsync(stages: JobFloor.Cut);
        await Floor.ExecuteAsync("INSERT INTO step_readiness (step_id, what, state, by_name, at) VALUES (@step, 'Material', 'Short', 'Pam', 0)", new { step = await Floor.StepOfAsync(lacking, JobFloor.Cut) });
        var other = await Floor.NeedAsync(stages: JobFloor.Cut);
        await Holds.OpenAsync(Pam, new OpenHoldRequest(other, HoldKind.Customer, "Wait", false));
        var hold = await Holds.OpenAsync(Pam, new OpenHoldRequest(held, HoldKind.Material, "Navy caps short", false));

        var found = await Suggestions.OfHoldAsync(Pam, hold);

        Assert.Equal((1, Tuesday, Tuesday.AddHours(2), TimeSpan.FromHours(2)), (found.Slots.Count, found.Slot!.Start, found.Slot.End, found.Slot.Time));
        Assert.Equal([same, category, large], found.Candidates.Select(c => c.OrderId));
        Assert.True(found.Candidates[0].Score.Total > found.Candidates[1].Score.Total && found.Candidates[1].Score.Total > found.Candidates[2].Score.Total);
        Assert.Equal((25, 96m, 230m, false), (found.Candidates[0].Score.Product, found.Candidates[0].Facts.FitPercent, found.Candidates[0].Quantity, found.Candidates[0].Split));
        Assert.Equal((200m, 480m, true, Tuesday.AddHours(2)), (found.Candidates[2].Facts.FitPercent, found.Candidates[2].Need, found.Candidates[2].Split, found.Candidates[2].End));
        Assert.DoesNotContain(found.Candidates, c => c.OrderId == later || c.OrderId == lacking || c.OrderId == other);

        await Relief.FreeAsync(Pam, hold);
        var chosen = found.Candidates[0];
        await Planning.PlanAsync(Pam, new PlanJob(chosen.StepId, chosen.Quantity, chosen.Start, chosen.MachineId, End: chosen.End, SetupMinutes: chosen.SetupMinutes));
        Assert.Equal(OrderStatus.Scheduled, (await Floor.OpenAsync(same)).OrderStatus);
        Assert.DoesNotContain((await Suggestions.OfHoldAsync(Pam, hold)).Candidates, c => c.OrderId == same);
    }

    [Fact]
    public async Task Days_and_machines_with_room_are_suggested_for_a_step_and_for_a_planned_job()
    {
        await Floor.PlannerAsync();
        await Floor.OnlyMachinesAsync(1, 2);
        await PlannedAsync(2760, Floor.Now, 1);   // the whole of Monday
        var (order, job) = await PlannedAsync(250, Tuesday, 1);
        var step = await Floor.StepOfAsync(order, JobFloor.Cut);

        var moved = await Suggestions.DatesAsync(Pam, new AskDates(step, 250, job, Days: 3));
        Assert.Equal(1, moved.Version);
        Assert.Equal([(new DateOnly(2026, 1, 5), "M-02"), (new(2026, 1, 6), "M-01"), (new(2026, 1, 7), "M-01")], moved.Days.Select(d => (d.Day, d.Machine!)));
        Assert.Equal(["M-02", "M-01"], moved.Machines.Select(m => m.Machine!));
        await Planning.MoveAsync(Pam, new MoveJob(job, moved.Days[0].Start, moved.Version!.Value, moved.Days[0].MachineId));
        Assert.Equal(2, (await Floor.JobAsync(job))!.MachineId);

        Assert.Equal("between", (await Assert.ThrowsAsync<InvalidException>(() => Suggestions.DatesAsync(Pam, new AskDates(step, 250, Days: 100)))).Faults[0].Why.Code);
        await Assert.ThrowsAsync<NotFoundException>(() => Suggestions.DatesAsync(Pam, new AskDates(step, 250, 9_999)));
        await Assert.ThrowsAsync<ForbiddenException>(() => Suggestions.DatesAsync(JobFloor.Ann, new AskDates(step, 250)));
    }

    [Fact]
    public async Task The_outlook_foretells_who_will_be_late()
    {
        await Floor.PlannerAsync();
        await Floor.OnlyMachinesAsync(1);
        var late = await Floor.NeedAsync(quantity: 6000, due: new(2026, 1, 6), stages: JobFloor.Cut);
        var fine = await Floor.NeedAsync(quantity: 100, due: new(2026, 1, 9), stages: JobFloor.Cut);
        var outlook = await Floor.Pms.Get<PresentOutlook>().RecentAsync();
        Assert.True(outlook.Forecast.Orders[late].AtRisk);
        Assert.False(outlook.Forecast.Orders[fine].AtRisk);
    }

    /// <summary>An order of which cutting is planned; answers it and the job.</summary>
    private async Task<(long Order, long Job)> PlannedAsync(decimal quantity, DateTimeOffset start, long machine)
    {
        var order = await Floor.NeedAsync(quantity: quantity, stages: quantity == 250 ? [JobFloor.Cut, JobFloor.Sew, JobFloor.Pack] : [JobFloor.Cut]);
        return (order, (await Planning.PlanAsync(Pam, new PlanJob(await Floor.StepOfAsync(order, JobFloor.Cut), quantity, start, machine))).JobId);
    }
}
