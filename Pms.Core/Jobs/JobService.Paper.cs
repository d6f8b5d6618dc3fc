using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Jobs.Time;
using Pms.Core.Orders;

namespace Pms.Core.Jobs;

// Work that was written on a printed job sheet and is entered afterwards.
public sealed partial class JobService
{
    /// <summary>No sheet covers more than this.</summary>
    public static readonly TimeSpan LongestSheet = TimeSpan.FromHours(24);

    /// <summary>
    /// Enters a sheet: both streams' intervals, the count and the finish at once, marked as entered afterwards. What forbids a start forbids it, too, as it was then;
    /// no slot may hold something else in that span.
    /// </summary>
    /// <exception cref="RuleException">paper.machine_taken · paper.person_taken (order, from, to) · paper.machine_stood (ticket) · and those of a start and a finish.</exception>
    public Task<JobResult> EnterAsync(Actor actor, EnterJob request, string? key = null, CancellationToken ct = default)
    {
        DemandIncrements(request.Good, request.Scrap, 0, request.ScrapReasonId, none: true);
        return commands.RunAsync(actor, "job.enter", key, request, async tx =>
        {
            var s = await situations.ReadAsync(request.JobId, request.MachineId, request.EmployeeId, ct) ?? throw new NotFoundException("job", request.JobId);
            rights.Demand(actor, Permissions.JobsActFor, s.Job.DepartmentId);
            if (request.MachineId is not null && s.Machine is null)
                throw new NotFoundException("machine", request.MachineId);
            if (s.Machine is { RunsStage: false } foreign && foreign.DepartmentId != s.Job.DepartmentId)
                rights.Demand(actor, Permissions.JobsActFor, foreign.DepartmentId);
            var (from, to, now) = (Milliseconds(request.StartedAt), Milliseconds(request.EndedAt), clock.Now);
            var stretches = Stretches(from, request.RunFrom is { } run ? Milliseconds(run) : null, to, now);
            JobRules.DemandStatus(s, JobStatus.Planned);
            await DemandSheetAsync(s, request, from, to, ct);
            await DemandUnlockedAsync(actor, s, from, to, request.Reason, ct);

            // Who enters for this machine or person at the same moment waits here; what lies in the span is read after it.
            if (s.Machine is { } machine)
                machines.Unchanged(tx, machine.Id, machine.Version);
            await employees.StandInLineAsync(tx, request.EmployeeId);
            var machineSlot = s.Machine is null ? null : (int?)await FreeSlotAsync("paper.machine_taken", s.Machine.Number, s.Machine.Slots, times.MachineTakenAsync(tx, s.Machine.Id, from, to), s.Job.Id);
            var personSlot = await FreeSlotAsync("paper.person_taken", s.Person!.Name, s.Person.Slots, times.PersonTakenAsync(tx, s.Person.Id, from, to), s.Job.Id);

            // Its count belongs to the shift it ended in, also where it ended with it.
            var tap = new Tap(actor, request.EmployeeId, s, to.AddMilliseconds(-1), now);
            var counted = request.Good + request.Scrap == 0 ? s.Job : await CountAsync(tx, tap, new(request.Good, request.Scrap, 0, request.ScrapReasonId, null, request.Reason), ct);
            var missing = counted.Planned - counted.Good;
            if (missing > 0 && request.Answer is null)
                throw new RuleException("job.answer_needed", counted.Good, counted.Planned);
            if (request.Answer == ShortAnswer.MoreToCome)
                throw new InvalidException(nameof(EnterJob.Answer), "not_valid");
            DemandTolerance(tap, counted, request.Reason);
            var after = counted with
            {
                Status = JobStatus.Finished, Phase = null, MachineId = s.Machine?.Id, OperatorId = request.EmployeeId, StartedAt = s.Job.StartedAt < from ? s.Job.StartedAt : from, FinishedAt = to,
                Finish = FinishOf(missing, request.Answer), ReleasedAt = s.Job.ReleasedAt ?? now, EnteredAt = now, EnteredBy = actor.Name,
            };
            foreach (var stretch in stretches)
                times.InsertPaper(tx, after, stretch, machineSlot, request.EmployeeId, personSlot);
            await DeriveAsync(tx, tap, FinishedFlow(tap, after, begun: s.Job.StartedAt is null), started: true, ct, serialise: true);
            if (after.Finish == JobFinish.Short)
                tx.Send("job.finished_short", tap.Facts(new { after.Good, after.Planned }), now);
            return Save(tx, tap, after, null, request.Reason, "entered", names: (null, s.Person.Name));
        }, ct);
    }

