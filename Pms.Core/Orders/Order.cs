using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Orders;

/// <summary>An order or something of it changed, after the commit.</summary>
public sealed record OrderChanged(long OrderId) : IEvent;

/// <summary>Stored as its number, so that it sorts.</summary>
public enum OrderPriority { Low, Normal, High, Urgent }

/// <summary>What a customer ordered (ISA-95 operations request). Its status is derived from the jobs and never set by hand.</summary>
public sealed record Order : IVersioned
{
    public long Id { get; init; }

    /// <summary>Unique.</summary>
    public string Number { get; init; } = "";
    public string? SalesOrderNumber { get; init; }
    public long CustomerId { get; init; }
    public decimal? Value { get; init; }
    public DateOnly? StartsOn { get; init; }
    public DateOnly DueOn { get; init; }
    public OrderPriority Priority { get; init; } = OrderPriority.Normal;
    public OrderStatus Status { get; init; }
    public string? Notes { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public int Version { get; init; }

    /// <summary>True while its head and items may still be edited.</summary>
    [NotAudited] public bool IsOpen => Status.IsOpen();
}

/// <summary>One product of an order with its quantity; path, plan and start are per item.</summary>
public sealed record OrderItem : IVersioned
{
    public long Id { get; init; }
    public long OrderId { get; init; }

    /// <summary>Unique within the order; 0 takes the next one.</summary>
    public int Line { get; init; }
    public long ProductId { get; init; }
    public decimal Quantity { get; init; }
    public decimal? UnitPrice { get; init; }

    /// <summary>Where it differs from the order's; null: the order's.</summary>
    public DateOnly? DueOn { get; init; }

    /// <summary>Shares: 0.05 is 5 % more than ordered. Null: the plant's.</summary>
    public decimal? OverTolerance { get; init; }
    public decimal? UnderTolerance { get; init; }
    public string? Specifications { get; init; }
    public OrderStatus Status { get; init; }
    public int Version { get; init; }

    /// <summary>Only for saving a lower quantity than is made already: where the pieces left over go.</summary>
    [NotAudited] public Disposition? Surplus { get; init; }

    /// <summary>Only for saving a higher quantity than was completed: why it begins again.</summary>
    [NotAudited] public string? Reason { get; init; }

    /// <summary>Per variant; empty, or their sum is the quantity. Ordered by variant.</summary>
    public IReadOnlyList<VariantQuantity> Variants { get; init; } = [];
}

public sealed record VariantQuantity
{
    [NotAudited] public long ItemId { get; init; }
    public long VariantId { get; init; }
    public decimal Quantity { get; init; }
}

/// <summary>One step of an item's production path, copied when the order was made; fixed once work at it has begun.</summary>
public sealed record OrderStep
{
    /// <summary>0 for a step that is new.</summary>
    [NotAudited] public long Id { get; init; }
    [NotAudited] public long ItemId { get; init; }
    public int Position { get; init; }
    public long StageId { get; init; }
    public long DepartmentId { get; init; }
    public decimal SetupMinutes { get; init; }

    /// <summary>Minutes per unit out; null where nothing says.</summary>
    public decimal? RunMinutes { get; init; }
    public int Crew { get; init; } = 1;
    public decimal ScrapShare { get; init; }
    public decimal Factor { get; init; } = 1;

    /// <summary>Pieces of it after which the next step may begin; null: the stage says.</summary>
    public decimal? TransferQuantity { get; init; }
    public bool Required { get; init; } = true;
    public bool Parallel { get; init; }
}

/// <summary>A new order as one: head, and at least one item.</summary>
public sealed record CreateOrder(Order Order, IReadOnlyList<OrderItem> Items);

/// <summary>The item's path as it shall be: steps keep their id, one left out is taken away, one with id 0 is new.</summary>
public sealed record SetPath(long ItemId, int Version, IReadOnlyList<OrderStep> Steps);

/// <summary>Puts back one cancelled item of an order, or (item null) all that are.</summary>
public sealed record ReopenItems(long OrderId, long? ItemId, string Reason);

/// <summary>Closes several orders.</summary>
public sealed record CloseOrders(IReadOnlyList<long> OrderIds);

/// <summary>What became of it.</summary>
public sealed record OrdersClosed(IReadOnlyList<long> Closed, IReadOnlyList<NotClosed> Refused);

/// <summary>An order that can't be closed, and what it lacks: where pieces are still in the house, how many of which line.</summary>
public sealed record NotClosed(long OrderId, string Number, string Code, int? Line = null, decimal? Rest = null, string? Unit = null)
{
    /// <summary>To be put into words.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public Refusal Why => new(Code, Number, Line, Rest, Unit);
}

/// <summary>Good pieces of a step that its item needs no more, and that no later step has taken.</summary>
public sealed record StepSurplus(long StepId, string Stage, decimal Quantity);

/// <summary>Where the pieces already made of a cancelled or lowered item go.</summary>
public enum Disposition { Stock, OtherOrder, Scrap, Customer }

public sealed record Customer : IVersioned
{
    public long Id { get; init; }

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";
    public bool Active { get; init; } = true;
    public int Version { get; init; }
}
