using System.Diagnostics;
using MySqlConnector;
using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Faults;

/// <summary>
/// Two web nodes, their databases, Redis and proxy as <c>deploy/cluster</c> starts them, and its words to stop, kill and cut them off. They end
/// with this program, however it ends: the script stops all when its input closes.
/// </summary>
internal sealed class ClusterServers : IAsyncDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly Process script;
    private readonly Dictionary<string, string> told;

    private ClusterServers(Process script, string folder, Dictionary<string, string> told) => (this.script, Folder, this.told) = (script, folder, told);

    public string Folder { get; }

    /// <summary>Where people go: the proxy.</summary>
    public Uri Site => new(told["SITE"]);

    /// <summary>The database as the web nodes have it: through its proxy.</summary>
    public DbSettings Database => On(told["DB_PORT"]);

    /// <summary>One database server itself, counted from 1.</summary>
    public DbSettings Node(int number) => On(told["DB_NODES"].Split(',')[number - 1]);

    /// <summary>Databases, Redis and proxy; web nodes are started by <see cref="WebAsync"/> once the plant is there.</summary>
    public static async Task<ClusterServers> StartAsync(bool galera, Options options)
    {
        var data = options.Text("data", Path.GetTempPath());
        var folder = Path.Combine(Path.GetFullPath(data), $"pms-cluster-{Guid.NewGuid():N}"[..20]);
        var info = new ProcessStartInfo(Path.Combine(Repository, "deploy", "cluster"), [.. (galera ? ["--galera"] : Array.Empty<string>()), "--proxy", options.Text("proxy", "haproxy"), "--servers", "--folder", folder])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, Environment = { ["Security__RateLimitPerMinute"] = "1000000" },
        };
        var script = Process.Start(info)!;
        if (await script.StandardOutput.ReadLineAsync() is not { } line || !line.StartsWith("ready ", StringComparison.Ordinal))
            throw new InvalidOperationException("deploy/cluster did not start.");
        await script.StandardOutput.ReadLineAsync();
        return new(script, folder, (await File.ReadAllLinesAsync(Path.Combine(folder, "cluster.env"))).Select(l => l.Split('=', 2)).ToDictionary(p => p[0], p => p[1]));
    }

    public async Task WebAsync()
    {
        await SayAsync("start web1");
        await SayAsync("start web2");
    }

    /// <summary>One word to the script, as "kill web1"; returns when it is done.</summary>
    public async Task SayAsync(string word)
    {
        await one.WaitAsync();
        try
        {
            await script.StandardInput.WriteLineAsync(word);
            await script.StandardInput.FlushAsync();
            string? line;
            while ((line = await script.StandardOutput.ReadLineAsync()) is not null && line != "ok")
                if (line.StartsWith("failed", StringComparison.Ordinal))
                    throw new InvalidOperationException($"'{word}': {line}");
            if (line is null)
                throw new InvalidOperationException($"deploy/cluster ended at '{word}'.");
        }
        finally
        {
            one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        script.StandardInput.Close();
        await script.WaitForExitAsync();
        script.Dispose();
        one.Dispose();
    }

    private DbSettings On(string port) => new()
    {
        Dialect = Dialect.MySql,
        ConnectionString = new MySqlConnectionStringBuilder
        {
            Server = told["DB_HOST"], Port = uint.Parse(port, System.Globalization.CultureInfo.InvariantCulture), UserID = told["DB_USER"], Password = told["DB_PASSWORD"], Database = told["DB_NAME"], SslMode = MySqlSslMode.None,
        }.ConnectionString,
    };

    private static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Pms.sln")))
                folder = folder.Parent ?? throw new InvalidOperationException("Benches run inside the repository: no Pms.sln above " + AppContext.BaseDirectory);
            return folder.FullName;
        }
    }
}
