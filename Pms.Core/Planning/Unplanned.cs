using Pms.Core.Orders;

namespace Pms.Core.Planning;

/// <summary>A step of an open order of which something is still to be planned.</summary>
public sealed record UnplannedStep
{
    public long StepId { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public int Line { get; init; }
    public string Product { get; init; } = "";
    public string Unit { get; init; } = "";
    public long StageId { get; init; }
    public string Stage { get; init; } = "";
    public long DepartmentId { get; init; }

    /// <summary>Null for whom a field rule hides it; then the priority is the usual one.</summary>
    public DateOnly? DueOn { get; init; }
    public OrderPriority Priority { get; init; }
    public bool Late { get; init; }
    public bool Held { get; init; }

    /// <summary>Pieces still to be planned.</summary>
    public decimal Need { get; init; }

    /// <summary>Standard minutes of that need with set-up; null where nothing says.</summary>
    public decimal? Minutes { get; init; }
}

/// <summary>What of the unplanned work is asked for.</summary>
public sealed record UnplannedRequest
{
    /// <summary>Beginning of an order's number or a product's code.</summary>
    public string? Search { get; init; }
    public long? DepartmentId { get; init; }
    public OrderPriority? Priority { get; init; }
    public bool Late { get; init; }

    /// <summary>Where the answer before ended.</summary>
    public UnplannedPlace? After { get; init; }
    public int Take { get; init; } = 25;
}

/// <summary>The last item that was looked at, in the order of the due days.</summary>
public sealed record UnplannedPlace(DateOnly DueOn, long ItemId);

/// <summary>Steps in the order of their due days, whole items; <see cref="Next"/> is where more may be.</summary>
public sealed record Unplanned(IReadOnlyList<UnplannedStep> Steps, UnplannedPlace? Next);
