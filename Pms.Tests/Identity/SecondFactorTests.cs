using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>The second factor: what proves it works once, wrong codes slow down as wrong passwords do, and no role that asks for it is entered without.</summary>
public abstract class SecondFactorTests(Engine engine)
{
    [Fact]
    public async Task With_a_second_factor_the_password_alone_opens_nothing()
    {
        await using var pms = await PlantAsync(engine);
        var (me, secret, _) = await EnrolledAsync(pms, "nomsa");
        var needed = await Assert.ThrowsAsync<SecondFactorNeededException>(() => pms.SignInAsync("nomsa"));
        Assert.Equal(1, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM sessions"));
        Assert.Equal("sign_in.wrong", (await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", OtherPassword))).Code);

        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        var signedIn = await pms.Get<SignInService>().WithCodeAsync(needed.Ticket, Code(pms, secret), At());
        Assert.Equal((me.UserId, null), (signedIn.Session.UserId, (await pms.Get<SessionService>().CheckAsync(signedIn.Session.Id)).WhyOver));
        Assert.Equal(1, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'signin.ok' AND changes LIKE '%\"SecondFactor\":[null,\"Code\"]%'"));
    }

    [Fact]
    public async Task A_code_works_once_and_a_clock_may_be_half_a_minute_off()
    {
        await using var pms = await PlantAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var (_, secret, _) = await EnrolledAsync(pms, "nomsa");
        var used = Code(pms, secret);   // the one that proved the set-up
        Assert.Equal("mfa.wrong", (await Assert.ThrowsAsync<UnauthenticatedException>(() => InAsync(pms, used))).Code);
        foreach (var (seconds, right) in new[] { (-60, false), (-30, false), (60, false), (30, true) })
            Assert.Equal(right, await Record.ExceptionAsync(() => InAsync(pms, TimeCodes.At(secret, pms.Clock.GetUtcNow().AddSeconds(seconds)))) is null);
        // The one ahead was taken: neither it nor one before it works any more.
        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => InAsync(pms, Code(pms, secret)));
        pms.Clock.Advance(TimeSpan.FromSeconds(60));
        var at_once = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Record.ExceptionAsync(() => InAsync(i % 2 == 0 ? pms : other, Code(pms, secret), $"d{i}")))));
        Assert.Single(at_once, e => e is null);
        Assert.All(at_once.Where(e => e is not null), e => Assert.IsType<UnauthenticatedException>(e));
    }

