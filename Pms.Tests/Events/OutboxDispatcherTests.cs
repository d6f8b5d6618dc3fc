using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Health;
using Pms.Tests.Support;

namespace Pms.Tests.Events;

/// <summary>What a command sends reaches its handler at least once, whatever fails on the way.</summary>
public abstract class OutboxDispatcherTests(Engine engine)
{
    [Fact]
    public async Task Each_entry_is_delivered_once_when_nothing_fails_and_unknown_ones_are_done()
    {
        var handler = new Recorder();
        await using var pms = await StartAsync(handler);
        await SendAsync(pms, "test.thing", 700);   // more than one batch
        await SendAsync(pms, "nobody.cares", 3);

        Assert.Equal(703, await DispatchAsync(pms));
        Assert.Equal(700, handler.Seen.Count);
        Assert.Equal(700, handler.Seen.Select(e => e.Id).Distinct().Count());
        Assert.Equal(0, (await pms.Get<HealthQueries>().OutboxAsync()).Waiting);
        Assert.False(await pms.Get<OutboxDispatcher>().IsDueAsync());
    }

    [Fact]
    public async Task A_failed_entry_waits_longer_each_time_and_holds_up_no_other()
    {
        var handler = new Recorder { Fails = e => e.Payload.Contains("\"n\":0", StringComparison.Ordinal) };
        await using var pms = await StartAsync(handler);
        await SendAsync(pms, "test.thing", 3);

        Assert.Equal(2, await DispatchAsync(pms));
        var state = await pms.Get<HealthQueries>().OutboxAsync();
        Assert.Equal((1, 1), (state.Waiting, state.Failing));
        Assert.Equal(TestPms.Start, state.OldestAt);

        Assert.Equal(0, await DispatchAsync(pms));   // not due yet
        pms.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await DispatchAsync(pms));   // fails again, waits 2 s
        pms.Clock.Advance(TimeSpan.FromSeconds(1));
        handler.Fails = _ => false;
        Assert.Equal(0, await DispatchAsync(pms));
        pms.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await DispatchAsync(pms));
        Assert.Equal(3, handler.Seen.Count);
    }

    [Fact]
    public async Task A_node_that_dies_between_delivery_and_mark_leaves_the_entry_to_the_next()
    {
        var handler = new Recorder();
        await using var pms = await StartAsync(handler);
        await SendAsync(pms, "test.thing", 1);
        using var died = new CancellationTokenSource();
        handler.Then = died.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DispatchAsync(pms, died.Token));

        handler.Then = () => { };
        pms.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await DispatchAsync(pms));
        Assert.Equal(2, handler.Seen.Count);
        Assert.Single(handler.Seen.Select(e => e.Id).Distinct());
    }

    [Fact]
    public async Task Old_delivered_entries_go_and_waiting_ones_stay()
    {
        var handler = new Recorder { Fails = e => e.Payload.Contains("\"n\":0", StringComparison.Ordinal) };
        await using var pms = await StartAsync(handler);
        await SendAsync(pms, "test.thing", 5);
        await DispatchAsync(pms);
        Assert.Equal(0, await pms.Get<OutboxDispatcher>().PurgeAsync());
        pms.Clock.Advance(OutboxDispatcher.Kept + TimeSpan.FromMinutes(1));
        Assert.Equal(4, await pms.Get<OutboxDispatcher>().PurgeAsync());
        Assert.Equal(1, (await pms.Get<HealthQueries>().OutboxAsync()).Waiting);
    }

    private Task<TestPms> StartAsync(Recorder handler) => TestPms.StartAsync(engine, change: s => s.AddSingleton<IOutboxHandler>(handler));

    private static async Task SendAsync(TestPms pms, string kind, int count)
    {
        foreach (var some in Enumerable.Range(0, count).Chunk(100))
            await pms.Db.InTransactionAsync(tx =>
            {
                foreach (var n in some)
                    tx.Send(kind, new { n }, pms.Clock.GetUtcNow());
                return Task.CompletedTask;
            });
    }

    private static async Task<int> DispatchAsync(TestPms pms, CancellationToken ct = default)
    {
        await using var lease = await pms.Get<Leases>().TakeAsync("outbox.dispatch", TimeSpan.FromSeconds(30), CancellationToken.None);
        return await pms.Get<OutboxDispatcher>().DispatchAsync(lease!, ct);
    }

    private sealed class Recorder : IOutboxHandler
    {
        public ConcurrentQueue<OutboxEntry> Seen { get; } = [];
        public Func<OutboxEntry, bool> Fails { get; set; } = _ => false;
        public Action Then { get; set; } = () => { };

        public bool Takes(string kind) => kind == "test.thing";

        public Task HandleAsync(OutboxEntry entry, CancellationToken ct)
        {
            if (Fails(entry))
                throw new InvalidOperationException("The receiver is away.");
            Seen.Enqueue(entry);
            Then();
            ct.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }
    }
}

public sealed class OutboxDispatcherTests_on_SQLite() : OutboxDispatcherTests(Engine.Sqlite);

public sealed class OutboxDispatcherTests_on_MariaDB() : OutboxDispatcherTests(Engine.MySql);
