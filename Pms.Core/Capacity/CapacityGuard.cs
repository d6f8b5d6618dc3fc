using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Machines;

namespace Pms.Core.Capacity;

/// <summary>
/// Makes over-planning binding. A transaction that adds load opens the book with the departments' turns in hand, so what it reads is what is stored until it
/// commits, and decides on that; two planners can't both take the last slot. Operators never wait here: what they do changes load, but asks nobody.
/// </summary>
public sealed class CapacityGuard(CapacityRepository turns, CapacityQueries queries, Rights rights)
{
    /// <summary>How long ago a planned start may lie: somebody thought about it meanwhile.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>Takes the turns of the departments of these places and reads all their load; to be asked before anything is written.</summary>
    /// <param name="plant">Of the same departments, or all.</param>
    public async Task<CapacityBook> OpenAsync(Tx tx, CapacityPlant plant, IReadOnlyCollection<(long Department, long? Machine)> places)
    {
        HashSet<long> departments = [.. places.Select(p => p.Department), .. places.Select(p => p.Machine is { } m ? plant.Machines.GetValueOrDefault(m)?.DepartmentId : null).OfType<long>()];
        await turns.TakeTurnsAsync(tx, departments);
        return new(plant, await queries.LoadsAsync(tx, departments));
    }

    /// <summary>
    /// A start that a plan can hold: neither over nor further away than places are looked for. What should have begun within the <see cref="Grace"/> begins now: its work doesn't
    /// shrink while somebody thinks, and today's capacity is what is left of it.
    /// </summary>
    /// <exception cref="RuleException">plan.past.</exception>
    /// <exception cref="InvalidException">Start: too_far.</exception>
    public static DateTimeOffset DemandStart(CapacityPlant plant, DateTimeOffset start)
    {
        if (start < plant.Now - Grace)
            throw new RuleException("plan.past", start);
        if (start > plant.Now + PlaceTime.Horizon)
            throw new InvalidException(nameof(PlannedLoad.Start), "too_far");
        return start < plant.Now ? plant.Now : start;
    }

    /// <summary>The hard rules of a place that are no question of how much: not in the past, within the place's hours, no window of the machine in the way.</summary>
    /// <exception cref="RuleException">plan.past · job.machine_stands · plan.machine_downtime · plan.closed (name, start, next opening) · calendar.no_working_time.</exception>
    public static void DemandPlace(CapacityPlant plant, PlannedLoad load)
    {
        DemandStart(plant, load.Start);
        if (plant.Stages.GetValueOrDefault(load.StageId) is { Kind: StageKind.External or StageKind.Wait })
            return;
        if (load.MachineId is { } machine && plant.WindowAt(machine, load.Start) is { } window)
            throw window.Kind == WindowKind.Standing ? new RuleException("job.machine_stands", plant.Machines[machine].Number, window.Reason, window.EndsAt)
                : new RuleException("plan.machine_downtime", plant.Machines[machine].Number, window.StartsAt, window.EndsAt, window.Reason);
        var home = load.MachineId is { } id && plant.Machines.TryGetValue(id, out var found) ? found.DepartmentId : load.DepartmentId;
        if (plant.Calendar.ShiftAt(home, load.MachineId, load.Start) is null)
            throw plant.TimeOf(load.DepartmentId, load.MachineId).Next(load.Start) is { } opens
                ? new RuleException("plan.closed", plant.NameOf(load.MachineId is { } m ? Pool.Machine(m) : Pool.Department(load.DepartmentId)), load.Start, opens)
                : new RuleException("calendar.no_working_time", load.DepartmentId);
    }

    /// <summary>Refuses a change that leaves a bucket overbooked and worse than before, unless the actor may exceed and says why.</summary>
    /// <returns>What is exceeded, to be audited; empty where it fits.</returns>
    /// <exception cref="RuleException">capacity.over_minutes, …_units, …_people, …_closed: the worst bucket, with pool, day, load, capacity and by how much.</exception>
    /// <exception cref="ReasonNeededException">The actor may exceed, and has given no reason.</exception>
    public IReadOnlyList<Overrun> Demand(Actor actor, CapacityBook book, IReadOnlyCollection<PlannedLoad> before, IReadOnlyCollection<PlannedLoad> after, string? reason)
    {
        var over = CapacityCheck.Overruns(book, before, after);
        if (over.Count == 0)
            return over;
        var refusals = over.Select(o => RefusalOf(book.Plant, o)).ToList();
        if (after.Any(l => !rights.Allows(actor, Permissions.PlanningOverrideCapacity, l.DepartmentId)))
            throw new RuleException(refusals[0].Code, refusals[0].Args);
        if (Text.Clean(reason) is not { Length: > 0 })
            throw new ReasonNeededException(refusals);
        return over;
    }

    /// <summary>An overrun in words' code and values.</summary>
    public static Refusal RefusalOf(CapacityPlant plant, Overrun o)
    {
        var name = plant.NameOf(o.Pool);
        if (o.Unit is { } unit)
            return new("capacity.over_units", name, o.Day, Math.Round(o.Load, 2), Math.Round(o.Capacity, 2), unit, Math.Round(o.Over, 2), o.Percent);
        if (o.Percent is null)
            return new("capacity.over_closed", name, o.Day, Time(o.Load));
        return new(o.Pool.Kind == PoolKind.Labour ? "capacity.over_people" : "capacity.over_minutes", name, o.Day, Time(o.Load), Time(o.Capacity), Time(o.Over), o.Percent);

        static TimeSpan Time(decimal minutes) => PlannedLoad.WorkOf(minutes);
    }
}
