namespace Pms.Core.Jobs.Planning;

/// <summary>
/// Places a job for a step. <see cref="End"/> null: computed from standard minutes over the working time. <see cref="SetupMinutes"/> null: the step's; less where the
/// machine is set up already. <see cref="Reason"/> lets whoever may exceed capacity do so.
/// </summary>
public sealed record PlanJob(long StepId, decimal Quantity, DateTimeOffset Start, long? MachineId = null, long? EmployeeId = null, DateTimeOffset? End = null, string? Reason = null, decimal? SetupMinutes = null);

/// <summary>Moves a Planned job in time or to another machine; the sequence follows the start. <see cref="Reason"/> as in <see cref="PlanJob"/>.</summary>
public sealed record MoveJob(long JobId, DateTimeOffset Start, int Version, long? MachineId = null, string? Reason = null);

/// <summary>Suggests an operator; <see cref="Locked"/> makes it binding. Null takes the suggestion away.</summary>
public sealed record AssignJob(long JobId, long? EmployeeId, bool Locked, int Version);

/// <summary>Cuts a quantity off an open job into a new one right behind it; the load in all stays the same.</summary>
public sealed record SplitJob(long JobId, decimal Quantity, int Version);

/// <summary>Puts a Planned job right before another of the same machine; null: to the end.</summary>
public sealed record SequenceJob(long JobId, long? BeforeJobId, int Version);

/// <summary>Gives a Paused job back to the planner: quantities stay, only the rest is load.</summary>
public sealed record UnplanJob(long JobId, int Version);

/// <summary>Cancels a job on which nothing was done.</summary>
public sealed record CancelJob(long JobId, string Reason, int Version);

/// <summary>Takes a step as complete with fewer pieces than it needs.</summary>
public sealed record AcceptShort(long StepId, string Reason);

/// <summary>Takes that back: the step needs its pieces again.</summary>
public sealed record WithdrawShort(long StepId, string Reason);
