using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;
using P = Pms.Core.Identity.Permissions;

namespace Pms.Tests.Identity;

/// <summary>Nobody widens what they may do by what they may edit: not by a record of their own, not through somebody else's.</summary>
public abstract class ReachTests(Engine engine)
{
    [Fact]
    public async Task An_editor_of_one_department_puts_nobody_into_another()
    {
        await using var pms = await PlantAsync(engine);
        var (mine, other) = (await pms.DepartmentAsync("CUT"), await pms.DepartmentAsync("PRT"));
        var employee = await pms.EmployeeAsync("E-1", mine, pin: false);
        var editor = await pms.EditorAsync("clerk", [mine], new() { [P.EmployeesView] = Scope.All, [P.EmployeesEdit] = Scope.Own, [P.JobsExecute] = Scope.Own });
        var employees = pms.Get<EmployeeService>();
        var before = await employees.GetAsync(editor, employee);

        var refused = await Assert.ThrowsAsync<ForbiddenException>(() => employees.SaveAsync(editor, before with { FurtherDepartments = [other] }));
        Assert.Equal((P.EmployeesEdit, other), (refused.Permission, refused.DepartmentId));
        var lent = await employees.SaveAsync(TestPms.System, before with { FurtherDepartments = [other] });
        await Assert.ThrowsAsync<ForbiddenException>(() => employees.SaveAsync(editor, lent with { FurtherDepartments = [] }));
        Assert.Equal("Cutting Room", (await employees.SaveAsync(editor, lent with { Position = "Cutting Room" })).Position);   // what isn't changed isn't asked
    }

    [Fact]
    public async Task Who_edits_everywhere_does_not_carry_an_own_scope_right_elsewhere_by_their_own_record()
    {
        await using var pms = await PlantAsync(engine);
        var (mine, other) = (await pms.DepartmentAsync("CUT"), await pms.DepartmentAsync("PRT"));
        var own = await pms.EmployeeAsync("E-1", mine, pin: false);
        var colleague = await pms.EmployeeAsync("E-2", mine, pin: false);
        var editor = await pms.EditorAsync("clerk", [], new() { [P.EmployeesView] = Scope.All, [P.EmployeesEdit] = Scope.All, [P.JobsCorrect] = Scope.Own }, own);
        var employees = pms.Get<EmployeeService>();

        foreach (var widened in new[] { (await employees.GetAsync(editor, own)) with { FurtherDepartments = [other] }, (await employees.GetAsync(editor, own)) with { DepartmentId = other }, (await employees.GetAsync(editor, own)) with { Kind = EmployeeKind.Cutter } })
            await Assert.ThrowsAsync<ForbiddenException>(() => employees.SaveAsync(editor, widened));
        Assert.False(pms.Get<Rights>().Allows(editor, P.JobsCorrect, other));
        // An operator of the floor is moved freely: nothing is given away by it that the editor's right isn't for.
        Assert.Equal(other, (await employees.SaveAsync(editor, (await employees.GetAsync(editor, colleague)) with { DepartmentId = other })).DepartmentId);
    }

