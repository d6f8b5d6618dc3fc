namespace Pms.Core.Floor;

/// <summary>Puts what was read again into what was read before, and cuts out of a reading what some machines' tiles are made of.</summary>
internal static class FloorMerge
{
    /// <summary>The plant as it is after the changes: their rows gone and read anew, all others kept.</summary>
    public static FloorRead With(this FloorRead before, FloorRead part, FloorChanges changes) => before with
    {
        Runs = Put(before.Runs, part.Runs, r => changes.Jobs.Contains(r.JobId)),
        Started = Put(before.Started, part.Started, j => changes.Jobs.Contains(j.Id)),
        Next = Put(before.Next, part.Next, n => changes.Machines.Contains(n.MachineId)),
        Counts = Put(before.Counts, part.Counts, c => changes.Departments.Contains(c.DepartmentId)),
        Reports = Put(before.Reports, part.Reports, r => changes.Jobs.Contains(r.JobId)),
        Tickets = Put(before.Tickets, part.Tickets, t => changes.Machines.Contains(t.MachineId)),
        Work = Put(before.Work, part.Work, w => changes.Employees.Contains(w.EmployeeId) || w.JobId is { } job && changes.Jobs.Contains(job)),
        Presences = Put(before.Presences, part.Presences, p => changes.Employees.Contains(p.EmployeeId)),
        Allocations = Put(before.Allocations, part.Allocations, a => changes.Machines.Contains(a.MachineId)),
        Loads = Put(before.Loads, part.Loads, l => changes.Orders.Contains(l.OrderId)),
        ToConfirm = Put(before.ToConfirm, part.ToConfirm, t => changes.Departments.Contains(t.DepartmentId)),
    };

    /// <summary>The machines whose tiles the changes can have touched: named, or of a named job, or where a named person works or is given to.</summary>
    public static HashSet<long> MachinesOf(this FloorChanges changes, FloorRead before, FloorRead after)
    {
        var machines = new HashSet<long>(changes.Machines);
        foreach (var read in new[] { before, after })
        {
            machines.UnionWith(read.Started.Where(j => changes.Jobs.Contains(j.Id)).Select(j => j.MachineId).OfType<long>());
            machines.UnionWith(read.Work.Where(w => changes.Employees.Contains(w.EmployeeId)).Select(w => w.MachineId).OfType<long>());
            machines.UnionWith(read.Allocations.Where(a => changes.Employees.Contains(a.EmployeeId)).Select(a => a.MachineId));
        }
        return machines;
    }

    /// <summary>Only what these machines' tiles are made of, so that indexing it doesn't cost the whole plant's rows.</summary>
    public static FloorRead Of(this FloorRead read, HashSet<long> machines)
    {
        var started = read.Started.Where(j => j.MachineId is { } m && machines.Contains(m)).ToList();
        var jobs = started.Select(j => j.Id).ToHashSet();
        var allocations = read.Allocations.Where(a => machines.Contains(a.MachineId)).ToList();
        var work = read.Work.Where(w => w.MachineId is { } m && machines.Contains(m)).ToList();
        var people = allocations.Select(a => a.EmployeeId).Concat(work.Select(w => w.EmployeeId)).ToHashSet();
        return read with
        {
            Runs = [.. read.Runs.Where(r => machines.Contains(r.MachineId) || jobs.Contains(r.JobId))],
            Started = started,
            Next = [.. read.Next.Where(n => machines.Contains(n.MachineId))],
            Reports = [.. read.Reports.Where(r => r.MachineId is { } m && machines.Contains(m) || jobs.Contains(r.JobId))],
            Tickets = [.. read.Tickets.Where(t => machines.Contains(t.MachineId))],
            Work = work,
            Presences = [.. read.Presences.Where(p => people.Contains(p.EmployeeId))],
            Allocations = allocations,
        };
    }

    private static List<T> Put<T>(IReadOnlyList<T> before, IReadOnlyList<T> anew, Func<T, bool> isAnew)
    {
        var list = new List<T>(before.Count + anew.Count);
        foreach (var row in before)
            if (!isAnew(row))
                list.Add(row);
        list.AddRange(anew);
        return list;
    }
}
