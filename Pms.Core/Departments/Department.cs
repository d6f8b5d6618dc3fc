using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Departments;

/// <summary>
/// A record of master data was made, changed or removed, after the commit. <see cref="Entity"/> is the audit's name of it
/// (department, stage, reason, employee, machine, product, customer, …).
/// </summary>
public sealed record MasterDataChanged(string Entity, long Id, long? DepartmentId = null) : IEvent;

/// <summary>What a department is for; <see cref="Branding"/> stands for all that make things.</summary>
public enum DepartmentKind { Branding, Planning, Quality, Maintenance, Finance, Warehouse, Other }

/// <summary>A part of the plant with its people, machines and ordered stages (ISA-95 area). Targets and capacity are good units.</summary>
public sealed record Department : IVersioned
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public DepartmentKind Kind { get; init; }
    public long? ManagerUserId { get; init; }
    public decimal? DailyTarget { get; init; }
    public decimal? WeeklyTarget { get; init; }
    public decimal? MonthlyTarget { get; init; }

    /// <summary>Units per working day.</summary>
    public decimal? CapacityPerDay { get; init; }

    /// <summary>Starting a job that isn't first in its machine's sequence needs a reason here.</summary>
    public bool SequenceReason { get; init; }
    public int Position { get; init; }
    public bool Active { get; init; } = true;
    public int Version { get; init; }
}

/// <summary>A department as the list shows it.</summary>
public sealed record DepartmentRow
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public DepartmentKind Kind { get; init; }
    public string? Manager { get; init; }
    public decimal? DailyTarget { get; init; }
    public int Stages { get; init; }
    public int Machines { get; init; }
    public int Employees { get; init; }
    public bool Active { get; init; }
    public int Version { get; init; }
}

/// <summary>By what a stage is done.</summary>
public enum StageKind
{
    Machine,
    Bench,

    /// <summary>At a supplier, within lead days.</summary>
    External,

    /// <summary>Hours that pass without any resource (drying, curing).</summary>
    Wait,
}

/// <summary>One kind of work of a department, in the order work usually takes. Minutes are the fallback standard where a product has none.</summary>
public sealed record Stage : IVersioned
{
    public const string FirstPiece = "first_piece", Material = "material", Artwork = "artwork", Tool = "tool";
    public static readonly IReadOnlyList<string> AllChecks = [FirstPiece, Material, Artwork, Tool];

    public long Id { get; init; }
    public long DepartmentId { get; init; }
    public string Name { get; init; } = "";
    public int Position { get; init; }
    public StageKind Kind { get; init; }

    /// <summary>Minutes per unit.</summary>
    public decimal? RunMinutes { get; init; }
    public decimal? SetupMinutes { get; init; }
    public string? Supplier { get; init; }
    public int? LeadDays { get; init; }
    public decimal? WaitHours { get; init; }

    /// <summary>What is asked before it runs: names of <see cref="AllChecks"/>, separated by blanks.</summary>
    public string Checks { get; init; } = "";

    /// <summary>Units after which the next step may begin; null when it waits for all.</summary>
    public decimal? TransferQuantity { get; init; }
    public decimal? CapacityPerDay { get; init; }
    public bool Active { get; init; } = true;
    public int Version { get; init; }
}

/// <summary>Which list a reason stands in.</summary>
public enum ReasonList { Stop, Scrap, Rework, Hold }

/// <summary>How a stop counts (states-and-kpis): planned and break lie outside the planned busy time.</summary>
public enum KpiClass { Planned, Technical, Organisational, Quality, Break }

/// <summary>One word a person picks instead of typing: of the plant (no department) or of one department.</summary>
public sealed record Reason : IVersioned
{
    public long Id { get; init; }
    public ReasonList List { get; init; }
    public long? DepartmentId { get; init; }

    /// <summary>Stable, unique in its list and department.</summary>
    public string Code { get; init; } = "";
    public string Word { get; init; } = "";

    /// <summary>A name of <see cref="ReasonIcons"/>.</summary>
    public string Icon { get; init; } = "";
    public int Position { get; init; }

    /// <summary>Stops only.</summary>
    public KpiClass? KpiClass { get; init; }

    /// <summary>Stops only: opens a maintenance ticket.</summary>
    public bool OpensTicket { get; init; }

    /// <summary>Stops only: the operator's labour interval ends with the stop.</summary>
    public bool EndsLabour { get; init; } = true;
    public bool Active { get; init; } = true;
    public int Version { get; init; }
}

/// <summary>The names of the icons a reason may have; the web maps each to its drawing.</summary>
public static class ReasonIcons
{
    public static readonly IReadOnlyList<string> All =
    [
        "build", "cleaning", "clock", "coffee", "color", "crack", "cut", "damage", "dirt", "document", "help", "hourglass", "inventory", "machine",
        "material", "meeting", "people", "quality", "question", "ruler", "school", "stain", "swap", "thread", "tool", "truck", "tune", "warning",
    ];
}
