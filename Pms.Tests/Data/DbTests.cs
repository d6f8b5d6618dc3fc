using System.Collections.Concurrent;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>A transaction is stored whole or not at all, leaves nothing behind on its connection, and its events follow the commit.</summary>
public abstract class DbTests(Engine engine)
{
    private const string Insert = "INSERT INTO settings (name, value, version) VALUES (@name, @value, 1)";
    private const string Count = "SELECT COUNT(*) FROM settings WHERE name LIKE 'test.%'";

    [Fact]
    public async Task A_failure_takes_everything_back_and_leaves_the_connection_clean()
    {
        await using var pms = await TestPms.StartAsync(engine, settings: s => s with { PoolMax = 1 });
        var seen = new ConcurrentBag<EventsMissed>();
        using var _ = pms.Get<IEventBus>().Subscribe<EventsMissed>(static _ => true, seen.Add);

        await Assert.ThrowsAsync<RuleException>(() => pms.Db.InTransactionAsync(async tx =>
        {
            tx.Raise(new EventsMissed());
            await tx.ExecuteAsync(Insert, new { name = "test.a", value = "1" });
            tx.Add(Insert, new { name = "test.b", value = "1" });
            await tx.FlushAsync();
            throw new RuleException("test");
        }));

        Assert.Equal(0, await pms.Db.ScalarAsync<int>(Count));
        // The one connection of this pool would carry an open transaction into its next user.
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.c", value = "1" }));
        await using var other = await pms.AnotherNodeAsync();
        Assert.Equal(1, await other.Db.ScalarAsync<int>(Count));
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Events_go_out_after_the_commit()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var counted = new TaskCompletionSource<int>();
        using var _ = pms.Get<IEventBus>().Subscribe<EventsMissed>(static _ => true, async _ => counted.TrySetResult(await other.Db.ScalarAsync<int>(Count)));

        await pms.Db.InTransactionAsync(tx =>
        {
            tx.Raise(new EventsMissed());
            tx.Add(Insert, new { name = "test.a", value = "1" });
            return Task.CompletedTask;
        });

        Assert.Equal(1, await counted.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_list_is_found_by_whatever_its_length()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var days = Enumerable.Range(0, 80).Select(n => new DateOnly(2030, 1, 1).AddDays(n)).ToList();
        await pms.Db.InTransactionAsync(tx =>
        {
            foreach (var day in days)
                tx.Add(Insert, new { name = $"test.{day:yyyy-MM-dd}", value = day });
            return Task.CompletedTask;
        });
        foreach (var length in new[] { 0, 1, 2, 3, 80, 2, 0 })
        {
            // Named twice and in another case than the argument; one list is not named at all, another is always empty, or null.
            var args = new { Days = days.Take(length).ToArray(), version = 1, none = length == 2 ? null : Array.Empty<long>(), unnamed = new[] { 1L } };
            var found = await pms.Db.ListAsync<string>("SELECT value FROM settings WHERE (value IN @days OR version IN @none) AND value IN @Days AND version = @version ORDER BY value", args);
            Assert.Equal(args.Days.Select(d => $"{d:yyyy-MM-dd}"), found);
        }
    }

    [Fact]
    public async Task Queued_statements_are_stored_together_and_a_missing_row_takes_all_back()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var attempts = 0;

        await Assert.ThrowsAsync<ConflictException>(() => pms.Db.InTransactionAsync(tx =>
        {
            attempts++;
            tx.Add(Insert, new { name = "test.a", value = "1" });
            tx.Add("UPDATE settings SET value = '2' WHERE name = 'test.none'");
            return Task.CompletedTask;
        }));

        Assert.True(attempts > 1, "A lost race is decided again.");
        Assert.Equal(0, await pms.Db.ScalarAsync<int>(Count));
    }

    [Fact]
    public async Task A_lost_race_is_decided_again_on_the_new_state()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.counter", value = "0" }));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(async () =>
        {
            for (var stored = false; !stored;)
                stored = await RefusalsOf(() => AddOneAsync(pms)) is not ConflictException;
        })));

        Assert.Equal("12", await pms.Db.ScalarAsync<string>("SELECT value FROM settings WHERE name = 'test.counter'"));
    }

    [Fact]
    public async Task Many_writers_at_once_all_get_their_turn()
    {
        await using var pms = await TestPms.StartAsync(engine);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(Insert, new { name = $"test.{i}", value = "1" });
            tx.Add("UPDATE settings SET value = '2' WHERE name = @name", new { name = $"test.{i}" });
        }))));

        Assert.Equal(64, await pms.Db.ScalarAsync<int>(Count + " AND value = '2'"));
    }

    [Fact]
    public async Task A_lock_held_too_long_is_answered_with_busy_and_nothing_stored()
    {
        await using var pms = await TestPms.StartAsync(engine, settings: s => s with { Deadline = TimeSpan.FromSeconds(2) });
        await using var other = await pms.AnotherNodeAsync(settings: s => s with { Deadline = TimeSpan.FromMinutes(1) });
        await other.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.a", value = "0" }));
        var (held, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var holder = other.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE settings SET value = '1' WHERE name = 'test.a'");
            held.TrySetResult();
            await release.Task;
        });
        await held.Task;

        // Within this node too: whoever waits behind a waiting writer gives up in time.
        var refused = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => RefusalsOf(() =>
            pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE settings SET value = '2' WHERE name = 'test.a'"))))))
            .WaitAsync(TimeSpan.FromSeconds(40));
        release.SetResult();
        await holder;

        Assert.All(refused, e => Assert.IsType<BusyException>(e));
        Assert.Equal("1", await other.Db.ScalarAsync<string>("SELECT value FROM settings WHERE name = 'test.a'"));
        await Eventually.PassesAsync(() => pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE settings SET value = '3' WHERE name = 'test.a'")));
    }

    [Fact]
    public async Task A_command_whose_time_is_over_before_the_commit_is_known_not_to_be_stored()
    {
        await using var pms = await TestPms.StartAsync(engine, settings: s => s with { Deadline = TimeSpan.FromSeconds(1) });
        await using var other = await pms.AnotherNodeAsync(settings: s => s with { Deadline = TimeSpan.FromMinutes(1) });

        await Assert.ThrowsAsync<BusyException>(() => pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(Insert, new { name = "test.a", value = "1" });
            await Task.Delay(TimeSpan.FromSeconds(1.5));
        }));

        Assert.Equal(0, await other.Db.ScalarAsync<int>(Count));
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_no_failure_of_the_database()
    {
        await using var pms = await TestPms.StartAsync(engine);
        using var left = new CancellationTokenSource();
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pms.Db.ListAsync<string>("SELECT name FROM settings", ct: left.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.a", value = "1" }), left.Token));
        Assert.Equal(0, await pms.Db.ScalarAsync<int>(Count));
    }

    private static Task<int> AddOneAsync(TestPms pms) => pms.Db.InTransactionAsync(async tx =>
    {
        var (value, version) = await pms.Db.FindAsync<(string Value, int Version)>("SELECT value, version FROM settings WHERE name = 'test.counter'");
        tx.Add("UPDATE settings SET value = @next, version = version + 1 WHERE name = 'test.counter' AND version = @version",
            new { next = $"{int.Parse(value, null) + 1}", version });
        return 0;
    });

    private static async Task<Exception?> RefusalsOf(Func<Task> command)
    {
        try
        {
            await command();
            return null;
        }
        catch (PmsException e)
        {
            return e;
        }
    }
}

public sealed class DbTests_on_SQLite() : DbTests(Engine.Sqlite);

public sealed class DbTests_on_MariaDB() : DbTests(Engine.MySql);
