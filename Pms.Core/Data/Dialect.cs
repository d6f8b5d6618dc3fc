using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace Pms.Core.Data;

/// <summary>Everything that differs between MySQL/MariaDB and SQLite. If it is not here, the SQL is portable.</summary>
public abstract partial class Dialect
{
    public static readonly Dialect MySql = new MySqlDialect();
    public static readonly Dialect Sqlite = new SqliteDialect();

    public abstract string Name { get; }

    /// <summary>Appended to an INSERT to read the new id.</summary>
    public abstract string LastId { get; }

    /// <summary>Opens a write transaction; on a server database it travels with the first statement.</summary>
    public abstract string Begin { get; }

    /// <summary>True where the begin must be sent by itself: SQLite would count the statement before it once more.</summary>
    public abstract bool BeginAlone { get; }

    /// <summary>True where writers of this process must queue here: SQLite has one writer.</summary>
    public abstract bool OneWriter { get; }

    /// <summary>
    /// Statements as one text that fails at the first of them that touched another number of rows than stands beside it (null: it does what it says or fails),
    /// so that the COMMIT behind it is never reached. For servers only.
    /// </summary>
    public abstract string Guarded(DbConnection on, IEnumerable<(string Sql, int? Rows)> statements);

    /// <summary>A <see cref="Guarded"/> text ended because the rows touched were not the rows expected.</summary>
    public abstract bool IsUnmet(DbException e);

    /// <summary>True where DDL commits by itself, so that migrations are journaled per statement.</summary>
    public abstract bool DdlCommits { get; }

    public abstract DbDataSource Connect(DbSettings settings);

    /// <summary>A unique index of <paramref name="table"/> (named <c>ux_table_…</c>) refused the row.</summary>
    public abstract bool IsDuplicateKey(DbException e, string table);

    public abstract bool IsDuplicateKey(DbException e);

    /// <summary>A deadlock, a lock waited for too long, a lost certification or a changed snapshot: the whole transaction may be tried again.</summary>
    public abstract bool IsTransient(DbException e);

    /// <summary>The statement took longer than it may; it was not carried out, unless it was the COMMIT.</summary>
    public abstract bool IsTimeout(Exception e);

    /// <summary>The connection is gone or could not be made.</summary>
    public abstract bool IsLost(Exception e);

    /// <summary>At a COMMIT it may have been carried out all the same: a Galera node that lost the others can't say.</summary>
    public virtual bool IsUnsure(Exception e) => false;

    /// <summary>No connection was free, or the server takes no more.</summary>
    public abstract bool IsExhausted(Exception e);

    /// <summary>A DDL statement found its object already made (a killed migration is run again).</summary>
    public abstract bool AlreadyExists(DbException e);

    /// <summary>Appended to a SELECT: refuses at once where another transaction holds the row. Null where one process has all writers.</summary>
    public abstract string? LockedNow { get; }

    /// <summary>The row of a <see cref="LockedNow"/> is held by somebody.</summary>
    public abstract bool IsLocked(DbException e);

    /// <summary>Throws away the connections of the pool that this one came from, itself and dead ones among them.</summary>
    public abstract void ClearPool(DbConnection connection);

    /// <summary>Replaces the few type tokens ({identity}, {text(n)}, {longtext}) of a migration script.</summary>
    public string Ddl(string script) => Token().Replace(script, m => Type(m.Groups[1].Value, m.Groups[2].Value));

    public static Dialect Named(string name) => name switch
    {
        "sqlite" => Sqlite,
        "mysql" => MySql,
        _ => throw new ArgumentException($"Unknown database kind '{name}'.", nameof(name)),
    };

    protected abstract string Type(string token, string size);

    [GeneratedRegex(@"\{(\w+)(?:\((\d+)\))?\}")]
    private static partial Regex Token();

