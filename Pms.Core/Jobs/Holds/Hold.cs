using FluentValidation;
using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Jobs.Holds;

/// <summary>A hold was opened, changed, lifted or voided, after the commit.</summary>
public sealed record HoldChanged(long HoldId, long OrderId) : IEvent;

public enum HoldScope { Order, Item, Step, Job }

/// <summary>Why work may not begin. Quality holds are lifted by quality alone; NoStock comes from a replacement ticket.</summary>
public enum HoldKind { Material, Capacity, Machine, Quality, Customer, Other, NoStock }

public enum HoldState { Open, Lifted, Voided }

/// <summary>A record beside the order's status: several may be open at once, lifting one leaves the others.</summary>
public sealed record Hold : IVersioned
{
    public long Id { get; init; }
    public HoldScope Scope { get; init; }
    public long OrderId { get; init; }
    public long? ItemId { get; init; }
    public long? StepId { get; init; }
    public long? JobId { get; init; }
    public HoldKind Kind { get; init; }

    /// <summary>The reason in words.</summary>
    public string Note { get; init; } = "";

    /// <summary>When it is expected to end.</summary>
    public DateOnly? ExpectedOn { get; init; }

    /// <summary>True: what ran was paused. False: what runs may finish.</summary>
    public bool StopNow { get; init; }
    public HoldState State { get; init; }
    public DateTimeOffset OpenedAt { get; init; }
    public string OpenedBy { get; init; } = "";

    /// <summary>When the slots of what it covers went back to the plan; null: they are still kept.</summary>
    [NotAudited] public DateTimeOffset? FreedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? EndedBy { get; init; }
    public int Version { get; init; }

    /// <summary>True for what it stops: the order, or the narrowest thing named.</summary>
    public bool Covers(Job job) => job.OrderId == OrderId && Scope switch
    {
        HoldScope.Order => true,
        HoldScope.Item => job.ItemId == ItemId,
        HoldScope.Step => job.StepId == StepId,
        _ => job.Id == JobId,
    };
}

/// <summary>Puts an order, or the narrowest thing named (item, step, job), on hold.</summary>
public sealed record OpenHoldRequest(long OrderId, HoldKind Kind, string Note, bool StopNow, DateOnly? ExpectedOn = null, long? ItemId = null, long? StepId = null, long? JobId = null)
{
    public HoldScope Scope => JobId is not null ? HoldScope.Job : StepId is not null ? HoldScope.Step : ItemId is not null ? HoldScope.Item : HoldScope.Order;
}

/// <summary>A reason is always given, and one thing is named.</summary>
public sealed class OpenHoldValidator : AbstractValidator<OpenHoldRequest>
{
    public OpenHoldValidator()
    {
        RuleFor(h => h.OrderId).GreaterThan(0).Refuse("required");
        RuleFor(h => h.Kind).Known();
        RuleFor(h => h.Note).Named(500);
        RuleFor(h => h.ExpectedOn).Must(d => d is null || d.Value.Year is >= 2000 and < 2200).Refuse("not_valid");
        RuleFor(h => h.ItemId).Must((h, _) => new[] { h.ItemId, h.StepId, h.JobId }.Count(id => id is not null) <= 1).Refuse("not_valid");
    }
}

/// <summary>A job that a hold covers, as far as the hold is concerned.</summary>
public sealed record CoveredJob
{
    public long Id { get; init; }
    public long DepartmentId { get; init; }
    public string Status { get; init; } = "";
    public int Version { get; init; }
}
