using Pms.Core.Audit;
using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Orders;

namespace Pms.Core.Jobs.Planning;

/// <summary>
/// Places, moves, assigns and splits jobs one at a time, with the hard checks of planning. Placing and moving add load: they are decided with the departments'
/// turns in hand, and refused where they leave a day overbooked and worse than before. Everything else conserves load or gives it back.
/// </summary>
public sealed class JobPlanningService(Commands commands, JobRepository jobs, TimeRepository times, OrderProgress progress, HoldClosing holds, JobSituationQueries situations, CapacityQueries capacity, CapacityGuard guard, AuditLog audit, Rights rights, PlantClock clock, LiveSettings live)
{
    /// <summary>Steps of the sequence number between two jobs of a machine.</summary>
    internal const long Gap = 1 << 20;

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
            if (request.SetupMinutes is { } setup && (setup < 0 || setup > step.SetupMinutes))
                throw new InvalidException("SetupMinutes", "between", 0, step.SetupMinutes);
            var load = await capacity.StepAsync(step.StepId, ct) ?? throw new NotFoundException("step", request.StepId);
            var plant = await capacity.PlantAsync(Departments(step.DepartmentId, s.Machine), ct);
            if (plant.Departments.GetValueOrDefault(step.DepartmentId) is { Active: false } off)
                throw new RuleException("release.department_off", off.Name, s.Place.Stage, s.Place.OrderNumber);
            if (plant.Stages.GetValueOrDefault(step.StageId) is { Active: false })
                throw new RuleException("release.stage_off", s.Place.Stage, s.Place.OrderNumber);
            load = load with { MachineId = request.MachineId, SetupMinutes = request.SetupMinutes ?? step.SetupMinutes, RunMinutes = plant.RunMinutes(step.RunMinutes, request.MachineId), Planned = request.Quantity, Start = CapacityGuard.DemandStart(plant, request.Start) };
            load = load with { End = EndOf(plant, load, request.End) };
            CapacityGuard.DemandPlace(plant, load);
            // Before the department's turn is taken: asked behind it, those who wait for the turn could hold every connection.
            var others = await situations.OthersAsync(step.OrderId, step.ItemId, ct);
            var book = await guard.OpenAsync(tx, plant, [(load.DepartmentId, load.MachineId)]);
            var over = guard.Demand(actor, book, [], [load], request.Reason);
            var job = step with
            {
                Kind = JobKind.Normal,
                Status = JobStatus.Planned,
                MachineId = request.MachineId,
                EmployeeId = request.EmployeeId,
                Planned = request.Quantity,
                PlannedStart = load.Start,
                PlannedEnd = load.End,
                SetupMinutes = load.SetupMinutes,
                RunMinutes = load.RunMinutes,
                Sequence = load.Start.ToUnixTimeMilliseconds() / 1000 * Gap,
                ReleasedAt = clock.Now,
            };
            job = job with { Id = await jobs.InsertAsync(tx, job, clock.Now), Version = 1 };
            var flow = s.Flow.With(s.Place.ItemQuantity, s.Step with { OpenRest = s.Step.OpenRest + job.Planned, OpenJobs = s.Step.OpenJobs + 1 }, s.Place.Decimals);
            // The item is written in any case: its path, product or quantity may change at this moment, or another planner take the same need.
            Derive(tx, s with { Job = job }, flow, others, serialise: true);
            return Done(tx, actor, null, job, "planned", request.Reason, Exceeded(plant, over));
        }, ct);
    }

    /// <summary>Moves a Planned job in time or to another machine, whose standard it takes.</summary>
    public Task<JobResult> MoveAsync(Actor actor, MoveJob request, string? key = null, CancellationToken ct = default) =>
        EditAsync(actor, "move", Permissions.JobsAssign, request.JobId, request.MachineId, request.Version, request, key, async (tx, s) =>
        {
            JobRules.DemandStatus(s, JobStatus.Planned);
            var machine = request.MachineId ?? s.Job.MachineId;
            DemandPlannable(s, machine);
            var plant = await capacity.PlantAsync(Departments(s.Job.DepartmentId, s.Machine), ct);
            var job = s.Job with { MachineId = machine };
            if (machine != s.Job.MachineId && await situations.FindStepAsJobAsync(s.Job.StepId, ct) is { } step)
                job = job with { SetupMinutes = step.SetupMinutes, RunMinutes = plant.RunMinutes(step.RunMinutes, machine) };
            var load = (await capacity.StepAsync(s.Job.StepId, ct) ?? throw new NotFoundException("step", s.Job.StepId)) with
            {
                JobId = job.Id, MachineId = machine, WorkCentreId = job.WorkCentreId, Start = CapacityGuard.DemandStart(plant, request.Start), SetupMinutes = job.SetupMinutes, RunMinutes = job.RunMinutes, SetupDone = job.StartedAt is not null,
                Planned = job.Planned, Good = job.Good,
            };
            load = load with { End = EndOf(plant, load) };
            CapacityGuard.DemandPlace(plant, load);
            var book = await guard.OpenAsync(tx, plant, [(load.DepartmentId, machine)]);
            var over = guard.Demand(actor, book, book.Find(job.Id) is { } was ? [was] : [], [load], request.Reason);
            return new Edited(job with { PlannedStart = load.Start, PlannedEnd = load.End, Sequence = load.Start.ToUnixTimeMilliseconds() / 1000 * Gap }, request.Reason, Exceeded(plant, over));
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
            var middle = await MiddleAsync(s.Job, request.Quantity, ct);
            var kept = s.Job with { Planned = s.Job.Planned - request.Quantity, PlannedEnd = middle };
            var cut = s.Job with
            {
                Id = 0, Status = JobStatus.Planned, Phase = null, Planned = request.Quantity, Good = 0, Scrap = 0, Rework = 0, LaterRejects = 0, SetupMinutes = 0, PlannedStart = middle,
                Sequence = s.Job.Sequence + 1, StartedAt = null, OperatorId = null, Locked = false,
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
            await DeriveAsync(tx, s, flow, ct);
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
            DemandNotOver(s);
            if (s.Flow.IsComplete(step.StepId))
                throw new RuleException("step.complete", s.Place.Stage);
            progress.AcceptShort(tx, step.StepId, clock.Now, actor.Name, reason);
            var (item, others) = await DeriveAsync(tx, s, s.Flow.With(s.Place.ItemQuantity, s.Step with { AcceptedShort = true }, s.Place.Decimals), ct, serialise: true);
            if (item == OrderStatus.Completed)
                await holds.VoidAsync(tx, actor, step.OrderId, s.Place.OrderNumber, !others.Open ? null : step.ItemId, reason: reason, ct: ct);
            audit.Write(tx, actor, "step.accept_short", "order", step.OrderId, new Dictionary<string, object?[]> { ["Step"] = [null, s.Place.Stage], ["Good"] = [s.Flow.RequiredOutput(step.StepId), s.Step.NetGood] }, step.DepartmentId, reason);
            tx.Send("step.accepted_short", new { stepId = step.StepId, orderId = step.OrderId, order = s.Place.OrderNumber, departmentId = step.DepartmentId, by = actor.Name, reason }, clock.Now);
            tx.Raise(new JobChanged(0, step.OrderId, step.DepartmentId, null, null, null, null, "accepted_short"));
            return new JobResult(0, JobStatus.Finished, null, 0);
        }, ct);
    }

    /// <summary>Takes the acceptance of a short step back: its pieces are needed again, and a completed item goes on.</summary>
    public Task<JobResult> WithdrawShortAsync(Actor actor, WithdrawShort request, string? key = null, CancellationToken ct = default)
    {
        var reason = DemandReason(request.Reason);
        return commands.RunAsync(actor, "step.withdraw_short", key, request, async tx =>
        {
            var step = await situations.FindStepAsJobAsync(request.StepId, ct) ?? throw new NotFoundException("step", request.StepId);
            rights.Demand(actor, Permissions.JobsAcceptShort, step.DepartmentId);
            var s = await situations.ReadAsync(step, null, null, ct) ?? throw new NotFoundException("step", request.StepId);
            DemandNotOver(s);
            if (!s.Step.AcceptedShort)
                throw new RuleException("step.not_short", s.Place.Stage);
            progress.WithdrawShort(tx, step.StepId);
            await DeriveAsync(tx, s, s.Flow.With(s.Place.ItemQuantity, s.Step with { AcceptedShort = false }, s.Place.Decimals), ct, serialise: true);
            audit.Write(tx, actor, "step.withdraw_short", "order", step.OrderId, new Dictionary<string, object?[]> { ["Step"] = [null, s.Place.Stage] }, step.DepartmentId, reason);
            tx.Raise(new JobChanged(0, step.OrderId, step.DepartmentId, null, null, null, null, "withdrawn_short"));
            tx.Raise(new OrderChanged(step.OrderId));
            return new JobResult(0, JobStatus.Planned, null, 0);
        }, ct);
    }

    private Task<JobResult> EditAsync(Actor actor, string verb, string permission, long jobId, long? machine, int version, object request, string? key, Func<Tx, JobSituation, Job> change, CancellationToken ct, string? reason = null) =>
        EditAsync(actor, verb, permission, jobId, machine, version, request, key, (tx, s) => Task.FromResult(new Edited(change(tx, s), reason)), ct);

    private Task<JobResult> EditAsync(Actor actor, string verb, string permission, long jobId, long? machine, int version, object request, string? key, Func<Tx, JobSituation, Task<Job>> change, CancellationToken ct, string? reason = null) =>
        EditAsync(actor, verb, permission, jobId, machine, version, request, key, async (tx, s) => new Edited(await change(tx, s), reason), ct);

    private Task<JobResult> EditAsync(Actor actor, string verb, string permission, long jobId, long? machine, int version, object request, string? key, Func<Tx, JobSituation, Task<Edited>> change, CancellationToken ct) =>
        commands.RunAsync(actor, "job." + verb, key, request, async tx =>
        {
            var s = await situations.ReadAsync(jobId, machine, null, ct) ?? throw new NotFoundException("job", jobId);
            rights.Demand(actor, permission, s.Job.DepartmentId);
            if (machine is not null && s.Machine is null)
                throw new NotFoundException("machine", machine);
            if (s.Job.Version != version)
                throw new ConflictException("changed_by_other", "job", s.Place.OrderNumber);
            var edited = await change(tx, s);
            return Done(tx, actor, s.Job, edited.After, verb, edited.Reason, edited.Exceeded);
        }, ct);

    /// <param name="exceeded">What was overbooked knowingly; the reason stands beside it.</param>
    private JobResult Done(Tx tx, Actor actor, Job? before, Job after, string what, string? reason, string? exceeded = null)
    {
        if (before is not null)
            jobs.Update(tx, before, after);
        var changes = AuditLog.Diff(before, after);
        if (exceeded is not null)
            changes["Exceeded"] = [null, exceeded];
        audit.Write(tx, actor, "job." + what, "job", after.Id, changes, after.DepartmentId, Text.Clean(reason) is { Length: > 0 } why ? DemandReason(why) : null);
        tx.Send("job." + what, new { jobId = after.Id, orderId = after.OrderId, departmentId = after.DepartmentId, machineId = after.MachineId, employeeId = after.EmployeeId, by = actor.Name }, clock.Now);
        tx.Raise(Changed(before ?? after, after, what));
        return new JobResult(after.Id, after.Status, after.Phase, before is null ? 1 : before.Version + 1);
    }

    private static JobChanged Changed(Job before, Job after, string what) =>
        new(after.Id, after.OrderId, after.DepartmentId, after.MachineId, before.MachineId, after.EmployeeId, before.EmployeeId, what);

    private async Task<(OrderStatus Item, OtherItems Others)> DeriveAsync(Tx tx, JobSituation s, ItemFlow flow, CancellationToken ct, bool serialise = false)
    {
        var others = await situations.OthersAsync(s.Job.OrderId, s.Job.ItemId, ct);
        return (Derive(tx, s, flow, others, serialise), others);
    }

    private OrderStatus Derive(Tx tx, JobSituation s, ItemFlow flow, OtherItems others, bool serialise)
    {
        var started = flow.Steps.Any(x => x.StartedJobs > 0);
        var item = JobRules.Item(flow, started);
        progress.Move(tx, s.Standing, item, JobRules.Order(item, started, others), clock.Now, serialise);
        return item;
    }

    private static DateTimeOffset EndOf(CapacityPlant plant, PlannedLoad load, DateTimeOffset? asked = null)
    {
        if (asked is { } end)
            return end < load.Start ? throw new InvalidException("End", "before_start") : end - load.Start > PlaceTime.Horizon ? throw new InvalidException("End", "too_far") : end;
        return plant.EndOf(load.StageId, load.DepartmentId, load.MachineId, load.Start, load.Minutes) ?? throw new RuleException("calendar.no_working_time", load.DepartmentId);
    }

    /// <summary>Where a job is cut so that both parts together weigh on every day as it did: its span by working time, as its work is shared.</summary>
    private async Task<DateTimeOffset> MiddleAsync(Job job, decimal quantity, CancellationToken ct)
    {
        var plant = await capacity.PlantAsync([job.DepartmentId], ct);
        var time = plant.TimeOf(job.DepartmentId, job.MachineId);
        var setup = job.StartedAt is not null && job.Phase != JobPhase.Setup ? 0 : job.SetupMinutes;
        var (whole, off) = (setup + (job.RunMinutes ?? 0) * job.Rest, (job.RunMinutes ?? 0) * quantity);
        var from = job.PlannedStart > plant.Now ? job.PlannedStart : plant.Now;
        var span = job.PlannedEnd > from ? time.Shares(from, job.PlannedEnd).Sum(d => d.Work.Ticks) : 0;
        if (span == 0 || whole == 0)
            return job.PlannedEnd;
        return time.Add(from, TimeSpan.FromMilliseconds(Math.Round((double)(span * (whole - off) / whole / TimeSpan.TicksPerMillisecond)))) ?? job.PlannedEnd;
    }

    private static HashSet<long> Departments(long department, MachineAtStart? machine) => machine is null ? [department] : [department, machine.DepartmentId];

    private static string? Exceeded(CapacityPlant plant, IReadOnlyList<Overrun> over) => over.Count == 0 ? null
        : string.Join("; ", over.Select(o => FormattableString.Invariant($"{o.Pool.Kind} {plant.NameOf(o.Pool)} {o.Day:yyyy-MM-dd}: {o.Load:0.##} of {o.Capacity:0.##} {o.Unit ?? "min"}")));

    /// <summary>A job as it shall be, why, and what it exceeds.</summary>
    private sealed record Edited(Job After, string? Reason = null, string? Exceeded = null);

    private static void DemandPlannable(JobSituation s, long? machine)
    {
        DemandNotOver(s);
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

    private static void DemandNotOver(JobSituation s)
    {
        if (s.Place.OrderStatus is OrderStatus.Cancelled || s.Place.ItemStatus is OrderStatus.Cancelled)
            throw new RuleException("job.order_cancelled", s.Place.OrderNumber);
        if (s.Place.OrderStatus is OrderStatus.Closed)
            throw new RuleException("order.closed", s.Place.OrderNumber);
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
