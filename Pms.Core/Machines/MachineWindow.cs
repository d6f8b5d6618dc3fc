using Pms.Core.Audit;

namespace Pms.Core.Machines;

/// <summary>Why a machine can't run: time set aside by hand, or it stands until it is expected back.</summary>
public enum WindowKind { Planned, Standing }

/// <summary>A stretch in which a machine can't run, half-open; planned ones are entered by hand, standing ones follow from its ticket and are not stored here.</summary>
public sealed record MachineWindow : IVersioned
{
    public long Id { get; init; }
    public long MachineId { get; init; }
    public WindowKind Kind { get; init; }
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>Of a standing machine: the ticket's number.</summary>
    public string Reason { get; init; } = "";
    public int Version { get; init; }

    [NotAudited] public Span Span => new(StartsAt, EndsAt);
}

/// <summary>A planned window with its machine, for lists.</summary>
public sealed record MachineWindowRow
{
    public long Id { get; init; }
    public long MachineId { get; init; }
    public string Machine { get; init; } = "";
    public long DepartmentId { get; init; }
    public WindowKind Kind { get; init; }
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public string Reason { get; init; } = "";
    public int Version { get; init; }
}
