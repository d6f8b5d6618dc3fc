using MySqlConnector;
using StackExchange.Redis;

namespace Pms.Tests.Support;

/// <summary>What the other tests stand on: private servers that answer only to this run, come back after a crash and die with it.</summary>
public sealed class ServersTests
{
    [Fact]
    public async Task The_shared_servers_answer_and_are_started_once()
    {
        var (first, second) = (Servers.MariaDbAsync(), Servers.MariaDbAsync());

        Assert.Same(await first, await second);
        Assert.Contains("MariaDB", await VersionAsync(await first));
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await Servers.RedisAsync()).Configuration);
        Assert.True(await redis.GetDatabase().PingAsync() > TimeSpan.Zero);
    }

    [Fact]
    public async Task Two_database_servers_stand_side_by_side_and_one_comes_back_after_a_crash()
    {
        using var one = await MariaDbServer.StartAsync();
        using var other = await MariaDbServer.StartAsync();
        Assert.NotEqual(one.Port, other.Port);

        one.Kill();
        await Assert.ThrowsAsync<MySqlException>(() => VersionAsync(one));
        Assert.Contains("MariaDB", await VersionAsync(other));

        await one.StartAgainAsync();
        Assert.Contains("MariaDB", await VersionAsync(one));
    }

    [Fact]
    public async Task Redis_comes_back_after_a_crash()
    {
        using var server = await RedisServer.StartAsync();
        server.Kill();
        await Assert.ThrowsAsync<RedisConnectionException>(() => PingAsync(server));
        await server.StartAgainAsync();
        await PingAsync(server);
    }

    [Fact]
    public void A_missing_program_is_named_with_its_remedy()
    {
        var e = Assert.Throws<InvalidOperationException>(() => Programs.Need("a loom", ["no-such-loom"], []));
        Assert.Contains("a loom", e.Message, StringComparison.Ordinal);
    }

    private static async Task<string> VersionAsync(MariaDbServer server)
    {
        await using var connection = new MySqlConnection(server.ConnectionString() + ";Pooling=False");
        await connection.OpenAsync();
        return connection.ServerVersion;
    }

    private static async Task PingAsync(RedisServer server)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration.Replace("abortConnect=false", "connectTimeout=1000", StringComparison.Ordinal));
        await redis.GetDatabase().PingAsync();
    }
}
