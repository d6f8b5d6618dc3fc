using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>Where somebody is signed in, seen and ended: by themselves, and by whoever manages users and may as much.</summary>
public abstract class AccessTests(Engine engine)
{
    [Fact]
    public async Task Sessions_tries_and_devices_of_a_person_are_shown_with_where_and_how()
    {
        await using var pms = await PlantAsync(engine);
        var (nomsa, chief) = (await pms.UserAsync("nomsa"), await ActorAsync(pms, "chief", SeededRole.Admin));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", OtherPassword));
        var page = await pms.SignInAsync("nomsa", origin: At("192.0.2.44"));
        pms.Clock.Advance(TimeSpan.FromMinutes(1));
        await pms.SignInAsync("nomsa", origin: At("192.0.2.45") with { Channel = Channel.Api });

        var access = pms.Get<AccessService>();
        Assert.Equal([(SessionKind.Api, "192.0.2.45"), (SessionKind.Cookie, "192.0.2.44")], (await access.ListSessionsAsync(chief, nomsa)).Select(s => (s.Kind, s.Ip!)));
        Assert.Equal([(true, Channel.Api), (true, Channel.Page), (false, Channel.Page)], (await access.ListSignInsAsync(chief, nomsa)).Select(s => (s.Succeeded, s.Channel)));
        var devices = await access.ListDevicesAsync(chief, nomsa);
        Assert.Equal([("192.0.2.45", "test"), ("192.0.2.44", "test")], devices.Select(d => (d.Ip!, d.Agent!)));
        Assert.Equal(Token.Hash(page.Device), devices[1].Id);
        await Assert.ThrowsAsync<NotFoundException>(() => access.ListSessionsAsync(chief, 987_654));
    }

    [Fact]
    public async Task One_session_or_all_are_ended_and_written_down()
    {
        await using var pms = await PlantAsync(engine);
        var (nomsa, chief) = (await pms.UserAsync("nomsa"), await ActorAsync(pms, "chief", SeededRole.Admin));
        var three = new[] { await pms.SignInAsync("nomsa"), await pms.SignInAsync("nomsa"), await pms.SignInAsync("nomsa") };
        var (access, sessions) = (pms.Get<AccessService>(), pms.Get<SessionService>());
        await access.EndSessionAsync(chief, nomsa, three[0].Session.Id);
        await access.EndSessionAsync(chief, nomsa, three[0].Session.Id);   // over already: nothing more to do
        Assert.Equal("session.ended", (await sessions.CheckAsync(three[0].Session.Id)).WhyOver);
        Assert.Null((await sessions.CheckAsync(three[1].Session.Id)).WhyOver);
        await Assert.ThrowsAsync<NotFoundException>(() => access.EndSessionAsync(chief, chief.UserId!.Value, three[1].Session.Id));
        Assert.Equal(1, await access.EndAllAsync(three[1].Actor(), nomsa));   // the person themselves: all but this one
        Assert.Equal(1, await access.EndAllAsync(chief, nomsa));
        Assert.NotNull((await sessions.CheckAsync(three[1].Session.Id)).WhyOver);
        Assert.Equal((1, 2), (await pms.CountAuditAsync("session.ended_by"), await pms.CountAuditAsync("session.all_ended_by")));
    }

    [Fact]
    public async Task A_forgotten_device_is_a_stranger_again_and_signed_out()
    {
        await using var pms = await PlantAsync(engine);
        var nomsa = await pms.UserAsync("nomsa");
        var (phone, desk) = (await pms.SignInAsync("nomsa"), await pms.SignInAsync("nomsa"));
        var (access, me) = (pms.Get<AccessService>(), desk.Actor());
        await access.ForgetDeviceAsync(me, nomsa, Token.Hash(phone.Device));
        Assert.Equal([Token.Hash(desk.Device)], (await access.ListDevicesAsync(me, nomsa)).Select(d => d.Id));
        Assert.NotNull((await pms.Get<SessionService>().CheckAsync(phone.Session.Id)).WhyOver);
        Assert.Null((await pms.Get<SessionService>().CheckAsync(desk.Session.Id)).WhyOver);
        await Assert.ThrowsAsync<NotFoundException>(() => access.ForgetDeviceAsync(me, nomsa, Token.Hash(phone.Device)));
        await pms.SignInAsync("nomsa", origin: At(device: phone.Device));
        Assert.Equal(3, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'signin.ok' AND changes LIKE '%NewDevice%'"));
    }

    [Fact]
    public async Task Nobody_looks_at_or_ends_the_sessions_of_who_may_more()
    {
        await using var pms = await PlantAsync(engine);
        var chief = await ActorAsync(pms, "chief", SeededRole.Admin);
        var chiefs = await pms.SignInAsync("chief");
        var clerk = await pms.EditorAsync("clerk", [], new() { [Permissions.AdminUsers] = Scope.All });
        var nomsa = await ActorAsync(pms, "nomsa", SeededRole.Planner);
        var access = pms.Get<AccessService>();
        await Assert.ThrowsAsync<ForbiddenException>(() => access.EndAllAsync(clerk, chief.UserId!.Value));
        await Assert.ThrowsAsync<ForbiddenException>(() => access.EndSessionAsync(clerk, chief.UserId!.Value, chiefs.Session.Id));
        await Assert.ThrowsAsync<ForbiddenException>(() => access.ListSessionsAsync(nomsa, chief.UserId!.Value));
        foreach (var less in new[] { nomsa with { Scopes = Permissions.WithoutPassword }, nomsa with { BadgeOnly = true } })
            await Assert.ThrowsAsync<ForbiddenException>(() => access.ListDevicesAsync(less, nomsa.UserId!.Value));
        Assert.Null((await pms.Get<SessionService>().CheckAsync(chiefs.Session.Id)).WhyOver);
    }

    private static async Task<Actor> ActorAsync(TestPms pms, string name, string role) => new() { Name = name, UserId = await pms.UserAsync(name, role) };
}

public sealed class AccessTests_on_SQLite() : AccessTests(Engine.Sqlite);

public sealed class AccessTests_on_MariaDB() : AccessTests(Engine.MySql);
