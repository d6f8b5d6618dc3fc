using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Tests.Support;

/// <summary>
/// The whole core over a fresh, migrated database of its own and a clock that stands until the test moves it.
/// One instance is one node: <see cref="AnotherNodeAsync"/> starts a second one on the same database and clock.
/// </summary>
public sealed class TestPms : IAsyncDisposable
{
    /// <summary>A Monday morning in the plant's zone.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 6, 0, 0, TimeSpan.Zero);

    /// <summary>One for all nodes, as the key ring in the database is.</summary>
    private static readonly IDataProtectionProvider Keys = new EphemeralDataProtectionProvider();

    private readonly ServiceProvider services;
    private readonly bool ownsDatabase;
    private readonly string? redisUrl;

    private TestPms(TestDatabase database, bool ownsDatabase, FakeTimeProvider clock, string? redisUrl, Action<IServiceCollection>? change, Func<DbSettings, DbSettings>? settings)
    {
        (Database, this.ownsDatabase, Clock, this.redisUrl) = (database, ownsDatabase, clock, redisUrl);
        services = Services(settings is null ? database.Settings : settings(database.Settings), clock, redisUrl, change);
    }

    public TestDatabase Database { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>The system's own actor, which may do everything.</summary>
    public static Actor System => Actor.System("test");

    public Db Db => Get<Db>();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>Starts a node over a database of its own; <paramref name="change"/> replaces services, <paramref name="settings"/> the database's limits.</summary>
    public static async Task<TestPms> StartAsync(Engine engine, string? redisUrl = null, Action<IServiceCollection>? change = null, Func<DbSettings, DbSettings>? settings = null, MariaDbServer? server = null)
    {
        var pms = new TestPms(await TestDatabase.CreateAsync(engine, server), true, new FakeTimeProvider(Start), redisUrl, change, settings);
        await pms.Get<Rights>().LoadAsync();
        return pms;
    }

    /// <summary>A second node beside this one; dispose it before this one.</summary>
    public async Task<TestPms> AnotherNodeAsync(Action<IServiceCollection>? change = null, Func<DbSettings, DbSettings>? settings = null)
    {
        var node = new TestPms(Database, false, Clock, redisUrl, change, settings);
        await node.Get<Rights>().LoadAsync();
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (ownsDatabase)
            await Database.DisposeAsync();
    }

    internal static ServiceProvider Services(DbSettings database, TimeProvider clock, string? redisUrl, Action<IServiceCollection>? change)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(clock).AddSingleton(Keys).AddPmsCore(new CoreSettings
        {
            Database = database,
            Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"),
            DataFolder = Directory.CreateDirectory(TestRun.NewPath("data")).FullName,
            RedisUrl = redisUrl,
            PasswordWorkFactor = 4,   // hashing is slow on purpose, tests are not
        });
        change?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
