using Microsoft.Extensions.Logging;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Planning.Outlooks;

namespace Pms.Core.Planning.Exceptions;

/// <summary>
/// The plant's exceptions as one picture for everybody who asks on this node: whoever asks while it is read shares the next reading, which begins after the ask,
/// so nobody sees less than they knew. While figures beside the pages watch, it is read once a minute, however many they are. Each kind is one line of <see cref="ReadAsync"/>.
/// </summary>
public sealed class IssueBoard : IDisposable
{
    /// <summary>How old a figure beside the pages may be.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>How far ahead closed days are looked at.</summary>
    private const int Ahead = 60;

    private readonly IssueQueries queries;
    private readonly PresentOutlook outlook;
    private readonly Calendars calendars;
    private readonly PlantClock clock;
    private readonly Burst burst;
    private readonly ITimer timer;
    private readonly SemaphoreSlim one = new(1);
    private readonly Lock gate = new();
    private Action[] watchers = [];
    private volatile IssuePicture picture = new([], DateTimeOffset.MinValue);
    private long asked, answered;

    public IssueBoard(IssueQueries queries, PresentOutlook outlook, Calendars calendars, PlantClock clock, TimeProvider time, ILogger<IssueBoard> log)
    {
        (this.queries, this.outlook, this.calendars, this.clock) = (queries, outlook, calendars, clock);
        burst = new Burst(ReadAndTellAsync, time, log);
        timer = time.CreateTimer(_ =>
        {
            if (Volatile.Read(ref watchers).Length > 0)
                burst.Request();
        }, null, Every, Every);
    }

    /// <summary>How often it was read since the start.</summary>
    public long Readings { get; private set; }

    /// <summary>As it is now.</summary>
    public async Task<IssuePicture> NowAsync(CancellationToken ct = default)
    {
        var mine = Interlocked.Increment(ref asked);
        await one.WaitAsync(ct);
        try
        {
            if (answered >= mine)
                return picture;
            var upTo = Interlocked.Read(ref asked);
            var read = new IssuePicture(await ReadAsync(ct), clock.Now);
            (picture, answered) = (read, upTo);
            Readings++;
            return read;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The last picture while it is kept young, for figures beside the page.</summary>
    public async Task<IssuePicture> RecentAsync(CancellationToken ct = default) => picture is var last && clock.Now - last.At < Every * 2 ? last : await NowAsync(ct);

    /// <summary>Tells after each reading of the minute, until disposed.</summary>
    public IDisposable Watch(Action told)
    {
        lock (gate)
            watchers = [.. watchers, told];
        return new Watching(this, told);
    }

    public void Dispose()
    {
        timer.Dispose();
        burst.Dispose();
    }

    private async Task ReadAndTellAsync(CancellationToken ct)
    {
        await NowAsync(ct);
        foreach (var tell in Volatile.Read(ref watchers))
            tell();
    }

    private async Task<IReadOnlyList<PlanIssue>> ReadAsync(CancellationToken ct)
    {
        var (now, today, calendar) = (clock.Now, clock.Today, calendars.Now);
        var rows = await queries.LoadAsync(now, today, ct);
        List<PlanIssue> found =
        [
            .. rows.Select(Of),
            .. await ClosedAsync(calendar, now, today, ct),
            .. AtRisk(await outlook.RecentAsync(ct), today, rows.Where(r => r.Kind == IssueKind.LateOrder).Select(r => r.OrderId).ToHashSet()),
        ];
        var through = (await queries.ThroughAsync([.. found.Where(i => i.DepartmentId is null).Select(i => i.OrderId).Distinct()], ct)).ToLookup(t => t.OrderId, t => t.DepartmentId);
        // Of two absences, or two things that take the place of one job, the first.
        return [.. found.DistinctBy(i => i.Id).Select(i => i.DepartmentId is null ? i with { Through = [.. through[i.OrderId]] } : i)];
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
            if (days.FirstOrDefault(d => clock.At(d, 0) < j.PlannedEnd && clock.At(d.AddDays(2), 0) > j.PlannedStart && calendar.ExceptionsOn(j.DepartmentId!.Value, j.MachineId, d).Any(e => e.Kind != ExceptionKind.ExtraShift)) is not { DayNumber: > 0 } day)
                return null;
            var (has, had) = (Worked(calendar, j), Worked(usual, j));
            return has >= had || has + TimeSpan.FromMinutes(1) >= j.Takes ? null : Of(j with
            {
                Kind = IssueKind.LostCapacity, Cause = IssueCause.Closed, Since = clock.At(day, 0), Note = calendar.ExceptionsOn(j.DepartmentId!.Value, j.MachineId, day).Last(e => e.Kind != ExceptionKind.ExtraShift).Reason, Pieces = null,
            });
        }).OfType<PlanIssue>();
    }

    private static TimeSpan Worked(PlantCalendar calendar, IssueRow j) => TimeSpan.FromTicks(calendar.WorkingTime(j.DepartmentId!.Value, j.MachineId, j.PlannedStart!.Value, j.PlannedEnd!.Value).Sum(s => s.Length.Ticks));

    /// <summary>Orders that the forecast sees done too late; where something of one is not planned yet, that step is named. What is late already is no risk any more.</summary>
    private static IEnumerable<PlanIssue> AtRisk(Outlook outlook, DateOnly today, IReadOnlySet<long> late)
    {
        var items = outlook.Items.ToLookup(i => i.OrderId);
        foreach (var order in outlook.Forecast.Orders.Values.Where(o => o.AtRisk && o.DueOn >= today && !late.Contains(o.OrderId)))
        {
            if (items[order.OrderId].FirstOrDefault() is not { } any)
                continue;
            var open = items[order.OrderId].SelectMany(i => i.Unplanned, (i, s) => (Step: s, Need: i.Flow.Need(s.Id))).FirstOrDefault();
            yield return new PlanIssue
            {
                Id = IdOf(IssueKind.AtRisk, order.OrderId), Kind = IssueKind.AtRisk, Cause = open.Step is null ? IssueCause.PlannedLate : IssueCause.Unplanned, OrderId = order.OrderId, OrderNumber = any.OrderNumber, Priority = any.Priority,
                Stage = open.Step?.Stage, Pieces = open.Step is null ? null : open.Need, Until = order.Finish, DueOn = order.DueOn,
            };
        }
    }

    private PlanIssue Of(IssueRow r) => new()
    {
        Id = IdOf(r.Kind, r.Subject), Kind = r.Kind, Cause = r.Cause, OrderId = r.OrderId, OrderNumber = r.OrderNumber, Priority = r.Priority, JobId = r.JobId, HoldId = r.HoldId, Hold = r.Hold, DepartmentId = r.DepartmentId, Stage = r.Stage,
        Machine = r.Machine, Person = r.LastName is null ? null : $"{r.FirstName} {r.LastName}", Note = r.Note, PlannedStart = r.PlannedStart, Since = r.Kind == IssueKind.LateOrder ? clock.At(r.DueOn.AddDays(1), 0) : r.Since,
        Until = r.ExpectedOn is { } day ? clock.At(day, 0) : r.Until, DueOn = r.DueOn, Pieces = r.Pieces,
    };

    private static long IdOf(IssueKind kind, long id) => ((long)kind << 48) + id;

    private sealed class Watching(IssueBoard board, Action told) : IDisposable
    {
        public void Dispose()
        {
            lock (board.gate)
                board.watchers = [.. board.watchers.Where(w => w != told)];
        }
    }
}
