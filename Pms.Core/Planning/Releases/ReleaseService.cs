using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning.Outlooks;

namespace Pms.Core.Planning.Releases;

/// <summary>
/// Plans many orders at once: their steps are placed where there is room and written as jobs, released to the operators' horizon, in the same transaction as the
/// decision, with the departments' turns in hand. Some orders at a time, so that no other planner waits long; what is urgent goes first.
/// </summary>
public sealed class ReleaseService(Commands commands, OpenItemQueries items, PresentOutlook outlooks, CapacityQueries capacity, CapacityGuard guard, JobPlacement placement, FieldRules fields, Rights rights, PlantClock clock)
{
    /// <summary>Orders that one call may name.</summary>
    public const int MostOrders = 2000;

    /// <summary>Orders that are decided and written together.</summary>
    private const int Together = 150;

    /// <summary>Lines without room for which moves are looked for; looking costs.</summary>
    private const int MostCured = 12;

    /// <summary>What a release would do, with the moves that would make room for what doesn't fit; nothing is written.</summary>
    public async Task<ReleaseResult> PreviewAsync(Actor actor, ReleaseOrders request, CancellationToken ct = default)
    {
        var found = await FindAsync(actor, request, ct);
        // Read now: what is in memory may be a moment older than the move that was just made for this.
        var book = new CapacityBook(await capacity.PlantAsync(ct: ct), await capacity.LoadsAsync((IReadOnlyCollection<long>?)null, ct));
        return Seen(actor, await Task.Run(() => CuredAsync(book, request, found, ct), ct));
    }

    /// <summary>Plans them. What doesn't fit is left out with the proof; planning it again plans only what is still needed.</summary>
    /// <exception cref="NotFoundException">One of the orders is not there.</exception>
    /// <exception cref="ForbiddenException">The actor may not plan in one of the departments.</exception>
    public async Task<ReleaseResult> ReleaseAsync(Actor actor, ReleaseOrders request, string? key = null, IProgress<ReleaseProgress>? progress = null, CancellationToken ct = default)
    {
        var found = await FindAsync(actor, request, ct);
        var orders = InTurn(found).Select(i => i.OrderId).Distinct().ToList();
        var lines = new List<ReleaseLine>();
        var done = 0;
        foreach (var some in orders.Chunk(Together))
        {
            var part = request with { OrderIds = some };
            List<ReleaseLine>? written = null;
            var jobs = await commands.RunAsync(actor, "orders.release", key is null ? null : $"{key}.{done}", part, async tx =>
                (written = await WriteAsync(tx, actor, part, found, ct)).SelectMany(l => l.Steps).Select(s => s.JobId).OfType<long>().ToList(), ct);
            lines.AddRange(written ?? await AgainAsync(part, jobs, ct));
            done += some.Length;
            progress?.Report(new(done, orders.Count));
        }
        return Seen(actor, new(lines));
    }

    /// <summary>Without the due days that a field rule hides, and what is told by them.</summary>
    private ReleaseResult Seen(Actor actor, ReleaseResult result) => OrderSight.Of(fields, actor).HidesDue ? new([.. result.Lines.Select(l => l with { DueOn = null, Late = false })]) : result;

    private async Task<List<ReleaseLine>> WriteAsync(Tx tx, Actor actor, ReleaseOrders part, IReadOnlyList<OpenItem> seen, CancellationToken ct)
    {
        var asked = part.OrderIds.ToHashSet();
        var plant = await capacity.PlantAsync(ct: ct);
        var places = PlacesOf(plant, seen.Where(i => asked.Contains(i.OrderId)));
        var book = await guard.OpenAsync(tx, plant, places);
        var read = await items.OfAsync(tx, part.OrderIds);
        foreach (var department in read.SelectMany(i => i.Unplanned).Select(s => s.DepartmentId).Distinct())
            rights.Demand(actor, Permissions.PlanningSchedule, department);
        if (PlacesOf(plant, read).Except(places).Any())
            throw new StaleException(places.Count, 0);   // a path changed since: another department's turn is needed
        var releasing = new Releasing(new Placing(book), part.By, part.EvenLate);
        var (lines, jobs, moved, now) = (new List<ReleaseLine>(), new List<Job>(), new List<(OpenItem Item, OrderStatus After)>(), clock.Now);
        foreach (var item in InTurn(read))
        {
            lines.Add(releasing.Place(item, out var placed));
            if (placed.Count == 0)
                continue;
            moved.Add((item, item.StatusWith(placed.Select(p => p.Step.StepId).ToHashSet())));
            jobs.AddRange(placed.Select(p => JobOf(item, p, now)));
        }
        var after = moved.ToDictionary(m => m.Item.Id, m => m.After);
        var wholes = read.GroupBy(i => i.OrderId).ToDictionary(g => g.Key, g => OrderService.Of(g.Select(i => after.GetValueOrDefault(i.Id, i.Status))));
        var made = await placement.PlaceWithinAsync(tx, actor, jobs, [.. moved.Select(m => new ItemMove(m.Item.Standing, m.After, wholes[m.Item.OrderId]))]);
        var ids = made.ToDictionary(j => j.StepId, j => j.Id);
        return [.. lines.Select(l => l with { Steps = [.. l.Steps.Select(s => s with { JobId = ids.GetValueOrDefault(s.StepId) })] })];
    }

