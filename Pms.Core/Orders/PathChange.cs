namespace Pms.Core.Orders;

/// <summary>
/// A path that becomes another, pure: a step at which work has begun stays as it is and so does the way to it; a step with planned jobs keeps its
/// stage, for the jobs stand in that department's plan; everything else is free.
/// </summary>
public sealed class PathChange
{
    private readonly IReadOnlyList<OrderDetail.Step> before;
    private readonly IReadOnlyList<OrderStep> after;

    /// <exception cref="RuleException">
    /// order.path_started (stage): its values were changed or it was taken away. order.path_order (stage): the way to a begun step was changed.
    /// order.path_planned (stage): jobs of it are planned. order.path_nothing_left: so changed, the item would be done.
    /// </exception>
    /// <exception cref="NotFoundException">A step is none of this item's.</exception>
    public PathChange(IReadOnlyList<OrderDetail.Step> before, IReadOnlyList<OrderStep> after)
    {
        (this.before, this.after) = (before, after);
        if (after.FirstOrDefault(s => s.Id != 0 && before.All(b => b.Id != s.Id)) is { } foreign)
            throw new NotFoundException("step", foreign.Id);
        foreach (var step in before)
        {
            var wanted = after.FirstOrDefault(s => s.Id == step.Id);
            if (step.StartedJobs > 0 && (wanted is null || !Same(step, wanted)))
                throw new RuleException("order.path_started", step.Stage);
            if (step.OpenJobs > 0 && wanted?.StageId != step.StageId)
                throw new RuleException("order.path_planned", step.Stage);
        }
        var begun = before.ToList().FindLastIndex(s => s.StartedJobs > 0);
        for (var i = 0; i <= begun; i++)
            if (i >= after.Count || after[i].Id != before[i].Id)
                throw new RuleException("order.path_order", before[begun].Stage);
    }

    /// <summary>What the item needs on the new path.</summary>
    public ItemFlow Flow(decimal quantity, int decimals)
    {
        var flow = new ItemFlow(quantity, [.. after.Select((s, i) => (before.FirstOrDefault(b => b.Id == s.Id)?.Flow ?? new FlowStep { Id = -i - 1 }) with
        {
            Position = i + 1, StageId = s.StageId, DepartmentId = s.DepartmentId, Required = s.Required, Parallel = s.Parallel, Factor = s.Factor, ScrapShare = s.ScrapShare,
        })], decimals);
        return flow.IsDone ? throw new RuleException("order.path_nothing_left") : flow;
    }

    /// <summary>True if the wanted step says what the stored one says, its place aside.</summary>
    public static bool Same(OrderDetail.Step a, OrderStep b) => (a.StageId, a.SetupMinutes, a.RunMinutes, a.Crew, a.ScrapShare, a.Factor, a.TransferQuantity, a.Required, a.Parallel)
        == (b.StageId, b.SetupMinutes, b.RunMinutes, b.Crew, b.ScrapShare, b.Factor, b.TransferQuantity, b.Required, b.Parallel);
}
