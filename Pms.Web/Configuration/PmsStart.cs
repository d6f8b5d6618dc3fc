using System.Data.Common;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Settings;
using Pms.Web.Health;
using Pms.Web.Identity;
using Pms.Web.Security;
using Pms.Web.Shared;

namespace Pms.Web.Configuration;

/// <summary>The way from the command line to a running plant: settings checked, services made, database up to date, rights read, address told.</summary>
public static class PmsStart
{
    /// <summary>How long a start waits for a database server that is still starting itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Reads and checks the settings. Null when the program has nothing more to do; then <paramref name="exitCode"/> says how it ended.</summary>
    public static PmsConfiguration? ReadPmsConfiguration(this WebApplicationBuilder builder, RunMode mode, out int exitCode)
    {
        exitCode = 0;
        Console.OutputEncoding = System.Text.Encoding.UTF8;   // the code to scan is drawn with blocks
        if (mode.Command == RunCommand.Help)
        {
            Console.Out.WriteLine(RunMode.Usage);
            return null;
        }
        mode = mode with { IsDevelopment = builder.Environment.IsDevelopment() };
        var result = ConfigurationCheck.Read(builder.Configuration, mode, builder.Environment.ContentRootPath);
        if (mode.Command == RunCommand.CheckConfig)
            StartReport.Settings(Console.Out, result, builder.Environment.EnvironmentName);
        StartReport.Faults(Console.Error, result.Faults);
        if (!result.Ok)
        {
            exitCode = 1;
            return null;
        }
        if (mode.Command == RunCommand.CheckConfig)
        {
            Console.Out.WriteLine("The settings are good.");
            return null;
        }
        return result.Configuration;
    }

    /// <summary>The core and what it stands on, by the checked settings.</summary>
    public static WebApplicationBuilder AddPmsConfiguration(this WebApplicationBuilder builder, PmsConfiguration configuration)
    {
        builder.Services.AddSingleton(configuration).AddSingleton(configuration.Mode).AddPmsCore(configuration.ToCore()).AddPmsKeyRing().AddPmsHealth(configuration).AddPmsTelemetry(configuration)
            .AddScoped<CircuitHandler, CircuitLogLines>();
        builder.Services.Configure<ForwardedHeadersOptions>(o =>
        {
            o.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            o.KnownProxies.Clear();
            o.KnownIPNetworks.Clear();
            foreach (var network in configuration.TrustedProxies)
                o.KnownIPNetworks.Add(network);
        });
        if (configuration.Mode.Lan)
            builder.WebHost.UseUrls([.. (Urls(builder) is { Length: > 0 } set ? set : [DefaultUrl]).Select(OnAllAddresses)]);
        else if (Urls(builder) is [] && string.IsNullOrEmpty(builder.Configuration["HTTP_PORTS"]) && string.IsNullOrEmpty(builder.Configuration["HTTPS_PORTS"])
            && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls(DefaultUrl);
        return builder;
    }

    /// <summary>First in the pipeline: whose request it is and whether it came encrypted, as far as a trusted proxy says.</summary>
    public static WebApplication UsePmsConfiguration(this WebApplication app)
    {
        if (app.Services.GetRequiredService<PmsConfiguration>().TrustedProxies.Count > 0)
            app.UseForwardedHeaders();
        return app;
    }

    /// <summary>Brings the database up to date and reads the rights. False when the program has nothing more to do.</summary>
    public static async Task<(bool GoOn, int ExitCode)> PrepareAsync(this WebApplication app)
    {
        var configuration = app.Services.GetRequiredService<PmsConfiguration>();
        try
        {
            var pending = await PatientlyAsync(app, () => app.Services.GetRequiredService<Migrator>().PendingAsync());
            if (configuration.Mode.Command == RunCommand.Migrate)
            {
                var ran = await app.Services.GetRequiredService<Migrator>().MigrateAsync();
                await Console.Out.WriteLineAsync(ran == 0 ? "The database is up to date." : $"The database is up to date now: {string.Join(", ", pending)}.");
                return (false, 0);
            }
            if (configuration.Mode.Command == RunCommand.VerifyAudit)
                return (false, await AuditCommand.VerifyAsync(app.Services, pending, Console.Out));
            if (configuration.Mode.Command == RunCommand.ResetSecondFactor)
                return (false, await UserCommand.ResetSecondFactorAsync(app.Services, configuration.Mode.Subject!, pending, Console.Out));
            if (pending.Count > 0)
            {
                if (!configuration.MigrateAtStart)
                {
                    await Console.Error.WriteLineAsync($"PMS can't start: the database lacks {string.Join(", ", pending)}, and Database:MigrateAtStart is false.\n      → Back up, then run the 'migrate' command once, or set Database:MigrateAtStart=true.");
                    return (false, 1);
                }
                await app.Services.GetRequiredService<Migrator>().MigrateAsync();
            }
            await app.SeedIdentityAsync();
            await app.Services.GetRequiredService<SettingsStore>().LoadAsync();
            await app.Services.GetRequiredService<Rights>().LoadAsync();
            await app.Services.GetRequiredService<ReasonService>().SeedAsync();
            await app.Services.GetRequiredService<Calendars>().LoadAsync();
        }
        catch (Exception e) when (e is MigrationException or DbException or BusyException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"PMS can't start with its database ({configuration.DatabaseName}): {e.Message}\n      → Is the server running, may this user use the database? The 'check-config' command shows the settings in force.");
            return (false, 1);
        }
        app.Lifetime.ApplicationStarted.Register(() => StartReport.Addresses(Console.Out,
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [], configuration));
        return (true, 0);
    }

    private const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>A database server may still be starting beside us; a wrong password is told at once.</summary>
    private static async Task<T> PatientlyAsync<T>(WebApplication app, Func<Task<T>> work)
    {
        var (time, dialect) = (app.Services.GetRequiredService<TimeProvider>(), app.Services.GetRequiredService<Db>().Dialect);
        for (var began = time.GetTimestamp(); ; await Task.Delay(TimeSpan.FromSeconds(1)))
        {
            try
            {
                return await work();
            }
            catch (DbException e) when (dialect.IsLost(e) && time.GetElapsedTime(began) < Patience)
            {
                app.Logger.LogWarning("The database does not answer yet: {Reason}", e.Message);
            }
        }
    }

    private static string[] Urls(WebApplicationBuilder builder) =>
        (builder.Configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string OnAllAddresses(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? $"{uri.Scheme}://0.0.0.0:{uri.Port}" : url;
}
