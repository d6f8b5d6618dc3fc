using Pms.Core.Orders;
using Pms.Web.Shared;

namespace Pms.Web.Orders;

/// <summary>How an order's derived status is shown; an open hold lies over it.</summary>
public static class OrderWords
{
    public static PlantState StateOf(OrderStatus status, bool onHold) => onHold ? PlantState.OnHold : status switch
    {
        OrderStatus.Unscheduled => PlantState.Waiting,
        OrderStatus.Scheduled => PlantState.Ready,
        OrderStatus.InProgress => PlantState.Running,
        OrderStatus.Completed or OrderStatus.Closed => PlantState.Done,
        _ => PlantState.Idle,
    };

    /// <summary>A job's status by its name.</summary>
    public static PlantState StateOfJob(string status) => status switch
    {
        "Running" => PlantState.Running,
        "Paused" => PlantState.Paused,
        "Finished" => PlantState.Done,
        "Planned" => PlantState.Ready,
        _ => PlantState.Idle,
    };
}
