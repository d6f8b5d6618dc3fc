using FsCheck;
using FsCheck.Fluent;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>
/// Random taps of several people against a pure model: whatever the engine accepts, the model must have allowed and ends up with the same
/// status and quantities; whatever it refuses changes nothing; the invariants of both streams hold at the end; and the same story goes the same way on both databases.
/// </summary>
public sealed class JobModelTests
{
    private const int Steps = 50;

    public enum Verb
    {
        Start, RunNow, Pause, PauseReason, Resume, Report, Scrap, Finish, FinishShort, Undo, TakeOver, Manual, Correct, ClockIn, ClockOut, HoldOrder, HoldJob, Lift, MachineStops, Repair, Wait, Twice,
    }

    /// <summary>One tap: who, what, on which of the jobs, and how many.</summary>
    public sealed record Step(int Person, Verb Verb, int Job, int Quantity);

    private sealed class Model
    {
        public required long Order { get; init; }
        public JobStatus Status { get; set; } = JobStatus.Planned;
        public decimal Good { get; set; }
        public decimal Scrap { get; set; }
    }

    /// <summary>The whole floor as the model knows it, by job, hold and machine.</summary>
    private sealed class World
    {
        public Dictionary<long, Model> Jobs { get; } = [];
        public Dictionary<long, (long Order, long? Job)> Holds { get; } = [];
        public Dictionary<long, long> Standing { get; } = [];

        public bool Held(long job) => Holds.Keys.Any(h => Covers(h, job));

        public bool Covers(long hold, long job) => Holds[hold] is var (order, only) && (only ?? job) == job && order == Jobs[job].Order;
    }

    private static Arbitrary<IList<Step>> Stories()
    {
        var step =
            from person in Gen.Choose(0, 2)
            from verb in Gen.Elements(Enum.GetValues<Verb>())
            from job in Gen.Choose(0, 5)
            from quantity in Gen.Choose(1, 60)
            select new Step(person, verb, job, quantity);
        return step.ListOf(Steps).Select(s => (IList<Step>)[.. s]).ToArbitrary();
    }

