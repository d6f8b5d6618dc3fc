using System.Data.Common;
using System.Runtime.CompilerServices;
using MySqlConnector;

namespace Pms.Core.Data;

/// <summary>
/// A server's connections. The driver's way to empty a pool knows nothing of a data source's own (MySqlConnector 2.6), so the source is replaced as a whole: what lies idle in the old
/// one is closed at once, what is in use as soon as it is given back.
/// </summary>
internal sealed class MySqlPool(Func<MySqlDataSource> build) : DbDataSource
{
    private static readonly ConditionalWeakTable<DbConnection, Origin> Origins = [];

    private MySqlDataSource source = build();

    public override string ConnectionString => Volatile.Read(ref source).ConnectionString;

    /// <summary>No connection of the pool that this one came from is used again. Where somebody said so already, nothing is done.</summary>
    public static void Clear(DbConnection connection)
    {
        if (Origins.TryGetValue(connection, out var origin))
            origin.Pool.Replace(origin.Source);
    }

    protected override DbConnection CreateDbConnection()
    {
        var from = Volatile.Read(ref source);
        return Note(from.CreateConnection(), from);
    }

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var from = Volatile.Read(ref source);
            try
            {
                return Note(await from.OpenConnectionAsync(cancellationToken), from);
            }
            catch (ObjectDisposedException) when (from != Volatile.Read(ref source)) { }   // replaced just now
        }
    }

    protected override async ValueTask DisposeAsyncCore() => await source.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
    }

    private MySqlConnection Note(MySqlConnection connection, MySqlDataSource from)
    {
        Origins.Add(connection, new(this, from));
        return connection;
    }

    private void Replace(MySqlDataSource old)
    {
        if (Volatile.Read(ref source) != old)
            return;
        var next = build();
        _ = (Interlocked.CompareExchange(ref source, next, old) == old ? old : next).DisposeAsync().AsTask();
    }

    private sealed record Origin(MySqlPool Pool, MySqlDataSource Source);
}
