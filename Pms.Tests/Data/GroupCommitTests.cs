using System.Data.Common;
using Microsoft.Data.Sqlite;
using Pms.Core;
using Pms.Core.Data;
using Pms.Tests.Support;
using SQLitePCL;

namespace Pms.Tests.Data;

/// <summary>Writers that share SQLite's commit stay each whole or undone, and what is read or made on a kept connection stays true.</summary>
public sealed class GroupCommitTests
{
    private const string Insert = "INSERT INTO settings (name, value, version) VALUES (@name, @value, 1)";
    private const string Names = "SELECT name FROM settings WHERE name LIKE 'test.%' ORDER BY name";

    [Fact]
    public async Task One_that_fails_among_many_undoes_only_its_own_rows()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var writers = await BehindAnotherAsync(pms, Enumerable.Range(0, 30).Select(i => (Func<Task>)(() => pms.Db.InTransactionAsync(tx =>
        {
            tx.Add(Insert, new { name = $"test.{i:00}", value = "1" });
            tx.Add(Insert, new { name = i % 3 == 0 ? $"test.{i:00}" : $"test.{i:00}.b", value = "1" });   // every third breaks the key after its first row
            return Task.CompletedTask;
        }))));

        Assert.All(writers.Where((_, i) => i % 3 == 0), w => Assert.IsAssignableFrom<DbException>(w.Exception?.InnerException));
        Assert.All(writers.Where((_, i) => i % 3 != 0), w => Assert.True(w.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(0, 30).Where(i => i % 3 != 0).SelectMany(i => new[] { $"test.{i:00}", $"test.{i:00}.b" }), await pms.Db.ListAsync<string>(Names));
    }

    [Fact]
    public async Task Twins_in_one_commit_happen_once_and_get_the_same_answer()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var actor = Actor.System("test");
        var done = 0;
        var answers = new int[20];
        await BehindAnotherAsync(pms, Enumerable.Range(0, 20).Select(i => (Func<Task>)(async () => answers[i] = await pms.Get<Commands>().RunAsync(actor, "test.once", "one-key", new { }, tx =>
        {
            var mine = Interlocked.Increment(ref done);
            tx.Add(Insert, new { name = $"test.{mine}", value = "1" });
            return Task.FromResult(mine);
        }))));

        Assert.Single(answers.Distinct());
        Assert.Equal([$"test.{answers[0]}"], await pms.Db.ListAsync<string>(Names));
    }

    [Fact]
    public async Task Whose_turn_does_not_come_in_time_has_stored_nothing()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        using var gone = new CancellationTokenSource();
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(Insert, new { name = "test.first", value = "1" });
            var waiting = pms.Db.InTransactionAsync(other => { other.Add(Insert, new { name = "test.late", value = "1" }); return Task.CompletedTask; }, gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        });
        await pms.Db.InTransactionAsync(tx => { tx.Add(Insert, new { name = "test.next", value = "1" }); return Task.CompletedTask; });

        Assert.Equal(["test.first", "test.next"], await pms.Db.ListAsync<string>(Names));
    }

    [Fact]
    public async Task A_connection_given_back_within_a_transaction_is_not_lent_again()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        await using var pool = pms.Database.Settings.Dialect.Connect(pms.Database.Settings);
        async Task RunAsync(string sql)
        {
            await using var connection = await pool.OpenConnectionAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }

        await RunAsync("BEGIN IMMEDIATE; INSERT INTO settings (name, value, version) VALUES ('test.half', '1', 1)");   // its end never came
        await RunAsync("BEGIN IMMEDIATE; INSERT INTO settings (name, value, version) VALUES ('test.whole', '1', 1); COMMIT");

        Assert.Equal(["test.whole"], await pms.Db.ListAsync<string>(Names));
    }

    [Fact]
    public async Task A_statement_with_a_bound_limit_stays_compiled()
    {
        const int Recompiled = 5;   // SQLITE_STMTSTATUS_REPREPARE
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        await using var pool = pms.Database.Settings.Dialect.Connect(pms.Database.Settings);
        await using var connection = (SqliteConnection)await pool.OpenConnectionAsync();
        raw.sqlite3_prepare_v2(connection.Handle, "SELECT name FROM settings ORDER BY name LIMIT ?1", out var statement);
        using var _ = statement;
        for (var limit = 1; limit <= 3; limit++)
        {
            raw.sqlite3_bind_int64(statement, 1, limit);
            while (raw.sqlite3_step(statement) == raw.SQLITE_ROW) { }
            raw.sqlite3_reset(statement);
        }

        Assert.Equal(0, raw.sqlite3_stmt_status(statement, Recompiled, 0));
    }

    /// <summary>Runs the writers while another holds the turn, so that they come to wait together.</summary>
    private static async Task<List<Task>> BehindAnotherAsync(TestPms pms, IEnumerable<Func<Task>> writers)
    {
        List<Task> all = [];
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE settings SET version = version WHERE name = ''");
            all.AddRange(writers.Select(w => w()));
        });
        await Task.WhenAll(all).ContinueWith(static _ => { }, TaskScheduler.Default);
        return all;
    }
}
