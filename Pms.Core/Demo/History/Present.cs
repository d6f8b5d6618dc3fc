using Pms.Core.Demo.Plant;
using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Demo.History;

/// <summary>
/// The floor as the visitor finds it: what is under way is cut at now, a few machines are broken, paused or in service,
/// a few orders on hold or late; and every status follows from the jobs.
/// </summary>
internal sealed class Present(PlantFloor floor, PlantPeople people, PlantClock clock, PlantHistory history, DateTimeOffset at, Dice dice)
{
    private const long Minute = 60_000;
    private readonly long now = at.ToUnixTimeMilliseconds();
    private readonly DateOnly today = clock.DateOf(at);

    public void Arrange()
    {
        Disturb();
        foreach (var order in history.Orders)
            Derive(order);
        Overbook();
        Hold();
        Confirm();
        Delay();
    }

    /// <summary>Ends the job's story at an instant: its last interval stays open, what was reported later never was.</summary>
    public static void Cut(PlantJob job, long at)
    {
        job.Machine.RemoveAll(m => m.Start >= at);
        job.Labour.RemoveAll(l => l.Start >= at);
        job.Reports.RemoveAll(r => r.At > at);
        for (var i = 0; i < job.Labour.Count; i++)
            if (job.Labour[i].End is not { } end || end > at)
                job.Labour[i] = job.Labour[i] with { End = null };
        var last = job.Machine[^1] = job.Machine[^1] with { End = null };
        (job.Good, job.Scrap) = (job.Reports.Sum(r => r.Good), job.Reports.Sum(r => r.Scrap));
        job.OperatorId = job.Labour.Count > 0 ? job.Labour[^1].EmployeeId : job.Place.Windows.First(w => w.Start <= job.StartedAt && job.StartedAt < w.End).EmployeeId;
        (job.Phase, job.LastActionAt) = (job.Machine.Exists(m => m.Kind == MachineTimeKind.Run) ? JobPhase.Run : JobPhase.Setup, last.Start);
        (job.Status, job.LastAction) = last.Kind == MachineTimeKind.Stop ? (JobStatus.Paused, JobAction.Pause) : (JobStatus.Running, last.Kind == MachineTimeKind.Setup ? JobAction.Start : JobAction.RunNow);
        var paused = job.Status == JobStatus.Paused;
        (job.PausedAt, job.PauseReason, job.PauseCause) = (paused ? last.Start : null, paused ? last.Reason : null, paused ? last.Cause : null);
    }

    /// <summary>Pauses a running job some minutes ago; false if it did not run long enough.</summary>
    private static bool Pause(PlantJob job, long at, PlantReason? reason, PauseCause cause)
    {
        if (job.Status != JobStatus.Running || job.Machine[^1] is not { Kind: MachineTimeKind.Run } last || last.Start > at - 2 * Minute)
            return false;
        Cut(job, at);
        job.Machine[^1] = job.Machine[^1] with { End = at };
        for (var i = 0; i < job.Labour.Count; i++)
            job.Labour[i] = job.Labour[i] with { End = job.Labour[i].End ?? at };
        job.Machine.Add(new(MachineTimeKind.Stop, at, null, reason, cause));
        (job.Status, job.PausedAt, job.PauseReason, job.PauseCause, job.LastAction, job.LastActionAt) = (JobStatus.Paused, at, reason, cause, JobAction.Pause, at);
        return true;
    }

