using Pms.Core;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Core.Notifications;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>Sessions end when they should, on every node, and a stolen refresh token ends them for both who hold it.</summary>
public abstract class SessionTests(Engine engine)
{
    [Fact]
    public async Task An_unused_session_ends_after_the_idle_time_and_a_used_one_at_its_limit()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var (sessions, settings) = (pms.Get<SessionService>(), pms.Get<IdentitySettings>());
        var unused = (await pms.SignInAsync("nomsa")).Session.Id;
        var used = (await pms.SignInAsync("nomsa")).Session.Id;
        for (var passed = TimeSpan.Zero; passed < settings.SessionLimit; passed += TimeSpan.FromHours(1))
        {
            Assert.Null((await sessions.CheckAsync(used)).WhyOver);
            pms.Clock.Advance(TimeSpan.FromHours(1));
            await sessions.TouchAsync(used);
            if (passed + TimeSpan.FromHours(1) is var now && now >= settings.SessionIdle && now < settings.SessionLimit)
                Assert.Equal("session.idle", (await sessions.CheckAsync(unused)).WhyOver);
        }
        Assert.Equal("session.expired", (await sessions.CheckAsync(used)).WhyOver);
    }

    [Fact]
    public async Task A_tap_that_comes_too_late_wakes_no_session()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var id = (await pms.SignInAsync("nomsa")).Session.Id;
        await pms.Get<SessionService>().CheckAsync(id);
        pms.Clock.Advance(pms.Get<IdentitySettings>().SessionIdle);
        await pms.Get<SessionService>().TouchAsync(id);
        Assert.Equal("session.idle", (await pms.Get<SessionService>().CheckAsync(id)).WhyOver);
    }

    [Fact]
    public async Task A_deactivated_user_is_out_on_every_node_within_30_s_and_cannot_come_back()
    {
        await using var pms = await PlantAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var id = await pms.UserAsync("nomsa", SeededRole.Planner);
        var signedIn = await pms.SignInAsync("nomsa");
        await other.Get<Rights>().LoadAsync();
        Assert.Null((await other.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver);
        Assert.True(other.Get<Rights>().Allows(signedIn.Actor(), Permissions.OrdersEdit));

        await pms.Get<UserService>().DeactivateAsync(TestPms.System, id);
        Assert.NotNull((await pms.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver);
        Assert.False(pms.Get<Rights>().Allows(signedIn.Actor(), Permissions.OrdersEdit));
        pms.Clock.Advance(TimeSpan.FromSeconds(11));   // without Redis the other node learns it by looking again
        Assert.NotNull((await other.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver);
        await Eventually.TrueAsync(() => !other.Get<Rights>().Allows(signedIn.Actor(), Permissions.OrdersEdit));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa"));

        await pms.Get<UserService>().ReactivateAsync(TestPms.System, id);
        Assert.NotNull((await pms.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver);
        await pms.SignInAsync("nomsa");
    }

    [Fact]
    public async Task A_refresh_token_works_once_and_its_second_use_ends_the_session()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var origin = At() with { Channel = Channel.Api };
        var signedIn = await pms.SignInAsync("nomsa", origin: origin);
        var sessions = pms.Get<SessionService>();
        var (_, second) = await sessions.RefreshAsync(signedIn.Token, signedIn.Refresh!, origin);
        var (_, third) = await sessions.RefreshAsync(signedIn.Token, second, origin);

        await Assert.ThrowsAsync<UnauthenticatedException>(() => sessions.RefreshAsync(signedIn.Token, second, origin));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => sessions.RefreshAsync(signedIn.Token, third, origin));
        Assert.Equal("session.ended", (await sessions.CheckAsync(signedIn.Session.Id)).WhyOver);
        Assert.Equal(1, await pms.CountAuditAsync("signin.refresh_reused"));
    }

    [Fact]
    public async Task Signing_off_elsewhere_leaves_this_session()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var (here, there) = (await pms.SignInAsync("nomsa"), await pms.SignInAsync("nomsa", origin: At("192.0.2.44")));
        Assert.Equal(2, (await pms.Get<SessionService>().ListMineAsync(here.Actor())).Count);
        Assert.Equal(1, await pms.Get<SessionService>().EndOthersAsync(here.Actor()));
        Assert.Null((await pms.Get<SessionService>().CheckAsync(here.Session.Id)).WhyOver);
        Assert.NotNull((await pms.Get<SessionService>().CheckAsync(there.Session.Id)).WhyOver);
    }

    [Fact]
    public async Task A_found_badge_lists_only_its_own_session_and_changes_nothing_of_the_account()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var employee = await pms.EmployeeAsync("E-1", department);
        var user = await pms.UserAsync("nomsa", SeededRole.Supervisor, employeeId: employee);
        var home = await pms.SignInAsync("nomsa");
        await pms.Get<NotificationService>().TellAsync([new(user, employee)], "job.manual", ["x", "A-1", "M-1"], null, "job.manual:1");
        var (_, token) = await pms.Get<TerminalService>().EnrolAsync(TestPms.System, new EnrolTerminal { Name = "Hall", DepartmentId = department });
        var badge = await pms.Get<EmployeeCredentials>().IssueBadgeAsync(TestPms.System, employee);
        var shown = (await pms.Get<SignInService>().WithBadgeAsync(badge, At(terminal: token))).Actor();
        Assert.True(shown.BadgeOnly);

        Assert.Equal([shown.SessionId], (await pms.Get<SessionService>().ListMineAsync(shown)).Select(s => s.Id));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<UserService>().SetOwnCultureAsync(shown, "de-DE", "de"));
        Assert.Empty((await pms.Get<NotificationService>().ListAsync(shown)).Items);
        await pms.Get<NotificationService>().ReadAllAsync(shown);
        Assert.Equal(1, (await pms.Get<NotificationService>().ListAsync(home.Actor())).Unread);
    }

    [Fact]
    public async Task A_persons_story_shows_sign_ins_to_auditors_and_PINs_to_who_issues_them()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var employee = await pms.EmployeeAsync("E-1", department);
        await pms.Get<SignInService>().WithPinAsync("E-1", Pin, At());
        await pms.Get<EmployeeService>().SaveAsync(TestPms.System, (await pms.Get<EmployeeService>().GetAsync(TestPms.System, employee)) with { Position = "Cutter" });
        var planner = new Actor { Name = "planner", UserId = await pms.UserAsync("planner", SeededRole.Planner) };
        var supervisor = new Actor { Name = "lead", EmployeeId = await pms.EmployeeAsync("E-2", department, "Supervisor", pin: false) };
        var admin = new Actor { Name = "chief", UserId = await pms.UserAsync("chief", SeededRole.Admin) };

        async Task<string[]> SeenAsync(Actor actor) => [.. (await pms.Get<HistoryService>().ListAsync(actor, "employee", employee)).Select(e => e.Action).Order(StringComparer.Ordinal)];
        Assert.Equal(["employee.update"], await SeenAsync(planner));
        Assert.Equal(["employee.update", "pin.issued"], await SeenAsync(supervisor));
        Assert.Equal(["employee.update", "pin.issued", "signin.ok"], await SeenAsync(admin));
    }

    [Fact]
    public async Task Nobody_ends_a_session_of_somebody_else()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        await pms.UserAsync("thabo");
        var (mine, theirs) = (await pms.SignInAsync("nomsa"), await pms.SignInAsync("thabo"));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<SessionService>().EndAsync(mine.Actor(), theirs.Session.Id));
        Assert.Null((await pms.Get<SessionService>().CheckAsync(theirs.Session.Id)).WhyOver);
    }

    [Fact]
    public async Task No_secret_is_in_the_database_or_in_the_audit()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var signedIn = await pms.SignInAsync("nomsa", origin: At() with { Channel = Channel.Api });
        var all = string.Join("\n", await pms.Db.ListAsync<string>("SELECT CONCAT(id, COALESCE(refresh_hash, '')) FROM sessions"))
            + string.Join("\n", await pms.Db.ListAsync<string>("SELECT CONCAT(actor, COALESCE(changes, '')) FROM audit"));
        foreach (var secret in new[] { signedIn.Token, signedIn.Refresh!, signedIn.Device, Password, "$2" })
            Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
    }
}

public sealed class SessionTests_on_SQLite() : SessionTests(Engine.Sqlite);

public sealed class SessionTests_on_MariaDB() : SessionTests(Engine.MySql);
