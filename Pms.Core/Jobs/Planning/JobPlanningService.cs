using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>Places, moves, assigns and splits jobs one at a time, with the hard checks of planning; load is conserved by every one of them.</summary>
public sealed class JobPlanningService(Commands commands, JobRepository jobs, TimeRepository times, OrderProgress progress, HoldClosing holds, JobSituationQueries situations, AuditLog audit, Rights rights, Calendars calendars, PlantClock clock, LiveSettings live)
{
    /// <summary>Steps of the sequence number between two jobs of a machine.</summary>
    private const long Gap = 1 << 20;

    /// <summary>Places a new job for a step, at most what the step needs within the item's over-tolerance.</summary>
    public Task<JobResult> PlanAsync(Actor actor, PlanJob request, string? key = null, CancellationToken ct = default)
    {
        DemandQuantity(request.Quantity);
        return commands.RunAsync(actor, "job.plan", key, request, async tx =>
        {
            var step = await situations.FindStepAsJobAsync(request.StepId, ct) ?? throw new NotFoundException("step", request.StepId);
            rights.Demand(actor, Permissions.PlanningSchedule, step.DepartmentId);
            var s = await situations.ReadAsync(step, request.MachineId, null, ct) ?? throw new NotFoundException("step", request.StepId);
            DemandPlannable(s, request.MachineId);
            var need = s.Flow.Need(step.StepId);
            var most = need + Math.Max(1, need * (s.Place.OverTolerance ?? live.Now.OverTolerance));
            if (need <= 0 || request.Quantity > most)
                throw new RuleException("job.more_than_needed", request.Quantity, need, s.Place.Stage);
            var job = step with
            {
                Kind = JobKind.Normal,
                Status = JobStatus.Planned,
                MachineId = request.MachineId,
                EmployeeId = request.EmployeeId,
                Planned = request.Quantity,
                PlannedStart = request.Start,
                PlannedEnd = request.End ?? EndOf(step, request.MachineId, request.Start, request.Quantity),
                Sequence = request.Start.ToUnixTimeMilliseconds() / 1000 * Gap,
                ReleasedAt = clock.Now,
            };
            if (job.PlannedEnd < job.PlannedStart)
                throw new InvalidException("End", "before_start");
            job = job with { Id = await jobs.InsertAsync(tx, job, clock.Now), Version = 1 };
            var flow = s.Flow.With(s.Place.ItemQuantity, s.Step with { OpenRest = s.Step.OpenRest + job.Planned, OpenJobs = s.Step.OpenJobs + 1 }, s.Place.Decimals);
            // The item is written in any case: its path, product or quantity may change at this moment, or another planner take the same need.
            Derive(tx, s with { Job = job }, flow, serialise: true);
            return Done(tx, actor, null, job, "planned", null);
        }, ct);
    }

    /// <summary>Moves a Planned job in time or to another machine.</summary>
    public Task<JobResult> MoveAsync(Actor actor, MoveJob request, string? key = null, CancellationToken ct = default) =>
        EditAsync(actor, "move", Permissions.JobsAssign, request.JobId, request.MachineId, request.Version, request, key, (tx, s) =>
        {
            JobRules.DemandStatus(s, JobStatus.Planned);
            var machine = request.MachineId ?? s.Job.MachineId;
            DemandPlannable(s, machine);
            return s.Job with
            {
                MachineId = machine,
                PlannedStart = request.Start,
                PlannedEnd = EndOf(s.Job, machine, request.Start, s.Job.Rest),
                Sequence = request.Start.ToUnixTimeMilliseconds() / 1000 * Gap,
            };
        }, ct);

    /// <summary>Suggests or fixes the operator of an open job.</summary>
    public Task<JobResult> AssignAsync(Actor actor, AssignJob request, string? key = null, CancellationToken ct = default) =>
        EditAsync(actor, "assign", Permissions.JobsAssign, request.JobId, null, request.Version, request, key, async (_, s) =>
        {
            DemandOpen(s);
            if (request.EmployeeId is { } employee && !await situations.IsEmployeeAsync(employee, s.Job.DepartmentId, ct))
                throw new RuleException("job.not_of_department", employee);
            return s.Job with { EmployeeId = request.EmployeeId, Locked = request.Locked && request.EmployeeId is not null };
        }, ct);

    /// <summary>Puts a Planned job before another of its machine, or last.</summary>
    public Task<JobResult> SequenceAsync(Actor actor, SequenceJob request, string? key = null, CancellationToken ct = default) =>
        EditAsync(actor, "sequence", Permissions.JobsAssign, request.JobId, null, request.Version, request, key, async (_, s) =>
        {
            JobRules.DemandStatus(s, JobStatus.Planned);
            var (before, after) = await situations.SequenceAroundAsync(s.Job, request.BeforeJobId, ct);
            return s.Job with { Sequence = (before, after) switch { (null, null) => s.Job.Sequence, ({ } b, null) => b + Gap, (null, { } a) => a - Gap, ({ } b, { } a) => b + (a - b) / 2 } };
        }, ct);

