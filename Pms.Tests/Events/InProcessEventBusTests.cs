using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Pms.Core.Events;
using Pms.Tests.Support;

namespace Pms.Tests.Events;

/// <summary>Events reach every listener that wants them, bursts are merged, and nobody can hold up the tapper or the others.</summary>
public sealed class InProcessEventBusTests
{
    private sealed record Woven(long Machine) : IEvent;

    private sealed record Sewn(long DepartmentId) : IDepartmentEvent
    {
        public int Piece { get; init; } = 1;
    }

    private sealed record Cut(long Machine) : IEvent;

    [Fact]
    public async Task A_listener_gets_its_own_events_only_and_none_after_it_left()
    {
        using var bus = Bus();
        var (mine, all) = (new ConcurrentQueue<Woven>(), new ConcurrentQueue<IEvent>());
        var subscription = bus.Subscribe<Woven>(e => e.Machine == 7, mine.Enqueue);
        using var _ = bus.Subscribe<IEvent>(static _ => true, all.Enqueue);

        bus.Publish(new Woven(7));
        bus.Publish(new Woven(8));
        bus.Publish(new Cut(7));
        await Eventually.TrueAsync(() => all.Count == 3);
        subscription.Dispose();
        bus.Publish(new Woven(7));
        await Eventually.TrueAsync(() => all.Count == 4);

        Assert.Equal([new Woven(7)], mine);
    }

    [Fact]
    public async Task Who_takes_any_kind_hears_first_and_who_takes_another_kind_is_not_asked()
    {
        using var bus = Bus();
        var heard = new ConcurrentQueue<string>();
        using var page = bus.Subscribe<Woven>(static _ => true, _ => heard.Enqueue("page"));
        using var other = bus.Subscribe<Cut>(_ => { heard.Enqueue("asked"); return false; }, static _ => { });
        using var board = bus.Subscribe<IEvent>(static _ => true, _ => heard.Enqueue("board"));

        bus.Publish(new Woven(1));
        await Eventually.TrueAsync(() => heard.Count == 2);

        Assert.Equal(["board", "page"], heard);
    }

    [Fact]
    public async Task Who_listens_in_some_departments_is_asked_about_those_only_and_no_more_after_it_left()
    {
        using var bus = Bus();
        var (asked, everywhere) = (new ConcurrentQueue<string>(), new ConcurrentQueue<Sewn>());
        var here = bus.Subscribe<Sewn>(e => { asked.Enqueue($"here {e}"); return true; }, static _ => { }, [1, 3, 1]);
        using var there = bus.Subscribe<Sewn>(e => { asked.Enqueue($"there {e}"); return true; }, static _ => { }, [2]);
        using var nowhere = bus.Subscribe<Sewn>(e => { asked.Enqueue($"nowhere {e}"); return true; }, static _ => { }, []);
        using var all = bus.Subscribe<Sewn>(static _ => true, everywhere.Enqueue);

        foreach (var department in new[] { 1, 2, 3, 4 })
            bus.Publish(new Sewn(department));
        await Eventually.TrueAsync(() => everywhere.Count == 4);
        here.Dispose();
        bus.Publish(new Sewn(1) { Piece = 2 });
        bus.Publish(new Sewn(2) { Piece = 2 });
        await Eventually.TrueAsync(() => everywhere.Count == 6 && asked.Count >= 4);

        Assert.Equal([$"here {new Sewn(1)}", $"there {new Sewn(2)}", $"here {new Sewn(3)}", $"there {new Sewn(2) { Piece = 2 }}"], asked);
    }

    [Fact]
    public async Task Equal_events_of_one_burst_are_delivered_once()
    {
        using var bus = Bus();
        var seen = new ConcurrentQueue<Woven>();
        using var entered = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        using var _ = bus.Subscribe<Cut>(static _ => true, _ =>
        {
            entered.Set();
            blocked.Wait(TimeSpan.FromSeconds(20));
        });
        using var __ = bus.Subscribe<Woven>(static _ => true, seen.Enqueue);

        bus.Publish(new Cut(1));   // keeps the bus's own thread while the burst gathers
        Assert.True(entered.Wait(TimeSpan.FromSeconds(20)));
        for (var i = 0; i < 1_000; i++)
        {
            bus.Publish(new Woven(1));
            bus.Publish(new Woven(2));
        }
        blocked.Set();
        await Eventually.TrueAsync(() => seen.Contains(new Woven(2)));

        Assert.Equal([new Woven(1), new Woven(2)], seen);
    }

    [Fact]
    public async Task A_listener_that_fails_harms_neither_the_others_nor_later_events()
    {
        using var bus = Bus();
        var seen = new ConcurrentQueue<Woven>();
        using var _ = bus.Subscribe<Woven>(static _ => true, _ => throw new InvalidOperationException("a broken board"));
        using var __ = bus.Subscribe<Woven>(_ => throw new InvalidOperationException("a broken filter"), static _ => { });
        using var ___ = bus.Subscribe<Woven>(static _ => true, seen.Enqueue);

        bus.Publish(new Woven(1));
        await Eventually.TrueAsync(() => seen.Count == 1);
        bus.Publish(new Woven(2));
        await Eventually.TrueAsync(() => seen.Count == 2);
    }

    [Fact]
    public async Task More_than_can_be_kept_becomes_one_word_that_events_were_missed()
    {
        using var bus = Bus();
        var missed = new ConcurrentQueue<EventsMissed>();
        using var entered = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        using var _ = bus.Subscribe<Cut>(static _ => true, _ =>
        {
            entered.Set();
            blocked.Wait(TimeSpan.FromSeconds(20));
        });
        using var __ = bus.Subscribe<EventsMissed>(static _ => true, missed.Enqueue);

        bus.Publish(new Cut(1));
        Assert.True(entered.Wait(TimeSpan.FromSeconds(20)));
        for (var i = 0; i < InProcessEventBus.Limit + 1_000; i++)
            bus.Publish(new Woven(i));
        blocked.Set();

        await Eventually.TrueAsync(() => !missed.IsEmpty);
    }

    private static InProcessEventBus Bus() => new(NullLogger<InProcessEventBus>.Instance);
}
