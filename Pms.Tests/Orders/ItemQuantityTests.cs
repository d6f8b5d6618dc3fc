using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Orders;

/// <summary>A lower quantity takes its jobs along, last first; pieces beyond it go somewhere; and holds end with what they stood on.</summary>
public abstract class ItemQuantityTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task Jobs_not_begun_shrink_last_first_and_it_is_shown_before()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await Plant.WorksAsync(pms);
        var (orders, items, planning) = (pms.Get<OrderService>(), pms.Get<ItemService>(), pms.Get<JobPlanningService>());
        var id = await plant.OrderAsync(pms, "SO-1", 100);
        var row = (await orders.GetAsync(Admin, id)).Items[0];
        var pack = row.Steps[1].Id;
        var early = (await planning.PlanAsync(Admin, Plan(pack, 40, TestPms.Start.AddHours(1)))).JobId;
        var middle = (await planning.PlanAsync(Admin, Plan(pack, 30, TestPms.Start.AddHours(2)))).JobId;
        var late = (await planning.PlanAsync(Admin, Plan(pack, 30, TestPms.Start.AddHours(3)))).JobId;
        var printed = (await planning.PlanAsync(Admin, Plan(row.Steps[0].Id, 100, TestPms.Start))).JobId;
        row = (await orders.GetAsync(Admin, id)).Items[0];
        Assert.Equal(OrderStatus.Scheduled, row.Status);

        var preview = await items.PreviewAsync(Admin, id, row.Id, 50);
        Assert.Equal([(printed, 50m), (late, 0m), (middle, 10m)], preview.Jobs.Select(j => (j.JobId, j.Planned)));
        Assert.Empty(preview.Surplus);
        var item = await items.SaveAsync(Admin, Item(row, id) with { Quantity = 50 });

        Assert.Equal((50m, OrderStatus.Scheduled), (item.Quantity, item.Status));
        Assert.Equal(["Planned 40", "Planned 10", "Cancelled 30", "Planned 50"], await JobsAsync(pms, early, middle, late, printed));
        row = (await orders.GetAsync(Admin, id)).Items[0];
        Assert.All(row.Steps, s => Assert.Equal(0, row.Flow().Need(s.Id)));
        Assert.Equal(2, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'job.shrink'"));
        await Assert.ThrowsAsync<ConflictException>(() => items.SaveAsync(Admin, item with { Quantity = 20, Version = item.Version - 1 }));
        Assert.Equal(OrderStatus.Unscheduled, (await items.SaveAsync(Admin, item with { Quantity = 60 })).Status);   // more is new need
    }

    [Fact]
    public async Task Below_what_is_made_the_pieces_left_over_go_somewhere()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (orders, items) = (floor.Pms.Get<OrderService>(), floor.Pms.Get<ItemService>());
        var jobs = await floor.OrderAsync(100);
        var order = (await floor.JobAsync(jobs[JobFloor.Cut]))!.OrderId;
        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Cut]));
        await floor.Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 80));
        await floor.Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[JobFloor.Sew]));
        await floor.Jobs.ReportAsync(JobFloor.Ben, new ReportJob(jobs[JobFloor.Sew], 70));
        var row = (await orders.GetAsync(Admin, order)).Items[0];

        var preview = await items.PreviewAsync(Admin, order, row.Id, 60);
        Assert.Equal([("Cut", 10m), ("Sew", 10m)], preview.Surplus.Select(s => (s.Stage, s.Quantity)));   // the ten sewn were cut, too
        var refused = await Assert.ThrowsAsync<InvalidException>(() => items.SaveAsync(Admin, Item(row, order) with { Quantity = 60 }));
        Assert.Equal("Surplus", refused.Faults[0].Field);
        Assert.Equal(100, (await floor.JobAsync(jobs[JobFloor.Pack]))!.Planned);
        var item = await items.SaveAsync(Admin, Item(row, order) with { Quantity = 60, Surplus = Disposition.Stock });

        // What runs shrinks to what it made, what has not begun to the new need; both go on.
        Assert.Equal(["Running 80", "Running 70", "Planned 60"], await JobsAsync(floor.Pms, jobs[JobFloor.Cut], jobs[JobFloor.Sew], jobs[JobFloor.Pack]));
        Assert.Equal([("Cut", "Stock", 10m), ("Sew", "Stock", 10m)], (await orders.GetAsync(Admin, order)).Items[0].Surpluses.Select(s => (s.Stage, s.Kind, s.Quantity)));
        await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[JobFloor.Cut]));
        await floor.Jobs.FinishAsync(JobFloor.Ben, new FinishJob(jobs[JobFloor.Sew]));
        var read = (await orders.GetAsync(Admin, order)).Items[0];
        Assert.Equal("order.surplus_gone", (await Assert.ThrowsAsync<RuleException>(() => items.SaveAsync(Admin, Item(read, order) with { Quantity = 90 }))).Code);

        // Lowered to what is packed already, the item and with it its order are complete.
        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Pack]));
        var paused = await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[JobFloor.Pack], 40, Answer: ShortAnswer.MoreToCome));
        await floor.Pms.Get<JobPlanningService>().UnplanAsync(Admin, new UnplanJob(jobs[JobFloor.Pack], paused.Version));
        await floor.Pms.Get<HoldService>().OpenAsync(Admin, new OpenHoldRequest(order, HoldKind.Customer, "they may want fewer", false));
        read = (await orders.GetAsync(Admin, order)).Items[0];
        await items.SaveAsync(Admin, Item(read, order) with { Quantity = 40, Surplus = Disposition.Scrap });
        Assert.Equal(1, await floor.CountAsync($"orders WHERE id = {order} AND status = 'Completed' AND completed_at IS NOT NULL"));
        Assert.Equal(1, await floor.CountAsync("holds WHERE state = 'Voided' AND ended_at IS NOT NULL"));
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task A_report_in_the_same_moment_is_counted_before_the_quantity_falls()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (orders, items) = (floor.Pms.Get<OrderService>(), floor.Pms.Get<ItemService>());
        for (var round = 0; round < 12; round++)
        {
            var jobs = await floor.OrderAsync(100);
            var job = jobs[JobFloor.Cut];
            var order = (await floor.JobAsync(job))!.OrderId;
            await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
            await floor.Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 50));
            var row = (await orders.GetAsync(Admin, order)).Items[0];
            var lower = Task.Run(async () =>
            {
                try { await items.SaveAsync(Admin, Item(row, order) with { Quantity = 60 }); return "ok"; }
                catch (PmsException e) { return e.Code; }
            });
            await floor.Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 30));

            var answer = await lower;
            var after = (await floor.JobAsync(job))!;
            Assert.Equal(80, after.Good);
            // Either it fell first and the report came on top of it, or twenty would be left over and somebody has to say where they go.
            Assert.True(answer == "ok" ? after.Planned == 60 : after.Planned == 100, $"{answer}: {after.Planned}");
            await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, Answer: ShortAnswer.RestLater, Reason: "round"));
        }
    }

    [Fact]
    public async Task Holds_end_with_what_they_stand_on()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (holds, planning) = (floor.Pms.Get<HoldService>(), floor.Pms.Get<JobPlanningService>());
        var jobs = await floor.OrderAsync(10);
        var job = (await floor.JobAsync(jobs[JobFloor.Pack]))!;
        await holds.OpenAsync(Admin, new OpenHoldRequest(job.OrderId, HoldKind.Material, "no boxes", false, JobId: job.Id));
        await holds.OpenAsync(Admin, new OpenHoldRequest(job.OrderId, HoldKind.Customer, "ask again", false));
        await planning.CancelAsync(Admin, new CancelJob(job.Id, "planned twice", (await floor.JobAsync(job.Id))!.Version));
        Assert.Equal(["Voided", "Open"], await floor.Db.ListAsync<string>("SELECT state FROM holds ORDER BY id"));
        Assert.Equal("job.is_cancelled", (await Assert.ThrowsAsync<RuleException>(() => holds.OpenAsync(Admin, new OpenHoldRequest(job.OrderId, HoldKind.Material, "x", false, JobId: job.Id)))).Code);
        await floor.Pms.Get<CancelService>().CancelAsync(Admin, new CancelItems(job.OrderId, null, "Not wanted"));
        Assert.Equal((2, 2), (await floor.CountAsync("holds WHERE state = 'Voided' AND ended_by IS NOT NULL"), await floor.CountAsync("audit WHERE action = 'hold.void'")));

        // Finished under "finish what runs": nothing is left to hold.
        jobs = await floor.OrderAsync(10);
        foreach (var stage in new[] { JobFloor.Cut, JobFloor.Sew, JobFloor.Pack })
        {
            await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[stage]));
            if (stage == JobFloor.Pack)
                await holds.OpenAsync(Admin, new OpenHoldRequest((await floor.JobAsync(jobs[stage]))!.OrderId, HoldKind.Quality, "one was dirty", StopNow: false));
            await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[stage], 10));
        }
        Assert.Equal(0, await floor.CountAsync("holds WHERE state = 'Open'"));
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    private static PlanJob Plan(long step, decimal quantity, DateTimeOffset start) => new(step, quantity, start, End: start.AddHours(1));

    private static OrderItem Item(OrderDetail.Item row, long order) => new() { Id = row.Id, OrderId = order, Line = row.Line, ProductId = row.ProductId, Quantity = row.Quantity, Version = row.Version };

    private static async Task<IEnumerable<string>> JobsAsync(TestPms pms, params long[] ids)
    {
        var jobs = new List<string>();
        foreach (var id in ids)
            jobs.Add((await pms.Get<JobRepository>().FindAsync(id))! is var job ? $"{job.Status} {job.Planned:0}" : "");
        return jobs;
    }
}

public sealed class ItemQuantityTests_on_SQLite() : ItemQuantityTests(Engine.Sqlite);

public sealed class ItemQuantityTests_on_MariaDB() : ItemQuantityTests(Engine.MySql);
