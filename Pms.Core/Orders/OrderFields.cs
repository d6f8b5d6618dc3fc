using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Orders.Goods;
using C = Pms.Core.Orders.Customer;
using I = Pms.Core.Orders.OrderItem;
using O = Pms.Core.Orders.Order;

namespace Pms.Core.Orders;

/// <summary>Which fields of orders, their items and customers roles may be kept from.</summary>
public static class OrderFields
{
    /// <summary>An item's path, saved by itself.</summary>
    public const string Path = nameof(OrderDetail.Item.Steps);

    public static FieldEntity Customer => FieldEntity.Of<C>("customer", Permissions.OrdersView, Permissions.OrdersEdit, [nameof(C.Name)])
        .When("Active", ["True", "False"], r => (r as C)?.Active);

    public static FieldEntity Order => FieldEntity.Of<O>("order", Permissions.OrdersView, Permissions.OrdersEdit, [nameof(O.Number)], needed: [nameof(O.CustomerId), nameof(O.DueOn)],
            settled: [nameof(O.Status), nameof(O.CreatedAt), nameof(O.CompletedAt)])
        .Also<OrderRow>(("Late", nameof(O.DueOn)))
        .Also<OrderDetail>()
        .Asked(("due", nameof(O.DueOn)), ("duefrom", nameof(O.DueOn)), ("dueto", nameof(O.DueOn)), ("late", nameof(O.DueOn)), ("open", nameof(O.Status))).Ordered("due", "number")
        .When("Status", Enum.GetNames<OrderStatus>(), r => r is O o ? o.Status : r is OrderRow row ? row.Status : (r as OrderDetail)?.Order.Status)
        .When("Priority", Enum.GetNames<OrderPriority>(), r => r is O o ? o.Priority : r is OrderRow row ? row.Priority : (r as OrderDetail)?.Order.Priority);

    public static FieldEntity Item => FieldEntity.Of<I>("order_item", Permissions.OrdersView, Permissions.OrdersEdit, [nameof(I.ProductId)], needed: [nameof(I.Quantity)],
            settled: [nameof(I.Status), nameof(I.Line)], without: [nameof(I.OrderId), nameof(I.Surplus), nameof(I.Reason)], apart: [Path])
        .Also<OrderDetail.Item>()
        .Also<ItemGoods>()
        .When("Status", Enum.GetNames<OrderStatus>(), r => r is I i ? i.Status : r is ItemGoods goods ? goods.Status : (r as OrderDetail.Item)?.Status);
}
