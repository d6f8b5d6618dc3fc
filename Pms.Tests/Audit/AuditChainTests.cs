using Pms.Core.Audit;
using Pms.Tests.Support;

namespace Pms.Tests.Audit;

public sealed class AuditChainTests_on_SQLite() : AuditChainTests(Engine.Sqlite);

public sealed class AuditChainTests_on_MariaDB() : AuditChainTests(Engine.MySql);

public abstract class AuditChainTests(Engine engine) : IAsyncLifetime
{
    private TestPms pms = null!;

    private AuditSealer Sealer => pms.Get<AuditSealer>();
    private AuditVerifier Verifier => pms.Get<AuditVerifier>();

    public async Task InitializeAsync() => pms = await TestPms.StartAsync(engine);

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task An_untouched_chain_is_whole_and_tells_what_is_not_sealed_yet()
    {
        await WriteAsync(3);
        Assert.Equal(3, await Sealer.SealAsync());
        await WriteAsync(2);

        var found = await Verifier.VerifyAsync();

        Assert.Equal((null, 1L, 3L, 2L), (found.Problem, found.Seals, found.Rows, found.Unsealed));
    }

    [Theory]
    [InlineData("UPDATE audit SET reason = 'nothing to see' WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM audit) AS x)", "was altered")]
    [InlineData("DELETE FROM audit WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM audit) AS x)", "is missing")]
    [InlineData("DELETE FROM audit_seals WHERE number = 1", "Seal 1 is missing")]
    [InlineData("UPDATE audit_seals SET at = at + 1 WHERE number = 2", "Seal 2 was altered")]
    [InlineData("UPDATE audit SET seal = 2 WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM audit) AS x)", "is missing")]
    public async Task Whatever_is_changed_behind_its_back_is_found(string tampering, string problem)
    {
        await WriteAsync(3);
        await Sealer.SealAsync();
        await WriteAsync(3);
        await Sealer.SealAsync();
        Assert.True((await Verifier.VerifyAsync()).IsWhole);

        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(tampering));

        Assert.Contains(problem, (await Verifier.VerifyAsync()).Problem);
    }

    [Fact]
    public async Task A_chain_computed_anew_or_cut_does_not_fit_its_daily_root()
    {
        await WriteAsync(3);
        await Sealer.SealAsync();
        pms.Clock.Advance(TimeSpan.FromDays(1));
        await pms.Get<AuditRoots>().WriteAsync(default);
        Assert.Equal(1, (await Verifier.VerifyAsync()).Roots);

        // A database administrator removes a row and seals the rest again.
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM audit_seals");
            await tx.ExecuteAsync("DELETE FROM audit WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM audit) AS x)");
            await tx.ExecuteAsync("UPDATE audit SET seal = NULL");
        });
        await Sealer.SealAsync();

        Assert.Contains("does not hold the root", (await Verifier.VerifyAsync()).Problem);
    }

    [Fact]
    public async Task Many_sealers_at_once_make_one_chain()
    {
        await WriteAsync(40);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await WriteAsync(5);
            await Sealer.SealAsync();
        }));
        await Eventually.TrueAsync(async () => await Sealer.SealAsync() == 0 && await pms.Get<AuditChainRepository>().CountUnsealedAsync(default) == 0);

        var found = await Verifier.VerifyAsync();
        Assert.Equal((null, 80L, 0L), (found.Problem, found.Rows, found.Unsealed));
    }

    private async Task WriteAsync(int rows)
    {
        for (var i = 0; i < rows; i++)
            await pms.Db.InTransactionAsync(tx =>
            {
                pms.Get<AuditLog>().Write(tx, TestPms.System, "machine.update", "machine", 7, new Dictionary<string, object?[]> { ["Name"] = ["old | : ü", "new"] }, reason: "moved");
                return Task.CompletedTask;
            });
    }
}
