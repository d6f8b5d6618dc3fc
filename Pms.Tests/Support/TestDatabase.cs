using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MySqlConnector;
using Pms.Core.Data;

namespace Pms.Tests.Support;

/// <summary>A database of one test's own, empty or with the migrated schema. Migrating happens once per engine and run; every test gets a copy.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> SqliteTemplate = new(() => Task.Run(MakeSqliteTemplateAsync));
    private static readonly Lazy<Task<string>> MySqlTemplate = new(() => Task.Run(MakeMySqlTemplateAsync));
    private readonly Func<Task> remove;

    private TestDatabase(Engine engine, string connectionString, Func<Task> remove, MariaDbServer? server = null)
    {
        this.remove = remove;
        Engine = engine;
        Settings = new()
        {
            Dialect = engine == Engine.Sqlite ? Dialect.Sqlite : Dialect.MySql,
            ConnectionString = connectionString,
            PoolMin = 0,   // many tests share one server
            Deadline = TimeSpan.FromSeconds(server is null ? 30 : 5),   // and two cores; a server of a test's own is there to fail, which then takes as long
        };
    }

    public Engine Engine { get; }

    public DbSettings Settings { get; }

    public string ConnectionString => Settings.ConnectionString;

    /// <summary>A migrated database; on the given server, or on this run's own.</summary>
    public static async Task<TestDatabase> CreateAsync(Engine engine, MariaDbServer? server = null)
    {
        if (engine == Engine.Sqlite)
        {
            var path = NewFile();
            File.Copy(await SqliteTemplate.Value, path);
            return OnSqlite(path);
        }
        var template = await MySqlTemplate.Value;
        var database = await CreateEmptyAsync(engine, server);
        await ExecuteAsync(database.ConnectionString, template);
        return database;
    }

    /// <summary>A database without a table, for tests of the migrations themselves.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync(Engine engine, MariaDbServer? server = null)
    {
        if (engine == Engine.Sqlite)
            return OnSqlite(NewFile());

        var own = server;
        server ??= await Servers.MariaDbAsync();
        var name = $"pms_{Guid.NewGuid():N}";
        await ExecuteAsync(server.ConnectionString(), $"CREATE DATABASE {name}");
        return new(engine, server.ConnectionString(name), () => ExecuteAsync(server.ConnectionString(), $"DROP DATABASE IF EXISTS {name}"), own);
    }

    public async ValueTask DisposeAsync() => await remove();

    /// <summary>The schema and seed rows of the migrated template as one text, in the order of their making.</summary>
    private static async Task<string> MakeMySqlTemplateAsync()
    {
        await using var template = await CreateEmptyAsync(Engine.MySql);
        await MigrateAsync(template);
        await using var connection = new MySqlConnection(template.ConnectionString + ";Pooling=False");
        await connection.OpenAsync();

        var script = new StringBuilder("SET SESSION foreign_key_checks = 0;\n");
        var objects = (await connection.QueryAsync<(string Name, string Kind)>("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY create_time, table_name")).ToList();
        foreach (var (table, _) in objects.Where(o => o.Kind == "BASE TABLE"))
        {
            script.Append(await ShowCreateAsync(connection, "TABLE", table)).Append(";\n");
            var columns = (await connection.QueryAsync<string>(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = @table AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position", new { table })).ToList();
            foreach (var row in await connection.QueryAsync($"SELECT {string.Join(", ", columns.Select(c => $"QUOTE(`{c}`) AS `{c}`"))} FROM `{table}`"))
                script.Append(null, $"INSERT INTO `{table}` (`{string.Join("`, `", columns)}`) VALUES ({string.Join(", ", ((IDictionary<string, object>)row).Values)});\n");
        }

        // A view that reads another one stands after it.
        var views = new List<(string Name, string Sql)>();
        foreach (var (name, _) in objects.Where(o => o.Kind == "VIEW"))
            views.Add((name, await ShowCreateAsync(connection, "VIEW", name)));
        while (views.Count > 0)
        {
            var next = views.First(v => !views.Any(o => o.Name != v.Name && v.Sql.Contains($"`{o.Name}`", StringComparison.Ordinal)));
            script.Append(next.Sql).Append(";\n");
            views.Remove(next);
        }
        return script.ToString();
    }

    private static async Task<string> ShowCreateAsync(MySqlConnection connection, string kind, string name) =>
        (string)((IDictionary<string, object>)await connection.QuerySingleAsync($"SHOW CREATE {kind} `{name}`")).Values.ElementAt(1);

    private static async Task<string> MakeSqliteTemplateAsync()
    {
        var path = NewFile();
        await MigrateAsync(OnSqlite(path));
        SqliteConnection.ClearAllPools();   // the last connection to close merges the write-ahead log into the file
        return path;
    }

    private static async Task MigrateAsync(TestDatabase database)
    {
        await using var services = TestPms.Services(database.Settings, new FakeTimeProvider(TestPms.Start), null, null);
        await services.GetRequiredService<Migrator>().MigrateAsync();
    }

    private static TestDatabase OnSqlite(string path) => new(Engine.Sqlite, $"Data Source={path}", () =>
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*"))
            File.Delete(file);
        return Task.CompletedTask;
    });

    private static string NewFile() => Path.Combine(Directory.CreateDirectory(Path.Combine(TestRun.Folder, "sqlite")).FullName, $"{Guid.NewGuid():N}.db");

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new MySqlConnection(connectionString + ";Pooling=False;Allow User Variables=True");
        await connection.OpenAsync();
        await connection.ExecuteAsync(sql, commandTimeout: 120);
    }
}
