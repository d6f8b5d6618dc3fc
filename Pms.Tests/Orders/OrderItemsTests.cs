using Pms.Core;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Orders;

/// <summary>Items after the order was made: changed, cancelled, and their paths up to where work has begun.</summary>
public abstract class OrderItemsTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task Steps_move_and_change_until_their_work_begins()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        var id = await plant.OrderAsync(pms, "SO-1");
        var item = (await service.GetAsync(Admin, id)).Items[0];
        var steps = Steps(item);

        // Packed first, then printed with more scrap: both steps keep their id, and the one behind needs more in front.
        await service.SetPathAsync(Admin, new(item.Id, item.Version, [steps[1], steps[0] with { ScrapShare = 0.1m, Factor = 2 }]));
        item = (await service.GetAsync(Admin, id)).Items[0];
        Assert.Equal([(steps[1].Id, 1, "Packing", 556m), (steps[0].Id, 2, "Screen print", 1000m)], item.Steps.Select(s => (s.Id, s.Position, s.Stage, item.Flow().RequiredOutput(s.Id))));
        await Assert.ThrowsAsync<ConflictException>(() => service.SetPathAsync(Admin, new(item.Id, item.Version - 1, Steps(item))));
        await Assert.ThrowsAsync<NotFoundException>(() => service.SetPathAsync(Admin, new(item.Id, item.Version, [steps[0] with { Id = 999 }])));

        await JobAsync(pms, id, item, 0, "Running");
        async Task Refused(string code, params OrderStep[] path)
        {
            var refused = await Assert.ThrowsAsync<RuleException>(() => service.SetPathAsync(Admin, new(item.Id, item.Version, path)));
            Assert.Equal((code, "Packing"), (refused.Code, refused.Args[0]));
        }
        var now = Steps(item);
        await Refused("order.path_started", now[0] with { SetupMinutes = 99 }, now[1]);
        await Refused("order.path_started", now[1]);
        await Refused("order.path_order", now[1], now[0]);
        await Refused("order.path_order", new OrderStep { StageId = plant.Print.Id }, now[0], now[1]);
        await service.SetPathAsync(Admin, new(item.Id, item.Version, [now[0], new OrderStep { StageId = plant.Print.Id, RunMinutes = 1 }, now[1] with { RunMinutes = 3 }]));
        item = (await service.GetAsync(Admin, id)).Items[0];
        Assert.Equal((3, OrderStatus.InProgress, 3m), (item.Steps.Count, item.Status, item.Steps[2].RunMinutes));
    }

    [Fact]
    public async Task A_planned_step_keeps_its_stage_and_new_need_unschedules()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        var id = await plant.OrderAsync(pms, "SO-1");
        var item = (await service.GetAsync(Admin, id)).Items[0];
        await JobAsync(pms, id, item, 0, "Planned");
        await JobAsync(pms, id, item, 1, "Planned");
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE order_items SET status = 'Scheduled'"));
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE orders SET status = 'Scheduled'"));
        var steps = Steps(item);
        Assert.Equal("order.path_planned", (await Assert.ThrowsAsync<RuleException>(() => service.SetPathAsync(Admin, new(item.Id, item.Version, [steps[0] with { StageId = plant.Pack.Id }, steps[1]])))).Code);
        Assert.Equal("order.path_planned", (await Assert.ThrowsAsync<RuleException>(() => service.SetPathAsync(Admin, new(item.Id, item.Version, [steps[0]])))).Code);
        await service.SetPathAsync(Admin, new(item.Id, item.Version, [steps[0], steps[1] with { ScrapShare = 0.2m }]));
        var detail = await service.GetAsync(Admin, id);
        Assert.Equal((OrderStatus.Unscheduled, OrderStatus.Unscheduled, 250m), (detail.Order.Status, detail.Items[0].Status, detail.Items[0].Flow().Need(steps[0].Id)));
    }

    [Fact]
    public async Task Another_product_brings_its_path_until_something_is_planned()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        var cap = await pms.Get<Core.Products.ProductService>().SaveAsync(Admin, new Core.Products.Product { Code = "CAP", Name = "Cap", Lifecycle = Core.Products.Lifecycle.Active, Steps = [new() { StageId = plant.Pack.Id }] });
        var id = await plant.OrderAsync(pms, "SO-1");
        var row = (await service.GetAsync(Admin, id)).Items[0];
        var item = await service.SaveItemAsync(Admin, new OrderItem { Id = row.Id, OrderId = id, ProductId = cap.Id, Quantity = 40, UnitPrice = 2.5m, DueOn = new(2026, 3, 1), Version = row.Version });
        row = (await service.GetAsync(Admin, id)).Items[0];
        Assert.Equal(("CAP", 40m, 2.5m, new DateOnly(2026, 3, 1), "Packing"), (row.Code, row.Quantity, row.UnitPrice, row.DueOn, Assert.Single(row.Steps).Stage));
        await JobAsync(pms, id, row, 0, "Planned");
        Assert.Equal("order.product_planned", (await Assert.ThrowsAsync<RuleException>(() => service.SaveItemAsync(Admin, item with { Version = row.Version, ProductId = plant.Shirt.Id }))).Code);
    }

    [Fact]
    public async Task What_runs_is_stopped_before_its_item_is_cancelled_and_made_pieces_go_somewhere()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var (service, cancelling) = (pms.Get<OrderService>(), pms.Get<CancelService>());
        var id = await plant.OrderAsync(pms, "SO-1");
        await service.SaveItemAsync(Admin, new OrderItem { OrderId = id, ProductId = plant.Shirt.Id, Quantity = 5 });
        var item = (await service.GetAsync(Admin, id)).Items[0];
        var running = await JobAsync(pms, id, item, 0, "Running");
        var planned = await JobAsync(pms, id, item, 1, "Planned");
        Assert.Equal("order.item_runs", (await Assert.ThrowsAsync<RuleException>(() => cancelling.CancelAsync(Admin, new(id, item.Id, "Customer changed their mind")))).Code);

        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET status = 'Paused', good = 30000000 WHERE id = @running", new { running }));
        Assert.Equal("Disposition", (await Assert.ThrowsAsync<InvalidException>(() => cancelling.CancelAsync(Admin, new(id, item.Id, "Customer changed their mind")))).Faults[0].Field);
        Assert.Equal("Reason", (await Assert.ThrowsAsync<InvalidException>(() => cancelling.CancelAsync(Admin, new(id, item.Id, " ", Disposition.Stock)))).Faults[0].Field);
        await cancelling.CancelAsync(Admin, new(id, item.Id, "Customer changed their mind", Disposition.Stock), "tap");
        await cancelling.CancelAsync(Admin, new(id, item.Id, "Customer changed their mind", Disposition.Stock), "tap");

        var detail = await service.GetAsync(Admin, id);
        Assert.Equal([OrderStatus.Cancelled, OrderStatus.Unscheduled], detail.Items.Select(i => i.Status));
        Assert.Equal((OrderStatus.Unscheduled, "Stock", 30m), (detail.Order.Status, detail.Items[0].Disposition, detail.Items[0].Disposed));
        Assert.Equal(["Finished", "Cancelled"], await pms.Db.ListAsync<string>("SELECT status FROM jobs WHERE id IN (@running, @planned) ORDER BY id", new { running, planned }));

        await cancelling.CancelAsync(Admin, new(id, null, "The rest, too"));
        Assert.Equal(OrderStatus.Cancelled, (await service.GetAsync(Admin, id)).Order.Status);
        Assert.Equal("order.not_open", (await Assert.ThrowsAsync<RuleException>(() => cancelling.CancelAsync(Admin, new(id, null, "Again")))).Code);
    }

    [Fact]
    public async Task Planning_and_a_changed_path_in_the_same_moment_are_decided_one_after_the_other()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await Plant.WorksAsync(pms);
        var (service, planning) = (pms.Get<OrderService>(), pms.Get<JobPlanningService>());
        for (var round = 0; round < 20; round++)
        {
            var id = await plant.OrderAsync(pms, $"SO-{round}", 100);
            var item = (await service.GetAsync(Admin, id)).Items[0];
            var steps = Steps(item);
            var plans = Enumerable.Range(0, 6).Select(_ => Task.Run(() => CodeAsync(() => planning.PlanAsync(Admin, new PlanJob(steps[0].Id, 103, TestPms.Start.AddDays(round), End: TestPms.Start.AddDays(round).AddHours(1)))))).ToArray();
            // Printing goes; without the item's version a job would be left over for a step that is not there.
            var path = Task.Run(() => CodeAsync(() => service.SetPathAsync(Admin, new(item.Id, item.Version, [steps[1]]))));

            string?[] codes = [.. await Task.WhenAll(plans), await path];

            Assert.Equal(0, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM jobs j WHERE NOT EXISTS (SELECT 1 FROM order_steps s WHERE s.id = j.step_id)"));
            Assert.True(await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM jobs WHERE order_id = @id", new { id }) <= 1, $"planned twice: {string.Join(", ", codes)}");
            Assert.True(codes.Any(c => c is null), "nobody came through");
        }
    }

    private static async Task<string?> CodeAsync(Func<Task> work)
    {
        try { await work(); return null; }
        catch (PmsException e) { return e.Code; }
    }

    private static OrderStep[] Steps(OrderDetail.Item item) => [.. item.Steps.Select(s => new OrderStep
    {
        Id = s.Id, StageId = s.StageId, DepartmentId = s.DepartmentId, SetupMinutes = s.SetupMinutes, RunMinutes = s.RunMinutes, Crew = s.Crew, ScrapShare = s.ScrapShare, Factor = s.Factor,
        TransferQuantity = s.TransferQuantity, Required = s.Required, Parallel = s.Parallel,
    })];

    private static Task<long> JobAsync(TestPms pms, long order, OrderDetail.Item item, int step, string status) => pms.Db.InTransactionAsync(tx => tx.InsertAsync(
        """
        INSERT INTO jobs (order_id, item_id, step_id, product_id, department_id, stage_id, kind, status, phase, planned, planned_start, planned_end, setup_minutes, started_at, created_at)
        VALUES (@order, @Id, @step, @ProductId, @department, @stage, 'Normal', @status, @phase, 1000000000, @at, @at, 0, @started, @at)
        """, new
        {
            order, item.Id, step = item.Steps[step].Id, item.ProductId, department = item.Steps[step].DepartmentId, stage = item.Steps[step].StageId, status,
            phase = status == "Running" ? "Run" : null, at = TestPms.Start, started = status == "Running" ? TestPms.Start : (DateTimeOffset?)null,
        }));
}

public sealed class OrderItemsTests_on_SQLite() : OrderItemsTests(Engine.Sqlite);

public sealed class OrderItemsTests_on_MariaDB() : OrderItemsTests(Engine.MySql);
