using Dapper;
using MySqlConnector;
using Pms.Core;
using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>A wire that breaks at the worst moment: what was acknowledged is stored, nothing happens twice, and what can't be known is said.</summary>
public sealed class WireFaultTests
{
    private const string Insert = "INSERT INTO outbox (at, kind, payload, next_at) VALUES (1, 'test.note', @text, 1)";
    private static readonly Actor Anna = new() { Name = "Anna", EmployeeId = 1, Channel = Channel.Page };

    private sealed record Note(string Text);

    private sealed record Noted(long Id);

    [Fact]
    public async Task A_lost_answer_to_the_commit_is_found_out_by_the_key()
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        await using var pms = await StartAsync(wire);
        wire.DropAnswerTo("COMMIT");

        var first = await NoteAsync(pms, "k1");
        var again = await NoteAsync(pms, "k1");

        Assert.Equal((1, 1), (wire.Broken, await CountAsync(pms)));
        Assert.Equal(first, again);
    }

    [Fact]
    public async Task A_commit_that_never_arrived_is_done_again_under_its_key()
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        await using var pms = await StartAsync(wire);
        wire.DropRequest("COMMIT");

        await NoteAsync(pms, "k1");

        Assert.Equal((1, 1), (wire.Broken, await CountAsync(pms)));
    }

    [Fact]
    public async Task Without_a_key_a_lost_answer_to_the_commit_is_called_unknown()
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        await using var pms = await StartAsync(wire);
        wire.DropAnswerTo("COMMIT");

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => NoteAsync(pms, null));
        Assert.Equal(1, await CountAsync(pms));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_of_which_a_cluster_s_node_can_t_say_how_it_ended_is_never_done_twice(bool keyed)
    {
        WatchedDialect watched = null!;
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { Dialect = watched = new WatchedDialect(s.Dialect) });
        watched.Sent = command =>
        {
            if (!command.CommandText.Contains("COMMIT", StringComparison.Ordinal))
                return;
            watched.Sent = null;
            throw new InjectedFault { Unsure = true };
        };

        if (keyed)
            await NoteAsync(pms, "k1");
        else
            await Assert.ThrowsAsync<OutcomeUnknownException>(() => NoteAsync(pms, null));
        Assert.Equal((null, 1), (watched.Sent, await CountAsync(pms)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("8.0.36")]   // as to MySQL, which takes no block of statements
    public async Task Rows_and_commit_travel_together_and_a_row_that_changed_meanwhile_takes_all_back(string? version)
    {
        WatchedDialect watched = null!;
        await using var pms = await TestPms.StartAsync(Engine.MySql, settings: s => s with { Dialect = watched = new WatchedDialect(s.Dialect) { Version = version } });
        await NoteAsync(pms, null);
        var sent = new List<string>();
        watched.Sends = command => sent.Add(command.CommandText);
        Task<int> MoveAsync(string key, Func<int> from) => pms.Get<Commands>().RunAsync(Anna, "move", key, new Note("a"), tx =>
        {
            tx.Add(Insert, new { text = "b" });
            tx.Add("UPDATE outbox SET attempts = attempts + 1 WHERE attempts = @was AND payload = 'a'", new { was = from() });
            return Task.FromResult(1);
        });

        var tried = 0;
        Assert.Equal(1, await MoveAsync("k1", () => tried++ == 0 ? 7 : 0));   // read too early the first time
        Assert.Equal(2, tried);
        Assert.Equal(version is null, sent.TrueForAll(s => s == "ROLLBACK" || s.StartsWith("BEGIN NOT ATOMIC", StringComparison.Ordinal)));
        Assert.Equal(3, sent.Count);
        await Assert.ThrowsAsync<ConflictException>(() => MoveAsync("k2", () => 7));
        Assert.Equal(2, await CountAsync(pms));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wire_that_breaks_before_the_commit_is_not_noticed(bool obeyed)
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        await using var pms = await StartAsync(wire);
        if (obeyed)
            wire.DropAnswerTo("test.note");
        else
            wire.DropRequest("test.note");

        await NoteAsync(pms, null);
        Assert.Equal((1, 1), (wire.Broken, await CountAsync(pms)));

        wire.DropRequest("SELECT COUNT");
        Assert.Equal(1, await CountAsync(pms));
        Assert.Equal(2, wire.Broken);
    }

    [Fact]
    public async Task A_connection_lost_alone_takes_no_other_with_it_and_two_in_a_row_take_all()
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        WatchedDialect watched = null!;
        await using var pms = await StartAsync(wire, s => s with { Dialect = watched = new WatchedDialect(s.Dialect) });
        var counts = 0;
        watched.Sends = command => counts += command.CommandText.StartsWith("SELECT COUNT", StringComparison.Ordinal) ? 1 : 0;
        var before = await EightAtOnceAsync();

        for (var i = 1; i <= 3; i++)
        {
            wire.DropRequest("SELECT COUNT");
            Assert.Equal(i - 1, await CountAsync(pms));
            wire.DropRequest("INSERT INTO outbox");
            await NoteAsync(pms, null);
        }
        Assert.Equal((6, 6), (wire.Broken, counts));
        Assert.Equal(2, (await EightAtOnceAsync()).Count(before.Contains));   // each drop took one, and that one alone

        wire.Reset();
        Assert.Equal(3, await CountAsync(pms));
        Assert.Equal(9, counts);   // two dead ones were tried, not all eight

        async Task<HashSet<string>> EightAtOnceAsync()
        {
            var open = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pms.Db.OpenAsync(default).AsTask()));
            var ids = new HashSet<string>();
            foreach (var connection in open)
            {
                ids.Add((await connection.ExecuteScalarAsync<string>("SELECT CONNECTION_ID()"))!);
                await connection.DisposeAsync();
            }
            return ids;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_silent_connection_takes_all_with_it_for_each_would_cost_its_user_the_whole_deadline(bool writes)
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        await using var pms = await StartAsync(wire);
        var open = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pms.Db.OpenAsync(default).AsTask()));
        foreach (var connection in open)
            await connection.DisposeAsync();

        wire.Strand();
        if (writes)
            await Assert.ThrowsAnyAsync<PmsException>(() => NoteAsync(pms, null));
        else
            await Assert.ThrowsAsync<BusyException>(() => CountAsync(pms));

        await NoteAsync(pms, null);
        Assert.Equal(1, await CountAsync(pms));
    }

    [Fact]
    public async Task A_commit_into_a_dead_wire_is_called_unknown_until_the_key_can_be_looked_up()
    {
        await using var wire = new FaultProxy((await Servers.MariaDbAsync()).Port);
        await using var pms = await StartAsync(wire);
        var (commands, sent) = (pms.Get<Commands>(), 0);
        Task<Noted> NoteAsync() => commands.RunAsync(Anna, "note", "k1", new Note("a"), tx =>
        {
            tx.Add(Insert, new { text = "a" });
            if (++sent == 1)
                wire.Stall();
            return Task.FromResult(new Noted(sent));
        });

        await Assert.ThrowsAsync<OutcomeUnknownException>(NoteAsync);
        wire.Resume();

        await NoteAsync();
        await NoteAsync();
        Assert.Equal(1, await CountAsync(pms));
    }

    private static async Task<TestPms> StartAsync(FaultProxy wire, Func<DbSettings, DbSettings>? more = null) => await TestPms.StartAsync(Engine.MySql, settings: s => (more?.Invoke(s) ?? s) with
    {
        Deadline = TimeSpan.FromSeconds(3),
        ConnectionString = new MySqlConnectionStringBuilder(s.ConnectionString) { Port = (uint)wire.Port }.ConnectionString,
    });

    private static Task<Noted> NoteAsync(TestPms pms, string? key) => pms.Get<Commands>().RunAsync(Anna, "note", key, new Note("a"),
        async tx => new Noted(await tx.InsertAsync(Insert, new { text = "a" })));

    private static Task<int> CountAsync(TestPms pms) => pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM outbox WHERE kind = 'test.note'");
}
