namespace Pms.Core.Jobs.Time;

/// <summary>What a time command answers.</summary>
public sealed record TimeResult(long EmployeeId, bool ClockedIn, int JobsPaused = 0);

/// <summary>Clocks the acting person out; the note goes to whoever takes up the jobs.</summary>
public sealed record ClockOut(string? Note = null);

/// <summary>Which of the three streams an interval belongs to.</summary>
public enum TimeStream { Machine, Work, Presence }

/// <summary>Says that an interval closed by the system is right, or when it really ended.</summary>
public sealed record ConfirmTime(TimeStream Stream, long Id, DateTimeOffset? EndedAt = null);

/// <summary>Replaces a closed interval by one with other ends; the old one stays visible as Superseded.</summary>
public sealed record CorrectTime(TimeStream Stream, long Id, DateTimeOffset StartedAt, DateTimeOffset EndedAt, string Reason);

/// <summary>Replaces a report: a counter-entry takes the old one back, a new one says what is right.</summary>
public sealed record CorrectReport(long ReportId, decimal Good, decimal Scrap, decimal Rework, string Reason, long? ScrapReasonId = null);

/// <summary>The Supervisor's word that the times of a shift are right; locks them.</summary>
public sealed record ApproveShift(long DepartmentId, DateOnly Day, long ShiftId);

/// <summary>One interval of any stream, as lists and corrections need it.</summary>
public sealed record Interval
{
    public long Id { get; init; }
    public TimeStream Stream { get; init; }
    public string Kind { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? EmployeeId { get; init; }
    public string? Employee { get; init; }
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public long? JobId { get; init; }
    public string? OrderNumber { get; init; }
    public int? Slot { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public IntervalState State { get; init; }
}
