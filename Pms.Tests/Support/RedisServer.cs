using StackExchange.Redis;

namespace Pms.Tests.Support;

/// <summary>A Redis server of the tests' own that keeps nothing on disk.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly string password = Guid.NewGuid().ToString("N");
    private readonly string program;
    private ChildProcess? child;

    private RedisServer(string program) => this.program = program;

    public int Port { get; private set; } = TestRun.FreePort();

    /// <summary>As REDIS_URL takes it.</summary>
    public string Url => $"redis://:{password}@127.0.0.1:{Port}/0";

    /// <summary>As StackExchange.Redis takes it.</summary>
    public string Configuration => $"127.0.0.1:{Port},password={password},abortConnect=false";

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer(Programs.Need("a Redis server", ["redis-server", "valkey-server"], ["redis-server", "valkey-server"]));
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Stops it as a crash would (SIGKILL).</summary>
    public void Kill() => child?.Kill();

    /// <summary>Starts it again after <see cref="Kill"/>, on the same port and empty.</summary>
    public async Task StartAgainAsync()
    {
        var first = child is null;
        for (var attempt = 1; ; attempt++)
        {
            child = ChildProcess.Start(program, "--port", $"{Port}", "--bind", "127.0.0.1", "--requirepass", password,
                "--save", "", "--appendonly", "no", "--daemonize", "no");
            if (await AnswersAsync(child))
                return;
            child.Kill();
            if (attempt == 5 || !first)
                throw new InvalidOperationException("redis-server did not start:\n" + child.Said);
            Port = TestRun.FreePort();   // somebody else took the port meanwhile
        }
    }

    public void Dispose() => Kill();

    private async Task<bool> AnswersAsync(ChildProcess started)
    {
        for (var until = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < until && !started.HasExited; await Task.Delay(50))
        {
            try
            {
                await using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Port},password={password},connectTimeout=1000");
                await redis.GetDatabase().PingAsync();
                return true;
            }
            catch (RedisException)
            {
                continue;   // not yet, or a stranger on this port: then ours ends because it can't bind
            }
        }
        return false;
    }
}
