using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Pms.Core.Events;

/// <summary>Carries local events to the other nodes and theirs to local listeners. Redis down means local only, and a re-read on return.</summary>
public sealed class RedisEventBus : IEventBus
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("pms:events");
    private static readonly Dictionary<string, Type> Types = typeof(IEvent).Assembly.GetTypes()
        .Where(t => t.IsAssignableTo(typeof(IEvent)) && !t.IsInterface).ToDictionary(t => t.Name);

    private readonly string node = Guid.NewGuid().ToString("N");
    private readonly InProcessEventBus local;
    private readonly ISubscriber redis;
    private readonly ILogger<RedisEventBus> log;

    public RedisEventBus(InProcessEventBus local, IConnectionMultiplexer connection, ILogger<RedisEventBus> log)
    {
        (this.local, this.log, redis) = (local, log, connection.GetSubscriber());
        // Restored also fires for the first connection; reading once too often does no harm.
        connection.ConnectionRestored += (_, _) => local.Publish(new EventsMissed());
        _ = SubscribeAsync();
    }

    /// <inheritdoc />
    public void Publish(IEvent e)
    {
        local.Publish(e);
        try { redis.Publish(Channel, $"{node}|{e.GetType().Name}|{JsonSerializer.Serialize(e, e.GetType())}", CommandFlags.FireAndForget); }
        catch (RedisException ex) { log.LogDebug(ex, "Redis is away; {Event} stays on this node", e.GetType().Name); }
    }

    /// <inheritdoc />
    public IDisposable Subscribe<TEvent>(Func<TEvent, bool> filter, Action<TEvent> listener, IReadOnlyCollection<long>? departments = null) where TEvent : IEvent =>
        local.Subscribe(filter, listener, departments);

    private async Task SubscribeAsync()
    {
        // The multiplexer keeps the subscription and renews it by itself after each reconnect; only the very first try may fail.
        try { await redis.SubscribeAsync(Channel, (_, message) => Receive(message.ToString())); }
        catch (RedisException e) { log.LogWarning(e, "Redis can't be reached; live updates stay on this node until it can"); }
    }

    private void Receive(string message)
    {
        var parts = message.Split('|', 3);
        if (parts is not [var from, var name, var json] || from == node)
            return;
        if (!Types.TryGetValue(name, out var type))
        {
            log.LogWarning("Unknown event {Event} from another node", name);
            return;
        }
        try { local.Publish((IEvent)JsonSerializer.Deserialize(json, type)!); }
        catch (JsonException e) { log.LogWarning(e, "Unreadable {Event} from another node", name); }
    }
}
