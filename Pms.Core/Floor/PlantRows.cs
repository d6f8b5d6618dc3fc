namespace Pms.Core.Floor;

/// <summary>
/// What the last whole reading told and the changes since, found by id: a tap in a plant of a thousand machines touches its own few rows.
/// Not for several threads at once; what it hands out is a copy.
/// </summary>
internal sealed class PlantRows
{
    private readonly RowTable<MachineRunRow> runs;
    private readonly RowTable<StartedJob> started;
    private readonly RowTable<NextJob> next;
    private readonly RowTable<JobCounts> counts;
    private readonly RowTable<ReportRow> reports;
    private readonly RowTable<StandingTicket> tickets;
    private readonly RowTable<PersonSpan> work, presences;
    private readonly RowTable<AllocationRow> allocations;
    private readonly RowIndex<MachineRunRow> runsOfJob, runsOfMachine;
    private readonly RowIndex<StartedJob> startedById, startedOnMachine, startedInDepartment;
    private readonly RowIndex<NextJob> nextOfMachine;
    private readonly RowIndex<JobCounts> countsOfDepartment;
    private readonly RowIndex<ReportRow> reportsOfJob, reportsOfMachine, reportsOfDepartment;
    private readonly RowIndex<StandingTicket> ticketsOfMachine;
    private readonly RowIndex<PersonSpan> workOfPerson, workOfJob, workOnMachine, presencesOfPerson, presencesInDepartment;
    private readonly RowIndex<AllocationRow> allocationsOfMachine, allocationsOfPerson;

    public PlantRows(FloorRead read)
    {
        Tails = read.Tails;
        (runs, started, next, counts) = (new(read.Runs), new(read.Started), new(read.Next), new(read.Counts));
        (reports, tickets, work, presences) = (new(read.Reports), new(read.Tickets), new(read.Work), new(read.Presences));
        allocations = new(read.Allocations);
        (runsOfJob, runsOfMachine) = (runs.By(r => r.JobId), runs.By(r => r.MachineId));
        (startedById, startedOnMachine, startedInDepartment) = (started.By(j => j.Id), started.By(j => j.MachineId), started.By(j => j.DepartmentId));
        (nextOfMachine, countsOfDepartment) = (next.By(n => n.MachineId), counts.By(c => c.DepartmentId));
        (reportsOfJob, reportsOfMachine, reportsOfDepartment) = (reports.By(r => r.JobId), reports.By(r => r.MachineId), reports.By(r => r.DepartmentId));
        ticketsOfMachine = tickets.By(t => t.MachineId);
        (workOfPerson, workOfJob, workOnMachine) = (work.By(w => w.EmployeeId), work.By(w => w.JobId), work.By(w => w.MachineId));
        (presencesOfPerson, presencesInDepartment) = (presences.By(p => p.EmployeeId), presences.By(p => p.DepartmentId));
        (allocationsOfMachine, allocationsOfPerson) = (allocations.By(a => a.MachineId), allocations.By(a => a.EmployeeId));
    }

    /// <inheritdoc cref="FloorRead.Tails"/>
    public IReadOnlyDictionary<long, StepTail> Tails { get; private set; }

    /// <summary>Puts what was read again in the place of what stood there.</summary>
    public void Put(FloorRead part, FloorChanges changes)
    {
        runs.Replace(runsOfJob.Of(changes.Jobs), part.Runs);
        started.Replace(startedById.Of(changes.Jobs), part.Started);
        next.Replace(nextOfMachine.Of(changes.Queues), part.Next);
        counts.Replace(countsOfDepartment.Of(changes.Departments), part.Counts);
        reports.Replace(reportsOfJob.Of(changes.Jobs), part.Reports);
        tickets.Replace(ticketsOfMachine.Of(changes.Stands), part.Tickets);
        work.Replace(workOfPerson.Of(changes.Employees).Concat(workOfJob.Of(changes.Jobs)), part.Work);
        presences.Replace(presencesOfPerson.Of(changes.Clocks), part.Presences);
        allocations.Replace(allocationsOfMachine.Of(changes.Given), part.Allocations);
        Tails = part.Tails;
    }

    /// <summary>The machines whose tiles the changes touch as the rows stand now: named, or of a named job, or where a named person works or is given to.</summary>
    public IEnumerable<long> MachinesOf(FloorChanges changes) =>
    [
        .. changes.Queues, .. changes.Stands, .. changes.Given,
        .. startedById.Of(changes.Jobs).Select(j => j.MachineId).OfType<long>(),
        .. workOfPerson.Of(changes.Employees).Select(w => w.MachineId).OfType<long>(),
        .. allocationsOfPerson.Of(changes.Employees).Select(a => a.MachineId),
    ];

    /// <summary>What these machines' tiles are made of.</summary>
    public FloorRead OfMachines(IReadOnlySet<long> machines)
    {
        var on = startedOnMachine.Of(machines).ToList();
        var jobs = on.Select(j => j.Id).ToList();
        var given = allocationsOfMachine.Of(machines).ToList();
        var worked = workOnMachine.Of(machines).ToList();
        return new FloorRead
        {
            Runs = [.. runsOfMachine.Of(machines), .. runsOfJob.Of(jobs).Where(r => !machines.Contains(r.MachineId))],
            Started = on,
            Next = [.. nextOfMachine.Of(machines)],
            Reports = [.. reportsOfMachine.Of(machines), .. reportsOfJob.Of(jobs).Where(r => r.MachineId is not { } m || !machines.Contains(m))],
            Tickets = [.. ticketsOfMachine.Of(machines)],
            Work = worked,
            Presences = [.. presencesOfPerson.Of(given.Select(a => a.EmployeeId).Concat(worked.Select(w => w.EmployeeId)).Distinct())],
            Allocations = given,
        };
    }

    /// <summary>What this department's figures are made of.</summary>
    public FloorRead OfDepartment(long department) => new()
    {
        Started = [.. startedInDepartment[department]],
        Counts = [.. countsOfDepartment[department]],
        Reports = [.. reportsOfDepartment[department]],
        Presences = [.. presencesInDepartment[department]],
    };

    /// <summary>What these jobs brought, in the order of their reports, and what they are at.</summary>
    public FloorRead OfJobs(IReadOnlySet<long> jobs) => new()
    {
        Runs = [.. runsOfJob.Of(jobs)],
        Started = [.. startedById.Of(jobs)],
        Reports = [.. reportsOfJob.Of(jobs)],
        Work = [.. workOfJob.Of(jobs)],
        Tails = Tails,
    };
}
