using Pms.Core.Departments;
using Pms.Core.Floor.People;
using Pms.Core.Identity;
using Pms.Core.Jobs;

namespace Pms.Core.Floor.ShiftStart;

/// <summary>Puts the start of a shift together from the people, the planned jobs with their readiness, and the floor's shared picture.</summary>
public sealed class ShiftStartService(PeopleService people, JobQueries jobs, FloorBoards boards, DepartmentService departments, Calendars calendars, Rights rights, PlantClock clock)
{
    /// <summary>The departments whose allocations and jobs the actor may see; null is all.</summary>
    public IReadOnlySet<long>? Scope(Actor actor)
    {
        var (one, other) = (rights.DemandDepartments(actor, Permissions.AllocationsView), rights.DemandDepartments(actor, Permissions.JobsView));
        return one is null ? other : other is null ? one : one.Intersect(other).ToHashSet();
    }

    /// <summary>Of the departments whose allocations and jobs the actor may see, or of one of them.</summary>
    public async Task<ShiftStart> ReadAsync(Actor actor, long? departmentId, CancellationToken ct = default)
    {
        var scope = FloorService.Narrow(Scope(actor), departmentId);
        IReadOnlyList<long> ids = scope is null ? [.. (await departments.ActiveAsync(actor, ct)).Select(d => d.Id)] : [.. scope];
        if (ids.Count == 0)
            return new ShiftStart();
        var calendar = calendars.Now;
        var horizon = ids.Max(d => Shown.Until(calendar, clock, d));
        var read = await jobs.LoadAsync(actor, new OperatorScope { Departments = ids, WholeDepartment = true }, horizon, JobQueries.MaxCards, ct);
        var onMachine = read.Jobs.Where(j => j.MachineId is not null).ToLookup(j => j.MachineId!.Value);
        var picture = await boards.LoadAsync(ct);
        return new ShiftStart
        {
            People = await people.PeopleAsync(actor, departmentId, ct),
            Machines = [.. picture.Floor.Of(ids.ToHashSet()).Select(t => Plan(t, [.. onMachine[t.Id]], calendar))],
            Elsewhere = [.. read.Next.Where(j => j.MachineId is null)],
            More = read.More,
        };
    }

    private MachinePlan Plan(MachineTile tile, List<OperatorJob> mine, PlantCalendar calendar)
    {
        var now = mine.Where(j => j.IsActive).OrderBy(j => j.Status == JobStatus.Paused).FirstOrDefault();
        var planned = mine.Where(j => j.Status == JobStatus.Planned).ToList();
        var next = planned.FirstOrDefault();
        var nowEnds = now is null ? (DateTimeOffset?)null : End(now, clock.Now, calendar);
        var starts = next is null ? (DateTimeOffset?)null : Later(nowEnds ?? clock.Now, Later(tile.Ticket?.ExpectedBack ?? clock.Now, clock.Now));
        return new MachinePlan
        {
            Tile = tile, Now = now, NowEnds = nowEnds, Next = next, NextStarts = starts, NextEnds = next is null ? null : End(next, starts!.Value, calendar), Behind = Math.Max(0, planned.Count - 1),
        };
    }

    /// <summary>What is left of set-up and pieces, over the working time from then; as planned where there is no standard.</summary>
    private static DateTimeOffset End(OperatorJob job, DateTimeOffset from, PlantCalendar calendar)
    {
        if (job.RunMinutes is not { } run)
            return Later(job.PlannedEnd, from);
        var setup = job.Phase == JobPhase.Run ? 0 : Math.Max(0, (double)job.SetupMinutes - TimeSpan.FromMilliseconds(job.SetupMs).TotalMinutes);
        return calendar.AddWorking(job.DepartmentId, job.MachineId, from, TimeSpan.FromMinutes(Math.Min(setup + (double)(run * job.Rest), 60 * 24 * 60)));
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
