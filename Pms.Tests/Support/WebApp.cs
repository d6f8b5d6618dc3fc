using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Pms.Core.Data;
using Serilog.Core;
using Serilog.Events;

namespace Pms.Tests.Support;

/// <summary>
/// The whole program on a port of its own, over a migrated database and a data folder of its own, in the <see cref="PlantTime"/>.
/// An error in its log fails the test when it is disposed, unless the test says that it provokes one.
/// </summary>
public sealed class WebApp : IAsyncDisposable
{
    private readonly Factory factory;
    private readonly TestDatabase database;
    private readonly bool ownsDatabase;
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly PlantTime time;
    private bool errorsExpected;

    private WebApp(TestDatabase database, bool ownsDatabase, IReadOnlyDictionary<string, string?> settings, PlantTime time, Action<IServiceCollection>? change)
    {
        (this.database, this.ownsDatabase, this.settings, this.time) = (database, ownsDatabase, settings, time);
        factory = new Factory(settings, database.Settings.Deadline, time, change);
        factory.UseKestrel(0);
        factory.StartServer();
        Address = new Uri(factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public Uri Address { get; }

    public TestDatabase Database => database;

    /// <summary>Where it writes what it writes by itself.</summary>
    public string DataFolder => settings["Data:Folder"]!;

    /// <summary>What it logged as an error, in words.</summary>
    public IReadOnlyCollection<string> Errors => factory.Errors;

    /// <summary>Starts it in Development. <paramref name="set"/> adds settings, <paramref name="change"/> replaces services.</summary>
    public static async Task<WebApp> StartAsync(Engine engine = Engine.Sqlite, string? redisUrl = null, IReadOnlyDictionary<string, string?>? set = null, Action<IServiceCollection>? change = null,
        MariaDbServer? server = null)
    {
        var database = await TestDatabase.CreateAsync(engine, server);
        return await OnAsync(database, true, redisUrl, set, new PlantTime(), change);
    }

    /// <summary>A second node on the same database and, if given, Redis; dispose it before this one.</summary>
    public Task<WebApp> AnotherNodeAsync(Action<IServiceCollection>? change = null) => OnAsync(database, false, settings.GetValueOrDefault("Redis:Url"), settings, time, change);

    public T Get<T>() where T : notnull => factory.Services.GetRequiredService<T>();

    /// <summary>A client without cookies of before; redirects are not followed, so that a test sees them.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>Says that this test provokes errors in the log.</summary>
    public void ExpectErrors() => errorsExpected = true;

    public async ValueTask DisposeAsync()
    {
        await factory.DisposeAsync();
        if (ownsDatabase)
            await database.DisposeAsync();
        Assert.True(errorsExpected || Errors.Count == 0, "The program's log shows errors:\n" + string.Join('\n', Errors));
    }

    private static Task<WebApp> OnAsync(TestDatabase database, bool owns, string? redisUrl, IReadOnlyDictionary<string, string?>? set, PlantTime time, Action<IServiceCollection>? change)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Database:Kind"] = database.Engine == Engine.Sqlite ? "sqlite" : "mysql",
            ["Database:ConnectionString"] = database.ConnectionString,
            ["Database:PoolMin"] = "0",
            ["Plant:TimeZone"] = PlantTime.Zone,
            ["Security:PasswordWorkFactor"] = "4",
            ["Security:RateLimitPerMinute"] = "100000",
            ["Serilog:MinimumLevel:Default"] = "Warning",
            ["Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime"] = "Warning",
        };
        if (redisUrl is not null)
            settings["Redis:Url"] = redisUrl;
        foreach (var (name, value) in set ?? settings)
            settings[name] = value;
        settings.TryAdd("Data:Folder", TestRun.NewPath("web"));
        // Starting blocks its thread until the program has migrated and listens.
        return Task.Run(() => new WebApp(database, owns, settings, time, change));
    }

    private sealed class Factory(IReadOnlyDictionary<string, string?> settings, TimeSpan deadline, TimeProvider time, Action<IServiceCollection>? change) : WebApplicationFactory<Program>
    {
        public ConcurrentQueue<string> Errors { get; } = [];

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseContentRoot(TestRun.Repository).UseEnvironment("Development");
            foreach (var (name, value) in settings)
                builder.UseSetting(name, value);
            builder.ConfigureTestServices(services =>
            {
                services.AddSingleton(time);
                services.Configure<SnackbarConfiguration>(o => (o.VisibleStateDuration, o.ShowTransitionDuration, o.HideTransitionDuration) = (8_000, 0, 0));   // as long as with its fading, in which it has no contrast
                services.AddSingleton<ILogEventSink>(new ErrorSink(Errors));
                services.AddSingleton(services.Select(s => s.ImplementationInstance).OfType<DbSettings>().Single() with { Deadline = deadline });
                change?.Invoke(services);
            });
        }
    }

    private sealed class ErrorSink(ConcurrentQueue<string> errors) : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            if (logEvent.Level >= LogEventLevel.Error)
                errors.Enqueue($"{logEvent.RenderMessage(CultureInfo.InvariantCulture)}\n{logEvent.Exception}");
        }
    }
}
