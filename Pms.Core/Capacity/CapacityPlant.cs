using System.Collections.Concurrent;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Machines;

namespace Pms.Core.Capacity;

/// <summary>
/// What there is to work with, as an immutable picture at one instant: departments, stages, machines with the windows in which they can't run, people with skills
/// and absences, and the calendar. It says what each pool can do on a day; missing data never limits.
/// </summary>
public sealed class CapacityPlant
{
    private readonly ILookup<long, Machine> byStage, byCentre, byDepartment;
    private readonly ILookup<long, Employee> skilled;
    private readonly ILookup<long, Employee> ofDepartment;
    private readonly ILookup<long, Absence> absences;
    private readonly ConcurrentDictionary<(long Department, long? Machine), PlaceTime> times = new();
    private readonly ConcurrentDictionary<(Pool, DateOnly), (decimal? Minutes, decimal? Units)> capacities = new();

    public CapacityPlant(PlantClock clock, PlantCalendar calendar, DateTimeOffset now, IEnumerable<Department> departments, IEnumerable<Stage> stages, IEnumerable<WorkCentre> centres,
        IEnumerable<Machine> machines, IEnumerable<MachineWindow> windows, IEnumerable<Employee> people, IEnumerable<Absence> away)
    {
        (Clock, Calendar, Now) = (clock, calendar, now);
        Departments = departments.ToDictionary(d => d.Id);
        Stages = stages.ToDictionary(s => s.Id);
        WorkCentres = centres.ToDictionary(c => c.Id);
        Machines = machines.ToDictionary(m => m.Id);
        Windows = windows.Where(w => w.EndsAt > w.StartsAt).ToLookup(w => w.MachineId);
        var working = Machines.Values.Where(m => m.RetiredAt is null).ToList();
        byStage = working.SelectMany(m => m.Stages.Select(s => (Stage: s, Machine: m))).ToLookup(x => x.Stage, x => x.Machine);
        byCentre = working.Where(m => m.WorkCentreId is not null).ToLookup(m => m.WorkCentreId!.Value);
        byDepartment = working.ToLookup(m => m.DepartmentId);
        var active = people.Where(p => p.Active).ToList();
        skilled = active.SelectMany(p => p.Skills.Select(s => (s.StageId, Person: p))).ToLookup(x => x.StageId, x => x.Person);
        ofDepartment = active.SelectMany(p => p.FurtherDepartments.Append(p.DepartmentId).Distinct().Select(d => (Department: d, Person: p))).ToLookup(x => x.Department, x => x.Person);
        absences = away.ToLookup(a => a.EmployeeId);
    }

    public PlantClock Clock { get; }
    public PlantCalendar Calendar { get; }
    public DateTimeOffset Now { get; }
    public IReadOnlyDictionary<long, Department> Departments { get; }
    public IReadOnlyDictionary<long, Stage> Stages { get; }
    public IReadOnlyDictionary<long, WorkCentre> WorkCentres { get; }
    public IReadOnlyDictionary<long, Machine> Machines { get; }
    public ILookup<long, MachineWindow> Windows { get; }

    /// <summary>The first production day that is not over.</summary>
    public DateOnly Today => Clock.DateOf(Now);

    /// <summary>Machines in service that can run a stage, of one work centre only if asked.</summary>
    public IEnumerable<Machine> MachinesFor(long stage, long? centre = null) => byStage[stage].Where(m => centre is null || m.WorkCentreId == centre).OrderBy(m => m.Id);

    public bool HasMachines(long department) => byDepartment.Contains(department);

    /// <summary>When a place works: a machine by its own calendar without its windows, anything else by its department's.</summary>
    public PlaceTime TimeOf(long department, long? machine)
    {
        if (machine is { } id)
        {
            department = Machines.GetValueOrDefault(id)?.DepartmentId ?? department;
            if (!Calendar.Differs(id) && !Windows.Contains(id))
                machine = null;   // as its department
        }
        return times.GetOrAdd((department, machine), key => new(Calendar, Clock, key.Department, key.Machine, key.Machine is { } m ? [.. Windows[m].Select(w => w.Span)] : []));
    }

