using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Demo;
using Pms.Core.Departments;
using Pms.Core.Identity.Roles;
using Pms.Core.Planning.Exceptions;
using Pms.Tests.Support;

namespace Pms.Tests.Demo;

/// <summary>The demo plant as it lies in its database: the same for the same seed, true to the rules of the floor, and nowhere but in its own file.</summary>
public sealed class DemoSeedTests
{
    private static readonly DemoSettings Small = new() { HistoryDays = 8, OpenOrders = 120 };

    [Fact]
    public async Task The_same_seed_and_moment_give_the_same_plant_also_after_a_kill()
    {
        await using var one = await SeedAsync(Small);
        await using var other = await StartAsync(Small);
        await other.Get<DemoSeeder>().SeedPresentAsync();
        await using (var afterTheKill = await other.AnotherNodeAsync(s => Demo(s, Small with { Seed = 99, HistoryDays = 3 })))
        {
            await afterTheKill.Get<DemoSeeder>().SeedPresentAsync();
            Assert.True(afterTheKill.Get<DemoProgress>().IsReady);
            Assert.False(afterTheKill.Get<DemoProgress>().IsComplete);
            await afterTheKill.Get<DemoSeeder>().SeedPastAsync();
            Assert.True(afterTheKill.Get<DemoProgress>().IsComplete);
        }
        Assert.Equal(await HashesAsync(one), await HashesAsync(other));
        await using var third = await SeedAsync(Small with { Seed = 8 });
        Assert.NotEqual((await HashesAsync(one))["jobs"], (await HashesAsync(third))["jobs"]);
    }

    [Fact]
    public async Task Seeding_twice_does_nothing()
    {
        await using var pms = await SeedAsync(Small);
        var before = await HashesAsync(pms);
        pms.Clock.Advance(TimeSpan.FromDays(1));
        await using var again = await pms.AnotherNodeAsync(s => Demo(s, Small));
        await again.Get<DemoSeeder>().SeedPresentAsync();
        await again.Get<DemoSeeder>().SeedPastAsync();
        Assert.Equal(before, await HashesAsync(pms));
        Assert.True(again.Get<DemoProgress>().IsComplete);
    }

    [Fact]
    public async Task The_full_plant_has_what_the_readme_says_and_keeps_every_rule()
    {
        await using var pms = await SeedAsync(new());
        async Task<long> Count(string sql) => await pms.Db.ScalarAsync<long>(sql);
        Assert.Equal(6, await Count("SELECT COUNT(*) FROM departments"));
        Assert.Equal(40, await Count("SELECT COUNT(*) FROM machines"));
        Assert.Equal(120, await Count("SELECT COUNT(*) FROM employees"));
        Assert.Equal(200, await Count("SELECT COUNT(*) FROM products WHERE lifecycle = 'Active'"));
        Assert.Equal(300, await Count("SELECT COUNT(*) FROM orders WHERE status IN ('Unscheduled', 'Scheduled', 'InProgress')"));
        Assert.InRange(await Count("SELECT COUNT(*) FROM jobs WHERE status = 'Finished'"), 20_000, 40_000);
        Assert.InRange(await Count("SELECT COUNT(DISTINCT machine_id) FROM jobs WHERE status = 'Running' AND machine_id IS NOT NULL"), 18, 34);
        Assert.InRange(await Count("SELECT COUNT(DISTINCT machine_id) FROM maintenance_tickets WHERE stands = 1 AND released_at IS NULL"), 3, 7);
        Assert.InRange(await Count("SELECT COUNT(*) FROM jobs WHERE status = 'Paused' AND pause_reason_id IS NULL"), 1, 4);
        Assert.InRange(await Count("SELECT COUNT(*) FROM holds WHERE state = 'Open'"), 4, 12);
        Assert.InRange(await Count("SELECT COUNT(*) FROM step_readiness WHERE state = 'Short' AND what = 'Material'"), 5, 200);
        Assert.InRange(await Count("SELECT COUNT(DISTINCT order_id) FROM material_moves"), 100, 2_000);
        Assert.Equal(0, await Count("SELECT COUNT(*) FROM material_moves m WHERE m.at > " + pms.Clock.GetUtcNow().ToUnixTimeMilliseconds()));
        Assert.Equal(0, await Count("SELECT COUNT(*) FROM orders o WHERE o.status = 'Closed' AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.order_id = o.id)"));
        Assert.InRange(await Count("SELECT COUNT(*) FROM orders o WHERE o.status = 'Completed' AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.order_id = o.id)"), 3, 400);
        var found = await pms.Get<IssueService>().CountsAsync(TestPms.System, new PageRequest());
        Assert.Superset(new HashSet<IssueKind> { IssueKind.OnHold, IssueKind.LostCapacity, IssueKind.LateJob, IssueKind.LateOrder, IssueKind.AtRisk }, found.Select(f => f.Kind).ToHashSet());
        // The plan reaches six weeks; one department is planned beyond what it can do on some days, and it stands there why.
        var load = (await pms.Get<CapacityService>().ReadAsync(TestPms.System, days: 49)).Rows;
        Assert.InRange(load.Single(r => r.Name == "Cutting").Days.Count(d => d.Band == Band.Overbooked), 2, 6);
        Assert.InRange(load.SelectMany(r => r.Days).Where(d => d.Minutes > 0).Max(d => d.Day).DayNumber - load[0].Days[0].Day.DayNumber, 35, 48);
        Assert.InRange(await Count("SELECT COUNT(*) FROM audit WHERE action = 'job.move' AND reason IS NOT NULL"), 3, 60);
        Assert.Equal(4, await Count("SELECT COUNT(*) FROM jobs WHERE machine_id = 1 AND status = 'Planned'"));
        Assert.Equal(0, await Count("SELECT COUNT(*) FROM jobs WHERE status = 'Finished' AND id NOT IN (SELECT entity_id FROM audit WHERE entity = 'job' AND action = 'job.finished')"));
        await FloorRules.HoldAsync(pms.Db, pms.Clock.GetUtcNow());
    }

