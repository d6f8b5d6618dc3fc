namespace Pms.Core.Floor;

/// <summary>What a machine is at, the first that holds: retired machines are not shown, no machine is hidden for lack of data.</summary>
public enum MachineState
{
    /// <summary>An open ticket says that it stands.</summary>
    Broken,

    /// <summary>It stands, and the work on it is planned or in progress.</summary>
    Maintenance,
    SetUp,

    /// <summary>Set-up for more than 1.5 times its standard.</summary>
    SetUpLong,
    Running,

    /// <summary>Its job is paused.</summary>
    Stopped,

    /// <summary>Nothing started, and somebody is there who could.</summary>
    Idle,

    /// <summary>Nothing started and no shift.</summary>
    Off,

    /// <summary>Nothing started, nobody there, although the calendar says work.</summary>
    NoData,
}

/// <summary>The floor board's picture of all machines at one instant: raw values, immutable, shared by every open page.</summary>
public sealed record FloorSnapshot
{
    public static readonly FloorSnapshot Empty = new();

    public DateTimeOffset At { get; init; }
    public IReadOnlyList<FloorDepartment> Departments { get; init; } = [];
    public IReadOnlyList<MachineTile> Machines { get; init; } = [];

    /// <summary>The machines of the departments a person may see; null is all.</summary>
    public IEnumerable<MachineTile> Of(IReadOnlySet<long>? departments) => departments is null ? Machines : Machines.Where(m => departments.Contains(m.DepartmentId));
}

/// <summary>One machine as its tile shows it.</summary>
public sealed record MachineTile
{
    public required long Id { get; init; }
    public required string Number { get; init; }
    public required string Name { get; init; }
    public required long DepartmentId { get; init; }
    public required MachineState State { get; init; }

    /// <summary>Since when it is so; null where nothing is known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Started jobs, the running ones first.</summary>
    public IReadOnlyList<TileJob> Jobs { get; init; } = [];
    public NextJob? Next { get; init; }
    public StandingTicket? Ticket { get; init; }

    /// <summary>First names of who has it today, primary first.</summary>
    public IReadOnlyList<string> Allocated { get; init; } = [];

    /// <summary>Of the current shift so far.</summary>
    public Oee Oee { get; init; } = Oee.None;

    /// <summary>The shift so far, one line per slot.</summary>
    public IReadOnlyList<IReadOnlyList<ClassSpan>> Timelines { get; init; } = [];

    /// <summary>The shift that <see cref="Oee"/> and <see cref="Timelines"/> are of, whole; null where there is none.</summary>
    public Span? Shift { get; init; }
    public TileJob? Job => Jobs is [var first, ..] ? first : null;
}

/// <summary>A started job on a tile.</summary>
public sealed record TileJob
{
    public required StartedJob Job { get; init; }

    /// <summary>Begin of the interval it is in now.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Standard time of what was made this day over the run time it took; null without a standard or without a report. Not shown on wall boards.</summary>
    public double? Rate { get; init; }
    public double Progress => Job.Planned > 0 ? (double)(Job.Good / Job.Planned) : 0;
}

/// <summary>The overview's picture of the whole plant, figures by department: scope and words come at render, from memory.</summary>
public sealed record OverviewSnapshot
{
    public static readonly OverviewSnapshot Empty = new();

    public DateTimeOffset At { get; init; }
    public IReadOnlyList<DepartmentFigures> Departments { get; init; } = [];
    public IReadOnlyList<DoneGroup> Done { get; init; } = [];
    public IReadOnlyList<NeedsPerson> Needs { get; init; } = [];

    /// <summary>Open orders past due or forecast to be.</summary>
    public IReadOnlyList<OrderAtRisk> Orders { get; init; } = [];

    /// <summary>Last department first of the paths seen today: where a scope's output is counted against a target.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Paths { get; init; } = [];
}

/// <summary>One department's figures of its production day and current shift.</summary>
public sealed record DepartmentFigures
{
    public required FloorDepartment Department { get; init; }
    public required DateOnly Day { get; init; }

    /// <summary>Start of the day's first shift, and the end of its last.</summary>
    public required Span Hours { get; init; }

    /// <summary>Working time of the day by hour from any anchor.</summary>
    public IReadOnlyList<Span> Working { get; init; } = [];
    public string? Shift { get; init; }
    public int Running { get; init; }
    public int Paused { get; init; }
    public int Waiting { get; init; }
    public int Late { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public int ClockedIn { get; init; }
    public Oee Oee { get; init; } = Oee.None;
    public IReadOnlyDictionary<MachineState, int> Machines { get; init; } = new Dictionary<MachineState, int>();
}

/// <summary>
/// Good pieces of one department whose item goes on through <see cref="Later"/>. In a scope they are done only where no later department
/// belongs to it, so that a piece never counts once per step.
/// </summary>
public sealed record DoneGroup
{
    public required long DepartmentId { get; init; }
    public required IReadOnlyList<long> Later { get; init; }
    public required decimal Good { get; init; }

    /// <summary>When they were made: each report spread evenly over the run time since the one before.</summary>
    public IReadOnlyList<(Span Span, decimal Pieces)> Made { get; init; } = [];

    public bool CountsIn(Func<long, bool> inScope) => inScope(DepartmentId) && !Later.Any(inScope);
}

/// <summary>An open order that is late, or whose forecast finish lies after the last shift of its due day.</summary>
public sealed record OrderAtRisk(long OrderId, string Number, DateOnly DueOn, DateTimeOffset? Forecast, int DaysLate, IReadOnlyList<long> Departments);

/// <summary>Why somebody should go and look.</summary>
public enum NeedKind { Stands, StopWithoutReason, LongStop, SetUpLong, Hold, ToConfirm, LateOrder, MoreLateOrders, OrderAtRisk, MoreOrdersAtRisk, BackOverdue }

/// <summary>One line of <i>Needs a person</i>; <see cref="Cost"/> is what waiting costs, in idle machine minutes, and orders the list.</summary>
public sealed record NeedsPerson
{
    public required NeedKind Kind { get; init; }

    /// <summary>Empty concerns every department.</summary>
    public IReadOnlyList<long> Departments { get; init; } = [];
    public DateTimeOffset? Since { get; init; }
    public required double Cost { get; init; }
    public long? MachineId { get; init; }
    public string? Machine { get; init; }
    public long? JobId { get; init; }
    public long? OrderId { get; init; }
    public string? Order { get; init; }

    /// <summary>Reason, ticket text or note, as people wrote it.</summary>
    public string? Text { get; init; }
    public string? Ticket { get; init; }
    public string? Person { get; init; }
    public DateTimeOffset? Expected { get; init; }
    public DateOnly? DueOn { get; init; }
    public int Count { get; init; }

    public bool ConcernsAny(IReadOnlySet<long>? scope) => scope is null || Departments.Count == 0 || Departments.Any(scope.Contains);
}
