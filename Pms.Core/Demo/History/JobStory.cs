using Pms.Core.Demo.Plant;
using Pms.Core.Jobs;

namespace Pms.Core.Demo.History;

/// <summary>
/// How one job went: set-up, run with stops, over the ends of shifts and nights, with reports by whoever stood there.
/// Intervals of the machine and of people never overlap at a place, lie in manned time (but for unattended machines at night) and end where the next begins.
/// </summary>
internal sealed class JobStory(PlantFloor floor, PlantJob job, Dice dice)
{
    private const long Minute = 60_000;
    private static readonly string[] Stops = ["material", "thread", "artwork", "adjust", "quality", "cleaning", "power", "break"];

    private readonly PlantPlace place = job.Place;
    private readonly List<(long At, long Employee, long Run)> marks = [];
    private long at;
    private int window;
    private long run, untilReport;

    /// <summary>The breakdowns on the way: start and end, reporter.</summary>
    public List<(long From, long To, long Reporter)> Breakdowns { get; } = [];

    /// <summary>Plays the job from its start to its finish, and returns when that was.</summary>
    public long Play((long At, int Window) start, int good, int scrap, double pace)
    {
        (at, window) = start;
        job.StartedAt = at;
        var minutes = (double)job.Step.Path.RunMinutes * (good + scrap) / place.Speed / pace;
        var length = Math.Max(Minute, (long)(minutes * Minute));
        Spend(MachineTimeKind.Setup, Math.Max(Minute, (long)(job.Step.Path.SetupMinutes * Minute * dice.Mostly(0.6, 1.5))));
        untilReport = NextReport();
        foreach (var share in Interruptions(minutes))
        {
            Spend(MachineTimeKind.Run, (long)(length * share) - run);
            Stop();
        }
        Spend(MachineTimeKind.Run, length - run);
        Mark(force: true);
        Count(good, scrap, length);
        return at;
    }

    private long NextReport() => dice.Between(35, 75) * Minute;

    private List<double> Interruptions(double minutes)
    {
        var shares = new List<double>();
        for (var left = minutes; left > 20; left -= 150)
            if (dice.Chance(0.16 * Math.Min(1, left / 150)))
                shares.Add(dice.Between(0.05, 0.95));
        shares.Sort();
        return shares;
    }

    private void Spend(MachineTimeKind kind, long length)
    {
        while (length > 0)
        {
            var manned = place.Windows[window];
            if (at >= manned.End)
            {
                length -= Handover(kind, length);
                continue;
            }
            var part = Math.Min(length, manned.End - at);
            if (kind == MachineTimeKind.Run)
                part = Math.Min(part, untilReport);
            Append(kind, at, at + part);
            Work(manned.EmployeeId, kind == MachineTimeKind.Setup ? WorkTimeKind.Setup : WorkTimeKind.Run, at, at + part);
            (at, length) = (at + part, length - part);
            if (kind != MachineTimeKind.Run)
                continue;
            (run, untilReport) = (run + part, untilReport - part);
            if (untilReport == 0)
                Mark();
        }
    }

    /// <summary>The shift is over: the next takes over, the machine runs on alone, or the job waits. Returns how much was made meanwhile.</summary>
    private long Handover(MachineTimeKind kind, long length)
    {
        Mark(force: false);
        var (gap, alone) = (place.Windows[window + 1].Start - at, 0L);
        if (gap > 0 && kind == MachineTimeKind.Run && place.Machine is { Unattended: true } && gap <= 9 * 60 * Minute && length >= gap / 3)
        {
            Append(kind, at, at + gap);
            alone = Math.Min(gap, length);
            run += alone;
        }
        else if (gap > 0)
        {
            Append(MachineTimeKind.Stop, at, at + gap, floor.Reason("shift_end"), PauseCause.NoOperator);
        }
        at += gap;
        window++;
        return alone;
    }

    private void Stop()
    {
        var broken = place.Machine is { Slots: 1 } && dice.Chance(0.09);
        var reason = floor.Reason(broken ? "breakdown" : Own() ?? dice.Pick(Stops));
        var length = (broken ? dice.Between(25, 200) : reason.Code == "break" ? 15 : dice.Between(3, 28)) * Minute;
        if (at >= place.Windows[window].End)
            Handover(MachineTimeKind.Setup, 0);
        if (dice.Chance(0.6))
            Mark();
        var (from, who) = (at, place.Windows[window].EmployeeId);
        at += length;
        while (at >= place.Windows[window].End)
            window++;
        at = Math.Max(at, place.Windows[window].Start);   // repaired at night, running in the morning
        Append(MachineTimeKind.Stop, from, at, reason, broken ? PauseCause.Breakdown : PauseCause.Operator);
        if (broken)
            Breakdowns.Add((from, at, who));
    }

    private string? Own() => dice.Chance(0.35) ? place.DepartmentId switch { PlantFloor.Embroidery => "hoop", PlantFloor.Print => "screen_wash", _ => null } : null;

    private void Append(MachineTimeKind kind, long from, long to, PlantReason? reason = null, PauseCause? cause = null)
    {
        // A new shift is a new interval: what is open now never began in a shift that is long over.
        if (job.Machine is [.., var last] && last.Kind == kind && last.End == from && kind != MachineTimeKind.Stop && from != place.Windows[window].Start)
            job.Machine[^1] = last with { End = to };
        else
            job.Machine.Add(new(kind, from, to, reason, cause));
    }

    private void Work(long employee, WorkTimeKind kind, long from, long to)
    {
        if (job.Labour is [.., var last] && last.EmployeeId == employee && last.Kind == kind && last.End == from)
            job.Labour[^1] = last with { End = to };
        else
            job.Labour.Add(new(employee, kind, from, to));
    }

    private void Mark(bool force = false)
    {
        untilReport = NextReport();
        if (run > 0 && (force || marks.Count == 0 || run > marks[^1].Run + 4 * Minute))
            marks.Add((at, place.Windows[Math.Min(window, place.Windows.Count - 1)].EmployeeId, run));
    }

    /// <summary>Pieces follow run time; what was counted last takes the rest.</summary>
    private void Count(int good, int scrap, long length)
    {
        var reasons = floor.Reasons.Where(r => r.List == "Scrap" && (r.DepartmentId is null || r.DepartmentId == place.DepartmentId)).ToList();
        var (goodSoFar, scrapSoFar) = (0, 0);
        for (var i = 0; i < marks.Count; i++)
        {
            var mark = marks[i];
            var last = i == marks.Count - 1;
            var share = Math.Min(1.0, (double)mark.Run / length);
            var (g, s) = last ? (good, scrap) : ((int)(good * share), Math.Min(scrap, (int)Math.Round(scrap * share * dice.Between(0.3, 1.0))));
            s = Math.Max(s, scrapSoFar);
            var (newGood, newScrap) = (g - goodSoFar, s - scrapSoFar);
            if (newGood + newScrap > 0)
                job.Reports.Add(new(mark.At, mark.Employee, newGood, newScrap, newScrap > 0 ? dice.Pick(reasons) : null));
            (goodSoFar, scrapSoFar) = (g, s);
        }
    }
}
