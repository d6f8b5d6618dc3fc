using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Notifications;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Capacity;

public sealed class CapacityWarningTests_on_SQLite() : CapacityWarningTests(Engine.Sqlite);

public sealed class CapacityWarningTests_on_MariaDB() : CapacityWarningTests(Engine.MySql);

/// <summary>Whoever plans a department hears once that a day of it crosses the threshold, whichever node sees it and however often it looks.</summary>
public abstract class CapacityWarningTests(Engine engine) : JobFloorTests(engine)
{
    private static readonly DateTimeOffset Morning = TestPms.Start.AddDays(1).AddHours(-1);   // Tuesday, 06:00 on the plant's wall

    [Fact]
    public async Task A_day_that_crosses_the_threshold_is_told_once_to_those_who_plan_it_and_again_only_after_it_fell_below()
    {
        var (here, elsewhere, watcher) = (await UserAsync("here", 1), await UserAsync("elsewhere", 2), await EmployeeAsync(60, "Operator"));
        var everywhere = await EmployeeAsync(61, "Planner");
        await using var other = await Floor.Pms.AnotherNodeAsync();
        await other.Get<Core.Departments.Calendars>().LoadAsync();
        TestPms[] nodes = [Floor.Pms, other];

        // Five slots over three shifts are 7 200 minutes: 5 000 are 69 %.
        await PlanAsync(4);
        await SweepAsync(nodes);
        Assert.Equal(0, await Floor.CountAsync("notifications"));

        await PlanAsync(1);
        await SweepAsync(nodes);
        foreach (var planner in new[] { here, everywhere })
        {
            var told = Assert.Single(await ToldAsync(planner));
            Assert.Equal(("capacity.warning", "/planning/capacity?department=1"), (told.Kind, told.Link));
            Assert.Equal(["2026-01-06", 87m, 0m, 87m], told.Values.Skip(1));
        }
        Assert.Empty((await ToldAsync(elsewhere)).Concat(await ToldAsync(watcher)));

        // Fuller still, looked at again, by a node that starts: nothing new.
        await PlanAsync(1);
        await SweepAsync(nodes);
        await using (var restarted = await Floor.Pms.AnotherNodeAsync())
        {
            await restarted.Get<Core.Departments.Calendars>().LoadAsync();
            await SweepAsync([restarted]);
        }
        Assert.Single(await ToldAsync(here));

        // Below, and over it anew.
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET planned_start = planned_start + 864000000, planned_end = planned_end + 864000000 WHERE id % 2 = 0"));
        await SweepAsync(nodes);
        Assert.Single(await ToldAsync(here));
        Assert.Equal(0, await Floor.CountAsync("capacity_warnings"));
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET planned_start = planned_start - 864000000, planned_end = planned_end - 864000000 WHERE id % 2 = 0"));
        await SweepAsync(nodes);
        Assert.Equal(2, (await ToldAsync(here)).Count);

        // A lower threshold counts at once, for all the days together.
        foreach (var node in nodes)
            node.Get<LiveSettings>().Now = node.Get<LiveSettings>().Now with { CapacityWarningPercent = 10 };
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET planned_start = planned_start + 86400000 * (id % 5), planned_end = planned_end + 86400000 * (id % 5)"));
        await SweepAsync(nodes);
        var days = (await ToldAsync(here))[0];
        Assert.Equal(("capacity.warning_days", 3m), (days.Kind, days.Values[3]));
    }

    /// <summary>Every node looks a few times, all at once, and what is to be told goes out.</summary>
    private static async Task SweepAsync(TestPms[] nodes)
    {
        await Task.WhenAll(nodes.SelectMany(n => Enumerable.Range(0, 3).Select(_ => Task.Run(() => n.Get<CapacityWarnings>().SweepAsync()))));
        await using var lease = await nodes[0].Get<Leases>().TakeAsync("outbox.dispatch", TimeSpan.FromSeconds(30));
        while (await nodes[0].Get<OutboxDispatcher>().DispatchAsync(lease!) > 0)
        {
        }
    }

    private async Task<IReadOnlyList<Notification>> ToldAsync(Recipient person) => (await Floor.Pms.Get<NotificationService>().ListAsync(new Actor { Name = "x", UserId = person.UserId, EmployeeId = person.EmployeeId })).Items;

    /// <summary>1 250 minutes each on Tuesday, past all checks.</summary>
    private async Task PlanAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var jobs = await Floor.OrderAsync(2500, machine: 1);
            await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET status = 'Cancelled' WHERE order_id = (SELECT o.order_id FROM (SELECT order_id FROM jobs WHERE id = @id) o) AND id <> @id", new { id = jobs[JobFloor.Cut] }));
            await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE jobs SET planned_start = @from, planned_end = @to WHERE id = @id", new { from = Morning.ToUnixTimeMilliseconds(), to = Morning.AddHours(2).ToUnixTimeMilliseconds(), id = jobs[JobFloor.Cut] }));
        }
    }

    private async Task<Recipient> EmployeeAsync(long id, string kind)
    {
        await Floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@id, @number, @number, 'A', 'B', 'B', 1, @kind)", new { id, number = "E" + id, kind }));
        await Floor.Pms.Get<Rights>().LoadAsync();
        return new(null, id);
    }

    /// <summary>Somebody who plans one department only.</summary>
    private async Task<Recipient> UserAsync(string name, long department)
    {
        var user = await Floor.Db.InTransactionAsync(async tx =>
        {
            var id = await tx.InsertAsync("INSERT INTO users (user_name, user_name_key, display_name, active, created_at) VALUES (@name, @name, @name, 1, 0)", new { name });
            var role = await tx.InsertAsync("INSERT INTO roles (code, name, name_key) VALUES (@name, @name, @name)", new { name });
            await tx.ExecuteAsync("INSERT INTO role_permissions (role_id, permission, scope) VALUES (@role, 'planning.schedule', 'Own')", new { role });
            await tx.ExecuteAsync("INSERT INTO user_roles (user_id, role_id) VALUES (@id, @role)", new { id, role });
            await tx.ExecuteAsync("INSERT INTO user_departments (user_id, department_id) VALUES (@id, @department)", new { id, department });
            return id;
        });
        await Floor.Pms.Get<Rights>().LoadAsync();
        return new(user, null);
    }
}
