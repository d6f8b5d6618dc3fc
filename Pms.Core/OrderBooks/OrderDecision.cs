using Pms.Core.Audit;
using Pms.Core.Orders;

namespace Pms.Core.OrderBooks;

/// <summary>Withdrawn: a later order book wants what the item has already.</summary>
public enum OrderDecisionState { Open, Accepted, Dismissed, Withdrawn }

/// <summary>A quantity that an order book wants of an item at which work has begun: never applied by the import, decided by a planner. One is open per item at most.</summary>
public sealed record OrderDecision : IVersioned
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public string Order { get; init; } = "";
    public long ItemId { get; init; }
    public int Line { get; init; }
    public string Product { get; init; } = "";
    public string Unit { get; init; } = "";

    /// <summary>The item's when it was asked; null where the reader may not see quantities.</summary>
    public decimal? Quantity { get; init; }
    public decimal? Wanted { get; init; }
    public OrderDecisionState State { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>Who applied the import.</summary>
    public string ByName { get; init; } = "";
    public DateTimeOffset? DecidedAt { get; init; }
    public string? DecidedBy { get; init; }
    public string? Reason { get; init; }
    public int Version { get; init; }
}

/// <summary>The item takes the wanted quantity.</summary>
/// <param name="Surplus">Needed where more is made already: where the pieces left over go.</param>
public sealed record AcceptDecision(long Id, int Version, Disposition? Surplus = null);

/// <summary>The item stays as it is; the same quantity is not asked again.</summary>
public sealed record DismissDecision(long Id, int Version, string Reason);
