using System.Net;
using Pms.Core.Events;
using Pms.Core.Identity;

namespace Pms.Tests.Support;

/// <summary>The program starts as a whole on each engine, alone or as one of two nodes.</summary>
public abstract class WebAppTests(Engine engine)
{
    [Fact]
    public async Task It_starts_and_answers()
    {
        await using var app = await WebApp.StartAsync(engine);
        using var http = app.Client();
        using var answer = await http.GetAsync(new Uri("/", UriKind.Relative));
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect, $"{answer.StatusCode}");
    }

    [Fact]
    public async Task Two_nodes_hear_each_other()
    {
        var redis = await Servers.RedisAsync();
        await using var one = await WebApp.StartAsync(engine, redis.Url);
        await using var two = await one.AnotherNodeAsync();
        Assert.NotEqual(one.Address, two.Address);

        var heard = 0;
        using var _ = two.Get<IEventBus>().Subscribe<RightsChanged>(static _ => true, _ => Interlocked.Increment(ref heard));
        await Eventually.TrueAsync(() =>
        {
            one.Get<IEventBus>().Publish(new RightsChanged());
            return Volatile.Read(ref heard) > 0;
        });
    }
}

public sealed class WebAppTests_on_SQLite() : WebAppTests(Engine.Sqlite);

public sealed class WebAppTests_on_MariaDB() : WebAppTests(Engine.MySql);
