using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;

namespace Pms.Core.Data;

/// <summary>
/// Makes a command that a person or a device may repeat happen once: its key is the first row of its transaction, with the result as ids
/// and status. A repeat gets that result again; a twin in flight waits on the row; another body under the same key is refused.
/// </summary>
public sealed class Commands(Db db, TimeProvider time)
{
    /// <summary>How long a key answers again.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>How long a command whose time is over still looks for its twin's answer; a database that is away would keep it for another deadline.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    /// <summary>How long a twin waits for the answer of the first; across nodes the row's lock holds it as long.</summary>
    public static readonly TimeSpan TwinWait = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string, string), TaskCompletionSource> inFlight = new();

    /// <summary>
    /// Runs <paramref name="work"/> once per (principal, key); without a key it is simply a transaction.
    /// The result must be small: ids, status, version. It is stored and answered again, so it carries no secrets.
    /// </summary>
    /// <exception cref="KeyReusedException">The key came before with another request.</exception>
    /// <exception cref="KeyInFlightException">Its twin was not done after <see cref="TwinWait"/>.</exception>
    public Task<T> RunAsync<T>(Actor actor, string command, string? key, object request, Func<Tx, Task<T>> work, CancellationToken ct = default) =>
        db.Telemetry.IsWatched ? WatchedAsync(actor, command, key, request, work, ct) : OnceAsync(actor, command, key, request, work, ct);

    private Task<T> WatchedAsync<T>(Actor actor, string command, string? key, object request, Func<Tx, Task<T>> work, CancellationToken ct) =>
        db.Telemetry.CommandAsync(command, () => OnceAsync(actor, command, key, request, work, ct));

    private async Task<T> OnceAsync<T>(Actor actor, string command, string? key, object request, Func<Tx, Task<T>> work, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(key))
            return await db.InTransactionAsync(work, ct);
        if (key.Length > 100)
            throw new InvalidException("key", "too_long", 100);

        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, request.GetType())));
        IdempotencyEntry Entry() => new(actor.Principal, key, command, hash, time.GetUtcNow());
        using var turn = await TurnAsync((actor.Principal, key), ct);
        if (turn.Waited && await FindAsync<T>(actor, key, command, hash, ct) is { } done)
            return done.Value;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await db.RunAsync(Entry, work, ct);
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e, "idempotency"))
            {
                if (await FindAsync<T>(actor, key, command, hash, ct) is { } stored)
                    return stored.Value;
                if (attempt >= 3)
                    throw new ConflictException("changed_meanwhile");
            }
            catch (BusyException)
            {
                // A twin on another node holds the key's row: whoever waited that long may have its answer now, or comes again for it.
                switch (await GlanceAsync<T>(actor, key, command, hash, ct))
                {
                    case (Box<T> stored, _): return stored.Value;
                    case (null, true): throw new KeyInFlightException();
                    default: throw;
                }
            }
            catch (PmsException e) when (e is RuleException or ConflictException or OutcomeUnknownException or ReasonNeededException or NotFoundException)
            {
                // The first of two taps may be what this one is refused for; and after a lost COMMIT the key tells how it ended.
                var (stored, away) = ((Box<T>?)null, false);
                try { stored = await FindAsync<T>(actor, key, command, hash, ct); }
                catch (BusyException) when (e is OutcomeUnknownException) { away = true; }   // unknown it stays, and must not be called not stored
                if (stored is not null)
                    return stored.Value;
                if (away || e is not OutcomeUnknownException || attempt >= 3)
                    throw;
            }
        }
    }

    /// <summary>True where a unique index of the table refused the row; for services that put the race into words.</summary>
    public bool IsDuplicate(DbException e, string table) => db.Dialect.IsDuplicateKey(e, table);

    /// <summary>Removes keys older than <see cref="Kept"/>, some at a time.</summary>
    public Task<int> PurgeAsync(CancellationToken ct = default) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("DELETE FROM idempotency WHERE at < @before", new { before = time.GetUtcNow() - Kept }), ct);

    private async Task<Turn> TurnAsync((string, string) id, CancellationToken ct)
    {
        var (turn, waited, until) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false, time.GetTimestamp());
        while (!inFlight.TryAdd(id, turn))
        {
            if (!inFlight.TryGetValue(id, out var first))
                continue;
            waited = true;
            var left = TwinWait - time.GetElapsedTime(until);
            if (left <= TimeSpan.Zero)
                throw new KeyInFlightException();
            try
            {
                await first.Task.WaitAsync(left, time, ct);
            }
            catch (TimeoutException)
            {
                throw new KeyInFlightException();
            }
        }
        return new Turn(waited, () =>
        {
            inFlight.TryRemove(new(id, turn));
            turn.SetResult();
        });
    }

    private sealed class Turn(bool waited, Action end) : IDisposable
    {
        public bool Waited => waited;
        public void Dispose() => end();
    }

    private async Task<Box<T>?> FindAsync<T>(Actor actor, string key, string command, string hash, CancellationToken ct)
    {
        var row = await db.FindAsync<Row>("SELECT command, request_hash, result FROM idempotency WHERE principal = @p AND request_key = @key",
            new { p = actor.Principal, key }, ct);
        if (row is null)
            return null;
        if (row.Command != command || row.RequestHash != hash)
            throw new KeyReusedException();
        // InnoDB shows a row to others before its log is flushed, so a power cut may still take what is answered from it. The log keeps its order: once a commit of our own is flushed, the one before it is.
        if (!db.Dialect.OneWriter)
        {
            try { await db.ScalarAsync<long>("UPDATE idempotency SET at = at + 1 WHERE principal = @p AND request_key = @key", new { p = actor.Principal, key }, ct); }
            catch (DbException e) { throw new BusyException("database_away", e); }   // full or read-only: it may have the answer later
        }
        return new Box<T>(JsonSerializer.Deserialize<T>(row.Result ?? "null")!);
    }

    /// <summary>What is stored under the key, and whether somebody is at work under it; nothing where the database can't say so at once.</summary>
    private async Task<(Box<T>? Stored, bool Held)> GlanceAsync<T>(Actor actor, string key, string command, string hash, CancellationToken ct)
    {
        async Task<(Box<T>?, bool)> LookAsync() => await FindAsync<T>(actor, key, command, hash, ct) is { } stored ? (stored, false) : (null, await IsHeldAsync(actor, key, ct));
        try { return await LookAsync().WaitAsync(Glance, time, ct); }
        catch (Exception e) when (e is TimeoutException or BusyException or DbException) { return (null, false); }
    }

    /// <summary>True while another transaction is at work under the key.</summary>
    private async Task<bool> IsHeldAsync(Actor actor, string key, CancellationToken ct)
    {
        if (db.Dialect.LockedNow is not { } now)
            return false;
        try
        {
            await using var connection = await db.OpenAsync(ct);
            await connection.ExecuteScalarAsync<string>(new CommandDefinition("SELECT principal FROM idempotency WHERE principal = @p AND request_key = @key" + now, new { p = actor.Principal, key }, cancellationToken: ct));
            return false;
        }
        catch (DbException e) when (db.Dialect.IsLocked(e))
        {
            return true;
        }
    }

    private sealed record Box<T>(T Value);

    private sealed record Row
    {
        public string Command { get; init; } = "";
        public string RequestHash { get; init; } = "";
        public string? Result { get; init; }
    }
}

/// <summary>The row of one command's key within its transaction.</summary>
internal sealed class IdempotencyEntry(string principal, string key, string command, string hash, DateTimeOffset at)
{
    private const string Insert =
        "INSERT INTO idempotency (principal, request_key, command, request_hash, result, at) VALUES (@principal, @key, @command, @hash, @result, @at)";

    public bool Written { get; private set; }

    public string Serialize<T>(T result) => JsonSerializer.Serialize(result);

    /// <summary>The command needs ids before it is done: the row goes first all the same, its result follows.</summary>
    public void Begin(Tx tx)
    {
        Written = true;
        tx.First(Insert, new { principal, key, command, hash, result = (string?)null, at });
    }

    public void Complete(Tx tx, string? result)
    {
        if (Written)
            tx.Add("UPDATE idempotency SET result = @result WHERE principal = @principal AND request_key = @key", new { result, principal, key });
        else
            tx.First(Insert, new { principal, key, command, hash, result, at });
        Written = true;
    }
}
