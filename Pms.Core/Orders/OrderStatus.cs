namespace Pms.Core.Orders;

/// <summary>Status of an order and of an order item, derived from the jobs. Items go up to Cancelled, only orders are Closed. A hold is a record beside it.</summary>
public enum OrderStatus { Unscheduled, Scheduled, InProgress, Completed, Closed, Cancelled }

public static class OrderStatuses
{
    /// <summary>Something is still to be made.</summary>
    public static bool IsOpen(this OrderStatus status) => status is OrderStatus.Unscheduled or OrderStatus.Scheduled or OrderStatus.InProgress;
}
