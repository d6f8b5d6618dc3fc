using Pms.Bench.Live;
using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Floors.Live;

/// <summary>The bare program beside PMS's pages: Blazor Server with one button and one board, a bare commit of the same rows and a plain broadcast.</summary>
internal static class BareBlazor
{
    /// <summary>The word that makes this program be the bare site; the bench starts itself with it.</summary>
    public const string Command = "bare-blazor";

    public static async Task<(ChildProcess Process, Uri Address)> StartAsync(BenchDatabase database, int people)
    {
        var address = new Uri($"http://127.0.0.1:{TestRun.FreePort()}");
        var process = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pms.Bench.dll"), Command, "--url", address.ToString(), "--people", $"{people}",
            "--engine", database.Kind, "--database", database.Settings.ConnectionString]);
        await PmsProcess.UntilReadyAsync(process, new Uri(address, "/board/1"));
        return (process, address);
    }

    public static async Task RunAsync(Options options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(options.Text("url")!);
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(o => o.DisconnectedCircuitMaxRetained = 2_000);   // as many as PMS keeps
        await using var taps = await BareTaps.OpenAsync(new DbSettings { Dialect = Dialect.Named(options.Text("engine")!), ConnectionString = options.Text("database")! });
        builder.Services.AddSingleton(taps);
        builder.Services.AddSingleton(new BareBoard(options.Number("people", 1)));
        builder.Services.AddSignalR().AddMessagePackProtocol();
        await using var app = builder.Build();
        app.UseAntiforgery();
        app.MapHub<BareBroadcast>(BareBroadcast.Path);
        app.MapRazorComponents<BareApp>().AddInteractiveServerRenderMode();
        await app.RunAsync();
    }
}

/// <summary>Which machines stand, in memory, and who wants to know.</summary>
internal sealed class BareBoard(int people)
{
    private readonly bool[] paused = new bool[people + 1];

    public event Action<long>? Changed;

    public bool IsPaused(long person) => Volatile.Read(ref paused[person]);

    public IEnumerable<long> PeopleOf(long department) =>
        Enumerable.Range(1, people).Select(p => (long)p).Skip((int)(department - 1) * LivePlant.PerDepartment).Take(LivePlant.PerDepartment);

    public void Show(long person, bool isPaused)
    {
        Volatile.Write(ref paused[person], isPaused);
        Changed?.Invoke(LivePlant.DepartmentOf(person));
    }
}