    /// <summary>The answer to a repeat: what was placed is read by its ids, what wasn't is as it would be now.</summary>
    private async Task<IEnumerable<ReleaseLine>> AgainAsync(ReleaseOrders part, IReadOnlyCollection<long> jobs, CancellationToken ct)
    {
        var made = (await items.StepsOfAsync(jobs, ct)).ToLookup(s => s.ItemId, s => s.Step);
        var releasing = new Releasing(new Placing((await outlooks.LoadAsync(ct)).Book), part.By, part.EvenLate);
        return [.. InTurn(await items.OfAsync(part.OrderIds, ct)).Select(i => releasing.Place(i, out _) is var line && made[i.Id].ToList() is { Count: > 0 } steps
            ? line with { Outcome = ReleaseOutcome.Placed, Why = null, Proof = null, Steps = steps, Late = steps.Max(s => s.End) > Forecast.EndOfDay(releasing.Plant, steps[^1].DepartmentId, i.DueOn) } : line)];
    }

    private async Task<ReleaseResult> CuredAsync(CapacityBook book, ReleaseOrders request, IReadOnlyList<OpenItem> found, CancellationToken ct)
    {
        var placing = new Placing(book);
        var releasing = new Releasing(placing, request.By, request.EvenLate);
        var cured = new List<ReleaseLine>();
        foreach (var item in InTurn(found))
        {
            ct.ThrowIfCancellationRequested();
            var line = releasing.Place(item, out _);
            // Room is made in the plan as it is when the item's turn comes: once the moves are done, it is placed there before those that come after it.
            if (line.Outcome == ReleaseOutcome.NoRoom && cured.Count(l => l.Cures.Count > 0) < MostCured && item.ToPlace() is var path && releasing.WindowOf(item, path).Until is var until && placing.Forward(path, book.Plant.Now, until).Fault is { } fault)
                line = line with { Cures = new Curing(placing.Book).Of(path, until, fault) };
            cured.Add(line);
        }
        var versions = await items.VersionsAsync([.. cured.SelectMany(l => l.Cures).SelectMany(c => c.Moves).Select(m => m.JobId).Distinct()], ct);
        return new([.. cured.Select(l => l with { Cures = [.. l.Cures.Where(c => c.Moves.All(m => versions.ContainsKey(m.JobId))).Select(c => new Cure([.. c.Moves.Select(m => m with { Version = versions[m.JobId] })]))] })]);
    }

    private async Task<IReadOnlyList<OpenItem>> FindAsync(Actor actor, ReleaseOrders request, CancellationToken ct)
    {
        rights.DemandDepartments(actor, Permissions.PlanningSchedule);
        var ids = request.OrderIds?.Distinct().ToList() ?? throw new InvalidException(nameof(ReleaseOrders.OrderIds), "required");
        if (ids.Count == 0)
            throw new InvalidException(nameof(ReleaseOrders.OrderIds), "required");
        if (ids.Count > MostOrders)
            throw new InvalidException(nameof(ReleaseOrders.OrderIds), "too_large", MostOrders);
        if (!Enum.IsDefined(request.By))
            throw new InvalidException(nameof(ReleaseOrders.By), "unknown_value");
        var found = await items.OfAsync(ids, ct);
        if (ids.Except(found.Select(i => i.OrderId)).ToList() is [var missing, ..])
            throw new NotFoundException("order", missing);
        foreach (var department in found.SelectMany(i => i.Steps).Select(s => s.DepartmentId).Distinct())
            rights.Demand(actor, Permissions.PlanningSchedule, department);
        return found;
    }

    /// <summary>What is urgent first, then what is due first.</summary>
    private static IEnumerable<OpenItem> InTurn(IEnumerable<OpenItem> found) => found.OrderByDescending(i => i.Priority).ThenBy(i => i.DueOn).ThenBy(i => i.OrderId).ThenBy(i => i.Line);

    /// <summary>Where the steps to be planned may come to lie; a machine may belong to another department.</summary>
    private static HashSet<(long Department, long? Machine)> PlacesOf(CapacityPlant plant, IEnumerable<OpenItem> found)
    {
        var places = new HashSet<(long, long?)>();
        foreach (var (stage, department) in found.SelectMany(i => i.Unplanned).Select(s => (s.StageId, s.DepartmentId)).Distinct())
        {
            places.Add((department, null));
            foreach (var machine in plant.MachinesFor(stage))
                places.Add((department, machine.Id));
        }
        return places;
    }

    private static Job JobOf(OpenItem item, Placed p, DateTimeOffset now) => new()
    {
        OrderId = item.OrderId, ItemId = item.Id, StepId = p.Step.StepId, ProductId = item.ProductId, DepartmentId = p.Step.DepartmentId, StageId = p.Step.StageId, WorkCentreId = p.WorkCentreId, MachineId = p.MachineId,
        Kind = JobKind.Normal, Status = JobStatus.Planned, Planned = p.Step.Quantity, PlannedStart = p.Start, PlannedEnd = p.End, Sequence = JobPlacement.SequenceAt(p.Start), SetupMinutes = p.SetupMinutes, RunMinutes = p.RunMinutes,
        LastStep = item.Steps.Where(s => s.Required).Max(s => s.Position) == item.Steps.First(s => s.Id == p.Step.StepId).Position, ReleasedAt = now,
    };
}
