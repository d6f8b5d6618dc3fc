using System.Globalization;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Planning;

/// <summary>A window of the plan, of all departments that may be seen or of one.</summary>
public sealed record ScheduleRequest(Span Window, long? DepartmentId = null);

/// <summary>
/// Shows the plan to whoever may see jobs, in their departments, and what is unplanned to whoever may plan. What is done with a job goes through the
/// jobs' own planning service.
/// </summary>
public sealed class ScheduleService(ScheduleQueries queries, IEnumerable<IMachineBlocks> blocks, Calendars calendars, FieldRules fields, Rights rights, PlantClock clock)
{
    /// <summary>A longer window is a report.</summary>
    public const int MostDays = 62;

    /// <summary>Bars that one board can show; a window with more says so.</summary>
    public const int MostJobs = 2000;

    /// <summary>Items looked at in one round, and rounds in one answer, for the unplanned work.</summary>
    private const int ItemsAtOnce = 100, MostRounds = 20;

    /// <summary>The filters that say which window is listed; all else filters within it.</summary>
    private static readonly string[] WindowFilters = ["from", "to"];

    /// <summary>How the list can be asked; <c>from</c> and <c>to</c> name its window.</summary>
    public static ListShape Shape { get; } = ScheduleQueries.Shape with { Filters = [.. ScheduleQueries.Shape.Filters.Concat(WindowFilters).Order(StringComparer.Ordinal)] };

    /// <exception cref="InvalidException">to: before_start, too_large.</exception>
    public async Task<Schedule> WindowAsync(Actor actor, ScheduleRequest request, CancellationToken ct = default)
    {
        var scope = rights.DemandDepartments(actor, Permissions.JobsView);
        Demand(request.Window);
        var (departments, centres, machines) = await queries.PlantAsync(ct);
        departments = Seen(departments, scope);
        var asked = Narrow(departments, request.DepartmentId);
        var (now, sight) = (clock.Now, OrderSight.Of(fields, actor));
        IReadOnlyList<PlannedJob> jobs = asked.Count == 0 ? [] : await queries.JobsAsync(asked, request.Window, now, MostJobs + 1, ct);
        var left = jobs.Count <= MostJobs ? LeftOut.Nothing : jobs[MostJobs].IsOpen ? LeftOut.Some : LeftOut.Finished;
        var seen = departments.Select(d => d.Id).ToHashSet();
        return new Schedule
        {
            Window = request.Window, At = now, Departments = departments, Centres = [.. centres.Where(c => seen.Contains(c.DepartmentId))], Machines = [.. machines.Where(m => seen.Contains(m.DepartmentId))],
            Jobs = [.. jobs.Take(MostJobs).Where(j => left == LeftOut.Nothing || j.IsOpen).Select(j => Judged(j, now, sight))], LeftOut = left,
            Blocks = [.. (await BlocksAsync(request.Window, null, ct)).Where(b => machines.Any(m => m.Id == b.MachineId && asked.Contains(m.DepartmentId)))],
        };
    }

