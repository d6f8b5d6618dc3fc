namespace Pms.Core.Orders;

/// <summary>One step of an item's production path with what its jobs made and still have open; what the flow is computed from.</summary>
public sealed record FlowStep
{
    public long Id { get; init; }
    public int Position { get; init; }
    public long StageId { get; init; }
    public long DepartmentId { get; init; }
    public string Stage { get; init; } = "";
    public bool Required { get; init; }

    /// <summary>May run beside the step before it: both take from the same predecessors.</summary>
    public bool Parallel { get; init; }

    /// <summary>Units out per unit in (1 sheet → 8 labels is 8).</summary>
    public decimal Factor { get; init; } = 1;

    /// <summary>Planned scrap as a share of the input, 0 ≤ x &lt; 1.</summary>
    public decimal ScrapShare { get; init; }
    public bool AcceptedShort { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public decimal LaterRejects { get; init; }

    /// <summary>Σ max(0, planned − good) of its open jobs.</summary>
    public decimal OpenRest { get; init; }
    public int OpenJobs { get; init; }
    public int StartedJobs { get; init; }

    /// <summary>Good pieces less those rejected afterwards.</summary>
    public decimal NetGood => Good - LaterRejects;

    public decimal Made => Good + Scrap + Rework;
}

/// <summary>
/// The arithmetic of one order item through its production path, pure: what each step must put out, what is still needed and what
/// a step finds to work on. Steps that run parallel form one group; a group takes from the group before it.
/// </summary>
public sealed class ItemFlow
{
    private readonly decimal unit;
    private readonly List<List<FlowStep>> groups = [];
    private readonly Dictionary<long, decimal> outputs = [];

    /// <param name="quantity">The item's quantity, in the product's unit.</param>
    /// <param name="steps">In the order of the path.</param>
    /// <param name="decimals">Places the product's unit allows; pieces: 0. Needs are rounded up to it.</param>
    public ItemFlow(decimal quantity, IReadOnlyList<FlowStep> steps, int decimals = 0)
    {
        unit = 1m;
        for (var i = 0; i < decimals; i++)
            unit /= 10;
        Steps = steps;
        foreach (var step in steps)
        {
            if (groups.Count == 0 || !step.Parallel)
                groups.Add([]);
            groups[^1].Add(step);
        }

        // Required output of the last = quantity; of any other = ceil((output of the next ÷ its factor) ÷ (1 − its scrap share)).
        var output = quantity;
        for (var g = groups.Count - 1; g >= 0; g--)
        {
            foreach (var step in groups[g])
                outputs[step.Id] = output;
            output = groups[g].Max(step => Ceil(output / step.Factor / (1 - step.ScrapShare)));
        }
    }

    public IReadOnlyList<FlowStep> Steps { get; }

    public FlowStep Step(long id) => Steps.Single(s => s.Id == id);

    /// <summary>Good pieces the step must put out in all.</summary>
    public decimal RequiredOutput(long step) => outputs[step];

    /// <summary>Still to be planned: max(0, required output − net good − open remaining of its jobs).</summary>
    public decimal Need(long step)
    {
        var s = Step(step);
        return s.AcceptedShort ? 0 : Math.Max(0, outputs[step] - s.NetGood - s.OpenRest);
    }

    /// <summary>A step is complete when what it must put out is there, or was accepted short; never because a job finished.</summary>
    public bool IsComplete(long step)
    {
        var s = Step(step);
        return s.AcceptedShort || s.NetGood >= outputs[step];
    }

    /// <summary>Every required step complete and no job open.</summary>
    public bool IsDone => Steps.Any(s => s.Required) && Steps.All(s => !s.Required || IsComplete(s.Id)) && Steps.Sum(s => s.OpenJobs) == 0;

    /// <summary>Finished pieces: what the last required step put out.</summary>
    public decimal Finished => Steps.LastOrDefault(s => s.Required)?.NetGood ?? 0;

    /// <summary>Nothing left to plan: the item is Scheduled.</summary>
    public bool IsPlanned => Steps.All(s => !s.Required || Need(s.Id) == 0);

    /// <summary>
    /// What the step could still work on: Σ net good of the predecessors needed × factor − what the step has made.
    /// The scarcest of several predecessors counts; null where nothing comes before it, so nothing limits it. May be negative.
    /// </summary>
    public decimal? Available(long step)
    {
        var group = groups.FindIndex(g => g.Any(s => s.Id == step));
        for (var before = group - 1; before >= 0; before--)
        {
            // Optional predecessors that made nothing were left out; the pieces come from further up.
            var feeding = groups[before].Where(s => s.Required || s.Made > 0).ToList();
            if (feeding.Count == 0)
                continue;
            var mine = Step(step);
            return feeding.Min(s => s.NetGood) * mine.Factor - mine.Made;
        }
        return null;
    }

    /// <summary>The predecessor group's first step that is not complete; whom one waits for.</summary>
    public FlowStep? WaitsFor(long step)
    {
        var group = groups.FindIndex(g => g.Any(s => s.Id == step));
        return group <= 0 ? null : groups[group - 1].Where(s => s.Required).OrderBy(s => s.NetGood).FirstOrDefault();
    }

    /// <summary>The steps that take from this one.</summary>
    public IEnumerable<FlowStep> Followers(long step)
    {
        var group = groups.FindIndex(g => g.Any(s => s.Id == step));
        return group + 1 < groups.Count ? groups[group + 1] : [];
    }

    /// <summary>The same flow with one step changed; for deciding before writing.</summary>
    public ItemFlow With(decimal quantity, FlowStep changed, int decimals = 0) =>
        new(quantity, [.. Steps.Select(s => s.Id == changed.Id ? changed : s)], decimals);

    private decimal Ceil(decimal value) => Math.Ceiling(value / unit) * unit;
}
