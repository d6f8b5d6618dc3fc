using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Audit.Retention;
using Pms.Core.Compliance;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SignIns;
using Pms.Tests.Identity;
using Pms.Tests.Support;

namespace Pms.Tests.Compliance;

public sealed class ComplianceTests_on_SQLite() : ComplianceTests(Engine.Sqlite);

public sealed class ComplianceTests_on_MariaDB() : ComplianceTests(Engine.MySql);

/// <summary>What auditors find, what they may see, and what they leave behind.</summary>
public abstract class ComplianceTests(Engine engine) : IAsyncLifetime
{
    private TestPms pms = null!;

    private ComplianceService Audit => pms.Get<ComplianceService>();

    private AuditFilter Today => new() { From = pms.Clock.GetUtcNow().AddDays(-1), To = pms.Clock.GetUtcNow().AddDays(1) };

    public async Task InitializeAsync() => pms = await People.PlantAsync(engine);

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task Every_filter_finds_what_it_says()
    {
        await WriteAsync("machine.update", "machine", 7, user: 5, department: 1, changes: new() { ["DailyTarget"] = [1, 2] });
        pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await WriteAsync("machine.delete", "machine", 8, user: 6, department: 2);
        await WriteAsync("order.update", "order", 7, employee: 9);
        await WriteAsync("signin.failed", "user", 5, name: "sign-in", channel: Channel.Api);

        async Task FindsAsync(AuditFilter filter, params string[] actions)
        {
            var page = await Audit.ListAsync(TestPms.System, filter);
            Assert.Equal(actions, page.Entries.Select(e => e.Action).Where(a => !a.StartsWith("role.", StringComparison.Ordinal)));
        }
        await FindsAsync(Today, "signin.failed", "order.update", "machine.delete", "machine.update");
        await FindsAsync(Today with { UserId = 5 }, "signin.failed", "machine.update");
        await FindsAsync(Today with { EmployeeId = 9 }, "order.update");
        await FindsAsync(Today with { Name = "THABO" }, "order.update", "machine.delete", "machine.update");
        await FindsAsync(Today with { Entity = "machine" }, "machine.delete", "machine.update");
        await FindsAsync(Today with { Entity = "machine", EntityId = 8 }, "machine.delete");
        await FindsAsync(Today with { Actions = ["machine.delete", "order."] }, "order.update", "machine.delete");
        await FindsAsync(Today with { Fields = ["Daily target"] }, "machine.update");
        await FindsAsync(Today with { DepartmentId = 2 }, "machine.delete");
        await FindsAsync(Today with { Channel = Channel.Api }, "signin.failed");
        await FindsAsync(Today with { Actions = ComplianceService.ActionsOf(SecurityKind.SignIns) }, "signin.failed");
        await FindsAsync(Today with { To = pms.Clock.GetUtcNow() }, "machine.update");
        await FindsAsync(Today with { Fields = ["%' OR 1=1 --"] });
    }

    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended_whatever_is_written_meanwhile()
    {
        for (var i = 0; i < 120; i++)
        {
            if (i % 7 == 0)
                pms.Clock.Advance(TimeSpan.FromSeconds(1));
            await WriteAsync("machine.update", "machine", i + 1);
        }
        var filter = Today with { Entity = "machine" };
        var seen = new List<long>();
        var page = await Audit.ListAsync(TestPms.System, filter);
        Assert.Equal((50, true, 120), (page.Entries.Count, page.More, page.Total));
        var top = page.Entries[0].Cursor;
        for (; ; page = await Audit.ListAsync(TestPms.System, filter, page.Entries[^1].Cursor))
        {
            seen.AddRange(page.Entries.Select(e => e.EntityId));
            await WriteAsync("machine.update", "machine", 1000 + seen.Count);
            if (!page.More)
                break;
        }
        Assert.Equal(Enumerable.Range(1, 120).Reverse().Select(i => (long)i), seen);
        Assert.Equal(3, await Audit.NewAsync(TestPms.System, filter, top));
    }

    [Fact]
    public async Task Who_has_the_right_in_own_departments_sees_only_their_entries()
    {
        var own = await pms.DepartmentAsync("CUT");
        var other = await pms.DepartmentAsync("SEW");
        var roles = pms.Get<RoleService>();
        await roles.SaveAsync(TestPms.System, new SaveRole { Name = "Auditor", Permissions = new Dictionary<string, Scope> { [Permissions.AdminAudit] = Scope.Own } });
        var role = (await roles.ListAsync(TestPms.System)).Single(r => r.Name == "Auditor").Id;
        var user = (await pms.Get<Core.Identity.Users.UserService>().CreateAsync(TestPms.System, new() { UserName = "ann", DisplayName = "Ann", RoleIds = [role], DepartmentIds = [own] }, People.Password)).UserId;
        await pms.Get<Rights>().LoadAsync();
        var ann = new Actor { Name = "Ann", UserId = user };
        await WriteAsync("machine.update", "machine", 1, department: own);
        await WriteAsync("machine.update", "machine", 2, department: other);

        var page = await Audit.ListAsync(ann, Today);

        Assert.Equal([1L], page.Entries.Select(e => e.EntityId));
        Assert.Empty((await Audit.ListAsync(ann, Today with { DepartmentId = other })).Entries);
        var all = (await Audit.ListAsync(TestPms.System, Today)).Entries;
        await Assert.ThrowsAsync<NotFoundException>(() => Audit.GetAsync(ann, all.First(e => e.DepartmentId == other).Id));
        await Assert.ThrowsAsync<NotFoundException>(() => Audit.GetAsync(ann, all.First(e => e.DepartmentId is null).Id));
        Assert.Equal([1L], await (await Audit.ExportAsync(ann, Today, "csv")).Select(e => e.EntityId).ToListAsync());
        await Assert.ThrowsAsync<ForbiddenException>(() => Audit.StoreAsync(ann));
        await Assert.ThrowsAsync<ForbiddenException>(() => Audit.StartCheckAsync(ann));
    }

