using System.Collections.Concurrent;
using Pms.Core.Floor;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

/// <summary>The line in which boards wait to be drawn: nobody is forgotten, nobody waits for another's own business, and most processors stay free.</summary>
public sealed class BoardQueueTests
{
    [Fact]
    public async Task Whoever_asks_while_the_last_one_is_drawn_is_drawn_too()
    {
        const int askers = 4, each = 2_000;
        var (queue, drawn, now, most) = (new BoardQueue(), new ConcurrentBag<int>(), 0, 0);
        await Task.WhenAll(Enumerable.Range(0, askers).Select(a => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                var number = a * each + i;
                queue.Add(new Board(() =>
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref now));
                    drawn.Add(number);
                    Interlocked.Decrement(ref now);
                    return Task.CompletedTask;
                }));
                queue.Work();
            }
        })));
        await Eventually.TrueAsync(() => drawn.Count == askers * each, "all boards drawn");
        Assert.Equal(Enumerable.Range(0, askers * each), drawn.Order());
        Assert.InRange(most, 1, Math.Max(1, Environment.ProcessorCount / 2));
    }

    [Fact]
    public void Whoever_asks_just_as_the_line_ends_is_drawn_too()
    {
        var (queue, drawn) = (new BoardQueue(), 0);
        for (var round = 1; round <= 20_000; round++)
        {
            queue.Add(new Board(() => { Interlocked.Increment(ref drawn); return Task.CompletedTask; }));
            queue.Work();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref drawn) == round, TimeSpan.FromSeconds(30)), $"Board {round} was forgotten.");
            Thread.SpinWait(round % 300);   // meets the worker at another of its last steps each time
        }
    }

    [Fact]
    public async Task A_board_that_waits_for_something_of_its_own_keeps_nobody_waiting()
    {
        var (queue, never, drawn) = (new BoardQueue(), new TaskCompletionSource(), new ConcurrentQueue<int>());
        queue.Add(new Board(() => never.Task));
        for (var i = 0; i < 100; i++)
        {
            var number = i;
            queue.Add(new Board(() => { drawn.Enqueue(number); return Task.CompletedTask; }));
        }
        queue.Work();
        await Eventually.TrueAsync(() => drawn.Count == 100, "the others drawn");
        never.SetResult();
    }

    private static void InterlockedMax(ref int most, int seen)
    {
        for (var old = Volatile.Read(ref most); seen > old; old = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, seen, old);
    }

    private sealed class Board(Func<Task> draw) : IBoard
    {
        public Task DrawAsync() => draw();
    }
}
