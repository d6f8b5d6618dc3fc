using System.Data.Common;

namespace Pms.Core.Data;

/// <summary>
/// Work that only one node may do at a time: who moves the row by a conditional UPDATE holds the lease until it runs out, whatever
/// became of the node. So the work itself must be harmless when a lease ran out under it and another node began.
/// </summary>
public sealed class Leases(Db db, TimeProvider time)
{
    /// <summary>The lease, or null when somebody else holds it. Dispose it to give it back early.</summary>
    public async Task<Lease?> TakeAsync(string name, TimeSpan hold, CancellationToken ct = default)
    {
        var now = time.GetUtcNow();
        // A look first, for it costs no write: most nodes ask in vain most of the time.
        var held = await db.ScalarAsync<long?>("SELECT held_until FROM leases WHERE name = @name", new { name }, ct);
        if (held >= now.ToUnixTimeMilliseconds())
            return null;

        var lease = new Lease(db, time, name, hold);
        try
        {
            var taken = await db.InTransactionAsync(tx => tx.ExecuteAsync(held is null
                ? "INSERT INTO leases (name, owner, held_until) VALUES (@name, @owner, @until)"
                : "UPDATE leases SET owner = @owner, held_until = @until WHERE name = @name AND held_until < @now",
                new { name, owner = lease.Owner, until = now + hold, now }), ct);
            return taken == 1 ? lease : null;
        }
        catch (DbException e) when (db.Dialect.IsDuplicateKey(e))
        {
            return null;   // another node made the row first
        }
    }
}

/// <summary>One holding of a lease; another holding of the same name has another owner, on the same node too.</summary>
public sealed class Lease(Db db, TimeProvider time, string name, TimeSpan hold) : IAsyncDisposable
{
    private bool kept;

    public string Name => name;

    public string Owner { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Holds it for the full time again; false when it ran out and another took it: then stop.</summary>
    public async Task<bool> RenewAsync(CancellationToken ct = default) => await db.InTransactionAsync(tx => tx.ExecuteAsync(
        "UPDATE leases SET held_until = @until WHERE name = @name AND owner = @owner", new { name, owner = Owner, until = time.GetUtcNow() + hold }), ct) == 1;

    /// <summary>Lets it run out by itself: nobody does this work again before.</summary>
    public void Keep() => kept = true;

    public async ValueTask DisposeAsync()
    {
        if (!kept)
            await db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE leases SET held_until = 0 WHERE name = @name AND owner = @owner", new { name, owner = Owner }));
    }
}
