namespace Pms.Bench.Support;

/// <summary>PMS as it is started by people, as a process of its own over the bench's database, on a port of its own.</summary>
internal sealed class PmsProcess : IDisposable
{
    private readonly ChildProcess child;

    private PmsProcess(ChildProcess child, Uri address) => (this.child, Address) = (child, address);

    public Uri Address { get; }
    public ChildProcess Process => child;
    public long ResidentKiB => child.ResidentKiB;
    public string Said => child.Said;

    /// <param name="more">Settings beside, or instead of, those of a bench.</param>
    public static Task<PmsProcess> StartAsync(BenchDatabase database, params IEnumerable<(string Name, string Value)> more) => StartAsync([], With(more, new()
    {
        ["Database__Kind"] = database.Kind,
        ["Database__ConnectionString"] = database.Settings.ConnectionString,
        ["Data__Folder"] = Path.Combine(database.Folder, "pms"),
        ["Plant__TimeZone"] = "Europe/Berlin",
        ["Security__PasswordWorkFactor"] = "4",
        ["Security__RateLimitPerMinute"] = "1000000",
        ["Serilog__MinimumLevel__Default"] = "Warning",
        ["Serilog__MinimumLevel__Override__Microsoft.Hosting.Lifetime"] = "Warning",
    }));

    /// <summary>A command of PMS's own line over the bench's database, on its way.</summary>
    public static ChildProcess Command(BenchDatabase database, string word) => ChildProcess.Start("dotnet", [Path.Combine(Repository, "Pms.Web", "bin", Configuration, "net10.0", "Pms.Web.dll"), word], new Dictionary<string, string?>
    {
        ["Database__Kind"] = database.Kind, ["Database__ConnectionString"] = database.Settings.ConnectionString, ["Data__Folder"] = Path.Combine(database.Folder, "pms"), ["ASPNETCORE_ENVIRONMENT"] = "Development",
    }, Repository);

    /// <summary>The demo plant as people start it, with all its data in the folder.</summary>
    public static Task<PmsProcess> StartDemoAsync(string folder) => StartAsync(["demo"], new() { ["Data__Folder"] = folder });

    private static async Task<PmsProcess> StartAsync(string[] arguments, Dictionary<string, string?> environment)
    {
        var program = Path.Combine(Repository, "Pms.Web", "bin", Configuration, "net10.0", "Pms.Web.dll");
        var address = new Uri($"http://127.0.0.1:{TestRun.FreePort()}");
        environment["ASPNETCORE_ENVIRONMENT"] = "Development";   // plain http; production needs https
        environment["ASPNETCORE_URLS"] = address.ToString();
        var child = ChildProcess.Start("dotnet", [program, .. arguments], environment, Repository);
        await UntilReadyAsync(child, new Uri(address, "/login"));
        return new PmsProcess(child, address);
    }

    public static async Task UntilReadyAsync(ChildProcess child, Uri page)
    {
        using var http = new HttpClient();
        await child.UntilAsync(async () =>
        {
            try
            {
                using var answer = await http.GetAsync(page);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;   // not yet
            }
        }, TimeSpan.FromSeconds(60));
    }

    /// <summary>Ends it at once (SIGKILL), as a power cut would.</summary>
    public void Dispose() => child.Dispose();

    private static Dictionary<string, string?> With(IEnumerable<(string Name, string Value)> more, Dictionary<string, string?> settings)
    {
        foreach (var (name, value) in more)
            settings[name] = value;
        return settings;
    }

    private static string Configuration => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>The nearest folder above this program that holds Pms.sln.</summary>
    private static string Repository
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Pms.sln")))
                    return folder.FullName;
            throw new InvalidOperationException("Benches run inside the repository: no Pms.sln above " + AppContext.BaseDirectory);
        }
    }
}
