using Pms.Core.Capacity;

namespace Pms.Core.Planning.Releases;

/// <summary>
/// Looks for the smallest moves that make room for what doesn't fit, pure: another planned job goes to another day or machine, in time for its own due day and between its
/// own neighbours, and the rest of the plan stays as it is. First one job that is enough by itself, or with the later steps of its item; where there is none, a few together.
/// </summary>
public sealed class Curing(CapacityBook book)
{
    private const int Tried = 24, Answered = 3, MostTogether = 4;

    /// <summary>Time that passes until somebody taps: what fits only from this very second on is no cure.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(15);

    private CapacityPlant Plant => book.Plant;

    /// <summary>The least displacement first; empty where no such move is enough. Versions are for the caller to fill in.</summary>
    /// <param name="until">When the work must be done.</param>
    public IReadOnlyList<Cure> Of(IReadOnlyList<PlaceStep> path, DateTimeOffset until, PlaceFault fault)
    {
        if (fault.Code is not ("capacity.no_room" or "capacity.no_gap"))
            return [];
        var window = Releasing.Days(fault).ToHashSet();
        var stages = path.Select(p => p.StageId).ToHashSet();
        var mine = path.Select(p => p.ItemId).ToHashSet();
        var inTheWay = book.Loads.Where(l => l is { JobId: > 0, State: LoadState.Planned, SetupDone: false, Good: 0 } && !mine.Contains(l.ItemId) && l.Work > TimeSpan.Zero
                && (Plant.PoolsOf(l).Any(p => p.Pool == fault.Pool && p.Minutes > 0) || stages.Contains(l.StageId)))
            .Select(l => (Load: l, There: Share(l, window))).Where(x => x.There > 0).ToList();
        var missing = Math.Max(0, fault.Needed - fault.There);
        var found = new List<Cure>();
        // Those just large enough disturb least, then the larger ones, then what may do because it opens a gap.
        foreach (var (load, _) in inTheWay.OrderBy(x => x.There < missing).ThenBy(x => Math.Abs(x.There - missing)).ThenBy(x => x.Load.JobId).Take(Tried))
            if ((Try(path, until, [load]) ?? (Followers(load) is { Count: > 0 } behind ? Try(path, until, [load, .. behind]) : null)) is { } cure)
                found.Add(cure);
        if (found.Count == 0 && inTheWay.Count > 1)
        {
            var together = new List<PlannedLoad>();
            foreach (var (load, _) in inTheWay.OrderByDescending(x => x.There).ThenBy(x => x.Load.JobId).Take(MostTogether))
            {
                together.Add(load);
                if (together.Count > 1 && Try(path, until, together) is { } cure)
                    return [cure];
            }
        }
        return [.. found.OrderBy(c => c.Moves.Sum(m => (m.Start - m.From).Duration().Ticks)).ThenBy(c => c.Moves[^1].JobId).Take(Answered)];
    }

    private decimal Share(PlannedLoad load, HashSet<DateOnly> window) => LoadSpread.Amounts(Plant, load).Where(a => window.Contains(a.Day)).Sum(a => a.Minutes);

    private Cure? Try(IReadOnlyList<PlaceStep> path, DateTimeOffset until, IReadOnlyCollection<PlannedLoad> loads)
    {
        var without = book.Copy();
        foreach (var load in loads)
            without.Remove(load.JobId);
        var placing = new Placing(without);
        var placed = placing.Forward(path, Plant.Now + Leeway, until);
        if (!placed.Fits)
            return null;
        placing.Take(placed);
        var moves = new List<CureMove>();
        foreach (var load in loads.OrderBy(l => l.Position).ThenBy(l => l.Start))
        {
            var (after, before) = Neighbours(placing.Book, load);
            var due = Forecast.EndOfDay(Plant, load.DepartmentId, load.DueOn);
            var limit = before is { } b && b < due ? b : due;
            // The minutes of its standard are those of its machine: back to the step's own, so that another machine counts by its own speed.
            var run = load.MachineId is { } m && Plant.Machines.TryGetValue(m, out var machine) && machine.SpeedFactor > 0 ? load.RunMinutes * machine.SpeedFactor : load.RunMinutes;
            var step = PlaceStep.Of(load, load.Rest) with { RunMinutes = run, NotBefore = after, WorkCentreId = load.MachineId is null ? load.WorkCentreId : null };
            var place = placing.Forward(step, Plant.Now + Leeway, limit);
            if (!place.Fits || place.Steps[0] is var to && to.Start == load.Start && to.MachineId == load.MachineId)
                return null;
            // As the move itself will count it: with its whole set-up.
            var moved = load with { MachineId = to.MachineId, Start = to.Start, RunMinutes = Plant.RunMinutes(run, to.MachineId) };
            if (Plant.EndOf(moved.StageId, moved.DepartmentId, moved.MachineId, moved.Start, moved.Minutes) is not { } end || end > limit || CapacityCheck.Overruns(placing.Book, [], [moved = moved with { End = end }]).Count > 0)
                return null;
            placing.Book.Add(moved);
            // The last step first, so that no step passes those behind it on the way.
            moves.Insert(0, new(load.JobId, 0, load.OrderId, load.OrderNumber, Plant.NameOf(Pool.Stage(load.StageId)), NameOf(load.MachineId), load.Start, to.MachineId, NameOf(to.MachineId), to.Start, end));
        }
        return new(moves);
    }

    /// <summary>The later steps' jobs of its item, where all of them can still be moved.</summary>
    private List<PlannedLoad> Followers(PlannedLoad load)
    {
        var behind = book.Loads.Where(l => l.ItemId == load.ItemId && l.Position > load.Position).ToList();
        return behind.TrueForAll(l => l is { JobId: > 0, State: LoadState.Planned, SetupDone: false, Good: 0 }) ? behind : [];
    }

    private string? NameOf(long? machine) => machine is { } m ? Plant.NameOf(Pool.Machine(m)) : null;

    /// <summary>Between what it may lie: the planned ends of the item's steps before it, and the first start of those behind it.</summary>
    private static (DateTimeOffset? After, DateTimeOffset? Before) Neighbours(CapacityBook plan, PlannedLoad load)
    {
        var item = plan.Loads.Where(l => l.ItemId == load.ItemId && l.StepId != load.StepId).ToList();
        return (item.Where(l => l.Position < load.Position).Max(l => (DateTimeOffset?)l.End), item.Where(l => l.Position > load.Position).Min(l => (DateTimeOffset?)l.Start));
    }
}