    /// <summary>Standard minutes per piece on a machine: the step's ÷ the machine's speed; where the step has none, the machine's own ideal; else none.</summary>
    public static decimal? RunMinutes(decimal? step, Machine? machine) => (step, machine) switch
    {
        ({ } minutes, { SpeedFactor: > 0 and not 1 } m) => Math.Round(minutes / m.SpeedFactor, 6),
        ({ } minutes, _) => minutes,
        (null, { } m) => m.IdealMinutes,
        _ => null,
    };

    /// <inheritdoc cref="RunMinutes(decimal?, Machine?)"/>
    public decimal? RunMinutes(decimal? step, long? machine) => RunMinutes(step, machine is { } id ? Machines.GetValueOrDefault(id) : null);

    /// <summary>When a job of a stage that begins then ends: after its working time, its lead days or its hours of waiting.</summary>
    public DateTimeOffset? EndOf(long stage, long department, long? machine, DateTimeOffset start, decimal minutes) => Stages.GetValueOrDefault(stage) switch
    {
        { Kind: StageKind.External } s => AfterDays(start, s.LeadDays ?? 0),
        { Kind: StageKind.Wait } s => start + PlannedLoad.WorkOf((s.WaitHours ?? 0) * 60),
        _ => TimeOf(department, machine).Add(start, PlannedLoad.WorkOf(minutes)),
    };

    /// <summary>The same time of day so many days later.</summary>
    private DateTimeOffset AfterDays(DateTimeOffset start, int days)
    {
        var local = Clock.Local(start).TimeOfDay;
        return Clock.At(Clock.DateOf(start).AddDays(days), (int)local.TotalMinutes) + TimeSpan.FromTicks(local.Ticks % TimeSpan.TicksPerMinute);
    }

    /// <summary>The window that stands in a machine's way at an instant, or null.</summary>
    public MachineWindow? WindowAt(long machine, DateTimeOffset at) => Windows[machine].FirstOrDefault(w => w.Span.Contains(at));

    /// <summary>The pools a load weighs on, each with its minutes and units. A supplier's and a waiting stage have none.</summary>
    public IReadOnlyList<(Pool Pool, decimal Minutes, decimal Units)> PoolsOf(PlannedLoad load)
    {
        var stage = Stages.GetValueOrDefault(load.StageId);
        if (stage is { Kind: StageKind.External or StageKind.Wait })
            return [];
        var machine = load.MachineId is { } id ? Machines.GetValueOrDefault(id) : null;
        var minutes = load.Minutes;
        // A department's minutes are its machines'; only one without machines is measured by its people.
        var counts = machine is not null || stage is null or { Kind: StageKind.Machine } || !HasMachines(load.DepartmentId);
        var home = machine?.DepartmentId ?? load.DepartmentId;
        List<(Pool, decimal, decimal)> pools = [(Pool.Department(load.DepartmentId), counts && home == load.DepartmentId ? minutes : 0, load.LastHere ? load.Rest : 0), (Pool.Stage(load.StageId), minutes, load.Rest)];
        if (home != load.DepartmentId)
            pools.Add((Pool.Department(home), minutes, 0));
        if ((machine?.WorkCentreId ?? load.WorkCentreId) is { } centre)
            pools.Add((Pool.WorkCentre(centre), minutes, load.Rest));
        if (load.MachineId is { } m)
            pools.Add((Pool.Machine(m), minutes, load.Rest));
        pools.Add((Pool.Labour(load.StageId), (machine is { Unattended: true } ? load.Setup : minutes) * Math.Max(1, load.Crew), load.Rest));
        return pools;
    }

    /// <summary>What a pool can do on a production day from now on: standard minutes, and units where a capacity per day is set. Null: nothing limits it.</summary>
    public (decimal? Minutes, decimal? Units) CapacityOf(Pool pool, DateOnly day) => capacities.GetOrAdd((pool, day), static (key, me) => me.Count(key.Item1, key.Item2), this);

