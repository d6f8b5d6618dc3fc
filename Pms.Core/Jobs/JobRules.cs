using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>
/// What forbids a start or resume (hard), and what only needs a reason (soft). Hard is: order cancelled, finished or on hold, machine standing,
/// in maintenance or retired, slot taken. Everything else is soft: nobody at a terminal is stopped by a percentage.
/// </summary>
public static class JobRules
{
    /// <exception cref="RuleException">The first hard rule that stands against it, naming who and why.</exception>
    public static void DemandCanRun(JobSituation s, long? worker)
    {
        var (job, place) = (s.Job, s.Place);
        DemandOrder(s);
        if (s.Holds is [var hold, ..])
            throw new RuleException("job.on_hold", place.OrderNumber, hold.Kind, hold.Note, hold.OpenedAt);
        if (s.Person is not { Active: true } person)
            throw new RuleException("job.no_employee");
        if (job.Locked && job.EmployeeId is { } owner && owner != worker)
            throw new RuleException("job.locked", place.OrderNumber);
        DemandMachine(s);
        if ((s.JobWork.FirstOrDefault() ?? s.PersonWork.FirstOrDefault(w => w.JobId == job.Id)) is { } at)
            throw new RuleException("job.already_running", place.OrderNumber, at.Name, s.Machine?.Number, at.StartedAt);
        if (s.FreePersonSlot is null && s.PersonWork is [var work, ..])
            throw new RuleException("job.person_busy", person.Name, work.OrderNumber, work.Machine, work.StartedAt);
    }

    /// <exception cref="RuleException">The order or item is cancelled, closed or complete.</exception>
    public static void DemandOrder(JobSituation s)
    {
        var place = s.Place;
        if (place.OrderStatus == OrderStatus.Cancelled || place.ItemStatus == OrderStatus.Cancelled)
            throw new RuleException("job.order_cancelled", place.OrderNumber);
        if (place.OrderStatus == OrderStatus.Closed || place.ItemStatus == OrderStatus.Completed && s.Job.Kind is not (JobKind.MakeUp or JobKind.Rework))
            throw new RuleException("job.order_completed", place.OrderNumber);
    }

    /// <summary>The soft rules that a start would override; empty where nothing is in the way.</summary>
    /// <param name="waitsFor">The stage whose pieces are missing, where there is nothing to work on.</param>
    public static IReadOnlyList<Refusal> Warnings(JobSituation s, DateOnly today, string? waitsFor)
    {
        var warnings = new List<Refusal>();
        if (s.HasNoInput)
            warnings.Add(new("job.nothing_to_work_on", waitsFor));
        if (s.Short.Count > 0)
            warnings.Add(new("job.material_short", string.Join(", ", s.Short)));
        if (s.Person is { HasSkill: false } unskilled)
            warnings.Add(new("job.skill_missing", unskilled.Name, s.Place.Stage));
        else if (s.Person is { SkillExpiresOn: { } expired } && expired < today)
            warnings.Add(new("job.skill_expired", s.Person.Name, s.Place.Stage, expired));
        if (s.Machine is { RunsStage: false } machine)
            warnings.Add(new("job.machine_not_for_stage", machine.Number, s.Place.Stage));
        if (s.Job.Status == JobStatus.Planned && s.Ahead is { } first)
            warnings.Add(new("job.out_of_sequence", s.Machine?.Number, first));
        return warnings;
    }

    /// <exception cref="RuleException">The job is not in one of the states the command begins from; says what it is in and whose.</exception>
    public static void DemandStatus(JobSituation s, params ReadOnlySpan<JobStatus> wanted)
    {
        if (wanted.Contains(s.Job.Status))
            return;
        var who = s.JobWork is [var work, ..] ? work.Name : null;
        throw s.Job.Status switch
        {
            JobStatus.Running => new RuleException("job.already_running", s.Place.OrderNumber, who, s.Machine?.Number, s.JobRun?.StartedAt ?? s.Job.StartedAt),
            JobStatus.Paused => new RuleException("job.is_paused", s.Place.OrderNumber, s.Job.PausedAt),
            JobStatus.Finished => new RuleException("job.already_finished", s.Place.OrderNumber, s.Job.FinishedAt),
            JobStatus.Cancelled => new RuleException("job.is_cancelled", s.Place.OrderNumber),
            _ => new RuleException("job.not_started", s.Place.OrderNumber),
        };
    }

    /// <summary>The item's status that follows from the flow; completion needs every required step complete and no job open.</summary>
    public static OrderStatus Item(ItemFlow flow, bool started) =>
        flow.IsDone ? OrderStatus.Completed : started ? OrderStatus.InProgress : flow.IsPlanned ? OrderStatus.Scheduled : OrderStatus.Unscheduled;

    /// <summary>The order's status that follows from its item's. An order with an item in progress is in progress, whatever the others are.</summary>
    public static OrderStatus Order(OrderStatus item, bool started, OtherItems others) =>
        item == OrderStatus.Completed && !others.Open ? OrderStatus.Completed
        : started || item == OrderStatus.Completed || others.Started ? OrderStatus.InProgress
        : item == OrderStatus.Scheduled && !others.Unscheduled ? OrderStatus.Scheduled
        : OrderStatus.Unscheduled;

    private static void DemandMachine(JobSituation s)
    {
        if (s.Machine is not { } machine)
        {
            if (s.Place.StageKind == "Machine" || s.Job.MachineId is not null)
                throw new RuleException("job.machine_needed", s.Place.Stage);
            return;
        }
        if (machine.RetiredAt is not null)
            throw new RuleException("job.machine_retired", machine.Number);
        if (machine.Ticket is not null)
            throw new RuleException(machine.TicketStatus is "InProgress" or "AwaitingParts" ? "job.machine_in_maintenance" : "job.machine_stands", machine.Number, machine.Ticket, machine.ExpectedBack);
        // The job itself may have been started between the two reads; then that is what the person should hear.
        if (s.MachineRuns.FirstOrDefault(r => r.JobId == s.Job.Id) is { } mine)
            throw new RuleException("job.already_running", mine.OrderNumber, mine.Operator, machine.Number, mine.StartedAt);
        if (s.FreeMachineSlot is null && s.MachineRuns is [var holder, ..])
            throw new RuleException("job.machine_busy", machine.Number, holder.OrderNumber, holder.Operator, holder.StartedAt);
    }
}
