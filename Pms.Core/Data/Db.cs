using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;
using Pms.Core.Events;

namespace Pms.Core.Data;

/// <summary>
/// The one door to the database: reads in autocommit, writes in one transaction, one deadline of 5 s over every wait and retry.
/// What a transaction raised is published after its commit.
/// </summary>
public sealed partial class Db : IAsyncDisposable
{
    /// <summary>Only reading failed: it says nothing of what was stored before.</summary>
    private const string Unread = "database_unread";

    private readonly DbSettings settings;
    private readonly DbDataSource source;
    private readonly IEventBus events;
    private readonly ILogger<Db> log;
    private readonly SemaphoreSlim writers = new(1);

    public Db(DbSettings settings, IEventBus events, ILogger<Db> log, Telemetry telemetry)
    {
        DbValue.Install();
        (this.settings, this.events, this.log, Telemetry) = (settings, events, log, telemetry);
        source = settings.Dialect.Connect(settings);
        Group = new(this);
    }

    internal GroupCommit Group { get; }

    internal Telemetry Telemetry { get; }

    public Dialect Dialect => settings.Dialect;

    public DbSettings Settings => settings;

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>All rows, buffered. Enum parameters must be passed as text; instants, days and decimals convert by themselves.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args = null, CancellationToken ct = default) =>
        ReadAsync<IReadOnlyList<T>>(async (c, token) => (await c.QueryAsync<T>(Command(sql, args, token))).AsList(), ct);

    /// <summary>The first row, or null. A single nullable instant, day or decimal must be read as its stored long or text: Dapper's handlers see no null.</summary>
    public Task<T?> FindAsync<T>(string sql, object? args = null, CancellationToken ct = default) =>
        ReadAsync((c, token) => c.QueryFirstOrDefaultAsync<T>(Command(sql, args, token)), ct);

    /// <summary>The first column of the first row.</summary>
    public Task<T?> ScalarAsync<T>(string sql, object? args = null, CancellationToken ct = default) =>
        ReadAsync((c, token) => c.ExecuteScalarAsync<T>(Command(sql, args, token)), ct);

    /// <summary>Several SELECTs joined by ';' in one round trip; <paramref name="read"/> takes the grids in order.</summary>
    public Task<T> ManyAsync<T>(string sql, object? args, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken ct = default) =>
        ReadAsync(async (c, token) =>
        {
            await using var grids = await c.QueryMultipleAsync(Command(sql, args, token));
            return await read(grids);
        }, ct);

    /// <summary>Several SELECTs joined by ';' in one round trip; <paramref name="read"/> walks the rows itself.</summary>
    internal Task<T> RowsAsync<T>(string sql, object? args, Func<DbDataReader, CancellationToken, Task<T>> read, CancellationToken ct = default) =>
        ReadAsync(async (c, token) =>
        {
            await using var reader = await c.ExecuteReaderAsync(Command(sql, args, token));
            return await read(reader, token);
        }, ct);

    /// <summary>
    /// One SELECT that a server keeps prepared on each connection, for what every tap asks: its text is long and would be parsed each time. <paramref name="read"/> walks the rows itself.
    /// </summary>
    internal Task<T> PreparedAsync<T>(string sql, object args, Func<DbDataReader, CancellationToken, Task<T>> read, CancellationToken ct = default) =>
        ReadAsync(async (c, token) =>
        {
            await using var command = c.CreateCommand();
            command.CommandText = sql;
            Tx.Bind(command, args);
            if (!Dialect.OneWriter)
                await command.PrepareAsync(token);
            await using var reader = await command.ExecuteReaderAsync(token);
            return await read(reader, token);
        }, ct);

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction, again from its start after a deadlock, a lost connection before COMMIT or a
    /// <see cref="StaleException"/>; so it must read what it decides on inside itself and have no other effect.
    /// </summary>
    /// <exception cref="BusyException">Nothing was stored: no connection, no turn or no lock within the deadline.</exception>
    /// <exception cref="ConflictException">Others kept changing the same rows.</exception>
    /// <exception cref="OutcomeUnknownException">Lost at COMMIT.</exception>
    public Task<T> InTransactionAsync<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => RunAsync(null, work, ct);

    /// <summary>As above, for work without a result.</summary>
    public Task InTransactionAsync(Func<Tx, Task> work, CancellationToken ct = default) =>
        RunAsync<object?>(null, async tx => { await work(tx); return null; }, ct);

    internal async Task<T> RunAsync<T>(Func<IdempotencyEntry>? key, Func<Tx, Task<T>> work, CancellationToken ct)
    {
        if (Ambient is { } shared)
            return await shared.RunAsync(key, work);
        using var deadline = new Deadline(settings.Deadline, ct);
        var (cause, lost) = ((Exception?)null, 0);   // what the retries ran into; the deadline's own exception tells nothing
        for (var attempt = 1; ; attempt++)
        {
            var tx = new Tx(this, key?.Invoke(), deadline.Token);
            try
            {
                T result;
                await using (tx)
                {
                    result = await work(tx);
                    await tx.CommitAsync(tx.Key?.Serialize(result));
                }
                Publish(tx.Raised);
                return result;
            }
            catch (Exception e) when (e is StaleException || e is DbException duplicate && tx.Raced.Any(table => Dialect.IsDuplicateKey(duplicate, table)))
            {
                if (attempt >= 8)
                    throw new ConflictException("changed_meanwhile") { Source = e.Message };
                Telemetry.Retried("changed");
            }
            catch (Exception e) when (tx.Committing && (Dialect.IsLost(e) || Dialect.IsTimeout(e) || Dialect.IsUnsure(e) || deadline.Passed(e)))
            {
                NoteLost(tx.Connection, e, tx.Broken, ref lost);
                throw new OutcomeUnknownException(e);
            }
            catch (BusyException reading) when (reading.Code == Unread)
            {
                throw NotStored(reading.InnerException!);
            }
            catch (Exception e) when (IsAway(e, deadline))
            {
                cause = e is OperationCanceledException ? cause ?? e : e;
                NoteLost(tx.Connection, e, tx.Broken, ref lost);
                if (deadline.IsOver)
                    throw Busy(cause);
                log.LogDebug(e, "Attempt {Attempt} of a transaction failed and is tried again", attempt);
                Telemetry.Retried("database");
            }
            try { await Task.Delay(Random.Shared.Next(5, 10 + 15 * attempt), deadline.Token); }
            catch (OperationCanceledException e) when (deadline.Passed(e)) { throw Busy(cause ?? e); }
        }
    }

    private void Publish(IEnumerable<IEvent> raised)
    {
        foreach (var e in raised)
        {
            OwnEvents.Note(e);
            events.Publish(e);
        }
    }

    internal async ValueTask<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    /// <summary>SQLite's writers wait here in order instead of polling the file's lock.</summary>
    internal async Task<IDisposable?> TakeTurnAsync(CancellationToken ct)
    {
        if (!Dialect.OneWriter)
            return null;
        await writers.WaitAsync(ct);
        return new Turn(writers);
    }

    /// <summary>Keeps a connection whose transaction may still be open from its next user. A broken one has none: the driver gives it to nobody.</summary>
    internal void Discard(DbConnection connection, Exception why)
    {
        if (IsBroken(connection))
            return;
        log.LogDebug(why, "A connection could not be rolled back; its pool is emptied");
        Dialect.ClearPool(connection);
    }

    private static CommandDefinition Command(string sql, object? args, CancellationToken ct) => new(sql, ListArgs.Of(sql, args), cancellationToken: ct);

    private async Task<T> ReadAsync<T>(Func<DbConnection, CancellationToken, Task<T>> read, CancellationToken ct)
    {
        if (Ambient is { } shared)
            return await shared.ReadAsync(read);
        using var deadline = new Deadline(settings.Deadline, ct);
        var (cause, lost) = ((Exception?)null, 0);   // what the retries ran into; the deadline's own exception tells nothing
        for (var attempt = 1; ; attempt++)
        {
            var (connection, broken) = ((DbConnection?)null, false);
            try
            {
                await using (connection = await OpenAsync(deadline.Token))
                {
                    try { return await read(connection, deadline.Token); }
                    finally { broken = IsBroken(connection); }
                }
            }
            catch (Exception e) when (IsAway(e, deadline))
            {
                cause = e is OperationCanceledException ? cause ?? e : e;
                NoteLost(connection, e, broken, ref lost);
                if (deadline.IsOver)
                    throw Busy(cause, reading: true);
            }
            try { await Task.Delay(Random.Shared.Next(5, 20 * attempt), deadline.Token); }
            catch (OperationCanceledException e) when (deadline.Passed(e)) { throw Busy(cause ?? e, reading: true); }
        }
    }

    internal static bool IsBroken(DbConnection connection) => connection.State is ConnectionState.Broken or ConnectionState.Closed;

    /// <summary>
    /// One connection that was reset says nothing of the others. The second in a row does: after a restart of the server all pooled ones are dead, and each would cost another try.
    /// One whose wire is silent does at once, for the others lie on the same way, and each would cost its user the whole deadline.
    /// </summary>
    private void NoteLost(DbConnection? connection, Exception e, bool broken, ref int lost)
    {
        if (connection is not null && (Dialect.IsLost(e) ? ++lost > 1 : broken))
            Dialect.ClearPool(connection);
    }

    private bool IsAway(Exception e, Deadline deadline) =>
        deadline.Passed(e) || Dialect.IsLost(e) || Dialect.IsTimeout(e) || Dialect.IsExhausted(e) || e is DbException db && Dialect.IsTransient(db);

    private BusyException Busy(Exception e, bool reading = false)
    {
        log.LogWarning(e, "The database did not answer in time");
        return reading ? new(Unread, e) : NotStored(e);
    }

    private BusyException NotStored(Exception e) => new(Dialect.IsExhausted(e) ? "database_busy" : "database_away", e);

    private sealed class Turn(SemaphoreSlim writers) : IDisposable
    {
        public void Dispose() => writers.Release();
    }

    /// <summary>One limit over pool wait, connect, statements, lock waits and retries, told apart from the caller's own cancellation.</summary>
    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource source;
        private readonly CancellationToken caller;

        public Deadline(TimeSpan limit, CancellationToken caller)
        {
            this.caller = caller;
            source = CancellationTokenSource.CreateLinkedTokenSource(caller);
            source.CancelAfter(limit);
        }

        public CancellationToken Token => source.Token;
        public bool IsOver => source.IsCancellationRequested;
        public bool Passed(Exception e) => source.IsCancellationRequested && !caller.IsCancellationRequested
            && (e is OperationCanceledException || e.InnerException is OperationCanceledException || e is DbException);
        public void Dispose() => source.Dispose();
    }
}
