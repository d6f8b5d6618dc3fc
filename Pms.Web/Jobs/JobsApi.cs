using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Floor.JobBoard;
using Pms.Core.Jobs;
using Pms.Core.Orders;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Jobs;

/// <summary>The shop floor's taps for programs: the same commands as the page's, each once per Idempotency-Key.</summary>
public static class JobsApi
{
    /// <summary>My jobs at this moment: what I run, what comes next, what colleagues run.</summary>
    public sealed record MyJobs(IReadOnlyList<OperatorJob> Mine, IReadOnlyList<OperatorJob> Next, IReadOnlyList<OperatorJob> Others, bool More);

    /// <summary>A job with how to do it, its item's path and what was counted.</summary>
    public sealed record JobAnswer(OperatorJob Job, IReadOnlyList<Instruction> Instructions, IReadOnlyList<FlowStep> Path, IReadOnlyList<VariantCount> Variants, IReadOnlyList<ReportLine> Reports);

    /// <summary>Bodies: the requests without the job's id, which stands in the path.</summary>
    public sealed record StartBody(long? MachineId = null, DateTimeOffset? At = null, string? Reason = null);

    public sealed record AtBody(DateTimeOffset? At = null);

    public sealed record PauseBody(long? ReasonId = null, DateTimeOffset? At = null);

    public sealed record PauseReasonBody(long ReasonId);

    public sealed record ReportBody(decimal Good = 0, decimal Scrap = 0, decimal Rework = 0, long? ScrapReasonId = null, long? VariantId = null, string? Reason = null);

    public sealed record FinishBody(decimal Good = 0, decimal Scrap = 0, decimal Rework = 0, long? ScrapReasonId = null, ShortAnswer? Answer = null, string? Reason = null, DateTimeOffset? At = null);

    public sealed record TakeOverBody(decimal Good = 0, decimal Scrap = 0, long? ScrapReasonId = null, string? Note = null, string? Reason = null);

    public sealed record EnterBody(DateTimeOffset StartedAt, DateTimeOffset EndedAt, long EmployeeId, long? MachineId = null, DateTimeOffset? RunFrom = null,
        decimal Good = 0, decimal Scrap = 0, long? ScrapReasonId = null, ShortAnswer? Answer = null, string? Reason = null);

    /// <summary>What every command on a job may run into.</summary>
    private static readonly string[] States = ["reason_needed", "job.not_started", "job.already_running", "job.is_paused", "job.already_finished", "job.is_cancelled"];

    private static readonly string[] Starts = ["job.no_employee", "job.order_cancelled", "job.order_completed", "job.on_hold", "job.locked", "job.person_busy", "job.machine_needed", "job.machine_retired", "job.machine_busy",
        "job.too_early", "job.not_free_then", "job.before_last_action"];

