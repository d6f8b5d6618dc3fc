using Pms.Core.Audit;

namespace Pms.Core.Machines;

/// <summary>A machine or place where work is done (ISA-95 work unit). Whether it runs or stands is derived, never stored here.</summary>
public sealed record Machine : IVersioned
{
    public long Id { get; init; }

    /// <summary>Unique; what is painted on it.</summary>
    public string Number { get; init; } = "";
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? WorkCentreId { get; init; }
    public string? Type { get; init; }
    public string? Manufacturer { get; init; }
    public string? Model { get; init; }
    public string? Serial { get; init; }
    public DateOnly? PurchasedOn { get; init; }

    /// <summary>1 is standard speed, 2 twice as fast: standard minutes ÷ factor.</summary>
    public decimal SpeedFactor { get; init; } = 1;
    public int PiecesPerCycle { get; init; } = 1;

    /// <summary>Fallback standard minutes per piece.</summary>
    public decimal? IdealMinutes { get; init; }

    /// <summary>Jobs in parallel.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Runs on without an operator.</summary>
    public bool Unattended { get; init; }
    public DateTimeOffset? RetiredAt { get; init; }
    public int Version { get; init; }

    /// <summary>The stages it can run; ordered by id.</summary>
    public IReadOnlyList<long> Stages { get; init; } = [];
}

/// <summary>What can be done with a machine now; derived from its tickets, see product.md §2.</summary>
public enum MachineCondition { Available, Broken, Maintenance, Retired }

/// <summary>A machine as the list shows it.</summary>
public sealed record MachineRow
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public string Department { get; init; } = "";
    public string? WorkCentre { get; init; }
    public string? Type { get; init; }
    public int Stages { get; init; }
    public MachineCondition Condition { get; init; }

    /// <summary>A set-up or run interval is open on it.</summary>
    public bool InUse { get; init; }
    public int Version { get; init; }
}

/// <summary>A group of interchangeable machines or places of one department (ISA-95 work centre).</summary>
public sealed record WorkCentre : IVersioned
{
    public long Id { get; init; }
    public long DepartmentId { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public bool Active { get; init; } = true;
    public int Version { get; init; }
}

/// <summary>A work centre as the list shows it.</summary>
public sealed record WorkCentreRow
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public string Department { get; init; } = "";

    /// <summary>In service.</summary>
    public int Machines { get; init; }
    public bool Active { get; init; }
    public int Version { get; init; }
}

public enum MeterKind { Hours, Cycles, Pieces }

/// <summary>What a machine's own counter showed at an instant.</summary>
public sealed record MeterReading
{
    public long Id { get; init; }
    public long MachineId { get; init; }
    public DateTimeOffset At { get; init; }
    public MeterKind Kind { get; init; }
    public decimal Value { get; init; }

    /// <summary>The counter was exchanged or set back: it counts on from here, and needs a <see cref="Reason"/>.</summary>
    public bool IsReset { get; init; }
    public string? Reason { get; init; }

    /// <summary>Who noted it; set by the command.</summary>
    public string ByWhom { get; init; } = "";
}
