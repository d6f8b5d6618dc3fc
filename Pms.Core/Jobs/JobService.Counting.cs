using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Orders;

namespace Pms.Core.Jobs;

// Quantities: always increments, kept as rows; totals are their sums.
public sealed partial class JobService
{
    /// <summary>No machine makes more than this between two taps; anything above is a slip of the finger.</summary>
    public const decimal MostPerReport = 10_000_000m;

    /// <summary>Adds good, scrap and rework while Running or Paused; the first good report ends a set-up. A true count is never refused.</summary>
    public Task<JobResult> ReportAsync(Actor actor, ReportJob request, string? key = null, CancellationToken ct = default)
    {
        DemandIncrements(request.Good, request.Scrap, request.Rework, request.ScrapReasonId, none: false);
        return TapAsync(actor, "report", request.JobId, null, request, key, null, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Running, JobStatus.Paused);
            await DemandMineAsync(tap, ct);
            var after = await CountAsync(tx, tap, new(request.Good, request.Scrap, request.Rework, request.ScrapReasonId, request.VariantId, request.Reason), ct);
            if (after.Phase != tap.Job.Phase && tap.Job.Status == JobStatus.Running)
                SwitchClocks(tx, tap, after, tap.At);
            return Save(tx, tap, after, JobAction.Report, request.Reason);
        }, ct, begins: false);
    }

    /// <summary>Ends the job with its last increment. Below planned one of three answers is needed, above tolerance a reason.</summary>
    /// <exception cref="RuleException"><c>job.answer_needed</c>: fewer than planned and no answer.</exception>
    public Task<JobResult> FinishAsync(Actor actor, FinishJob request, string? key = null, CancellationToken ct = default)
    {
        DemandIncrements(request.Good, request.Scrap, request.Rework, request.ScrapReasonId, none: true);
        return TapAsync(actor, "finish", request.JobId, null, request, key, request.At, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Running, JobStatus.Paused);
            await DemandMineAsync(tap, ct);
            // A paused job that stays open is only counted: a report like any other, of now.
            var stands = tap.Job.Status == JobStatus.Paused && request.Answer == ShortAnswer.MoreToCome;
            if (stands)
                tap = tap with { At = tap.Now };
            DemandNotBeforeClocks(tap);
            var counted = request.Good + request.Scrap + request.Rework == 0 ? tap.Job
                : await CountAsync(tx, tap, new(request.Good, request.Scrap, request.Rework, request.ScrapReasonId, null, request.Reason), ct);

            var missing = counted.Planned - counted.Good;
            if (missing > 0 && request.Answer is null)
                throw new RuleException("job.answer_needed", counted.Good, counted.Planned);
            if (missing > 0 && request.Answer == ShortAnswer.MoreToCome)
                return stands
                    ? Save(tx, counted == tap.Job ? AsBefore(tap) : tap, counted, counted == tap.Job ? tap.Job.LastAction : JobAction.Report, request.Reason, "report")
                    : Save(tx, tap, Halt(tx, tap, PauseCause.MoreToCome, null, counted: counted), JobAction.Pause, request.Reason);
            DemandTolerance(tap, counted, request.Reason);

            StopClocks(tx, tap);
            var after = counted with
            {
                Status = JobStatus.Finished,
                FinishedAt = tap.At,
                PausedAt = null,
                Phase = null,
                Finish = FinishOf(missing, request.Answer),
            };
            await DeriveAsync(tx, tap, FinishedFlow(tap, after), started: true, ct, serialise: true);
            if (after.Finish == JobFinish.Short)
                tx.Send("job.finished_short", tap.Facts(new { after.Good, after.Planned }), tap.Now);
            return Save(tx, tap, after, JobAction.Finish, request.Reason);
        }, ct, begins: false);
    }

    /// <summary>The item's flow once the job has ended so.</summary>
    /// <param name="begun">True where the job had not begun before.</param>
    private static ItemFlow FinishedFlow(Tap tap, Job after, bool begun = false)
    {
        var step = tap.S.Step;
        return tap.S.Flow.With(tap.S.Place.ItemQuantity, step with
        {
            Good = step.Good + after.Good - tap.Job.Good,
            Scrap = step.Scrap + after.Scrap - tap.Job.Scrap,
            Rework = step.Rework + after.Rework - tap.Job.Rework,
            OpenRest = step.OpenRest - tap.Job.Rest,
            OpenJobs = step.OpenJobs - 1,
            StartedJobs = step.StartedJobs + (begun ? 1 : 0),
        }, tap.S.Place.Decimals);
    }

    private static JobFinish FinishOf(decimal missing, ShortAnswer? answer) =>
        missing <= 0 ? JobFinish.Complete : answer == ShortAnswer.RestLater ? JobFinish.RestLater : JobFinish.Short;

    private void DemandTolerance(Tap tap, Job counted, string? reason)
    {
        var most = counted.Planned + Math.Max(1, counted.Planned * (tap.S.Place.OverTolerance ?? live.Now.OverTolerance));
        if (counted.Good > most && string.IsNullOrWhiteSpace(reason))
            throw new ReasonNeededException([new("job.over_planned", counted.Good, counted.Planned)]);
    }

    private sealed record Increments(decimal Good, decimal Scrap, decimal Rework, long? ScrapReasonId, long? VariantId, string? Reason)
    {
        public decimal Made => Good + Scrap + Rework;
    }

    private async Task<Job> CountAsync(Tx tx, Tap tap, Increments add, CancellationToken ct)
    {
        var s = tap.S;
        DemandDecimals("Good", add.Good, s.Place.Decimals);
        DemandDecimals("Scrap", add.Scrap, s.Place.Decimals);
        DemandDecimals("Rework", add.Rework, s.Place.Decimals);
        if (add.ScrapReasonId is { } reasonId && await situations.FindReasonAsync(reasonId, "Scrap", s.Job.DepartmentId, ct) is null)
            throw new InvalidException("ScrapReasonId", "unknown_reason", reasonId);
        if (add.VariantId is { } variant && !await situations.HasVariantAsync(s.Job.ProductId, variant, ct))
            throw new InvalidException("VariantId", "unknown_variant", variant);

        string? overInput = null;
        if (s.Flow.Available(s.Job.StepId) is { } available && add.Made > available)
        {
            if (string.IsNullOrWhiteSpace(add.Reason))
                throw new ReasonNeededException([new("job.over_input", add.Made, Math.Max(0, available), await situations.WaitsForAsync(s, ct))]);
            overInput = Text.Clean(add.Reason);
            tx.Send("job.over_input", tap.Facts(new { made = add.Made, available, previousDepartmentId = s.Flow.WaitsFor(s.Job.StepId)?.DepartmentId, reason = overInput }), tap.Now);
        }

        var machine = s.Machine?.Id ?? s.Job.MachineId;
        var shift = calendars.Now.ShiftAt(s.Job.DepartmentId, machine, tap.At);
        jobs.Report(tx, s.Job, new JobReport
        {
            MachineId = machine,
            EmployeeId = tap.Worker,
            VariantId = add.VariantId,
            At = tap.At,
            Good = add.Good,
            Scrap = add.Scrap,
            Rework = add.Rework,
            ScrapReasonId = add.Scrap > 0 ? add.ScrapReasonId : null,
            OverInputWhy = overInput?.Length > 500 ? overInput[..500] : overInput,
        }, calendars.Now.ProductionDay(s.Job.DepartmentId, machine, tap.At), shift?.ShiftId);
        return s.Job with
        {
            Good = s.Job.Good + add.Good,
            Scrap = s.Job.Scrap + add.Scrap,
            Rework = s.Job.Rework + add.Rework,
            Phase = add.Good > 0 && s.Job.Phase == JobPhase.Setup ? JobPhase.Run : s.Job.Phase,
            WasPhase = s.Job.Phase,
        };
    }

    private static void DemandIncrements(decimal good, decimal scrap, decimal rework, long? scrapReasonId, bool none)
    {
        DemandQuantity("Good", good);
        DemandQuantity("Scrap", scrap);
        DemandQuantity("Rework", rework);
        if (!none && good + scrap + rework == 0)
            throw new InvalidException("Good", "quantity_needed");
        if (scrap > 0 && scrapReasonId is null)
            throw new InvalidException("ScrapReasonId", "scrap_reason_needed");
    }

    private static void DemandQuantity(string field, decimal quantity, bool positive = false)
    {
        if (quantity < 0 || positive && quantity == 0)
            throw new InvalidException(field, "not_positive");
        if (quantity > MostPerReport)
            throw new InvalidException(field, "too_large", MostPerReport);
    }

    private static void DemandDecimals(string field, decimal quantity, int decimals)
    {
        if (decimal.Round(quantity, decimals) != quantity)
            throw new InvalidException(field, decimals == 0 ? "whole_pieces" : "too_many_decimals", decimals);
    }
}
