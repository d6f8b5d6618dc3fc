using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>deploy/backup copies a plant at work, deploy/restore puts it back elsewhere, and the audit's chain proves that nothing is missing.</summary>
public sealed class BackupTests
{
    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task A_backup_made_while_people_write_is_whole_when_it_is_restored_elsewhere(Engine engine)
    {
        if (!OperatingSystem.IsLinux())
            return;   // the scripts are for servers
        Programs.Need("the database's own copier", engine == Engine.Sqlite ? ["sqlite3"] : ["mariadb-dump", "mysqldump"], engine == Engine.Sqlite ? ["sqlite3"] : ["mariadb-client"]);
        await using var pms = await TestPms.StartAsync(engine);
        var folder = pms.Get<CoreSettings>().DataFolder;
        foreach (var shared in new[] { "files", "audit" })   // as nodes share them
            Directory.CreateSymbolicLink(Path.Combine(folder, shared), Directory.CreateDirectory(TestRun.NewPath(shared)).FullName);
        await File.WriteAllTextAsync(Path.Combine(folder, "files", "a"), "a picture");
        await WriteAsync(pms);
        await pms.Get<AuditSealer>().SealAsync();
        pms.Clock.Advance(TimeSpan.FromDays(1));
        await pms.Get<AuditRoots>().WriteAsync(default);

        using var enough = new CancellationTokenSource();
        var (written, copied) = (0, "");
        var writing = Task.Run(async () =>
        {
            for (; !enough.IsCancellationRequested; written++)
            {
                await WriteAsync(pms);
                await pms.Get<AuditSealer>().SealAsync();
            }
        });
        try
        {
            await Eventually.TrueAsync(() => Volatile.Read(ref written) > 20, "people at work");
            var before = Volatile.Read(ref written);
            copied = (await RunAsync("backup", Environment(pms.Database.ConnectionString, engine, folder), TestRun.NewPath("backups"), "/pms-")).Split('\n')[^1];
            Assert.True(Volatile.Read(ref written) > before, "They went on while it was copied.");
        }
        finally
        {
            await enough.CancelAsync();
            await writing;
        }

        await using var elsewhere = await TestDatabase.CreateEmptyAsync(engine);
        var restored = TestRun.NewPath("restored");
        var connection = engine == Engine.Sqlite ? $"Data Source={Path.Combine(restored, "pms.db")}" : elsewhere.ConnectionString;
        await RunAsync("restore", Environment(connection, engine, restored), copied, "audit verify");

        Assert.Equal("a picture", await File.ReadAllTextAsync(Path.Combine(restored, "files", "a")));
        Assert.Empty(Directory.EnumerateFiles(restored, "*.part", SearchOption.AllDirectories));
        await using var again = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(pms.Clock).AddPmsCore(new CoreSettings
        {
            Database = new() { Dialect = pms.Db.Dialect, ConnectionString = connection, PoolMin = 0 }, Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), DataFolder = restored,
        }).BuildServiceProvider();
        Assert.Empty(await again.GetRequiredService<Migrator>().PendingAsync());
        var found = await again.GetRequiredService<AuditVerifier>().VerifyAsync();
        Assert.Equal((null, 1), (found.Problem, found.Roots));
        var rows = await again.GetRequiredService<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM audit");
        Assert.InRange(rows, 21, written + 1);
        Assert.Equal(rows, found.Rows + found.Unsealed);

        // A damaged backup is told, and nothing is put back over what is there.
        await RunAsync("restore", Environment(connection, engine, restored), copied, "is not empty");
        await File.AppendAllTextAsync(Path.Combine(copied, "data.tar.gz"), "x");
        await RunAsync("restore", Environment(connection, engine, TestRun.NewPath("other")), copied, "is not as it was written");
    }

    private static Task WriteAsync(TestPms pms) => pms.Db.InTransactionAsync(tx =>
    {
        pms.Get<AuditLog>().Write(tx, TestPms.System, "machine.update", "machine", 7, new Dictionary<string, object?[]> { ["Name"] = ["old", "new"] });
        return Task.CompletedTask;
    });

    /// <summary>As in the file that a server's settings lie in.</summary>
    private static Dictionary<string, string?> Environment(string connection, Engine engine, string folder)
    {
        var settings = new Dictionary<string, string?> { ["Data__Folder"] = folder, ["DB_HOST"] = null, ["Database__Host"] = null };
        if (engine == Engine.Sqlite)
        {
            settings["Database__File"] = connection.Split("Data Source=")[1].Split(';')[0];
            return settings;
        }
        var parts = new MySqlConnectionStringBuilder(connection);
        (settings["DB_HOST"], settings["DB_PORT"], settings["DB_USER"], settings["DB_PASSWORD"], settings["DB_NAME"]) = (parts.Server, $"{parts.Port}", parts.UserID, parts.Password, parts.Database);
        return settings;
    }

    /// <summary>What the script said, once it has ended and these words have come.</summary>
    private static async Task<string> RunAsync(string script, Dictionary<string, string?> environment, string argument, string words)
    {
        using var run = ChildProcess.Start("/bin/bash", [Path.Combine(TestRun.Repository, "deploy", script), argument, "--settings", "/nowhere"], environment);
        await Eventually.TrueAsync(() => run.HasExited, script, TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(() => run.Said.Contains(words, StringComparison.Ordinal), $"{script} says '{words}', not '{run.Said}'");
        return run.Said;
    }
}