    [Fact]
    public async Task An_export_reads_everything_and_is_written_down()
    {
        for (var i = 0; i < 2100; i += 700)
            await pms.Db.InTransactionAsync(tx => tx.BulkAsync(AuditLog.InsertSql, Enumerable.Range(i, 700).Select(n => pms.Get<AuditLog>().Args(TestPms.System, "machine.update", "machine", n + 1))));
        var read = await (await Audit.ExportAsync(TestPms.System, Today with { Entity = "machine" }, "xlsx")).Select(e => e.EntityId).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 2100).Reverse().Select(n => (long)n), read);
        var written = Assert.Single((await Audit.ListAsync(TestPms.System, Today with { Actions = ComplianceService.ActionsOf(SecurityKind.Exports) })).Entries);
        Assert.Contains("xlsx", written.Changes);
        Assert.Contains("machine", written.Changes);
    }

    [Fact]
    public async Task A_sign_in_on_a_device_of_nobody_yet_says_so()
    {
        await pms.UserAsync("ann");
        var first = await pms.SignInAsync("ann");
        await pms.SignInAsync("ann", origin: People.At(device: first.Device));
        var entries = (await Audit.ListAsync(TestPms.System, Today with { Actions = ["signin.ok"] })).Entries;
        Assert.Equal([false, true], entries.Select(e => e.Changes!.Contains("NewDevice", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_verification_goes_on_by_itself_one_at_a_time_and_is_remembered()
    {
        await WriteAsync("machine.update", "machine", 1);
        await pms.Get<AuditSealer>().SealAsync();
        await Audit.StartCheckAsync(TestPms.System);
        await Eventually.TrueAsync(async () => await Audit.LastCheckAsync(TestPms.System) is { IsWhole: true, Seals: 1, LastHash: not null });
        Assert.Equal(1, await pms.CountAuditAsync("audit.verified"));

        // While another process holds the lease, nobody begins a second one.
        Core.Data.Lease? lease = null;
        await Eventually.TrueAsync(async () => (lease = await pms.Get<Core.Data.Leases>().TakeAsync("audit.verify", TimeSpan.FromMinutes(1))) is not null);
        Assert.Equal("audit.check_runs", (await Assert.ThrowsAsync<RuleException>(() => Audit.StartCheckAsync(TestPms.System))).Code);
    }

    [Fact]
    public async Task Retention_is_checked_audited_and_never_overwritten_unseen()
    {
        var policy = (await Audit.StoreAsync(TestPms.System)).Policy;
        Assert.Equal((2557, 0), (policy.Days, policy.Exceptions.Count));
        var wrong = await Assert.ThrowsAsync<InvalidException>(() => Audit.SetRetentionAsync(TestPms.System, policy with { Days = 10, Exceptions = [new() { Entity = "job", Days = 100 }, new() { Entity = "job", Days = 0 }] }));
        Assert.Equal(["Days", "Exceptions[1].Entity", "Exceptions[1].Days"], wrong.Faults.Select(f => f.Field));

        await Audit.SetRetentionAsync(TestPms.System, policy with { Days = 1000, Exceptions = [new() { Entity = "job", Days = 400 }] });

        Assert.Equal("job", Assert.Single((await Audit.StoreAsync(TestPms.System)).Policy.Exceptions).Entity);
        Assert.Contains("1000", (await Audit.ListAsync(TestPms.System, Today with { Entity = "audit_retention" })).Entries.Single().Changes);
        await Assert.ThrowsAsync<ConflictException>(() => Audit.SetRetentionAsync(TestPms.System, policy with { Days = 500 }));
    }

    [Fact]
    public async Task An_entry_says_whether_it_is_what_its_seal_holds()
    {
        await WriteAsync("machine.update", "machine", 1);
        var entry = (await Audit.ListAsync(TestPms.System, Today with { Entity = "machine" })).Entries[0];
        Assert.Null(await Audit.FitsSealAsync(entry));
        await pms.Get<AuditSealer>().SealAsync();
        entry = await Audit.GetAsync(TestPms.System, entry.Id);
        Assert.True(await Audit.FitsSealAsync(entry));
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE audit SET actor = 'nobody' WHERE id = @Id", new { entry.Id }));
        Assert.False(await Audit.FitsSealAsync(entry));
    }

    private Task WriteAsync(string action, string entity, long id, long? user = null, long? employee = null, long? department = null, string name = "Thabo", Channel channel = Channel.Page, Dictionary<string, object?[]>? changes = null) =>
        pms.Db.InTransactionAsync(tx =>
        {
            pms.Get<AuditLog>().Write(tx, new Actor { Name = name, UserId = user, EmployeeId = employee, Channel = channel }, action, entity, id, changes, department);
            return Task.CompletedTask;
        });
}