    private void Disturb()
    {
        var running = dice.Shuffle(history.Open.SelectMany(o => o.Jobs).Where(j => j.Status == JobStatus.Running && j.Place.Machine is { Slots: 1 }));
        var at = 0;
        bool One(int from, int to, PlantReason? reason, PauseCause cause, Action<PlantJob, long>? then = null)
        {
            for (; at < running.Count; at++)
            {
                var when = now - dice.Between(from, to) * Minute - dice.Below(60) * 1000;
                if (!Pause(running[at], when, reason, cause))
                    continue;
                then?.Invoke(running[at++], when);
                if (then is null)
                    at++;
                return true;
            }
            return false;
        }

        var standing = history.Tickets.Count(t => t.ReleasedAt is null);
        string[] states = ["Open", "Assigned", "AwaitingParts"];
        for (var i = 0; standing + i < 3; i++)
        {
            var state = states[i];
            if (!One(20, 90, floor.Reason("breakdown"), PauseCause.Breakdown, (job, when) => history.Tickets.Add(Ticket(job, when, state, floor.Reason("breakdown"), PlantHistory.Faults[2 + i].Fault))))
                break;
        }
        One(15, 50, floor.Reason("service"), PauseCause.Operator, (job, when) => history.Tickets.Add(Ticket(job, when, "InProgress", floor.Reason("service"), "Yearly service: belts, bearings, safety circuit")));
        One(2, 6, null, PauseCause.Operator);
        One(4, 11, null, PauseCause.Operator);
        One(6, 25, floor.Reason("material"), PauseCause.Operator);
        One(5, 15, floor.Reason("artwork"), PauseCause.Operator);
        One(3, 9, floor.Reason("quality"), PauseCause.Operator);
        foreach (var machine in dice.Shuffle(floor.Machines.Where(m => history.Tickets.TrueForAll(t => t.MachineId != m.Id || t.ReleasedAt is not null))).Take(4))
            history.Tickets.Add(new(machine.Id, machine.DepartmentId, null, "Guard rattles, still runs", "Low", false, dice.Chance(0.5) ? "Open" : "Assigned",
                people.Relief(machine.DepartmentId, 'A')!.Id, null, now - dice.Between(3, 60) * 60 * Minute, null, null, null, null, null, null));
        history.Tickets.Sort((a, b) => (a.OpenedAt, a.MachineId).CompareTo((b.OpenedAt, b.MachineId)));
    }

    private PlantTicket Ticket(PlantJob job, long when, string state, PlantReason reason, string words)
    {
        var machine = job.Place.Machine!;
        var technician = state == "Open" ? (long?)null : people.FirstOf("Technician").Id;
        return new(machine.Id, machine.DepartmentId, reason.Id, words, state == "Open" ? "High" : "Medium", true, state, job.OperatorId, technician, when, when,
            now + dice.Between(40, 240) * Minute, state is "InProgress" or "AwaitingParts" ? Math.Min(now, when + 8 * Minute) : null, null, null, null);
    }

    private void Derive(PlantOrder order)
    {
        var mine = dice.Fork(order.Id);
        foreach (var item in order.Items)
            item.Status = item.IsDone ? OrderStatus.Completed
                : item.Steps.Exists(s => s.Jobs.Exists(j => j.StartedAt is not null)) ? OrderStatus.InProgress
                : item.Steps.TrueForAll(s => s.Jobs.Count > 0) ? OrderStatus.Scheduled : OrderStatus.Unscheduled;
        if (order.CreatedAt == default)
            order.CreatedAt = clock.At(today.AddDays(-mine.Between(1, 4)), mine.Between(8 * 60, 16 * 60));
        if (order.CompletedAt is { } completed)
        {
            var done = clock.DateOf(completed);
            order.Status = completed < at.AddDays(-mine.Between(2, 6)) ? OrderStatus.Closed : OrderStatus.Completed;
            order.DueOn = done.AddDays(mine.Chance(0.09) ? -mine.Between(1, 4) : mine.Between(0, 6));
        }
        else
        {
            var statuses = order.Items.Select(i => i.Status).ToList();
            order.Status = statuses.Exists(s => s is OrderStatus.InProgress or OrderStatus.Completed) ? OrderStatus.InProgress : statuses.Contains(OrderStatus.Unscheduled) ? OrderStatus.Unscheduled : OrderStatus.Scheduled;
            var jobs = order.Jobs.ToList();
            var forecast = jobs.Count == 0 ? today.AddDays(mine.Between(4, PlantHistory.WeeksAhead * 7)) : clock.DateOf(DateTimeOffset.FromUnixTimeMilliseconds(jobs.Max(j => j.PlannedEnd)));
            var late = order.Status == OrderStatus.InProgress && mine.Chance(0.12);
            order.DueOn = late ? today.AddDays(-mine.Between(1, 5)) : mine.Chance(0.08) && forecast > today ? forecast.AddDays(-1) : forecast.AddDays(mine.Between(0, 9));
            if (order.DueOn < today && order.Priority < 3)
                order.Priority++;
        }
        var created = clock.DateOf(order.CreatedAt);
        if (order.DueOn < created)
            order.DueOn = created;
        order.StartsOn = created.AddDays(1);
        if (mine.Chance(0.1))
            order.Notes = mine.Pick((string[])["Deliver to the side gate.", "Customer wants a photo of the first piece.", "Pack in the customer's own cartons.", "Same threads as last year's order."]);
    }

