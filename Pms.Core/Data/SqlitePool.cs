using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pms.Core.Data;

/// <summary>
/// SQLite's connections, kept open with the statements they have prepared: compiling the SELECTs of a tap costs more than running them.
/// A connection is lent to one caller at a time and comes back when it is disposed.
/// </summary>
internal sealed class SqlitePool(string connectionString, int most) : DbDataSource
{
    private readonly ConcurrentStack<KeptConnection> idle = new();   // the last used is the warmest
    private volatile bool closed;

    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => new KeptConnection(connectionString, this);

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        cancellationToken.ThrowIfCancellationRequested();
        while (idle.TryPop(out var kept))
            if (kept.Lend())
                return kept;
        var connection = new KeptConnection(connectionString, this);
        try
        {
            await connection.OpenAsync(cancellationToken);
            // Plans don't hang on bound values: else a statement with a bound LIMIT is compiled anew at each use, and keeping it prepared is for nothing.
            raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out int _);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY";
            await command.ExecuteNonQueryAsync(cancellationToken);
            connection.Lend();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes what is idle; what is lent is closed when it comes back if <paramref name="broken"/>.</summary>
    public void Clear(KeptConnection? broken = null)
    {
        broken?.GiveUp();
        while (idle.TryPop(out var connection))
        {
            connection.GiveUp();
            connection.Dispose();
        }
    }

    protected override void Dispose(bool disposing)
    {
        closed = true;
        Clear();
        base.Dispose(disposing);
    }

    /// <summary>True if the connection is kept; otherwise it has to be closed.</summary>
    private bool TakeBack(KeptConnection connection)
    {
        if (closed || idle.Count >= most)
            return false;
        idle.Push(connection);
        if (closed)
            Clear();   // closed meanwhile
        return true;
    }

    /// <summary>One native connection with its prepared statements.</summary>
    internal sealed class KeptConnection(string connectionString, SqlitePool pool) : SqliteConnection(connectionString)
    {
        /// <summary>So many texts stay prepared; the one unused for longest makes room.</summary>
        private const int Statements = 100;

        private readonly Dictionary<string, (SqliteCommand Command, long Used)> prepared = [];
        private long uses;
        private int lent;
        private bool broken;

        public bool Lend() => Interlocked.Exchange(ref lent, 1) == 0 && State == ConnectionState.Open;

        public void GiveUp() => broken = true;

        public void ClearPool() => pool.Clear(this);

        /// <summary>The command prepared for the text, out of the store until it is put back.</summary>
        public SqliteCommand Take(string text)
        {
            if (prepared.Remove(text, out var kept))
                return kept.Command;
            return new SqliteCommand(text, this);
        }

        public void PutBack(SqliteCommand command)
        {
            if (broken || State != ConnectionState.Open || prepared.ContainsKey(command.CommandText))
            {
                command.Dispose();
                return;
            }
            if (prepared.Count >= Statements)
            {
                var oldest = prepared.MinBy(p => p.Value.Used).Key;
                prepared.Remove(oldest, out var gone);
                gone.Command.Dispose();
            }
            prepared[command.CommandText] = (command, ++uses);
        }

        /// <summary>No transaction is open: one left open by a fault must not reach the next borrower.</summary>
        private bool Idle => raw.sqlite3_get_autocommit(Handle) != 0;

        protected override DbCommand CreateDbCommand() => new KeptCommand(this);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !broken && State == ConnectionState.Open && Idle && Interlocked.Exchange(ref lent, 0) == 1 && pool.TakeBack(this))
                return;
            broken = true;
            base.Dispose(disposing);   // finalises the prepared statements, too
        }
    }

    /// <summary>Looks like a new command and runs on the one that its connection has prepared for the same text.</summary>
    private sealed class KeptCommand(KeptConnection connection) : DbCommand
    {
        private readonly SqliteCommand shell = new();   // only holds the parameters
        private string text = "";
        private SqliteCommand? running;
        private DbDataReader? reader;

        [AllowNull]
        public override string CommandText { get => text; set => text = value ?? ""; }
        public override int CommandTimeout { get; set; } = connection.DefaultTimeout;
        public override CommandType CommandType { get; set; } = CommandType.Text;
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get => connection; set => throw new NotSupportedException("A kept command stays on its connection."); }
        protected override DbParameterCollection DbParameterCollection => shell.Parameters;
        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel() { }   // SQLite's calls don't wait for anybody else; the driver's does nothing either

        public override void Prepare() { }

        protected override DbParameter CreateDbParameter() => new SqliteParameter();

        public override int ExecuteNonQuery()
        {
            Begin();
            try { return running!.ExecuteNonQuery(); }
            finally { End(); }
        }

        public override object? ExecuteScalar()
        {
            Begin();
            try { return running!.ExecuteScalar(); }
            finally { End(); }
        }

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            Begin();
            try { return reader = running!.ExecuteReader(behavior); }
            catch
            {
                End();
                throw;
            }
        }

        public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => RunAsync(ExecuteNonQuery, cancellationToken);
        public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => RunAsync(ExecuteScalar, cancellationToken);
        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) => RunAsync(() => ExecuteDbDataReader(behavior), cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                End();
                shell.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Begin()
        {
            if (running is not null)
                End();
            running = connection.Take(text);
            running.CommandTimeout = CommandTimeout;
            running.Parameters.Clear();
            foreach (SqliteParameter parameter in shell.Parameters)
            {
                // Dapper leaves the mark out; the driver then looks through all names twice, which a list of hundreds feels.
                if (parameter.ParameterName is [not '@', ..] bare)
                    parameter.ParameterName = "@" + bare;
                running.Parameters.Add(parameter);
            }
        }

        private void End()
        {
            if (running is not { } command)
                return;
            reader?.Dispose();
            (running, reader) = (null, null);
            command.Parameters.Clear();
            connection.PutBack(command);
        }

        // SQLite works on the caller's thread.
        private static Task<T> RunAsync<T>(Func<T> run, CancellationToken ct)
        {
            if (ct.IsCancellationRequested)
                return Task.FromCanceled<T>(ct);
            try { return Task.FromResult(run()); }
            catch (Exception e) { return Task.FromException<T>(e); }
        }
    }
}
