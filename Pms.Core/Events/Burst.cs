using Microsoft.Extensions.Logging;

namespace Pms.Core.Events;

/// <summary>
/// Runs an action once per burst of requests: at most one run at a time and one pending, a pause between runs that grows with
/// the action's own cost (from <see cref="Shortest"/>, or a shorter one, to <see cref="Longest"/>), so that a storm of taps can't starve the node.
/// The first request after a quiet time runs at once.
/// </summary>
/// <param name="rest">The pause is so many times the run: 4 takes a fifth of one core at most, 2 a third.</param>
/// <param name="shortest">The shortest pause, where the action is cheap and somebody waits to see it.</param>
public sealed class Burst(Func<CancellationToken, Task> action, TimeProvider time, ILogger log, double rest = 4, TimeSpan? shortest = null) : IDisposable
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly TimeSpan shortest = shortest ?? Shortest;
    private readonly CancellationTokenSource stopped = new();
    private int state;   // 0 quiet, 1 running, 2 running and asked again

    /// <summary>Asks for a run that begins after this call. Returns at once.</summary>
    public void Request()
    {
        while (true)
        {
            var seen = Volatile.Read(ref state);
            if (seen == 2)
                return;
            if (Interlocked.CompareExchange(ref state, seen + 1, seen) != seen)
                continue;
            if (seen == 0)
                _ = Task.Factory.StartNew(LoopAsync, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);   // behind what others wait for already
            return;
        }
    }

    public void Dispose() => stopped.Cancel();

    private async Task LoopAsync()
    {
        try
        {
            do
            {
                Volatile.Write(ref state, 1);
                var began = time.GetTimestamp();
                try { await action(stopped.Token); }
                catch (Exception e) when (e is not OperationCanceledException && !stopped.IsCancellationRequested) { log.LogError(e, "A refresh failed; the last picture stays"); }
                var pause = time.GetElapsedTime(began) * rest;
                await Task.Delay(pause < shortest ? shortest : pause > Longest ? Longest : pause, stopped.Token);
            }
            while (Interlocked.CompareExchange(ref state, 0, 1) != 1);
        }
        catch (Exception) when (stopped.IsCancellationRequested) { log.LogDebug("A refresh was stopped"); }   // what it reads from may be gone already
    }
}
