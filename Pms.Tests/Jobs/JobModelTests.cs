using FsCheck;
using FsCheck.Fluent;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class JobModelTests_on_SQLite() : JobModelTests(Engine.Sqlite, cases: 12);

public sealed class JobModelTests_on_MariaDB() : JobModelTests(Engine.MySql, cases: 6);

/// <summary>
/// Random taps of several people against a pure model: whatever the engine accepts, the model must have allowed and ends up with the same
/// status and quantities; whatever it refuses changes nothing; and the invariants of both streams hold at the end.
/// </summary>
public abstract class JobModelTests(Engine engine, int cases)
{
    public enum Verb { Start, RunNow, Pause, Resume, Report, Scrap, Finish, FinishShort, Undo, TakeOver, ClockOut, Wait, Twice }

    /// <summary>One tap: who, what, on which of the jobs, and how many.</summary>
    public sealed record Step(int Person, Verb Verb, int Job, int Quantity);

    private sealed class Model
    {
        public JobStatus Status = JobStatus.Planned;
        public decimal Good, Scrap;
    }

    [Fact]
    public void Random_interleavings_never_break_the_invariants()
    {
        var step =
            from person in Gen.Choose(0, 2)
            from verb in Gen.Elements(Enum.GetValues<Verb>())
            from job in Gen.Choose(0, 3)
            from quantity in Gen.Choose(1, 60)
            select new Step(person, verb, job, quantity);
        var stories = step.ListOf(45).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases), Prop.ForAll(stories, story => PlayAsync([.. story]).GetAwaiter().GetResult()));
    }

    private async Task<bool> PlayAsync(IReadOnlyList<Step> story)
    {
        await using var floor = await JobFloor.StartAsync(engine);
        Actor[] people = [JobFloor.Ann, JobFloor.Ben, JobFloor.Operator(3, "Cas Cele")];
        var (first, second) = (await floor.OrderAsync(100, setupMinutes: 5, machine: 1), await floor.OrderAsync(40, machine: 4));
        long[] ids = [first[JobFloor.Cut], first[JobFloor.Sew], second[JobFloor.Cut], second[JobFloor.Sew]];
        var models = ids.ToDictionary(id => id, _ => new Model());

        foreach (var (index, step) in story.Index())
        {
            floor.Pms.Clock.Advance(TimeSpan.FromSeconds(20 + step.Quantity));
            var (id, model) = (ids[step.Job], models[ids[step.Job]]);
            var before = (await floor.JobAsync(id))!;
            JobResult? result = null;
            try
            {
                result = await TapAsync(floor, people[step.Person], step, id, $"k{index}");
                if (step.Verb == Verb.Twice && result is not null)
                    Assert.Equal(result, await TapAsync(floor, people[step.Person], step, id, $"k{index}"));
            }
            catch (PmsException)
            {
                var after = (await floor.JobAsync(id))!;
                Assert.Equal(before, after);   // a refusal leaves no trace
                continue;
            }
            if (result is not null)
                Apply(model, step, before, result);
            var now = (await floor.JobAsync(id))!;
            if (step.Verb is Verb.ClockOut or Verb.Undo)
                (model.Status, model.Good, model.Scrap) = (now.Status, now.Good, now.Scrap);   // these follow history, which the invariants judge
            Assert.Equal((model.Status, model.Good, model.Scrap), (now.Status, now.Good, now.Scrap));
            foreach (var other in ids.Where(_ => step.Verb == Verb.ClockOut))
                models[other].Status = (await floor.JobAsync(other))!.Status;
        }
        Assert.Empty(await floor.BrokenInvariantsAsync());
        return true;
    }

    private static async Task<JobResult?> TapAsync(JobFloor floor, Actor who, Step step, long id, string key)
    {
        const string why = "model";
        switch (step.Verb)
        {
            case Verb.Start: return await floor.Jobs.StartAsync(who, new StartJob(id, Reason: why), key);
            case Verb.RunNow: return await floor.Jobs.RunNowAsync(who, new RunNow(id), key);
            case Verb.Pause: return await floor.Jobs.PauseAsync(who, new PauseJob(id, step.Quantity > 30 ? JobFloor.StopReason : null), key);
            case Verb.Resume: return await floor.Jobs.ResumeAsync(who, new ResumeJob(id, Reason: why), key);
            case Verb.Report or Verb.Twice: return await floor.Jobs.ReportAsync(who, new ReportJob(id, step.Quantity, Reason: why), key);
            case Verb.Scrap: return await floor.Jobs.ReportAsync(who, new ReportJob(id, 0, step.Quantity, ScrapReasonId: JobFloor.ScrapReason, Reason: why), key);
            case Verb.Finish: return await floor.Jobs.FinishAsync(who, new FinishJob(id, step.Quantity, Reason: why), key);
            case Verb.FinishShort: return await floor.Jobs.FinishAsync(who, new FinishJob(id, 1, Answer: (ShortAnswer)(step.Quantity % 3), Reason: why), key);
            case Verb.Undo: return await floor.Jobs.UndoAsync(who, new UndoJob(id), key);
            case Verb.TakeOver: return await floor.Jobs.TakeOverAsync(who, new TakeOverJob(id, step.Quantity, Reason: why), key);
            case Verb.ClockOut:
                await floor.Pms.Get<TimeService>().ClockOutAsync(who, new ClockOut(), key);
                return null;
            default: return null;
        }
    }

    /// <summary>The model: a table of verb × status, and sums.</summary>
    private static void Apply(Model model, Step step, Job before, JobResult result)
    {
        Assert.Equal(before.Version + 1, result.Version);
        var allowed = step.Verb switch
        {
            Verb.Start => model.Status == JobStatus.Planned,
            Verb.Resume => model.Status == JobStatus.Paused,
            Verb.RunNow or Verb.Pause or Verb.TakeOver => model.Status == JobStatus.Running,
            Verb.Report or Verb.Scrap or Verb.Twice or Verb.Finish or Verb.FinishShort => model.Status is JobStatus.Running or JobStatus.Paused,
            _ => true,
        };
        Assert.True(allowed, $"{step.Verb} was accepted on a job that is {model.Status}");
        model.Good += step.Verb switch { Verb.Report or Verb.Twice or Verb.Finish or Verb.TakeOver => step.Quantity, Verb.FinishShort => 1, _ => 0 };
        model.Scrap += step.Verb == Verb.Scrap ? step.Quantity : 0;
        model.Status = result.Status;
        if (step.Verb == Verb.Start || step.Verb == Verb.Resume)
            Assert.Equal(JobStatus.Running, result.Status);
        if (step.Verb == Verb.Pause)
            Assert.Equal(JobStatus.Paused, result.Status);
    }
}
