using Pms.Core.Departments;
using Pms.Core.Jobs;

namespace Pms.Core.Floor;

/// <summary>Makes the tile and the shift's OEE of one machine from a read.</summary>
internal sealed class MachineBuilder(FloorRead read, PlantCalendar calendar, DateTimeOffset now)
{
    private readonly ILookup<long, MachineRunRow> runs = read.Runs.ToLookup(r => r.MachineId);
    private readonly ILookup<long, MachineRunRow> runsOfJob = read.Runs.ToLookup(r => r.JobId);
    private readonly ILookup<long, StartedJob> started = read.Started.Where(j => j.MachineId is not null).ToLookup(j => j.MachineId!.Value);
    private readonly Dictionary<long, NextJob> next = read.Next.DistinctBy(n => n.MachineId).ToDictionary(n => n.MachineId);
    private readonly ILookup<long, StandingTicket> tickets = read.Tickets.DistinctBy(t => t.Id).ToLookup(t => t.MachineId);
    private readonly ILookup<long, AllocationRow> allocations = read.Allocations.ToLookup(a => a.MachineId);
    private readonly ILookup<long, PersonSpan> presences = read.Presences.ToLookup(p => p.EmployeeId);
    private readonly ILookup<long, PersonSpan> work = read.Work.Where(w => w.MachineId is not null).ToLookup(w => w.MachineId!.Value);
    private readonly ILookup<long, ReportRow> reportsOfJob = read.Reports.ToLookup(r => r.JobId);
    private readonly ILookup<long, ReportRow> reports = read.Reports.Where(r => r.MachineId is not null).ToLookup(r => r.MachineId!.Value);

    public MachineTile Tile(FloorMachine machine)
    {
        var shift = FloorPicture.ShiftNow(calendar, machine.DepartmentId, machine.Id, now);
        var given = allocations[machine.Id].Where(a => a.ShiftId is not { } s || s == shift?.ShiftId).ToList();
        var watched = Watched(machine.Id, given, shift);
        var ticket = tickets[machine.Id].Where(t => t.IsOpen).OrderBy(t => t.IsPlanned).ThenBy(t => t.StandsFrom).FirstOrDefault();
        var jobs = started[machine.Id].Select(Job).OrderBy(j => j.Job.Status == JobStatus.Paused).ThenBy(j => j.Since).ToList();
        var timelines = Timelines(machine, shift, watched);
        var (state, since) = State(machine, ticket, jobs, watched, shift);
        return new MachineTile
        {
            Id = machine.Id,
            Number = machine.Number,
            Name = machine.Name,
            DepartmentId = machine.DepartmentId,
            State = state,
            Since = since,
            Jobs = jobs,
            Next = next.GetValueOrDefault(machine.Id),
            Ticket = ticket,
            Allocated = [.. given.OrderBy(a => Rank(a.Level)).Select(a => a.FirstName).Distinct()],
            Timelines = timelines,
            Shift = shift?.Span,
            Oee = OfShift(machine, shift, timelines),
        };
    }

    private (MachineState, DateTimeOffset?) State(FloorMachine machine, StandingTicket? ticket, List<TileJob> jobs, List<Span> watched, ShiftWindow? shift)
    {
        if (ticket is not null)
            return (ticket.IsPlanned || ticket.IsWorkedOn ? MachineState.Maintenance : MachineState.Broken, ticket.StandsFrom);
        if (jobs is [var first, ..])
        {
            if (first.Job.Status == JobStatus.Paused)
                return (MachineState.Stopped, first.Since);
            if (first.Job.Phase != JobPhase.Setup)
                return (MachineState.Running, first.Since);
            var tooLong = first.Job.SetupMinutes > 0 && (now - first.Since).TotalMinutes > (double)first.Job.SetupMinutes * FloorPicture.LongSetUp;
            return (tooLong ? MachineState.SetUpLong : MachineState.SetUp, first.Since);
        }
        var evidence = runs[machine.Id].Select(r => r.EndedAt).Max();
        if (watched.Any(w => w.Start <= now && w.End >= now))
            return (MachineState.Idle, evidence ?? watched.Max(w => (DateTimeOffset?)w.Start));
        var isShift = shift?.Contains(now) == true;
        return (isShift ? MachineState.NoData : MachineState.Off, evidence ?? (isShift ? shift!.Start : shift?.End));
    }

    private TileJob Job(StartedJob job)
    {
        var mine = runsOfJob[job.Id].ToList();
        var since = job.Status == JobStatus.Paused ? job.PausedAt : mine.Where(r => r.EndedAt is null).Max(r => (DateTimeOffset?)r.StartedAt) ?? job.StartedAt;
        return new TileJob { Job = job, Since = since ?? now, Rate = Rate(job, mine) };
    }

