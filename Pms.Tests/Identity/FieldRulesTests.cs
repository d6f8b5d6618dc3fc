using Pms.Core;
using Pms.Core.Employees;
using Pms.Core.Floor;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Core.Planning.Releases;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>Field rules hold in the services, for every registered entity and field: what is hidden isn't answered, what is read-only isn't stored.</summary>
public abstract class FieldRulesTests(Engine engine)
{
    private static readonly Dictionary<string, Scope> Everything = Permissions.All.ToDictionary(p => p, _ => Scope.All);
    private static readonly FieldRule Hidden = new(FieldAccess.Hidden), ReadOnly = new(FieldAccess.ReadOnly);

    [Fact]
    public async Task Every_field_of_every_entity_can_be_hidden_or_fixed_and_stays_so()
    {
        await using var pms = await PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var examples = await FieldExample.MakeAsync(t => typeof(TestPms).GetMethod(nameof(TestPms.Get))!.MakeGenericMethod(t).Invoke(pms, null)!, plant);
        var catalog = pms.Get<FieldCatalog>();
        Assert.Equal(catalog.All.Select(e => e.Name).Order(), examples.Select(e => e.Entity).Order());
        var eva = await pms.EditorAsync("eva", [], Everything);
        var role = (await pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Name == "Role of eva").Id;
        var rules = pms.Get<FieldRules>();
        foreach (var example in examples)
        {
            var entity = catalog.Find(example.Entity)!;
            foreach (var field in entity.Fields.Where(f => !f.Settled && !example.Fixed.Contains(f.Name)))
            {
                var what = $"{example.Entity}.{field.Name}";
                await SetAsync(pms, role, example.Entity, field.Name, ReadOnly);
                var seen = await example.Read(eva);
                Assert.True(!Equals(example.Property(field.Name).GetValue(seen), example.Property(field.Name).GetValue(example.Other)), $"{what}: the example's values must differ");
                var why = await Record.ExceptionAsync(() => example.Save(eva, example.Changed(seen, field.Name)));
                Assert.True(why is InvalidException refused && refused.Faults.Any(f => f.Field == field.Name && f.Why is { Code: "field.read_only" }), $"{what}: {why}");
                await example.Save(eva, seen);

                if (field.Needed)
                {
                    Assert.Equal(field.Names ? "field.names_record" : "field.needed", (await Assert.ThrowsAsync<InvalidException>(() => SetAsync(pms, role, example.Entity, field.Name, Hidden))).Faults.Single().Why.Code);
                }
                else
                {
                    await SetAsync(pms, role, example.Entity, field.Name, Hidden);
                    seen = await example.Read(eva);
                    Assert.True(rules.Blanked(seen, field.Name) && Same(example.Property(field.Name).GetValue(seen), example.Property(field.Name).GetValue(Activator.CreateInstance(entity.Record)!)), what);
                    var kept = example.Property(field.Name).GetValue(await example.Read(TestPms.System));
                    await example.Save(eva, seen);
                    Assert.True(Same(kept, example.Property(field.Name).GetValue(await example.Read(TestPms.System))), $"{what} was lost");
                    why = await Record.ExceptionAsync(() => example.Save(eva, example.Changed(seen, field.Name)));
                    // What a blank form holds can't be told from a change to it; then it stays as it is.
                    Assert.True(why is InvalidException || Same(kept, example.Property(field.Name).GetValue(await example.Read(TestPms.System))), $"{what}: {why}");
                    if (example.Row is { } row)
                        foreach (var (property, _) in entity.ShapeOf((await row(eva, new PageRequest())).GetType()).Where(p => p.Field == field.Name))
                            Assert.True(rules.Blanked(await row(eva, new PageRequest()), property.Name), $"{what} in the list's {property.Name}");
                }
                await SetAsync(pms, role, example.Entity, field.Name, FieldRule.Free);
                var free = await example.Read(eva);
                Assert.False(rules.Blanked(free, field.Name));
            }
        }
    }