    /// <summary>Cuts a quantity off into a second job of the same step, planned right behind.</summary>
    public Task<JobResult> SplitAsync(Actor actor, SplitJob request, string? key = null, CancellationToken ct = default)
    {
        DemandQuantity(request.Quantity);
        return EditAsync(actor, "split", Permissions.JobsAssign, request.JobId, null, request.Version, request, key, async (tx, s) =>
        {
            DemandOpen(s);
            if (decimal.Round(request.Quantity, s.Place.Decimals) != request.Quantity)
                throw new InvalidException("Quantity", "whole_pieces");
            if (request.Quantity >= s.Job.Rest)
                throw new RuleException("job.split_too_much", request.Quantity, s.Job.Rest);
            var kept = s.Job with { Planned = s.Job.Planned - request.Quantity };
            kept = kept with { PlannedEnd = EndOf(kept, kept.MachineId, kept.PlannedStart, kept.Rest) };
            var cut = s.Job with
            {
                Id = 0, Status = JobStatus.Planned, Phase = null, Planned = request.Quantity, Good = 0, Scrap = 0, Rework = 0, LaterRejects = 0, PlannedStart = kept.PlannedEnd,
                PlannedEnd = EndOf(s.Job, s.Job.MachineId, kept.PlannedEnd, request.Quantity), Sequence = s.Job.Sequence + 1, StartedAt = null, OperatorId = null, Locked = false,
            };
            cut = cut with { Id = await jobs.InsertAsync(tx, cut, clock.Now) };
            audit.Write(tx, actor, "job.split_off", "job", cut.Id, AuditLog.Diff(null, cut), cut.DepartmentId);
            tx.Raise(Changed(cut, cut, "planned"));
            return kept;
        }, ct);
    }

    /// <summary>Paused → Planned: the rest goes back to the planner, what was made stays.</summary>
    public Task<JobResult> UnplanAsync(Actor actor, UnplanJob request, string? key = null, CancellationToken ct = default) =>
        EditAsync(actor, "unplan", Permissions.JobsAssign, request.JobId, null, request.Version, request, key, (tx, s) =>
        {
            JobRules.DemandStatus(s, JobStatus.Paused);
            if (s.JobRun is { } stop)
                times.CloseRun(tx, stop.Id, clock.Now);
            return s.Job with { Status = JobStatus.Planned, Phase = null, PausedAt = null, PauseReasonId = null, PauseCause = null };
        }, ct);

    /// <summary>Cancels a job without time and quantity; its step needs the pieces again.</summary>
    public Task<JobResult> CancelAsync(Actor actor, CancelJob request, string? key = null, CancellationToken ct = default) =>
        EditAsync(actor, "cancel", Permissions.PlanningSchedule, request.JobId, null, request.Version, request, key, async (tx, s) =>
        {
            JobRules.DemandStatus(s, JobStatus.Planned, JobStatus.Paused);
            if (s.Job.Made > 0 || s.Job.StartedAt is not null)
                throw new RuleException("job.has_work", s.Place.OrderNumber);
            var flow = s.Flow.With(s.Place.ItemQuantity, s.Step with { OpenRest = s.Step.OpenRest - s.Job.Rest, OpenJobs = s.Step.OpenJobs - 1 }, s.Place.Decimals);
            Derive(tx, s, flow);
            await holds.VoidAsync(tx, actor, s.Job.OrderId, s.Place.OrderNumber, jobId: s.Job.Id, reason: Text.Clean(request.Reason), ct: ct);
            return s.Job with { Status = JobStatus.Cancelled };
        }, ct, DemandReason(request.Reason));

    /// <summary>Takes a step as complete although pieces are missing; completes the item where that was the last thing.</summary>
    public Task<JobResult> AcceptShortAsync(Actor actor, AcceptShort request, string? key = null, CancellationToken ct = default)
    {
        var reason = DemandReason(request.Reason);
        return commands.RunAsync(actor, "step.accept_short", key, request, async tx =>
        {
            var step = await situations.FindStepAsJobAsync(request.StepId, ct) ?? throw new NotFoundException("step", request.StepId);
            rights.Demand(actor, Permissions.JobsAcceptShort, step.DepartmentId);
            var s = await situations.ReadAsync(step, null, null, ct) ?? throw new NotFoundException("step", request.StepId);
            if (s.Place.OrderStatus is OrderStatus.Closed or OrderStatus.Cancelled)
                throw new RuleException("job.order_completed", s.Place.OrderNumber);
            if (s.Flow.IsComplete(step.StepId))
                throw new RuleException("step.complete", s.Place.Stage);
            progress.AcceptShort(tx, step.StepId, clock.Now, actor.Name, reason);
            if (Derive(tx, s, s.Flow.With(s.Place.ItemQuantity, s.Step with { AcceptedShort = true }, s.Place.Decimals), serialise: true) == OrderStatus.Completed)
                await holds.VoidAsync(tx, actor, step.OrderId, s.Place.OrderNumber, s.Place.OtherItemsOpen == 0 ? null : step.ItemId, reason: reason, ct: ct);
            audit.Write(tx, actor, "step.accept_short", "order", step.OrderId, new Dictionary<string, object?[]> { ["Step"] = [null, s.Place.Stage], ["Good"] = [s.Flow.RequiredOutput(step.StepId), s.Step.NetGood] }, step.DepartmentId, reason);
            tx.Send("step.accepted_short", new { stepId = step.StepId, orderId = step.OrderId, order = s.Place.OrderNumber, departmentId = step.DepartmentId, by = actor.Name, reason }, clock.Now);
            tx.Raise(new JobChanged(0, step.OrderId, step.DepartmentId, null, null, null, null, "accepted_short"));
            return new JobResult(0, JobStatus.Finished, null, 0);
        }, ct);
    }