    [Fact]
    public async Task A_lead_is_made_and_given_a_PIN_only_by_who_may_as_much()
    {
        await using var pms = await PlantAsync(engine);
        var mine = await pms.DepartmentAsync("CUT");
        var employee = await pms.EmployeeAsync("E-1", mine, pin: false);
        var lead = await pms.EmployeeAsync("E-2", mine, "Manager", pin: false);
        var linked = await pms.EmployeeAsync("E-3", mine, pin: false);
        await pms.UserAsync("chief", SeededRole.Admin, employeeId: linked);
        var editor = await pms.EditorAsync("clerk", [mine], new() { [P.EmployeesView] = Scope.All, [P.EmployeesEdit] = Scope.All });
        var employees = pms.Get<EmployeeService>();

        await Assert.ThrowsAsync<ForbiddenException>(async () => await employees.SaveAsync(editor, (await employees.GetAsync(editor, employee)) with { Kind = EmployeeKind.Supervisor }));
        await Assert.ThrowsAsync<ForbiddenException>(() => employees.SaveAsync(editor, new Employee { Number = "E-9", FirstName = "New", LastName = "Lead", DepartmentId = mine, Kind = EmployeeKind.Manager }));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<EmployeeCredentials>().IssuePinAsync(editor, lead));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<EmployeeCredentials>().IssueBadgeAsync(editor, linked));   // the administrator behind it has more than the clerk
        Assert.NotEmpty(await pms.Get<EmployeeCredentials>().IssuePinAsync(editor, employee));
        Assert.Equal(EmployeeKind.Supervisor, (await employees.SaveAsync(TestPms.System, (await employees.GetAsync(editor, employee)) with { Kind = EmployeeKind.Supervisor })).Kind);
    }

    [Fact]
    public async Task An_editor_of_departments_makes_nobody_its_manager_who_may_more_there_by_it()
    {
        await using var pms = await PlantAsync(engine);
        var (mine, other) = (await pms.DepartmentAsync("CUT"), await pms.DepartmentAsync("PRT"));
        var editor = await pms.EditorAsync("clerk", [mine], new() { [P.DepartmentsView] = Scope.All, [P.DepartmentsEdit] = Scope.All, [P.JobsCorrect] = Scope.Own });
        var harmless = await pms.UserAsync("viewer", SeededRole.Viewer);
        var departments = pms.Get<DepartmentService>();
        var before = await departments.GetAsync(editor, other);

        await Assert.ThrowsAsync<ForbiddenException>(() => departments.SaveAsync(editor, before with { ManagerUserId = editor.UserId }));
        await Assert.ThrowsAsync<ForbiddenException>(() => departments.SaveAsync(editor, new Department { Code = "NEW", Name = "New", ManagerUserId = editor.UserId }));
        Assert.False(pms.Get<Rights>().Allows(editor, P.JobsCorrect, other));
        Assert.Equal(harmless, (await departments.SaveAsync(editor, before with { ManagerUserId = harmless })).ManagerUserId);
    }

    [Fact]
    public async Task An_administrator_of_users_gives_no_department_and_no_employee_beyond_their_own_reach()
    {
        await using var pms = await PlantAsync(engine);
        var (mine, other) = (await pms.DepartmentAsync("CUT"), await pms.DepartmentAsync("PRT"));
        var far = await pms.EmployeeAsync("E-1", other, pin: false);
        var editor = await pms.EditorAsync("clerk", [mine], new() { [P.AdminUsers] = Scope.All, [P.JobsCorrect] = Scope.Own });
        var users = pms.Get<UserService>();
        var self = await users.GetAsync(editor, editor.UserId!.Value);
        var change = new UpdateUser { Id = self.Id, Version = self.Version, DisplayName = self.DisplayName, RoleIds = self.RoleIds, DepartmentIds = self.DepartmentIds };

        await Assert.ThrowsAsync<ForbiddenException>(() => users.UpdateAsync(editor, change with { DepartmentIds = [mine, other] }));
        await Assert.ThrowsAsync<ForbiddenException>(() => users.UpdateAsync(editor, change with { EmployeeId = far }));
        await Assert.ThrowsAsync<ForbiddenException>(() => users.CreateAsync(editor, new CreateUser { UserName = "second", DisplayName = "Second", RoleIds = self.RoleIds, DepartmentIds = [other] }));
        Assert.False(pms.Get<Rights>().Allows(editor, P.JobsCorrect, other));
        await users.UpdateAsync(editor, change with { DisplayName = "Clerk" });
    }

    [Fact]
    public async Task Who_is_restricted_in_a_field_frees_neither_themselves_nor_anybody_else()
    {
        await using var pms = await PlantAsync(engine);
        var everything = P.All.ToDictionary(p => p, _ => Scope.All);
        var eva = await pms.EditorAsync("eva", [], everything);
        var (roles, users, rules) = (pms.Get<RoleService>(), pms.Get<UserService>(), pms.Get<FieldPermissionService>());
        var own = await RoleAsync("Role of eva");
        await RulesAsync(TestPms.System, own.Id, new(FieldAccess.Hidden), new(FieldAccess.ReadOnly, new("Kind", "Manager")));
        var viewer = (await roles.ListAsync(eva)).Single(r => r.Code == SeededRole.Viewer);
        var chief = await pms.UserAsync("chief", SeededRole.Admin);

        // A role without rules may be made, but not given: neither to oneself nor to a second account, nor turned into one that somebody holds.
        var free = await roles.SaveAsync(eva, new SaveRole { Name = "Free", Permissions = new Dictionary<string, Scope> { [P.EmployeesView] = Scope.All } });
        await RefusedAsync(async () => await users.UpdateAsync(eva, await ChangeAsync(eva.UserId!.Value, r => [.. r, free])));
        await RefusedAsync(async () => await users.UpdateAsync(eva, await ChangeAsync(eva.UserId!.Value, _ => [free])));
        await RefusedAsync(() => users.CreateAsync(eva, new CreateUser { UserName = "second", DisplayName = "Second", RoleIds = [free] }));
        await RefusedAsync(() => users.IssuePasswordAsync(eva, chief));
        var second = (await users.CreateAsync(eva, new CreateUser { UserName = "second", DisplayName = "Second", RoleIds = [viewer.Id] })).UserId;   // opens no employee
        await RefusedAsync(async () => await roles.SaveAsync(eva, Save(viewer) with { Permissions = new Dictionary<string, Scope>(viewer.Permissions) { [P.EmployeesView] = Scope.All } }));
        await users.UpdateAsync(eva, await ChangeAsync(second, _ => [own.Id]));   // as much as eva herself

        // The rules of a role are eased no further than one's own, in no state of a record; nor does a role go so that a freer one is left.
        await RefusedAsync(() => RulesAsync(eva, own.Id, FieldRule.Free, new(FieldAccess.ReadOnly, new("Kind", "Manager"))));
        await RefusedAsync(() => RulesAsync(eva, own.Id, new(FieldAccess.Hidden), FieldRule.Free));
        await RefusedAsync(() => RulesAsync(eva, own.Id, new(FieldAccess.Hidden), new(FieldAccess.ReadOnly, new("Kind", "Qc"))));
        await RulesAsync(eva, own.Id, new(FieldAccess.Hidden), new(FieldAccess.ReadOnly));
        var clone = await roles.SaveAsync(eva, new SaveRole { Name = "Clone", CloneOf = own.Id, Permissions = everything });
        await users.UpdateAsync(eva, await ChangeAsync(second, _ => [clone]));
        own = await RoleAsync("Role of eva");
        await roles.SaveAsync(eva, Save(own) with { Name = "Of eva" });
        Assert.True(pms.Get<FieldRules>().Of(eva, "employee")!.Hides("Phone"));

        // A role that was put away comes back only by somebody as free.
        var away = await roles.SaveAsync(TestPms.System, new SaveRole { Name = "Away", Active = false, Permissions = new Dictionary<string, Scope> { [P.EmployeesView] = Scope.All } });
        await RefusedAsync(async () => await users.UpdateAsync(eva, await ChangeAsync(eva.UserId!.Value, r => [.. r, away])));
        await RefusedAsync(async () => await roles.SaveAsync(eva, Save(await RoleAsync("Away")) with { Active = true }));

        async Task<Role> RoleAsync(string name) => (await roles.ListAsync(TestPms.System)).Single(r => r.Name == name);
        SaveRole Save(Role r) => new() { Id = r.Id, Version = r.Version, Name = r.Name, Active = r.Active, NeedsSecondFactor = r.NeedsSecondFactor, Permissions = r.Permissions };
        async Task RulesAsync(Actor by, long role, FieldRule phone, FieldRule position) =>
            await rules.SaveAsync(by, await rules.GetAsync(by, role, "employee") with { Rules = new Dictionary<string, FieldRule> { ["Phone"] = phone, ["Position"] = position } });
        async Task<UpdateUser> ChangeAsync(long id, Func<IReadOnlyList<long>, IReadOnlyList<long>> change) =>
            await users.GetAsync(TestPms.System, id) is var u ? new UpdateUser { Id = u.Id, Version = u.Version, DisplayName = u.DisplayName, Email = u.Email, Culture = u.Culture, Language = u.Language, EmployeeId = u.EmployeeId, RoleIds = change(u.RoleIds), DepartmentIds = u.DepartmentIds } : null!;
        async Task RefusedAsync(Func<Task> work) => Assert.StartsWith("employee.", (await Assert.ThrowsAsync<ForbiddenException>(work)).Permission, StringComparison.Ordinal);
    }
}

public sealed class ReachTests_on_SQLite() : ReachTests(Engine.Sqlite);

public sealed class ReachTests_on_MariaDB() : ReachTests(Engine.MySql);
