using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Orders.Goods;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Orders;

/// <summary>Material and finished pieces: in parts as they come, never more than is there without a reason, and nothing is ever changed.</summary>
public abstract class GoodsTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task Material_moves_and_a_true_count_is_never_refused()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var goods = pms.Get<GoodsService>();
        var id = await plant.OrderAsync(pms, "SO-1", 100);
        var item = (await goods.OfOrderAsync(Admin, id))[0].ItemId;

        var received = await goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Received, 120, "Note 4711"), "k1");
        Assert.Equal(received, await goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Received, 120, "Note 4711"), "k1"));
        await goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Issued, 100));
        await goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Returned, 10));
        await goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Scrapped, 5));
        Assert.Equal((25m, 90m, 5m), await FiguresAsync());
        var asked = await Assert.ThrowsAsync<ReasonNeededException>(() => goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Issued, 26)));
        Assert.Equal(("goods.more_than_in_store", 25m), (asked.Warnings[0].Code, asked.Warnings[0].Args[1]));
        Assert.Equal("goods.more_than_issued", (await Assert.ThrowsAsync<ReasonNeededException>(() => goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Returned, 91)))).Warnings[0].Code);
        await goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Issued, 26, Reason: "One was in the box of another order"));
        Assert.Equal((-1m, 116m, 5m), await FiguresAsync());
        await Assert.ThrowsAsync<InvalidException>(() => goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Issued, 0.5m)));
        await Assert.ThrowsAsync<InvalidException>(() => goods.MoveAsync(Admin, id, new MoveMaterial(item, MaterialKind.Issued, 0)));
        await Assert.ThrowsAsync<NotFoundException>(() => goods.MoveAsync(Admin, id, new MoveMaterial(item + 1, MaterialKind.Received, 1)));

        // A counter-entry, once; the entry stays.
        await Assert.ThrowsAsync<InvalidException>(() => goods.TakeMoveBackAsync(Admin, id, new TakeBack(received.Id, " ")));
        var back = await goods.TakeMoveBackAsync(Admin, id, new TakeBack(received.Id, "Was for another order"));
        Assert.Equal("goods.taken_back", (await Assert.ThrowsAsync<RuleException>(() => goods.TakeMoveBackAsync(Admin, id, new TakeBack(received.Id, "Again")))).Code);
        Assert.Equal("goods.taken_back", (await Assert.ThrowsAsync<RuleException>(() => goods.TakeMoveBackAsync(Admin, id, new TakeBack(back.Id, "And back")))).Code);
        Assert.Equal((-121m, 116m, 5m), await FiguresAsync());
        var moves = (await goods.OfOrderAsync(Admin, id))[0].Moves;
        Assert.Equal((6, received.Id, "One was in the box of another order"), (moves.Count, moves.Single(m => m.CorrectsId is not null).CorrectsId, moves.Single(m => m.OverWhy is not null).OverWhy));
        Assert.Equal(6, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action LIKE 'order.material_%'"));

        async Task<(decimal, decimal, decimal)> FiguresAsync() => (await goods.OfOrderAsync(Admin, id))[0] is var g ? (g.InStore, g.Issued, g.Scrapped) : default;
    }

    [Fact]
    public async Task Finished_pieces_leave_in_parts_and_two_at_once_dont_take_the_same()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var goods = floor.Pms.Get<GoodsService>();
        var (order, item) = await MadeAsync(floor, 100);

        await goods.DispatchAsync(Admin, order, new DispatchGoods(item, 40, Note: "First pallet"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try { await goods.DispatchAsync(Admin, order, new DispatchGoods(item, 20)); return "ok"; }
            catch (PmsException e) { return e.Code; }
        })));
        Assert.Equal(3, answers.Count(a => a == "ok"));
        Assert.All(answers.Where(a => a != "ok"), a => Assert.Contains(a, new[] { "reason_needed", "changed_meanwhile" }));
        var now = (await goods.OfOrderAsync(Admin, order))[0];
        Assert.Equal((100m, 100m, 0m), (now.Made, now.ToCustomer, now.There));
        Assert.Equal("goods.more_than_there", (await Assert.ThrowsAsync<ReasonNeededException>(() => goods.DispatchAsync(Admin, order, new DispatchGoods(item, 1)))).Warnings[0].Code);
        await goods.DispatchAsync(Admin, order, new DispatchGoods(item, 1, Reason: "Counted at the gate"));
        Assert.Equal(-1, (await goods.OfOrderAsync(Admin, order))[0].There);
        Assert.Equal("OnDay", (await Assert.ThrowsAsync<InvalidException>(() => goods.DispatchAsync(Admin, order, new DispatchGoods(item, 1, new(2026, 1, 6), Reason: "x")))).Faults[0].Field);
        var first = now.Dispatches.Single(d => d.Note == "First pallet");
        await goods.TakeDispatchBackAsync(Admin, order, new TakeBack(first.Id, "Undelivered"));
        await goods.DispatchAsync(Admin, order, new DispatchGoods(item, 39, To: Disposition.Stock));
        now = (await goods.OfOrderAsync(Admin, order))[0];
        Assert.Equal((61m, 39m, 0m), (now.ToCustomer, now.Elsewhere, now.There));
    }

    [Fact]
    public async Task Thirty_orders_are_closed_within_a_second_and_the_others_say_what_they_lack()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (goods, closing) = (floor.Pms.Get<GoodsService>(), floor.Pms.Get<CloseService>());
        var ids = new List<long>();
        for (var n = 0; n < 30; n++)
        {
            var (order, item) = await MadeAsync(floor, 10);
            await goods.DispatchAsync(Admin, order, new DispatchGoods(item, 10));
            ids.Add(order);
        }
        var (left, leftItem) = await MadeAsync(floor, 10);
        await goods.DispatchAsync(Admin, left, new DispatchGoods(leftItem, 7));
        var open = (await floor.JobAsync((await floor.OrderAsync(10))[JobFloor.Cut]))!.OrderId;

        var watch = TimeProvider.System.GetTimestamp();
        var done = await closing.CloseAsync(Admin, new CloseOrders([.. ids, left, open]), "close-30");
        var took = TimeProvider.System.GetElapsedTime(watch);
        Assert.Equal(ids, done.Closed);
        Assert.Equal([("order.close_not_dispatched", (int?)1, (decimal?)3), ("order.close_not_completed", null, null)], done.Refused.Select(r => (r.Code, r.Line, r.Rest)));
        Assert.True(took < TimeSpan.FromSeconds(3), $"took {took}");   // on a busy machine; alone it is a fraction of a second
        var again = await closing.CloseAsync(Admin, new CloseOrders([.. ids, left, open]), "close-30");
        Assert.Equal(done.Closed, again.Closed);
        Assert.Equal("pcs", again.Refused[0].Unit);

        // Locked from then on: quantities, goods and times.
        Assert.Equal(30, await floor.CountAsync("audit WHERE action = 'order.close'"));
        Assert.Equal(0, await floor.CountAsync("machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id WHERE o.status = 'Closed' AND r.state <> 'Locked'"));
        Assert.Equal(0, await floor.CountAsync("work_times w JOIN jobs j ON j.id = w.job_id JOIN orders o ON o.id = j.order_id WHERE o.status = 'Closed' AND w.state <> 'Locked'"));
        Assert.Equal("order.closed", (await Assert.ThrowsAsync<RuleException>(() => closing.CloseAsync(Admin, ids[0]))).Code);
        Assert.Equal("order.close_not_dispatched", (await Assert.ThrowsAsync<RuleException>(() => closing.CloseAsync(Admin, left))).Code);
        await Assert.ThrowsAsync<NotFoundException>(() => closing.CloseAsync(Admin, 999_999));
        var report = await floor.Db.ScalarAsync<long>("SELECT MIN(r.id) FROM job_reports r JOIN jobs j ON j.id = r.job_id WHERE j.order_id = @id", new { id = ids[0] });
        Assert.Equal("job.order_completed", (await Assert.ThrowsAsync<RuleException>(() => floor.Pms.Get<Core.Jobs.Time.TimeService>().CorrectReportAsync(Admin, new(report, 5, 0, 0, "Miscounted")))).Code);
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task What_is_there_or_short_is_marked_for_one_step_or_for_many_at_once()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var (orders, ready) = (pms.Get<OrderService>(), pms.Get<ReadinessService>());
        var (one, two) = (await plant.OrderAsync(pms, "SO-1"), await plant.OrderAsync(pms, "SO-2"));
        var steps = (await orders.GetAsync(Admin, one)).Items[0].Steps;
        var heard = new List<ReadinessChanged>();
        using var listening = pms.Get<Core.Events.IEventBus>().Subscribe<ReadinessChanged>(_ => true, e => { lock (heard) heard.Add(e); });

        Assert.Equal(1, (await ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Material, ReadinessState.Short, [steps[0].Id], OnDay: new(2026, 1, 9)))).Steps);
        var said = (await orders.GetAsync(Admin, one)).Items[0].Steps[0].Readiness.Single();
        Assert.Equal((ReadinessCheck.Material, ReadinessState.Short, new DateOnly(2026, 1, 9), "test", TestPms.Start), (said.What, said.State, said.OnDay!.Value, said.ByName, said.At));
        Assert.Equal(0, (await ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Material, ReadinessState.Short, [steps[0].Id], OnDay: new(2026, 1, 9)))).Steps);   // says the same
        await Eventually.TrueAsync(() => { lock (heard) return heard is [{ Departments: [var department] }] && department == plant.Printing.Id; }, "the department hears of it");

        Assert.Equal(4, (await ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Material, ReadinessState.Ok, [], [one, two]))).Steps);
        Assert.Equal(3, (await ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Tool, ReadinessState.Ok, [steps[0].Id], [two]))).Steps);
        Assert.All((await orders.GetAsync(Admin, two)).Items[0].Steps, s => Assert.Equal([ReadinessCheck.Material, ReadinessCheck.Tool], s.Readiness.Select(r => r.What)));
        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Task.Run(() => ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Artwork, (ReadinessState)(n % 3), [], n % 2 == 0 ? [one, two] : [two, one])))));
        Assert.Equal(4, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM step_readiness WHERE what = 'Artwork'"));

        await Assert.ThrowsAsync<NotFoundException>(() => ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Tool, ReadinessState.Ok, [steps[0].Id, 999_999])));
        await Assert.ThrowsAsync<InvalidException>(() => ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Tool, ReadinessState.Ok, [])));
        await pms.Get<CancelService>().CancelAsync(Admin, new CancelItems(two, null, "Not wanted"));
        Assert.Equal("order.not_open", (await Assert.ThrowsAsync<RuleException>(() => ready.SetAsync(Admin, new SetReadiness(ReadinessCheck.Tool, ReadinessState.Short, [], [one, two])))).Code);
        Assert.Equal(0, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM step_readiness WHERE state = 'Short' AND what = 'Tool'"));   // all or none
    }

    /// <summary>An order of one item, made and counted through all its steps.</summary>
    internal static async Task<(long Order, long Item)> MadeAsync(JobFloor floor, decimal quantity)
    {
        var jobs = await floor.OrderAsync(quantity);
        foreach (var stage in new[] { JobFloor.Cut, JobFloor.Sew, JobFloor.Pack })
        {
            await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[stage]));
            await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[stage], quantity));
        }
        var job = (await floor.JobAsync(jobs[JobFloor.Cut]))!;
        return (job.OrderId, job.ItemId);
    }
}

public sealed class GoodsTests_on_SQLite() : GoodsTests(Engine.Sqlite);

public sealed class GoodsTests_on_MariaDB() : GoodsTests(Engine.MySql);
