using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Time;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class ClockJumpTests_on_SQLite() : ClockJumpTests(Engine.Sqlite);

public sealed class ClockJumpTests_on_MariaDB() : ClockJumpTests(Engine.MySql);

/// <summary>A server's clock that jumps: no interval gets a negative length, none overlaps another, and what ran before the jump is not lost.</summary>
public abstract class ClockJumpTests(Engine engine) : JobFloorTests(engine)
{
    [Theory]
    [InlineData(-60)]
    [InlineData(24 * 60)]
    [InlineData(-24 * 60)]
    public async Task Work_over_a_jump_has_no_negative_and_no_lost_time(int minutes)
    {
        var job = (await Floor.OrderAsync(setupMinutes: 5))[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Pass(10);
        await Jobs.RunNowAsync(JobFloor.Ann, new RunNow(job));
        Pass(20);
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 5));
        var before = await RecordedAsync();

        Floor.Pms.Clock.AdjustTime(Floor.Now.AddMinutes(minutes));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, 5));
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        Pass(5);
        await Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job));
        Pass(10);
        await Floor.Pms.Get<TimeService>().ClockOutAsync(JobFloor.Ann, new ClockOut());
        Floor.Pms.Clock.AdjustTime(Floor.Now.AddMinutes(-minutes));   // somebody set it right
        await Jobs.ResumeAsync(JobFloor.Ben, new ResumeJob(job));
        Pass(10);
        await Jobs.FinishAsync(JobFloor.Ben, new FinishJob(job, 240));

        Assert.Empty(await Floor.BrokenInvariantsAsync());
        Assert.Equal(0, await Floor.CountAsync("presences WHERE ended_at < started_at"));
        Assert.True(await RecordedAsync() >= before + 10 * 60_000, "Time that was worked is not there.");
        Assert.Equal(250m, (await Floor.JobAsync(job))!.Good);
    }

    [Theory]
    [InlineData(3, 29)]
    [InlineData(10, 25)]
    public async Task A_night_in_which_the_plants_clock_changes_is_counted_as_it_passed(int month, int day)
    {
        Floor.Pms.Clock.AdjustTime(new DateTimeOffset(2026, month, day, 0, 30, 0, TimeSpan.Zero));   // the change is at 1:00 UTC
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Pass(90);
        await Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));

        Assert.Equal(90 * 60_000, await Floor.Db.ScalarAsync<long>("SELECT SUM(ended_at - started_at) FROM work_times WHERE job_id = @job", new { job }));
        Assert.Equal(90 * 60_000, await Floor.Db.ScalarAsync<long>("SELECT SUM(ended_at - started_at) FROM machine_runs WHERE job_id = @job AND kind <> 'Stop'", new { job }));
        Assert.Empty(await Floor.BrokenInvariantsAsync());
    }

    private void Pass(int minutes) => Floor.Pms.Clock.Advance(TimeSpan.FromMinutes(minutes));

    /// <summary>Milliseconds of labour that are closed or still going on.</summary>
    private async Task<long> RecordedAsync() =>
        await Floor.Db.ScalarAsync<long>("SELECT COALESCE(SUM(COALESCE(ended_at, @now) - started_at), 0) FROM work_times WHERE state NOT IN ('Void', 'Superseded')", new { now = Floor.Now.ToUnixTimeMilliseconds() });
}
