using System.Globalization;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Floor.JobBoard;

/// <summary>What the managers' job table asks: a search, a status word, a department, a page.</summary>
public sealed record JobBoardRequest
{
    public string? Search { get; init; }

    /// <summary>Open, Late, or one status of a job.</summary>
    public string Status { get; init; } = "Open";
    public long? DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public string? Sort { get; init; }
    public int Index { get; init; }
    public int Size { get; init; } = 25;
}

/// <summary>Shows jobs to whoever may see them in their departments; what is done with one goes through the jobs' own service.</summary>
public sealed class JobBoardService(JobBoardQueries queries, FieldRules fields, Rights rights, PlantClock clock)
{
    /// <summary>How the list of jobs can be asked.</summary>
    public static ListShape Shape => JobBoardQueries.Shape;

    public Task<Page<JobRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default) =>
        ReadAsync(actor, request, rights.DemandDepartments(actor, Permissions.JobsView), ct);

    public Task<Page<JobRow>> PageAsync(Actor actor, JobBoardRequest request, CancellationToken ct = default)
    {
        var scope = rights.DemandDepartments(actor, Permissions.JobsView);
        var filters = new Dictionary<string, string>();
        var now = clock.Now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        switch (request.Status)
        {
            case "Open": filters["status"] = "Planned,Running,Paused"; break;
            case "Late": filters["lateat"] = now; break;
            default: filters["status"] = request.Status; break;
        }
        if (request.DepartmentId is { } department)
            filters["department"] = department.ToString(CultureInfo.InvariantCulture);
        if (request.MachineId is { } machine)
            filters["machine"] = machine.ToString(CultureInfo.InvariantCulture);
        // Finished jobs are without number, so they come only in the order of their index.
        var sort = request.Status != nameof(JobStatus.Finished) ? request.Sort : request.Sort == "finished" ? "finished" : "-finished";
        return ReadAsync(actor, new PageRequest { Search = request.Search, Filters = filters, Sort = sort, Index = request.Index, Size = request.Size }, scope, ct);
    }

    /// <summary>The columns of the kanban, each at most <paramref name="most"/> jobs: planned, running, paused, and finished since the plant's midnight.</summary>
    public async Task<IReadOnlyDictionary<JobStatus, Page<JobRow>>> KanbanAsync(Actor actor, JobBoardRequest request, int most, CancellationToken ct = default)
    {
        var scope = rights.DemandDepartments(actor, Permissions.JobsView);
        var midnight = clock.At(clock.Today, 0).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var columns = new Dictionary<JobStatus, Page<JobRow>>();
        foreach (var status in (JobStatus[])[JobStatus.Planned, JobStatus.Running, JobStatus.Paused, JobStatus.Finished])
        {
            var filters = new Dictionary<string, string> { ["status"] = status.ToString() };
            if (request.DepartmentId is { } department)
                filters["department"] = department.ToString(CultureInfo.InvariantCulture);
            if (status == JobStatus.Finished)
                filters["finishedfrom"] = midnight;
            columns[status] = await ReadAsync(actor, new PageRequest { Search = request.Search, Filters = filters, Sort = status == JobStatus.Finished ? "-finished" : "start", Size = most }, scope, ct);
        }
        return columns;
    }

    public async Task<JobRow> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var job = await queries.FindAsync(id, ct) ?? throw new NotFoundException("job", id);
        rights.Demand(actor, Permissions.JobsView, job.DepartmentId);
        return job.As(OrderSight.Of(fields, actor));
    }

    /// <summary>For whoever may assign in the job's department.</summary>
    public async Task<JobChoices> ChoicesAsync(Actor actor, JobRow job, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.JobsAssign, job.DepartmentId);
        var (choices, sight) = (await queries.ChoicesAsync(job, clock.Now, clock.Today, ct), OrderSight.Of(fields, actor));
        return sight.IsWhole ? choices : choices with { Queue = [.. choices.Queue.Select(j => j.As(sight))] };
    }

    private async Task<Page<JobRow>> ReadAsync(Actor actor, PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct)
    {
        var sight = OrderSight.Of(fields, actor);
        sight.DemandSort(request.Sort);
        var page = await queries.PageAsync(request, scope, ct);
        return sight.IsWhole ? page : page.Select(j => j.As(sight));
    }

    public bool MayAssign(Actor actor, JobRow job) => rights.Allows(actor, Permissions.JobsAssign, job.DepartmentId);
}
