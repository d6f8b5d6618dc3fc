namespace Pms.Bench.Support;

/// <summary>What of the managed heap is alive while something runs, by full collections; never in a run whose time counts.</summary>
internal static class LiveMemory
{
    /// <summary>Bytes above what was alive before.</summary>
    public static async Task<long> PeakAsync(Func<Task> work)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (peak, running) = (0L, Task.Run(work));
        while (!running.IsCompleted)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
            await Task.WhenAny(running, Task.Delay(200));
        }
        await running;
        return peak;
    }
}
