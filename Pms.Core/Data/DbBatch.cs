using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;
using Pms.Core.Events;

namespace Pms.Core.Data;

// Many small transactions in one of the database, for the background that writes records by the thousand.
public sealed partial class Db
{
    private readonly AsyncLocal<Batch?> batch = new();

    private Batch? Ambient => batch.Value is { IsOver: false } open ? open : null;

    /// <summary>
    /// Runs <paramref name="work"/> over one connection in one transaction of the database: each transaction begun within is a savepoint, so that what it throws undoes
    /// only its own rows; each read sees what was written before it; one flush makes all of it durable, and events go out after it. One thing at a time within, and
    /// short: other writers wait.
    /// </summary>
    /// <exception cref="BatchLostException">A deadlock, a lost connection or no turn in time took all of it; the same work can be done again, in single transactions.</exception>
    public async Task<T> BatchAsync<T>(Func<Task<T>> work, CancellationToken ct = default)
    {
        using var deadline = new Deadline(settings.Deadline, ct);
        try
        {
            using var turn = await TakeTurnAsync(deadline.Token);
            await using var connection = await OpenAsync(deadline.Token);
            var open = new Batch(this, connection, deadline);
            var ended = false;
            try
            {
                await connection.ExecuteAsync(new CommandDefinition(Dialect.Begin, cancellationToken: deadline.Token));
                var result = await WithinAsync(open, work);
                if (open.Lost is { } lost)
                    throw new BatchLostException(lost);   // somebody within took it for a refusal
                await connection.ExecuteAsync(new CommandDefinition("COMMIT", cancellationToken: deadline.Token));
                ended = true;
                Publish(open.Raised);
                return result;
            }
            finally
            {
                open.IsOver = true;
                if (!ended)
                    await RollBackAsync(connection);
            }
        }
        catch (Exception e) when (e is not BatchLostException && IsAway(e, deadline))
        {
            log.LogDebug(e, "A batch was lost");
            throw new BatchLostException(e);
        }
    }

    /// <summary>The batch is set for this call only: the caller's flow doesn't see it.</summary>
    private async Task<T> WithinAsync<T>(Batch open, Func<Task<T>> work)
    {
        batch.Value = open;
        return await work();
    }

    private async Task RollBackAsync(DbConnection connection)
    {
        try { await connection.ExecuteAsync(new CommandDefinition("ROLLBACK", commandTimeout: 2)); }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException)
        {
            Discard(connection, e);
        }
    }

    /// <summary>One transaction of the database that many share.</summary>
    private sealed class Batch(Db db, DbConnection connection, Deadline deadline)
    {
        public List<IEvent> Raised { get; } = [];
        public Exception? Lost { get; private set; }
        public bool IsOver { get; set; }

        public async Task<T> ReadAsync<T>(Func<DbConnection, CancellationToken, Task<T>> read)
        {
            try { return await read(connection, deadline.Token); }
            catch (Exception e) when (db.IsAway(e, deadline)) { throw Gone(e); }
        }

        public async Task<T> RunAsync<T>(Func<IdempotencyEntry>? key, Func<Tx, Task<T>> work)
        {
            for (var attempt = 1; ; attempt++)
            {
                await using var tx = new Tx(db, key?.Invoke(), deadline.Token, connection);
                try
                {
                    var result = await work(tx);
                    await tx.CommitAsync(tx.Key?.Serialize(result));
                    Raised.AddRange(tx.Raised);
                    return result;
                }
                catch (Exception e) when (e is not BatchLostException)
                {
                    if (db.IsAway(e, deadline))
                        throw Gone(e);
                    try { await tx.UndoAsync(); }
                    catch (DbException) { throw Gone(e); }   // the statement that failed was the savepoint's own
                    if (e is not StaleException && !(e is DbException duplicate && tx.Raced.Any(table => db.Dialect.IsDuplicateKey(duplicate, table))))
                        throw;
                    if (attempt >= 8)
                        throw new ConflictException("changed_meanwhile") { Source = e.Message };
                }
            }
        }

        private BatchLostException Gone(Exception e) => new(Lost ??= e);
    }
}

/// <summary>The database took back a whole batch; nothing of it is known to be stored.</summary>
public sealed class BatchLostException(Exception why) : Exception("A batch was lost.", why);
