using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>One holder at a time, over nodes and deaths.</summary>
public abstract class LeasesTests(Engine engine)
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Of_many_that_ask_at_once_on_two_nodes_one_gets_it()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        for (var round = 0; round < 3; round++)   // the first makes the row, the later ones take it over
        {
            var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => (i % 2 == 0 ? pms : other).Get<Leases>().TakeAsync("work", Hold))));
            await Assert.Single(leases, l => l is not null)!.DisposeAsync();
            pms.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_dead_holders_lease_is_taken_over_and_the_dead_one_learns_it()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var leases = pms.Get<Leases>();
        var dead = await leases.TakeAsync("work", Hold);
        Assert.NotNull(dead);
        pms.Clock.Advance(Hold - TimeSpan.FromSeconds(1));
        Assert.Null(await leases.TakeAsync("work", Hold));

        Assert.True(await dead.RenewAsync());
        pms.Clock.Advance(Hold - TimeSpan.FromSeconds(1));
        Assert.Null(await leases.TakeAsync("work", Hold));

        pms.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(await leases.TakeAsync("work", Hold));
        Assert.False(await dead.RenewAsync());
        await dead.DisposeAsync();   // gives back nothing that isn't its own
        Assert.Null(await leases.TakeAsync("work", Hold));
    }

    [Fact]
    public async Task Work_once_per_period_runs_once_over_all_nodes()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var ran = 0;
        PeriodicWork Work(TestPms node) => new(new("purge", TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), OncePerPeriod: true, null, (_, _) => { Interlocked.Increment(ref ran); return Task.CompletedTask; }),
            node.Get<Leases>(), node.Get<WorkBeats>(), node.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<PeriodicWork>.Instance);

        await Task.WhenAll(Work(pms).RoundAsync(default), Work(other).RoundAsync(default));
        pms.Clock.Advance(TimeSpan.FromMinutes(5));
        await Task.WhenAll(Work(pms).RoundAsync(default), Work(other).RoundAsync(default));
        Assert.Equal(1, ran);

        pms.Clock.Advance(TimeSpan.FromMinutes(6));
        await Task.WhenAll(Work(pms).RoundAsync(default), Work(other).RoundAsync(default));
        Assert.Equal(2, ran);
    }

    [Fact]
    public async Task Work_that_fails_is_seen_and_tried_again()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var fails = true;
        var work = new PeriodicWork(new("shaky", TimeSpan.FromSeconds(1), Hold, OncePerPeriod: false, null, (_, _) => fails ? throw new InvalidOperationException("no") : Task.CompletedTask),
            pms.Get<Leases>(), pms.Get<WorkBeats>(), pms.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<PeriodicWork>.Instance);

        Assert.False(await work.RoundAsync(default));
        Assert.Equal("InvalidOperationException", Assert.Single(pms.Get<WorkBeats>().All).Error);
        fails = false;
        pms.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await work.RoundAsync(default));
        Assert.Null(Assert.Single(pms.Get<WorkBeats>().All).Error);
    }
}

public sealed class LeasesTests_on_SQLite() : LeasesTests(Engine.Sqlite);

public sealed class LeasesTests_on_MariaDB() : LeasesTests(Engine.MySql);
