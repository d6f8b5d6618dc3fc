using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Pms.Core.Data;

/// <summary>
/// What PMS measures of itself, as a meter and an activity source named <see cref="Name"/>. Who wants it listens; while nobody does, a command
/// costs one look at a flag more.
/// </summary>
public sealed class Telemetry : IDisposable
{
    public const string Name = "Pms";

    private static readonly InstrumentAdvice<double> Quick = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };
    private static readonly InstrumentAdvice<double> Slow = new() { HistogramBucketBoundaries = [0.5, 1, 2, 5, 10, 30, 60, 120, 600, 1800] };

    private readonly ActivitySource source = new(Name);
    private readonly Histogram<double> commands, rebuilds, deliveries;
    private readonly Counter<long> retries;

    private readonly TimeProvider time;

    public Telemetry(TimeProvider time)
    {
        this.time = time;
        commands = Meter.CreateHistogram("pms.commands", "s", "Commands by what became of them: ok, the code of a refusal, or error", advice: Quick);
        rebuilds = Meter.CreateHistogram("pms.boards.rebuilds", "s", "Pictures of the floor read anew, whole or in part", advice: Quick);
        deliveries = Meter.CreateHistogram("pms.outbox.delay", "s", "From a command to the delivery of its message", advice: Slow);
        retries = Meter.CreateCounter<long>("pms.db.retries", "{try}", "Transactions decided again: somebody was faster, or the database failed");
    }

    public Meter Meter { get; } = new(Name);

    /// <summary>Somebody listens to commands.</summary>
    public bool IsWatched => commands.Enabled || source.HasListeners();

    public void Dispose()
    {
        Meter.Dispose();
        source.Dispose();
    }

    internal async Task<T> CommandAsync<T>(string command, Func<Task<T>> run)
    {
        using var activity = source.StartActivity(command);
        var (began, outcome) = (time.GetTimestamp(), "error");
        try
        {
            var result = await run();
            outcome = "ok";
            return result;
        }
        catch (PmsException e)
        {
            outcome = e.Code;
            throw;
        }
        finally
        {
            commands.Record(time.GetElapsedTime(began).TotalSeconds, new("command", command), new("outcome", outcome));
            activity?.SetTag("outcome", outcome);
            if (outcome != "ok")
                activity?.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <param name="why">changed: somebody was faster; database: a deadlock, a lost connection, a time-out.</param>
    internal void Retried(string why) => retries.Add(1, new KeyValuePair<string, object?>("why", why));

    internal void Rebuilt(TimeSpan took, bool whole) => rebuilds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("scope", whole ? "whole" : "part"));

    internal void Delivered(TimeSpan age) => deliveries.Record(Math.Max(0, age.TotalSeconds));
}
