using System.Collections.Concurrent;
using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Exceptions;

/// <summary>Why a planner should look, in the order in which the page shows it. What plugs in here also gets its place in <see cref="IssueBoard"/>.</summary>
public enum IssueKind
{
    /// <summary>An open hold.</summary>
    OnHold,

    /// <summary>An order book wants another quantity of an item at which work has begun.</summary>
    NeedsDecision,

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

    /// <summary>An open order that is expected to be done after the last shift of its due day.</summary>
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
    public long? HoldId { get; init; }
    public long? DepartmentId { get; init; }
    public string? Stage { get; init; }
    public string? Machine { get; init; }
    public string? Person { get; init; }
    public HoldKind? Hold { get; init; }

    /// <summary>When the job is planned to begin.</summary>
    public DateTimeOffset? PlannedStart { get; init; }

    /// <summary>As it was written down: the hold's reason, the ticket, why the calendar is closed, the product to decide on.</summary>
    public string? Note { get; init; }
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it should be over: the hold, the absence, the standing machine; of an order at risk when it is expected to be done, null where there is no room for all of it.</summary>
    public DateTimeOffset? Until { get; init; }
    public DateOnly? DueOn { get; init; }

    /// <summary>Pieces rejected, still to plan, or wanted instead of what the item has.</summary>
    public decimal? Pieces { get; init; }

    /// <summary>Of an order as a whole: the departments where something of it is left to do.</summary>
    internal IReadOnlyCollection<long> Through { get; init; } = [];

    internal bool Concerns(IReadOnlySet<long> departments) => DepartmentId is { } one ? departments.Contains(one) : Through.Any(departments.Contains);
}

/// <summary>The exceptions at one instant, and how many of them whoever may see what counts: counted once however many ask.</summary>
public sealed record IssuePicture(IReadOnlyList<PlanIssue> Issues, DateTimeOffset At)
{
    private readonly ConcurrentDictionary<string, int> counts = [];

    internal int CountOf(string scope, Func<int> count) => counts.GetOrAdd(scope, _ => count());
}

/// <summary>How many there are of each kind.</summary>
public sealed record IssueCount(IssueKind Kind, int Count);
