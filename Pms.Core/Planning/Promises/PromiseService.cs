using Pms.Core.Capacity;
using Pms.Core.Identity;
using Pms.Core.Orders;
using Pms.Core.Planning.Outlooks;
using Pms.Core.Planning.Releases;
using Pms.Core.Products;

namespace Pms.Core.Planning.Promises;

/// <summary>Answers when something could be done, by the plan as it is; nothing is written, and nothing is kept free by asking.</summary>
public sealed class PromiseService(OrderService orders, ProductService products, OpenItemQueries items, PresentOutlook outlooks, Rights rights)
{
    private const int MostOthers = 10;

    /// <summary>With what it would do to the other orders, for who plans.</summary>
    /// <exception cref="RuleException">promise.nothing: the order needs nothing more · release.no_steps.</exception>
    public async Task<Promise> AskAsync(Actor actor, AskPromise request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        rights.DemandDepartments(actor, Permissions.PlanningSchedule);
        var outlook = await outlooks.LoadAsync(ct);
        var paths = await PathsAsync(actor, request, outlook, ct);
        return await Task.Run(() => Answer(outlook, paths, request.DueOn, whole: true), ct);
    }

    /// <summary>The date alone, while an order is typed.</summary>
    public async Task<Promise> DateAsync(Actor actor, AskPromise request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.OrdersView);
        rights.Demand(actor, Permissions.OrdersEdit);
        var outlook = await outlooks.LoadAsync(ct);
        var paths = await PathsAsync(actor, request, outlook, ct);
        return await Task.Run(() => Answer(outlook, paths, request.DueOn, whole: false), ct);
    }

    private sealed record Wanted(string Product, IReadOnlyList<PlaceStep> Path);

    private async Task<IReadOnlyList<Wanted>> PathsAsync(Actor actor, AskPromise request, Outlook outlook, CancellationToken ct)
    {
        if (request.OrderId is { } order)
        {
            var found = await items.OfAsync([order], ct);
            if (found.Count == 0)
                throw new NotFoundException("order", order);
            var open = found.Where(i => i.Unplanned.Count > 0).ToList();
            if (open.Count == 0)
                throw new RuleException("promise.nothing", found[0].OrderNumber);
            return [.. open.Select(i => new Wanted(i.Product, i.ToPlace()))];
        }
        if (request.ProductId is not { } product)
            throw new InvalidException(nameof(AskPromise.ProductId), "required");
        if (request.Quantity is not > 0)
            throw new InvalidException(nameof(AskPromise.Quantity), "not_positive");
        if (request.Quantity > 1_000_000_000m)
            throw new InvalidException(nameof(AskPromise.Quantity), "too_large", 1_000_000_000m);
        var made = await products.GetAsync(actor, product, ct);
        var path = await orders.ProductPathAsync(actor, product, ct);
        if (!path.Any(s => s.Required))
            throw new RuleException("release.no_steps", 1, made.Code);
        return [new(made.Name, PlacesOf(made, path, request.Quantity.Value, request.DueOn, outlook.Book.Plant))];
    }

    /// <summary>A path that is not stored: its steps are numbered below zero.</summary>
    private static IReadOnlyList<PlaceStep> PlacesOf(Product product, IReadOnlyList<OrderStep> path, decimal quantity, DateOnly? due, CapacityPlant plant)
    {
        var flow = new ItemFlow(quantity, [.. path.Select((s, i) => new FlowStep { Id = -i - 1, Position = s.Position, StageId = s.StageId, DepartmentId = s.DepartmentId, Required = s.Required, Parallel = s.Parallel, Factor = s.Factor, ScrapShare = s.ScrapShare })], product.Decimals);
        return [.. path.Select((s, i) => (Step: s, Id: -i - 1L)).Where(x => x.Step.Required).Select(x => new PlaceStep
        {
            OrderId = -1, ItemId = -1, StepId = x.Id, ProductId = product.Id, DepartmentId = x.Step.DepartmentId, StageId = x.Step.StageId, Quantity = flow.RequiredOutput(x.Id), SetupMinutes = x.Step.SetupMinutes, RunMinutes = x.Step.RunMinutes,
            Crew = x.Step.Crew, Unit = product.Unit, LastHere = !path.Any(n => n.Required && n.Position > x.Step.Position && n.DepartmentId == x.Step.DepartmentId), Parallel = x.Step.Parallel,
            TransferQuantity = x.Step.TransferQuantity ?? plant.Stages.GetValueOrDefault(x.Step.StageId)?.TransferQuantity, DueOn = due ?? plant.Today,
        })];
    }

    private static Promise Answer(Outlook outlook, IReadOnlyList<Wanted> wanted, DateOnly? due, bool whole)
    {
        var plant = outlook.Book.Plant;
        var placing = new Placing(outlook.Book);
        var (steps, taken) = (new List<PromisedStep>(), new List<Placed>());
        (TimeSpan Waits, PlaceStep Step, DateTimeOffset From, DateTimeOffset Until)? tightest = null;
        foreach (var (product, path) in wanted)
        {
            var found = placing.Forward(path, plant.Now);
            if (!found.Fits)
                return new() { Proof = Releasing.ProofOf(outlook.Book, NameOf(found.Fault!.Step), found.Fault) };
            var ready = plant.Now;
            foreach (var placed in found.Steps)
            {
                var from = placed.Step.NotBefore > ready ? placed.Step.NotBefore.Value : ready;
                var waits = placed.Start > from ? TimeSpan.FromTicks(plant.TimeOf(placed.Step.DepartmentId, placed.MachineId).Shares(from, placed.Start).Sum(s => s.Work.Ticks)) : TimeSpan.Zero;
                if (waits > (tightest?.Waits ?? TimeSpan.FromMinutes(1)))
                    tightest = (waits, placed.Step, from, placed.End);
                steps.Add(new(product, NameOf(placed.Step), plant.NameOf(Pool.Department(placed.Step.DepartmentId)), placed.MachineId is { } m ? plant.NameOf(Pool.Machine(m)) : null, placed.Step.Quantity, placed.Start, placed.End, waits));
                ready = placed.End > ready ? placed.End : ready;
            }
            placing.Take(found);
            taken.AddRange(found.Steps);
        }
        var done = steps.Max(s => s.End);
        var last = taken.MaxBy(t => t.End)!;
        var promise = new Promise
        {
            Done = done, On = plant.Calendar.ProductionDay(last.Step.DepartmentId, last.MachineId, done.AddMilliseconds(-1)), Steps = steps,
            Late = due is { } day && done > Forecast.EndOfDay(plant, last.Step.DepartmentId, day),
            Proof = tightest is { } t ? Releasing.ProofOf(outlook.Book, NameOf(t.Step), placing.FaultOf(t.Step, t.From, t.Until)) : null,
        };
        if (!whole)
            return promise;
        var (before, after) = (outlook.Forecast, outlook.With(taken));
        return promise with
        {
            LatenessBefore = before.TotalLateness, LatenessAfter = before.TotalLateness + Others(before, after).Aggregate(TimeSpan.Zero, (sum, o) => sum + o.Late),
            Others = [.. Others(before, after).Where(o => o.Late > TimeSpan.Zero).OrderByDescending(o => o.Late).ThenBy(o => o.Id).Take(MostOthers)
                .Select(o => new Affected(o.Id, outlook.Items.FirstOrDefault(i => i.OrderId == o.Id)?.OrderNumber ?? "", before.Orders[o.Id].Late, after.Orders[o.Id].Late))],
        };

        string NameOf(PlaceStep step) => plant.NameOf(Pool.Stage(step.StageId));
    }

    /// <summary>By how much each other order's lateness changes.</summary>
    private static IEnumerable<(long Id, TimeSpan Late)> Others(Forecast before, Forecast after) =>
        before.Orders.Values.Where(o => after.Orders.ContainsKey(o.OrderId)).Select(o => (o.OrderId, after.Orders[o.OrderId].Late - o.Late)).Where(o => o.Item2 != TimeSpan.Zero);
}
