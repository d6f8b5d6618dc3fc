namespace Pms.Tests.Support;

/// <summary>The machine's clock, ahead by as much as a test says: idle times pass without a wait, while timers tick as they do.</summary>
public sealed class MovedClock : TimeProvider
{
    private long ahead;

    public TimeSpan Ahead
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref ahead));
        set => Interlocked.Exchange(ref ahead, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
