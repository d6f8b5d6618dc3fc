using System.Data.Common;

namespace Pms.Core.Data;

/// <summary>
/// Lets writers that wait for SQLite's one turn share it: all that waits when the turn comes is written in one transaction of the database,
/// each behind a savepoint of its own, and made durable by one flush. Each is stored whole or not at all, and none is answered before the commit.
/// </summary>
internal sealed class GroupCommit(Db db)
{
    /// <summary>So many share one commit; more would make the first wait for the last.</summary>
    private const int Most = 64;

    private readonly Lock gate = new();
    private readonly Queue<Part> waiting = [];
    private bool draining;

    /// <summary>Runs <paramref name="write"/> within a transaction and returns after its commit; what it throws undoes only its own rows.</summary>
    /// <exception cref="OperationCanceledException">Its turn did not come in time; nothing is stored.</exception>
    public async Task WriteAsync(Func<DbConnection, Task> write, CancellationToken ct)
    {
        var part = new Part(write);
        bool first;
        lock (gate)
        {
            waiting.Enqueue(part);
            first = !draining;
            draining = true;
        }
        if (first)
            _ = DrainAsync();   // on this thread where nobody else writes
        await using (ct.Register(() => part.Withdraw(ct)))
            await part.Done;
    }

    private async Task DrainAsync()
    {
        using (await db.TakeTurnAsync(CancellationToken.None))
        {
            var parts = new List<Part>();
            lock (gate)
                while (parts.Count < Most && waiting.TryDequeue(out var part))
                    if (part.Take())
                        parts.Add(part);
            if (parts.Count > 0)
                await StoreAsync(parts);
        }
        lock (gate)
            draining = waiting.Count > 0;
        if (draining)
            _ = Task.Run(DrainAsync);
    }

    private async Task StoreAsync(List<Part> parts)
    {
        try
        {
            await using var connection = await db.OpenAsync(CancellationToken.None);
            await SendAsync(connection, db.Dialect.Begin);
            try
            {
                foreach (var part in parts)
                    await WriteAsync(connection, part, alone: parts.Count == 1);
                await SendAsync(connection, parts.TrueForAll(p => p.Failure is not null) ? "ROLLBACK" : "COMMIT");
            }
            catch
            {
                await RollBackAsync(connection);
                throw;
            }
        }
        catch (Exception e)
        {
            foreach (var part in parts)
                part.Failure ??= e;
        }
        foreach (var part in parts)
            part.End();
    }

    private static async Task WriteAsync(DbConnection connection, Part part, bool alone)
    {
        if (!alone)
            await SendAsync(connection, "SAVEPOINT part");
        try
        {
            await part.Write(connection);
        }
        catch (Exception e)
        {
            part.Failure = e;
            if (!alone)
                await SendAsync(connection, "ROLLBACK TO part");   // fails where the engine has undone everything already (disk full); then all have failed
        }
        if (!alone)
            await SendAsync(connection, "RELEASE part");
    }

    private async Task RollBackAsync(DbConnection connection)
    {
        try { await SendAsync(connection, "ROLLBACK"); }
        catch (DbException e) { db.Discard(connection, e); }
    }

    private static async Task SendAsync(DbConnection connection, string text)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Part(Func<DbConnection, Task> write)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int state;   // 0 waits, 1 taken or withdrawn

        public Func<DbConnection, Task> Write => write;
        public Task Done => done.Task;
        public Exception? Failure { get; set; }

        public bool Take() => Interlocked.Exchange(ref state, 1) == 0;

        public void Withdraw(CancellationToken ct)
        {
            if (Take())
                done.SetCanceled(ct);
        }

        public void End()
        {
            if (Failure is null)
                done.SetResult();
            else
                done.SetException(Failure);
        }
    }
}