    [Fact]
    public async Task A_list_is_not_asked_by_what_is_hidden_nor_does_its_history_tell_it()
    {
        await using var pms = await PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await plant.OrderAsync(pms, "SO1");
        var viewer = await pms.EditorAsync("vera", [], new() { [Permissions.OrdersView] = Scope.All });
        var role = (await pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Name == "Role of vera").Id;
        var orders = pms.Get<OrderService>();
        Assert.Single((await orders.ListAsync(viewer, new PageRequest { Search = "Blue Crane" })).Items);
        var told = (await pms.Get<HistoryService>().ListAsync(viewer, "order", 1)).Single().Changes!;
        Assert.Contains("CustomerId", told, StringComparison.Ordinal);
        await SetAsync(pms, role, "order", ("CustomerId", Hidden), ("DueOn", Hidden));
        Assert.Empty((await orders.ListAsync(viewer, new PageRequest { Search = "Blue Crane" })).Items);
        Assert.Equal("", (await orders.ListAsync(viewer, new PageRequest { Search = "SO1" })).Items.Single().Customer);
        foreach (var request in new PageRequest[] { new() { Sort = "-customer" }, new() { Sort = "due" }, new() { Filters = new Dictionary<string, string> { ["customer"] = "1" } }, new() { Filters = new Dictionary<string, string> { ["dueto"] = "2026-02-01" } } })
            Assert.Equal("field.hidden", (await Assert.ThrowsAsync<InvalidException>(() => orders.ListAsync(viewer, request))).Faults.Single().Why.Code);
        told = (await pms.Get<HistoryService>().ListAsync(viewer, "order", 1)).Single().Changes!;
        Assert.DoesNotContain("CustomerId", told, StringComparison.Ordinal);
        Assert.Contains("Number", told, StringComparison.Ordinal);
        var detail = await orders.GetAsync(viewer, 1);
        Assert.Equal((0L, default, ""), (detail.Order.CustomerId, detail.Order.DueOn, detail.Customer));
    }

    [Fact]
    public async Task Jobs_and_plans_tell_no_more_of_an_order_than_a_rule_leaves()
    {
        await using var pms = await PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await Plant.WorksAsync(pms);
        var orders = pms.Get<OrderService>();
        var due = new DateOnly(2026, 2, 1);
        var id = await orders.CreateAsync(Plant.Admin, new CreateOrder(new Order { Number = "SO1", CustomerId = plant.Customer.Id, DueOn = due, Priority = OrderPriority.Urgent, Notes = "Call before" },
            [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 1000, Specifications = "Left chest" }]));
        var now = pms.Get<PlantClock>().Now;
        var job = (await pms.Get<JobPlanningService>().PlanAsync(Plant.Admin, new PlanJob((await orders.GetAsync(Plant.Admin, id)).Items[0].Steps[0].Id, 1000, now.AddHours(1), plant.Press.Id))).JobId;
        var vera = await pms.EditorAsync("vera", [], new()
        {
            [Permissions.OrdersView] = Scope.All, [Permissions.JobsView] = Scope.All, [Permissions.JobsAssign] = Scope.All, [Permissions.PlanningSchedule] = Scope.All, [Permissions.FloorView] = Scope.All,
        });
        var role = (await pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Name == "Role of vera").Id;
        var (board, plan, window) = (pms.Get<JobBoardService>(), pms.Get<ScheduleService>(), new Span(now, now.AddDays(2)));

        async Task<List<(DateOnly?, OrderPriority)>> SeenAsync()
        {
            var row = await board.GetAsync(vera, job);
            List<JobRow> rows =
            [
                row, (await board.ListAsync(vera, new PageRequest())).Items.Single(), (await board.PageAsync(vera, new JobBoardRequest())).Items.Single(),
                (await board.KanbanAsync(vera, new JobBoardRequest(), 5))[JobStatus.Planned].Items.Single(), (await board.ChoicesAsync(vera, row)).Queue.Single(),
            ];
            List<PlannedJob> planned = [(await plan.WindowAsync(vera, new(window))).Jobs.Single(), (await plan.JobAsync(vera, job)).Job, (await plan.MachineAsync(vera, plant.Press.Id, window)).Jobs.Single()];
            var unplanned = (await plan.UnplannedAsync(vera, new())).Steps.Single();
            var card = (await pms.Get<JobQueries>().DetailsAsync(vera, job)).Job;
            return [.. rows.Select(r => (r.DueOn, (OrderPriority)r.Priority)), .. planned.Select(p => (p.DueOn, p.Priority)), (unplanned.DueOn, unplanned.Priority), (card.DueOn, (OrderPriority)card.Priority)];
        }

        Assert.All(await SeenAsync(), s => Assert.Equal((due, OrderPriority.Urgent), s));
        Assert.Equal(due, (await pms.Get<ReleaseService>().PreviewAsync(vera, new ReleaseOrders([id]))).Lines.Single().DueOn);
        await board.ListAsync(vera, new PageRequest { Sort = "due" });

