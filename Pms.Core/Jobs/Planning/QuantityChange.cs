using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>A job that a lower quantity makes smaller. <see cref="Planned"/> 0 and nothing done: it is cancelled.</summary>
public sealed record JobCut(Job Job, string Stage, decimal Planned)
{
    public bool Worked => Job.StartedAt is not null || Job.Made > 0;

    /// <summary>Given back to the planner with some pieces made: nothing is left of it to do.</summary>
    public bool Ends => Worked && Job.Status == JobStatus.Planned && Planned <= Job.Good;
}

/// <summary>
/// What a lower quantity does to an item's jobs and pieces, pure: per step the jobs shrink to what is still needed, those not begun first and of them the last
/// first, the others never below what they made; good pieces beyond what each step must put out now are left over.
/// </summary>
public sealed class QuantityChange
{
    public QuantityChange(OrderDetail.Item item, decimal quantity, IReadOnlyList<Job> open)
    {
        var (before, after) = (item.Flow(), new ItemFlow(quantity, [.. item.Steps.Select(s => s.Flow)], item.Decimals));
        var (cuts, steps, left) = (new List<JobCut>(), new List<FlowStep>(), new List<StepSurplus>());
        foreach (var row in item.Steps)
        {
            var step = row.Flow;
            var jobs = open.Where(j => j.StepId == step.Id && j.Kind != JobKind.Rework).ToList();
            var excess = step.OpenRest - (step.AcceptedShort ? 0 : Math.Max(0, after.RequiredOutput(step.Id) - step.NetGood));
            foreach (var job in jobs.OrderBy(j => new JobCut(j, "", 0).Worked).ThenByDescending(j => j.PlannedStart).ThenByDescending(j => j.Sequence).ThenByDescending(j => j.Id))
            {
                var take = Math.Min(job.Rest, excess);
                if (take <= 0)
                    continue;
                excess -= take;
                var cut = new JobCut(job, step.Stage, job.Planned - take);
                cuts.Add(cut);
                step = step with { OpenRest = step.OpenRest - take, OpenJobs = step.OpenJobs - (cut is { Worked: false, Planned: 0 } || cut.Ends ? 1 : 0) };
            }
            steps.Add(step);
        }

        // The pieces a later step took are counted there; what is left over behind it is only the rest.
        decimal taken = 0, next = 0;
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var step = steps[i];
            var over = Over(after, step) - Over(before, step);
            if (over - taken > 0)
                left.Insert(0, new StepSurplus(step.Id, step.Stage, over - taken));
            next = Math.Max(next, Math.Max(0, over) / step.Factor);
            if (!step.Parallel)
                (taken, next) = (decimal.Round(next, item.Decimals), 0);
        }
        (Cuts, Surplus, Flow) = (cuts, left, new ItemFlow(quantity, steps, item.Decimals));
    }

    public IReadOnlyList<JobCut> Cuts { get; }

    public IReadOnlyList<StepSurplus> Surplus { get; }

    /// <summary>The item's flow once it is so.</summary>
    public ItemFlow Flow { get; }

    /// <summary>The item's status that follows.</summary>
    public OrderStatus Status => Flow.IsDone ? OrderStatus.Completed : Flow.Steps.Any(s => s.StartedJobs > 0) ? OrderStatus.InProgress
        : Flow.IsPlanned ? OrderStatus.Scheduled : OrderStatus.Unscheduled;

    private static decimal Over(ItemFlow flow, FlowStep step) => Math.Max(0, step.NetGood - flow.RequiredOutput(step.Id));
}
