using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>Starting out of sequence asks why where the department says so, and nowhere else.</summary>
public abstract class SequenceReasonTests(Engine engine)
{
    [Fact]
    public async Task A_department_may_ask_why_a_job_is_started_before_its_turn()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (first, second) = ((await floor.OrderAsync(machine: 1))[JobFloor.Cut], (await floor.OrderAsync(machine: 1))[JobFloor.Cut]);
        await floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET sequence = id, released_at = 1 WHERE id IN (@first, @second)", new { first, second }));
        var departments = floor.Pms.Get<DepartmentService>();
        var department = await departments.GetAsync(TestPms.System, JobFloor.Department);
        Assert.False(department.SequenceReason);

        await departments.SaveAsync(TestPms.System, department with { SequenceReason = true });
        var asked = await Assert.ThrowsAsync<ReasonNeededException>(() => floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(second)));
        var number = await floor.Db.ScalarAsync<string>("SELECT o.number FROM orders o JOIN jobs j ON j.order_id = o.id WHERE j.id = @first", new { first });
        Assert.Equal(("job.out_of_sequence", "M-01", number), (asked.Warnings.Single().Code, asked.Warnings[0].Args[0], asked.Warnings[0].Args[1]));
        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(second) { Reason = "Same ink" });
        Assert.Equal("Same ink", await floor.Db.ScalarAsync<string>("SELECT reason FROM audit WHERE action = 'job.start' AND entity_id = @second", new { second }));

        // Going on with what was begun is no jump, and the first in line never needs one.
        await floor.Jobs.PauseAsync(JobFloor.Ann, new PauseJob(second));
        await floor.Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(second));
        await floor.Jobs.PauseAsync(JobFloor.Ann, new PauseJob(second));
        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(first));
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task What_is_on_hold_or_not_asked_about_is_passed_freely(bool asks, bool held)
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (first, second) = ((await floor.OrderAsync(machine: 1))[JobFloor.Cut], (await floor.OrderAsync(machine: 1))[JobFloor.Cut]);
        await floor.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE jobs SET sequence = id, released_at = 1 WHERE id IN (@first, @second)", new { first, second });
            await tx.ExecuteAsync("UPDATE departments SET sequence_reason = @asks WHERE id = 1", new { asks });
            if (held)
                await tx.ExecuteAsync(
                    "INSERT INTO holds (scope, order_id, kind, note, stop_now, state, opened_at, opened_by) SELECT 'Order', order_id, 'Material', 'No cloth', 0, 'Open', 0, 'Sue' FROM jobs WHERE id = @first", new { first });
        });
        Assert.Equal(JobStatus.Running, (await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(second))).Status);
    }
}

public sealed class SequenceReasonTests_on_SQLite() : SequenceReasonTests(Engine.Sqlite);

public sealed class SequenceReasonTests_on_MariaDB() : SequenceReasonTests(Engine.MySql);
