using MySqlConnector;

namespace Pms.Tests.Support;

/// <summary>A MariaDB server of the tests' own: own data folder, own port on 127.0.0.1, own password, so that no other run and no installed server is touched.</summary>
public sealed class MariaDbServer : IDisposable
{
    private const string What = "a MariaDB server";

    /// <summary>The bare programs where the distribution has them apart, which start no service of their own.</summary>
    private static readonly string[] Packages = ["mariadb-server-core mariadb-client-core", "mariadb-server"];

    private static readonly string[] Durable = ["--innodb-buffer-pool-size=512M", "--innodb-flush-log-at-trx-commit=1"];
    private static readonly string[] Quick = ["--innodb-log-file-size=32M", "--innodb-buffer-pool-size=256M", "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"];

    private readonly string folder;
    private readonly string password = Guid.NewGuid().ToString("N");
    private readonly string program;
    private readonly bool durable;
    private ChildProcess? child;

    private MariaDbServer(string program, string folder, bool durable) => (this.program, this.folder, this.durable) = (program, folder, durable);

    public int Port { get; private set; } = TestRun.FreePort();

    /// <summary>Processor time the server took since its start.</summary>
    public TimeSpan Cpu => child?.Cpu ?? TimeSpan.Zero;

    private string Data => Path.Combine(folder, "data");

    private static string User => Environment.IsPrivilegedProcess ? "root" : Environment.UserName;

    /// <summary>Creates the data folder and starts the server; it stops with this process at the latest.</summary>
    /// <param name="within">Where its data lie; else with all that this run leaves behind, in memory unless they are durable.</param>
    /// <param name="durable">
    /// As in production: what it has committed outlives a power cut. Not in memory: there MariaDB maps its log, and a kill while one thread is still writing its part takes the
    /// committed parts behind it (docs/benchmarks.md, "What breaks").
    /// </param>
    public static async Task<MariaDbServer> StartAsync(string? within = null, bool durable = false)
    {
        var program = Programs.Need(What, ["mariadbd", "mysqld"], Packages);
        var install = Programs.Need(What, ["mariadb-install-db", "mysql_install_db"], Packages);
        Programs.Need(What, ["my_print_defaults"], Packages);   // the installer's own need
        var server = new MariaDbServer(program, Directory.CreateDirectory(within is not null ? Path.Combine(within, "mariadb") : durable ? TestRun.NewPathOnDisk("mariadb") : TestRun.NewPath("mariadb")).FullName, durable);
        var log = await Task.Run(() => Programs.Run(install, ["--no-defaults", $"--user={User}", $"--datadir={server.Data}",
            "--auth-root-authentication-method=normal", "--skip-test-db", .. durable ? Array.Empty<string>() : ["--innodb-log-file-size=32M"]]));
        if (!Directory.Exists(Path.Combine(server.Data, "mysql")))
            throw new InvalidOperationException("mariadb-install-db made no database:\n" + log);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A connection string for one database of this server; without a name, for none.</summary>
    public string ConnectionString(string database = "") => new MySqlConnectionStringBuilder
    {
        Server = "127.0.0.1",
        Port = (uint)Port,
        UserID = "pms",
        Password = password,
        Database = database,
        SslMode = MySqlSslMode.None,
    }.ConnectionString;

    /// <summary>Stops it as a crash would (SIGKILL).</summary>
    public void Kill() => child?.Kill();

    /// <summary>Starts it again after <see cref="Kill"/>, on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        var first = child is null;
        var init = Path.Combine(folder, "init.sql");
        await File.WriteAllTextAsync(init, $"CREATE OR REPLACE USER pms@'127.0.0.1' IDENTIFIED BY '{password}';\nGRANT ALL ON *.* TO pms@'127.0.0.1' WITH GRANT OPTION;\n");
        for (var attempt = 1; ; attempt++)
        {
            child = ChildProcess.Start(program, ["--no-defaults", $"--user={User}", $"--datadir={Data}", $"--init-file={init}",
                $"--socket={folder}/s", $"--pid-file={folder}/pid", $"--tmpdir={folder}", $"--port={Port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                "--max-connections=500", "--aria-checkpoint-interval=0",
                .. durable ? Durable : Quick]);
            if (await AnswersAsync(child) is not { } refusal)
                return;
            child.Kill();
            if (attempt == 5 || !first)
                throw new InvalidOperationException($"mariadbd did not start ({refusal}):\n{child.Said}");
            Port = TestRun.FreePort();   // somebody else took the port meanwhile
        }
    }

    public void Dispose() => Kill();

    /// <summary>Null when it answers with our password; else why not.</summary>
    private async Task<string?> AnswersAsync(ChildProcess started)
    {
        var refusal = "not tried";
        for (var until = DateTime.UtcNow.AddSeconds(60); DateTime.UtcNow < until && !started.HasExited; await Task.Delay(50))
        {
            try
            {
                await using var connection = new MySqlConnection(ConnectionString() + ";Pooling=False");
                await connection.OpenAsync();
                return null;
            }
            catch (MySqlException e)
            {
                refusal = e.Message;   // not yet, or a stranger on this port: then ours ends because it can't bind
            }
        }
        return refusal;
    }
}
