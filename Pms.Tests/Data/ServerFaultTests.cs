using System.Data.Common;
using Dapper;
using MySqlConnector;
using Pms.Core;
using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>What a server database does to its clients, and what PMS makes of it: retried where it may be, answered in time where not.</summary>
public sealed class ServerFaultTests
{
    private const string Insert = "INSERT INTO settings (name, value, version) VALUES (@name, '0', 1)";
    private const string Update = "UPDATE settings SET value = @value WHERE name = @name";

    [Fact]
    public async Task A_deadlock_is_tried_again_and_both_commands_are_stored()
    {
        await using var pms = await TwoRowsAsync();
        using var both = new Barrier(2);
        var attempts = 0;

        Task Crosswise(string first, string second, string value) => Task.Run(() => pms.Db.InTransactionAsync(async tx =>
        {
            var attempt = Interlocked.Increment(ref attempts);
            await tx.ExecuteAsync(Update, new { name = first, value });
            if (attempt <= 2)
                both.SignalAndWait(TimeSpan.FromSeconds(25));   // each holds one row and wants the other's
            await tx.ExecuteAsync(Update, new { name = second, value });
        }));
        await Task.WhenAll(Crosswise("test.a", "test.b", "1"), Crosswise("test.b", "test.a", "2"));

        Assert.True(attempts >= 3, "There was no deadlock.");
        Assert.Single((await pms.Db.ListAsync<string>("SELECT DISTINCT value FROM settings WHERE name LIKE 'test.%'")));
    }

