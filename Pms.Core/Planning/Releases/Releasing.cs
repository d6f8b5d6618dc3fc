using Pms.Core.Capacity;
using Pms.Core.Orders;
using Pms.Core.Planning.Outlooks;

namespace Pms.Core.Planning.Releases;

/// <summary>
/// Finds a place for all that an item still needs, pure: whole or not at all, so that nothing is half planned. What it finds is taken, and the next item is placed around it.
/// </summary>
public sealed class Releasing(Placing placing, ReleaseBy by, bool evenLate)
{
    internal CapacityPlant Plant => placing.Book.Plant;

    /// <param name="places">Where each step came to lie; empty where it wasn't placed.</param>
    public ReleaseLine Place(OpenItem item, out IReadOnlyList<Placed> places)
    {
        places = [];
        var line = Of(item);
        if (WhyNot(item) is { } why)
            return line with { Outcome = ReleaseOutcome.Refused, Why = why };
        var path = item.ToPlace();
        if (path.Count == 0)
            return line with { Outcome = ReleaseOutcome.Nothing };
        var (due, until) = WindowOf(item, path);
        var found = by == ReleaseBy.Due ? placing.Backward(path, until, Plant.Now) : placing.Forward(path, Plant.Now, until);
        var proven = found.Fault;
        if (!found.Fits && by == ReleaseBy.Due)
            proven = (found = placing.Forward(path, Plant.Now, until)).Fault;
        if (!found.Fits && evenLate && item.NextBegins is null)
            found = placing.Forward(path, Plant.Now);
        if (!found.Fits)
            return line with { Outcome = ReleaseOutcome.NoRoom, Proof = ProofOf(placing.Book, item, proven ?? found.Fault!) };
        placing.Take(found);
        places = found.Steps;
        return line with { Outcome = ReleaseOutcome.Placed, Steps = [.. found.Steps.Select(p => StepOf(item, p))], Late = found.End > due };
    }

    /// <summary>The end of the due day, and until when the work may take: that, or the start of what is planned behind it.</summary>
    public (DateTimeOffset Due, DateTimeOffset Until) WindowOf(OpenItem item, IReadOnlyList<PlaceStep> path)
    {
        var due = Forecast.EndOfDay(Plant, path[^1].DepartmentId, item.DueOn);
        return (due, item.NextBegins is { } next && next < due ? next : due);
    }

    /// <summary>The hard rules of planning that need no place: the order open, nothing on hold, every step's stage and department in use.</summary>
    public static Refusal? WhyNot(OpenItem item)
    {
        if (item.OrderStatus is OrderStatus.Cancelled or OrderStatus.Closed || item.Status == OrderStatus.Cancelled)
            return new("job.order_cancelled", item.OrderNumber);
        if (item.OrderStatus == OrderStatus.Completed || item.Status == OrderStatus.Completed)
            return null;   // nothing is left to plan
        if (!item.Steps.Any(s => s.Required))
            return new("release.no_steps", item.Line, item.OrderNumber);
        if (item.Held is { } hold)
            return new("job.on_hold", item.OrderNumber, hold.Kind, hold.Note, hold.OpenedAt);
        return item.Unplanned.FirstOrDefault(s => !s.StageActive || !s.DepartmentActive) is { } off
            ? off.DepartmentActive ? new("release.stage_off", off.Stage, item.OrderNumber) : new("release.department_off", off.Department, off.Stage, item.OrderNumber) : null;
    }

    private ReleasedStep StepOf(OpenItem item, Placed p) => new(p.Step.StepId, item.Steps.First(s => s.Id == p.Step.StepId).Stage, p.Step.DepartmentId, p.MachineId,
        p.MachineId is { } m ? Plant.NameOf(Pool.Machine(m)) : null, p.Start, p.End, p.Step.Quantity);

    private static ReleaseLine Of(OpenItem i) => new()
    {
        OrderId = i.OrderId, OrderNumber = i.OrderNumber, ItemId = i.Id, Line = i.Line, Product = i.Product, Quantity = i.Quantity, Unit = i.Unit, DueOn = i.DueOn,
    };

    /// <summary>A fault with the orders behind it.</summary>
    internal static RoomProof ProofOf(CapacityBook book, OpenItem item, PlaceFault fault) =>
        ProofOf(book, item.Steps.FirstOrDefault(s => s.Id == fault.Step.StepId)?.Stage ?? book.Plant.NameOf(Pool.Stage(fault.Step.StageId)), fault);

    internal static RoomProof ProofOf(CapacityBook book, string stage, PlaceFault fault)
    {
        const int most = 6;
        var takers = fault.Code != "capacity.no_room" ? [] : Days(fault).SelectMany(d => book.JobsOf(fault.Pool, d)).GroupBy(j => (j.Load.OrderId, j.Load.OrderNumber))
            .Select(g => new ProofOrder(g.Key.OrderId, g.Key.OrderNumber, PlannedLoad.WorkOf(g.Sum(j => j.Minutes)))).OrderByDescending(o => o.Time).ThenBy(o => o.OrderId).ToList();
        return new(fault.Code, fault.Pool.Kind, book.Plant.NameOf(fault.Pool), stage, fault.From, fault.Until, PlannedLoad.WorkOf(fault.Needed), PlannedLoad.WorkOf(fault.There), [.. takers.Take(most)], Math.Max(0, takers.Count - most));
    }

    internal static IEnumerable<DateOnly> Days(PlaceFault fault) => Enumerable.Range(0, Math.Clamp(fault.Until.DayNumber - fault.From.DayNumber + 1, 0, 120)).Select(fault.From.AddDays);
}
