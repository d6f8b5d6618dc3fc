using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Floor.People;

/// <summary>What managers see of people, each figure under its own permission and only of the departments it is held for.</summary>
public sealed class PeopleService(PeopleQueries queries, DepartmentService departments, Calendars calendars, Rights rights, PlantClock clock)
{
    /// <summary>More days than this are a report, not a page.</summary>
    public const int MostDays = 92;

    /// <summary>How far back shifts are offered for approval.</summary>
    private const int ApprovalDays = 7;

    /// <summary>The people of the departments whose allocations the actor may see.</summary>
    public async Task<IReadOnlyList<FloorPerson>> PeopleAsync(Actor actor, long? departmentId, CancellationToken ct = default) =>
        await queries.PeopleAsync(await IdsAsync(actor, Permissions.AllocationsView, departmentId, ct), clock.Now, ct);

    /// <summary>Shifts of the last days that are over, of departments in which the actor approves; the latest first.</summary>
    public async Task<IReadOnlyList<ShiftToApprove>> ShiftsAsync(Actor actor, CancellationToken ct = default)
    {
        var ids = await IdsAsync(actor, Permissions.TimeApprove, null, ct);
        var names = (await departments.ActiveAsync(actor, ct)).ToDictionary(d => d.Id, d => d.Name);
        var from = clock.Today.AddDays(-ApprovalDays);
        var approved = (await queries.ApprovalsAsync(ids, from, ct)).ToDictionary(a => (a.DepartmentId, a.ShiftDay, a.ShiftId));
        var calendar = calendars.Now;
        var found = new List<ShiftToApprove>();
        foreach (var department in ids)
            for (var day = from; day <= clock.Today; day = day.AddDays(1))
                foreach (var shift in calendar.ShiftsOf(department, null, day).Where(s => s.End <= clock.Now))
                {
                    var by = approved.GetValueOrDefault((department, day, shift.ShiftId));
                    found.Add(new ShiftToApprove(department, names.GetValueOrDefault(department, ""), day, shift.ShiftId, shift.Name, shift.Start, shift.End, by?.ApprovedAt, by?.ApprovedBy));
                }
        return [.. found.OrderBy(s => s.ApprovedAt is not null).ThenByDescending(s => s.Start).ThenBy(s => s.Department)];
    }

    /// <summary>Output, time against standard and first-pass quality by person, and by department.</summary>
    public async Task<(IReadOnlyList<Performance> People, IReadOnlyList<Performance> Departments)> PerformanceAsync(Actor actor, DateOnly from, DateOnly to, long? departmentId, CancellationToken ct = default)
    {
        var ids = await IdsAsync(actor, Permissions.PerformanceView, departmentId, ct);
        var (days, start, end) = Days(ids, from, to);
        var (pieces, work) = await queries.SumsAsync(ids, days, start, end, ct);
        var people = pieces.Select(p => p.EmployeeId).OfType<long>().Concat(work.Select(w => w.EmployeeId)).Distinct().ToList();
        var names = (await queries.NamesAsync(people, ct)).ToDictionary(n => n.Id);
        var departmentNames = (await departments.ActiveAsync(actor, ct)).ToDictionary(d => d.Id, d => d.Name);
        var workOf = work.ToLookup(w => w.EmployeeId);
        var piecesOf = pieces.Where(p => p.EmployeeId is not null).ToLookup(p => p.EmployeeId!.Value);
        return (
            [.. people.Where(names.ContainsKey).Select(id => Sum(id, $"{names[id].FirstName} {names[id].LastName}", names[id].DepartmentId, piecesOf[id], workOf[id])).OrderByDescending(p => p.Made)],
            [.. ids.Select(id => Sum(id, departmentNames.GetValueOrDefault(id, ""), id, pieces.Where(p => p.DepartmentId == id), work.Where(w => w.DepartmentId == id))).OrderByDescending(p => p.Made)]);
    }

    /// <summary>The intervals and reports behind one person's figures, within the departments the actor may see.</summary>
    public async Task<IReadOnlyList<PerformanceDetail>> DetailsAsync(Actor actor, long employeeId, DateOnly from, DateOnly to, CancellationToken ct = default)
    {
        var ids = await IdsAsync(actor, Permissions.PerformanceView, null, ct);
        var (_, start, end) = Days(ids, from, to);
        return await queries.DetailsAsync(employeeId, ids, start, end, ct);
    }

    private static Performance Sum(long id, string name, long department, IEnumerable<PeopleQueries.PieceSum> pieces, IEnumerable<PeopleQueries.WorkSum> work)
    {
        var made = pieces.ToList();
        decimal? standard = 0;
        foreach (var p in made.Where(p => p.Good + p.Scrap + p.Rework != 0))
            standard += p.RunMinutes * (p.Good + p.Scrap + p.Rework);
        return new Performance
        {
            Id = id,
            Name = name,
            DepartmentId = department,
            Good = made.Sum(p => p.Good),
            Scrap = made.Sum(p => p.Scrap),
            Rework = made.Sum(p => p.Rework),
            Jobs = made.Sum(p => p.Jobs),
            StandardMinutes = standard,
            WorkedMinutes = work.Sum(w => w.Minutes),
        };
    }

    /// <summary>Production days, and the instants from the first shift's start to the last one's end: the night after the last day belongs to it.</summary>
    private (IReadOnlyList<string> Days, DateTimeOffset Start, DateTimeOffset End) Days(IReadOnlyCollection<long> departments, DateOnly from, DateOnly to)
    {
        if (to < from)
            throw new InvalidException("to", "before_start");
        if (to.DayNumber - from.DayNumber >= MostDays)
            throw new InvalidException("to", "too_large", MostDays);
        var calendar = calendars.Now;
        var start = departments.SelectMany(d => calendar.ShiftsOf(d, null, from)).Select(s => s.Start).DefaultIfEmpty(clock.At(from, 0)).Min();
        var end = departments.SelectMany(d => calendar.ShiftsOf(d, null, to)).Select(s => s.End).DefaultIfEmpty(clock.At(to, 1440)).Max();
        return ([.. Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(i => (string)DbValue.Of(from.AddDays(i))!)], start, end);
    }

    private async Task<IReadOnlyCollection<long>> IdsAsync(Actor actor, string permission, long? departmentId, CancellationToken ct)
    {
        var scope = FloorService.Narrow(rights.DemandDepartments(actor, permission), departmentId);
        return scope is null ? [.. (await departments.ActiveAsync(actor, ct)).Select(d => d.Id)] : [.. scope];
    }
}
