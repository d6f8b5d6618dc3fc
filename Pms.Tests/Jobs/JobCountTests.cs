using Pms.Core;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class JobCountTests_on_SQLite() : JobCountTests(Engine.Sqlite);

public sealed class JobCountTests_on_MariaDB() : JobCountTests(Engine.MySql);

/// <summary>What is counted is kept as it was said: increments with reasons, sums that add up, nothing that cannot be.</summary>
public abstract class JobCountTests(Engine engine) : JobFloorTests(engine)
{
    [Fact]
    public async Task A_true_count_above_the_input_is_stored_with_its_reason()
    {
        var jobs = await Floor.OrderAsync(100);
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Cut]));
        await Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 5));
        await Jobs.StartAsync(JobFloor.Ben, new StartJob(jobs[JobFloor.Sew]));

        var asked = await Assert.ThrowsAsync<ReasonNeededException>(() => Jobs.ReportAsync(JobFloor.Ben, new ReportJob(jobs[JobFloor.Sew], 8)));
        Assert.Equal("job.over_input", Assert.Single(asked.Warnings).Code);
        await Jobs.ReportAsync(JobFloor.Ben, new ReportJob(jobs[JobFloor.Sew], 8, Reason: "three were left from Friday"));

        Assert.Equal(1, await Floor.CountAsync("job_reports WHERE over_input_why LIKE 'three%'"));
        Assert.Equal(1, await Floor.CountAsync("outbox WHERE kind = 'job.over_input'"));
    }

    [Theory]
    [InlineData(-5, 0, "not_positive")]
    [InlineData(0, 0, "quantity_needed")]
    [InlineData(1e12, 0, "too_large")]
    [InlineData(1.5, 0, "whole_pieces")]
    [InlineData(1, 2, "scrap_reason_needed")]
    public async Task Quantities_that_cannot_be_are_refused_and_leave_no_trace(double good, double scrap, string code)
    {
        var job = (await Floor.OrderAsync())[JobFloor.Cut];
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        var rows = await Floor.CountAsync("audit");

        var refusal = await Assert.ThrowsAsync<InvalidException>(() => Jobs.ReportAsync(JobFloor.Ann, new ReportJob(job, (decimal)good, (decimal)scrap)));

        Assert.Equal(code, refusal.Faults[0].Why.Code);
        Assert.Equal((rows, 0), (await Floor.CountAsync("audit"), await Floor.CountAsync("job_reports")));
    }

    [Fact]
    public async Task Finishing_twice_never_started_or_another_operators_is_refused()
    {
        var jobs = await Floor.OrderAsync(10);
        var job = jobs[JobFloor.Cut];
        Assert.Equal("job.not_started", await CodeAsync(() => Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 10))));
        await Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        Assert.Equal("job.not_yours", await CodeAsync(() => Jobs.FinishAsync(JobFloor.Ben, new FinishJob(job, 10))));
        await Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 10));
        Assert.Equal("job.already_finished", await CodeAsync(() => Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, 10))));
        Assert.Equal("job.already_finished", await CodeAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(job))));
        Assert.Equal("not_found", await CodeAsync(() => Jobs.StartAsync(JobFloor.Ann, new StartJob(987654))));
    }
}
