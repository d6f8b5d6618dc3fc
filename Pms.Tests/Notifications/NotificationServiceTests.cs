using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Notifications;
using Pms.Tests.Support;

namespace Pms.Tests.Notifications;

/// <summary>People hear of an event once, whoever delivers it how often, and see only their own.</summary>
public abstract class NotificationServiceTests(Engine engine)
{
    [Fact]
    public async Task An_event_is_told_once_however_many_deliver_it_at_once()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        Recipient[] people = [new(1, null), new(2, null), new(null, 3)];

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() =>
            (i % 2 == 0 ? pms : other).Get<NotificationService>().TellAsync(i % 3 == 0 ? people : people[..2], "job.manual", ["Anna", "A-1", "M-1"], null, "job.manual:7"))));

        foreach (var person in people)
        {
            var list = await pms.Get<NotificationService>().ListAsync(As(person));
            Assert.Equal(1, list.Unread);
            Assert.Equal(["Anna", "A-1", "M-1"], Assert.Single(list.Items).Values);
        }
    }

    [Fact]
    public async Task Reading_counts_down_and_touches_nobody_elses()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<NotificationService>();
        var (anna, ben) = (new Recipient(1, null), new Recipient(2, null));
        foreach (var n in new[] { "a", "b", "c" })
            await service.TellAsync([anna, ben], "job.manual", ["x", "y", "z"], null, n);

        var first = (await service.ListAsync(As(anna))).Items[0];
        await service.ReadAsync(As(ben), first.Id);   // not Ben's
        Assert.Equal(3, (await service.ListAsync(As(anna))).Unread);
        await service.ReadAsync(As(anna), first.Id);
        Assert.Equal(2, (await service.ListAsync(As(anna))).Unread);
        await service.ReadAllAsync(As(anna));
        Assert.Equal((0, 3), ((await service.ListAsync(As(anna))).Unread, (await service.ListAsync(As(ben))).Unread));
        Assert.Equal(0, (await service.ListAsync(TestPms.System)).Unread);
    }

    [Fact]
    public async Task Leads_of_the_department_hear_of_a_broken_rule_and_others_do_not()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (sewing, packing) = (await DepartmentAsync(pms, "SEW"), await DepartmentAsync(pms, "PACK"));
        var lead = await EmployeeAsync(pms, "1", sewing, "Supervisor");
        var further = await EmployeeAsync(pms, "2", packing, "Supervisor");
        var worker = await EmployeeAsync(pms, "3", sewing, "Operator");
        var planner = await EmployeeAsync(pms, "4", packing, "Planner");
        var manager = await UserAsync(pms, "boss", SeededRole.DepartmentManager, sewing);
        var leadWithAccount = await UserAsync(pms, "lead", SeededRole.Supervisor, null, lead);
        var gone = await UserAsync(pms, "gone", SeededRole.DepartmentManager, sewing, active: false);

        await HandleAsync(pms, "job.soft_override", new { jobId = 1, order = "A-1", departmentId = sewing, machine = "M-1", employeeId = worker, by = "Anna", more = new { reason = "urgent" } });
        await HandleAsync(pms, "hold.opened", new { order = "A-2", by = "Ben", kind = "Material", note = "no thread" });

        Assert.Equal(["Anna", "A-1", "M-1", "urgent"], Assert.Single((await ListAsync(pms, new(null, lead))).Items).Values);
        Assert.Equal("/manager/jobs?job=1", (await ListAsync(pms, new(null, lead))).Items[0].Link);
        Assert.Equal(1, (await ListAsync(pms, new(manager, null))).Unread);
        Assert.Equal(1, (await ListAsync(pms, new(leadWithAccount, lead))).Unread);   // one person, told once
        Assert.Equal("hold.opened", Assert.Single((await ListAsync(pms, new(null, planner))).Items).Kind);
        foreach (var other in new Recipient[] { new(null, further), new(null, worker), new(gone, null) })
            Assert.Empty((await ListAsync(pms, other)).Items);
    }

    [Fact]
    public async Task A_lead_whose_account_was_demoted_or_disabled_hears_no_more()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var sewing = await DepartmentAsync(pms, "SEW");
        var (demoted, disabled, gone) = (await EmployeeAsync(pms, "1", sewing, "Supervisor"), await EmployeeAsync(pms, "2", sewing, "Supervisor"), await EmployeeAsync(pms, "3", sewing, "Operator"));
        var viewer = await UserAsync(pms, "demoted", SeededRole.Viewer, sewing, demoted);
        var off = await UserAsync(pms, "disabled", SeededRole.Supervisor, sewing, disabled, active: false);
        var left = await UserAsync(pms, "left", SeededRole.Supervisor, sewing, gone);
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE employees SET active = 0 WHERE id = @gone", new { gone }));

        await HandleAsync(pms, "job.over_input", new { order = "A-1", departmentId = sewing, machine = "M-1", employeeId = 99, by = "Lea", more = new { made = 12.5m, available = 10, reason = "counted twice" } });

        foreach (var person in new Recipient[] { new(viewer, demoted), new(off, disabled), new(left, gone) })
            Assert.Empty((await ListAsync(pms, person)).Items);
    }

    [Fact]
    public async Task Who_did_it_is_not_told_and_the_department_before_is()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var (sewing, cutting) = (await DepartmentAsync(pms, "SEW"), await DepartmentAsync(pms, "CUT"));
        var (lead, before) = (await EmployeeAsync(pms, "1", sewing, "Supervisor"), await EmployeeAsync(pms, "2", cutting, "Supervisor"));

        await HandleAsync(pms, "job.over_input", new { order = "A-1", departmentId = sewing, machine = "M-1", employeeId = lead, by = "Lea", more = new { made = 12.5m, available = 10, previousDepartmentId = cutting, reason = "counted twice" } });

        Assert.Empty((await ListAsync(pms, new(null, lead))).Items);
        Assert.Equal(["Lea", "A-1", "M-1", 12.5m, 10m, "counted twice"], Assert.Single((await ListAsync(pms, new(null, before))).Items).Values);
    }

    private static Actor As(Recipient person) => new() { Name = "x", UserId = person.UserId, EmployeeId = person.EmployeeId };

    private static Task<NotificationList> ListAsync(TestPms pms, Recipient person) => pms.Get<NotificationService>().ListAsync(As(person));

    private static async Task HandleAsync(TestPms pms, string kind, object payload)
    {
        await pms.Db.InTransactionAsync(tx => { tx.Send(kind, payload, pms.Clock.GetUtcNow()); return Task.CompletedTask; });
        await using var lease = await pms.Get<Leases>().TakeAsync("outbox.dispatch", TimeSpan.FromSeconds(30));
        Assert.Equal(1, await pms.Get<OutboxDispatcher>().DispatchAsync(lease!));
    }

    private static Task<long> DepartmentAsync(TestPms pms, string code) => pms.Db.InTransactionAsync(tx => tx.InsertAsync(
        "INSERT INTO departments (code, code_key, name, name_key, kind) VALUES (@code, @code, @code, @code, 'Machine')", new { code }));

    private static Task<long> EmployeeAsync(TestPms pms, string number, long department, string kind) => pms.Db.InTransactionAsync(tx => tx.InsertAsync(
        "INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@number, @number, 'A', 'B', 'a b', @department, @kind)", new { number, department, kind }));

    private static Task<long> UserAsync(TestPms pms, string name, string role, long? department, long? employee = null, bool active = true) => pms.Db.InTransactionAsync(async tx =>
    {
        var id = await tx.InsertAsync("INSERT INTO users (user_name, user_name_key, display_name, employee_id, active, created_at) VALUES (@name, @name, @name, @employee, @active, 0)", new { name, employee, active });
        var known = await tx.FindAsync<long?>("SELECT id FROM roles WHERE code = @role", new { role });
        var roleId = known ?? await tx.InsertAsync("INSERT INTO roles (code, name, name_key) VALUES (@role, @role, @role)", new { role });
        await tx.ExecuteAsync("INSERT INTO user_roles (user_id, role_id) VALUES (@id, @roleId)", new { id, roleId });
        if (department is not null)
            await tx.ExecuteAsync("INSERT INTO user_departments (user_id, department_id) VALUES (@id, @department)", new { id, department });
        return id;
    });
}

public sealed class NotificationServiceTests_on_SQLite() : NotificationServiceTests(Engine.Sqlite);

public sealed class NotificationServiceTests_on_MariaDB() : NotificationServiceTests(Engine.MySql);
