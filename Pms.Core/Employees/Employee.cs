using Pms.Core.Audit;

namespace Pms.Core.Employees;

/// <summary>What a person does in the plant; without a user account it also decides what they may do (see the rights snapshot).</summary>
public enum EmployeeKind { Operator, Supervisor, Coordinator, Manager, Admin, Cutter, Packer, Technician, Planner, Qc }

/// <summary>A person of the plant. Name and place are here; PIN, badge and account belong to identity.</summary>
public sealed record Employee : IVersioned
{
    public long Id { get; init; }

    /// <summary>Unique; what the person signs in with at the machine.</summary>
    public string Number { get; init; } = "";
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public long DepartmentId { get; init; }
    public string? Position { get; init; }
    public EmployeeKind Kind { get; init; }
    public string? Email { get; init; }
    public string? Phone { get; init; }

    /// <summary>Jobs at once; tending several machines is normal.</summary>
    public int Slots { get; init; } = 1;
    public DateOnly? HiredOn { get; init; }
    public bool Active { get; init; } = true;
    public int Version { get; init; }

    /// <summary>Where else they work, beside <see cref="DepartmentId"/>; ordered, without it.</summary>
    public IReadOnlyList<long> FurtherDepartments { get; init; } = [];

    /// <summary>The stages they may run; ordered by stage.</summary>
    public IReadOnlyList<Skill> Skills { get; init; } = [];

    [NotAudited] public string Name => $"{FirstName} {LastName}";
}

/// <summary>May run a stage; up to and including the day it expires, if it does.</summary>
public sealed record Skill
{
    [NotAudited] public long EmployeeId { get; init; }
    public long StageId { get; init; }
    public DateOnly? ExpiresOn { get; init; }
}

/// <summary>An employee as the list shows them.</summary>
public sealed record EmployeeRow
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public long DepartmentId { get; init; }
    public string Department { get; init; } = "";
    public string? Position { get; init; }
    public EmployeeKind Kind { get; init; }
    public int Skills { get; init; }

    /// <summary>Away at this moment.</summary>
    public bool Absent { get; init; }
    public bool Active { get; init; }
    public int Version { get; init; }
    public string Name => $"{FirstName} {LastName}";
}

/// <summary>A skill that expires, as the list of them shows it.</summary>
public sealed record SkillRow
{
    /// <summary>What the list can be asked for: expired, or running out within so many days.</summary>
    public static readonly IReadOnlyList<string> Dues = ["Expired", "30", "60", "90"];

    public long EmployeeId { get; init; }
    public long StageId { get; init; }
    public string Number { get; init; } = "";
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public string Department { get; init; } = "";
    public string Stage { get; init; } = "";

    /// <summary>The last day on which it counts.</summary>
    public DateOnly ExpiresOn { get; init; }

    /// <summary>One for each person and stage.</summary>
    public long RowId => unchecked((EmployeeId * 1_000_003) + StageId);
}

public enum AbsenceKind { Holiday, Sick, Training, Other }

/// <summary>A person is not there from one instant to another, half-open.</summary>
public sealed record Absence : IVersioned
{
    public long Id { get; init; }
    public long EmployeeId { get; init; }
    public DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public AbsenceKind Kind { get; init; }
    public string? Note { get; init; }
    public int Version { get; init; }
}
