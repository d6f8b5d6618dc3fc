using System.Diagnostics;

namespace Pms.Bench.Live;

/// <summary>One tap on its way to so many boards; it ends when the last has been sent it.</summary>
internal sealed class BoardTap(long person, bool pauses, int boards)
{
    private readonly TaskCompletionSource<long> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int missing = boards;

    public long Person => person;
    public bool Pauses => pauses;

    /// <summary>When the last board had it, a timestamp of <see cref="Stopwatch"/>.</summary>
    public Task<long> LastAsync => done.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public void Arrived(long now)
    {
        if (Interlocked.Decrement(ref missing) == 0)
            done.SetResult(now);
    }
}

/// <summary>What one board still waits to be sent.</summary>
internal sealed class BoardWaits
{
    private readonly List<BoardTap> taps = [];

    public void Add(BoardTap tap)
    {
        lock (taps)
            taps.Add(tap);
    }

    /// <summary>Takes the taps off that the board shows now.</summary>
    public void Look(long now, Func<BoardTap, bool> shows)
    {
        lock (taps)
            for (var i = taps.Count - 1; i >= 0; i--)
                if (shows(taps[i]))
                {
                    taps[i].Arrived(now);
                    taps.RemoveAt(i);
                }
    }
}
