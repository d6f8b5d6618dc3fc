using Pms.Core.Identity;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Orders;

/// <summary>
/// What of its order a job, or anything else that carries the order's day and priority along, may tell: nothing of what a field rule hides in
/// some state of the order, since a row of a job doesn't know that state. Every service that answers such rows asks here.
/// </summary>
/// <param name="HidesDue">The day of the order, or of its item, where the item has one of its own.</param>
/// <param name="HidesPriority">The order's priority.</param>
/// <param name="HidesStatus">Whether the order is done.</param>
public readonly record struct OrderSight(bool HidesDue, bool HidesPriority, bool HidesStatus)
{
    public static OrderSight Of(FieldRules fields, Actor actor)
    {
        var (order, item) = (fields.Of(actor, typeof(Order)), fields.Of(actor, typeof(OrderItem)));
        return new(order?.MayHide(nameof(Order.DueOn)) == true || item?.MayHide(nameof(OrderItem.DueOn)) == true, order?.MayHide(nameof(Order.Priority)) == true, order?.MayHide(nameof(Order.Status)) == true);
    }

    /// <summary>True where everything may be told.</summary>
    public bool IsWhole => !HidesDue && !HidesPriority;

    public DateOnly? Due(DateOnly? day) => HidesDue ? null : day;

    public OrderPriority Priority(OrderPriority priority) => HidesPriority ? OrderPriority.Normal : priority;

    /// <summary>Asking by what is hidden would tell what it holds.</summary>
    /// <exception cref="InvalidException">field.hidden: the list is to be sorted by the hidden day.</exception>
    public void DemandSort(string? sort)
    {
        if (HidesDue && sort?.TrimStart('-') == "due")
            throw new InvalidException("sort", "field.hidden", "due");
    }
}