    private sealed class MySqlDialect : Dialect
    {
        public override string Name => "mysql";
        public override string LastId => "; SELECT LAST_INSERT_ID()";
        public override string Begin => "START TRANSACTION";
        public override bool BeginAlone => false;
        public override bool OneWriter => false;

        // MariaDB takes a block as one statement and answers once; MySQL has none and answers, as MariaDB would, each statement by itself, which both sides pay for.
        // There the largest BIGINT and one more is an error (1690), and costs less than a subquery of two rows.
        public override string Guarded(DbConnection on, IEnumerable<(string Sql, int? Rows)> statements)
        {
            var block = on.ServerVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
            var text = new StringBuilder(block ? "BEGIN NOT ATOMIC\n" : "");
            foreach (var (sql, rows) in statements)
            {
                text.Append(sql).Append(";\n");
                if (rows is { } touched)
                    text.Append(block ? $"IF ROW_COUNT() <> {touched} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{Unmet}'; END IF;\n" : $"SELECT 9223372036854775807 + (ROW_COUNT() <> {touched});\n");
            }
            return text.Append(block ? "END" : "").ToString();
        }

        public override bool IsUnmet(DbException e) => e is MySqlException { Number: 1644, Message: Unmet } || e is MySqlException { Number: 1690 } && e.Message.Contains("row_count()", StringComparison.OrdinalIgnoreCase);

        private const string Unmet = "rows";

        public override bool DdlCommits => true;

        public override DbDataSource Connect(DbSettings settings)
        {
            var connection = new MySqlConnectionStringBuilder(settings.ConnectionString)
            {
                ConnectionReset = false,   // one round trip less per use; transactions are always ended by us
                ConnectionTimeout = 2,
                DefaultCommandTimeout = 4,
                CancellationTimeout = 1,
                UseAffectedRows = false,   // an UPDATE that found its row counts 1 even when nothing changed
                TreatTinyAsBoolean = true,
                IgnorePrepare = false,
                GuidFormat = MySqlGuidFormat.None,
                MinimumPoolSize = (uint)settings.PoolMin,
                MaximumPoolSize = (uint)settings.PoolMax,
            };
            return new MySqlPool(() => new MySqlDataSourceBuilder(connection.ConnectionString)
                .UseConnectionOpenedCallback(async (context, ct) =>
                {
                    if ((context.Conditions & MySqlConnectionOpenedConditions.New) == 0)
                        return;
                    await using var command = context.Connection.CreateCommand();
                    command.CommandText = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION innodb_lock_wait_timeout = 2; SET SESSION lock_wait_timeout = 4";
                    await command.ExecuteNonQueryAsync(ct);
                })
                .Build());
        }

        public override bool IsDuplicateKey(DbException e) => e is MySqlException { ErrorCode: MySqlErrorCode.DuplicateKeyEntry };
        public override bool IsDuplicateKey(DbException e, string table) => IsDuplicateKey(e) && e.Message.Contains($"ux_{table}_", StringComparison.Ordinal);

        public override bool IsTransient(DbException e) => e is MySqlException
        {
            // 1020: innodb_snapshot_isolation, 1047: wsrep not ready, 1180/3101: lost certification
            ErrorCode: MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout or (MySqlErrorCode)1020 or (MySqlErrorCode)1047 or (MySqlErrorCode)1180 or (MySqlErrorCode)3101,
        };

        public override bool IsUnsure(Exception e) => e is MySqlException { ErrorCode: (MySqlErrorCode)1047 or (MySqlErrorCode)1180 };

        public override bool IsTimeout(Exception e) => e is MySqlException { ErrorCode: MySqlErrorCode.CommandTimeoutExpired };

