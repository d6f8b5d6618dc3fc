using Pms.Core.Orders;

namespace Pms.Core.Capacity;

/// <summary>Where an open job stands, as far as its load goes.</summary>
public enum LoadState { Planned, Running, Paused }

/// <summary>
/// One open job as load. What is open of it: the set-up while nothing ran, and its standard minutes for the good pieces still to make. It is derived from
/// the job at every reading and never stored, so a pause, a report, a finish or a cancellation changes it by itself.
/// </summary>
public sealed record PlannedLoad
{
    /// <summary>0 for a job that is not stored yet.</summary>
    public long JobId { get; init; }
    public long OrderId { get; init; }
    public long ItemId { get; init; }
    public long StepId { get; init; }
    public long ProductId { get; init; }
    public long DepartmentId { get; init; }
    public long StageId { get; init; }
    public long? WorkCentreId { get; init; }
    public long? MachineId { get; init; }
    public LoadState State { get; init; }
    public DateTimeOffset Start { get; init; }
    public DateTimeOffset End { get; init; }
    public long Sequence { get; init; }
    public decimal SetupMinutes { get; init; }

    /// <summary>The job's copied standard per piece, the machine's speed in it; null where nothing says.</summary>
    public decimal? RunMinutes { get; init; }

    /// <summary>It has been set up and has run; what is left is pieces only.</summary>
    public bool SetupDone { get; init; }
    public int Crew { get; init; } = 1;
    public decimal Planned { get; init; }
    public decimal Good { get; init; }
    public string Unit { get; init; } = "";

    /// <summary>The item's last step in this department: its pieces are the department's, so that they count there once.</summary>
    public bool LastHere { get; init; } = true;

    /// <summary>Place in the item's path; what the forecast and placing need.</summary>
    public int Position { get; init; }
    public bool Parallel { get; init; }

    /// <summary>Pieces of it after which the next step may begin; null: when all are done.</summary>
    public decimal? TransferQuantity { get; init; }
    public OrderPriority Priority { get; init; } = OrderPriority.Normal;
    public DateOnly DueOn { get; init; }

    public string OrderNumber { get; init; } = "";
    public string Product { get; init; } = "";

    /// <summary>Good pieces still to make.</summary>
    public decimal Rest => Math.Max(0, Planned - Good);

    public decimal Setup => SetupDone ? 0 : SetupMinutes;

    /// <summary>Standard minutes still to work.</summary>
    public decimal Minutes => Setup + (RunMinutes ?? 0) * Rest;

    /// <summary>The time those minutes take at one slot, to the next millisecond.</summary>
    public TimeSpan Work => WorkOf(Minutes);

    /// <summary>Minutes as a time to the next millisecond, ten years at most: a quantity typed with too many zeros is no fault of the clock.</summary>
    public static TimeSpan WorkOf(decimal minutes) => TimeSpan.FromTicks((long)Math.Ceiling(Math.Min(minutes, 5_256_000m) * 60_000) * TimeSpan.TicksPerMillisecond);
}
