using Microsoft.Extensions.DependencyInjection;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Demo;
using Pms.Core.Demo.Simulation;
using Pms.Tests.Support;

namespace Pms.Tests.Demo;

/// <summary>The demo's people work by the rules of the floor, keep it moving over a change of shift, and leave the visitor alone.</summary>
public sealed class SimulatorTests
{
    private static readonly DemoSettings Small = new() { HistoryDays = 4, OpenOrders = 150 };

    [Fact]
    public async Task The_floor_moves_over_a_change_of_shift_and_keeps_every_rule()
    {
        await using var pms = await SeededAt(new(2026, 1, 6, 12, 48, 0, TimeSpan.Zero));   // 13:48 in the plant
        var before = await StateAsync(pms);
        await WorkAsync(pms, TimeSpan.FromMinutes(35), TimeSpan.FromSeconds(4));
        var after = await StateAsync(pms);

        Assert.True(after.Reports > before.Reports + 60, $"Only {after.Reports - before.Reports} reports.");
        Assert.True(after.Finished >= before.Finished + 4, $"Only {after.Finished - before.Finished} jobs finished.");
        Assert.True(after.Started > before.Started + 5, $"Only {after.Started - before.Started} jobs started.");
        Assert.InRange(after.Running, 20, 50);
        Assert.True(after.TakenOver > 5, $"Only {after.TakenOver} jobs changed hands.");
        Assert.InRange(after.Present, 30, 70);
        Assert.Equal(150, after.OpenOrders);
        Assert.Equal(before.Visitors, after.Visitors);
        await FloorRules.HoldAsync(pms.Db, pms.Clock.GetUtcNow());
    }

    [Fact]
    public async Task On_a_Sunday_night_extra_shifts_keep_it_going()
    {
        await using var pms = await SeededAt(new(2026, 1, 11, 20, 52, 0, TimeSpan.Zero));   // Sunday 21:52, a change to the next extra shift
        var before = await StateAsync(pms);
        await WorkAsync(pms, TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(4));
        var after = await StateAsync(pms);
        Assert.InRange(after.Running, 15, 50);
        Assert.True(after.Reports > before.Reports + 20);
        await FloorRules.HoldAsync(pms.Db, pms.Clock.GetUtcNow());
    }

    [Fact]
    public async Task The_visitor_always_has_jobs_and_nobody_else_touches_them()
    {
        await using var pms = await SeededAt(new(2026, 1, 6, 9, 0, 0, TimeSpan.Zero));
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET status = 'Cancelled' WHERE machine_id = 1 AND status = 'Planned'"));
        await WorkAsync(pms, TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(10));
        Assert.Equal(4, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM jobs WHERE machine_id = 1 AND status = 'Planned' AND employee_id = 1"));
    }

    [Fact]
    public async Task It_refuses_production()
    {
        await using var pms = await DemoSeedTests.StartAsync(Small, "Production");
        await Assert.ThrowsAsync<InvalidOperationException>(() => pms.Get<Simulator>().TickAsync());
    }

    [Fact]
    public async Task It_refuses_MySQL()
    {
        var settings = new DbSettings { Dialect = Dialect.MySql, ConnectionString = "Server=127.0.0.1;Port=1;User ID=nobody;Database=none" };
        await using var services = TestPms.Services(settings, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TestPms.Start), null, s => DemoSeedTests.Demo(s, Small));
        await Assert.ThrowsAsync<InvalidOperationException>(() => services.GetRequiredService<Simulator>().TickAsync());
    }

    private static async Task<TestPms> SeededAt(DateTimeOffset at)
    {
        var pms = await DemoSeedTests.StartAsync(Small);
        pms.Clock.SetUtcNow(at);
        await pms.Get<DemoSeeder>().SeedPresentAsync();
        return pms;
    }

    private static async Task WorkAsync(TestPms pms, TimeSpan duration, TimeSpan beat)
    {
        var simulator = pms.Get<Simulator>();
        for (var end = pms.Clock.GetUtcNow() + duration; pms.Clock.GetUtcNow() < end; pms.Clock.Advance(beat))
            await simulator.TickAsync();
    }

    private static async Task<State> StateAsync(TestPms pms) => (await pms.Db.FindAsync<State>(
        """
        SELECT (SELECT COUNT(*) FROM job_reports) AS reports, (SELECT COUNT(*) FROM jobs WHERE status = 'Finished') AS finished, (SELECT COUNT(*) FROM jobs WHERE started_at IS NOT NULL) AS started,
               (SELECT COUNT(*) FROM jobs WHERE status = 'Running') AS running, (SELECT COUNT(*) FROM audit WHERE action = 'job.takeover') AS taken_over,
               (SELECT COUNT(*) FROM presences WHERE ended_at IS NULL) AS present, (SELECT COUNT(*) FROM orders WHERE status IN ('Unscheduled', 'Scheduled', 'InProgress')) AS open_orders,
               (SELECT COUNT(*) FROM jobs WHERE machine_id = 1 AND status = 'Planned') AS visitors
        """))!;

    private sealed record State
    {
        public long Reports { get; init; }
        public long Finished { get; init; }
        public long Started { get; init; }
        public long Running { get; init; }
        public long TakenOver { get; init; }
        public long Present { get; init; }
        public long OpenOrders { get; init; }
        public long Visitors { get; init; }
    }
}