    [Fact]
    public async Task It_refuses_production()
    {
        await using var pms = await StartAsync(Small, "Production");
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => pms.Get<DemoSeeder>().SeedPresentAsync());
        Assert.Contains("never runs in production", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM departments"));
    }

    [Fact]
    public async Task It_refuses_MySQL()
    {
        var settings = new DbSettings { Dialect = Dialect.MySql, ConnectionString = "Server=127.0.0.1;Port=1;User ID=nobody;Database=none" };
        await using var services = TestPms.Services(settings, new FakeTimeProvider(TestPms.Start), null, s => Demo(s, Small));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => services.GetRequiredService<DemoSeeder>().SeedPresentAsync());
        Assert.Contains("never runs on MySQL", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_refuses_a_database_that_somebody_uses()
    {
        await using var pms = await StartAsync(Small);
        await pms.Db.InTransactionAsync(tx => tx.InsertAsync("INSERT INTO departments (code, code_key, name, name_key, kind) VALUES ('X', 'X', 'X', 'X', 'Other')", new { }));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => pms.Get<DemoSeeder>().SeedPresentAsync());
        Assert.Contains("in use", e.Message, StringComparison.Ordinal);
    }

    internal static async Task<TestPms> StartAsync(DemoSettings settings, string environment = "Development")
    {
        var pms = await TestPms.StartAsync(Engine.Sqlite, change: s => Demo(s, settings, environment), settings: d => d with { Deadline = TimeSpan.FromSeconds(60) });   // many tests at once on a small machine
        await pms.Get<ReasonService>().SeedAsync();   // as every start does
        await pms.Get<RoleSeed>().RunAsync();
        return pms;
    }

    internal static async Task<TestPms> SeedAsync(DemoSettings settings)
    {
        var pms = await StartAsync(settings);
        await pms.Get<DemoSeeder>().SeedPresentAsync();
        await pms.Get<DemoSeeder>().SeedPastAsync();
        return pms;
    }

    internal static void Demo(IServiceCollection services, DemoSettings settings, string environment = "Development") =>
        services.AddPmsDemo(settings).AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = environment });

    /// <summary>One hash per table over all it holds but salted hashes.</summary>
    private static async Task<Dictionary<string, string>> HashesAsync(TestPms pms)
    {
        var hashes = new Dictionary<string, string>();
        foreach (var table in await pms.Db.ListAsync<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'schema%' ORDER BY name"))
        {
            var rows = await pms.Db.ListAsync<dynamic>($"SELECT * FROM {table} ORDER BY 1, 2");
            var text = new StringBuilder();
            foreach (IDictionary<string, object?> row in rows)
                text.AppendJoin('|', row.Where(c => c.Key is not ("password_hash" or "pin_hash")).Select(c => c.Value)).Append('\n');
            hashes[table] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
        return hashes;
    }
}