    /// <summary>The pool's own name; labour has its stage's.</summary>
    public string NameOf(Pool pool) => pool.Kind switch
    {
        PoolKind.Department => Departments.GetValueOrDefault(pool.Id)?.Name,
        PoolKind.WorkCentre => WorkCentres.GetValueOrDefault(pool.Id)?.Name,
        PoolKind.Machine => Machines.GetValueOrDefault(pool.Id)?.Number,
        _ => Stages.GetValueOrDefault(pool.Id)?.Name,
    } ?? "";

    private (decimal? Minutes, decimal? Units) Count(Pool pool, DateOnly day) => pool.Kind switch
    {
        PoolKind.Machine => (Machines.TryGetValue(pool.Id, out var machine) ? MinutesOf(machine, day) : null, null),
        PoolKind.WorkCentre => (Sum(byCentre[pool.Id], day), null),
        PoolKind.Stage when Stages.GetValueOrDefault(pool.Id) is { Kind: not (StageKind.External or StageKind.Wait) } stage => (Sum(byStage[pool.Id], day), UnitsOf(stage.DepartmentId, byStage[pool.Id], stage.CapacityPerDay, day)),
        PoolKind.Department => (Sum(byDepartment[pool.Id], day) ?? PeopleOf(pool.Id, day), UnitsOf(pool.Id, byDepartment[pool.Id], Departments.GetValueOrDefault(pool.Id)?.CapacityPerDay, day)),
        PoolKind.Labour when Stages.GetValueOrDefault(pool.Id) is { } stage => (LabourOf(stage, day), null),
        _ => (null, null),
    };

    private decimal? Sum(IEnumerable<Machine> machines, DateOnly day) => machines.Aggregate((decimal?)null, (sum, m) => (sum ?? 0) + MinutesOf(m, day));

    private decimal MinutesOf(Machine machine, DateOnly day) => machine.RetiredAt is not null ? 0 : machine.Slots * Minutes(TimeOf(machine.DepartmentId, machine.Id).LengthOf(day, Now));

    /// <summary>The share of the day's working time that is left of the units; where the department is closed, of its machines' time.</summary>
    private decimal? UnitsOf(long department, IEnumerable<Machine> machines, decimal? perDay, DateOnly day)
    {
        if (perDay is not { } units)
            return null;
        var (left, whole) = Left(TimeOf(department, null), day);
        if (whole == TimeSpan.Zero)
            foreach (var machine in machines)
            {
                var (l, w) = Left(TimeOf(machine.DepartmentId, machine.Id), day);
                (left, whole) = (left + l, whole + w);
            }
        return whole == TimeSpan.Zero ? 0 : Math.Round(units * left.Ticks / whole.Ticks, 6);
    }

    private (TimeSpan Left, TimeSpan Whole) Left(PlaceTime time, DateOnly day) => (time.LengthOf(day, Now), time.LengthOf(day, DateTimeOffset.MinValue));

    private decimal? LabourOf(Stage stage, DateOnly day) => !skilled.Contains(stage.Id) ? null
        : skilled[stage.Id].Where(p => p.Skills.Any(s => s.StageId == stage.Id && (s.ExpiresOn is null || day <= s.ExpiresOn))).Sum(p => PersonOf(p, stage.DepartmentId, day) * Math.Max(1, p.Slots));

    private decimal? PeopleOf(long department, DateOnly day)
    {
        var able = ofDepartment[department].Where(p => p.Skills.Any(s => Stages.GetValueOrDefault(s.StageId)?.DepartmentId == department && (s.ExpiresOn is null || day <= s.ExpiresOn))).ToList();
        return able.Count == 0 ? null : able.Sum(p => PersonOf(p, department, day));
    }

    /// <summary>A person works one shift a day: the one that leaves them most time, without their absences.</summary>
    private decimal PersonOf(Employee person, long department, DateOnly day)
    {
        var away = absences[person.Id].Select(a => new Span(a.StartsAt, a.EndsAt)).Append(new(DateTimeOffset.MinValue, Now)).ToList();
        return Calendar.ShiftsOf(department, null, day).Select(s => Minutes(s.Working.Subtract(away).Total())).DefaultIfEmpty(0).Max();
    }

    private static decimal Minutes(TimeSpan span) => (decimal)span.Ticks / TimeSpan.TicksPerMinute;
}
