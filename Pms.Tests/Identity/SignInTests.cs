using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>Who gets in, who doesn't, and that wrong tries slow down only where they come from.</summary>
public abstract class SignInTests(Engine engine)
{
    [Fact]
    public async Task The_right_password_opens_a_session_under_any_spelling_of_the_name()
    {
        await using var pms = await PlantAsync(engine);
        var id = await pms.UserAsync("Nomsa");
        var signedIn = await pms.SignInAsync("  nomsa ");

        Assert.Equal(id, signedIn.Session.UserId);
        var (session, why) = await pms.Get<SessionService>().CheckAsync(Token.Hash(signedIn.Token));
        Assert.Null(why);
        Assert.Equal("Shown Nomsa", session!.Name);
        Assert.Equal(1, await pms.CountAuditAsync("signin.ok"));
    }

    [Fact]
    public async Task Unknown_names_and_wrong_passwords_get_the_same_answer_and_both_are_written_down()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var wrong = await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", OtherPassword));
        var unknown = await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nobody", OtherPassword));
        var empty = await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("", ""));

        Assert.Equal((wrong.Code, wrong.Message), (unknown.Code, unknown.Message));
        Assert.Equal(wrong.Code, empty.Code);
        Assert.Equal(3, await pms.CountAuditAsync("signin.failed"));
        Assert.Equal(0, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE changes LIKE '%nobody%' OR actor LIKE '%nobody%'"));
    }

    [Fact]
    public async Task An_employee_number_alone_signs_nobody_in()
    {
        await using var pms = await PlantAsync(engine);
        await pms.EmployeeAsync("E-1041", await pms.DepartmentAsync(), pin: false);
        foreach (var pin in new[] { null, "", "E-1041", "1041", "000000" })
            await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.Get<SignInService>().WithPinAsync("E-1041", pin, At("192.0.2." + (pin?.Length ?? 9))));
    }

    [Fact]
    public async Task A_pin_signs_an_operator_in_and_never_reaches_administration()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var employee = await pms.EmployeeAsync("E-7", department);
        await pms.UserAsync("boss", SeededRole.Admin, employeeId: employee);
        var signedIn = await pms.Get<SignInService>().WithPinAsync("e-7", Pin, At());

        Assert.Equal(employee, signedIn.Session.EmployeeId);
        Assert.True(pms.Get<Rights>().Allows(signedIn.Actor(), Permissions.JobsExecute, department));
        Assert.False(pms.Get<Rights>().Allows(signedIn.Actor(), Permissions.AdminUsers));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<UserService>().ChangeOwnPasswordAsync(signedIn.Actor(), Password, OtherPassword));
    }

    [Fact]
    public async Task From_the_fifth_failure_on_the_device_waits_twice_as_long_each_time()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var origin = At(device: "d1");
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", OtherPassword, origin));

        foreach (var seconds in new[] { 30, 60, 120, 240, 480, 900, 900 })
        {
            var wait = await Assert.ThrowsAsync<TooManyException>(() => pms.SignInAsync("nomsa", Password, origin));
            Assert.Equal(seconds, (int)wait.RetryAfter.TotalSeconds);
            pms.Clock.Advance(TimeSpan.FromSeconds(seconds));
            await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", OtherPassword, origin));
        }
        pms.Clock.Advance(TimeSpan.FromMinutes(15));
        await pms.SignInAsync("nomsa", Password, origin);
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", OtherPassword, origin));
        await pms.SignInAsync("nomsa", Password, origin);
    }

    [Fact]
    public async Task A_hundred_tries_at_once_are_a_hundred_and_not_five()
    {
        await using var pms = await PlantAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        await pms.UserAsync("nomsa");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            Record.ExceptionAsync(() => (i % 2 == 0 ? pms : other).SignInAsync("nomsa", OtherPassword, At(device: "d1"))))));
        Assert.InRange(answers.Count(e => e is UnauthenticatedException), 1, 5);
        Assert.All(answers, e => Assert.True(e is UnauthenticatedException or TooManyException, e?.ToString()));
    }

    [Fact]
    public async Task Nobody_locks_out_a_shift()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var numbers = Enumerable.Range(1, 8).Select(i => $"S{i:00}").ToList();
        var devices = new Dictionary<string, string>();
        foreach (var number in numbers)
        {
            await pms.EmployeeAsync(number, department);
            devices[number] = (await pms.Get<SignInService>().WithPinAsync(number, Pin, At())).Device;
        }
        // Somebody behind the shift's own address tries everybody's PIN, with and without a cookie.
        foreach (var number in numbers)
            for (var i = 0; i < 12; i++)
                await Record.ExceptionAsync(() => pms.Get<SignInService>().WithPinAsync(number, "999111", At(device: i % 2 == 0 ? null : "thief")));

        pms.Clock.Advance(TimeSpan.FromMinutes(1.1));
        foreach (var number in numbers)
            await pms.Get<SignInService>().WithPinAsync(number, Pin, At(device: devices[number]));
    }

    [Fact]
    public async Task One_address_gets_sixty_failures_a_minute_over_all_names()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        for (var i = 0; i < 60; i++)
            await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("name" + i, OtherPassword));
        await Assert.ThrowsAsync<TooManyException>(() => pms.SignInAsync("nomsa"));
        await pms.SignInAsync("nomsa", origin: At("192.0.2.99"));
        pms.Clock.Advance(TimeSpan.FromSeconds(61));
        await pms.SignInAsync("nomsa");
    }

    [Fact]
    public async Task The_first_tries_of_an_address_at_once_keep_nobody_out()
    {
        await using var pms = await PlantAsync(engine);
        for (var address = 1; address <= 10; address++)
            Assert.DoesNotContain(false, await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => pms.Get<FailureRepository>().CountAddressAsync($"198.51.100.{address}", true)))));
        Assert.Equal(120, await pms.Db.ScalarAsync<int>("SELECT SUM(failures) FROM sign_in_failures"));
    }

    [Fact]
    public async Task A_storm_of_tries_from_one_address_is_counted_before_anything_is_hashed()
    {
        await using var pms = await PlantAsync(engine);
        var limit = pms.Get<IdentitySettings>().FailuresPerAddress;
        var answers = await Task.WhenAll(Enumerable.Range(0, limit * 2).Select(i => Task.Run(() =>
            Record.ExceptionAsync(() => pms.SignInAsync($"name{i}", OtherPassword, At("198.51.100.7"))))));
        Assert.InRange(answers.Count(e => e is UnauthenticatedException), 1, limit);
        Assert.All(answers, e => Assert.True(e is UnauthenticatedException or TooManyException, e?.ToString()));

        await pms.UserAsync("nomsa");
        pms.Clock.Advance(TimeSpan.FromMinutes(1.1));
        for (var i = 0; i < limit + 5; i++)   // what was right doesn't count, however often
            await pms.SignInAsync("nomsa", origin: At("198.51.100.7", device: $"new{i}"));
    }

    [Fact]
    public async Task A_badge_works_at_an_enrolled_terminal_only_and_only_for_job_taps()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var employee = await pms.EmployeeAsync("E-7", department);
        var badge = await pms.Get<EmployeeCredentials>().IssueBadgeAsync(TestPms.System, employee);
        var (terminal, token) = await pms.Get<TerminalService>().EnrolAsync(TestPms.System, new EnrolTerminal { Name = "Line 1", DepartmentId = department });
        var signIn = pms.Get<SignInService>();

        await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithBadgeAsync(badge, At()));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithBadgeAsync(badge, At(terminal: "made up")));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithBadgeAsync("00000000000000000000000000", At(terminal: token)));

        var actor = (await signIn.WithBadgeAsync(badge + "\r", At(terminal: token))).Actor();
        Assert.Equal(terminal.Id, actor.TerminalId);
        Assert.True(pms.Get<Rights>().Allows(actor, Permissions.JobsExecute, department));
        Assert.False(pms.Get<Rights>().Allows(actor, Permissions.JobsOverride, department));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.ConfirmPinAsync(actor, "111222"));
        Assert.True(pms.Get<Rights>().Allows(await signIn.ConfirmPinAsync(actor, Pin), Permissions.JobsOverride, department));

        await pms.Get<EmployeeCredentials>().RevokeBadgeAsync(TestPms.System, employee);
        await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithBadgeAsync(badge, At(terminal: token)));
        Assert.Equal("session.ended", (await pms.Get<SessionService>().CheckAsync(actor.SessionId!)).WhyOver);
    }

    [Fact]
    public async Task A_revoked_terminal_signs_off_whoever_stands_there()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var badge = await pms.Get<EmployeeCredentials>().IssueBadgeAsync(TestPms.System, await pms.EmployeeAsync("E-7", department));
        var (terminal, token) = await pms.Get<TerminalService>().EnrolAsync(TestPms.System, new EnrolTerminal { Name = "Line 1", DepartmentId = department });
        var signedIn = await pms.Get<SignInService>().WithBadgeAsync(badge, At(terminal: token));
        await pms.Get<TerminalService>().RevokeAsync(TestPms.System, terminal.Id);

        await Eventually.PassesAsync(async () => Assert.NotNull((await pms.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.Get<SignInService>().WithBadgeAsync(badge, At(terminal: token)));
    }

    [Fact]
    public async Task A_sign_in_ends_the_session_it_replaces()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var first = await pms.SignInAsync("nomsa");
        var second = await pms.SignInAsync("nomsa", origin: At(replaces: first.Token));

        Assert.NotEqual(first.Token, second.Token);
        await Eventually.PassesAsync(async () => Assert.Equal("session.ended", (await pms.Get<SessionService>().CheckAsync(first.Session.Id)).WhyOver));
    }

    [Fact]
    public async Task An_issued_password_works_until_it_expires_and_must_be_changed()
    {
        await using var pms = await PlantAsync(engine);
        var admin = TestPms.System;
        var issued = await pms.Get<UserService>().CreateAsync(admin, new CreateUser { UserName = "sipho", DisplayName = "Sipho" });
        var signedIn = await pms.SignInAsync("sipho", issued.Password);
        Assert.True(signedIn.Session.ChangeFirst);

        await pms.Get<UserService>().ChangeOwnPasswordAsync(signedIn.Actor(), issued.Password, OtherPassword);
        Assert.False((await pms.SignInAsync("sipho", OtherPassword)).Session.ChangeFirst);
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("sipho", issued.Password));

        var again = await pms.Get<UserService>().IssuePasswordAsync(admin, issued.UserId);
        Assert.Equal("session.ended", (await pms.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver);
        pms.Clock.Advance(TimeSpan.FromDays(8));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("sipho", again.Password));
    }
}

public sealed class SignInTests_on_SQLite() : SignInTests(Engine.Sqlite);

public sealed class SignInTests_on_MariaDB() : SignInTests(Engine.MySql);
