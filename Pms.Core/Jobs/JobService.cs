using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Machines;
using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>
/// The shop floor's taps: each one is read, decided and written once, with its intervals, quantities, audit and event, or not at all.
/// Who was first wins; the other is told who and since when.
/// </summary>
public sealed partial class JobService(
    Commands commands, JobRepository jobs, TimeRepository times, OrderProgress progress, MachineService machines, EmployeeService employees, HoldClosing holds, JobSituationQueries situations, AuditLog audit, Rights rights, Calendars calendars, PlantClock clock, LiveSettings live)
{
    /// <summary>Planned → Running, in set-up where the step has set-up minutes.</summary>
    /// <exception cref="ReasonNeededException">Soft rules stand against it; repeat with a reason.</exception>
    public Task<JobResult> StartAsync(Actor actor, StartJob request, string? key = null, CancellationToken ct = default) =>
        TapAsync(actor, "start", request.JobId, request.MachineId, request, key, request.At, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Planned);
            return await BeginAsync(tx, tap, JobAction.Start, request.Reason, ct);
        }, ct);

    /// <summary>Paused → Running by any skilled person, on another machine if wished; the same checks as at Start.</summary>
    public Task<JobResult> ResumeAsync(Actor actor, ResumeJob request, string? key = null, CancellationToken ct = default) =>
        TapAsync(actor, "resume", request.JobId, request.MachineId, request, key, request.At, async (tx, tap) =>
        {
            JobRules.DemandStatus(tap.S, JobStatus.Paused);
            return await BeginAsync(tx, tap, JobAction.Resume, request.Reason, ct);
        }, ct);

    /// <summary>Makes a job for a step that nobody planned and starts it: hard rules only; it books its load, is marked Manual and told to the Supervisor.</summary>
    public Task<JobResult> StartManualAsync(Actor actor, StartManualJob request, string? key = null, CancellationToken ct = default)
    {
        DemandQuantity("Quantity", request.Quantity, positive: true);
        return commands.RunAsync(actor, "job.manual", key, request, async tx =>
        {
            var blank = await situations.FindStepAsJobAsync(request.StepId, ct) ?? throw new NotFoundException("step", request.StepId);
            rights.Demand(actor, Permissions.JobsManual, blank.DepartmentId);
            var now = clock.Now;
            var minutes = (double)(blank.SetupMinutes + (blank.RunMinutes ?? 0) * request.Quantity);
            var job = blank with
            {
                Status = JobStatus.Planned,
                MachineId = request.MachineId,
                Planned = request.Quantity,
                PlannedStart = now,
                PlannedEnd = calendars.Now.AddWorking(blank.DepartmentId, request.MachineId, now, TimeSpan.FromMinutes(Math.Min(minutes, 60 * 24 * 30))),
                ReleasedAt = now,
                Version = 1,
            };
            var s = await situations.ReadAsync(job, request.MachineId, Worker(actor), ct) ?? throw new NotFoundException("step", request.StepId);
            await DemandMachineHereAsync(actor, s, ct);
            DemandDecimals("Quantity", request.Quantity, s.Place.Decimals);
            JobRules.DemandCanRun(s, Worker(actor));   // before the job exists, so that a refusal leaves nothing behind

            job = job with { Id = await jobs.InsertAsync(tx, job, now) };
            // The new job's load belongs to the step from now on.
            var flow = s.Flow.With(s.Place.ItemQuantity, s.Step with { OpenRest = s.Step.OpenRest + job.Planned, OpenJobs = s.Step.OpenJobs + 1 }, s.Place.Decimals);
            var tap = new Tap(actor, Worker(actor), s with { Job = job, Flow = flow }, now, now);
            audit.Write(tx, actor, "job.manual", "job", job.Id, AuditLog.Diff(null, job), job.DepartmentId, request.Reason);
            tx.Send("job.manual", tap.Facts(), now);
            return await BeginAsync(tx, tap, JobAction.Start, request.Reason ?? "", ct);
        }, ct);
    }

    /// <summary>What one tap is decided on: who, what is, since when and now.</summary>
    private sealed record Tap(Actor Actor, long? Worker, JobSituation S, DateTimeOffset At, DateTimeOffset Now)
    {
        public Job Job => S.Job;

        /// <summary>The ids that the outbox carries.</summary>
        public object Facts(object? more = null) => new
        {
            jobId = Job.Id, orderId = Job.OrderId, order = S.Place.OrderNumber, itemId = Job.ItemId, stepId = Job.StepId, departmentId = Job.DepartmentId,
            machineId = S.Machine?.Id ?? Job.MachineId, machine = S.Machine?.Number, employeeId = Worker, by = Actor.Name, at = At, more,
        };
    }

    private Task<JobResult> TapAsync(Actor actor, string verb, long jobId, long? machine, object request, string? key, DateTimeOffset? at,
        Func<Tx, Tap, Task<JobResult>> work, CancellationToken ct, bool begins = true) =>
        commands.RunAsync(actor, "job." + verb, key, request, async tx =>
        {
            var s = await (begins ? situations.ReadAsync(jobId, machine, Worker(actor), ct) : situations.ReadGoingAsync(jobId, ct)) ?? throw new NotFoundException("job", jobId);
            if (machine is not null && s.Machine is null)
                throw new NotFoundException("machine", machine);
            rights.Demand(actor, Permissions.JobsExecute, s.Job.DepartmentId);
            await DemandMachineHereAsync(actor, s, ct);
            if (actor.ForEmployeeId is not null && actor.ForEmployeeId != actor.EmployeeId)
                rights.Demand(actor, Permissions.JobsActFor, s.Job.DepartmentId);
            var now = NotBefore(s, clock.Now);   // once: Undo finds a report by the instant of its tap
            return await work(tx, new Tap(actor, Worker(actor), s, DemandTime(actor, s, at, now), now));
        }, ct);

    /// <summary>Another department's machine may be taken only where it is set up for the stage, or by its own people. What it is set up for is asked only of who isn't, for work that goes on hasn't read it.</summary>
    private async Task DemandMachineHereAsync(Actor actor, JobSituation s, CancellationToken ct)
    {
        if (s.Machine is { RunsStage: false } machine && machine.DepartmentId != s.Job.DepartmentId && !rights.Allows(actor, Permissions.JobsExecute, machine.DepartmentId)
            && !await situations.RunsStageAsync(machine.Id, s.Job.StageId, ct))
            rights.Demand(actor, Permissions.JobsExecute, machine.DepartmentId);
    }

    /// <summary>On a shared terminal and for a Supervisor's help, the person the tap is for.</summary>
    private static long? Worker(Actor actor) => actor.ForEmployeeId ?? actor.EmployeeId;

    /// <summary>Now, but not before what is known to have been: a clock that was set back must neither lose what ran nor keep people from tapping until it comes round.</summary>
    private static DateTimeOffset NotBefore(JobSituation s, DateTimeOffset now) =>
        s.JobWork.Select(w => w.StartedAt).Append(s.JobRun?.StartedAt ?? now).Append(s.Job.LastActionAt ?? now).Append(now).Max();

    private DateTimeOffset DemandTime(Actor actor, JobSituation s, DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } said)
            return now;
        said = DateTimeOffset.FromUnixTimeMilliseconds(said.ToUnixTimeMilliseconds());
        if (said > now.AddSeconds(5))
            throw new InvalidException("At", "in_the_future");
        // Beyond what an operator may say jobs.correct is needed; what is older still is corrected on the timeline.
        var limits = live.Now;
        if (said < now - limits.EarlierByOperator && (said < now - limits.EarlierByAnyone || !rights.Allows(actor, Permissions.JobsCorrect, s.Job.DepartmentId)))
            throw new RuleException("job.too_early", limits.EarlierByOperator.TotalMinutes);
        return said < now ? said : now;
    }

    /// <summary>Start, resume and manual start: the same checks, the same writes.</summary>
    private async Task<JobResult> BeginAsync(Tx tx, Tap tap, JobAction action, string? reason, CancellationToken ct)
    {
        var (s, at) = (tap.S, tap.At);
        JobRules.DemandCanRun(s, tap.Worker);
        // A manual job passes soft rules by nature: its reason is that nobody planned it.
        var warnings = s.Job.Kind == JobKind.Manual && action == JobAction.Start ? [] : JobRules.Warnings(s, clock.Today, s.HasNoInput ? await situations.WaitsForAsync(s, ct) : null);
        if (warnings.Count > 0)
        {
            if (string.IsNullOrWhiteSpace(reason))
                throw new ReasonNeededException(warnings);
            rights.Demand(tap.Actor, Permissions.JobsOverride, s.Job.DepartmentId);
            tx.Send("job.soft_override", tap.Facts(new { reason, rules = warnings.Select(w => w.Code) }), tap.Now);
        }
        if (at < tap.Now)
            await DemandFreeSinceAsync(tap, ct);

        var after = s.Job with
        {
            Status = JobStatus.Running,
            Phase = s.Job.Phase ?? (s.Job.SetupMinutes > 0 ? JobPhase.Setup : JobPhase.Run),
            MachineId = s.Machine?.Id,
            OperatorId = tap.Worker,
            WasMachineId = s.Job.MachineId,
            WasOperatorId = s.Job.OperatorId,
            StartedAt = s.Job.StartedAt ?? at,
            PausedAt = null,
            ReleasedAt = s.Job.ReleasedAt ?? tap.Now,
        };
        if (s.JobRun is { } stop)
            times.CloseRun(tx, stop.Id, at);
        DemandMachineAsRead(tx, s);
        if (s.Machine is not null)
            times.OpenRun(tx, after, s.FreeMachineSlot, after.Phase == JobPhase.Setup ? MachineTimeKind.Setup : MachineTimeKind.Run, at);
        times.OpenWork(tx, after, tap.Worker!.Value, s.FreePersonSlot!.Value, after.Phase == JobPhase.Setup ? WorkTimeKind.Setup : WorkTimeKind.Run, at);
        BeHere(tx, s.Person!, at);
        // A hold that opens meanwhile touches the jobs it finds; one that is only now being made it finds by its item.
        await DeriveAsync(tx, tap, s.Flow, started: true, ct, serialise: s.Job.Kind == JobKind.Manual && action == JobAction.Start);
        return Save(tx, tap, after, action, reason);
    }

    /// <summary>Whoever works is here, and not just clocking out.</summary>
    private void BeHere(Tx tx, Person person, DateTimeOffset at)
    {
        if (person.ClockedIn)
            times.StillHere(tx, person.Id);
        else
        {
            times.OpenPresence(tx, person.Id, person.DepartmentId, at);
            tx.Raise(new TimeChanged(person.Id, person.DepartmentId));
        }
    }

    /// <summary>Whoever stops or retires the machine at this moment is seen: the work is decided again.</summary>
    private void DemandMachineAsRead(Tx tx, JobSituation s)
    {
        if (s.Machine is { } machine)
            machines.Unchanged(tx, machine.Id, machine.Version);
    }

    private async Task DemandFreeSinceAsync(Tap tap, CancellationToken ct)
    {
        if (tap.Job.PausedAt > tap.At)
            throw new RuleException("job.before_last_action", tap.Job.PausedAt);
        var free = await jobs.LastEndAsync(tap.S.Machine?.Id, tap.S.FreeMachineSlot, tap.Worker, tap.S.FreePersonSlot, tap.At - 2 * live.Now.EarlierByAnyone, ct);
        if (free > tap.At)
            throw new RuleException("job.not_free_then", free);
    }

    /// <summary>Writes item and order status where they follow differently from the jobs now. What is complete has nothing left to hold: with its last open item the order's own holds end, too.</summary>
    private async Task DeriveAsync(Tx tx, Tap tap, ItemFlow flow, bool started, CancellationToken ct, bool serialise = false)
    {
        var (place, job) = (tap.S.Place, tap.Job);
        if (place.OrderStatus is OrderStatus.Closed or OrderStatus.Cancelled)
            return;
        var item = JobRules.Item(flow, started);
        var others = item == OrderStatus.InProgress ? new() : await situations.OthersAsync(job.OrderId, job.ItemId, ct);
        var order = JobRules.Order(item, started, others);
        progress.Move(tx, tap.S.Standing, item, order, tap.Now, serialise);
        if (order != place.OrderStatus)
            tx.Send("order." + order.ToString().ToLowerInvariant(), tap.Facts(), tap.Now);
        if (item == OrderStatus.Completed && others.Holds > 0)
            await holds.VoidAsync(tx, tap.Actor, job.OrderId, place.OrderNumber, !others.Open ? null : job.ItemId, at: tap.Now, ct: ct);
    }

    /// <summary>The end of every tap: the job's new state, its audit row, its outbox row and its event.</summary>
    /// <param name="names">Where the work changes hands: whose it was and whose it is.</param>
    private JobResult Save(Tx tx, Tap tap, Job after, JobAction? action, string? reason = null, string? verb = null, (string? From, string? To)? names = null)
    {
        after = after with { LastAction = action, LastActionAt = action is null ? null : tap.Now, LastActionBy = action is null ? null : tap.Worker };
        jobs.Update(tx, tap.Job, after);
        var what = verb ?? action!.Value.ToString().ToLowerInvariant();
        var changed = AuditLog.Diff(tap.Job, after);
        if (names is { } hands)
            changed["Operator"] = [hands.From, hands.To];
        audit.Write(tx, tap.Actor, "job." + what, "job", after.Id, changed, after.DepartmentId, string.IsNullOrWhiteSpace(reason) ? null : reason);
        tx.Send("job." + what, tap.Facts(), tap.Now);
        tx.Raise(new JobChanged(after.Id, after.OrderId, after.DepartmentId, after.MachineId, tap.Job.MachineId, after.OperatorId, tap.Job.OperatorId, what));
        return new JobResult(after.Id, after.Status, after.Phase, tap.Job.Version + 1);
    }
}
