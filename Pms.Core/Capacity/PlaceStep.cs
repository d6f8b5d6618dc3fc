using Pms.Core.Orders;

namespace Pms.Core.Capacity;

/// <summary>A quantity of one step that wants a place; the steps of one item come in the order of its path.</summary>
public sealed record PlaceStep
{
    public long OrderId { get; init; }
    public long ItemId { get; init; }
    public long StepId { get; init; }
    public long ProductId { get; init; }
    public long DepartmentId { get; init; }
    public long StageId { get; init; }

    /// <summary>This work centre or this machine only; null: any that can run the stage.</summary>
    public long? WorkCentreId { get; init; }
    public long? MachineId { get; init; }
    public decimal Quantity { get; init; }
    public decimal SetupMinutes { get; init; }

    /// <summary>The step's standard per piece; the machine's speed comes to it.</summary>
    public decimal? RunMinutes { get; init; }
    public int Crew { get; init; } = 1;
    public string Unit { get; init; } = "";
    public bool LastHere { get; init; } = true;

    /// <summary>May run beside the step before it.</summary>
    public bool Parallel { get; init; }

    /// <summary>Pieces of it after which the next step may begin; null: when all are done.</summary>
    public decimal? TransferQuantity { get; init; }

    /// <summary>What else it must wait for, such as a planned job of a step that isn't placed here.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    public OrderPriority Priority { get; init; } = OrderPriority.Normal;
    public DateOnly DueOn { get; init; }

    /// <summary>A quantity of a stored step, as <see cref="CapacityQueries.StepAsync"/> reads it.</summary>
    public static PlaceStep Of(PlannedLoad step, decimal quantity) => new()
    {
        OrderId = step.OrderId, ItemId = step.ItemId, StepId = step.StepId, ProductId = step.ProductId, DepartmentId = step.DepartmentId, StageId = step.StageId, Quantity = quantity, SetupMinutes = step.SetupMinutes,
        RunMinutes = step.RunMinutes, Crew = step.Crew, Unit = step.Unit, LastHere = step.LastHere, Parallel = step.Parallel, TransferQuantity = step.TransferQuantity, Priority = step.Priority, DueOn = step.DueOn,
    };

    /// <summary>The load it would be at a place.</summary>
    public PlannedLoad LoadAt(Placed placed) => new()
    {
        OrderId = OrderId, ItemId = ItemId, StepId = StepId, ProductId = ProductId, DepartmentId = DepartmentId, StageId = StageId, WorkCentreId = placed.WorkCentreId, MachineId = placed.MachineId,
        Start = placed.Start, End = placed.End, SetupMinutes = placed.SetupMinutes, RunMinutes = placed.RunMinutes, Crew = Crew, Planned = Quantity, Unit = Unit, LastHere = LastHere,
        Parallel = Parallel, TransferQuantity = TransferQuantity, Priority = Priority, DueOn = DueOn,
    };
}

/// <summary>Where a step came to lie, with the minutes that hold there.</summary>
public sealed record Placed(PlaceStep Step, long? MachineId, long? WorkCentreId, DateTimeOffset Start, DateTimeOffset End, decimal SetupMinutes, decimal? RunMinutes)
{
    internal int Slot { get; init; }
}

/// <summary>
/// Why a step has no place. <c>capacity.no_room</c>: the pool that is tightest in the window, with the minutes needed there (what is planned and the step) and those
/// there are; <c>capacity.no_gap</c>: there would be room, but nowhere in one piece; <c>capacity.no_time</c>: no working time, or less than the work itself;
/// <c>capacity.no_machine</c>: none in service can run the stage.
/// </summary>
public sealed record PlaceFault(string Code, PlaceStep Step, Pool Pool, DateOnly From, DateOnly Until, decimal Needed, decimal There);

/// <summary>The steps placed, or those up to the one that has no place, and why.</summary>
public sealed record PlaceResult(IReadOnlyList<Placed> Steps, PlaceFault? Fault)
{
    public bool Fits => Fault is null;
    public DateTimeOffset? Start => Steps.Count == 0 ? null : Steps.Min(s => s.Start);
    public DateTimeOffset? End => Steps.Count == 0 ? null : Steps.Max(s => s.End);
}
