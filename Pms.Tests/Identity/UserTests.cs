using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>Users, roles and the first administrator: nobody gives what they lack, and one System Admin is always left.</summary>
public abstract class UserTests(Engine engine)
{
    [Fact]
    public async Task Roles_are_seeded_once_by_two_nodes_at_once_and_keep_what_people_changed()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? pms : other).Get<RoleSeed>().RunAsync())));
        var roles = pms.Get<RoleService>();
        var seeded = await roles.ListAsync(TestPms.System);
        Assert.Equal(SeededRole.All.Select(r => r.Code).Order(), seeded.Select(r => r.Code).Order());
        Assert.All(SeededRole.All, s => Assert.Equal(s.Permissions.OrderBy(p => p.Key), seeded.Single(r => r.Code == s.Code).Permissions.OrderBy(p => p.Key)));

        var viewer = seeded.Single(r => r.Code == SeededRole.Viewer);
        await roles.SaveAsync(TestPms.System, new SaveRole { Id = viewer.Id, Version = viewer.Version, Name = "Wall", Permissions = new Dictionary<string, Scope>() });
        await pms.Get<RoleSeed>().RunAsync();
        Assert.Empty((await roles.ListAsync(TestPms.System)).Single(r => r.Name == "Wall").Permissions);
    }

    [Fact]
    public async Task The_last_administrator_stays_when_two_disable_each_other_at_once()
    {
        for (var round = 0; round < 5; round++)
        {
            await using var pms = await PlantAsync(engine);
            await using var other = await pms.AnotherNodeAsync();
            var (anna, ben) = (await pms.UserAsync("anna", SeededRole.Admin), await pms.UserAsync("benn", SeededRole.Admin));
            await other.Get<Rights>().LoadAsync();
            var version = (await pms.Get<UserService>().GetAsync(TestPms.System, ben)).Version;
            var answers = await Task.WhenAll(
                Task.Run(() => Record.ExceptionAsync(() => pms.Get<UserService>().DeactivateAsync(new Actor { Name = "benn", UserId = ben }, anna))),
                Task.Run(() => Record.ExceptionAsync(() => other.Get<UserService>().UpdateAsync(new Actor { Name = "anna", UserId = anna }, new UpdateUser { Id = ben, Version = version, DisplayName = "Ben" }))));

            Assert.Equal(1, await AdminsAsync(pms));
            Assert.Single(answers, e => e is not null);
            Assert.True(answers.Single(e => e is not null) is RuleException { Code: "user.last_admin" } or ForbiddenException, answers.Single(e => e is not null)!.ToString());
        }
    }

    [Fact]
    public async Task The_last_administrator_cannot_be_disabled_or_demoted_and_the_role_stays_whole()
    {
        await using var pms = await PlantAsync(engine);
        var id = await pms.UserAsync("anna", SeededRole.Admin);
        var (users, roles) = (pms.Get<UserService>(), pms.Get<RoleService>());
        Assert.Equal("user.last_admin", (await Assert.ThrowsAsync<RuleException>(() => users.DeactivateAsync(TestPms.System, id))).Code);
        var anna = await users.GetAsync(TestPms.System, id);
        await Assert.ThrowsAsync<RuleException>(() => users.UpdateAsync(TestPms.System, new UpdateUser { Id = id, Version = anna.Version, DisplayName = "Anna" }));
        var admin = (await roles.ListAsync(TestPms.System)).Single(r => r.IsAdmin);
        await Assert.ThrowsAsync<RuleException>(() => roles.SaveAsync(TestPms.System, new SaveRole { Id = admin.Id, Version = admin.Version, Name = "Admin", Active = false, Permissions = admin.Permissions }));
        await Assert.ThrowsAsync<RuleException>(() => roles.SaveAsync(TestPms.System, new SaveRole { Id = admin.Id, Version = admin.Version, Name = "Admin" }));
        Assert.Equal(1, await AdminsAsync(pms));
    }

    [Fact]
    public async Task Nobody_gives_or_touches_what_they_do_not_hold()
    {
        await using var pms = await PlantAsync(engine);
        var (users, roles) = (pms.Get<UserService>(), pms.Get<RoleService>());
        var desk = await roles.SaveAsync(TestPms.System, new SaveRole { Name = "Desk", Permissions = new Dictionary<string, Scope> { [Permissions.AdminUsers] = Scope.All, [Permissions.AdminRoles] = Scope.All, [Permissions.FloorView] = Scope.All } });
        var admin = await pms.UserAsync("anna", SeededRole.Admin);
        var clerkId = (await users.CreateAsync(TestPms.System, new CreateUser { UserName = "clerk", DisplayName = "Clerk", RoleIds = [desk] }, Password)).UserId;
        var clerk = (await pms.SignInAsync("clerk")).Actor();
        var all = await roles.ListAsync(clerk);

        var me = await users.GetAsync(clerk, clerkId);
        await Assert.ThrowsAsync<ForbiddenException>(() => users.UpdateAsync(clerk, new UpdateUser { Id = clerkId, Version = me.Version, DisplayName = "Clerk", RoleIds = [desk, all.Single(r => r.IsAdmin).Id] }));
        await Assert.ThrowsAsync<ForbiddenException>(() => users.IssuePasswordAsync(clerk, admin));
        await Assert.ThrowsAsync<ForbiddenException>(() => users.DeactivateAsync(clerk, admin));
        await Assert.ThrowsAsync<ForbiddenException>(() => roles.SaveAsync(clerk, new SaveRole { Name = "More", Permissions = new Dictionary<string, Scope> { [Permissions.OrdersEdit] = Scope.All } }));
        await Assert.ThrowsAsync<ForbiddenException>(() => users.CreateAsync(clerk, new CreateUser { UserName = "third", DisplayName = "Third" }, Password));
        await users.CreateAsync(clerk, new CreateUser { UserName = "fourth", DisplayName = "Fourth", RoleIds = [all.Single(r => r.Code == SeededRole.Viewer).Id] });
        var viewer = (await pms.SignInAsync("clerk")).Actor() with { Scopes = new HashSet<string> { Permissions.FloorView } };
        await Assert.ThrowsAsync<ForbiddenException>(() => users.ListAsync(viewer, new()));
    }

    [Fact]
    public async Task Names_are_unique_however_they_are_written_and_faults_name_their_fields()
    {
        await using var pms = await PlantAsync(engine);
        var users = pms.Get<UserService>();
        await pms.UserAsync("Zoë");
        var taken = await Assert.ThrowsAsync<InvalidException>(() => users.CreateAsync(TestPms.System, new CreateUser { UserName = " ZOE ", DisplayName = "Zoe" }));
        Assert.Equal(("UserName", "name_taken"), (taken.Faults[0].Field, taken.Faults[0].Why.Code));
        var faults = await Assert.ThrowsAsync<InvalidException>(() => users.CreateAsync(TestPms.System, new CreateUser { UserName = "a b", DisplayName = new string('x', 121), Email = "nowhere" }));
        Assert.Equal(["DisplayName", "Email", "UserName"], faults.Faults.Select(f => f.Field).Distinct().Order());
        Task<Page<UserRow>> ListAsync(string? search = null, string? sort = null, string? factor = null) =>
            users.ListAsync(TestPms.System, new PageRequest { Search = search, Sort = sort, Filters = factor is null ? new Dictionary<string, string>() : new() { ["factor"] = factor } });
        Assert.Single((await ListAsync("zoë")).Items);
        await pms.UserAsync("anna");
        foreach (var (sort, first) in new[] { ("user", "anna"), ("-user", "Zoë"), ("-last", null), ("state", null) })
            Assert.True(first is null || (await ListAsync(sort: sort)).Items[0].UserName == first, sort);
        await Assert.ThrowsAsync<InvalidException>(() => ListAsync(sort: "password_hash"));

        // By second factor: anna has one, Zoë's role asks for one, begun is not in force.
        var (anna, zoe) = ((await ListAsync("anna")).Items[0].Id, (await ListAsync("zoe")).Items[0].Id);
        await pms.Db.InTransactionAsync(async tx => await tx.ExecuteAsync("INSERT INTO second_factors (user_id, secret, started_at, confirmed_at) VALUES (@anna, 'x', 1, 1), (@zoe, 'x', 1, NULL)", new { anna, zoe }));
        async Task<string> Of(string? factor) => string.Join(' ', (await ListAsync(factor: factor)).Items.Select(u => $"{u.UserName}:{u.HasSecondFactor}:{u.NeedsSecondFactor}"));
        Assert.Equal(("anna:True:False", "Zoë:False:False", ""), (await Of("On"), await Of("Off"), await Of("Missing")));
        await pms.Db.InTransactionAsync(async tx => await tx.ExecuteAsync("UPDATE roles SET needs_second_factor = 1", new { }));
        Assert.Equal(("anna:True:True Zoë:False:True", "Zoë:False:True"), (await Of(null), await Of("Missing")));
        await Assert.ThrowsAsync<ConflictException>(async () => await users.UpdateAsync(TestPms.System, new UpdateUser { Id = (await ListAsync()).Items[0].Id, Version = 99, DisplayName = "Z" }));
    }

    [Fact]
    public async Task The_first_administrator_needs_the_code_and_is_made_once()
    {
        await using var pms = await PlantAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var setup = pms.Get<SetupService>();
        Assert.True(await setup.IsNeededAsync());
        var (code, second) = (await setup.NewCodeAsync(), await other.Get<SetupService>().NewCodeAsync());
        Assert.Equal("Code", (await Assert.ThrowsAsync<InvalidException>(() => setup.CreateAdminAsync("wrong", "anna", "Anna", Password, At()))).Faults[0].Field);
        Assert.Equal("password.common", (await Assert.ThrowsAsync<InvalidException>(() => setup.CreateAdminAsync(code, "anna", "Anna", "Password123456", At()))).Faults[0].Why.Code);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Record.ExceptionAsync(() =>
            (i % 2 == 0 ? setup : other.Get<SetupService>()).CreateAdminAsync(i % 2 == 0 ? code : second!.ToUpperInvariant(), "anna" + i, "Chief", Password, At($"192.0.2.{i}"))))));
        Assert.Single(answers, e => e is null);
        Assert.All(answers.Where(e => e is not null), e => Assert.Equal("setup.done", Assert.IsType<RuleException>(e).Code));
        Assert.Equal(1, await AdminsAsync(pms));
        Assert.Null(await setup.NewCodeAsync());
        Assert.False(await setup.IsNeededAsync());
    }

    [Fact]
    public async Task A_setup_code_is_good_for_a_day()
    {
        await using var pms = await PlantAsync(engine);
        var code = await pms.Get<SetupService>().NewCodeAsync();
        pms.Clock.Advance(TimeSpan.FromDays(1.1));
        await Assert.ThrowsAsync<InvalidException>(() => pms.Get<SetupService>().CreateAdminAsync(code, "anna", "Chief", Password, At()));
    }

    private static Task<long> AdminsAsync(TestPms pms) => pms.Db.ScalarAsync<long>(
        "SELECT COUNT(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id WHERE u.active = 1 AND r.code = 'admin'");
}

public sealed class UserTests_on_SQLite() : UserTests(Engine.Sqlite);

public sealed class UserTests_on_MariaDB() : UserTests(Engine.MySql);
