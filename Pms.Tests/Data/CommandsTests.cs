using System.Globalization;
using Pms.Core;
using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>A command that comes again under its key happens once and answers the same.</summary>
public abstract class CommandsTests(Engine engine)
{
    private static readonly Actor Anna = new() { Name = "Anna", EmployeeId = 1, Channel = Channel.Page };
    private static readonly Actor Ben = new() { Name = "Ben", EmployeeId = 2, Channel = Channel.Page };

    private sealed record Note(string Text);

    private sealed record Noted(long Id, string Status);

    [Fact]
    public async Task A_repeat_gets_the_first_answer_and_does_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var first = await NoteAsync(pms, Anna, "k1", "a");
        var again = await NoteAsync(pms, Anna, "k1", "a");

        Assert.Equal(first, again);
        Assert.Equal(1, await CountAsync(pms));
    }

    [Fact]
    public async Task Twins_in_flight_on_two_nodes_happen_once_and_answer_the_same()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => NoteAsync(i % 2 == 0 ? pms : other, Anna, "k1", "a"))));

        Assert.Single(answers.Distinct());
        Assert.Equal(1, await CountAsync(pms));
    }

    /// <summary>A server shows a committed row to others before its log is flushed; what a twin answered from it, a power cut could still take.</summary>
    [Fact]
    public async Task A_repeat_is_answered_after_a_commit_of_its_own_where_rows_are_seen_before_they_are_flushed()
    {
        WatchedDialect watched = null!;
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync(settings: s => s with { Dialect = watched = new WatchedDialect(s.Dialect) });
        Task<long> AtAsync() => pms.Db.ScalarAsync<long>("SELECT at FROM idempotency WHERE request_key = 'k1'");
        var first = await NoteAsync(pms, Anna, "k1", "a");
        var (at, sent) = (await AtAsync(), new List<string>());
        watched.Sent = command => sent.Add(command.CommandText);

        Assert.Equal(first, await NoteAsync(other, Anna, "k1", "a"));
        await Assert.ThrowsAsync<KeyReusedException>(() => NoteAsync(other, Anna, "k1", "b"));

        var touches = engine == Engine.MySql ? 1 : 0;
        Assert.Equal(touches, sent.Count(s => s.StartsWith("UPDATE idempotency", StringComparison.Ordinal)));
        Assert.Equal(at + touches, await AtAsync());   // seen from another connection: committed, and a change that needs the log
    }

    [Fact]
    public async Task A_twin_waits_for_the_first_and_is_told_to_come_again_when_that_takes_too_long()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = pms.Get<Commands>().RunAsync(Anna, "slow", "k1", new Note("a"), async _ =>
        {
            begun.SetResult();
            await end.Task;
            return begun.Task.IsCompleted ? throw new RuleException("in_use") : 0;   // the first is refused, so that its twin runs by itself
        });
        await begun.Task;
        var twin = NoteAsync(pms, Anna, "k1", "a");   // waits when it comes back
        pms.Clock.Advance(Commands.TwinWait);
        await Assert.ThrowsAsync<KeyInFlightException>(() => twin);
        end.SetResult();
        await Assert.ThrowsAsync<RuleException>(() => first);
        await NoteAsync(pms, Anna, "k1", "a");
        Assert.Equal(1, await CountAsync(pms));
    }

    [Fact]
    public async Task A_twin_on_another_node_waits_five_seconds_and_is_told_to_come_again()
    {
        if (engine == Engine.Sqlite)
            return;   // one process has all of its writers, and they queue
        await using var pms = await TestPms.StartAsync(engine, settings: s => s with { Deadline = TimeSpan.FromSeconds(60) });
        await using var other = await pms.AnotherNodeAsync(settings: s => s with { Deadline = TimeSpan.FromSeconds(5) });
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = pms.Get<Commands>().RunAsync(Anna, "note", "k1", new Note("a"), async tx =>
        {
            var id = await tx.InsertAsync("INSERT INTO outbox (at, kind, payload, next_at) VALUES (1, 'test.note', 'a', 1)", new { });   // sends the key's row with it
            begun.SetResult();
            await end.Task;
            return new Noted(id, "stored");
        });
        await begun.Task;
        var began = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync<KeyInFlightException>(() => NoteAsync(other, Anna, "k1", "a"));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 3, 9);
        end.SetResult();
        Assert.Equal(await first, await NoteAsync(other, Anna, "k1", "a"));
    }

    [Fact]
    public async Task The_same_key_of_two_people_is_two_keys_and_no_key_is_none()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await NoteAsync(pms, Anna, "k1", "a");
        await NoteAsync(pms, Ben, "k1", "a");
        await NoteAsync(pms, Ben, null, "a");
        await NoteAsync(pms, Ben, null, "a");

        Assert.Equal(4, await CountAsync(pms));
    }

    [Fact]
    public async Task Another_request_under_a_used_key_is_refused()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await NoteAsync(pms, Anna, "k1", "a");

        await Assert.ThrowsAsync<KeyReusedException>(() => NoteAsync(pms, Anna, "k1", "b"));
        Assert.Equal(1, await CountAsync(pms));
    }

    [Fact]
    public async Task A_refusal_is_not_kept_so_the_same_key_may_succeed_later()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await Assert.ThrowsAsync<RuleException>(() => pms.Get<Commands>().RunAsync<Noted>(Anna, "note", "k1", new Note("a"), _ => throw new RuleException("test.not_now")));

        var stored = await NoteAsync(pms, Anna, "k1", "a");

        Assert.Equal("stored", stored.Status);
        Assert.Equal(1, await CountAsync(pms));
    }

    [Fact]
    public async Task A_row_that_changed_meanwhile_takes_the_whole_command_and_its_key_back()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var attempts = 0;
        await pms.Get<Commands>().RunAsync(Anna, "note", "k1", new Note("a"), tx =>
        {
            tx.Add("INSERT INTO outbox (at, kind, payload, next_at) VALUES (1, 'test.note', @text, 1)", new { text = attempts.ToString(CultureInfo.InvariantCulture) });
            if (attempts++ == 0)
                tx.Add("UPDATE outbox SET payload = 'gone' WHERE kind = 'test.none'");
            tx.Add("INSERT INTO outbox (at, kind, payload, next_at) VALUES (1, 'test.note', 'last', 1)");
            return Task.FromResult(0);
        });

        Assert.Equal(2, attempts);
        Assert.Equal(["1", "last"], (await pms.Db.ListAsync<string>("SELECT payload FROM outbox WHERE kind = 'test.note'")).Order());
        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM idempotency WHERE request_key = 'k1' AND result = '0'"));
    }

    [Fact]
    public async Task Old_keys_are_purged_and_new_ones_kept()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await NoteAsync(pms, Anna, "old", "a");
        pms.Clock.Advance(Commands.Kept + TimeSpan.FromMinutes(1));
        await NoteAsync(pms, Anna, "new", "a");

        await pms.Get<Commands>().PurgeAsync();

        Assert.Equal(["new"], await pms.Db.ListAsync<string>("SELECT request_key FROM idempotency"));
    }

    private static Task<Noted> NoteAsync(TestPms pms, Actor actor, string? key, string text) =>
        pms.Get<Commands>().RunAsync(actor, "note", key, new Note(text), async tx => new Noted(
            await tx.InsertAsync("INSERT INTO outbox (at, kind, payload, next_at) VALUES (1, 'test.note', @text, 1)", new { text }), "stored"));

    private static Task<int> CountAsync(TestPms pms) => pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM outbox WHERE kind = 'test.note'");
}

public sealed class CommandsTests_on_SQLite() : CommandsTests(Engine.Sqlite);

public sealed class CommandsTests_on_MariaDB() : CommandsTests(Engine.MySql);