        // A row of a job can't tell the order's state, so what is hidden in one is hidden in all.
        foreach (var rule in new[] { Hidden, new(FieldAccess.Hidden, new("Status", "Cancelled")) })
        {
            await SetAsync(pms, role, "order", ("DueOn", rule), ("Priority", rule), ("Notes", rule));
            Assert.All(await SeenAsync(), s => Assert.Equal((null, OrderPriority.Normal), s));
            Assert.Null((await pms.Get<ReleaseService>().PreviewAsync(vera, new ReleaseOrders([id]))).Lines.Single().DueOn);
            Assert.Null((await pms.Get<JobQueries>().DetailsAsync(vera, job)).OrderNotes);
            Assert.Equal(0, pms.Get<FloorService>().Seen(vera, new OverviewView { OrdersLate = 2, OrdersAtRisk = 1 }).OrdersLate);
            foreach (var asked in new Func<Task>[]
                { () => board.ListAsync(vera, new PageRequest { Sort = "due" }), () => plan.ListAsync(vera, new PageRequest { Sort = "-due" }), () => plan.UnplannedAsync(vera, new() { Late = true }), () => plan.UnplannedAsync(vera, new() { Priority = OrderPriority.Urgent }) })
                Assert.Equal("field.hidden", (await Assert.ThrowsAsync<InvalidException>(asked)).Faults.Single().Why.Code);
        }
        await SetAsync(pms, role, "order");
        await SetAsync(pms, role, "order_item", ("DueOn", Hidden), ("Specifications", Hidden));
        Assert.All(await SeenAsync(), s => Assert.Equal((null, OrderPriority.Urgent), s));
        Assert.Null((await pms.Get<JobQueries>().DetailsAsync(vera, job)).Specifications);
        Assert.Equal(2, pms.Get<FloorService>().Seen(Plant.Admin, new OverviewView { OrdersLate = 2 }).OrdersLate);
    }

    [Fact]
    public async Task A_condition_holds_by_the_stored_state_and_the_milder_of_two_roles_that_edit_wins()
    {
        await using var pms = await PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await plant.OrderAsync(pms, "SO1");
        var eva = await pms.EditorAsync("eva", [], new() { [Permissions.OrdersView] = Scope.All, [Permissions.OrdersEdit] = Scope.All });
        var roles = pms.Get<RoleService>();
        var role = (await roles.ListAsync(TestPms.System)).Single(r => r.Name == "Role of eva").Id;
        var orders = pms.Get<OrderService>();
        await SetAsync(pms, role, "order", ("Notes", new(FieldAccess.Editable, new("Status", "Unscheduled"))));
        var order = await orders.SaveAsync(eva, (await orders.GetAsync(eva, 1)).Order with { Notes = "Now" });
        await pms.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("UPDATE orders SET status = 'Scheduled' WHERE id = 1", new { }); });
        await Assert.ThrowsAsync<InvalidException>(() => orders.SaveAsync(eva, order with { Notes = "Later" }));
        // What is sent doesn't decide: who may not change it can't say that it is unscheduled.
        await Assert.ThrowsAsync<InvalidException>(() => orders.SaveAsync(eva, order with { Notes = "Later", Status = OrderStatus.Unscheduled }));

        await SetAsync(pms, role, "order", ("Notes", ReadOnly), ("Value", Hidden));
        async Task AlsoAsync(string name, params string[] permissions)
        {
            var second = await roles.SaveAsync(TestPms.System, new SaveRole { Name = name, Permissions = permissions.ToDictionary(p => p, _ => Scope.All) });
            await pms.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("INSERT INTO user_roles (user_id, role_id) VALUES (@user, @second)", new { user = eva.UserId, second }); });
            await pms.Get<Rights>().LoadAsync();
        }
        var rules = pms.Get<FieldRules>();
        await AlsoAsync("Floor", Permissions.FloorView);
        Assert.Equal((FieldAccess.ReadOnly, FieldAccess.Hidden), (rules.Of(eva, "order")!.Of("Notes", order), rules.Of(eva, "order")!.Of("Value", order)));
        await AlsoAsync("Reader", Permissions.OrdersView);
        Assert.Equal((FieldAccess.ReadOnly, FieldAccess.ReadOnly), (rules.Of(eva, "order")!.Of("Notes", order), rules.Of(eva, "order")!.Of("Value", order)));
        await AlsoAsync("Writer", Permissions.OrdersEdit);
        Assert.Equal((FieldAccess.Editable, FieldAccess.Editable), (rules.Of(eva, "order")!.Of("Notes", order), rules.Of(eva, "order")!.Of("Value", order)));
    }

    [Fact]
    public async Task A_new_record_keeps_the_defaults_of_what_may_not_be_set_and_takes_what_it_needs()
    {
        await using var pms = await PlantAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var eva = await pms.EditorAsync("eva", [], new() { [Permissions.EmployeesView] = Scope.All, [Permissions.EmployeesEdit] = Scope.All, [Permissions.OrdersEdit] = Scope.All, [Permissions.OrdersView] = Scope.All, [Permissions.JobsExecute] = Scope.All });
        var role = (await pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Name == "Role of eva").Id;
        await SetAsync(pms, role, "employee", ("Phone", Hidden), ("Slots", ReadOnly), ("Number", ReadOnly));
        var employees = pms.Get<EmployeeService>();
        var made = new Employee { Number = "E9", FirstName = "Ann", LastName = "Roe", DepartmentId = plant.Packing.Id, Kind = EmployeeKind.Admin };
        Assert.Equal(["Phone", "Slots"], (await Assert.ThrowsAsync<InvalidException>(() => employees.SaveAsync(eva, made with { Phone = "555", Slots = 4 }))).Faults.Select(f => f.Field).Order());
        var refused = await Record.ExceptionAsync(() => employees.SaveAsync(eva, made));
        Assert.True(refused is null or ForbiddenException, refused?.ToString());
        await SetAsync(pms, role, "order", ("Value", ReadOnly));
        await SetAsync(pms, role, "order_item", ("UnitPrice", Hidden));
        var request = new CreateOrder(new Order { Number = "SO9", CustomerId = plant.Customer.Id, DueOn = new(2026, 3, 1), Value = 5 }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 1 }]);
        var orders = pms.Get<OrderService>();
        Assert.Equal("Order.Value", (await Assert.ThrowsAsync<InvalidException>(() => orders.CreateAsync(eva, request))).Faults.Single().Field);
        request = request with { Order = request.Order with { Value = null }, Items = [request.Items[0] with { UnitPrice = 3 }] };
        Assert.Equal("Items[0].UnitPrice", (await Assert.ThrowsAsync<InvalidException>(() => orders.CreateAsync(eva, request))).Faults.Single().Field);
        Assert.True(await orders.CreateAsync(eva, request with { Items = [request.Items[0] with { UnitPrice = null }] }) > 0);
    }

    [Fact]
    public async Task Rules_are_kept_by_version_audited_and_never_bind_the_system_admin()
    {
        await using var pms = await PlantAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var service = pms.Get<FieldPermissionService>();
        var roles = await pms.Get<RoleService>().ListAsync(TestPms.System);
        var (admin, planner) = (roles.Single(r => r.IsAdmin), roles.Single(r => r.Code == SeededRole.Planner));
        Assert.Equal("role.admin_fields", (await Assert.ThrowsAsync<RuleException>(() => SetAsync(pms, admin.Id, "order", "Value", Hidden))).Code);
        var both = new RoleFieldRules { RoleId = planner.Id, Version = planner.Version, Entity = "order", Rules = new Dictionary<string, FieldRule> { ["Value"] = Hidden } };
        await service.SaveAsync(TestPms.System, both);
        Assert.Equal("changed_meanwhile", (await Assert.ThrowsAsync<ConflictException>(() => service.SaveAsync(TestPms.System, both))).Code);
        Assert.Equal(1, await pms.CountAuditAsync("field_permission.changed"));
        foreach (var (field, rule, code) in new (string, FieldRule, string)[]
        {
            ("Nope", Hidden, "unknown_value"), ("Value", new(FieldAccess.Hidden, new("Status", "Purple")), "unknown_value"), ("Value", new(FieldAccess.Hidden, new("Colour", "Red")), "unknown_value"),
            ("Status", ReadOnly, "field.settled"), ("Number", Hidden, "field.names_record"), ("DueOn", Hidden, "field.needed"),
        })
            Assert.Equal(code, (await Assert.ThrowsAsync<InvalidException>(() => SetAsync(pms, planner.Id, "order", field, rule))).Faults.Single().Why.Code);
        await other.Get<Rights>().LoadAsync();
        var pia = new Actor { Name = "pia", UserId = await pms.UserAsync("pia", SeededRole.Planner) };
        await other.Get<Rights>().LoadAsync();
        Assert.True(other.Get<FieldRules>().Of(pia, "order")!.Hides("Value"));
        Assert.Null(other.Get<FieldRules>().Of(new Actor { Name = "anna", UserId = await pms.UserAsync("anna", SeededRole.Admin) }, "order"));
    }

    private static Task SetAsync(TestPms pms, long role, string entity, string field, FieldRule rule) => SetAsync(pms, role, entity, (field, rule));

    private static async Task SetAsync(TestPms pms, long role, string entity, params (string Field, FieldRule Rule)[] rules)
    {
        var service = pms.Get<FieldPermissionService>();
        await service.SaveAsync(TestPms.System, await service.GetAsync(TestPms.System, role, entity) with { Rules = rules.ToDictionary(r => r.Field, r => r.Rule) });
    }

    private static bool Same(object? a, object? b) => System.Text.Json.JsonSerializer.Serialize(a) == System.Text.Json.JsonSerializer.Serialize(b) || a is null or "" && b is null or "";
}

public sealed class FieldRulesTests_on_SQLite() : FieldRulesTests(Engine.Sqlite);

public sealed class FieldRulesTests_on_MariaDB() : FieldRulesTests(Engine.MySql);
