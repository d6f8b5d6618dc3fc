using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pms.Core.Events;
using Pms.Tests.Support;

namespace Pms.Tests.Events;

/// <summary>However many ask, an action runs once per burst, never twice at once, and always once more after the last request.</summary>
public sealed class BurstTests
{
    [Fact]
    public async Task A_storm_of_requests_runs_few_times_and_the_last_one_is_served()
    {
        var (asked, served, inside, most, runs) = (0, 0, 0, 0, 0);
        using var burst = new Burst(async ct =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            Interlocked.Increment(ref runs);
            var seen = Volatile.Read(ref asked);
            await Task.Yield();
            Volatile.Write(ref served, seen);
            Interlocked.Decrement(ref inside);
        }, TimeProvider.System, NullLogger.Instance);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                Interlocked.Increment(ref asked);
                burst.Request();
            }
        })));

        await Eventually.TrueAsync(() => Volatile.Read(ref served) == 8_000);
        Assert.Equal(1, most);
        Assert.True(Volatile.Read(ref runs) < 100, $"8 000 requests made {runs} runs.");
    }

    [Fact]
    public async Task A_failed_run_does_not_end_the_refreshing()
    {
        var runs = 0;
        using var burst = new Burst(_ => ++runs == 1 ? throw new InvalidOperationException("once") : Task.CompletedTask, TimeProvider.System, NullLogger.Instance);

        burst.Request();
        await Eventually.TrueAsync(() => runs == 1);
        burst.Request();
        await Eventually.TrueAsync(() => runs >= 2);
    }

    [Fact]
    public async Task What_fails_after_the_end_is_no_fault()
    {
        var log = new Log();
        var (began, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        var burst = new Burst(async _ =>
        {
            began.SetResult();
            await gone.Task;
            throw new ObjectDisposedException("database");
        }, TimeProvider.System, log);

        burst.Request();
        await began.Task;
        burst.Dispose();
        gone.SetResult();
        await Eventually.TrueAsync(() => log.Levels.Count > 0);
        Assert.Equal([LogLevel.Debug], log.Levels);
    }

    private sealed class Log : ILogger
    {
        public ConcurrentQueue<LogLevel> Levels { get; } = [];
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Levels.Enqueue(logLevel);
    }
}
