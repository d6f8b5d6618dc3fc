namespace Pms.Core.Jobs;

/// <summary>
/// Planned → Finished from a filled-in job sheet. <see cref="RunFrom"/>: when the set-up was done; null: there was none. Below planned an
/// <see cref="Answer"/> is needed, but not "more to come"; a reason where more came out than went in, and where the shift is approved already.
/// </summary>
public sealed record EnterJob(
    long JobId, DateTimeOffset StartedAt, DateTimeOffset EndedAt, long EmployeeId, long? MachineId = null, DateTimeOffset? RunFrom = null,
    decimal Good = 0, decimal Scrap = 0, long? ScrapReasonId = null, ShortAnswer? Answer = null, string? Reason = null);

/// <summary>One stretch of a machine's or a person's time, as it is written from a sheet.</summary>
public sealed record PaperStretch(MachineTimeKind Machine, WorkTimeKind Work, DateTimeOffset From, DateTimeOffset To);

/// <summary>What already lies in the span that a sheet claims.</summary>
public sealed record SpanTaken
{
    /// <summary>Null where it holds no slot.</summary>
    public int? Slot { get; init; }
    public long? JobId { get; init; }
    public string? OrderNumber { get; init; }
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