    [Fact]
    public void Random_interleavings_never_break_the_invariants() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(12), Prop.ForAll(Stories(), story => PlayAsync(Engine.Sqlite, story).GetAwaiter().GetResult().Count == story.Count));

    [Fact]
    public void A_story_goes_the_same_way_on_both_databases() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(6), Prop.ForAll(Stories(), story =>
    {
        var (one, other) = (PlayAsync(Engine.Sqlite, story).GetAwaiter().GetResult(), PlayAsync(Engine.MySql, story).GetAwaiter().GetResult());
        Assert.Equal(one, other);
    }));

    /// <summary>Each tap's end in a few words: the refusal, or what the job is then.</summary>
    private static async Task<IReadOnlyList<string>> PlayAsync(Engine engine, IList<Step> story)
    {
        await using var floor = await JobFloor.StartAsync(engine);
        Actor[] people = [JobFloor.Ann, JobFloor.Ben, JobFloor.Operator(3, "Cas Cele")];
        var (first, second) = (await floor.OrderAsync(100, setupMinutes: 5, machine: 1), await floor.OrderAsync(40, machine: 4));
        List<long> ids = [first[JobFloor.Cut], first[JobFloor.Sew], second[JobFloor.Cut], second[JobFloor.Sew]];
        var (world, ends) = (new World(), new List<string>());
        foreach (var id in ids)
            world.Jobs[id] = new() { Order = (await floor.JobAsync(id))!.OrderId };

        foreach (var (index, step) in story.Index())
        {
            floor.Pms.Clock.Advance(TimeSpan.FromSeconds(20 + step.Quantity));
            var (id, who, key) = (ids[step.Job % ids.Count], people[step.Person], $"k{index}");
            var before = (await floor.JobAsync(id))!;
            JobResult? result;
            try
            {
                result = await TapAsync(floor, world, who, step, before, key);
                if (result is not null && (step.Verb == Verb.Twice || index % 5 == 0))
                    Assert.Equal(result, await TapAsync(floor, world, who, step, before, key));   // its twin, late
            }
            catch (PmsException e)
            {
                Assert.Equal(before, (await floor.JobAsync(id))!);   // a refusal leaves no trace
                ends.Add($"{index} {step.Verb}: {e.Code}");
                continue;
            }
            if (result is not null && step.Verb == Verb.Manual)
            {
                Assert.False(world.Standing.ContainsKey(before.MachineId ?? 0), "A machine that stands was started.");
                ids.Add(result.JobId);
                world.Jobs[id = result.JobId] = new() { Order = before.OrderId, Status = JobStatus.Running };
                Assert.False(world.Held(id), "What is on hold was started.");
            }
            else if (result is not null)
                Apply(world, id, step, before, result);
            var now = (await floor.JobAsync(id))!;
            var model = world.Jobs[id];
            if (step.Verb == Verb.Undo)
                (model.Status, model.Good, model.Scrap) = (now.Status, now.Good, now.Scrap);   // it follows history, which the invariants judge
            if (result is null)
                await FollowAsync(floor, world, step, id);
            Assert.Equal((model.Status, model.Good, model.Scrap), (now.Status, now.Good, now.Scrap));
            ends.Add($"{index} {step.Verb}: {now.Status} {now.Good:0.######} {now.Scrap:0.######} v{now.Version}");
        }
        Assert.Empty(await floor.BrokenInvariantsAsync());
        return ends;
    }

    /// <summary>The result of a tap on one job; null for those that aren't.</summary>
    private static async Task<JobResult?> TapAsync(JobFloor floor, World world, Actor who, Step step, Job job, string key)
    {
        const string why = "model";
        var (id, times, holds, tickets) = (job.Id, floor.Pms.Get<TimeService>(), floor.Pms.Get<HoldService>(), floor.Pms.Get<MaintenanceService>());
        switch (step.Verb)
        {
            case Verb.Start: return await floor.Jobs.StartAsync(who, new StartJob(id, Reason: why), key);
            case Verb.RunNow: return await floor.Jobs.RunNowAsync(who, new RunNow(id), key);
            case Verb.Pause: return await floor.Jobs.PauseAsync(who, new PauseJob(id, step.Quantity > 30 ? JobFloor.StopReason : null), key);
            case Verb.PauseReason: return await floor.Jobs.SetPauseReasonAsync(who, new SetPauseReason(id, JobFloor.StopReason), key);
            case Verb.Resume: return await floor.Jobs.ResumeAsync(who, new ResumeJob(id, Reason: why), key);
            case Verb.Report or Verb.Twice: return await floor.Jobs.ReportAsync(who, new ReportJob(id, step.Quantity, Reason: why), key);
            case Verb.Scrap: return await floor.Jobs.ReportAsync(who, new ReportJob(id, 0, step.Quantity, ScrapReasonId: JobFloor.ScrapReason, Reason: why), key);
            case Verb.Finish: return await floor.Jobs.FinishAsync(who, new FinishJob(id, step.Quantity, Reason: why), key);
            case Verb.FinishShort: return await floor.Jobs.FinishAsync(who, new FinishJob(id, 1, Answer: (ShortAnswer)(step.Quantity % 3), Reason: why), key);
            case Verb.Undo: return await floor.Jobs.UndoAsync(who, new UndoJob(id), key);
            case Verb.TakeOver: return await floor.Jobs.TakeOverAsync(who, new TakeOverJob(id, step.Quantity, Reason: why), key);
            case Verb.Manual: return await floor.Jobs.StartManualAsync(who, new StartManualJob(job.StepId, step.Quantity, job.MachineId, why), key);
            case Verb.Correct:
                var report = await floor.Db.ScalarAsync<long?>("SELECT MAX(id) FROM job_reports WHERE job_id = @id AND scrap = 0 AND good > 0", new { id });
                if (report is { } last)
                    await times.CorrectReportAsync(TestPms.System, new CorrectReport(last, step.Quantity, 0, 0, why), key);
                return null;
            case Verb.ClockIn: await times.ClockInAsync(who, key); return null;
            case Verb.ClockOut: await times.ClockOutAsync(who, new ClockOut(), key); return null;
            case Verb.HoldOrder or Verb.HoldJob:
                long? only = step.Verb == Verb.HoldJob ? id : null;
                world.Holds[await holds.OpenAsync(TestPms.System, new OpenHoldRequest(job.OrderId, HoldKind.Material, why, StopNow: step.Quantity > 20, JobId: only), key)] = (job.OrderId, only);
                return null;
            case Verb.Lift when world.Holds.Keys.Order().FirstOrDefault() is > 0 and var hold:
                await holds.LiftAsync(TestPms.System, hold, (await holds.FindAsync(TestPms.System, hold)).Version);
                world.Holds.Remove(hold);
                return null;
            case Verb.MachineStops when job.MachineId is { } machine:
                world.Standing[machine] = (await tickets.ReportStopAsync(who, new ReportStop(machine, Stands: true), key)).TicketId;
                return null;
            case Verb.Repair when world.Standing.OrderBy(s => s.Key).FirstOrDefault() is { Value: > 0 } standing:
                await tickets.ChangeAsync(TestPms.System, new ChangeTicket(standing.Value, TicketStatus.Completed, (await tickets.GetAsync(TestPms.System, standing.Value)).Version, WorkDone: why), key);
                world.Standing.Remove(standing.Key);
                return null;
            default: return null;
        }
    }

    /// <summary>The model: a table of verb × status, and sums.</summary>
    private static void Apply(World world, long id, Step step, Job before, JobResult result)
    {
        var model = world.Jobs[id];
        Assert.Equal(before.Version + 1, result.Version);
        var allowed = step.Verb switch
        {
            Verb.Start => model.Status == JobStatus.Planned,
            Verb.Resume or Verb.PauseReason => model.Status == JobStatus.Paused,
            Verb.RunNow or Verb.Pause or Verb.TakeOver => model.Status == JobStatus.Running,
            Verb.Report or Verb.Scrap or Verb.Twice or Verb.Finish or Verb.FinishShort => model.Status is JobStatus.Running or JobStatus.Paused,
            _ => true,
        };
        Assert.True(allowed, $"{step.Verb} was accepted on a job that is {model.Status}");
        if (step.Verb is Verb.Start or Verb.Resume)
        {
            Assert.False(world.Held(id), "What is on hold was started.");
            Assert.False(world.Standing.ContainsKey(before.MachineId ?? 0), "A machine that stands was started.");
        }
        model.Good += step.Verb switch { Verb.Report or Verb.Twice or Verb.Finish or Verb.TakeOver => step.Quantity, Verb.FinishShort => 1, _ => 0 };
        model.Scrap += step.Verb == Verb.Scrap ? step.Quantity : 0;
        model.Status = result.Status;
        if (step.Verb is Verb.Start or Verb.Resume)
            Assert.Equal(JobStatus.Running, result.Status);
        if (step.Verb == Verb.Pause)
            Assert.Equal(JobStatus.Paused, result.Status);
    }

    /// <summary>What touches more than one job may only pause them, or count one of them anew, and must pause those it stops.</summary>
    private static async Task FollowAsync(JobFloor floor, World world, Step step, long of)
    {
        foreach (var (id, model) in world.Jobs)
        {
            var now = (await floor.JobAsync(id))!;
            if (now.Status != model.Status)
                Assert.True((model.Status, now.Status, step.Verb is Verb.ClockOut or Verb.HoldOrder or Verb.HoldJob or Verb.MachineStops) == (JobStatus.Running, JobStatus.Paused, true), $"{step.Verb} made a {model.Status} job {now.Status}");
            if (now.Good != model.Good)
                Assert.True(step.Verb == Verb.Correct && id == of && now.Good >= step.Quantity, $"{step.Verb} counted a job anew");
            Assert.Equal(model.Scrap, now.Scrap);
            if (now.Status == JobStatus.Running && step.Verb == Verb.MachineStops)
                Assert.False(world.Standing.ContainsKey(now.MachineId ?? 0), "It runs on a machine that stands.");
            if (now.Status == JobStatus.Running && step.Verb is Verb.HoldOrder or Verb.HoldJob && step.Quantity > 20)
                Assert.False(world.Covers(world.Holds.Keys.Max(), id), "It runs though it was to be stopped.");
            (model.Status, model.Good) = (now.Status, now.Good);
        }
    }
}
