using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Pms.Core.Data;

/// <summary>How many connections of this process are in use and how many wait idle, as the MySQL driver counts them; zero on SQLite, which has no pool to run out of.</summary>
public sealed class PoolMeter : IDisposable
{
    private readonly ConcurrentDictionary<string, long> states = new();
    private readonly MeterListener listener = new();
    private long waiting;

    public PoolMeter()
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument is { Meter.Name: "MySqlConnector", Name: "db.client.connections.usage" or "db.client.connections.pending_requests" })
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>(Count);
        listener.Start();
    }

    public long InUse => states.GetValueOrDefault("used");

    public long Idle => states.GetValueOrDefault("idle");

    /// <summary>Callers that wait for a connection now.</summary>
    public long Waiting => Volatile.Read(ref waiting);

    public void Dispose() => listener.Dispose();

    private void Count(Instrument instrument, int change, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? _)
    {
        if (instrument.Name.EndsWith("pending_requests", StringComparison.Ordinal))
        {
            Interlocked.Add(ref waiting, change);
            return;
        }
        foreach (var tag in tags)
            if (tag is { Key: "state", Value: string state })
                states.AddOrUpdate(state, change, (_, now) => now + change);
    }
}
