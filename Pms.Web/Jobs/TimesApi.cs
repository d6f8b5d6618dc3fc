using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Jobs;

/// <summary>/api/v1/times: who was here and worked on what, clocking in and out, and the Supervisor's care of what was recorded.</summary>
public static class TimesApi
{
    /// <summary>Since when the caller is clocked in; null when not.</summary>
    public sealed record PresenceAnswer(DateTimeOffset? Since);

    public sealed record ClockOutBody(string? Note = null);

    public sealed record ConfirmBody(DateTimeOffset? EndedAt = null);

    public sealed record CorrectBody(DateTimeOffset StartedAt, DateTimeOffset EndedAt, string Reason);

    public sealed record CorrectReportBody(decimal Good, decimal Scrap, decimal Rework, string Reason, long? ScrapReasonId = null);

    private static readonly string[] Corrections = ["time.not_correctable", "time.overlaps"];

    public static void MapTimesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("times");
        foreach (var (path, stream, words) in new[] { ("presences", TimeStream.Presence, "when people were here"), ("work", TimeStream.Work, "who worked on what"), ("machines", TimeStream.Machine, "which machine ran or stood for what") })
            api.MapList("/" + path, TimeService.Shape(stream), (http, request) => Service(http).ListAsync(http.Actor(), stream, request, http.RequestAborted)).Says("List" + stream + "Times", "List " + words + ", the newest first");
        api.MapWhole("/to-confirm", http => Service(http).ToConfirmAsync(http.Actor(), http.RequestAborted)).Says("ListTimesToConfirm", "List what the system closed and somebody has to confirm");
        api.MapWhole("/of-job/{id:long}", http => Service(http).OfJobAsync(http.Actor(), http.Id(), http.RequestAborted)).Says("ListTimesOfJob", "List all intervals of a job, superseded ones too");
        api.MapOne("/present", async http => new PresenceAnswer(await Service(http).PresentSinceAsync(http.Actor(), http.RequestAborted))).Says("GetPresence", "Since when the caller is clocked in").Refuses("job.no_employee");
        api.MapCommand<object, TimeResult>("/clock-in", (http, _) => Service(http).ClockInAsync(http.Actor(), http.Key(), http.RequestAborted), optionalBody: true)
            .Says("ClockIn", "Clock the caller in").Refuses("job.no_employee", "time.already_in");
        api.MapCommand<ClockOutBody, TimeResult>("/clock-out", (http, body) => Service(http).ClockOutAsync(http.Actor(), new ClockOut(body?.Note), http.Key(), http.RequestAborted), optionalBody: true)
            .Says("ClockOut", "Clock the caller out; jobs that nobody else works on pause").Refuses("job.no_employee", "time.not_in").Example(new { note = "Thread is nearly out" });
        api.MapCommand<ConfirmBody, TimeResult>("/{stream}/{id:long}/confirm", (http, body) => Service(http).ConfirmAsync(http.Actor(), new ConfirmTime(Stream(http), http.Id(), body?.EndedAt), http.Key(), http.RequestAborted), optionalBody: true)
            .Says("ConfirmTime", "Say that what the system closed is right, or when it ended").Refuses(Corrections).Refuses("time.not_to_confirm", "job.no_employee").Example(new { endedAt = "2026-11-24T14:00:00Z" });
        api.MapCommand<CorrectBody, TimeResult>("/{stream}/{id:long}/correct", (http, b) => Service(http).CorrectAsync(http.Actor(), new CorrectTime(Stream(http), http.Id(), b!.StartedAt, b.EndedAt, b.Reason), http.Key(), http.RequestAborted))
            .Says("CorrectTime", "Replace a closed interval; the old one stays as superseded").Refuses(Corrections).Example(new { startedAt = "2026-11-24T06:00:00Z", endedAt = "2026-11-24T09:30:00Z", reason = "Forgot to tap" });
        api.MapCommand<CorrectReportBody, JobResult>("/reports/{id:long}/correct", (http, b) => Service(http).CorrectReportAsync(http.Actor(), new CorrectReport(http.Id(), b!.Good, b.Scrap, b.Rework, b.Reason, b.ScrapReasonId), http.Key(), http.RequestAborted))
            .Says("CorrectReport", "Replace counted pieces by a counter-entry and the right ones").Refuses("job.report_corrected").Example(new { good = 38, scrap = 2, rework = 0, scrapReasonId = 7, reason = "Miscounted" });
        api.MapCommand<ApproveShift, TimeResult>("/approve-shift", (http, body) => Service(http).ApproveShiftAsync(http.Actor(), body!, http.Key(), http.RequestAborted))
            .Says("ApproveShift", "Say that the times of a shift are right, which locks them").Refuses(StatusCodes.Status404NotFound, "not_found").Refuses("time.shift_not_over", "time.shift_unclear", "time.shift_approved").Example(new { departmentId = 2, day = "2026-11-23", shiftId = 4 });
    }

    private static TimeStream Stream(HttpContext http) =>
        (string?)http.Request.RouteValues["stream"] switch { "presences" => TimeStream.Presence, "work" => TimeStream.Work, "machines" => TimeStream.Machine, var other => throw new NotFoundException("time", other) };

    private static TimeService Service(HttpContext http) => http.Service<TimeService>();
}
