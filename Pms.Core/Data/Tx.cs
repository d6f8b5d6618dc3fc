using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Pms.Core.Events;

namespace Pms.Core.Data;

/// <summary>
/// A transaction in the making. Writes are queued with <see cref="Add"/> and travel as one text, because round trips are the cost;
/// the transaction begins with the first of them. Read before you write, through <see cref="Db"/>: a decision is kept by the
/// conditional UPDATE, not by the read.
/// </summary>
public sealed partial class Tx : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<(string Sql, Type? Args), (string Text, PropertyInfo[] Values)> Places = new();
    private static readonly ConcurrentDictionary<Type, (string Name, PropertyInfo Value)[]> Names = new();

    private readonly Db db;
    private readonly CancellationToken ct;
    private readonly DbConnection? shared;
    private readonly List<(string Sql, object? Args, int Rows)> queue = [];
    private readonly List<IEvent> raised = [];
    private int expected;
    private DbConnection? connection;
    private IDisposable? turn;
    private bool ended;

    /// <summary>The savepoint is there; what was never sent must not take back the one before it.</summary>
    private bool marked;

    /// <param name="shared">The connection of a batch, whose transaction this one is a savepoint of.</param>
    internal Tx(Db db, IdempotencyEntry? key, CancellationToken ct, DbConnection? shared = null) => (this.db, Key, this.ct, this.shared) = (db, key, ct, shared);

    internal IReadOnlyList<IEvent> Raised => raised;
    internal IdempotencyEntry? Key { get; }
    internal DbConnection? Connection => connection;

    /// <summary>True where the connection ended with what was done on it.</summary>
    internal bool Broken { get; private set; }
    internal bool Committing { get; private set; }
    internal HashSet<string> Raced { get; } = [];

    /// <summary>Tells the event bus after the commit, and only then.</summary>
    public void Raise(IEvent e) => raised.Add(e);

    /// <summary>
    /// Queues a statement that touches exactly <paramref name="rows"/> rows. The sum over all queued statements is checked when they are sent;
    /// a difference means that somebody was faster, and the whole command is decided again on the new state.
    /// </summary>
    /// <param name="raced">A table whose unique index decides races: its duplicate key, too, means that somebody was faster.</param>
    public void Add(string sql, object? args = null, int rows = 1, string? raced = null)
    {
        queue.Add((sql, args, rows));
        expected += rows;
        if (raced is not null)
            Raced.Add(raced);
    }

    /// <summary>Sends what is queued, then this statement by itself. Returns the rows it touched.</summary>
    public async Task<int> ExecuteAsync(string sql, object? args = null)
    {
        await FlushAsync(final: false);
        return await (await OpenAsync()).ExecuteAsync(Command(sql, args));
    }

    /// <summary>Sends what is queued, then this INSERT. Returns the new row's id.</summary>
    public async Task<long> InsertAsync(string sql, object args)
    {
        await FlushAsync(final: false);
        return await (await OpenAsync()).ExecuteScalarAsync<long>(Command(sql + db.Dialect.LastId, args));
    }

    /// <summary>Reads within the transaction: what this transaction wrote is seen.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args = null)
    {
        await FlushAsync(final: false);
        return (await (await OpenAsync()).QueryAsync<T>(Command(sql, args))).AsList();
    }

    /// <summary>Reads the first row within the transaction, or null.</summary>
    public async Task<T?> FindAsync<T>(string sql, object? args = null)
    {
        await FlushAsync(final: false);
        return await (await OpenAsync()).QueryFirstOrDefaultAsync<T>(Command(sql, args));
    }

    /// <summary>Several SELECTs joined by ';' within the transaction, in one round trip; <paramref name="read"/> takes the grids in order.</summary>
    public async Task<T> ManyAsync<T>(string sql, object? args, Func<SqlMapper.GridReader, Task<T>> read)
    {
        await FlushAsync(final: false);
        await using var grids = await (await OpenAsync()).QueryMultipleAsync(Command(sql, args));
        return await read(grids);
    }

    /// <summary>Sends what is queued in one text.</summary>
    /// <exception cref="StaleException">The rows touched are not the rows expected.</exception>
    public Task FlushAsync() => FlushAsync(final: false);

    internal async Task CommitAsync(string? result)
    {
        if (Key is not null)
            Key.Complete(this, result);
        if (connection is null && shared is null && db.Dialect.OneWriter)
        {
            if (queue.Count > 0)
                await db.Group.WriteAsync(open => WriteQueueAsync(open), ct);
            return;
        }
        // With a key the COMMIT may travel with the rows: how it ended where the connection was lost on the way is what the key tells.
        var together = Key is not null && shared is null && queue.Count > 0 && !db.Dialect.OneWriter;
        if (!together)
            await FlushAsync(final: true);
        else
            await OpenAsync(withQueue: true);
        if (connection is null)
            return;
        ct.ThrowIfCancellationRequested();   // too late, but known not to be stored; from here on it may be
        if (shared is not null)
        {
            await ReleaseAsync(shared);
            return;
        }
        Committing = true;
        if (together)
            await SendWithCommitAsync(connection);
        else
            await connection.ExecuteAsync(new CommandDefinition("COMMIT", cancellationToken: ct));
        ended = true;
    }

    /// <summary>The queue, each statement that may miss its row guarded, and the COMMIT, in one round trip.</summary>
    private async Task SendWithCommitAsync(DbConnection open)
    {
        await using var joined = open.CreateCommand();
        joined.CommandText = db.Dialect.Guarded(open, Whole(joined));
        try
        {
            await joined.ExecuteNonQueryAsync(ct);
        }
        catch (DbException e) when (db.Dialect.IsUnmet(e))
        {
            throw new StaleException(e);
        }
    }

    /// <summary>Takes back the rows of a savepoint; those of its batch before it stay.</summary>
    internal async Task UndoAsync()
    {
        if (shared is null || !marked || ended)
            return;
        await shared.ExecuteAsync(Command("ROLLBACK TO part", null));
        await ReleaseAsync(shared);
    }

    public async ValueTask DisposeAsync()
    {
        if (shared is not null)
            return;
        if (connection is not null)
        {
            // Pooled connections are not reset, so a transaction left open would leak into its next user.
            if (!ended)
                await RollBackAsync(connection);
            await connection.DisposeAsync();
        }
        turn?.Dispose();
    }

    internal void First(string sql, object args)
    {
        queue.Insert(0, (sql, args, 1));
        expected++;
    }

    internal bool Begun => connection is not null;

    /// <summary>SQLite's savepoints pile up; on a server the next one of the name replaces it, which saves a round trip.</summary>
    private async Task ReleaseAsync(DbConnection open)
    {
        ended = true;
        if (db.Dialect.BeginAlone)
            await open.ExecuteAsync(Command("RELEASE part", null));
    }

    private async Task RollBackAsync(DbConnection open)
    {
        try { await open.ExecuteAsync(new CommandDefinition("ROLLBACK", commandTimeout: 2)); }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException)
        {
            Broken = Db.IsBroken(open);
            db.Discard(open, e);
        }
    }

    private async Task FlushAsync(bool final)
    {
        if (!final && Key is { Written: false })
            Key.Begin(this);
        if (queue.Count == 0)
            return;
        await WriteQueueAsync(await OpenAsync(withQueue: true));
    }

    private async Task WriteQueueAsync(DbConnection open)
    {
        var (rows, wanted) = (await SendAsync(open), expected);
        (expected, begin) = (0, "");
        queue.Clear();
        if (rows != wanted)
            throw new StaleException(wanted, rows);
    }

    private string begin = "";

    private async Task<DbConnection> OpenAsync(bool withQueue = false)
    {
        if (connection is not null)
            return connection;
        if (shared is null)
            turn = await db.TakeTurnAsync(ct);
        connection = shared ?? await db.OpenAsync(ct);
        var opens = shared is null ? db.Dialect.Begin : "SAVEPOINT part";
        if (withQueue && !db.Dialect.BeginAlone)
        {
            begin = opens;
            return connection;
        }
        await connection.ExecuteAsync(Command(opens, null));
        marked = true;
        return connection;
    }

    /// <summary>Sends the queue, joined where that saves round trips; returns the rows touched.</summary>
    private async Task<int> SendAsync(DbConnection open)
    {
        if (!db.Dialect.OneWriter)
        {
            await using var joined = open.CreateCommand();
            joined.CommandText = string.Join(";\n", Enumerable.Range(0, queue.Count).Select(i => Placed(joined, i)).Prepend(begin).Where(sql => sql.Length > 0));
            marked = true;
            return await joined.ExecuteNonQueryAsync(ct);
        }
        var rows = 0;
        foreach (var (sql, args, _) in queue)
        {
            await using var command = open.CreateCommand();
            command.CommandText = sql;
            Bind(command, args);
            rows += await command.ExecuteNonQueryAsync();
        }
        return rows;
    }

    /// <summary>The queue between the begin, where it is to come, and the COMMIT.</summary>
    private IEnumerable<(string Sql, int? Rows)> Whole(DbCommand command)
    {
        if (begin.Length > 0)
            yield return (begin, null);
        for (var i = 0; i < queue.Count; i++)
        {
            var (sql, _, rows) = queue[i];
            // An INSERT of values does what it says or fails.
            yield return (Placed(command, i), rows == 1 && sql.StartsWith("INSERT", StringComparison.Ordinal) && sql.Contains("VALUES", StringComparison.Ordinal) ? null : rows);
        }
        yield return ("COMMIT", null);
    }

    /// <summary>A queued statement with its values by place: in a text of many, names would have to differ, and each be looked up again.</summary>
    private string Placed(DbCommand command, int index)
    {
        var (sql, args, _) = queue[index];
        var (text, values) = Places.GetOrAdd((sql, args?.GetType()), static key => Place(key.Sql, key.Args));
        foreach (var value in values)
            Add(command, value.GetValue(args));
        return text;
    }

    /// <summary>A statement whose named parameters became places, and what stands in each.</summary>
    private static (string, PropertyInfo[]) Place(string sql, Type? args)
    {
        List<PropertyInfo> values = [];
        return (args is null ? sql : Parameter().Replace(sql, named =>
        {
            values.Add(args.GetProperty(named.Groups[1].Value, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) ?? throw new ArgumentException($"{named.Value} has no value."));
            return "?";
        }), [.. values]);
    }

    internal static void Bind(DbCommand command, object? args)
    {
        if (args is null)
            return;
        foreach (var (name, value) in Names.GetOrAdd(args.GetType(), static t => [.. t.GetProperties().Select(p => ("@" + p.Name, p))]))
            Add(command, value.GetValue(args), name);
    }

    /// <summary>Returns the value as it is stored.</summary>
    private static object Add(DbCommand command, object? value, string? name = null)
    {
        var parameter = command.CreateParameter();
        if (name is not null)
            parameter.ParameterName = name;
        command.Parameters.Add(parameter);
        return parameter.Value = DbValue.Of(value) ?? DBNull.Value;
    }

    private CommandDefinition Command(string sql, object? args) => new(sql, args, cancellationToken: ct);

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Parameter();
}

/// <summary>What was read before was no longer so when the rows were written; the command is decided again. Seen outside only as a conflict.</summary>
public sealed class StaleException : Exception
{
    public StaleException(int expected, int touched) : base($"Expected to touch {expected} rows and touched {touched}.") { }

    public StaleException(DbException cause) : base("A statement touched other rows than expected.", cause) { }
}
