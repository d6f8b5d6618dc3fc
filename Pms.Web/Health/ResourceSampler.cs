using System.Diagnostics;

namespace Pms.Web.Health;

/// <summary>The processor share of this process over the last minute, sampled every 5 s, so that one busy moment is no alarm.</summary>
public sealed class ResourceSampler : IDisposable
{
    private const int Samples = 12;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Queue<double> shares = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private TimeSpan lastCpu = Environment.CpuUsage.TotalTime;
    private long lastAt;

    public ResourceSampler(TimeProvider time)
    {
        (this.time, lastAt) = (time, time.GetTimestamp());
        timer = time.CreateTimer(_ => Sample(), null, Every, Every);
    }

    /// <summary>0 to 1 of all processors; null until the first sample.</summary>
    public double? Cpu
    {
        get
        {
            lock (gate)
                return shares.Count == 0 ? null : shares.Average();
        }
    }

    /// <summary>True when the mean stands for a whole minute.</summary>
    public bool IsFull
    {
        get
        {
            lock (gate)
                return shares.Count == Samples;
        }
    }

    public static long WorkingSet => Process.GetCurrentProcess().WorkingSet64;

    public void Dispose() => timer.Dispose();

    private void Sample()
    {
        lock (gate)
        {
            var (cpu, at) = (Environment.CpuUsage.TotalTime, time.GetTimestamp());
            var span = time.GetElapsedTime(lastAt, at);
            if (span <= TimeSpan.Zero)
                return;
            shares.Enqueue(Math.Clamp((cpu - lastCpu) / span / Environment.ProcessorCount, 0, 1));
            (lastCpu, lastAt) = (cpu, at);
            if (shares.Count > Samples)
                shares.Dequeue();
        }
    }
}
