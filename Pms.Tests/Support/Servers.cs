namespace Pms.Tests.Support;

/// <summary>One private MariaDB, one private Redis and one Chromium per test process, started on first need and gone with the process.</summary>
public static class Servers
{
    private static readonly Lazy<Task<MariaDbServer>> TheMariaDb = new(() => Task.Run(() => MariaDbServer.StartAsync()));
    private static readonly Lazy<Task<RedisServer>> TheRedis = new(() => Task.Run(RedisServer.StartAsync));
    /// <summary>The first is the same engine without the window round it, which a page test otherwise pays for with a fifth of its processor time.</summary>
    private static readonly Lazy<string> TheChromium = new(() => Programs.Need("Chromium",
        ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"], ["chromium-headless-shell fonts-liberation", "chromium fonts-liberation", "chromium-browser"]));

    /// <summary>Shared by all tests: never stop it. A test that needs a crash starts a <see cref="MariaDbServer"/> of its own.</summary>
    public static Task<MariaDbServer> MariaDbAsync() => TheMariaDb.Value;

    /// <summary>Shared by all tests: never stop it. A test that needs a crash starts a <see cref="RedisServer"/> of its own.</summary>
    public static Task<RedisServer> RedisAsync() => TheRedis.Value;

    /// <summary>The path of the browser.</summary>
    public static string Chromium => TheChromium.Value;
}
