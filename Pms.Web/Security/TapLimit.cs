using Microsoft.AspNetCore.SignalR;

namespace Pms.Web.Security;

/// <summary>
/// How fast one live connection may speak: bursts of typing and dragging pass, a flood is worked off at a person's pace while it waits in its
/// own connection (messages of one connection come one after the other), and one that doesn't end is cut. Nobody else waits for it.
/// </summary>
public sealed class TapLimit(TimeProvider time, ILogger<TapLimit> log) : IHubFilter
{
    /// <summary>Messages that pass at once: clicks, keystrokes, drags, and the browser's answers to what was drawn.</summary>
    public const int Burst = 300;

    /// <summary>What a connection may keep up; a board that is redrawn ten times a second answers ten times.</summary>
    public const int PerSecond = 60;

    /// <summary>So many messages that had to wait, one after the other, are no person's any more.</summary>
    public const int MostLate = 3_000;

    private static readonly TimeSpan Each = TimeSpan.FromSeconds(1) / PerSecond;
    private static readonly object Key = new();

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var connection = invocationContext.Context;
        if (!connection.Items.TryGetValue(Key, out var kept) || kept is not Pace pace)
            connection.Items[Key] = pace = new Pace(time.GetTimestamp());
        var wait = pace.Take(time);
        return wait > TimeSpan.Zero ? LaterAsync(invocationContext, next, pace, wait) : next(invocationContext);
    }

    private async ValueTask<object?> LaterAsync(HubInvocationContext invocation, Func<HubInvocationContext, ValueTask<object?>> next, Pace pace, TimeSpan wait)
    {
        var connection = invocation.Context;
        if (pace.Late > MostLate)
        {
            log.LogWarning("A live connection was cut: it went on sending far more than a person can ({Late} messages too many)", pace.Late);
            connection.Abort();
            return null;
        }
        await Task.Delay(wait, time, connection.ConnectionAborted);
        return await next(invocation);
    }

    /// <summary>Of one connection; never touched by two messages at once.</summary>
    private sealed class Pace(long began)
    {
        /// <summary>What was used, as time from <paramref name="began"/> on that it will take to be free again.</summary>
        private TimeSpan used;

        public int Late { get; private set; }

        /// <summary>How long the message has to wait.</summary>
        public TimeSpan Take(TimeProvider time)
        {
            var now = time.GetElapsedTime(began);
            used = (used > now ? used : now) + Each;
            var wait = used - now - (Each * Burst);
            Late = wait > TimeSpan.Zero ? Late + 1 : 0;
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }
}