    /// <summary>The same jobs as a list that is searched, sorted and paged; without a window, those of today.</summary>
    /// <exception cref="InvalidException">A filter or sort that isn't known, a window that isn't one.</exception>
    public async Task<Page<PlannedJob>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        var (scope, sight) = (rights.DemandDepartments(actor, Permissions.JobsView), OrderSight.Of(fields, actor));
        sight.DemandSort(request.Sort);
        var window = new Span(Instant(request, "from") ?? clock.At(clock.Today, 0), Instant(request, "to") ?? clock.At(clock.Today.AddDays(1), 0));
        Demand(window);
        var departments = Seen((await queries.PlantAsync(ct)).Departments, scope).Select(d => d.Id).ToList();
        if (departments.Count == 0)
            return new([], 0);
        var now = clock.Now;
        var page = await queries.PageAsync(request with { Filters = request.Filters.Where(f => !WindowFilters.Contains(f.Key, StringComparer.OrdinalIgnoreCase)).ToDictionary() }, departments, window, now, ct);
        return page.Select(j => Judged(j, now, sight));
    }

    /// <summary>One job with what comes before and after it in its item's path.</summary>
    public async Task<JobInPlan> JobAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var job = await queries.FindAsync(id, ct) ?? throw new NotFoundException("job", id);
        rights.Demand(actor, Permissions.JobsView, job.DepartmentId);
        var (item, steps, jobs, hold) = await queries.PathAsync(job.ItemId, id, ct);
        if (item is null || steps.FirstOrDefault(s => s.Id == job.StepId) is not { } own)
            throw new NotFoundException("job", id);
        var now = clock.Now;
        var groups = new List<List<StepRow>>();
        foreach (var step in steps)
        {
            if (groups.Count == 0 || !step.Parallel)
                groups.Add([]);
            groups[^1].Add(step);
        }
        var group = groups.FindIndex(g => g.Any(s => s.Id == own.Id));
        var flow = item.Flow(steps);
        var at = job.At(now);
        return new JobInPlan
        {
            Job = Judged(job, now, OrderSight.Of(fields, actor)), Line = item.Line, ItemQuantity = item.Quantity, HoldId = hold,
            Before = group > 0 ? [.. groups[group - 1].Select(s => Neighbour(s, j => j.Status == JobStatus.Finished || !job.IsOpen || PathOrder.Fits(j.At, j.Planned, s.TransferQuantity, at)))] : [],
            After = group + 1 < groups.Count ? [.. groups[group + 1].Select(s => Neighbour(s, j => j.Status == JobStatus.Finished || !job.IsOpen || PathOrder.Fits(at, job.Planned, own.TransferQuantity, j.At)))] : [],
        };

        NeighbourStep Neighbour(StepRow step, Func<NeighbourJob, bool> fits) =>
            new(step.Id, step.Stage, step.Required ? flow.Need(step.Id) : 0, [.. jobs.Where(j => j.StepId == step.Id).Select(j => j with { Wrong = !fits(j) })]);
    }

    /// <summary>Steps of open orders with need, in the departments in which the actor may plan.</summary>
    public async Task<Unplanned> UnplannedAsync(Actor actor, UnplannedRequest request, CancellationToken ct = default)
    {
        var (scope, sight) = (rights.DemandDepartments(actor, Permissions.PlanningSchedule), OrderSight.Of(fields, actor));
        if (sight.HidesPriority && request.Priority is not null)
            throw new InvalidException(nameof(request.Priority), "field.hidden", nameof(request.Priority));
        if (sight.HidesDue && request.Late)
            throw new InvalidException(nameof(request.Late), "field.hidden", nameof(request.Late));
        if (request.Take is < 1 or > PageRequest.MaxSize)
            throw new InvalidException(nameof(request.Take), "between", 1, PageRequest.MaxSize);
        var departments = Narrow(Seen((await queries.PlantAsync(ct)).Departments, scope), request.DepartmentId);
        var found = new List<UnplannedStep>();
        var today = clock.Today;
        for (var round = 0; round < MostRounds && departments.Count > 0; round++)
        {
            var items = await queries.OpenItemsAsync(request, departments, today, ItemsAtOnce, ct);
            var paths = items.Count == 0 ? null : (await queries.StepsAsync([.. items.Select(i => i.Id)], ct)).ToLookup(s => s.ItemId);
            foreach (var item in items)
            {
                found.AddRange(Needs(item, paths![item.Id].ToList(), departments, today, sight));
                request = request with { After = new(item.DueOn, item.Id) };
                if (found.Count >= request.Take)
                    return new(found, request.After);
            }
            if (items.Count < ItemsAtOnce)
                return new(found, null);
        }
        return new(found, departments.Count == 0 ? null : request.After);
    }

    /// <summary>A machine with its jobs, what keeps it from them, its stops and open tickets.</summary>
    /// <exception cref="NotFoundException">No such machine in service, or not in a department the actor may see.</exception>
    public async Task<MachinePlan> MachineAsync(Actor actor, long machineId, Span window, CancellationToken ct = default)
    {
        var scope = rights.DemandDepartments(actor, Permissions.JobsView);
        Demand(window);
        var machine = (await queries.PlantAsync(ct)).Machines.FirstOrDefault(m => m.Id == machineId && scope?.Contains(m.DepartmentId) != false) ?? throw new NotFoundException("machine", machineId);
        var (now, sight) = (clock.Now, OrderSight.Of(fields, actor));
        var (jobs, halts, tickets) = await queries.MachineAsync(machineId, window, now, ct);
        return new MachinePlan
        {
            Machine = machine, Window = window, At = now, Jobs = [.. jobs.Select(j => Judged(j, now, sight))], Blocks = await BlocksAsync(window, machineId, ct), Tickets = tickets,
            Halts = [.. halts.SelectMany(h => Worked(h, machine, now))],
        };
    }

    /// <summary>Departments and machines to choose from, as far as the actor sees jobs of them.</summary>
    public async Task<(IReadOnlyList<PlanDepartment> Departments, IReadOnlyList<PlanMachine> Machines)> MachinesAsync(Actor actor, CancellationToken ct = default)
    {
        var scope = rights.DemandDepartments(actor, Permissions.JobsView);
        var (departments, _, machines) = await queries.PlantAsync(ct);
        departments = Seen(departments, scope);
        return (departments, [.. machines.Where(m => departments.Any(d => d.Id == m.DepartmentId))]);
    }

    /// <summary>Open, and its end has passed or lies behind the end of its due day, where that may be seen.</summary>
    private PlannedJob Judged(PlannedJob job, DateTimeOffset now, OrderSight sight)
    {
        var due = sight.Due(job.DueOn);
        return job with { DueOn = due, Priority = sight.Priority(job.Priority), Late = job.IsOpen && (job.PlannedEnd < now || due is { } day && job.PlannedEnd > clock.At(day.AddDays(1), 0)) };
    }

    /// <summary>A stop counts in working time only: nobody misses the machine at night.</summary>
    private IEnumerable<MachineHalt> Worked(MachineHalt halt, PlanMachine machine, DateTimeOffset now) =>
        calendars.Now.WorkingTime(machine.DepartmentId, machine.Id, halt.From, halt.To ?? now).Select(s => halt with { From = s.Start, To = s.End });

    private async Task<IReadOnlyList<MachineBlock>> BlocksAsync(Span window, long? machineId, CancellationToken ct)
    {
        var found = new List<MachineBlock>();
        foreach (var source in blocks)
            found.AddRange(await source.InAsync(window, machineId, ct));
        return found;
    }

    private static IEnumerable<UnplannedStep> Needs(ItemRow item, IReadOnlyList<StepRow> steps, IReadOnlyCollection<long> departments, DateOnly today, OrderSight sight)
    {
        var flow = item.Flow(steps);
        foreach (var step in steps.Where(s => s.Required && departments.Contains(s.DepartmentId)))
            if (flow.Need(step.Id) is > 0 and var need)
                yield return new UnplannedStep
                {
                    StepId = step.Id, OrderId = item.OrderId, OrderNumber = item.OrderNumber, Line = item.Line, Product = item.Product, Unit = item.Unit, StageId = step.StageId, Stage = step.Stage,
                    DepartmentId = step.DepartmentId, DueOn = sight.Due(item.DueOn), Priority = sight.Priority(item.Priority), Late = sight.Due(item.DueOn) < today, Held = item.Held, Need = need,
                    Minutes = step.RunMinutes is { } run ? step.SetupMinutes + run * need : null,
                };
    }

    private static IReadOnlyList<PlanDepartment> Seen(IReadOnlyList<PlanDepartment> departments, IReadOnlySet<long>? scope) => scope is null ? departments : [.. departments.Where(d => scope.Contains(d.Id))];

    private static IReadOnlyCollection<long> Narrow(IReadOnlyList<PlanDepartment> departments, long? one) => [.. departments.Where(d => one is null || d.Id == one).Select(d => d.Id)];

    private static DateTimeOffset? Instant(PageRequest request, string name) => request.Filters.FirstOrDefault(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } text
        ? Data.ListQuery.Instant(text) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(ms, CultureInfo.InvariantCulture)) : throw new InvalidException(name, "not_valid", text) : null;

    private static void Demand(Span window)
    {
        if (window.IsEmpty)
            throw new InvalidException("to", "before_start");
        if (window.Length > TimeSpan.FromDays(MostDays))
            throw new InvalidException("to", "too_large", MostDays);
    }
}