    public static void MapJobsApi(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapApi("jobs");
        jobs.MapList("/", JobBoardService.Shape, (http, request) => http.Service<JobBoardService>().ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListJobs", "List jobs of the departments one may see");
        jobs.MapOne("/mine", MineAsync).Says("ListMyJobs", "What I run, what comes next, what colleagues run").Refuses("job.no_employee");
        jobs.MapOne("/{id:long}", GetAsync).Says("GetJob", "Read a job with how to do it, its item's path and what was counted");
        Command<StartBody>("start", "StartJob", "Start a planned job", (http, body, service) => service.StartAsync(http.Actor(), new StartJob(http.Id(), body?.MachineId, body?.At, body?.Reason), http.Key(), http.RequestAborted), true)
            .Refuses(Starts).Example(new { machineId = 14 });
        Command<AtBody>("run-now", "RunJobNow", "End the set-up: from now on pieces are made", (http, body, service) => service.RunNowAsync(http.Actor(), new RunNow(http.Id(), body?.At), http.Key(), http.RequestAborted), true)
            .Refuses("job.not_in_setup", "job.not_yours", "job.too_early", "job.before_last_action").Example(new { });
        Command<PauseBody>("pause", "PauseJob", "Pause a running job", (http, body, service) => service.PauseAsync(http.Actor(), new PauseJob(http.Id(), body?.ReasonId, body?.At), http.Key(), http.RequestAborted), true)
            .Refuses("job.not_yours", "job.too_early", "job.before_last_action").Example(new { reasonId = 3 });
        Command<PauseReasonBody>("pause-reason", "SetPauseReason", "Say why a paused job stands", (http, body, service) => service.SetPauseReasonAsync(http.Actor(), new SetPauseReason(http.Id(), body!.ReasonId), http.Key(), http.RequestAborted))
            .Example(new { reasonId = 3 });
        Command<StartBody>("resume", "ResumeJob", "Resume a paused job", (http, body, service) => service.ResumeAsync(http.Actor(), new ResumeJob(http.Id(), body?.MachineId, body?.At, body?.Reason), http.Key(), http.RequestAborted), true)
            .Refuses(Starts).Example(new { });
        Command<ReportBody>("report", "ReportJob", "Report pieces, as increments", (http, b, service) => service.ReportAsync(http.Actor(), new ReportJob(http.Id(), b!.Good, b.Scrap, b.Rework, b.ScrapReasonId, b.VariantId, b.Reason), http.Key(), http.RequestAborted))
            .Refuses("job.not_yours").Example(new { good = 40, scrap = 2, scrapReasonId = 7 });
        Command<FinishBody>("finish", "FinishJob", "Finish a job with its last increment", (http, b, service) => service.FinishAsync(http.Actor(), new FinishJob(http.Id(), b!.Good, b.Scrap, b.Rework, b.ScrapReasonId, b.Answer, b.Reason, b.At), http.Key(), http.RequestAborted))
            .Refuses("job.answer_needed", "job.not_yours", "job.too_early", "job.before_last_action").Example(new { good = 10, answer = nameof(ShortAnswer.RestLater) });
        jobs.MapCommand<object, JobResult>("/{id:long}/undo", (http, _) => http.Service<JobService>().UndoAsync(http.Actor(), new UndoJob(http.Id()), http.Key(), http.RequestAborted), optionalBody: true)
            .Says("UndoJob", "Take back the last action, up to five minutes after it").Refuses("job.undo_nothing", "job.undo_not_yours", "job.undo_too_late", "job.undo_gone", "job.person_busy", "job.undo_built_on", "job.order_completed").Refuses(States);
        Command<TakeOverBody>("take-over", "TakeOverJob", "Go on where a colleague stops", (http, b, service) => service.TakeOverAsync(http.Actor(), new TakeOverJob(http.Id(), b?.Good ?? 0, b?.Scrap ?? 0, b?.ScrapReasonId, b?.Note, b?.Reason), http.Key(), http.RequestAborted), true)
            .Refuses("job.no_employee", "job.already_yours", "job.locked", "job.person_busy").Example(new { good = 12 });
        Command<EnterBody>("enter", "EnterJob", "Enter a planned job afterwards from its paper sheet", (http, b, service) => service.EnterAsync(http.Actor(),
                new EnterJob(http.Id(), b!.StartedAt, b.EndedAt, b.EmployeeId, b.MachineId, b.RunFrom, b.Good, b.Scrap, b.ScrapReasonId, b.Answer, b.Reason), http.Key(), http.RequestAborted))
            .Refuses("job.order_cancelled", "job.order_completed", "job.on_hold", "job.locked", "job.not_of_department", "job.machine_needed", "job.machine_retired", "paper.machine_stood", "paper.machine_taken", "paper.person_taken",
                "job.answer_needed").Example(new { startedAt = "2027-03-15T06:00:00Z", endedAt = "2027-03-15T08:30:00Z", employeeId = 12, machineId = 14, good = 250 });
        jobs.MapCommand<StartManualJob, JobResult>("/manual", (http, body) => http.Service<JobService>().StartManualAsync(http.Actor(), body!, http.Key(), http.RequestAborted))
            .Says("StartManualJob", "Make and start a job that nobody planned").Refuses(Starts).Refuses("reason_needed").Example(new { stepId = 31, quantity = 50, machineId = 14 });

        RouteHandlerBuilder Command<TBody>(string verb, string name, string summary, Func<HttpContext, TBody?, JobService, Task<JobResult>> command, bool optionalBody = false) where TBody : class =>
            jobs.MapCommand<TBody, JobResult>($"/{{id:long}}/{verb}", (http, body) => command(http, body, http.Service<JobService>()), optionalBody).Says(name, summary).Refuses(States);
    }

    private static async Task<MyJobs> MineAsync(HttpContext http)
    {
        var (actor, queries, calendars, clock) = (http.Actor(), http.Service<JobQueries>(), http.Service<Calendars>(), http.Service<PlantClock>());
        var scope = await queries.ScopeAsync(actor, clock.Today, null, http.RequestAborted) ?? throw new RuleException("job.no_employee");
        var jobs = await queries.LoadAsync(actor, scope, Shown.Until(calendars.Now, clock, scope.DepartmentId), JobQueries.MaxCards, http.RequestAborted);
        return new MyJobs([.. jobs.Mine(scope.EmployeeId)], [.. jobs.PausedByOthers(scope.EmployeeId), .. jobs.Next], [.. jobs.RunningByOthers(scope.EmployeeId)], jobs.More);
    }

    private static async Task<JobAnswer> GetAsync(HttpContext http)
    {
        var d = await http.Service<JobQueries>().DetailsAsync(http.Actor(), http.Id(), http.RequestAborted);
        return new JobAnswer(d.Job, d.Instructions, d.Flow.Steps, d.Variants, d.Reports);
    }
}
