using Pms.Core.Demo.Plant;
using Pms.Core.Jobs;
using Pms.Core.Maintenance;

namespace Pms.Core.Demo.Simulation;

/// <summary>What operators do at their machines and benches: begin, set up, count, pause, go on, finish, hand over.</summary>
internal sealed class FloorWork(JobService jobs, MaintenanceService maintenance, Crew crew, DemoSettings settings, Dice dice)
{
    private static readonly TimeSpan LongestCount = TimeSpan.FromMinutes(90);
    private static readonly string[] Stops = ["material", "thread", "artwork", "adjust", "quality", "cleaning"];
    private readonly Dictionary<long, decimal> carry = [];
    private readonly Dictionary<string, DateTimeOffset> idle = [];

    public IEnumerable<Chore> Chores(FloorView view, IReadOnlyDictionary<long, Post> posts, IReadOnlyList<ReadyJob> ready)
    {
        var atMachine = posts.Values.Where(p => view.IsHere(p.Person.Id) && !view.RealPeople.Contains(p.Person.Id)).SelectMany(p => p.Machines.Select(m => (m, p.Person))).ToDictionary(p => p.m, p => p.Person);
        var atBench = posts.Values.Where(p => p.BenchStage is not null && view.IsHere(p.Person.Id) && !view.RealPeople.Contains(p.Person.Id)).ToLookup(p => p.BenchStage!.Value, p => p.Person);
        PlantPerson? Free(OpenJob job) => job.MachineId is { } m ? Able(view, atMachine.GetValueOrDefault(m)) : atBench[job.StageId].Select(p => Able(view, p)).FirstOrDefault(p => p is not null);
        foreach (var job in view.Jobs.Where(j => j.MachineId != PlantFloor.VisitorsMachine && !(j.WorkerId is { } w && (view.RealPeople.Contains(w) || !crew.Knows(w)))))
        {
            var mine = dice.Fork(job.Id * 1000 + job.Since.ToUnixTimeSeconds() % 1000);
            if ((job.Status == JobStatus.Running ? Running(view, job, posts, Free(job), mine) : Paused(view, job, Free(job), mine)) is { } chore)
                yield return chore;
        }
        foreach (var chore in Begin(view, atMachine, atBench, ready))
            yield return chore;
    }

    /// <summary>Now and then something comes in between: a pause, or a machine that breaks.</summary>
    public Chore? Disturb(FloorView view, TimeSpan since)
    {
        var mine = dice.Fork(view.Now.ToUnixTimeMilliseconds());
        var standing = view.Tickets.Count(t => t.Stands && t.ReleasedAt is null);
        var breaks = mine.Chance(since.TotalSeconds * settings.Speed / (standing < 2 ? 600 : standing < 4 ? 3000 : 1e9));
        if (!breaks && !mine.Chance(since.TotalSeconds * settings.Speed / 140))
            return null;
        var running = view.Jobs.Where(j => j is { Status: JobStatus.Running, Phase: JobPhase.Run, WorkerId: not null, MachineId: not null and not PlantFloor.VisitorsMachine }
            && crew.Knows(j.WorkerId.Value) && !view.RealPeople.Contains(j.WorkerId.Value) && view.Now - j.Since > TimeSpan.FromMinutes(4 / settings.Speed)).ToList();
        if (running.Count == 0)
            return null;
        var job = mine.Pick(running);
        var actor = Crew.Actor(crew.Person(job.WorkerId!.Value));
        if (breaks)
            return new($"break {job.MachineId}", view.Now, ct => maintenance.ReportStopAsync(actor,
                new(job.MachineId!.Value, true, crew.Floor.Reason("breakdown").Id, mine.Pick(History.PlantHistory.Faults).Fault, mine.Chance(0.3) ? Severity.High : Severity.Medium), ct: ct));
        long? reason = mine.Chance(0.6) ? crew.Floor.Reason(mine.Pick(Stops)).Id : null;
        return new($"pause {job.Id}", view.Now, ct => jobs.PauseAsync(actor, new(job.Id, reason), ct: ct));
    }

    private Chore? Running(FloorView view, OpenJob job, IReadOnlyDictionary<long, Post> posts, PlantPerson? free, Dice mine)
    {
        // The shift changed, or the machine ran alone: whoever stands there now goes on with it.
        var stays = job.WorkerId is { } worker && posts.TryGetValue(worker, out var post) && (job.MachineId is { } m ? post.Machines.Contains(m) : post.BenchStage == job.StageId);
        if (!stays && free is not null && free.Id != job.WorkerId)
            return new($"take {job.Id}", view.Now, ct => jobs.TakeOverAsync(Crew.Actor(free), new(job.Id), ct: ct));
        if (job.WorkerId is not { } who)
            return null;
        var actor = Crew.Actor(crew.Person(who));
        if (job.Phase == JobPhase.Setup)
            return new($"run {job.Id}", job.Since + Minutes((double)job.SetupMinutes * mine.Between(0.7, 1.3)), ct => jobs.RunNowAsync(actor, new(job.Id), ct: ct));
        var last = job.LastReportAt > job.Since ? job.LastReportAt.Value : job.Since;
        var due = last + TimeSpan.FromSeconds(dice.Fork(job.Id + last.ToUnixTimeSeconds()).Between(80, 200) / Math.Sqrt(settings.Speed));
        return new($"count {job.Id}", due, ct => CountAsync(actor, job, view.Now - last, ct));
    }

