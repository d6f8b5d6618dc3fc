using FluentValidation;
using Pms.Core.Events;

namespace Pms.Core.Orders.Goods;

/// <summary>Something that steps of these departments wait for was marked, after the commit.</summary>
public sealed record ReadinessChanged(long OrderId, IReadOnlyList<long> Departments) : IEvent;

/// <summary>What a step needs besides the pieces of the step before.</summary>
public enum ReadinessCheck { Material, Artwork, Tool }

/// <summary>Unknown never blocks; Short asks for a reason at Start.</summary>
public enum ReadinessState { Unknown, Ok, Short }

/// <summary>One thing a step needs: whether it is there, from when on, and who said so.</summary>
public sealed record StepReadiness
{
    public long StepId { get; init; }
    public ReadinessCheck What { get; init; }
    public ReadinessState State { get; init; }

    /// <summary>The day it is there, or is expected.</summary>
    public DateOnly? OnDay { get; init; }
    public string ByName { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>Marks one thing for several steps, and for every step that is not done of several orders' open items.</summary>
public sealed record SetReadiness(ReadinessCheck What, ReadinessState State, IReadOnlyList<long> Steps, IReadOnlyList<long>? Orders = null, DateOnly? OnDay = null);

/// <summary>How many steps are marked differently now.</summary>
public sealed record ReadinessSet(int Steps);

public sealed class SetReadinessValidator : AbstractValidator<SetReadiness>
{
    /// <summary>Steps or orders of one command.</summary>
    public const int Most = 200;

    public SetReadinessValidator()
    {
        RuleFor(r => r.What).Known();
        RuleFor(r => r.State).Known();
        RuleFor(r => r.OnDay).Must(d => d is null or { Year: >= 2000 and < 2200 }).Refuse("not_valid");
        RuleFor(r => r.Steps).Must((r, s) => s.Count + (r.Orders?.Count ?? 0) is >= 1 and <= Most).Refuse("between", 1, Most);
    }
}
