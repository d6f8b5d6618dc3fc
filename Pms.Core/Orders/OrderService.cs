using System.Data.Common;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Products;

namespace Pms.Core.Orders;

/// <summary>
/// Orders with their items and paths, and their customers. A path is copied from the product when the item is made and is fixed once
/// something of it is planned; statuses are derived, never set here except where a changed quantity makes need reappear.
/// </summary>
public sealed partial class OrderService(
    OrderRepository orders, OrderQueries queries, ProductService products, DepartmentService departments, Commands commands, Changes changes, AuditLog audit, Db db, FieldRules fields, Rights rights, PlantClock clock)
{
    /// <summary>Made once: its rules cost more to make than to ask, and order books bring thousands.</summary>
    private static readonly CreateOrderValidator Creates = new();

    private const string Entity = "order", ItemEntity = "order_item", CustomerEntity = "customer";

    /// <summary>How the lists can be asked.</summary>
    public static ListShape Shape => OrderQueries.Shape;

    public static ListShape CustomerShape => OrderQueries.CustomerShape;

    public async Task<Page<OrderRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return fields.Masked(actor, await queries.PageAsync(fields.Asked<OrderRow>(actor, request), ct));
    }

    public async Task<OrderDetail> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var detail = await WholeAsync(actor, id, ct);
        return fields.Masked(actor, detail with { Order = fields.Masked(actor, detail.Order), Items = fields.Masked(actor, detail.Items) });
    }

    /// <summary>For other features that go on to change it: nothing is blank, so nothing blank is stored.</summary>
    internal async Task<OrderDetail> WholeAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return await queries.DetailAsync(id, ct) ?? throw new NotFoundException(Entity, id);
    }

    /// <summary>Makes an order with its items, each with the path of its product; answers its id.</summary>
    /// <param name="key">Makes a resend harmless.</param>
    /// <exception cref="InvalidException">A field is wrong, the number is taken, a customer, product or variant unknown or not for sale.</exception>
    public Task<long> CreateAsync(Actor actor, CreateOrder request, string? key = null, CancellationToken ct = default) => CreateAsync(actor, request, key, new(), ct);

    /// <param name="read">What was read for the orders made just before; those who make many keep one for some seconds.</param>
    internal async Task<long> CreateAsync(Actor actor, CreateOrder request, string? key, OrderReading read, CancellationToken ct)
    {
        var (order, items) = await PrepareAsync(actor, request, read, ct);
        return await UniqueAsync("orders", nameof(CreateOrder.Order) + "." + nameof(Order.Number), () => commands.RunAsync(actor, "order.create", key, request, async tx =>
        {
            var id = await orders.InsertAsync(tx, order);
            foreach (var (item, path) in items)
            {
                var stored = item with { OrderId = id };
                var itemId = await orders.InsertItemAsync(tx, stored, path);
                audit.Write(tx, actor, "order_item.create", ItemEntity, itemId, AuditLog.Diff(null, stored));
            }
            audit.Write(tx, actor, "order.create", Entity, id, AuditLog.Diff(null, order));
            tx.Raise(new OrderChanged(id));
            return id;
        }, ct));
    }

    /// <summary>Makes many orders as each by itself would be, but all or none of them, their rows table by table.</summary>
    /// <exception cref="InvalidException">As for one; of which of them it is not said.</exception>
    internal async Task CreateManyAsync(Actor actor, IReadOnlyList<CreateOrder> requests, OrderReading read, CancellationToken ct)
    {
        read.Customers.UnionWith(await orders.ActiveCustomersAsync([.. requests.Select(r => r.Order.CustomerId).Distinct().Except(read.Customers)], ct));
        var all = new List<(Order Order, IReadOnlyList<(OrderItem Item, IReadOnlyList<OrderStep> Path)> Items)>();
        foreach (var request in requests)
            all.Add(await PrepareAsync(actor, request, read, ct));
        await UniqueAsync("orders", nameof(CreateOrder.Order) + "." + nameof(Order.Number), () => commands.RunAsync(actor, "order.create", null, requests, async tx =>
        {
            var made = await orders.InsertManyAsync(tx, all);
            await tx.BulkAsync(AuditLog.InsertSql, made.SelectMany(m => m.Items.Select(i => audit.Args(actor, "order_item.create", ItemEntity, i.Id, AuditLog.Diff(null, i)))
                .Append(audit.Args(actor, "order.create", Entity, m.Order.Id, AuditLog.Diff(null, m.Order)))));
            foreach (var (order, _) in made)
                tx.Raise(new OrderChanged(order.Id));
            return made.Count;
        }, ct));
    }

    /// <summary>The order as it will be stored, its items with their lines and paths.</summary>
    private async Task<(Order Order, IReadOnlyList<(OrderItem Item, IReadOnlyList<OrderStep> Path)> Items)> PrepareAsync(Actor actor, CreateOrder request, OrderReading read, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        Creates.Demand(request);
        fields.Filled(actor, null, request.Order, nameof(CreateOrder.Order) + ".");
        foreach (var (item, index) in request.Items.Select((item, index) => (item, index)))
            fields.Filled(actor, null, item, $"{nameof(CreateOrder.Items)}[{index}].");
        if (!read.Customers.Contains(request.Order.CustomerId))
            await DemandCustomerAsync(request.Order.CustomerId, ct, nameof(CreateOrder.Order) + ".");
        read.Customers.Add(request.Order.CustomerId);
        var items = new List<(OrderItem Item, IReadOnlyList<OrderStep> Path)>();
        var taken = request.Items.Select(i => i.Line).ToHashSet();
        var line = 0;
        foreach (var (item, index) in request.Items.Select((item, index) => (item, index)))
        {
            var (stored, path) = await PrepareAsync(actor, item, $"{nameof(CreateOrder.Items)}[{index}].", ct, read: read);
            if (stored.Line == 0)
                while (!taken.Add(line += 10)) { }
            items.Add((stored.Line == 0 ? stored with { Line = line } : stored, path));
        }
        return (Clean(request.Order) with { Id = 0, Status = OrderStatus.Unscheduled, CreatedAt = clock.Now }, items);
    }

    /// <summary>Changes the order's head; status and items have their own ways.</summary>
    /// <exception cref="RuleException">order.not_open: it is completed, closed or cancelled.</exception>
    /// <exception cref="ConflictException">Somebody saved since it was read.</exception>
    public async Task<Order> SaveAsync(Actor actor, Order order, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        var before = await orders.FindAsync(order.Id, ct) ?? throw new NotFoundException(Entity, order.Id);
        order = fields.Filled(actor, before, order);
        new OrderValidator().Demand(order);
        await DemandCustomerAsync(order.CustomerId, ct);
        var after = Clean(order) with { Status = before.Status, CreatedAt = before.CreatedAt, CompletedAt = before.CompletedAt };
        await changes.SaveAsync(actor, new SaveOf<Order>
        {
            Entity = Entity,
            After = after,
            Unique = ("orders", nameof(Order.Number)),
            Find = () => orders.FindAsync(after.Id, ct),
            Decide = now =>
            {
                DemandOpen(now);
                fields.Demand(actor, now, after);
            },
            Insert = _ => throw new NotFoundException(Entity, after.Id),
            // The jobs may have moved the status meanwhile; that bumps the version, so what is written here is what was read.
            Update = (tx, now) => { orders.Update(tx, after with { Status = now.Status }); return Task.CompletedTask; },
            Raise = (_, id) => [new OrderChanged(id)],
        }, ct);
        return fields.Masked(actor, (await orders.FindAsync(order.Id, ct))!);
    }

    public async Task<Page<Customer>> ListCustomersAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return fields.Masked(actor, await queries.CustomersAsync(fields.Asked<Customer>(actor, request), ct));
    }

    public async Task<Customer> CustomerAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return fields.Masked(actor, await orders.FindCustomerAsync(id, ct) ?? throw new NotFoundException(CustomerEntity, id));
    }

    public async Task<OrderItem> ItemAsync(Actor actor, long orderId, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return await orders.FindItemAsync(id, ct) is { } item && item.OrderId == orderId ? fields.Masked(actor, item) : throw new NotFoundException(ItemEntity, id);
    }

    /// <summary>Active customers whose name holds the text; at most 50.</summary>
    public async Task<IReadOnlyList<Customer>> CustomersAsync(Actor actor, string? search, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        return fields.Masked(actor, await orders.CustomersAsync(search ?? "", 50, ct));
    }

    /// <summary>Creates (id 0) or changes a customer.</summary>
    public async Task<Customer> SaveAsync(Actor actor, Customer customer, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersEdit);
        customer = await fields.FilledAsync(actor, customer, () => orders.FindCustomerAsync(customer.Id, ct));
        new CustomerValidator().Demand(customer);
        var after = customer with { Name = Text.Clean(customer.Name) };
        var id = await changes.SaveAsync(actor, new SaveOf<Customer>
        {
            Entity = CustomerEntity,
            After = after,
            Unique = ("customers", nameof(Customer.Name)),
            Find = () => orders.FindCustomerAsync(after.Id, ct),
            Decide = before => fields.Demand(actor, before, after),
            Insert = tx => orders.InsertAsync(tx, after),
            Update = (tx, _) => { orders.Update(tx, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new MasterDataChanged(CustomerEntity, stored)],
        }, ct);
        return fields.Masked(actor, (await orders.FindCustomerAsync(id, ct))!);
    }

    private static void DemandOpen(Order order)
    {
        if (!order.IsOpen)
            throw new RuleException("order.not_open", order.Number);
    }

    private static Order Clean(Order o) => o with { Number = Text.Clean(o.Number), SalesOrderNumber = Text.OrNull(o.SalesOrderNumber), Notes = Text.OrNull(o.Notes) };

    private async Task DemandCustomerAsync(long id, CancellationToken ct, string path = "")
    {
        if (await orders.FindCustomerAsync(id, ct) is not { Active: true })
            throw new InvalidException(path + nameof(Order.CustomerId), "unknown_value");
    }

    /// <summary>The item as it will be stored, and the product's path with every fallback applied.</summary>
    private async Task<(OrderItem Item, IReadOnlyList<OrderStep> Path)> PrepareAsync(Actor actor, OrderItem item, string path, CancellationToken ct, bool chosen = true, OrderReading? read = null)
    {
        read ??= new();
        if (!read.Products.TryGetValue(item.ProductId, out var product))
            read.Products[item.ProductId] = product = await products.FindAsync(item.ProductId, ct);
        if (product is null || chosen && product.Lifecycle != Lifecycle.Active)
            throw new InvalidException(path + nameof(OrderItem.ProductId), product is null ? "unknown_value" : "product_not_active");
        if (chosen && product.Steps.Count == 0)
            throw new InvalidException(path + nameof(OrderItem.ProductId), "product_without_path");
        if (decimal.Round(item.Quantity, product.Decimals) != item.Quantity || item.Variants.Any(v => decimal.Round(v.Quantity, product.Decimals) != v.Quantity))
            throw new InvalidException(path + nameof(OrderItem.Quantity), "too_many_decimals", product.Decimals);
        if (item.Variants.Any(v => product.Variants.All(p => p.Id != v.VariantId)))
            throw new InvalidException(path + nameof(OrderItem.Variants), "unknown_value");

        var stages = read.Stages ??= (await departments.AllStagesAsync(actor, ct)).ToDictionary(s => s.Id);
        var steps = product.Steps.Select((s, i) => new OrderStep
        {
            Position = i + 1, StageId = s.StageId, DepartmentId = stages[s.StageId].DepartmentId, SetupMinutes = s.SetupMinutes ?? stages[s.StageId].SetupMinutes ?? 0,
            RunMinutes = s.RunMinutes ?? stages[s.StageId].RunMinutes, Crew = s.Crew, ScrapShare = s.ScrapShare, Factor = s.Factor,
            TransferQuantity = stages[s.StageId].TransferQuantity, Required = s.Required, Parallel = s.Parallel,
        }).ToList();
        return (item with
        {
            Specifications = Text.OrNull(item.Specifications),
            Status = OrderStatus.Unscheduled,
            Variants = [.. item.Variants.OrderBy(v => v.VariantId).Select(v => v with { ItemId = item.Id })],
        }, steps);
    }

    private async Task<T> UniqueAsync<T>(string table, string field, Func<Task<T>> work)
    {
        try { return await work(); }
        catch (DbException e) when (db.Dialect.IsDuplicateKey(e, table)) { throw new InvalidException(field, "taken"); }
    }
}

/// <summary>What orders refer to, as it was read for those made just before.</summary>
internal sealed class OrderReading
{
    /// <summary>Known to be active.</summary>
    public HashSet<long> Customers { get; } = [];
    public Dictionary<long, Product?> Products { get; } = [];
    public Dictionary<long, Stage>? Stages { get; set; }
}