    private Task<JobResult> EditAsync(Actor actor, string verb, string permission, long jobId, long? machine, int version, object request, string? key, Func<Tx, JobSituation, Job> change, CancellationToken ct, string? reason = null) =>
        EditAsync(actor, verb, permission, jobId, machine, version, request, key, (tx, s) => Task.FromResult(change(tx, s)), ct, reason);

    private Task<JobResult> EditAsync(Actor actor, string verb, string permission, long jobId, long? machine, int version, object request, string? key, Func<Tx, JobSituation, Task<Job>> change, CancellationToken ct, string? reason = null) =>
        commands.RunAsync(actor, "job." + verb, key, request, async tx =>
        {
            var s = await situations.ReadAsync(jobId, machine, null, ct) ?? throw new NotFoundException("job", jobId);
            rights.Demand(actor, permission, s.Job.DepartmentId);
            if (machine is not null && s.Machine is null)
                throw new NotFoundException("machine", machine);
            if (s.Job.Version != version)
                throw new ConflictException("changed_by_other", "job", s.Place.OrderNumber);
            return Done(tx, actor, s.Job, await change(tx, s), verb, reason);
        }, ct);

    private JobResult Done(Tx tx, Actor actor, Job? before, Job after, string what, string? reason)
    {
        if (before is not null)
            jobs.Update(tx, before, after);
        audit.Write(tx, actor, "job." + what, "job", after.Id, AuditLog.Diff(before, after), after.DepartmentId, reason);
        tx.Send("job." + what, new { jobId = after.Id, orderId = after.OrderId, departmentId = after.DepartmentId, machineId = after.MachineId, employeeId = after.EmployeeId, by = actor.Name }, clock.Now);
        tx.Raise(Changed(before ?? after, after, what));
        return new JobResult(after.Id, after.Status, after.Phase, before is null ? 1 : before.Version + 1);
    }

    private static JobChanged Changed(Job before, Job after, string what) =>
        new(after.Id, after.OrderId, after.DepartmentId, after.MachineId, before.MachineId, after.EmployeeId, before.EmployeeId, what);

    private OrderStatus Derive(Tx tx, JobSituation s, ItemFlow flow, bool serialise = false)
    {
        var (item, order) = JobRules.Derive(s.Place, flow, flow.Steps.Any(x => x.StartedJobs > 0));
        progress.Move(tx, s.Standing, item, order, clock.Now, serialise);
        return item;
    }

    private DateTimeOffset EndOf(Job job, long? machine, DateTimeOffset start, decimal quantity)
    {
        var minutes = (double)(job.SetupMinutes + (job.RunMinutes ?? 0) * quantity);
        return calendars.Now.AddWorking(job.DepartmentId, machine, start, TimeSpan.FromMinutes(Math.Min(minutes, 60 * 24 * 60)));
    }

    private static void DemandPlannable(JobSituation s, long? machine)
    {
        if (s.Place.OrderStatus is OrderStatus.Cancelled or OrderStatus.Closed || s.Place.ItemStatus is OrderStatus.Cancelled)
            throw new RuleException("job.order_cancelled", s.Place.OrderNumber);
        if (s.Holds is [var hold, ..])
            throw new RuleException("job.on_hold", s.Place.OrderNumber, hold.Kind, hold.Note, hold.OpenedAt);
        if (machine is null)
            return;
        if (s.Machine is not { } m)
            throw new NotFoundException("machine", machine);
        if (m.RetiredAt is not null)
            throw new RuleException("job.machine_retired", m.Number);
        if (!m.RunsStage)
            throw new RuleException("job.machine_cant", m.Number, s.Place.Stage);
    }

    private static void DemandOpen(JobSituation s) => JobRules.DemandStatus(s, JobStatus.Planned, JobStatus.Running, JobStatus.Paused);

    private static void DemandQuantity(decimal quantity)
    {
        if (quantity <= 0)
            throw new InvalidException("Quantity", "not_positive");
        if (quantity > 1_000_000_000m)
            throw new InvalidException("Quantity", "too_large", 1_000_000_000m);
    }

    private static string DemandReason(string? reason)
    {
        var clean = Text.Clean(reason);
        return clean.Length switch { 0 => throw new InvalidException("Reason", "needed"), > 500 => throw new InvalidException("Reason", "too_long", 500), _ => clean };
    }
}
