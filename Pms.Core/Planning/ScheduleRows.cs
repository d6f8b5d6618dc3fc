using Pms.Core.Jobs;

namespace Pms.Core.Planning;

/// <summary>What a line of the board stands for.</summary>
public enum RowsBy { Machines, Centres, Departments }

/// <summary>A job in its line; jobs of the same time lie in lanes below each other, so that none covers another.</summary>
public readonly record struct LaidJob(PlannedJob Job, Span At, int Lane);

/// <summary>One line of the board.</summary>
public sealed record PlanRow
{
    /// <summary>Stable, for the page: m7, c3, d1; n-c3 and n-d1 hold what has no machine yet.</summary>
    public required string Key { get; init; }
    public required string Title { get; init; }
    public string? Sub { get; init; }
    public required PlanDepartment Department { get; init; }
    public PlanMachine? Machine { get; init; }

    /// <summary>Holds the jobs that have no machine.</summary>
    public bool Unplaced { get; init; }
    public IReadOnlyList<LaidJob> Jobs { get; init; } = [];
    public int Lanes { get; init; } = 1;
    public IReadOnlyList<MachineBlock> Blocks { get; init; } = [];
}

/// <summary>Lays a schedule out in lines, grouped by department: pure, the same for every reader of the same schedule.</summary>
public static class ScheduleRows
{
    public static IReadOnlyList<PlanRow> Of(Schedule schedule, RowsBy by, IReadOnlySet<long>? departments = null)
    {
        var rows = new List<PlanRow>();
        var machines = schedule.Machines.ToDictionary(m => m.Id);
        var byMachine = schedule.Jobs.Where(j => j.MachineId is { } m && machines.ContainsKey(m)).ToLookup(j => j.MachineId!.Value);
        var placeless = schedule.Jobs.Where(j => j.MachineId is not { } m || !machines.ContainsKey(m)).ToList();
        var blocks = schedule.Blocks.ToLookup(b => b.MachineId);
        foreach (var department in schedule.Departments)
        {
            var whole = departments?.Contains(department.Id) != false;
            var own = schedule.Machines.Where(m => m.DepartmentId == department.Id && (whole || byMachine.Contains(m.Id))).ToList();
            var loose = placeless.Where(j => j.DepartmentId == department.Id).ToList();
            if (!whole && own.Count == 0 && loose.Count == 0)
                continue;
            var centres = schedule.Centres.Where(c => c.DepartmentId == department.Id).ToList();
            if (by == RowsBy.Departments)
                Add("d" + department.Id, department.Name, null, null, false, [.. own.SelectMany(m => byMachine[m.Id]), .. loose], []);
            foreach (var centre in by == RowsBy.Departments ? [] : centres.Select(c => (PlanCentre?)c).Append(null))
            {
                var members = own.Where(m => Centre(m.WorkCentreId) == centre?.Id).ToList();
                var waiting = loose.Where(j => Centre(j.WorkCentreId) == centre?.Id).ToList();
                if (by == RowsBy.Centres)
                {
                    if (members.Count > 0 || waiting.Count > 0)
                        Add(centre is null ? "c0-" + department.Id : "c" + centre.Id, centre?.Name ?? department.Name, centre is null ? null : department.Name, null, false, [.. members.SelectMany(m => byMachine[m.Id]), .. waiting], []);
                    continue;
                }
                foreach (var machine in members)
                    Add("m" + machine.Id, machine.Number, machine.Name, machine, false, byMachine[machine.Id], blocks[machine.Id]);
                if (waiting.Count > 0)
                    Add(centre is null ? "n-d" + department.Id : "n-c" + centre.Id, centre?.Name ?? department.Name, null, null, true, waiting, []);
            }

            long? Centre(long? id) => centres.Any(c => c.Id == id) ? id : null;

            void Add(string key, string title, string? sub, PlanMachine? machine, bool unplaced, IEnumerable<PlannedJob> jobs, IEnumerable<MachineBlock> stands)
            {
                var laid = Lay(jobs, schedule.At);
                rows.Add(new PlanRow
                {
                    Key = key, Title = title, Sub = sub, Department = department, Machine = machine, Unplaced = unplaced, Jobs = laid,
                    Lanes = laid.Count == 0 ? 1 : laid.Max(j => j.Lane) + 1, Blocks = [.. stands],
                });
            }
        }
        return rows;
    }

    /// <summary>The first lane that is free, in order of time.</summary>
    public static IReadOnlyList<LaidJob> Lay(IEnumerable<PlannedJob> jobs, DateTimeOffset now)
    {
        var ends = new List<DateTimeOffset>();
        var laid = new List<LaidJob>();
        foreach (var (job, at) in jobs.Select(j => (Job: j, At: j.At(now))).OrderBy(j => j.At.Start).ThenBy(j => j.Job.Id))
        {
            var lane = ends.FindIndex(end => end <= at.Start);
            if (lane < 0)
            {
                lane = ends.Count;
                ends.Add(at.End);
            }
            else
            {
                ends[lane] = at.End;
            }
            laid.Add(new LaidJob(job, at, lane));
        }
        return laid;
    }

    /// <summary>
    /// Where a job that is let go at <paramref name="wish"/> begins: behind the open jobs that are there already (where the machine does one at a time), not before now,
    /// and in working time as <paramref name="working"/> gives it.
    /// </summary>
    public static DateTimeOffset Place(PlanRow row, long? jobId, Span wish, DateTimeOffset now, Func<DateTimeOffset, DateTimeOffset> working)
    {
        var others = row.Machine is { Slots: 1 } ? row.Jobs.Where(j => j.Job.Id != jobId && j.Job.Status is JobStatus.Planned or JobStatus.Running).Select(j => j.At).ToList() : [];
        var at = working(wish.Contains(now) ? now : wish.Start);
        // Each other job can push it on once.
        for (var i = 0; i <= others.Count && others.Where(o => o.Contains(at)).Select(o => (DateTimeOffset?)o.End).Max() is { } end; i++)
            at = working(end);
        return at;
    }
}
