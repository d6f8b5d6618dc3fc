using System.Collections.Concurrent;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Tests.Support;

namespace Pms.Tests.Events;

/// <summary>With Redis an event reaches the other node once; without it every node goes on alone and catches up when it is back.</summary>
public sealed class RedisEventBusTests
{
    private static readonly MasterDataChanged Fact = new("test.fact", 1, 7);

    [Fact]
    public async Task An_event_reaches_its_own_node_once_and_the_other_node_once()
    {
        var redis = await Servers.RedisAsync();
        await using var here = await TestPms.StartAsync(Engine.Sqlite, redis.Url);
        await using var there = await here.AnotherNodeAsync();
        await ConnectedAsync(here, there);
        await ConnectedAsync(there, here);
        var (atHere, atThere) = (Listen(here), Listen(there));

        here.Get<IEventBus>().Publish(Fact);
        await Eventually.TrueAsync(() => !atThere.IsEmpty && !atHere.IsEmpty);
        // What is published afterwards arrives afterwards, so a second copy would be here by then.
        await ConnectedAsync(there, here);
        await ConnectedAsync(here, there);

        Assert.Equal([Fact], atHere);
        Assert.Equal([Fact], atThere);
    }

    [Fact]
    public async Task Plants_that_share_a_redis_by_database_numbers_don_t_hear_each_other()
    {
        var redis = await Servers.RedisAsync();
        await using var here = await TestPms.StartAsync(Engine.Sqlite, redis.Url[..^1] + "3");
        await using var alsoHere = await here.AnotherNodeAsync();
        await using var elsewhere = await TestPms.StartAsync(Engine.Sqlite, redis.Url[..^1] + "4");
        await using var alsoElsewhere = await elsewhere.AnotherNodeAsync();
        await ConnectedAsync(here, alsoHere);
        await ConnectedAsync(elsewhere, alsoElsewhere);
        var (atSecond, atOther) = (Listen(alsoHere), Listen(elsewhere));

        here.Get<IEventBus>().Publish(Fact);
        await Eventually.TrueAsync(() => !atSecond.IsEmpty);
        await ConnectedAsync(alsoElsewhere, elsewhere);   // a stranger's event would have come before this

        Assert.Equal([Fact], atSecond);
        Assert.Empty(atOther);
    }

    [Fact]
    public async Task Without_redis_events_stay_on_their_node_and_on_its_return_everybody_reads_again()
    {
        using var redis = await RedisServer.StartAsync();
        await using var here = await TestPms.StartAsync(Engine.Sqlite, redis.Url);
        await using var there = await here.AnotherNodeAsync();
        await ConnectedAsync(here, there);
        var (atHere, atThere) = (Listen(here), Listen(there));

        redis.Kill();
        var missed = 0;
        using var _ = there.Get<IEventBus>().Subscribe<EventsMissed>(static _ => true, _ => Interlocked.Increment(ref missed));
        here.Get<IEventBus>().Publish(Fact);
        await Eventually.TrueAsync(() => atHere.Count == 1);
        Assert.Empty(atThere);

        await redis.StartAgainAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref missed) > 0, "the other node knows that it missed something", TimeSpan.FromSeconds(60));
        await ConnectedAsync(here, there);
    }

    [Fact]
    public async Task A_node_starts_and_works_without_redis()
    {
        using var redis = await RedisServer.StartAsync();
        redis.Kill();
        await using var here = await TestPms.StartAsync(Engine.Sqlite, redis.Url);
        var atHere = Listen(here);

        here.Get<IEventBus>().Publish(Fact);
        await Eventually.TrueAsync(() => atHere.Count == 1);

        await redis.StartAgainAsync();
        await using var there = await here.AnotherNodeAsync();
        await ConnectedAsync(here, there);
    }

    private static ConcurrentQueue<MasterDataChanged> Listen(TestPms node)
    {
        var seen = new ConcurrentQueue<MasterDataChanged>();
        node.Get<IEventBus>().Subscribe<MasterDataChanged>(static e => e == Fact, seen.Enqueue);
        return seen;
    }

    /// <summary>Publishes at one node until the other hears it: connections and subscriptions are made in the background.</summary>
    private static async Task ConnectedAsync(TestPms from, TestPms to)
    {
        var call = new MasterDataChanged("test.call", Random.Shared.NextInt64());
        var heard = 0;
        using var _ = to.Get<IEventBus>().Subscribe<MasterDataChanged>(e => e == call, _ => Interlocked.Increment(ref heard));
        await Eventually.TrueAsync(() =>
        {
            from.Get<IEventBus>().Publish(call);
            return Volatile.Read(ref heard) > 0;
        }, "an event crosses", TimeSpan.FromSeconds(60));
    }
}
