using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Pms.Core.Data;

namespace Pms.Tests.Support;

/// <summary>
/// A dialect whose every call to the database a test sees, and can let fail, before or after it was carried out. All else is the real dialect's.
/// </summary>
public sealed class WatchedDialect(Dialect real) : Dialect
{
    /// <summary>Told of each statement about to be sent.</summary>
    public Action<DbCommand>? Sends { get; set; }

    /// <summary>Told of each statement that was carried out, before its answer is given.</summary>
    public Action<DbCommand>? Sent { get; set; }

    /// <summary>The version that the server says it has, where it shall say another.</summary>
    public string? Version { get; set; }

    public override string Name => real.Name;
    public override string LastId => real.LastId;
    public override string Begin => real.Begin;
    public override bool BeginAlone => real.BeginAlone;
    public override bool OneWriter => real.OneWriter;
    public override string Guarded(DbConnection on, IEnumerable<(string Sql, int? Rows)> statements) => real.Guarded(on, statements);
    public override bool IsUnmet(DbException e) => real.IsUnmet(e);
    public override bool DdlCommits => real.DdlCommits;

    public override DbDataSource Connect(DbSettings settings) => new Source(this, real.Connect(settings));
    public override bool IsDuplicateKey(DbException e, string table) => real.IsDuplicateKey(e, table);
    public override bool IsDuplicateKey(DbException e) => real.IsDuplicateKey(e);
    public override bool IsTransient(DbException e) => real.IsTransient(e);
    public override bool IsTimeout(Exception e) => real.IsTimeout(e);
    public override bool IsLost(Exception e) => e is InjectedFault { Lost: true } || real.IsLost(e);
    public override bool IsUnsure(Exception e) => e is InjectedFault { Unsure: true } || real.IsUnsure(e);
    public override bool IsExhausted(Exception e) => real.IsExhausted(e);
    public override bool AlreadyExists(DbException e) => real.AlreadyExists(e);
    public override string? LockedNow => real.LockedNow;
    public override bool IsLocked(DbException e) => real.IsLocked(e);
    public override void ClearPool(DbConnection connection) => real.ClearPool(((Connection)connection).Inner);
    protected override string Type(string token, string size) => real.Ddl(size.Length == 0 ? $"{{{token}}}" : $"{{{token}({size})}}");

    private sealed class Source(WatchedDialect watch, DbDataSource inner) : DbDataSource
    {
        public override string ConnectionString => inner.ConnectionString;
        protected override DbConnection CreateDbConnection() => new Connection(watch, inner.CreateConnection());
        protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) => new Connection(watch, await inner.OpenConnectionAsync(cancellationToken));
        protected override ValueTask DisposeAsyncCore() => inner.DisposeAsync();
    }

    private sealed class Connection(WatchedDialect watch, DbConnection inner) : DbConnection
    {
        public DbConnection Inner => inner;

        [AllowNull]
        public override string ConnectionString { get => inner.ConnectionString; set => inner.ConnectionString = value; }
        public override string Database => inner.Database;
        public override string DataSource => inner.DataSource;
        public override string ServerVersion => watch.Version ?? inner.ServerVersion;
        public override ConnectionState State => inner.State;
        public override void ChangeDatabase(string databaseName) => inner.ChangeDatabase(databaseName);
        public override void Close() => inner.Close();
        public override void Open() => inner.Open();
        public override ValueTask DisposeAsync()
        {
            GC.SuppressFinalize(this);
            return inner.DisposeAsync();
        }
        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => inner.BeginTransaction(isolationLevel);
        protected override DbCommand CreateDbCommand() => new Command(watch, inner.CreateCommand());
        protected override void Dispose(bool disposing)
        {
            if (disposing)   // not from a finalizer: the inner one may be another's by then
                inner.Dispose();
        }
    }

    private sealed class Command(WatchedDialect watch, DbCommand inner) : DbCommand
    {
        [AllowNull]
        public override string CommandText { get => inner.CommandText; set => inner.CommandText = value; }
        public override int CommandTimeout { get => inner.CommandTimeout; set => inner.CommandTimeout = value; }
        public override CommandType CommandType { get => inner.CommandType; set => inner.CommandType = value; }
        public override bool DesignTimeVisible { get => false; set => _ = value; }
        public override UpdateRowSource UpdatedRowSource { get => inner.UpdatedRowSource; set => inner.UpdatedRowSource = value; }
        protected override DbConnection? DbConnection { get => inner.Connection; set => inner.Connection = value is Connection wrapped ? wrapped.Inner : value; }
        protected override DbParameterCollection DbParameterCollection => inner.Parameters;
        protected override DbTransaction? DbTransaction { get => inner.Transaction; set => inner.Transaction = value; }
        public override void Cancel() => inner.Cancel();
        public override void Prepare() => inner.Prepare();
        public override int ExecuteNonQuery() => Watched(inner.ExecuteNonQuery);
        public override object? ExecuteScalar() => Watched(inner.ExecuteScalar);
        public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => WatchedAsync(() => inner.ExecuteNonQueryAsync(cancellationToken));
        public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => WatchedAsync(() => inner.ExecuteScalarAsync(cancellationToken));
        protected override DbParameter CreateDbParameter() => inner.CreateParameter();
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Watched(() => inner.ExecuteReader(behavior));
        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) => WatchedAsync(() => inner.ExecuteReaderAsync(behavior, cancellationToken));
        protected override void Dispose(bool disposing)
        {
            if (disposing)   // not from a finalizer: the inner one may be another's by then
                inner.Dispose();
        }

        private T Watched<T>(Func<T> call)
        {
            watch.Sends?.Invoke(inner);
            var answer = call();
            watch.Sent?.Invoke(inner);
            return answer;
        }

        private async Task<T> WatchedAsync<T>(Func<Task<T>> call)
        {
            watch.Sends?.Invoke(inner);
            var answer = await call();
            try
            {
                watch.Sent?.Invoke(inner);
            }
            catch
            {
                if (answer is IAsyncDisposable reader)
                    await reader.DisposeAsync();
                throw;
            }
            return answer;
        }
    }
}

/// <summary>A fault that a test lets happen; <see cref="Lost"/>: as when the connection breaks, else as when the disk fails.</summary>
public sealed class InjectedFault : DbException
{
    public InjectedFault() : this("A fault that the test wants.") { }
    public InjectedFault(string message) : base(message) { }
    public InjectedFault(string message, Exception inner) : base(message, inner) { }
    public InjectedFault(bool lost) : this() => Lost = lost;

    public bool Lost { get; }

    /// <summary>As when a cluster's node lost the others while it committed.</summary>
    public bool Unsure { get; init; }
}