    [Fact]
    public async Task Recovery_codes_work_once_each_in_any_writing_and_new_ones_replace_them()
    {
        await using var pms = await PlantAsync(engine);
        var (me, secret, codes) = await EnrolledAsync(pms, "nomsa");
        Assert.Equal(10, codes.Distinct().Count());
        await InAsync(pms, codes[0].ToUpperInvariant().Replace('-', ' '));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => InAsync(pms, codes[0]));
        await InAsync(pms, codes[1]);
        Assert.Equal(8, (await pms.Get<SecondFactorService>().GetMineAsync(me)).CodesLeft);
        var kept = string.Concat(await pms.Db.ListAsync<string>("SELECT code_hash FROM recovery_codes"));
        Assert.DoesNotContain(codes[2], kept, StringComparison.Ordinal);

        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        var wrong = await Assert.ThrowsAsync<InvalidException>(() => pms.Get<SecondFactorService>().RenewCodesAsync(me, Password, "000000"));
        Assert.Equal(("Code", "mfa.wrong"), (wrong.Faults[0].Field, wrong.Faults[0].Why.Code));
        var renewed = await pms.Get<SecondFactorService>().RenewCodesAsync(me, Password, Code(pms, secret));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => InAsync(pms, codes[3]));
        await InAsync(pms, renewed[3]);
        Assert.Equal(1, await pms.CountAuditAsync("mfa.codes_renewed"));
    }

    [Fact]
    public async Task Wrong_codes_slow_down_as_wrong_passwords_do_and_the_right_password_wipes_none_of_them_out()
    {
        await using var pms = await PlantAsync(engine);
        await EnrolledAsync(pms, "nomsa");
        for (var i = 0; i < 5; i++)
        {
            var needed = await Assert.ThrowsAsync<SecondFactorNeededException>(() => pms.SignInAsync("nomsa", origin: At(device: "thief")));
            await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.Get<SignInService>().WithCodeAsync(needed.Ticket, "000000", At(device: "thief")));
        }
        Assert.Equal(30, (int)(await Assert.ThrowsAsync<TooManyException>(() => pms.SignInAsync("nomsa", origin: At(device: "thief")))).RetryAfter.TotalSeconds);
        Assert.Equal(5, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'signin.failed' AND changes LIKE '%\"Step\"%'"));
    }

    [Fact]
    public async Task The_step_between_lasts_five_minutes_and_not_longer_than_the_password()
    {
        await using var pms = await PlantAsync(engine);
        var (me, secret, codes) = await EnrolledAsync(pms, "nomsa");
        var signIn = pms.Get<SignInService>();
        var ticket = (await Assert.ThrowsAsync<SecondFactorNeededException>(() => pms.SignInAsync("nomsa"))).Ticket;
        foreach (var made_up in new[] { null, "", "x", ticket + "x", new string('A', 5000) })
            Assert.Equal("mfa.expired", (await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithCodeAsync(made_up, codes[0], At()))).Code);
        await pms.Get<UserService>().ChangeOwnPasswordAsync(me, Password, OtherPassword);
        Assert.Equal("mfa.expired", (await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithCodeAsync(ticket, codes[0], At()))).Code);
        ticket = (await Assert.ThrowsAsync<SecondFactorNeededException>(() => pms.SignInAsync("nomsa", OtherPassword))).Ticket;
        pms.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("mfa.expired", (await Assert.ThrowsAsync<UnauthenticatedException>(() => signIn.WithCodeAsync(ticket, Code(pms, secret), At()))).Code);
    }

    [Fact]
    public async Task Setting_it_up_asks_for_the_password_counts_only_when_proven_and_ends_the_other_sessions()
    {
        await using var pms = await PlantAsync(engine);
        await pms.UserAsync("nomsa");
        var (here, there) = (await pms.SignInAsync("nomsa"), await pms.SignInAsync("nomsa", origin: At("192.0.2.44")));
        var (service, me) = (pms.Get<SecondFactorService>(), here.Actor());
        Assert.Equal("Before", (await Assert.ThrowsAsync<InvalidException>(() => service.StartAsync(me, OtherPassword))).Faults[0].Field);
        Assert.Equal("mfa.not_started", (await Assert.ThrowsAsync<RuleException>(() => service.ConfirmAsync(me, "123456"))).Code);
        var first = await service.StartAsync(me, Password);
        var second = await service.StartAsync(me, Password);   // begun anew: the one before is worth nothing
        Assert.NotEqual(first.Secret, second.Secret);
        Assert.Contains("secret=" + second.Secret, second.Address("Blue Gum & Sons"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidException>(() => service.ConfirmAsync(me, Code(pms, first.Secret)));
        await pms.SignInAsync("nomsa");   // not proven yet: the password is enough
        await service.ConfirmAsync(me, Code(pms, second.Secret).Insert(3, " "));
        Assert.Equal("mfa.already_on", (await Assert.ThrowsAsync<RuleException>(() => service.StartAsync(me, Password))).Code);
        Assert.Null((await pms.Get<SessionService>().CheckAsync(here.Session.Id)).WhyOver);
        Assert.NotNull((await pms.Get<SessionService>().CheckAsync(there.Session.Id)).WhyOver);

        var stored = (await pms.Db.ListAsync<string>("SELECT secret FROM second_factors")).Single();
        Assert.DoesNotContain(second.Secret, stored, StringComparison.Ordinal);
        // What is encrypted for one user opens for no other.
        var ben = await pms.UserAsync("ben");
        Assert.Equal("mfa.unreadable", Assert.Throws<UnauthenticatedException>(() => pms.Get<SecondFactorSecrets>().Open(new SecondFactor { UserId = ben, Secret = stored })).Code);
    }

    [Fact]
    public async Task Turning_it_off_asks_for_password_and_code_and_guesses_wait()
    {
        await using var pms = await PlantAsync(engine);
        var (me, secret, codes) = await EnrolledAsync(pms, "nomsa");
        var service = pms.Get<SecondFactorService>();
        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<InvalidException>(() => service.TurnOffAsync(me, OtherPassword, Code(pms, secret)));
        await Assert.ThrowsAsync<InvalidException>(() => service.TurnOffAsync(me, Password, "000000"));
        foreach (var foreign in new[] { me with { Scopes = Permissions.WithoutPassword }, me with { BadgeOnly = true }, me with { UserId = null } })
            await Assert.ThrowsAsync<ForbiddenException>(() => service.TurnOffAsync(foreign, Password, codes[0]));
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidException>(() => service.TurnOffAsync(me, Password, "000000"));
        await Assert.ThrowsAsync<TooManyException>(() => service.TurnOffAsync(me, Password, codes[0]));
        pms.Clock.Advance(TimeSpan.FromSeconds(30));
        await service.TurnOffAsync(me, Password, codes[0]);
        Assert.False((await service.GetMineAsync(me)).IsOn);
        await pms.SignInAsync("nomsa");
        Assert.Equal(0, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM recovery_codes"));
        Assert.Equal((1, 5), (await pms.CountAuditAsync("mfa.off"), await pms.CountAuditAsync("mfa.refused")));
    }

    [Fact]
    public async Task A_role_that_asks_for_it_lets_nobody_in_before_it_is_set_up()
    {
        await using var pms = await PlantAsync(engine);
        var department = await pms.DepartmentAsync();
        var employee = await pms.EmployeeAsync("E-1", department);
        await pms.UserAsync("nomsa", SeededRole.Planner, employeeId: employee);
        var before = await pms.SignInAsync("nomsa");
        await RequireAsync(pms, SeededRole.Planner);
        Assert.Null((await pms.Get<SessionService>().CheckAsync(before.Session.Id)).Session!.First);   // at the next sign-in, not in the middle of the work

        var signedIn = await pms.SignInAsync("nomsa");
        var sessions = pms.Get<SessionService>();
        Assert.Equal("mfa.enrol_first", (await sessions.CheckAsync(signedIn.Session.Id)).Session!.First);
        Assert.Null((await pms.Get<SignInService>().WithPinAsync("E-1", Pin, At())).Session.First);   // a PIN reaches no administration
        var service = pms.Get<SecondFactorService>();
        Assert.True((await service.GetMineAsync(signedIn.Actor())).Required);
        var secret = (await service.StartAsync(signedIn.Actor(), Password)).Secret;
        var codes = await service.ConfirmAsync(signedIn.Actor(), Code(pms, secret));
        Assert.Null((await sessions.CheckAsync(signedIn.Session.Id)).Session!.First);
        await service.TurnOffAsync(signedIn.Actor(), Password, codes[0]);   // another phone: the next one at once
        Assert.Equal("mfa.enrol_first", (await sessions.CheckAsync(signedIn.Session.Id)).Session!.First);
        Assert.Equal(1, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'role.changed' AND changes LIKE '%NeedsSecondFactor%'"));
    }

    [Fact]
    public async Task An_administrator_resets_somebody_elses_who_may_no_more_than_they()
    {
        await using var pms = await PlantAsync(engine);
        var (chief, _, _) = await EnrolledAsync(pms, "chief", SeededRole.Admin);
        var (nomsa, _, _) = await EnrolledAsync(pms, "nomsa", SeededRole.Planner);
        var clerk = await pms.EditorAsync("clerk", [], new() { [Permissions.AdminUsers] = Scope.All });
        var service = pms.Get<SecondFactorService>();
        await Assert.ThrowsAsync<ForbiddenException>(() => service.ResetAsync(clerk, chief.UserId!.Value));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.ResetAsync(nomsa, chief.UserId!.Value));
        Assert.Equal("mfa.reset_own", (await Assert.ThrowsAsync<RuleException>(() => service.ResetAsync(chief, chief.UserId!.Value))).Code);
        await service.ResetAsync(chief, nomsa.UserId!.Value);
        Assert.NotNull((await pms.Get<SessionService>().CheckAsync(nomsa.SessionId!)).WhyOver);
        await pms.SignInAsync("nomsa");
        Assert.Equal("mfa.not_on", (await Assert.ThrowsAsync<RuleException>(() => service.ResetAsync(chief, nomsa.UserId!.Value))).Code);
        Assert.Equal(1, await pms.CountAuditAsync("mfa.reset"));
        // Whoever owns the server gets the last administrator back in.
        await service.ResetAsync(Actor.System("user reset-second-factor", Channel.Console), chief.UserId!.Value);
        await pms.SignInAsync("chief");
    }

    internal static string Code(TestPms pms, string secret) => TimeCodes.At(secret, pms.Clock.GetUtcNow());

    internal static async Task RequireAsync(TestPms pms, string code)
    {
        var role = (await pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == code);
        await pms.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Id = role.Id, Version = role.Version, Name = role.Name, NeedsSecondFactor = true, Permissions = role.Permissions });
    }

    private static Task<SignedIn> InAsync(TestPms pms, string code, string device = "d") =>
        pms.Get<SignInService>().WithPasswordAsync("nomsa", Password, code, At(device: device) with { Channel = Channel.Api });

    /// <summary>Signed in, with a second factor that was set up this moment.</summary>
    private static async Task<(Actor Actor, string Secret, IReadOnlyList<string> Codes)> EnrolledAsync(TestPms pms, string name, string role = SeededRole.Viewer)
    {
        await pms.UserAsync(name, role);
        var me = (await pms.SignInAsync(name)).Actor();
        var secret = (await pms.Get<SecondFactorService>().StartAsync(me, Password)).Secret;
        return (me, secret, await pms.Get<SecondFactorService>().ConfirmAsync(me, Code(pms, secret)));
    }
}

public sealed class SecondFactorTests_on_SQLite() : SecondFactorTests(Engine.Sqlite);

public sealed class SecondFactorTests_on_MariaDB() : SecondFactorTests(Engine.MySql);

/// <summary>The time codes against the vectors of RFC 6238, appendix B (SHA-1, its last six digits).</summary>
public sealed class TimeCodeTests
{
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void They_are_those_of_the_standard(long seconds, string code)
    {
        const string secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";   // "12345678901234567890"
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.Equal(code, TimeCodes.At(secret, at));
        Assert.Equal(seconds / 30, TimeCodes.StepOf(secret, code, at));
        Assert.Equal(seconds / 30, TimeCodes.StepOf(secret, code, at.AddSeconds(30)));
        Assert.Null(TimeCodes.StepOf(secret, code, at.AddSeconds(90)));
    }
}
