using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Stops;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>The reason of a past stop, corrected on the timeline; two supervisors never overwrite each other unseen.</summary>
public abstract class StopReasonTests(Engine engine)
{
    [Fact]
    public async Task A_past_stop_gets_its_reason_and_the_slower_supervisor_is_told_who_was_faster()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var stops = floor.Pms.Get<StopService>();
        var job = (await floor.OrderAsync(machine: 1))[JobFloor.Cut];
        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        floor.Pms.Clock.Advance(TimeSpan.FromMinutes(10));
        await floor.Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        floor.Pms.Clock.Advance(TimeSpan.FromMinutes(20));
        await floor.Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job));
        floor.Pms.Clock.Advance(TimeSpan.FromMinutes(5));
        await floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO reasons (id, list, code, word, icon, position, kpi_class) VALUES (3, 'Stop', 'T-LUNCH', 'Lunch', 'x', 903, 'Break')"));
        Task<IReadOnlyList<MachineStop>> Seen() => stops.ListAsync(JobFloor.Sue, 1, JobFloor.Department, floor.Now.AddHours(-1), floor.Now);
        var stop = Assert.Single(await Seen());
        Assert.Equal((null, TimeSpan.FromMinutes(20)), (stop.Reason, stop.EndedAt - stop.StartedAt));

        await Assert.ThrowsAsync<ForbiddenException>(() => stops.SetReasonAsync(JobFloor.Ann, new(stop.Id, JobFloor.StopReason, null)));
        await Assert.ThrowsAsync<InvalidException>(() => stops.SetReasonAsync(JobFloor.Sue, new(stop.Id, JobFloor.ScrapReason, null)));
        await stops.SetReasonAsync(JobFloor.Sue, new(stop.Id, JobFloor.StopReason, null), "tap");
        await stops.SetReasonAsync(JobFloor.Sue, new(stop.Id, JobFloor.StopReason, null), "tap");
        var faster = await Assert.ThrowsAsync<ConflictException>(() => stops.SetReasonAsync(TestPms.System, new(stop.Id, 3, null)));
        Assert.Equal(("stop.reason_changed", "Sue Sithole", "Thread"), (faster.Code, faster.Args[0], faster.Args[2]));
        await stops.SetReasonAsync(TestPms.System, new(stop.Id, 3, JobFloor.StopReason));
        Assert.Equal("Lunch", Assert.Single(await Seen()).Reason);
        Assert.Equal("Break", await floor.Db.ScalarAsync<string>("SELECT kpi_class FROM machine_runs WHERE id = @Id", new { stop.Id }));

        await floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE machine_runs SET state = 'Locked' WHERE id = @Id", new { stop.Id }));
        Assert.Equal("Why", (await Assert.ThrowsAsync<InvalidException>(() => stops.SetReasonAsync(TestPms.System, new(stop.Id, JobFloor.StopReason, 3)))).Faults[0].Field);
        await stops.SetReasonAsync(TestPms.System, new(stop.Id, JobFloor.StopReason, 3, "Asked the operator again"));
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    [Fact]
    public async Task Of_two_at_once_one_is_told()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var stops = floor.Pms.Get<StopService>();
        var job = (await floor.OrderAsync(machine: 1))[JobFloor.Cut];
        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(job));
        await floor.Jobs.PauseAsync(JobFloor.Ann, new PauseJob(job));
        await floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO reasons (id, list, code, word, icon, position, kpi_class) VALUES (3, 'Stop', 'T-LUNCH', 'Lunch', 'x', 903, 'Break')"));
        var id = await floor.Db.ScalarAsync<long>("SELECT id FROM machine_runs WHERE kind = 'Stop'");
        var answers = await Task.WhenAll(new[] { 1L, 3 }.Select(async reason =>
        {
            try { await stops.SetReasonAsync(JobFloor.Sue, new(id, reason, null)); return null; }
            catch (ConflictException told) { return told.Code; }
        }));
        Assert.Equal([null, "stop.reason_changed"], answers.Order());
        // It still stands, so the card says the same.
        Assert.Equal(await floor.Db.ScalarAsync<long>("SELECT reason_id FROM machine_runs WHERE id = @id", new { id }), (await floor.JobAsync(job))!.PauseReasonId);
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }
}

public sealed class StopReasonTests_on_SQLite() : StopReasonTests(Engine.Sqlite);

public sealed class StopReasonTests_on_MariaDB() : StopReasonTests(Engine.MySql);
