using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>Many transactions in one: each is whole or not at all, they see each other, and nothing is told before all of it is durable.</summary>
public abstract class BatchTests(Engine engine) : IAsyncLifetime
{
    private TestPms pms = default!;

    public async Task InitializeAsync() => pms = await TestPms.StartAsync(engine);

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task What_throws_undoes_its_own_rows_and_the_others_are_stored()
    {
        var service = pms.Get<DepartmentService>();
        var heard = new List<IEvent>();
        using var _ = pms.Get<IEventBus>().Subscribe<MasterDataChanged>(_ => true, e => { lock (heard) heard.Add(e); });
        var refused = await pms.Db.BatchAsync(async () =>
        {
            await service.SaveAsync(TestPms.System, new Department { Code = "CUT", Name = "Cutting" });
            // Seen at once within, by nobody outside.
            Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM departments"));
            Assert.Equal("taken", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(TestPms.System, new Department { Code = "cut", Name = "Again" }))).Faults[0].Why.Code);
            // It had written before it failed, and one that was never sent takes nothing back.
            await Assert.ThrowsAsync<RuleException>(() => pms.Db.InTransactionAsync(async tx =>
            {
                await tx.ExecuteAsync("UPDATE departments SET name = 'Lost'");
                throw new RuleException("import.not_now");
            }));
            await Assert.ThrowsAsync<RuleException>(() => pms.Db.InTransactionAsync(tx =>
            {
                tx.Add("UPDATE departments SET name = 'Never sent'");
                throw new RuleException("import.not_now");
            }));
            // Fewer rows than expected: decided again, and then a conflict.
            await Assert.ThrowsAsync<ConflictException>(() => pms.Db.InTransactionAsync(tx => { tx.Add("UPDATE departments SET name = 'Nobody' WHERE id = -1"); return Task.CompletedTask; }));
            await service.SaveAsync(TestPms.System, new Department { Code = "SEW", Name = "Sewing" });
            Assert.Empty(heard);
            return "done";
        });
        Assert.Equal("done", refused);
        Assert.Equal(["Cutting", "Sewing"], await pms.Db.ListAsync<string>("SELECT name FROM departments ORDER BY id"));
        Assert.Equal(2, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM audit WHERE action = 'department.create'"));
        await Eventually.TrueAsync(() => { lock (heard) return heard.Count == 2; }, "both are told");
    }

    [Fact]
    public async Task What_breaks_the_work_stores_nothing_and_leaves_the_database_free()
    {
        var service = pms.Get<DepartmentService>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => pms.Db.BatchAsync<int>(async () =>
        {
            await service.SaveAsync(TestPms.System, new Department { Code = "CUT", Name = "Cutting" });
            throw new InvalidOperationException();
        }));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pms.Db.BatchAsync(() => Task.FromResult(0), new CancellationToken(canceled: true)));
        await service.SaveAsync(TestPms.System, new Department { Code = "CUT", Name = "Cutting" });
        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM departments"));
    }
}

public sealed class BatchTests_on_SQLite() : BatchTests(Engine.Sqlite);

public sealed class BatchTests_on_MariaDB() : BatchTests(Engine.MySql);
