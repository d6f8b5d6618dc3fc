using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Orders.Goods;

/// <summary>Says of steps whether material, artwork and tool are there; one step or many at once, all or none. Operators' pages hear of it.</summary>
public sealed class ReadinessService(OrderRepository orders, Commands commands, AuditLog audit, Rights rights, PlantClock clock)
{
    /// <exception cref="NotFoundException">A step or order doesn't exist.</exception>
    /// <exception cref="RuleException">order.not_open · order.item_not_open: nothing is left to make ready.</exception>
    public Task<ReadinessSet> SetAsync(Actor actor, SetReadiness request, string? key = null, CancellationToken ct = default)
    {
        new SetReadinessValidator().Demand(request);
        return commands.RunAsync(actor, "order.readiness", key, request, async tx =>
        {
            var steps = await orders.StepsToMarkAsync(request.What, request.Steps, request.Orders ?? [], ct);
            if (request.Steps.FirstOrDefault(id => steps.All(s => s.Id != id)) is var lost and not 0)
                throw new NotFoundException("step", lost);
            foreach (var order in request.Orders ?? [])
                if (steps.All(s => s.OrderId != order))
                    throw await orders.FindAsync(order, ct) is { } done ? new RuleException("order.not_open", done.Number) : new NotFoundException("order", order);
            foreach (var step in steps)
            {
                rights.Demand(actor, Permissions.MaterialEdit, step.DepartmentId);
                if (!step.IsOpen && request.Steps.Contains(step.Id))
                    throw new RuleException("order.item_not_open", step.Line, step.OrderNumber);
            }
            var changed = steps.Where(s => s.IsOpen && (s.State != request.State || s.OnDay != request.OnDay)).OrderBy(s => s.Id).ToList();
            await orders.MarkAsync(tx, request.What, request.State, request.OnDay, [.. changed.Select(s => s.Id)], clock.Now, actor.Name);
            foreach (var order in changed.GroupBy(s => s.OrderId))
            {
                audit.Write(tx, actor, "order.readiness", "order", order.Key, order.ToDictionary(s => $"{s.Line} · {s.Position} {s.Stage}: {request.What}",
                    s => new object?[] { s.State is { } was ? Told(was, s.OnDay) : null, Told(request.State, request.OnDay) }));
                tx.Raise(new OrderChanged(order.Key));
                tx.Raise(new ReadinessChanged(order.Key, [.. order.Select(s => s.DepartmentId).Distinct()]));
            }
            return new ReadinessSet(changed.Count);
        }, ct);
    }

    private static string Told(ReadinessState state, DateOnly? day) => day is { } on ? $"{state} ({on:yyyy-MM-dd})" : state.ToString();
}

/// <summary>A step as far as marking it is concerned.</summary>
public sealed record StepToMark
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public string OrderNumber { get; init; } = "";
    public int Line { get; init; }
    public int Position { get; init; }
    public string Stage { get; init; } = "";
    public long DepartmentId { get; init; }

    /// <summary>True while its item is.</summary>
    public bool IsOpen { get; init; }

    /// <summary>As marked now; null where nobody said.</summary>
    public ReadinessState? State { get; init; }
    public DateOnly? OnDay { get; init; }
}
