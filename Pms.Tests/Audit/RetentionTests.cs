using Pms.Core.Audit;
using Pms.Core.Audit.Retention;
using Pms.Tests.Support;

namespace Pms.Tests.Audit;

public sealed class RetentionTests_on_SQLite() : RetentionTests(Engine.Sqlite);

public sealed class RetentionTests_on_MariaDB() : RetentionTests(Engine.MySql);

/// <summary>Old entries leave the database for signed files, and the chain still proves every one of them.</summary>
public abstract class RetentionTests(Engine engine) : IAsyncLifetime
{
    private TestPms pms = null!;

    private string Archives => pms.Get<ArchiveFiles>().Folder;

    public async Task InitializeAsync() => pms = await TestPms.StartAsync(engine);

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task Old_entries_move_into_an_archive_and_the_chain_still_holds()
    {
        await OldAndNewAsync();

        Assert.Equal(5, await pms.Get<AuditArchiver>().RunAsync());
        await pms.Get<AuditSealer>().SealAsync();

        var archive = Assert.Single(await pms.Get<RetentionRepository>().ListAsync());
        Assert.Equal((5, 1L, 2L, null), (archive.Entries, archive.FirstSeal, archive.LastSeal, archive.Entity));
        Assert.Equal(["audit.archived", "machine.update", "machine.update"], (await pms.Db.ListAsync<string>("SELECT action FROM audit ORDER BY action")));
        var found = await pms.Get<AuditVerifier>().VerifyAsync();
        Assert.Equal((null, 8L, 5L), (found.Problem, found.Rows, found.Archived));
        Assert.Equal(0, await pms.Get<AuditArchiver>().RunAsync());
    }

    [Fact]
    public async Task A_kind_with_a_rule_of_its_own_stays_longer()
    {
        await SetAsync(new RetentionPolicy { Days = 100, Exceptions = [new() { Entity = "order", Days = 1000 }] });
        await WriteAsync(2, "machine");
        await WriteAsync(3, "order");
        await pms.Get<AuditSealer>().SealAsync();
        pms.Clock.Advance(TimeSpan.FromDays(101));
        Assert.Equal(2, await pms.Get<AuditArchiver>().RunAsync());
        await pms.Get<AuditSealer>().SealAsync();
        Assert.True((await pms.Get<AuditVerifier>().VerifyAsync()).IsWhole);
        pms.Clock.Advance(TimeSpan.FromDays(1000));

        // The orders by their rule, and the entries about the archive and nothing else by the general one.
        Assert.Equal(4, await pms.Get<AuditArchiver>().RunAsync());

        await pms.Get<AuditSealer>().SealAsync();
        Assert.Equal([null, null, "order"], (await pms.Get<RetentionRepository>().ListAsync()).Select(a => a.Entity).Order());
        var found = await pms.Get<AuditVerifier>().VerifyAsync();
        Assert.Equal((null, 6L), (found.Problem, found.Archived));
    }

    [Fact]
    public async Task What_was_changed_before_stays_and_is_still_found()
    {
        await OldAndNewAsync();
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE audit SET reason = 'nothing to see' WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM audit) AS x)"));

        Assert.Equal(4, await pms.Get<AuditArchiver>().RunAsync());

        Assert.Contains("was altered", (await pms.Get<AuditVerifier>().VerifyAsync()).Problem);
    }

    [Fact]
    public async Task An_archive_that_was_changed_is_found()
    {
        await ArchivedAsync();
        var file = Directory.EnumerateFiles(Archives, "*.gz").Single();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^9] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        Assert.Contains("000001.ndjson.gz was altered", (await pms.Get<AuditVerifier>().VerifyAsync()).Problem);
    }

    [Fact]
    public async Task A_description_that_was_changed_is_found()
    {
        await ArchivedAsync();
        var file = Directory.EnumerateFiles(Archives, "*.json").Single();
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"Entries\":5", "\"Entries\":4", StringComparison.Ordinal));

        Assert.Contains("no valid signature", (await pms.Get<AuditVerifier>().VerifyAsync()).Problem);
    }

    [Theory]
    [InlineData("*.gz")]
    [InlineData("*.json")]
    public async Task An_archive_that_is_not_there_proves_nothing(string what)
    {
        await ArchivedAsync();
        File.Delete(Directory.EnumerateFiles(Archives, what).Single());

        Assert.Contains("is not in the data folder", (await pms.Get<AuditVerifier>().VerifyAsync()).Problem);
    }

    [Fact]
    public async Task A_row_removed_without_an_archive_is_missing()
    {
        await ArchivedAsync();
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM audit WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM audit) AS x)"));

        Assert.Contains("is missing", (await pms.Get<AuditVerifier>().VerifyAsync()).Problem);
    }

    [Fact]
    public async Task An_end_between_the_file_and_the_removal_costs_nothing()
    {
        await OldAndNewAsync();
        var rows = await pms.Get<RetentionRepository>().DueAsync(null, [], pms.Clock.GetUtcNow().AddDays(-2557), 2, 0, 0, 100, default);
        await pms.Get<ArchiveFiles>().WriteAsync(1, pms.Clock.GetUtcNow(), rows, default);
        Assert.True((await pms.Get<AuditVerifier>().VerifyAsync()).IsWhole);

        Assert.Equal(5, await pms.Get<AuditArchiver>().RunAsync());

        Assert.Equal(2, Assert.Single(await pms.Get<RetentionRepository>().ListAsync()).Number);
        var found = await pms.Get<AuditVerifier>().VerifyAsync();
        Assert.Equal((null, 5L), (found.Problem, found.Archived));
    }

    private async Task ArchivedAsync()
    {
        await OldAndNewAsync();
        await pms.Get<AuditArchiver>().RunAsync();
        Assert.True((await pms.Get<AuditVerifier>().VerifyAsync()).IsWhole);
    }

    /// <summary>Two seals of more than seven years ago, one of now.</summary>
    private async Task OldAndNewAsync()
    {
        await WriteAsync(3);
        await pms.Get<AuditSealer>().SealAsync();
        await WriteAsync(2);
        await pms.Get<AuditSealer>().SealAsync();
        pms.Clock.Advance(TimeSpan.FromDays(2600));
        await WriteAsync(2);
        await pms.Get<AuditSealer>().SealAsync();
    }

    private Task SetAsync(RetentionPolicy policy) => pms.Db.InTransactionAsync(tx => { RetentionRepository.Update(tx, policy with { Version = 1 }); return Task.CompletedTask; });

    private async Task WriteAsync(int rows, string entity = "machine")
    {
        for (var i = 0; i < rows; i++)
            await pms.Db.InTransactionAsync(tx =>
            {
                pms.Get<AuditLog>().Write(tx, TestPms.System, entity + ".update", entity, 7, new Dictionary<string, object?[]> { ["Name"] = ["old | : ü 👕", "new"] }, reason: "moved");
                return Task.CompletedTask;
            });
    }
}
