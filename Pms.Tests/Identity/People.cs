using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;

namespace Pms.Tests.Identity;

/// <summary>Invented people of the identity tests.</summary>
internal static class People
{
    public const string Password = "nine quiet looms";
    public const string OtherPassword = "seven loud presses";
    public const string Pin = "482913";

    public static Origin At(string ip = "192.0.2.10", string? device = null, string? terminal = null, string? replaces = null) =>
        new() { Ip = ip, Device = device, Terminal = terminal, Replaces = replaces, Agent = "test" };

    /// <summary>A node with the seeded roles.</summary>
    public static async Task<TestPms> PlantAsync(Engine engine)
    {
        var pms = await TestPms.StartAsync(engine);
        await pms.Get<RoleSeed>().RunAsync();
        await pms.Get<Rights>().LoadAsync();
        return pms;
    }

    public static async Task<long> UserAsync(this TestPms pms, string name, string role = SeededRole.Viewer, string? password = Password, long? employeeId = null)
    {
        var roles = await pms.Get<RoleService>().ListAsync(TestPms.System);
        var issued = await pms.Get<UserService>().CreateAsync(TestPms.System,
            new CreateUser { UserName = name, DisplayName = "Shown " + name, RoleIds = [roles.Single(r => r.Code == role).Id], EmployeeId = employeeId }, password);
        return issued.UserId;
    }

    public static Task<long> DepartmentAsync(this TestPms pms, string code = "CUT") => pms.Db.InTransactionAsync(tx => tx.InsertAsync(
        "INSERT INTO departments (code, code_key, name, name_key, kind) VALUES (@code, @code, @code, @code, 'Branding')", new { code }));

    public static async Task<long> EmployeeAsync(this TestPms pms, string number, long departmentId, string kind = "Operator", bool pin = true)
    {
        var id = await pms.Db.InTransactionAsync(tx => tx.InsertAsync(
            "INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@number, @key, 'Lindiwe', @number, @key, @departmentId, @kind)",
            new { number, key = Text.Key(number), departmentId, kind }));
        await pms.Get<Rights>().LoadAsync();
        if (pin)
            await pms.Get<EmployeeCredentials>().IssuePinAsync(TestPms.System, id, Pin);
        return id;
    }

    public static Task<SignedIn> SignInAsync(this TestPms pms, string name, string password = Password, Origin? origin = null) =>
        pms.Get<SignInService>().WithPasswordAsync(name, password, origin ?? At());

    /// <summary>A user with a role of exactly these permissions.</summary>
    public static async Task<Actor> EditorAsync(this TestPms pms, string name, IReadOnlyList<long> departments, Dictionary<string, Scope> permissions, long? employeeId = null)
    {
        var role = await pms.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Role of " + name, Permissions = permissions });
        var made = await pms.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = name, DisplayName = name, RoleIds = [role], DepartmentIds = departments, EmployeeId = employeeId }, Password);
        return new Actor { Name = name, UserId = made.UserId, EmployeeId = employeeId };
    }

    public static Task<long> CountAuditAsync(this TestPms pms, string action) => pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = @action", new { action });

    public static Actor Actor(this SignedIn signedIn) => signedIn.Session.ToActor(Channel.Page, "192.0.2.10", "test", null);
}
