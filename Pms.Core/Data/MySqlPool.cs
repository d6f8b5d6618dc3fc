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

    private readonly Lock gate = new();
    private MySqlDataSource source = build();
    private bool closed;

    public override string ConnectionString => Volatile.Read(ref source).ConnectionString;

    /// <summary>No connection that came from where this one came from is used again, itself neither.</summary>
    public static void Clear(DbConnection connection)
    {
        if (!Origins.TryGetValue(connection, out var origin))
            return;
        origin.Pool.Replace(origin.Source);
        _ = origin.Source.DisposeAsync().AsTask();   // again where it was replaced before: what it gave to those who stood in its line is not closed yet
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
            MySqlConnection connection;
            try { connection = await from.OpenConnectionAsync(cancellationToken); }
            catch (ObjectDisposedException) when (from != Volatile.Read(ref source)) { continue; }   // replaced just now
            if (from == Volatile.Read(ref source))
                return Note(connection, from);
            await connection.DisposeAsync();   // replaced while this one stood in its line
            await from.DisposeAsync();
        }
    }

    protected override async ValueTask DisposeAsyncCore() => await Close().DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close().Dispose();
    }

    private MySqlConnection Note(MySqlConnection connection, MySqlDataSource from)
    {
        Origins.Add(connection, new(this, from));
        return connection;
    }

    private MySqlDataSource Close()
    {
        lock (gate)
        {
            closed = true;
            return source;
        }
    }

    private void Replace(MySqlDataSource old)
    {
        lock (gate)
            if (source == old && !closed)
                source = build();
    }

    private sealed record Origin(MySqlPool Pool, MySqlDataSource Source);
}
