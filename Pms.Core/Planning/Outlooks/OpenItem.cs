using Pms.Core.Capacity;
using Pms.Core.Departments;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Outlooks;

/// <summary>One item of an open order with its path: what is made, planned and still to be planned of each step. What all planning begins from.</summary>
public sealed record OpenItem
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public OrderStatus OrderStatus { get; init; }
    public int OrderVersion { get; init; }
    public OrderPriority Priority { get; init; }

    /// <summary>The item's own due day, else the order's.</summary>
    public DateOnly DueOn { get; init; }
    public int Line { get; init; }
    public OrderStatus Status { get; init; }
    public int Version { get; init; }
    public decimal Quantity { get; init; }
    public long ProductId { get; init; }
    public string Product { get; init; } = "";
    public long? CategoryId { get; init; }
    public string Unit { get; init; } = "";
    public int Decimals { get; init; }

    /// <summary>In the order of the path.</summary>
    public IReadOnlyList<OpenStep> Steps { get; init; } = [];

    /// <summary>Open holds on it or on a part of it.</summary>
    public IReadOnlyList<ItemHold> Holds { get; init; } = [];

    /// <summary>The arithmetic of need over its steps.</summary>
    public ItemFlow Flow { get; init; } = new(0, []);

    public OrderStanding Standing => new(OrderId, OrderStatus, OrderVersion, Id, Status, Version);

    /// <summary>The steps that are still to be planned.</summary>
    public IReadOnlyList<OpenStep> Unplanned => [.. Steps.Where(s => s.Required && Flow.Need(s.Id) > 0)];

    /// <summary>What of it may not be planned now, or null: a hold on all of it or on a step that is to be planned.</summary>
    public ItemHold? Held => Holds.FirstOrDefault(h => h.StepId is not { } step || Unplanned.Any(s => s.Id == step));

    /// <summary>The work still to be planned as steps that want a place. A step waits for the jobs that are planned for those before it.</summary>
    public IReadOnlyList<PlaceStep> ToPlace()
    {
        var (wanted, group, last) = (new List<PlaceStep>(), -1, -1);
        List<OpenStep> before = [], mine = [];
        foreach (var step in Steps)
        {
            if (mine.Count == 0 || !step.Parallel)
            {
                (before, mine) = (mine.Exists(s => s.Required || s.OpenJobs > 0) || before.Count == 0 ? mine : before, []);
                group++;
            }
            mine.Add(step);
            if (!step.Required || Flow.Need(step.Id) is not (> 0 and var need))
                continue;
            wanted.Add(PlaceOf(step, need) with { Parallel = last == group, NotBefore = before.Max(s => s.OpenUntil) });
            last = group;
        }
        return wanted;
    }

    /// <summary>A quantity of one step as what wants a place.</summary>
    public PlaceStep PlaceOf(OpenStep step, decimal quantity) => new()
    {
        OrderId = OrderId, ItemId = Id, StepId = step.Id, ProductId = ProductId, DepartmentId = step.DepartmentId, StageId = step.StageId, Quantity = quantity, SetupMinutes = step.SetupMinutes, RunMinutes = step.RunMinutes,
        Crew = step.Crew, Unit = Unit, LastHere = !Steps.Any(s => s.Required && s.Position > step.Position && s.DepartmentId == step.DepartmentId), TransferQuantity = step.TransferQuantity, Priority = Priority, DueOn = DueOn,
    };

    /// <summary>When a job of a step that comes behind all that is to be planned begins; what is planned now must be done by then.</summary>
    public DateTimeOffset? NextBegins
    {
        get
        {
            var last = Unplanned.Select(s => (int?)s.Position).Max();
            return Steps.SkipWhile(s => s.Position <= last).SkipWhile(s => s.Parallel).Where(s => s.OpenFrom is not null).Min(s => s.OpenFrom);
        }
    }

    /// <summary>The status once jobs are planned for all of these steps' needs.</summary>
    public OrderStatus StatusWith(IReadOnlySet<long> planned)
    {
        var flow = new ItemFlow(Quantity, [.. Flow.Steps.Select(s => planned.Contains(s.Id) ? s with { OpenRest = s.OpenRest + Flow.Need(s.Id), OpenJobs = s.OpenJobs + 1 } : s)], Decimals);
        return flow.Steps.Any(s => s.StartedJobs > 0) ? OrderStatus.InProgress : flow.IsPlanned ? OrderStatus.Scheduled : OrderStatus.Unscheduled;
    }
}

/// <summary>One step of an open item.</summary>
public sealed record OpenStep
{
    public long Id { get; init; }
    public long ItemId { get; init; }
    public int Position { get; init; }
    public long StageId { get; init; }
    public string Stage { get; init; } = "";
    public StageKind StageKind { get; init; }
    public bool StageActive { get; init; }
    public long DepartmentId { get; init; }
    public string Department { get; init; } = "";
    public bool DepartmentActive { get; init; }
    public decimal SetupMinutes { get; init; }
    public decimal? RunMinutes { get; init; }
    public int Crew { get; init; } = 1;
    public decimal? TransferQuantity { get; init; }
    public bool Required { get; init; }
    public bool Parallel { get; init; }
    public decimal Factor { get; init; } = 1;
    public decimal ScrapShare { get; init; }
    public bool AcceptedShort { get; init; }

    /// <summary>Material, artwork or tool is marked short.</summary>
    public bool Short { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public decimal LaterRejects { get; init; }
    public decimal OpenRest { get; init; }
    public int OpenJobs { get; init; }
    public int StartedJobs { get; init; }

    /// <summary>The planned end of its last open job.</summary>
    public DateTimeOffset? OpenUntil { get; init; }

    /// <summary>The planned start of its first job that nobody began.</summary>
    public DateTimeOffset? OpenFrom { get; init; }

    internal FlowStep Flow => new()
    {
        Id = Id, Position = Position, StageId = StageId, DepartmentId = DepartmentId, Stage = Stage, Required = Required, Parallel = Parallel, Factor = Factor, ScrapShare = ScrapShare, AcceptedShort = AcceptedShort,
        Good = Good, Scrap = Scrap, Rework = Rework, LaterRejects = LaterRejects, OpenRest = OpenRest, OpenJobs = OpenJobs, StartedJobs = StartedJobs,
    };
}

/// <summary>An open hold as far as planning goes; a job's hold is one on its step.</summary>
public sealed record ItemHold
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public long? ItemId { get; init; }
    public long? StepId { get; init; }
    public string Kind { get; init; } = "";
    public string Note { get; init; } = "";
    public DateOnly? ExpectedOn { get; init; }
    public DateTimeOffset OpenedAt { get; init; }
}