    /// <summary>A fair opens earlier: Cutting is planned beyond what it can do on two short Saturdays, by somebody who may and says why. Only first steps come forward, so that nothing before them is in the way.</summary>
    private void Overbook()
    {
        var saturday = PlantClock.Monday(today).AddDays(12);
        var planned = history.Open.SelectMany(o => o.Jobs).Where(j => j.Status == JobStatus.Planned && j.Stage.DepartmentId == PlantFloor.Cutting).ToList();
        foreach (var (day, share) in new[] { (saturday, 1.31), (saturday.AddDays(7), 1.18) })
        {
            var shifts = history.Places.Where(p => p.DepartmentId == PlantFloor.Cutting).SelectMany(p => p.Windows).Select(w => w.Shift).Where(s => s.Day == day).DistinctBy(s => s.Start).ToList();
            var there = floor.Machines.Where(m => m.DepartmentId == PlantFloor.Cutting).Sum(m => m.Slots) * shifts.Sum(s => (long)(s.End - s.Start).TotalMilliseconds);
            var load = planned.Sum(j => j.Place.Windows.Where(w => w.Shift.Day == day).Sum(w => Math.Max(0, Math.Min(w.End, j.PlannedEnd) - Math.Max(w.Start, j.PlannedStart))));
            foreach (var job in planned.Where(j => j.Overbooked is null && j.Step.Path.Position == 1 && j.MachineId != PlantFloor.VisitorsMachine && clock.DateOf(Instant(j.PlannedStart)) > day).OrderBy(j => j.Number % 2).ThenBy(j => j.PlannedStart).ThenBy(j => j.Number).ToList())   // no day after is emptied
            {
                var length = PlantHistory.Standard(job) * 105 / 100;
                if (load >= there * share)
                    break;
                if (job.Place.Windows.FirstOrDefault(w => w.Shift.Day == day && w.End - w.Start > length) is not { } window)
                    continue;
                job.PlannedStart = window.Start + dice.Between(0, (int)((window.End - window.Start - length) / Minute / 15)) * 15 * Minute;
                (job.PlannedEnd, job.WorkCentreOnly) = (job.PlannedStart + length, false);
                load += length;
                job.Overbooked = FormattableString.Invariant($"Department Cutting {day:yyyy-MM-dd}: {load / Minute} of {there / Minute} min");
            }
        }
    }

    private static DateTimeOffset Instant(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);

    private void Hold()
    {
        (string Kind, string Note)[] why = [("Customer", "Customer wants another colour, answer due"), ("Material", "Blanks not delivered yet"), ("Quality", "Shade differs from the sample"), ("Material", "Thread 1147 out of stock"), ("Capacity", "Waits for the large order")];
        var planned = history.Open.Where(o => o.Status is OrderStatus.Scheduled or OrderStatus.Unscheduled && o.Jobs.All(j => j.MachineId != PlantFloor.VisitorsMachine));
        foreach (var order in dice.Shuffle(planned).Take(Math.Max(2, history.Open.Count() / 37)))
        {
            var (kind, note) = dice.Pick(why);
            order.Hold = new(kind, note, today.AddDays(dice.Between(1, 6)), DateTimeOffset.FromUnixTimeMilliseconds(now - dice.Between(1, 40) * 60 * Minute), kind == "Quality" ? "quality" : "planner");
            if (order.Hold.OpenedAt < order.CreatedAt)
                order.Hold = order.Hold with { OpenedAt = order.CreatedAt };
        }
    }

    /// <summary>Some of what runs was meant to be over by now.</summary>
    private void Delay()
    {
        foreach (var job in dice.Shuffle(history.Open.SelectMany(o => o.Jobs).Where(j => j.Status is JobStatus.Running or JobStatus.Paused && j.PlannedEnd > now && j.MachineId != PlantFloor.VisitorsMachine)).Take(5))
        {
            var by = job.PlannedEnd - now + dice.Between(20, 160) * Minute;
            (job.PlannedStart, job.PlannedEnd) = (job.PlannedStart - by, job.PlannedEnd - by);
        }
    }

    /// <summary>Three people forgot their last tap yesterday: their time waits to be confirmed.</summary>
    private void Confirm()
    {
        var midnight = clock.At(today, 0).ToUnixTimeMilliseconds();
        var forgotten = history.Open.SelectMany(o => o.Jobs).SelectMany(j => j.Labour.Select((l, i) => (Job: j, Index: i, l.End)))
            .Where(l => l.End > midnight - 3 * 24 * 60 * Minute && l.End < midnight).Take(3).ToList();
        foreach (var (job, index, _) in forgotten)
            job.Labour[index] = job.Labour[index] with { ToConfirm = true };
    }
}
