using Pms.Core;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Orders.Goods;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Orders;

/// <summary>/api/v1/orders with their items and holds, and /api/v1/customers.</summary>
public static class OrdersApi
{
    /// <summary>The hold's order comes from the address; at most one of item, step and job narrows it.</summary>
    public sealed record HoldBody(HoldKind Kind, string? Note, bool StopNow, DateOnly? ExpectedOn, long? ItemId, long? StepId, long? JobId);

    /// <summary>A new order as one: head, and at least one item.</summary>
    public sealed record OrderBody(Order? Order, IReadOnlyList<OrderItem>? Items);

    public sealed record Made(long Id);

    /// <summary>The whole path, in its order.</summary>
    public sealed record PathBody(IReadOnlyList<OrderStep>? Steps);

    /// <summary>Without an item the whole order is cancelled.</summary>
    public sealed record CancelBody(long? ItemId, string? Reason, Disposition? Disposition);

    /// <summary>Where pieces left over go, if the wanted quantity is less than what is made.</summary>
    public sealed record AcceptBody(int Version, Disposition? Surplus);

    public sealed record DismissBody(int Version, string? Reason);

    public sealed record MadeHold(long Id, long OrderId);

    /// <summary>Without an item everything that was cancelled is put back.</summary>
    public sealed record ReopenBody(long? ItemId, string? Reason);

    /// <summary>Several orders of one command.</summary>
    public sealed record CloseBody(IReadOnlyList<long>? OrderIds);

    /// <summary>One thing of these steps, and of every step of these orders' open items.</summary>
    public sealed record ReadinessBody(ReadinessCheck What, ReadinessState State, IReadOnlyList<long>? Steps, IReadOnlyList<long>? Orders, DateOnly? OnDay);

    /// <summary>Why an entry is taken back or a hold is waived.</summary>
    public sealed record BackBody(string? Reason);

