using Pms.Core.Jobs;

namespace Pms.Core.Floor;

/// <summary>Groups the day's good pieces by where their item still has to go, and says when they were made.</summary>
internal static class OutputBuilder
{
    /// <summary>What one report brought, and when it was made.</summary>
    public sealed record Output(StepTail Tail, decimal Good, IReadOnlyList<(Span Span, decimal Pieces)> Made);

    /// <summary>By job, what its reports of the day brought.</summary>
    public static Dictionary<long, IReadOnlyList<Output>> Outputs(FloorRead read, IReadOnlyDictionary<long, DateOnly> days, DateTimeOffset now)
    {
        var runs = read.Runs.Where(r => r.Kind == MachineTimeKind.Run).ToLookup(r => r.JobId, r => r.Until(now));
        var work = read.Work.Where(w => w.JobId is not null).ToLookup(w => w.JobId!.Value, w => w.Until(now));
        var found = new Dictionary<long, IReadOnlyList<Output>>();
        foreach (var job in read.Reports.GroupBy(r => r.JobId))
        {
            var before = DateTimeOffset.MinValue;
            var busy = runs[job.Key].ToList() is { Count: > 0 } machine ? machine : [.. work[job.Key]];
            var outputs = new List<Output>();
            foreach (var report in job)
            {
                var since = new Span(before, report.At);
                before = report.At;
                if (report.Good == 0 || !read.Tails.TryGetValue(report.StepId, out var tail) || !tail.Required
                    || !days.TryGetValue(report.DepartmentId, out var day) || day != report.ShiftDay)
                    continue;
                outputs.Add(new Output(tail, report.Good, [.. Spread(report, busy.Select(b => b.Clip(since)).Merge())]));
            }
            if (outputs.Count > 0)
                found[job.Key] = outputs;
        }
        return found;
    }

    /// <summary>Added up by the way their items still have to go.</summary>
    public static IReadOnlyList<DoneGroup> Groups(IEnumerable<IReadOnlyList<Output>> outputs)
    {
        var groups = new Dictionary<string, (StepTail Tail, decimal Good, List<(Span, decimal)> Made)>();
        foreach (var output in outputs.SelectMany(o => o))
        {
            var key = output.Tail.DepartmentId + ">" + string.Join(',', output.Tail.Later);
            var group = groups.TryGetValue(key, out var found) ? found : (output.Tail, 0m, []);
            group.Made.AddRange(output.Made);
            groups[key] = (output.Tail, group.Good + output.Good, group.Made);
        }
        return [.. groups.Values.Select(g => new DoneGroup { DepartmentId = g.Tail.DepartmentId, Later = g.Tail.Later, Good = g.Good, Made = g.Made })];
    }

    private static IEnumerable<(Span, decimal)> Spread(ReportRow report, List<Span> busy)
    {
        var total = busy.Total();
        if (total <= TimeSpan.Zero)
            return [(new Span(report.At, report.At), report.Good)];   // known only as an instant: a correction, or a paper entry
        return busy.Select(b => (b, report.Good * (decimal)(b.Length / total)));
    }
}
