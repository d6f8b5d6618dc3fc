using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Orders;

/// <summary>Orders, their items and paths, and holds.</summary>
public abstract class OrderServiceTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task An_order_copies_the_path_of_its_product_with_every_fallback()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var id = await plant.OrderAsync(pms, "SO-1");
        var detail = await pms.Get<OrderService>().GetAsync(Admin, id);
        Assert.Equal(("SO-1", OrderStatus.Unscheduled, OrderPriority.Normal, "Blue Crane Outfitters"), (detail.Order.Number, detail.Order.Status, detail.Order.Priority, detail.Customer));
        var item = Assert.Single(detail.Items);
        Assert.Equal((10, 1000m, OrderStatus.Unscheduled), (item.Line, item.Quantity, item.Status));
        Assert.Equal([("Screen print", plant.Printing.Id, 20m, 0.4m, 50m), ("Packing", plant.Packing.Id, 0m, 0.1m, null)],
            item.Steps.Select(s => (s.Stage, s.DepartmentId, s.SetupMinutes, s.RunMinutes!.Value, s.TransferQuantity)));
        // Packing expects no scrap, so printing puts out what is packed.
        Assert.Equal([1000m, 1000m], item.Steps.Select(s => item.Flow().Need(s.Id)));

        await pms.Get<Core.Products.ProductService>().SaveAsync(Admin, plant.Shirt with { Steps = [plant.Shirt.Steps[1]] });
        Assert.Equal(2, (await pms.Get<OrderService>().GetAsync(Admin, id)).Items[0].Steps.Count);
    }

    [Fact]
    public async Task A_resend_makes_no_second_order_and_a_taken_number_is_said_beside_the_field()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var first = await plant.OrderAsync(pms, "SO-1", key: "k");
        Assert.Equal(first, await plant.OrderAsync(pms, "SO-1", key: "k"));
        var refused = await Assert.ThrowsAsync<InvalidException>(() => plant.OrderAsync(pms, " so-1"));
        Assert.Equal(("Order.Number", "taken"), (refused.Faults[0].Field, refused.Faults[0].Why.Code));
        Assert.Equal(1, (await pms.Get<OrderService>().ListAsync(Admin, new PageRequest())).Total);
        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM order_items"));
    }

    [Fact]
    public async Task Many_orders_at_once_leave_the_rows_that_each_by_itself_leaves_or_none()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        CreateOrder Wanted(string number) => new(new Order { Number = number, CustomerId = plant.Customer.Id, DueOn = new(2026, 2, 1) },
        [
            new() { ProductId = plant.Shirt.Id, Quantity = 100, DueOn = new(2026, 1, 20), Variants = [new() { VariantId = plant.Shirt.Variants[0].Id, Quantity = 60 }, new() { VariantId = plant.Shirt.Variants[1].Id, Quantity = 40 }] },
            new() { ProductId = plant.Shirt.Id, Quantity = 5, Line = 10 }, new() { ProductId = plant.Shirt.Id, Quantity = 6 },
        ]);
        async Task<string[]> RowsAsync(string number) =>
        [
            .. await pms.Db.ListAsync<string>("SELECT CONCAT(o.customer_id, ' ', o.due_on, ' ', o.next_due_on, ' ', o.status, ' ', o.version) FROM orders o WHERE o.number = @number", new { number }),
            .. await pms.Db.ListAsync<string>("SELECT CONCAT(i.line, ' ', i.product_id, ' ', i.quantity, ' ', COALESCE(i.due_on, ''), ' ', i.status, ' ', i.version) FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.number = @number ORDER BY i.line", new { number }),
            .. await pms.Db.ListAsync<string>("SELECT CONCAT(i.line, ' ', v.variant_id, ' ', v.quantity) FROM orders o JOIN order_items i ON i.order_id = o.id JOIN order_item_variants v ON v.item_id = i.id WHERE o.number = @number ORDER BY i.line, v.variant_id", new { number }),
            .. await pms.Db.ListAsync<string>("SELECT CONCAT(i.line, ' ', s.position, ' ', s.stage_id, ' ', s.department_id, ' ', s.setup_minutes, ' ', s.run_minutes) FROM orders o JOIN order_items i ON i.order_id = o.id JOIN order_steps s ON s.item_id = i.id WHERE o.number = @number ORDER BY i.line, s.position", new { number }),
            .. (await pms.Db.ListAsync<string>("SELECT CONCAT(a.action, ' ', a.changes) FROM orders o JOIN audit a ON a.entity = 'order' AND a.entity_id = o.id OR a.entity = 'order_item' AND a.entity_id IN (SELECT i.id FROM order_items i WHERE i.order_id = o.id) WHERE o.number = @number ORDER BY a.id", new { number }))
                .Select(a => System.Text.RegularExpressions.Regex.Replace(a, """("OrderId":\[null,)\d+|SO-\d|"CreatedAt":\[[^\]]*\]""", "$1")),
        ];

        await service.CreateAsync(Admin, Wanted("SO-1"));
        await service.CreateManyAsync(Admin, [Wanted("SO-2"), Wanted("SO-3")], new(), default);
        var alone = await RowsAsync("SO-1");
        Assert.Equal(1 + 3 + 2 + 6 + 4, alone.Length);
        Assert.Equal(alone, await RowsAsync("SO-2"));
        Assert.Equal(alone, await RowsAsync("SO-3"));

        var refused = await Assert.ThrowsAsync<InvalidException>(() => service.CreateManyAsync(Admin, [Wanted("SO-4"), Wanted("so-2")], new(), default));
        Assert.Equal(("Order.Number", "taken"), (refused.Faults[0].Field, refused.Faults[0].Why.Code));
        Assert.Empty(await RowsAsync("SO-4"));
    }

    [Theory]
    [InlineData(0, "Items[0].Quantity")]
    [InlineData(-5, "Items[0].Quantity")]
    [InlineData(2_000_000_000, "Items[0].Quantity")]
    [InlineData(1.5, "Items[0].Quantity")]
    public async Task An_impossible_quantity_is_refused(double quantity, string field)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        Assert.Equal(field, (await Assert.ThrowsAsync<InvalidException>(() => plant.OrderAsync(pms, "SO-1", (decimal)quantity))).Faults[0].Field);
    }

    [Fact]
    public async Task Quantities_per_variant_add_up()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        OrderItem Item(decimal small, long? variant = null) => new()
        {
            ProductId = plant.Shirt.Id, Quantity = 100,
            Variants = [new() { VariantId = variant ?? plant.Shirt.Variants[0].Id, Quantity = small }, new() { VariantId = plant.Shirt.Variants[1].Id, Quantity = 40 }],
        };
        var head = new Order { Number = "SO-1", CustomerId = plant.Customer.Id, DueOn = new(2026, 2, 1) };
        var service = pms.Get<OrderService>();
        Assert.Equal("variants_sum", (await Assert.ThrowsAsync<InvalidException>(() => service.CreateAsync(Admin, new(head, [Item(50)])))).Faults[0].Why.Code);
        Assert.Equal("unknown_value", (await Assert.ThrowsAsync<InvalidException>(() => service.CreateAsync(Admin, new(head, [Item(60, 999)])))).Faults[0].Why.Code);
        var id = await service.CreateAsync(Admin, new(head, [Item(60)]));
        Assert.Equal([("S", 60m), ("M", 40m)], (await service.GetAsync(Admin, id)).Items[0].Variants.Select(v => (v.Size, v.Quantity)));
    }

    [Fact]
    public async Task A_changed_head_is_audited_and_a_stale_one_refused()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        var order = (await service.GetAsync(Admin, await plant.OrderAsync(pms, "SO-1"))).Order;
        var changed = await service.SaveAsync(Admin, order with { Priority = OrderPriority.Urgent, Status = OrderStatus.Closed });
        Assert.Equal((OrderPriority.Urgent, OrderStatus.Unscheduled, 2), (changed.Priority, changed.Status, changed.Version));
        await Assert.ThrowsAsync<ConflictException>(() => service.SaveAsync(Admin, order with { Notes = "late" }));
        Assert.Equal("before_start", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, changed with { StartsOn = new(2026, 3, 1) }))).Faults[0].Why.Code);
    }

    [Fact]
    public async Task A_path_may_change_until_something_is_planned()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        var id = await plant.OrderAsync(pms, "SO-1");
        var item = (await service.GetAsync(Admin, id)).Items[0];
        await service.SetPathAsync(Admin, new SetPath(item.Id, item.Version, [new OrderStep { StageId = plant.Pack.Id, RunMinutes = 1 }]));
        item = (await service.GetAsync(Admin, id)).Items[0];
        Assert.Equal((2, "Packing", plant.Packing.Id), (item.Version, item.Steps[0].Stage, item.Steps[0].DepartmentId));
        await Assert.ThrowsAsync<ConflictException>(() => service.SetPathAsync(Admin, new SetPath(item.Id, 1, [new OrderStep { StageId = plant.Pack.Id }])));
        await JobAsync(pms, id, item, "Planned");
        Assert.Equal("order.path_planned", (await Assert.ThrowsAsync<RuleException>(() => service.SetPathAsync(Admin, new SetPath(item.Id, item.Version, [new OrderStep { StageId = plant.Print.Id }])))).Code);
    }

    [Fact]
    public async Task More_of_a_planned_item_makes_it_unscheduled_and_less_of_a_planned_one_takes_its_jobs_along_elsewhere()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        var id = await plant.OrderAsync(pms, "SO-1");
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE orders SET status = 'Scheduled'"));
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE order_items SET status = 'Scheduled'"));
        var row = (await service.GetAsync(Admin, id)).Items[0];
        var item = await service.SaveItemAsync(Admin, new OrderItem { Id = row.Id, OrderId = id, ProductId = row.ProductId, Quantity = 1200, Version = row.Version });
        Assert.Equal((1200m, OrderStatus.Unscheduled, 10), (item.Quantity, item.Status, item.Line));
        Assert.Equal(OrderStatus.Unscheduled, (await service.GetAsync(Admin, id)).Order.Status);

        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE order_items SET status = 'InProgress'"));
        await JobAsync(pms, id, row, "Planned");
        Assert.Equal("order.quantity_planned", (await Assert.ThrowsAsync<RuleException>(() => service.SaveItemAsync(Admin, item with { Quantity = 10 }))).Code);
        Assert.Equal(20, (await service.SaveItemAsync(Admin, new OrderItem { OrderId = id, ProductId = plant.Shirt.Id, Quantity = 5 })).Line);
    }

    [Fact]
    public async Task The_list_finds_by_number_and_customer_and_knows_what_is_late_or_held()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<OrderService>();
        for (var i = 1; i <= 5; i++)
            await service.CreateAsync(Admin, new(new Order { Number = $"SO-{i}", CustomerId = plant.Customer.Id, DueOn = new DateOnly(2026, 1, 2).AddDays(i), Priority = i == 4 ? OrderPriority.Urgent : OrderPriority.Normal }, [new() { ProductId = plant.Shirt.Id, Quantity = i }]));
        var held = (await service.ListAsync(Admin, new PageRequest { Search = "so-3" })).Items[0];
        await pms.Get<HoldService>().OpenAsync(Admin, new OpenHoldRequest(held.Id, HoldKind.Customer, "Logo unclear", false));

        Assert.Equal(["SO-1", "SO-2", "SO-3", "SO-4", "SO-5"], (await service.ListAsync(Admin, new PageRequest())).Items.Select(o => o.Number));
        Assert.Equal(5, (await service.ListAsync(Admin, new PageRequest { Search = "blue c" })).Total);
        Assert.Equal(["SO-1", "SO-2"], (await service.ListAsync(Admin, new PageRequest())).Items.Where(o => o.Late).Select(o => o.Number));
        Assert.Equal(["SO-1", "SO-2"], (await service.ListAsync(Admin, Filter("late", "true"))).Items.Select(o => o.Number));
        // An item's own day counts, later or earlier than its order's.
        await ItemDueAsync(1, new(2026, 2, 1));
        await ItemDueAsync(5, new(2026, 1, 1));
        Assert.Equal(["SO-5", "SO-2", "SO-3", "SO-4", "SO-1"], (await service.ListAsync(Admin, new PageRequest())).Items.Select(o => o.Number));
        Assert.Equal(["SO-5", "SO-2"], (await service.ListAsync(Admin, Filter("late", "true"))).Items.Where(o => o.Late).Select(o => o.Number));
        Assert.Equal(3, (await service.ListAsync(Admin, Filter("late", "false"))).Total);
        await ItemDueAsync(1, null);
        await ItemDueAsync(5, null);
        async Task ItemDueAsync(int order, DateOnly? due)
        {
            var id = (await service.ListAsync(Admin, new PageRequest { Search = $"so-{order}" })).Items[0].Id;
            var row = (await service.GetAsync(Admin, id)).Items[0];
            await service.SaveItemAsync(Admin, new OrderItem { Id = row.Id, OrderId = id, Line = row.Line, ProductId = row.ProductId, Quantity = row.Quantity, DueOn = due, Version = row.Version });
        }
        Assert.Equal("SO-3", Assert.Single((await service.ListAsync(Admin, Filter("hold", "true"))).Items, o => o.OnHold).Number);
        Assert.Equal("SO-4", Assert.Single((await service.ListAsync(Admin, Filter("priority", "3"))).Items).Number);
        Assert.Equal(3, (await service.ListAsync(Admin, Filter("duefrom", "2026-01-05"))).Total);
        Assert.Equal(5, (await service.ListAsync(Admin, Filter("status", "Unscheduled,InProgress"))).Total);
        Assert.Equal(0, (await service.ListAsync(Admin, Filter("open", "false"))).Total);
    }

    [Fact]
    public async Task A_hold_that_stops_now_pauses_what_runs_and_lifting_starts_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var id = await plant.OrderAsync(pms, "SO-1");
        var item = (await pms.Get<OrderService>().GetAsync(Admin, id)).Items[0];
        var running = await JobAsync(pms, id, item, "Running");
        var planned = await JobAsync(pms, id, item, "Planned");
        var service = pms.Get<HoldService>();

        var quality = await service.OpenAsync(Admin, new OpenHoldRequest(id, HoldKind.Quality, "Colour off", true, new(2026, 1, 9)), "tap");
        Assert.Equal(quality, await service.OpenAsync(Admin, new OpenHoldRequest(id, HoldKind.Quality, "Colour off", true, new(2026, 1, 9)), "tap"));
        var material = await service.OpenAsync(Admin, new OpenHoldRequest(id, HoldKind.Material, "No ink", false, StepId: item.Steps[0].Id));
        Assert.Equal(["Paused", "Planned"], await pms.Db.ListAsync<string>("SELECT status FROM jobs WHERE id IN (@running, @planned) ORDER BY status", new { running, planned }));
        Assert.Equal(["Hold"], await pms.Db.ListAsync<string>("SELECT pause_cause FROM jobs WHERE id = @running", new { running }));
        var list = await service.ListAsync(Admin, id);
        Assert.Equal([HoldScope.Step, HoldScope.Order], list.OrderBy(h => h.Id == material ? 0 : 1).Select(h => h.Scope));

        await service.LiftAsync(Admin, quality, 1, "Approved");
        await Assert.ThrowsAsync<ConflictException>(() => service.LiftAsync(Admin, quality, 1));
        Assert.Equal([HoldState.Open, HoldState.Lifted], (await service.ListAsync(Admin, id)).Select(h => h.State));
        Assert.Equal("Paused", await pms.Db.ScalarAsync<string>("SELECT status FROM jobs WHERE id = @running", new { running }));
        await service.ChangeAsync(Admin, material, 1, "Ink on Friday", new(2026, 1, 9));
        Assert.Equal(("Ink on Friday", 2), (await service.ListAsync(Admin, id)).Where(h => h.Id == material).Select(h => (h.Note, h.Version)).Single());
    }

    [Fact]
    public async Task A_hold_names_what_exists_and_gives_a_reason()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var (first, second) = (await plant.OrderAsync(pms, "SO-1"), await plant.OrderAsync(pms, "SO-2"));
        var foreign = (await pms.Get<OrderService>().GetAsync(Admin, second)).Items[0];
        var service = pms.Get<HoldService>();
        await Assert.ThrowsAsync<NotFoundException>(() => service.OpenAsync(Admin, new OpenHoldRequest(first, HoldKind.Other, "x", false, ItemId: foreign.Id)));
        await Assert.ThrowsAsync<NotFoundException>(() => service.OpenAsync(Admin, new OpenHoldRequest(first, HoldKind.Other, "x", false, StepId: foreign.Steps[0].Id)));
        Assert.Equal("Note", (await Assert.ThrowsAsync<InvalidException>(() => service.OpenAsync(Admin, new OpenHoldRequest(first, HoldKind.Other, "  ", false)))).Faults[0].Field);
    }

    private static PageRequest Filter(string name, string value) => new() { Filters = new Dictionary<string, string> { [name] = value } };

    private static Task<long> JobAsync(TestPms pms, long order, OrderDetail.Item item, string status) => pms.Db.InTransactionAsync(tx => tx.InsertAsync(
        """
        INSERT INTO jobs (order_id, item_id, step_id, product_id, department_id, stage_id, kind, status, phase, planned, planned_start, planned_end, setup_minutes, started_at, created_at)
        VALUES (@order, @Id, @step, @ProductId, @department, @stage, 'Normal', @status, @phase, 1000000000, @at, @at, 0, @started, @at)
        """, new
        {
            order, item.Id, step = item.Steps[0].Id, item.ProductId, department = item.Steps[0].DepartmentId, stage = item.Steps[0].StageId, status,
            phase = status == "Running" ? "Run" : null, at = TestPms.Start, started = status == "Running" ? TestPms.Start : (DateTimeOffset?)null,
        }));
}

public sealed class OrderServiceTests_on_SQLite() : OrderServiceTests(Engine.Sqlite);

public sealed class OrderServiceTests_on_MariaDB() : OrderServiceTests(Engine.MySql);
