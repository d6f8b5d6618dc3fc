using Pms.Core.Floor.JobBoard;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Jobs;

/// <summary>Planning for programs, on /api/v1/jobs and /api/v1/steps: place, move, assign, order, split, take back; each on the version that was read.</summary>
public static class PlanningApi
{
    /// <summary>Bodies: the requests without the job's id and version, which stand in the path and in If-Match.</summary>
    public sealed record MoveBody(DateTimeOffset Start, long? MachineId = null, string? Reason = null);

    public sealed record AssignBody(long? EmployeeId, bool Locked = false);

    public sealed record SequenceBody(long? BeforeJobId = null);

    public sealed record SplitBody(decimal Quantity);

    public sealed record ReasonBody(string Reason);

    /// <summary>The step that was taken as complete, or no longer is.</summary>
    public sealed record AcceptedShort(long StepId);

    private static readonly string[] Places = ["job.order_cancelled", "order.closed", "job.on_hold", "job.machine_retired", "job.machine_cant", "job.machine_stands", "plan.machine_downtime", "plan.past", "plan.closed", "calendar.no_working_time", "release.stage_off", "release.department_off",
        "capacity.over_minutes", "capacity.over_units", "capacity.over_people", "capacity.over_closed", "reason_needed"];
    private static readonly string[] States = ["job.not_started", "job.already_running", "job.is_paused", "job.already_finished", "job.is_cancelled"];

    public static void MapPlanningApi(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapApi("jobs");
        jobs.MapCreate<PlanJob, JobResult>("/", (http, body) => Service(http).PlanAsync(http.Actor(), body, http.Key(), http.RequestAborted), j => $"jobs/{j.JobId}")
            .Says("PlanJob", "Place a job for a step of an order").Refuses(StatusCodes.Status404NotFound, "not_found").Refuses(Places).Refuses("job.more_than_needed").Example(new { stepId = 31, quantity = 50, start = "2026-11-24T06:00:00Z", machineId = 14 });
        jobs.MapOne("/{id:long}/plan", RowAsync, j => j.Version).Says("GetJobPlan", "Read a job's place in the plan, with the version that planning commands need");
        Plans<MoveBody>("move", "MoveJob", "Move a planned job in time or to another machine", (http, b, v) => Service(http).MoveAsync(http.Actor(), new MoveJob(http.Id(), b!.Start, v, b.MachineId, b.Reason), http.Key(), http.RequestAborted)).Refuses(Places).Example(new { start = "2026-11-24T08:00:00Z", machineId = 15 });
        Plans<AssignBody>("assign", "AssignJob", "Suggest or fix who works on a job", (http, b, v) => Service(http).AssignAsync(http.Actor(), new AssignJob(http.Id(), b!.EmployeeId, b.Locked, v), http.Key(), http.RequestAborted)).Refuses("job.not_of_department").Example(new { employeeId = 31, locked = false });
        Plans<SequenceBody>("sequence", "SequenceJob", "Put a planned job before another of its machine, or last", (http, b, v) => Service(http).SequenceAsync(http.Actor(), new SequenceJob(http.Id(), b!.BeforeJobId, v), http.Key(), http.RequestAborted)).Example(new { beforeJobId = 77 });
        Plans<SplitBody>("split", "SplitJob", "Cut a quantity off into a second job", (http, b, v) => Service(http).SplitAsync(http.Actor(), new SplitJob(http.Id(), b!.Quantity, v), http.Key(), http.RequestAborted)).Refuses("job.split_too_much").Example(new { quantity = 200 });
        Plans<object>("unplan", "UnplanJob", "Give a paused job back to the planner; what was made stays", (http, _, v) => Service(http).UnplanAsync(http.Actor(), new UnplanJob(http.Id(), v), http.Key(), http.RequestAborted), true);
        Plans<ReasonBody>("cancel", "CancelJob", "Cancel a job", (http, b, v) => Service(http).CancelAsync(http.Actor(), new CancelJob(http.Id(), b!.Reason, v), http.Key(), http.RequestAborted)).Refuses("job.has_work").Example(new { reason = "Planned twice" });

        routes.MapApi("steps").MapCommand<ReasonBody, AcceptedShort>("/{id:long}/accept-short", async (http, b) =>
        {
            await Service(http).AcceptShortAsync(http.Actor(), new AcceptShort(http.Id(), b!.Reason), http.Key(), http.RequestAborted);
            return new AcceptedShort(http.Id());
        }).Says("AcceptShort", "Take a step as complete although pieces are missing").Refuses("job.order_cancelled", "order.closed", "step.complete").Example(new { reason = "The customer agreed" });
        routes.MapApi("steps").MapCommand<ReasonBody, AcceptedShort>("/{id:long}/withdraw-short", async (http, b) =>
        {
            await Service(http).WithdrawShortAsync(http.Actor(), new WithdrawShort(http.Id(), b!.Reason), http.Key(), http.RequestAborted);
            return new AcceptedShort(http.Id());
        }).Says("WithdrawShort", "Take the acceptance of a short step back; its pieces are needed again").Refuses("job.order_cancelled", "order.closed", "step.not_short").Example(new { reason = "The customer wants all of them" });

        RouteHandlerBuilder Plans<TBody>(string verb, string name, string summary, Func<HttpContext, TBody?, int, Task<JobResult>> command, bool optionalBody = false) where TBody : class =>
            jobs.MapVersioned<TBody, JobResult>($"/{{id:long}}/{verb}", async http => (await RowAsync(http)).Version, command, optionalBody).Says(name, summary).Refuses(States);
    }

    private static Task<JobRow> RowAsync(HttpContext http) => http.Service<JobBoardService>().GetAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static JobPlanningService Service(HttpContext http) => http.Service<JobPlanningService>();
}
