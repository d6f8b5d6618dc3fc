using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Logging;

namespace Pms.Core.Data;

/// <summary>
/// Applies Data/Migrations/NNNN_name.sql in order, each statement once, one node at a time; refuses to start when an applied statement
/// was changed. Forward only. On SQLite a script is one transaction; MySQL commits DDL by itself, so there each statement is journaled.
/// </summary>
public sealed class Migrator(Db db, TimeProvider time, ILogger<Migrator> log)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly string owner = Guid.NewGuid().ToString("N");

    /// <summary>Brings the schema up to date; returns how many statements ran.</summary>
    /// <exception cref="MigrationException">An applied script was changed, or another node holds the lease for too long.</exception>
    public async Task<int> MigrateAsync(CancellationToken ct = default)
    {
        await using var connection = await db.OpenAsync(ct);
        return db.Dialect.DdlCommits ? await ApplyByStatementAsync(connection, ct) : await ApplyAsOneAsync(connection, ct);
    }

    /// <summary>The names of the scripts that the database still lacks.</summary>
    /// <exception cref="MigrationException">An applied script was changed.</exception>
    public async Task<IReadOnlyList<string>> PendingAsync(CancellationToken ct = default)
    {
        await using var connection = await db.OpenAsync(ct);
        await CreateJournalAsync(connection);
        var applied = await AppliedAsync(connection);
        return [.. Script.All(db.Dialect).Where(s => Enumerable.Range(0, s.Statements.Count).Any(i => !IsApplied(applied, s, i))).Select(s => s.Name)];
    }

    private async Task<int> ApplyAsOneAsync(DbConnection connection, CancellationToken ct)
    {
        await connection.ExecuteAsync("PRAGMA busy_timeout = 30000");
        var ran = 0;
        await connection.ExecuteAsync("BEGIN IMMEDIATE");
        try
        {
            await CreateJournalAsync(connection);
            var applied = await AppliedAsync(connection);
            foreach (var script in Script.All(db.Dialect))
                for (var i = 0; i < script.Statements.Count; i++)
                    if (!IsApplied(applied, script, i))
                    {
                        await connection.ExecuteAsync(new CommandDefinition(script.Statements[i], commandTimeout: 0, cancellationToken: ct));
                        await JournalAsync(connection, script, i);
                        ran++;
                    }
            await connection.ExecuteAsync("COMMIT");
        }
        catch
        {
            await connection.ExecuteAsync("ROLLBACK");
            throw;
        }
        if (ran > 0)
            log.LogInformation("Migrated the database: {Statements} statements", ran);
        return ran;
    }

    private async Task<int> ApplyByStatementAsync(DbConnection connection, CancellationToken ct)
    {
        await connection.ExecuteAsync("SET SESSION lock_wait_timeout = 60");
        await CreateJournalAsync(connection);
        await TakeLeaseAsync(connection, ct);
        var ran = 0;
        try
        {
            var applied = await AppliedAsync(connection);
            foreach (var script in Script.All(db.Dialect))
                for (var i = 0; i < script.Statements.Count; i++)
                    if (!IsApplied(applied, script, i))
                    {
                        await KeepLeaseAsync(connection);
                        try { await connection.ExecuteAsync(new CommandDefinition(script.Statements[i], commandTimeout: 0, cancellationToken: ct)); }
                        catch (DbException e) when (ran == 0 && db.Dialect.AlreadyExists(e))
                        {
                            // A run before this one was killed between the statement and its journal row.
                            log.LogWarning("Statement {Statement} of {Script} was already there", i, script.Name);
                        }
                        await JournalAsync(connection, script, i);
                        ran++;
                    }
        }
        finally
        {
            await connection.ExecuteAsync("UPDATE schema_lease SET held_until = 0 WHERE name = 'migrations' AND owner = @owner", new { owner });
        }
        if (ran > 0)
            log.LogInformation("Migrated the database: {Statements} statements", ran);
        return ran;
    }

    private async Task CreateJournalAsync(DbConnection connection)
    {
        await connection.ExecuteAsync(db.Dialect.Ddl(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version INT NOT NULL, statement INT NOT NULL, name {text(200)} NOT NULL, checksum {text(64)} NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (version, statement))"));
        await connection.ExecuteAsync(db.Dialect.Ddl(
            "CREATE TABLE IF NOT EXISTS schema_lease (name {text(40)} NOT NULL PRIMARY KEY, owner {text(40)} NOT NULL, held_until BIGINT NOT NULL)"));
        try
        {
            await connection.ExecuteAsync("INSERT INTO schema_lease (name, owner, held_until) SELECT 'migrations', '', 0 FROM (SELECT 1 AS one) AS o WHERE NOT EXISTS (SELECT 1 FROM schema_lease WHERE name = 'migrations')");
        }
        catch (DbException e) when (db.Dialect.IsDuplicateKey(e)) { log.LogDebug("Another node made the lease row"); }
    }

    private async Task TakeLeaseAsync(DbConnection connection, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var taken = await connection.ExecuteAsync(
                "UPDATE schema_lease SET owner = @owner, held_until = @until WHERE name = 'migrations' AND held_until < @now",
                new { owner, until = now + (long)Lease.TotalMilliseconds, now });
            if (taken == 1)
                return;
            if (time.GetElapsedTime(began) > TimeSpan.FromMinutes(5))
                throw new MigrationException("Another node has been migrating the database for five minutes. Look at its log; the lease is the row in schema_lease.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
        }
    }

    private async Task KeepLeaseAsync(DbConnection connection)
    {
        var kept = await connection.ExecuteAsync("UPDATE schema_lease SET held_until = @until WHERE name = 'migrations' AND owner = @owner",
            new { owner, until = (time.GetUtcNow() + Lease).ToUnixTimeMilliseconds() });
        if (kept != 1)
            throw new MigrationException("Another node took over the migration; start this one again.");
    }

    private static async Task<Dictionary<(int, int), string>> AppliedAsync(DbConnection connection) =>
        (await connection.QueryAsync<(int Version, int Statement, string Checksum)>("SELECT version, statement, checksum FROM schema_migrations"))
        .ToDictionary(m => (m.Version, m.Statement), m => m.Checksum);

    private static bool IsApplied(Dictionary<(int, int), string> applied, Script script, int statement)
    {
        if (!applied.TryGetValue((script.Version, statement), out var checksum))
            return false;
        if (checksum != script.Checksums[statement])
            throw new MigrationException($"Migration {script.Name} was changed after it was applied (statement {statement + 1}). Restore the script; put the change into a new one.");
        return true;
    }

    private Task JournalAsync(DbConnection connection, Script script, int statement) => connection.ExecuteAsync(
        "INSERT INTO schema_migrations (version, statement, name, checksum, applied_at) VALUES (@Version, @statement, @Name, @checksum, @at)",
        new { script.Version, statement, script.Name, checksum = script.Checksums[statement], at = time.GetUtcNow().ToUnixTimeMilliseconds() });

    private sealed record Script(int Version, string Name, IReadOnlyList<string> Statements, IReadOnlyList<string> Checksums)
    {
        /// <summary>The embedded scripts in order; <c>NNNN_x.sqlite.sql</c> / <c>.mysql.sql</c> are for one engine only.</summary>
        public static IReadOnlyList<Script> All(Dialect dialect)
        {
            const string prefix = "Pms.Core.Data.Migrations.";
            var assembly = Assembly.GetExecutingAssembly();
            return [.. assembly.GetManifestResourceNames()
                .Where(n => n.StartsWith(prefix, StringComparison.Ordinal) && n.EndsWith(".sql", StringComparison.Ordinal))
                .Where(n => n.Split('.') is not [.., "sqlite" or "mysql", "sql"] || n.Contains($".{dialect.Name}.", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(n => Read(assembly, n, n[prefix.Length..^".sql".Length], dialect))];
        }

        private static Script Read(Assembly assembly, string resource, string name, Dialect dialect)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n').Where(l => !l.TrimStart().StartsWith("--", StringComparison.Ordinal));
            var statements = string.Join('\n', lines).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return new Script(int.Parse(name[..4], CultureInfo.InvariantCulture), name,
                [.. statements.Select(dialect.Ddl)],
                [.. statements.Select(s => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(s))))]);
        }
    }
}

/// <summary>The schema can't be brought up to date; the message says why and what to do.</summary>
public sealed class MigrationException(string message) : Exception(message);
