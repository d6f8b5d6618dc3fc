namespace Pms.Core.Floor.People;

/// <summary>A person of the floor today: here, absent, at work; shown beside the machines they may be given.</summary>
public sealed record FloorPerson
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public long DepartmentId { get; init; }
    public bool IsHere { get; init; }
    public bool IsAbsent { get; init; }
    public string Name => $"{FirstName} {LastName}";
}

/// <summary>A shift of the last days with what a Supervisor decides on: approved or not, and what still waits for a word.</summary>
public sealed record ShiftToApprove(long DepartmentId, string Department, DateOnly Day, long ShiftId, string Name, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset? ApprovedAt, string? ApprovedBy);

/// <summary>Pieces and confirmed labour of one person or department over some production days.</summary>
public sealed record Performance
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public long DepartmentId { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public int Jobs { get; init; }

    /// <summary>ΣPRI·PQ in minutes; null where a piece has no standard.</summary>
    public decimal? StandardMinutes { get; init; }

    /// <summary>Closed and confirmed labour on jobs, each person's share where several were tended at once.</summary>
    public double WorkedMinutes { get; init; }

    public decimal Made => Good + Scrap + Rework;

    /// <summary>Standard time over worked time; may exceed 1 and is shown so: it reveals a wrong standard.</summary>
    public double? AgainstStandard => Made > 0 && StandardMinutes is { } s && WorkedMinutes >= 1 ? (double)s / WorkedMinutes : null;

    /// <summary>Good at first pass of all made; null without production.</summary>
    public double? FirstPass => Made > 0 ? (double)(Good / Made) : null;

    /// <summary>Average minutes per piece made.</summary>
    public double? MinutesPerPiece => Made > 0 && WorkedMinutes >= 1 ? WorkedMinutes / (double)Made : null;
}

/// <summary>An interval or report behind a figure.</summary>
public sealed record PerformanceDetail
{
    public string OrderNumber { get; init; } = "";
    public string Product { get; init; } = "";
    public string? Machine { get; init; }
    public string Kind { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public decimal? Good { get; init; }
    public decimal? Scrap { get; init; }
    public decimal? Rework { get; init; }
    public string? ScrapReason { get; init; }
}
