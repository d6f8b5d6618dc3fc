using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Exceptions;

/// <summary>Why a planner should look, in the order in which the page shows it. What plugs in here also gets its place in <see cref="IssueBoard"/>.</summary>
public enum IssueKind
{
    /// <summary>An open hold.</summary>
    OnHold,

    /// <summary>Meant for somebody who is away at that time, or gone.</summary>
    ToReassign,

    /// <summary>Planned where there is no capacity any more: the machine stands or is retired, or the calendar was closed.</summary>
    LostCapacity,

    /// <summary>Pieces were rejected later and are not made again.</summary>
    Rejected,

    /// <summary>An open job past its planned end.</summary>
    LateJob,

    /// <summary>An open order past its due day.</summary>
    LateOrder,

    /// <summary>Its last step ends after the last shift of the due day, or something of it is not planned and it is due soon.</summary>
    AtRisk,
}

/// <summary>What took the capacity away, or what puts the order at risk.</summary>
public enum IssueCause { None, Absent, Left, Stands, Retired, Closed, PlannedLate, Unplanned }

/// <summary>One thing that needs a planner: what it is about, since when, and what is known of it. Words and the way to solve it are the page's.</summary>
public sealed record PlanIssue
{
    /// <summary>Unique in the list and the same while it lasts.</summary>
    public long Id { get; init; }
    public IssueKind Kind { get; init; }
    public IssueCause Cause { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderPriority Priority { get; init; }
    public long? JobId { get; init; }
    public long? DepartmentId { get; init; }
    public string? Stage { get; init; }
    public string? Machine { get; init; }
    public string? Person { get; init; }
    public HoldKind? Hold { get; init; }

    /// <summary>As it was written down: the hold's reason, the ticket, why the calendar is closed.</summary>
    public string? Note { get; init; }
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it should be over: the hold, the absence, the standing machine; of an order at risk when its last step ends.</summary>
    public DateTimeOffset? Until { get; init; }
    public DateOnly? DueOn { get; init; }

    /// <summary>Pieces rejected, or still to plan.</summary>
    public decimal? Pieces { get; init; }

    /// <summary>Of an order as a whole: the departments where something of it is left to do.</summary>
    internal IReadOnlyCollection<long> Through { get; init; } = [];

    internal bool Concerns(IReadOnlySet<long> departments) => DepartmentId is { } one ? departments.Contains(one) : Through.Any(departments.Contains);
}

/// <summary>How many there are of each kind.</summary>
public sealed record IssueCount(IssueKind Kind, int Count);
