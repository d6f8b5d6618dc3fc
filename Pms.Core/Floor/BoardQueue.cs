using System.Collections.Concurrent;

namespace Pms.Core.Floor;

/// <summary>Something that draws itself when its turn comes; it tells no fault.</summary>
internal interface IBoard
{
    Task DrawAsync();
}

/// <summary>
/// Boards that wait to be drawn, in the order in which they asked. At most half of the processors draw, and after each board others' work has its turn: hundreds of boards
/// handed to the thread pool at once would stand before every tap.
/// </summary>
internal sealed class BoardQueue
{
    private static readonly int MostWorkers = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly ConcurrentQueue<IBoard> waiting = new();
    private int workers;

    public void Add(IBoard board) => waiting.Enqueue(board);

    /// <summary>Sees to it that somebody draws those who wait. Returns at once.</summary>
    public void Work()
    {
        for (var seen = Volatile.Read(ref workers); seen < MostWorkers && !waiting.IsEmpty; seen = Volatile.Read(ref workers))
            if (Interlocked.CompareExchange(ref workers, seen + 1, seen) == seen)
                _ = Task.Run(DrawAsync);
    }

    private async Task DrawAsync()
    {
        while (waiting.TryDequeue(out var board))
        {
            _ = board.DrawAsync();   // at its end by now, but for one that waits for something of its own
            await Task.Yield();
        }
        Interlocked.Decrement(ref workers);
        Work();   // for who came between the last look and the count
    }
}