    [Fact]
    public async Task A_lock_wait_that_times_out_is_tried_again_within_the_deadline()
    {
        await using var pms = await TwoRowsAsync();
        var (held, attempts) = (new TaskCompletionSource(), 0);
        var second = new TaskCompletionSource();
        var holder = pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(Update, new { name = "test.a", value = "1" });
            held.TrySetResult();
            await second.Task.WaitAsync(TimeSpan.FromSeconds(25));
        });
        await held.Task;

        await pms.Db.InTransactionAsync(tx =>
        {
            if (++attempts == 2)
                second.TrySetResult();   // the first attempt ran into the session's lock wait limit
            return tx.ExecuteAsync(Update, new { name = "test.a", value = "2" });
        });
        await holder;

        Assert.True(attempts >= 2, "Nothing was tried again.");
        Assert.Equal("2", await pms.Db.ScalarAsync<string>("SELECT value FROM settings WHERE name = 'test.a'"));
    }

    [Fact]
    public async Task Dead_pooled_connections_are_replaced_unseen_after_the_server_restarted()
    {
        using var server = await MariaDbServer.StartAsync();
        await using var pms = await TestPms.StartAsync(Engine.MySql, server: server, settings: s => s with { PoolMin = 5, PoolMax = 10 });
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => pms.Db.ScalarAsync<int>("SELECT SLEEP(0.05)")));

        server.Kill();
        await server.StartAgainAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM settings")
            : pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = $"test.{i}" }))));
        Assert.Equal(10, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM settings WHERE name LIKE 'test.%'"));
    }

    [Fact]
    public async Task A_cleared_pool_gives_none_of_its_connections_again()
    {
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { PoolMin = 2, PoolMax = 5 });
        static int Of(DbConnection connection) => ((MySqlConnection)connection).ServerThread;
        HashSet<int> old;
        await using (var one = await pms.Db.OpenAsync(default))
        await using (var other = await pms.Db.OpenAsync(default))
        {
            old = [Of(one), Of(other)];
            pms.Db.Dialect.ClearPool(one);
            await using var next = await pms.Db.OpenAsync(default);
            Assert.DoesNotContain(Of(next), old);
            var kept = Of(next);
            pms.Db.Dialect.ClearPool(other);   // of the pool that is gone already
            await next.DisposeAsync();
            await using var again = await pms.Db.OpenAsync(default);
            await using var third = await pms.Db.OpenAsync(default);
            Assert.Contains(kept, new[] { Of(again), Of(third) });
        }
        await Eventually.TrueAsync(async () => await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM information_schema.processlist WHERE id IN @old", new { old }) == 0, "the old connections closed");
    }

    [Fact]
    public async Task Who_stands_in_line_while_the_pool_is_cleared_leaves_no_connection_behind()
    {
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { PoolMin = 1, PoolMax = 1 });
        var one = await pms.Db.OpenAsync(default);
        var waiting = pms.Db.OpenAsync(default).AsTask();
        pms.Db.Dialect.ClearPool(one);
        await one.DisposeAsync();
        await using var got = await waiting;

        await Eventually.TrueAsync(async () => await got.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()") == 1, "its own connection alone");
    }

    [Fact]
    public async Task A_transaction_that_could_not_be_rolled_back_is_not_stored_by_the_next_one()
    {
        var watched = new WatchedDialect(Dialect.MySql);
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { Dialect = watched, PoolMin = 1, PoolMax = 1 });
        watched.Sends = command =>
        {
            if (command.CommandText == "ROLLBACK")
                throw new InjectedFault();
        };
        await Assert.ThrowsAsync<NotFoundException>(() => pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(Insert, new { name = "test.undone" });
            throw new NotFoundException("setting", 1);
        }));
        watched.Sends = null;

        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.next" }));
        Assert.Equal(["test.next"], await pms.Db.ListAsync<string>("SELECT name FROM settings WHERE name LIKE 'test.%'"));
    }

    [Fact]
    public async Task A_server_that_is_gone_is_told_in_time_and_used_again_when_it_is_back()
    {
        using var server = await MariaDbServer.StartAsync();
        await using var pms = await TestPms.StartAsync(Engine.MySql, server: server, settings: s => s with { Deadline = TimeSpan.FromSeconds(3) });
        server.Kill();

        // Who reads again what was stored must not be told that nothing was; who reads what a change is decided on, must.
        async Task<string> ToldAsync(Func<Task> work) => (await Assert.ThrowsAsync<BusyException>(work)).Code;
        Assert.Equal("database_away", await ToldAsync(() => pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.a" }))));
        Assert.Equal("database_away", await ToldAsync(() => pms.Db.InTransactionAsync(_ => pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM settings"))));
        Assert.Equal("database_unread", await ToldAsync(() => pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM settings")));

        await server.StartAgainAsync();
        await Eventually.PassesAsync(() => pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(Insert, new { name = "test.b" })));
        Assert.Equal(["test.b"], await pms.Db.ListAsync<string>("SELECT name FROM settings WHERE name LIKE 'test.%'"));
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_answered_with_busy()
    {
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { Deadline = TimeSpan.FromSeconds(5) });

        await Assert.ThrowsAsync<BusyException>(() => pms.Db.ScalarAsync<int>("SELECT SLEEP(9)"));   // the statement's limit of 4 s ends it first
    }

    [Fact]
    public async Task An_exhausted_pool_answers_busy_and_recovers()
    {
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { PoolMax = 2, Deadline = TimeSpan.FromSeconds(3) });
        var (one, two) = (await pms.Db.OpenAsync(default), await pms.Db.OpenAsync(default));

        var refused = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Assert.ThrowsAsync<BusyException>(() => pms.Db.ScalarAsync<int>("SELECT 1"))))
            .WaitAsync(TimeSpan.FromSeconds(60));
        await one.DisposeAsync();
        await two.DisposeAsync();

        Assert.All(refused, e => Assert.Equal("database_unread", e.Code));
        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT 1"));
    }

    private static async Task<TestPms> TwoRowsAsync()
    {
        var pms = await TestPms.StartAsync(Engine.MySql);
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(Insert, new { name = "test.a" });
            await tx.ExecuteAsync(Insert, new { name = "test.b" });
        });
        return pms;
    }
}
