using Pms.Core.Events;

namespace Pms.Core.Demo;

/// <summary>How much of the demo is written, in slices of some orders, and how many days of its past that is.</summary>
public sealed record DemoProgressed(int Done, int Total, bool IsReady, int Days = 0, int OfDays = 0) : IEvent;

/// <summary>Tells pages how far the demo plant is: usable as soon as <see cref="IsReady"/>, with all of its history when <see cref="IsComplete"/>.</summary>
public sealed class DemoProgress(IEventBus bus)
{
    private volatile DemoProgressed now = new(0, 0, false);

    /// <summary>Master data, open orders and today are there.</summary>
    public bool IsReady => now.IsReady;

    public bool IsComplete => now is { Total: > 0 } and var n && n.Done >= n.Total;

    public int Done => now.Done;
    public int Total => now.Total;

    /// <summary>0–100.</summary>
    public int Percent => now is { Total: > 0 } n ? n.Done * 100 / n.Total : 0;

    /// <summary>Days of the past that are written, newest first.</summary>
    public int Days => now.Days;
    public int OfDays => now.OfDays;

    /// <summary>The past is still being written: boards are right, figures of earlier days are not whole yet.</summary>
    public bool IsWritingPast => now is { IsReady: true, OfDays: > 0 } && !IsComplete;

    internal void Report(int done, int total, bool ready, int days, int ofDays)
    {
        now = new(done, total, ready, days, ofDays);
        bus.Publish(now);
    }
}