    public static void MapOrdersApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("orders");
        var head = new { number = "SO260117", customerId = 1, dueOn = "2027-03-15", priority = nameof(OrderPriority.High), notes = "Call before delivery" };
        var item = new { productId = 1, quantity = 250, unitPrice = 89.5 };
        api.MapList("/", OrderService.Shape, (http, request) => Service(http).ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListOrders", "List orders");
        api.MapOne("/{id:long}", DetailAsync, d => d.Order.Version).Says("GetOrder", "Read an order with its items, their paths and jobs", "The ETag is that of the order's head.");
        api.MapCreate<OrderBody, Made>("/", async (http, body) => new Made(await Service(http).CreateAsync(http.Actor(), new CreateOrder(
                body.Order ?? throw new InvalidException(nameof(CreateOrder.Order), "required"), body.Items ?? throw new InvalidException(nameof(CreateOrder.Items), "required")), http.Key(), http.RequestAborted)), m => $"orders/{m.Id}")
            .Says("CreateOrder", "Create an order with its items", "Each item takes the production path of its product.").Example(new { order = head, items = new[] { item } });
        api.MapChange<Order, Order>("/{id:long}", async http => (await DetailAsync(http)).Order.Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeOrder", "Replace an order's head").Refuses("order.not_open").Example(head);

        api.MapOne("/{id:long}/items/{item:long}", ItemAsync).Says("GetOrderItem", "Read an order's item");
        api.MapCreate<OrderItem, OrderItem>("/{id:long}/items", (http, body) => http.Service<ItemService>().SaveAsync(http.Actor(), body with { Id = 0, Version = 0, OrderId = http.Id() }, http.RequestAborted),
            i => $"orders/{i.OrderId}/items/{i.Id}").Says("CreateOrderItem", "Add an item to an order").Refuses("order.not_open").Example(item);
        api.MapChange<OrderItem, OrderItem>("/{id:long}/items/{item:long}", async http => (await ItemAsync(http)).Version, (http, body, version) =>
            http.Service<ItemService>().SaveAsync(http.Actor(), body with { Id = http.Id("item"), Version = version, OrderId = http.Id() }, http.RequestAborted))
            .Says("ChangeOrderItem", "Replace an order's item", "The line stays. A lower quantity shrinks or cancels planned jobs, last first; pieces already made beyond it need a surplus: where they go. A higher one of a completed item needs a reason.").Refuses("order.not_open", "order.closed", "order.item_not_open", "order.product_planned", "order.surplus_gone").Example(item);
        api.MapChange<PathBody, OrderItem>("/{id:long}/items/{item:long}/path", async http => (await ItemAsync(http)).Version, async (http, body, version) =>
        {
            await ItemAsync(http);
            await Service(http).SetPathAsync(http.Actor(), new SetPath(http.Id("item"), version, body.Steps ?? throw new InvalidException(nameof(SetPath.Steps), "required")), http.RequestAborted);
            return await ItemAsync(http);
        }).Says("ChangeItemPath", "Replace an item's production path", "The version is the item's.").Refuses("order.not_open", "order.path_started", "order.path_order", "order.path_planned", "order.path_nothing_left")
            .Example(new { steps = new[] { new { stageId = 1, runMinutes = 0.5 } } });
        api.MapCommand<CancelBody, Made>("/{id:long}/cancel", async (http, body) =>
        {
            await http.Service<CancelService>().CancelAsync(http.Actor(), new CancelItems(http.Id(), body!.ItemId, body.Reason ?? "", body.Disposition), http.Key(), http.RequestAborted);
            return new Made(http.Id());
        }).Says("CancelOrder", "Cancel an order, or one item of it", "Pieces already made need a disposition.").Refuses("order.not_open", "order.item_runs", "order.item_not_open").Example(new { reason = "The customer took it back" });

        api.MapCommand<ReopenBody, Made>("/{id:long}/reopen", async (http, body) =>
        {
            await Service(http).ReopenAsync(http.Actor(), new ReopenItems(http.Id(), body!.ItemId, body.Reason ?? ""), http.Key(), http.RequestAborted);
            return new Made(http.Id());
        }).Says("ReopenOrder", "Put a cancelled order, or one item of it, back", "Its jobs must be planned anew. Pieces that went into stock count for it again.").Refuses("order.closed", "order.not_cancelled", "order.item_not_cancelled", "order.pieces_gone").Example(new { reason = "The customer wants it after all" });
        api.MapCommand<object, Made>("/{id:long}/close", async (http, _) =>
        {
            await http.Service<CloseService>().CloseAsync(http.Actor(), http.Id(), http.Key(), http.RequestAborted);
            return new Made(http.Id());
        }, optionalBody: true).Says("CloseOrder", "Close a completed order", "Its pieces are dispatched or disposed of; quantities, goods and times are locked from then on.").Refuses("order.close_not_completed", "order.close_not_dispatched", "order.closed");
        api.MapCommand<CloseBody, OrdersClosed>("/close", (http, body) => http.Service<CloseService>().CloseAsync(http.Actor(), new CloseOrders(body!.OrderIds ?? []), http.Key(), http.RequestAborted))
            .Says("CloseOrders", "Close several orders", "Those that can be are closed; the others are named with the code of what they lack.").Example(new { orderIds = new[] { 1, 2, 3 } });

        api.MapCommand<ReadinessBody, ReadinessSet>("/readiness", (http, body) => http.Service<ReadinessService>().SetAsync(http.Actor(), new SetReadiness(body!.What, body.State, body.Steps ?? [], body.Orders, body.OnDay), http.Key(), http.RequestAborted))
            .Says("SetReadiness", "Say whether material, artwork or tool is there for steps", "Unknown never blocks a start; Short asks for a reason.").Refuses("order.not_open", "order.item_not_open")
            .Example(new { what = nameof(ReadinessCheck.Material), state = nameof(ReadinessState.Short), steps = new[] { 31, 32 }, onDay = "2027-03-05" });
        api.MapWhole("/{id:long}/goods", http => Goods(http).OfOrderAsync(http.Actor(), http.Id(), http.RequestAborted)).Says("ListGoods", "List an order's material, finished pieces and every entry of them, by item");
        api.MapCreate<MoveMaterial, GoodsEntry>("/{id:long}/material-moves", (http, body) => Goods(http).MoveAsync(http.Actor(), http.Id(), body, http.Key(), http.RequestAborted), e => $"orders/{e.OrderId}/goods")
            .Says("MoveMaterial", "Record material received, issued, returned or scrapped", "More than is there needs a reason.").Refuses("order.closed", "reason_needed").Example(new { itemId = 1, kind = nameof(MaterialKind.Received), quantity = 250, note = "Delivery note 4711" });
        api.MapCommand<BackBody, GoodsEntry>("/{id:long}/material-moves/{entry:long}/take-back", (http, body) => Goods(http).TakeMoveBackAsync(http.Actor(), http.Id(), new TakeBack(http.Id("entry"), body!.Reason ?? ""), http.Key(), http.RequestAborted))
            .Says("TakeMaterialMoveBack", "Take a move of material back by a counter-entry").Refuses("order.closed", "goods.taken_back").Example(new { reason = "Counted twice" });
        api.MapCreate<DispatchGoods, GoodsEntry>("/{id:long}/dispatches", (http, body) => Goods(http).DispatchAsync(http.Actor(), http.Id(), body, http.Key(), http.RequestAborted), e => $"orders/{e.OrderId}/goods")
            .Says("DispatchGoods", "Record finished pieces that left, to the customer or elsewhere", "In parts as they leave; more than is there needs a reason.").Refuses("order.closed", "reason_needed").Example(new { itemId = 1, quantity = 120, onDay = "2027-03-12", note = "Waybill 88-102" });
        api.MapCommand<BackBody, GoodsEntry>("/{id:long}/dispatches/{entry:long}/take-back", (http, body) => Goods(http).TakeDispatchBackAsync(http.Actor(), http.Id(), new TakeBack(http.Id("entry"), body!.Reason ?? ""), http.Key(), http.RequestAborted))
            .Says("TakeDispatchBack", "Take a dispatch back by a counter-entry").Refuses("order.closed", "goods.taken_back").Example(new { reason = "Came back undelivered" });

        api.MapWhole("/{id:long}/holds", http => http.Service<HoldService>().ListAsync(http.Actor(), http.Id(), http.RequestAborted)).Says("ListHolds", "List an order's holds, open ones and ended ones");
        api.MapOne("/{id:long}/holds/{hold:long}", HoldAsync).Says("GetHold", "Read a hold");
        api.MapCreate<HoldBody, MadeHold>("/{id:long}/holds", async (http, body) => new MadeHold(await http.Service<HoldService>().OpenAsync(http.Actor(),
                new OpenHoldRequest(http.Id(), body.Kind, body.Note ?? "", body.StopNow, body.ExpectedOn, body.ItemId, body.StepId, body.JobId), http.Key(), http.RequestAborted), http.Id()), m => $"orders/{m.OrderId}/holds/{m.Id}")
            .Says("CreateHold", "Put an order, an item, a step or a job on hold").Refuses("order.not_open").Example(new { kind = nameof(HoldKind.Material), note = "Thread comes on Friday", stopNow = false, expectedOn = "2027-03-05" });
        api.MapVersionCommand<BackBody>("/{id:long}/holds/{hold:long}/lift", async http => (await HoldAsync(http)).Version, (http, body, version) =>
            http.Service<HoldService>().LiftAsync(http.Actor(), http.Id("hold"), version, body?.Reason, http.RequestAborted)).Says("LiftHold", "Lift a hold", "Others on the same order stay. One for want of stock is waived with a reason.").Example(new { reason = "Bought elsewhere" });

        api.MapList("/decisions", OrderDecisionService.Shape, (http, request) => http.Service<OrderDecisionService>().ListAsync(http.Actor(), request, http.RequestAborted))
            .Says("ListOrderDecisions", "List quantities that an import wants of begun items", "Open ones wait for a planner.");
        api.MapOne("/decisions/{decision:long}", DecisionAsync).Says("GetOrderDecision", "Read a decision");
        api.MapCommand<AcceptBody, OrderDecision>("/decisions/{decision:long}/accept", (http, body) =>
            http.Service<OrderDecisionService>().AcceptAsync(http.Actor(), new AcceptDecision(http.Id("decision"), body!.Version, body.Surplus), http.RequestAborted))
            .Says("AcceptOrderDecision", "Give the item the wanted quantity", "Its jobs follow, as if the item were changed; pieces already made beyond it need a surplus: where they go.")
            .Refuses("changed_by_other", "order.not_open", "order.item_not_open", "order.surplus_gone").Example(new { version = 1 });
        api.MapCommand<DismissBody, OrderDecision>("/decisions/{decision:long}/dismiss", (http, body) =>
            http.Service<OrderDecisionService>().DismissAsync(http.Actor(), new DismissDecision(http.Id("decision"), body!.Version, body.Reason ?? ""), http.RequestAborted))
            .Says("DismissOrderDecision", "Leave the item as it is", "The same quantity is not asked again.").Refuses("changed_by_other").Example(new { version = 1, reason = "Too late, the cloth is cut" });

        var customers = routes.MapApi("customers");
        var customer = new { name = "Karoo Outfitters", active = true };
        customers.MapList("/", OrderService.CustomerShape, (http, request) => Service(http).ListCustomersAsync(http.Actor(), request, http.RequestAborted)).Says("ListCustomers", "List customers");
        customers.MapOne("/{id:long}", CustomerAsync).Says("GetCustomer", "Read a customer");
        customers.MapCreate<Customer, Customer>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), c => $"customers/{c.Id}")
            .Says("CreateCustomer", "Create a customer").Example(customer);
        customers.MapChange<Customer, Customer>("/{id:long}", async http => (await CustomerAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeCustomer", "Replace a customer").Example(customer);
    }

    private static GoodsService Goods(HttpContext http) => http.Service<GoodsService>();

    private static OrderService Service(HttpContext http) => http.Service<OrderService>();

    private static Task<OrderDetail> DetailAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static Task<OrderItem> ItemAsync(HttpContext http) => Service(http).ItemAsync(http.Actor(), http.Id(), http.Id("item"), http.RequestAborted);

    private static Task<Customer> CustomerAsync(HttpContext http) => Service(http).CustomerAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static Task<OrderDecision> DecisionAsync(HttpContext http) => http.Service<OrderDecisionService>().GetAsync(http.Actor(), http.Id("decision"), http.RequestAborted);

    private static Task<Hold> HoldAsync(HttpContext http) => http.Service<HoldService>().GetAsync(http.Actor(), http.Id(), http.Id("hold"), http.RequestAborted);
}