    /// <summary>Up to the last report, so that the rate doesn't sag while the next pieces are being made.</summary>
    private double? Rate(StartedJob job, List<MachineRunRow> mine)
    {
        var made = reportsOfJob[job.Id].Where(r => r.JobKind != JobKind.Rework).ToList();
        if (job.RunMinutes is not > 0 || made.Count == 0)
            return null;
        var until = made.Max(r => r.At);
        var from = mine.Count > 0 ? mine.Min(r => r.StartedAt) : until;
        var minutes = mine.Where(r => r.Kind == MachineTimeKind.Run).Select(r => r.Until(now).Clip(new Span(from, until))).Total().TotalMinutes;
        return minutes >= 1 ? (double)(job.RunMinutes.Value * made.Sum(r => r.Made)) / minutes : null;
    }

    /// <summary>Presence of whoever worked on it this shift or is given to it.</summary>
    private List<Span> Watched(long machineId, List<AllocationRow> given, ShiftWindow? shift)
    {
        if (shift is null)
            return [];
        var worked = work[machineId].Where(w => w.Until(now).Overlaps(shift.Span)).ToList();
        var people = worked.Select(w => w.EmployeeId).Concat(given.Select(a => a.EmployeeId)).Distinct();
        // Where nobody clocks in, the work itself is the only sign of a person.
        return [.. people.SelectMany(e => presences[e]).Select(p => p.Until(now)).Concat(worked.Select(w => w.Until(now)))];
    }

    private List<IReadOnlyList<ClassSpan>> Timelines(FloorMachine machine, ShiftWindow? shift, List<Span> watched)
    {
        if (shift is null || shift.Start >= now)
            return [];
        var window = new Span(shift.Start, shift.End < now ? shift.End : now);
        var working = calendar.WorkingTime(machine.DepartmentId, machine.Id, window.Start, window.End);
        var stands = tickets[machine.Id].Select(t => (t.IsPlanned, new Span(t.StandsFrom, t.ReleasedAt ?? now))).ToList();
        return [.. Timelines(machine.Slots, runs[machine.Id], stands, window, working, watched, now)];
    }

    private Oee OfShift(FloorMachine machine, ShiftWindow? shift, List<IReadOnlyList<ClassSpan>> timelines)
    {
        if (shift is null || timelines.Count == 0)
            return Oee.None;
        var production = reports[machine.Id]
            .Where(r => r.JobKind != JobKind.Rework && (r.ShiftId is { } s ? s == shift.ShiftId && r.ShiftDay == shift.Day : shift.Contains(r.At)))
            .Select(r => new Production(r.ProductId, r.RunMinutes, r.Good, r.Scrap, r.Rework));
        return Oee.Of(timelines.Aggregate(new UnitTimes(), (sum, line) => sum + UnitTimes.Of(line)), production);
    }

    /// <summary>One timeline per slot: each slot is one work unit, a stop belongs to the slot its job had before.</summary>
    public static IEnumerable<IReadOnlyList<ClassSpan>> Timelines(int slots, IEnumerable<MachineRunRow> rows, IReadOnlyList<(bool IsPlanned, Span Span)> stands, Span window,
        IReadOnlyList<Span> working, IReadOnlyList<Span> watched, DateTimeOffset now)
    {
        var units = Math.Max(1, slots);
        var unitOfJob = new Dictionary<long, int>();
        var perUnit = Enumerable.Range(0, units).Select(_ => new List<MachineRunRow>()).ToArray();
        foreach (var row in rows.OrderBy(r => r.StartedAt))
        {
            var unit = row.Slot is { } s ? s % units : unitOfJob.GetValueOrDefault(row.JobId);
            unitOfJob[row.JobId] = unit;
            perUnit[unit].Add(row);
        }
        foreach (var mine in perUnit)
        {
            Span[] Of(MachineTimeKind kind, Func<MachineRunRow, bool>? which = null) => [.. mine.Where(r => r.Kind == kind && (which is null || which(r))).Select(r => r.Until(now))];
            yield return MachineTimeline.Of(new SlotHistory
            {
                Window = window,
                Run = Of(MachineTimeKind.Run),
                Setup = Of(MachineTimeKind.Setup),
                Rework = Of(MachineTimeKind.Rework),
                Working = working,
                PlannedStops = [.. Of(MachineTimeKind.Stop, r => r.IsPlanned), .. stands.Where(s => s.IsPlanned).Select(s => s.Span)],
                Down = [.. Of(MachineTimeKind.Stop, r => !r.IsPlanned), .. stands.Where(s => !s.IsPlanned).Select(s => s.Span)],
                Watched = watched,
            });
        }
    }

    private static int Rank(string level) => level switch { "Primary" => 0, "Secondary" => 1, _ => 2 };
}
