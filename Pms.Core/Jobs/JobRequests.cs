namespace Pms.Core.Jobs;

/// <summary>What a command answers: ids, status and version, small enough to be stored under its key.</summary>
public sealed record JobResult(long JobId, JobStatus Status, JobPhase? Phase, int Version);

/// <summary>Planned → Running. <see cref="At"/>: "started earlier", at most 15 min back for an operator. <see cref="Reason"/> overrides soft rules.</summary>
public sealed record StartJob(long JobId, long? MachineId = null, DateTimeOffset? At = null, string? Reason = null);

/// <summary>Ends the set-up: from now on pieces are made.</summary>
public sealed record RunNow(long JobId, DateTimeOffset? At = null);

/// <summary>Running → Paused, one tap; the reason may follow with <see cref="SetPauseReason"/>.</summary>
public sealed record PauseJob(long JobId, long? ReasonId = null, DateTimeOffset? At = null);

public sealed record SetPauseReason(long JobId, long ReasonId);

/// <summary>Paused → Running by any skilled person, on another machine if wished.</summary>
public sealed record ResumeJob(long JobId, long? MachineId = null, DateTimeOffset? At = null, string? Reason = null);

/// <summary>Increments, never totals, in the product's unit. <see cref="Reason"/> is needed where more comes out than went in.</summary>
public sealed record ReportJob(long JobId, decimal Good, decimal Scrap = 0, decimal Rework = 0, long? ScrapReasonId = null, long? VariantId = null, string? Reason = null);

/// <summary>What to do with what is missing at Finish.</summary>
public enum ShortAnswer { MoreToCome, RestLater, ThatIsAll }

/// <summary>Running or Paused → Finished with the last increment; below planned <see cref="Answer"/> is needed, over tolerance a reason.</summary>
public sealed record FinishJob(long JobId, decimal Good = 0, decimal Scrap = 0, decimal Rework = 0, long? ScrapReasonId = null, ShortAnswer? Answer = null, string? Reason = null, DateTimeOffset? At = null);

/// <summary>Takes back one's own last action, up to five minutes after it, while nothing builds on it.</summary>
public sealed record UndoJob(long JobId);

/// <summary>Ends the other's labour and begins one's own at the same instant; the count so far is the other's.</summary>
public sealed record TakeOverJob(long JobId, decimal Good = 0, decimal Scrap = 0, long? ScrapReasonId = null, string? Note = null, string? Reason = null);

/// <summary>A job that nobody planned: made and started at once for a step of an order.</summary>
public sealed record StartManualJob(long StepId, decimal Quantity, long? MachineId, string? Reason = null);
