using Microsoft.Data.Sqlite;
using MySqlConnector;
using Pms.Core.Data;

namespace Pms.Bench.Support;

/// <summary>
/// An empty database of the bench's own, as durable as in production: SQLite as PMS opens it (WAL, synchronous FULL), MariaDB flushing its
/// log at each commit. It lies on the disk under <c>--data</c> and is removed at the end.
/// </summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly string folder;
    private MariaDbServer? server;
    private string? given;

    private BenchDatabase(string folder) => this.folder = folder;

    public DbSettings Settings { get; private set; } = null!;
    public string Folder => folder;
    public string Kind => Settings.Dialect.Name;

    /// <summary>Processor time of the server this bench started; nothing where it started none.</summary>
    public TimeSpan ServerCpu => server?.Cpu ?? TimeSpan.Zero;

    public static async Task<BenchDatabase> CreateAsync(Options options)
    {
        var folder = Path.Combine(Path.GetFullPath(options.Text("data", Path.GetTempPath())), $"pms-bench-{Guid.NewGuid():N}"[..18]);
        var database = new BenchDatabase(Directory.CreateDirectory(folder).FullName);
        var engine = options.Text("engine", "sqlite");
        if (engine == "sqlite")
        {
            database.Settings = new() { Dialect = Dialect.Sqlite, ConnectionString = $"Data Source={Path.Combine(folder, "pms.db")}" };
            return database;
        }
        if (engine != "mysql")
            throw new ArgumentException($"There is no engine '{engine}'; there are sqlite and mysql.");
        var name = $"pms_bench_{Guid.NewGuid():N}"[..20];
        var on = options.Text("connection") ?? (database.server = await MariaDbServer.StartAsync(folder, durable: true)).ConnectionString();
        await ExecuteAsync(on, $"CREATE DATABASE {name}");
        database.given = on;
        database.Settings = new() { Dialect = Dialect.MySql, ConnectionString = new MySqlConnectionStringBuilder(on) { Database = name }.ConnectionString };
        return database;
    }

    /// <summary>A second database of the same kind, on the same server where there is one; it goes before the first.</summary>
    public async Task<BenchDatabase> BesideAsync(Options options)
    {
        if (Settings.Dialect == Dialect.Sqlite)
            return await CreateAsync(options);
        var name = $"pms_bench_{Guid.NewGuid():N}"[..20];
        await ExecuteAsync(given!, $"CREATE DATABASE {name}");
        return new BenchDatabase(Directory.CreateDirectory(Path.Combine(folder, name)).FullName)
        {
            given = given, Settings = new() { Dialect = Dialect.MySql, ConnectionString = new MySqlConnectionStringBuilder(given!) { Database = name }.ConnectionString },
        };
    }

    /// <summary>The first column of each row, as text; on a server only.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql)
    {
        await using var connection = new MySqlConnection(Settings.ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
            rows.Add(Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!);
        return rows;
    }

    /// <summary>Lets the server write down every statement, or ends that; false where there is no server.</summary>
    public async Task<bool> LogAsync(bool on)
    {
        if (Settings.Dialect == Dialect.Sqlite)
            return false;
        await ExecuteAsync(given!, on ? "SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON" : "SET GLOBAL general_log = OFF");
        return true;
    }

    /// <summary>How many texts like this the server was sent while it wrote them down.</summary>
    public async Task<long> LoggedAsync(string like)
    {
        await using var connection = new MySqlConnection(given + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT COUNT(*) FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND argument LIKE @like", connection);
        command.Parameters.AddWithValue("@like", like);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (Settings.Dialect == Dialect.Sqlite)
            SqliteConnection.ClearAllPools();
        else if (server is null)
            await ExecuteAsync(given!, $"DROP DATABASE {new MySqlConnectionStringBuilder(Settings.ConnectionString).Database}");
        server?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ExecuteAsync(string on, string sql)
    {
        await using var connection = new MySqlConnection(on + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
