using Pms.Core.Departments;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Exceptions;

/// <summary>
/// The plant's exceptions as one picture for everybody who asks on this node: whoever asks while it is read shares the next reading, which begins after the ask,
/// so nobody sees less than they knew. Each kind is one line of <see cref="ReadAsync(CancellationToken)"/>.
/// </summary>
public sealed class IssueBoard(IssueQueries queries, Calendars calendars, PlantClock clock) : IDisposable
{
    /// <summary>Something not planned is at risk when it is due within so many days.</summary>
    public const int Soon = 3;

    /// <summary>How far ahead closed days are looked at.</summary>
    private const int Ahead = 60;

    private readonly SemaphoreSlim one = new(1);
    private IReadOnlyList<PlanIssue> picture = [];
    private DateTimeOffset at = DateTimeOffset.MinValue;
    private long asked, answered;

    /// <summary>How often it was read since the start.</summary>
    public long Readings { get; private set; }

    /// <summary>As it is now.</summary>
    public async Task<IReadOnlyList<PlanIssue>> NowAsync(CancellationToken ct = default)
    {
        var mine = Interlocked.Increment(ref asked);
        await one.WaitAsync(ct);
        try
        {
            if (answered >= mine)
                return picture;
            var upTo = Interlocked.Read(ref asked);
            var read = await ReadAsync(ct);
            (picture, at, answered) = (read, clock.Now, upTo);
            Readings++;
            return read;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The last picture if it is no older than this, for figures beside the page.</summary>
    public Task<IReadOnlyList<PlanIssue>> RecentAsync(TimeSpan old, CancellationToken ct = default) => clock.Now - at <= old ? Task.FromResult(picture) : NowAsync(ct);

    public void Dispose() => one.Dispose();

    private async Task<IReadOnlyList<PlanIssue>> ReadAsync(CancellationToken ct)
    {
        var (now, today, calendar) = (clock.Now, clock.Today, calendars.Now);
        var read = await queries.LoadAsync(now, today, today.AddDays(Soon), ct);
        List<PlanIssue> found =
        [
            .. read.Holds.Select(h => new PlanIssue
            {
                Id = IdOf(IssueKind.OnHold, h.Id), Kind = IssueKind.OnHold, OrderId = h.OrderId, OrderNumber = h.OrderNumber, Priority = h.Priority, JobId = h.JobId, DepartmentId = h.DepartmentId, Stage = h.Stage, Hold = h.Hold,
                Note = h.Note, Since = h.Since, Until = h.ExpectedOn is { } day ? clock.At(day, 0) : null, DueOn = h.DueOn,
            }),
            .. read.Away.DistinctBy(j => j.JobId).Select(j => Of(j, IssueKind.ToReassign, IssueCause.Absent)),
            .. read.Left.Select(j => Of(j, IssueKind.ToReassign, IssueCause.Left)),
            .. read.Standing.Select(j => Of(j, IssueKind.LostCapacity, IssueCause.Stands)).Concat(read.Retired.Select(j => Of(j, IssueKind.LostCapacity, IssueCause.Retired))).Concat(await ClosedAsync(calendar, now, today, ct)).DistinctBy(i => i.Id),
            .. read.Rejected.Select(j => Of(j, IssueKind.Rejected, IssueCause.None)),
            .. read.LateJobs.Select(j => Of(j, IssueKind.LateJob, IssueCause.None)),
            .. read.LateOrders.Select(o => new PlanIssue { Id = IdOf(IssueKind.LateOrder, o.Id), Kind = IssueKind.LateOrder, OrderId = o.Id, OrderNumber = o.OrderNumber, Priority = o.Priority, Since = clock.At(o.DueOn.AddDays(1), 0), DueOn = o.DueOn }),
            .. AtRisk(read, calendar, today),
        ];
        var through = (await queries.ThroughAsync([.. found.Where(i => i.DepartmentId is null).Select(i => i.OrderId).Distinct()], ct)).ToLookup(t => t.OrderId, t => t.DepartmentId);
        return [.. found.Select(i => i.DepartmentId is null ? i with { Through = [.. through[i.OrderId]] } : i)];
    }

    /// <summary>Planned jobs that the calendar leaves less time for, by a day that differs, than they take and had.</summary>
    private async Task<IEnumerable<PlanIssue>> ClosedAsync(PlantCalendar calendar, DateTimeOffset now, DateOnly today, CancellationToken ct)
    {
        var days = calendar.ShorterFrom(today.AddDays(-1)).Where(d => d <= today.AddDays(Ahead)).ToList();
        if (days.Count == 0)
            return [];
        var usual = calendar.Usual();
        var jobs = await queries.PlannedAsync(now, clock.At(days.Max().AddDays(2), 0), ct);
        return jobs.Select(j =>
        {
            // A shift of the day may run into the next one.
            if (days.FirstOrDefault(d => clock.At(d, 0) < j.PlannedEnd && clock.At(d.AddDays(2), 0) > j.PlannedStart && calendar.ExceptionsOn(j.DepartmentId, j.MachineId, d).Any(e => e.Kind != ExceptionKind.ExtraShift)) is not { DayNumber: > 0 } day)
                return null;
            var (has, had) = (Worked(calendar, j), Worked(usual, j));
            return has >= had || has + TimeSpan.FromMinutes(1) >= j.Takes ? null
                : Of(j, IssueKind.LostCapacity, IssueCause.Closed) with { Since = clock.At(day, 0), Note = calendar.ExceptionsOn(j.DepartmentId, j.MachineId, day).Last(e => e.Kind != ExceptionKind.ExtraShift).Reason, Pieces = null };
        }).OfType<PlanIssue>();
    }

    private static TimeSpan Worked(PlantCalendar calendar, IssueJob j) => TimeSpan.FromTicks(calendar.WorkingTime(j.DepartmentId, j.MachineId, j.PlannedStart, j.PlannedEnd).Sum(s => s.Length.Ticks));

    /// <summary>One line for an order, of its worst item; what is late already is no risk any more.</summary>
    private static IEnumerable<PlanIssue> AtRisk(IssueRead read, PlantCalendar calendar, DateOnly today)
    {
        var late = read.LateOrders.Select(o => o.Id).ToHashSet();
        var planned = read.Ends.Where(e => e.DueOn >= today && !late.Contains(e.OrderId) && IsAfter(calendar, e)).GroupBy(e => e.OrderId).Select(o => o.MaxBy(e => e.Ends)!).ToDictionary(e => e.OrderId, e => new PlanIssue
        {
            Id = IdOf(IssueKind.AtRisk, e.OrderId), Kind = IssueKind.AtRisk, Cause = IssueCause.PlannedLate, OrderId = e.OrderId, OrderNumber = e.OrderNumber, Priority = e.Priority, DueOn = e.DueOn, Until = e.Ends,
        });
        foreach (var item in read.DueSoon.Where(s => !late.Contains(s.OrderId)).GroupBy(s => s.ItemId))
        {
            var steps = item.ToList();
            var flow = new ItemFlow(steps[0].Quantity, [.. steps.Select(s => s.Flow)], steps[0].Decimals);
            if (steps.FirstOrDefault(s => s.Required && flow.Need(s.StepId) > 0) is { } step)
                planned.TryAdd(step.OrderId, new PlanIssue
                {
                    Id = IdOf(IssueKind.AtRisk, step.OrderId), Kind = IssueKind.AtRisk, Cause = IssueCause.Unplanned, OrderId = step.OrderId, OrderNumber = step.OrderNumber, Priority = step.Priority, Stage = step.Stage,
                    DueOn = step.DueOn, Pieces = flow.Need(step.StepId),
                });
        }
        return planned.Values;
    }

    private static bool IsAfter(PlantCalendar calendar, LastEnd e) => calendar.ShiftsOf(e.DepartmentId, null, e.DueOn) is { Count: > 0 } shifts
        ? e.Ends > shifts.Max(s => s.End) : calendar.ProductionDay(e.DepartmentId, null, e.Ends) > e.DueOn;

    private static PlanIssue Of(IssueJob j, IssueKind kind, IssueCause cause) => new()
    {
        Id = IdOf(kind, j.JobId), Kind = kind, Cause = cause, OrderId = j.OrderId, OrderNumber = j.OrderNumber, Priority = j.Priority, JobId = j.JobId, DepartmentId = j.DepartmentId, Stage = j.Stage, Machine = j.Machine,
        Person = j.LastName is null ? null : $"{j.FirstName} {j.LastName}", Note = j.Note, Since = j.Since, Until = j.Until, DueOn = j.DueOn, Pieces = j.Pieces,
    };

    private static long IdOf(IssueKind kind, long id) => ((long)kind << 48) + id;
}
