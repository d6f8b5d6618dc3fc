using Pms.Core.Capacity;
using Pms.Core.Demo.Plant;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;

namespace Pms.Core.Demo.Simulation;

/// <summary>
/// The planner: new orders come in as others are completed, are planned step by step to where they end first, and what ended
/// short is planned again or accepted. The visitor's machine always has four jobs. So the plan never runs dry.
/// </summary>
internal sealed class DemoPlanner(JobPlanningService planning, CapacityQueries capacity, DemoFloorQueries floor, DemoRepository repository, Crew crew, PlantCatalogue catalogue, DemoSettings settings, PlantClock clock, Dice dice)
{
    private const int VisitorsJobs = 4;
    private const long PlannersUser = 4;
    private readonly HashSet<long> settled = [];

    private Actor Actor => Crew.Actor(crew.Planner) with { UserId = PlannersUser };

    /// <summary>One round; it does one thing of each kind, so that nobody waits for it.</summary>
    public async Task RoundAsync(CancellationToken ct)
    {
        await VisitorAsync(ct);
        foreach (var rest in (await floor.ShortAsync(clock.Now.AddDays(-3), ct)).Where(r => settled.Add(r.Id)).Take(3))
            await RestAsync(rest, ct);
        var book = await floor.BookAsync(ct);
        if (book.Items.Count > 0 && book.Planned < settings.OpenOrders * 4)
            foreach (var item in book.Items)
                await PathAsync(item, null, ct);
        else if (book.Orders < settings.OpenOrders)
            await OrderAsync(null, ct);
    }

    private async Task VisitorAsync(CancellationToken ct)
    {
        var mine = (await floor.PlansAsync(ct)).FirstOrDefault(p => p.MachineId == PlantFloor.VisitorsMachine);
        if (mine is null || mine.Jobs >= VisitorsJobs)
            return;
        var items = await OrderAsync(dice.Fork(clock.Now.ToUnixTimeSeconds()).Pick(catalogue.Cut), ct);
        await PathAsync(items[0], PlantFloor.VisitorsMachine, ct);
    }

    private Task<IReadOnlyList<StepToPlan>> OrderAsync(PlantProduct? product, CancellationToken ct) =>
        repository.InsertOrderAsync(id => PlantOrderAt(id, product), Actor, ct);

    private History.PlantOrder PlantOrderAt(long id, PlantProduct? product)
    {
        var mine = dice.Fork(3_000_000 + id);
        var order = History.PlantOrder.Make(id, catalogue, mine, product);
        (order.CreatedAt, order.StartsOn, order.DueOn) = (clock.Now, clock.Today, clock.Today.AddDays(mine.Between(4, 18)));
        (order.Status, order.Items[0].Status) = (OrderStatus.Unscheduled, OrderStatus.Unscheduled);
        return order;
    }

    /// <summary>Plans every step of an item that has no job, each after the one before.</summary>
    private async Task PathAsync(StepToPlan item, long? firstMachine, CancellationToken ct)
    {
        var steps = await floor.FlowAsync(item.ItemId, ct);
        var flow = new ItemFlow(item.Quantity, steps, item.Decimals);
        var from = clock.Now.AddMinutes(2);
        foreach (var step in steps.Where(s => s.OpenJobs == 0))
        {
            if (flow.Need(step.Id) is not (> 0 and var need))
                continue;
            from = await PlanAsync(step, need, from, firstMachine, ct);
            firstMachine = null;
        }
    }

    /// <summary>The step ended short: little missing or nothing left to work on is accepted, else the rest is planned.</summary>
    private async Task RestAsync(StepToPlan rest, CancellationToken ct)
    {
        var steps = await floor.FlowAsync(rest.ItemId, ct);
        var flow = new ItemFlow(rest.Quantity, steps, rest.Decimals);
        var need = flow.Need(rest.Id);
        if (flow.IsComplete(rest.Id))
            return;   // short, but within what the customer tolerates
        if (flow.Available(rest.Id) is <= 0 || need < flow.RequiredOutput(rest.Id) * 0.1m)
            await planning.AcceptShortAsync(Actor, new(rest.Id, "Too few pieces from the step before"), ct: ct);
        else if (need > 0 && settled.Remove(rest.Id))
            await PlanAsync(steps.First(s => s.Id == rest.Id), need, clock.Now.AddMinutes(5), null, ct);
    }

    /// <summary>To where it ends first; the visitor's machine is left to the visitor. Where there is no room it stays unplanned.</summary>
    private async Task<DateTimeOffset> PlanAsync(FlowStep step, decimal quantity, DateTimeOffset from, long? machine, CancellationToken ct)
    {
        if (await capacity.StepAsync(step.Id, ct) is not { } load)
            return from;
        var book = new CapacityBook(await capacity.PlantAsync(ct: ct), await capacity.LoadsAsync(ct: ct));
        var machines = machine is not null ? [machine] : book.Plant.MachinesFor(step.StageId).Where(m => m.Id != PlantFloor.VisitorsMachine).Select(m => (long?)m.Id).DefaultIfEmpty(null);
        var best = machines.Select(m => new Placing(book).Forward(PlaceStep.Of(load, quantity) with { MachineId = m }, from)).Where(p => p.Fits).MinBy(p => p.End)?.Steps[0];
        if (best is null)
            return from;
        await planning.PlanAsync(Actor, new(step.Id, quantity, best.Start, best.MachineId, machine == PlantFloor.VisitorsMachine ? 1 : null, best.End, SetupMinutes: best.SetupMinutes), ct: ct);
        return best.End + TimeSpan.FromMinutes(10);
    }
}