        public override bool IsLost(Exception e) => e is MySqlException
        {
            // 1053: server shutdown in progress, 1927: connection was killed, 2006/2013: gone away / lost during query
            ErrorCode: MySqlErrorCode.UnableToConnectToHost or (MySqlErrorCode)1053 or (MySqlErrorCode)1927 or (MySqlErrorCode)2006 or (MySqlErrorCode)2013 or MySqlErrorCode.None,
        } && !IsExhausted(e) || e is System.Net.Sockets.SocketException or EndOfStreamException or IOException || e is InvalidOperationException && e.Message.Contains("closed", StringComparison.OrdinalIgnoreCase);

        public override bool IsExhausted(Exception e) => e is MySqlException { ErrorCode: MySqlErrorCode.TooManyUserConnections or (MySqlErrorCode)1040 }
            || e is MySqlException && e.Message.Contains("All pooled connections are in use", StringComparison.Ordinal);

        public override string? LockedNow => " FOR UPDATE NOWAIT";

        // 3572: MySQL's own word for it; MariaDB says lock wait timeout.
        public override bool IsLocked(DbException e) => e is MySqlException { ErrorCode: MySqlErrorCode.LockWaitTimeout or (MySqlErrorCode)3572 };
        public override bool AlreadyExists(DbException e) => e is MySqlException { Number: 1050 or 1060 or 1061 or 1062 or 1826 };

        public override void ClearPool(DbConnection connection) => MySqlPool.Clear(connection);

        protected override string Type(string token, string size) => token switch
        {
            "identity" => "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
            "text" => $"VARCHAR({size}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "longtext" => "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "bool" => "TINYINT(1)",
            _ => throw new InvalidOperationException($"Unknown type token '{token}'."),
        };
    }

    private sealed class SqliteDialect : Dialect
    {
        public override string Name => "sqlite";
        public override string LastId => "; SELECT last_insert_rowid()";
        public override string Begin => "BEGIN IMMEDIATE";
        public override bool BeginAlone => true;
        public override bool OneWriter => true;
        public override string Guarded(DbConnection on, IEnumerable<(string Sql, int? Rows)> statements) => throw new NotSupportedException("Statements go one by one.");
        public override bool IsUnmet(DbException e) => false;
        public override bool DdlCommits => false;

        public override DbDataSource Connect(DbSettings settings) => new SqlitePool(new SqliteConnectionStringBuilder(settings.ConnectionString)
        {
            ForeignKeys = true,
            DefaultTimeout = 1,   // one blocking wait for another process; Db tries again until its deadline, and its own writers queue
            Pooling = false,      // SqlitePool keeps them
        }.ConnectionString, settings.PoolMax);

        public override bool IsDuplicateKey(DbException e) => e is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 };
        public override bool IsDuplicateKey(DbException e, string table) => IsDuplicateKey(e) && e.Message.Contains($" {table}.", StringComparison.Ordinal);
        public override bool IsTransient(DbException e) => e is SqliteException { SqliteErrorCode: 5 or 6 };
        public override bool IsTimeout(Exception e) => false;
        public override bool IsLost(Exception e) => false;
        public override bool IsExhausted(Exception e) => e is SqliteException { SqliteErrorCode: 13 };   // disk full
        public override string? LockedNow => null;
        public override bool IsLocked(DbException e) => false;
        public override bool AlreadyExists(DbException e) => false;
        public override void ClearPool(DbConnection connection) => ((SqlitePool.KeptConnection)connection).ClearPool();

        protected override string Type(string token, string size) => token switch
        {
            "identity" => "INTEGER PRIMARY KEY AUTOINCREMENT",
            "text" or "longtext" => "TEXT",
            "bool" => "INTEGER",
            _ => throw new InvalidOperationException($"Unknown type token '{token}'."),
        };
    }
}

/// <summary>Where the database is and how many connections may be open.</summary>
public sealed record DbSettings
{
    public required Dialect Dialect { get; init; }
    public required string ConnectionString { get; init; }
    public int PoolMin { get; init; } = 5;
    public int PoolMax { get; init; } = 20;

    /// <summary>The longest that any command may take over all its waits and retries.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(5);
}