    private static DateTimeOffset Milliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());

    private static List<PaperStretch> Stretches(DateTimeOffset from, DateTimeOffset? run, DateTimeOffset to, DateTimeOffset now)
    {
        if (from > now)
            throw new InvalidException(nameof(EnterJob.StartedAt), "in_the_future");
        if (to > now)
            throw new InvalidException(nameof(EnterJob.EndedAt), "in_the_future");
        if (to <= from)
            throw new InvalidException(nameof(EnterJob.EndedAt), "before_start");
        if (to - from > LongestSheet)
            throw new InvalidException(nameof(EnterJob.EndedAt), "too_long_time", LongestSheet.TotalHours);
        if (run < from || run > to)
            throw new InvalidException(nameof(EnterJob.RunFrom), "not_valid");
        var stretches = new List<PaperStretch>();
        if (run > from)
            stretches.Add(new(MachineTimeKind.Setup, WorkTimeKind.Setup, from, run.Value));
        if ((run ?? from) < to)
            stretches.Add(new(MachineTimeKind.Run, WorkTimeKind.Run, run ?? from, to));
        return stretches;
    }

    /// <summary>The hard rules of a start, as they stood when the work was done.</summary>
    private async Task DemandSheetAsync(JobSituation s, EnterJob request, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        JobRules.DemandOrder(s);
        if (s.Holds.FirstOrDefault(h => h.OpenedAt <= from) is { } hold)
            throw new RuleException("job.on_hold", s.Place.OrderNumber, hold.Kind, hold.Note, hold.OpenedAt);
        if (s.Person is not { Active: true })
            throw new InvalidException(nameof(EnterJob.EmployeeId), "unknown_value");
        if (!await situations.IsEmployeeAsync(request.EmployeeId, s.Job.DepartmentId, ct))
            throw new RuleException("job.not_of_department", request.EmployeeId);
        if (s.Job.Locked && s.Job.EmployeeId is { } owner && owner != request.EmployeeId)
            throw new RuleException("job.locked", s.Place.OrderNumber);
        if (s.Machine is not { } machine)
        {
            if (s.Place.StageKind == "Machine" || s.Job.MachineId is not null)
                throw new RuleException("job.machine_needed", s.Place.Stage);
            return;
        }
        if (machine.RetiredAt <= to)
            throw new RuleException("job.machine_retired", machine.Number);
        if (await situations.StoodAsync(machine.Id, from, to, ct) is { } ticket)
            throw new RuleException("paper.machine_stood", machine.Number, ticket);
    }

    /// <summary>A shift whose times are approved opens only to who may unlock them, with a reason.</summary>
    private async Task DemandUnlockedAsync(Actor actor, JobSituation s, DateTimeOffset from, DateTimeOffset to, string? reason, CancellationToken ct)
    {
        foreach (var shift in calendars.Now.Shifts(s.Job.DepartmentId, s.Machine?.Id, from, to))
        {
            if (!await times.IsApprovedAsync(s.Job.DepartmentId, shift.Day, shift.ShiftId, ct))
                continue;
            rights.Demand(actor, Permissions.TimeUnlock, s.Job.DepartmentId);
            if (string.IsNullOrWhiteSpace(reason))
                throw new InvalidException(nameof(EnterJob.Reason), "needed");
        }
    }

    /// <summary>The lowest slot that holds nothing in the span; nothing of the job itself may lie in it either.</summary>
    private static async Task<int> FreeSlotAsync(string code, string name, int slots, Task<IReadOnlyList<SpanTaken>> reading, long jobId)
    {
        var taken = await reading;
        if (taken.FirstOrDefault(t => t.JobId == jobId) is { } own)
            throw new RuleException(code, name, own.OrderNumber, own.StartedAt, own.EndedAt);
        for (var slot = 1; slot <= slots; slot++)
            if (taken.All(t => t.Slot != slot))
                return slot;
        var first = taken.First(t => t.Slot is not null);
        throw new RuleException(code, name, first.OrderNumber, first.StartedAt, first.EndedAt);
    }
}
