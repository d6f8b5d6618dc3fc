using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>The schema comes up to date by itself: once, one node at a time, and again after a kill at any place.</summary>
public abstract class MigratorTests(Engine engine)
{
    private readonly FakeTimeProvider clock = new(TestPms.Start);

    [Fact]
    public async Task A_fresh_database_gets_the_whole_schema_and_a_second_run_does_nothing()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(engine);
        await using var node = Node(database);
        var migrator = node.GetRequiredService<Migrator>();

        Assert.NotEmpty(await migrator.PendingAsync());
        Assert.True(await migrator.MigrateAsync() > 0);
        Assert.Empty(await migrator.PendingAsync());
        Assert.Equal(0, await migrator.MigrateAsync());
    }

    [Fact]
    public async Task Nodes_that_start_at_once_migrate_once()
    {
        await using var expected = await TestDatabase.CreateEmptyAsync(engine);
        await using var alone = Node(expected);
        var statements = await alone.GetRequiredService<Migrator>().MigrateAsync();

        await using var database = await TestDatabase.CreateEmptyAsync(engine);
        await using var one = Node(database);
        await using var two = Node(database);
        await using var three = Node(database);
        var all = Task.WhenAll(new[] { one, two, three }.Select(n => Task.Run(() => n.GetRequiredService<Migrator>().MigrateAsync())));
        await all;

        Assert.Equal([0, 0, statements], (await all).Order());
    }

    [Fact]
    public async Task A_script_changed_after_it_was_applied_is_refused_by_name()
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using var node = Node(database);
        await node.GetRequiredService<Db>().InTransactionAsync(tx =>
            tx.ExecuteAsync("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1 AND statement = 0"));

        var e = await Assert.ThrowsAsync<MigrationException>(() => node.GetRequiredService<Migrator>().MigrateAsync());
        Assert.Contains("0001_", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_broken_off_again_and_again_arrives_at_the_same_schema()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(engine);
        var random = new Random(7);
        var breaks = 0;
        for (var done = false; !done;)
        {
            await using var node = Node(database);   // each try is a process of its own
            using var killed = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 60) + breaks));
            try
            {
                await node.GetRequiredService<Migrator>().MigrateAsync(killed.Token);
                done = true;
            }
            catch (Exception e) when (killed.IsCancellationRequested && e is not MigrationException)
            {
                breaks++;
                clock.Advance(TimeSpan.FromMinutes(1));   // its lease, if it could not give it back, runs out
            }
        }

        Assert.Equal(await Schema.ReadAsync(await TestDatabase.CreateAsync(engine)), await Schema.ReadAsync(database));
    }

    [Fact]
    public async Task Killed_behind_every_statement_before_its_journal_row_it_arrives_at_the_same_schema()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(engine);
        if (!database.Settings.Dialect.DdlCommits)
            return;   // SQLite rolls back all of it
        var kills = new HashSet<string>();
        for (var done = false; !done;)
        {
            var watch = new WatchedDialect(database.Settings.Dialect)
            {
                Sent = c =>
                {
                    if (!c.CommandText.Contains("schema_", StringComparison.Ordinal) && !c.CommandText.StartsWith("SET SESSION", StringComparison.Ordinal) && kills.Add(c.CommandText))
                        throw new InjectedFault(lost: true);
                },
            };
            await using var node = TestPms.Services(database.Settings with { Dialect = watch }, clock, null, null);
            try
            {
                await node.GetRequiredService<Migrator>().MigrateAsync();
                done = true;
            }
            catch (InjectedFault) { }
        }

        await using var whole = await TestDatabase.CreateAsync(engine);
        await using var alone = Node(whole);
        await using var again = Node(database);
        var statements = await alone.GetRequiredService<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM schema_migrations");
        Assert.Equal(statements, kills.Count);
        Assert.Equal(await Schema.ReadAsync(whole), await Schema.ReadAsync(database));
        foreach (var table in new[] { "audit_retention", "plant_settings" })
            Assert.Equal(1, await again.GetRequiredService<Db>().ScalarAsync<long>($"SELECT COUNT(*) FROM {table}"));
    }

    [Fact]
    public async Task The_statement_in_flight_at_a_kill_may_be_there_already()
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using var node = Node(database);
        if (!node.GetRequiredService<Db>().Dialect.DdlCommits)
            return;   // SQLite rolls the statement back with its journal row
        await node.GetRequiredService<Db>().InTransactionAsync(tx => tx.ExecuteAsync(
            "DELETE FROM schema_migrations WHERE version = (SELECT v FROM (SELECT MAX(version) AS v FROM schema_migrations) AS a) ORDER BY statement DESC LIMIT 1"));

        Assert.Equal(1, await node.GetRequiredService<Migrator>().MigrateAsync());
        Assert.Equal(0, await node.GetRequiredService<Migrator>().MigrateAsync());
    }

    [Fact]
    public async Task A_dead_nodes_lease_is_waited_for_and_then_taken_over()
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using var node = Node(database);
        var db = node.GetRequiredService<Db>();
        if (!db.Dialect.DdlCommits)
            return;   // SQLite's lock ends with the process that holds it
        await db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE schema_lease SET owner = 'dead', held_until = @until",
            new { until = clock.GetUtcNow().AddSeconds(30).ToUnixTimeMilliseconds() }));

        var migrated = Task.Run(() => node.GetRequiredService<Migrator>().MigrateAsync());
        clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(0, await migrated);
    }

    private ServiceProvider Node(TestDatabase database) => TestPms.Services(database.Settings, clock, null, null);
}

public sealed class MigratorTests_on_SQLite() : MigratorTests(Engine.Sqlite);

public sealed class MigratorTests_on_MariaDB() : MigratorTests(Engine.MySql);
