using Pms.Core.Demo.Plant;
using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Demo.History;

/// <summary>An order of the demo with everything that belongs to it. Ids are fixed here, so that older work can be written later.</summary>
internal sealed class PlantOrder
{
    public long Id;
    public long CustomerId;
    public int Priority = 1;
    public DateTimeOffset CreatedAt;
    public DateOnly StartsOn, DueOn;
    public OrderStatus Status;
    public DateTimeOffset? CompletedAt;
    public List<PlantItem> Items = [];
    public PlantHold? Hold;
    public string? Notes;

    public string Number => FormattableString.Invariant($"WO-{10000 + Id}");
    public IEnumerable<PlantJob> Jobs => Items.SelectMany(i => i.Steps).SelectMany(s => s.Jobs);
    public decimal Value => Items.Sum(i => i.Quantity * i.UnitPrice);

    /// <summary>An order as customers of this plant give them; of one product where it is named.</summary>
    public static PlantOrder Make(long id, PlantCatalogue catalogue, Dice dice, PlantProduct? product = null)
    {
        var order = new PlantOrder { Id = id, CustomerId = 1 + dice.Below(catalogue.Customers.Count), Priority = dice.Weighted([0.1, 0.65, 0.18, 0.07]) };
        var lines = product is null ? 1 + dice.Weighted([0.6, 0.28, 0.12]) : 1;
        for (var line = 0; line < lines; line++)
        {
            var made = product ?? catalogue.Draw(dice);
            var item = new PlantItem { Order = order, Product = made, Quantity = (int)dice.Mostly(made.Least, made.Most * 0.9), UnitPrice = made.Price };
            item.Quantity = Math.Max(12, item.Quantity / 6 * 6);
            item.Steps = [.. made.Steps.Select(s => new PlantStep { Item = item, Path = s })];
            for (var i = item.Steps.Count - 1; i >= 0; i--)
                item.Steps[i].Required = i == item.Steps.Count - 1 ? item.Quantity : (int)Math.Ceiling(item.Steps[i + 1].Required / (1 - item.Steps[i + 1].Path.ScrapShare));
            item.Spread(dice);
            order.Items.Add(item);
        }
        return order;
    }
}

internal sealed class PlantItem
{
    public long Id;
    public PlantOrder Order = null!;
    public PlantProduct Product = null!;
    public int Quantity;
    public decimal UnitPrice;
    public OrderStatus Status;
    public List<PlantStep> Steps = [];
    public List<(PlantVariant Variant, int Quantity)> Variants = [];
    public bool IsDone => Steps.TrueForAll(s => s.IsDone);

    /// <summary>Sizes of one colour, where the product has them; the last takes what is left.</summary>
    public void Spread(Dice dice)
    {
        if (Product.Variants.Count == 0)
            return;
        var colour = dice.Pick(Product.Variants).Colour;
        var (rest, sizes) = (Quantity, Product.Variants.Where(v => v.Colour == colour).ToList());
        for (var i = 0; i < sizes.Count; i++)
        {
            var quantity = i == sizes.Count - 1 ? rest : Math.Min(rest, (int)(Quantity * dice.Between(0.1, 0.3)));
            if (quantity > 0)
                Variants.Add((sizes[i], quantity));
            rest -= quantity;
        }
    }
}

/// <summary>One step of an item's path: what it must put out, and the jobs that do it.</summary>
internal sealed class PlantStep
{
    public long Id;
    public PlantItem Item = null!;
    public PlantProductStep Path = null!;
    public int Required;
    public List<PlantJob> Jobs = [];
    public (DateTimeOffset At, string By, string Why)? AcceptedShort;

    public int Good => Jobs.Sum(j => j.Good);
    public bool IsLast => Path.Position == Item.Steps.Count;
    public bool IsDone => Jobs.Count > 0 && Jobs.TrueForAll(j => j.Status == JobStatus.Finished) && (Good >= Required || AcceptedShort is not null);

    /// <summary>Good pieces that the step before has put out; the first step takes what it needs from the store.</summary>
    public int Input => Path.Position == 1 ? int.MaxValue : Item.Steps[Path.Position - 2].Good - Jobs.Sum(j => j.Good + j.Scrap);
}

internal sealed class PlantJob
{
    public long Id;
    public PlantStep Step = null!;
    public PlantPlace Place = null!;
    public long? EmployeeId;
    public int Planned, Good, Scrap;
    public long PlannedStart, PlannedEnd, Number, CreatedAt;
    public JobStatus Status = JobStatus.Planned;
    public JobPhase? Phase;
    public long? StartedAt, PausedAt, FinishedAt, LastActionAt;
    public PlantReason? PauseReason;
    public PauseCause? PauseCause;
    public JobFinish? Finish;
    public JobAction? LastAction;
    public long? OperatorId;
    public string? Note;
    public bool WorkCentreOnly;

    /// <summary>What it exceeds where it was planned beyond capacity.</summary>
    public string? Overbooked;
    public List<MachineTime> Machine = [];
    public List<LabourTime> Labour = [];
    public List<PieceReport> Reports = [];

    /// <summary>By planned start in steps of 2²⁰, as planning gives them.</summary>
    public long Sequence => PlannedStart / 1000 * (1 << 20) + Number % 1000;
    public PlantOrder Order => Step.Item.Order;
    public PlantStage Stage => Step.Path.Stage;
    public long? MachineId => WorkCentreOnly ? null : Place.MachineId;
}

/// <summary>Milliseconds; <see cref="End"/> null: still open. A stop carries its reason.</summary>
internal sealed record MachineTime(MachineTimeKind Kind, long Start, long? End, PlantReason? Reason = null, PauseCause? Cause = null);

internal sealed record LabourTime(long EmployeeId, WorkTimeKind Kind, long Start, long? End)
{
    public bool ToConfirm { get; init; }
}

internal sealed record PieceReport(long At, long? EmployeeId, int Good, int Scrap, PlantReason? ScrapReason);

internal sealed record PlantHold(string Kind, string Note, DateOnly? ExpectedOn, DateTimeOffset OpenedAt, string OpenedBy);

/// <summary>A maintenance ticket; times in milliseconds.</summary>
internal sealed record PlantTicket(long MachineId, long DepartmentId, long? ReasonId, string Description, string Severity, bool Stands, string Status, long? ReporterId, long? TechnicianId,
    long OpenedAt, long? StandsFrom, long? ExpectedBack, long? StartedAt, long? CompletedAt, long? ReleasedAt, string? WorkDone);

/// <summary>Clock-in to clock-out, milliseconds.</summary>
internal sealed record PlantPresence(long EmployeeId, long DepartmentId, long Start, long? End);