    /// <summary>Counts what came off since the last count, by the standard and this person's pace; finishes when it is enough or the input is used up.</summary>
    private async Task CountAsync(Actor actor, OpenJob job, TimeSpan since, CancellationToken ct)
    {
        var mine = dice.Fork(job.Id * 7919 + (long)job.Good);
        var minutes = (decimal)(Math.Min(since.TotalMinutes, LongestCount.TotalMinutes) * settings.Speed * dice.Fork(job.Id).Mostly(0.88, 1.14));
        var made = minutes / Math.Max(0.05m, job.RunMinutes ?? 1) + carry.GetValueOrDefault(job.Id);
        var pieces = Math.Floor(made);
        if (pieces < 1 && job.Rest > 0 && job.Available is null or > 0)
            return;
        carry[job.Id] = made - pieces;
        var scrap = mine.Chance((double)pieces * 0.011) ? 1m : 0m;
        var left = job.Available ?? decimal.MaxValue;
        scrap = Math.Min(scrap, Math.Max(0, left));
        var good = Math.Max(0, Math.Min(Math.Min(pieces, job.Rest), left - scrap));
        long? reason = scrap > 0 ? mine.Pick(crew.Floor.Reasons.Where(r => r.List == "Scrap" && (r.DepartmentId is null || r.DepartmentId == job.DepartmentId)).ToList()).Id : null;
        if (good >= job.Rest || good + scrap >= left)
        {
            await jobs.FinishAsync(actor, new(job.Id, good, scrap, ScrapReasonId: reason, Answer: good < job.Rest ? ShortAnswer.ThatIsAll : null), ct: ct);
            carry.Remove(job.Id);
        }
        else if (job.Good > job.Planned * 0.4m && mine.Chance(0.004))
            await jobs.FinishAsync(actor, new(job.Id, good, scrap, ScrapReasonId: reason, Answer: ShortAnswer.RestLater), ct: ct);
        else
            await jobs.ReportAsync(actor, new(job.Id, good, scrap, ScrapReasonId: reason), ct: ct);
    }

    private Chore? Paused(FloorView view, OpenJob job, PlantPerson? free, Dice mine)
    {
        var since = job.PausedAt ?? view.Now;
        if (job is { PauseCause: PauseCause.Operator, PauseReasonId: null, OperatorId: { } forgot } && crew.Knows(forgot) && !view.RealPeople.Contains(forgot) && mine.Chance(0.7) && since + Minutes(4) < view.Now && since + Minutes(7) > view.Now)
            return new($"reason {job.Id}", since + Minutes(4), ct => jobs.SetPauseReasonAsync(Crew.Actor(crew.Person(forgot)), new(job.Id, crew.Floor.Reason(mine.Pick(Stops)).Id), ct: ct));
        if (free is null || job.OnHold || view.Stands(job.MachineId))
            return null;
        var wait = job.PauseCause is PauseCause.NoOperator or PauseCause.AutoClosed or PauseCause.Breakdown ? mine.Between(0.3, 2) : mine.Between(4, 14);
        return new($"resume {job.Id}", since + Minutes(wait), ct => jobs.ResumeAsync(Crew.Actor(free), new(job.Id, job.MachineId, Reason: "Carries on"), ct: ct));
    }

    private IEnumerable<Chore> Begin(FloorView view, Dictionary<long, PlantPerson> atMachine, ILookup<long, PlantPerson> atBench, IReadOnlyList<ReadyJob> ready)
    {
        var taken = new HashSet<long>();
        Chore? Start(string place, PlantPerson person, long? machine, Func<ReadyJob, bool> own, Func<ReadyJob, bool> any)
        {
            if ((ready.FirstOrDefault(r => own(r) && !taken.Contains(r.Id)) ?? ready.FirstOrDefault(r => any(r) && !taken.Contains(r.Id))) is not { } job)
                return null;
            taken.Add(job.Id);
            if (!idle.TryGetValue(place, out var seen))
                idle[place] = seen = view.Now;
            return new($"start {job.Id}", seen + TimeSpan.FromSeconds(dice.Fork(job.Id).Between(10, 80) / settings.Speed), async ct =>
            {
                idle.Remove(place);
                await jobs.StartAsync(Crew.Actor(person), new(job.Id, machine, Reason: "Next in line"), ct: ct);
            });
        }

        foreach (var (id, person) in atMachine.OrderBy(a => a.Key))
        {
            var machine = crew.Floor.Machines[(int)id - 1];
            if (Able(view, person) is null || view.Stands(id) || view.Jobs.Count(j => j.MachineId == id) >= machine.Slots)
            {
                idle.Remove(machine.Number);
                continue;
            }
            if (Start(machine.Number, person, id, r => r.MachineId == id, r => machine.Stages.Contains(r.StageId) && r.MachineId is null) is { } chore)
                yield return chore;
            else if (Start(machine.Number, person, id, r => false, r => machine.Stages.Contains(r.StageId) && r.MachineId != PlantFloor.VisitorsMachine) is { } other)
                yield return other;   // nothing of its own is ready: it helps the machine beside it
        }
        foreach (var stage in atBench)
            foreach (var person in stage.Where(p => Able(view, p) is not null && !view.Jobs.Any(j => j.Status == JobStatus.Paused && j.OperatorId == p.Id && j.MachineId is null)))
                if (Start($"bench {person.Id}", person, null, r => r.StageId == stage.Key && r.EmployeeId == person.Id, r => r.StageId == stage.Key) is { } chore)
                    yield return chore;
    }

    /// <summary>The person, if a hand is free.</summary>
    private static PlantPerson? Able(FloorView view, PlantPerson? person) => person is not null && view.Busy(person.Id) < person.Slots ? person : null;

    private TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes / settings.Speed);
}
