using System.Globalization;
using Pms.Core.Data;

namespace Pms.Core.Identity.Users;

/// <summary>The users table and what belongs to a user: roles and departments.</summary>
public sealed class UserRepository(Db db)
{
    private const string SetupCode = "setup_code:";
    private const string Columns = "id, user_name, display_name, email, password_hash, must_change_password, password_expires_at, employee_id, culture, language, active, created_at, version";

    public async Task<User?> FindAsync(long id, CancellationToken ct = default) => await db.ManyAsync(
        $"""
        SELECT {Columns} FROM users WHERE id = @id;
        SELECT role_id FROM user_roles WHERE user_id = @id ORDER BY role_id;
        SELECT department_id FROM user_departments WHERE user_id = @id ORDER BY department_id
        """, new { id }, async grids =>
        {
            var user = (await grids.ReadAsync<User>()).SingleOrDefault();
            var roles = (await grids.ReadAsync<long>()).ToList();
            var departments = (await grids.ReadAsync<long>()).ToList();
            return user is null ? null : user with { RoleIds = roles, DepartmentIds = departments };
        }, ct);

    /// <exception cref="NotFoundException">There is no such user.</exception>
    public async Task<User> GetAsync(long id, CancellationToken ct = default) => await FindAsync(id, ct) ?? throw new NotFoundException("user", id);

    public Task<User?> FindByNameAsync(string userName, CancellationToken ct = default) =>
        db.FindAsync<User>($"SELECT {Columns} FROM users WHERE user_name_key = @key", new { key = Text.Key(userName) }, ct);

    public async Task<bool> AnyAsync(CancellationToken ct = default) => await db.ScalarAsync<long?>("SELECT id FROM users LIMIT 1", null, ct) is not null;

    private const string Needs = "EXISTS (SELECT 1 FROM user_roles n JOIN roles r ON r.id = n.role_id WHERE n.user_id = u.id AND r.active = 1 AND r.needs_second_factor = 1)";
    private const string LastSignIn = "(SELECT MAX(s.created_at) FROM sessions s WHERE s.user_id = u.id)";

    private static readonly ListQuery List = new ListQuery(
            $"""
            SELECT u.id, u.user_name, u.display_name, u.email, u.active, u.must_change_password, u.employee_id, e.number AS employee_number, CASE WHEN f.user_id IS NULL THEN 0 ELSE 1 END AS has_second_factor,
                   {Needs} AS needs_second_factor, {LastSignIn} AS last_sign_in_at
            """, "FROM users u LEFT JOIN employees e ON e.id = u.employee_id LEFT JOIN second_factors f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL", "u.id")
        .Contains("u.user_name_key").ContainsText("u.display_name").ContainsOf(nameof(User.EmployeeId), "e.number_key")
        .Filter("active", "u.active = @active", ListQuery.Flag)
        .Filter("role", "EXISTS (SELECT 1 FROM user_roles x WHERE x.user_id = u.id AND x.role_id = @role)", ListQuery.Number)
        .Filter("department", "EXISTS (SELECT 1 FROM user_departments x WHERE x.user_id = u.id AND x.department_id = @department)", ListQuery.Number)
        .Filter("factor", $"(CASE WHEN f.user_id IS NOT NULL THEN 'On' WHEN {Needs} THEN 'Missing' ELSE 'Off' END) IN @factor", Factor)
        .Sort("user", "u.user_name_key").Sort("name", "u.display_name", "u.user_name_key").Sort("last", LastSignIn, "u.user_name_key").Sort("state", "u.active", "u.user_name_key");

    public static ListShape Shape => List.Shape;

    /// <summary>Who is without one may still be asked for it.</summary>
    private static object? Factor(string value) => value switch { "On" => new[] { "On" }, "Off" => new[] { "Off", "Missing" }, "Missing" => new[] { "Missing" }, _ => null };

    public async Task<Page<UserRow>> PageAsync(PageRequest request, CancellationToken ct = default)
    {
        var page = await List.PageAsync<UserRow>(db, request, null, ct);
        if (page.Items.Count == 0)
            return page;
        var roles = (await db.ListAsync<(long UserId, string Name)>("SELECT ur.user_id, r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id IN @ids ORDER BY r.name_key",
            new { ids = page.Items.Select(u => u.Id).ToArray() }, ct)).ToLookup(r => r.UserId, r => r.Name);
        return page.Select(u => u with { Roles = [.. roles[u.Id]] });
    }

    /// <summary>Inserts the user and returns its id; roles and departments follow by <see cref="SetRoles"/> and <see cref="SetDepartments"/>.</summary>
    public Task<long> InsertAsync(Tx tx, User user) => tx.InsertAsync(
        """
        INSERT INTO users (user_name, user_name_key, display_name, email, password_hash, must_change_password, password_expires_at, employee_id, culture, active, created_at, version)
        VALUES (@UserName, @Key, @DisplayName, @Email, @PasswordHash, @MustChangePassword, @PasswordExpiresAt, @EmployeeId, @Culture, @Active, @CreatedAt, 1)
        """, new
        {
            user.UserName, Key = Text.Key(user.UserName), user.DisplayName, user.Email, user.PasswordHash, user.MustChangePassword, user.PasswordExpiresAt,
            user.EmployeeId, user.Culture, user.Active, user.CreatedAt,
        });

    /// <summary>Writes everything but name and roles, if the version is still the one read.</summary>
    public void Update(Tx tx, User user) => tx.Add(
        """
        UPDATE users SET display_name = @DisplayName, email = @Email, password_hash = @PasswordHash, must_change_password = @MustChangePassword,
          password_expires_at = @PasswordExpiresAt, employee_id = @EmployeeId, culture = @Culture, language = @Language, active = @Active, version = version + 1
        WHERE id = @Id AND version = @Version
        """, new
        {
            user.Id, user.Version, user.DisplayName, user.Email, user.PasswordHash, user.MustChangePassword, user.PasswordExpiresAt, user.EmployeeId, user.Culture, user.Language, user.Active,
        });

    public static void SetRoles(Tx tx, long userId, IReadOnlyList<long> before, IReadOnlyList<long> after)
    {
        foreach (var role in before.Except(after))
            tx.Add("DELETE FROM user_roles WHERE user_id = @userId AND role_id = @role", new { userId, role });
        foreach (var role in after.Except(before))
            tx.Add("INSERT INTO user_roles (user_id, role_id) VALUES (@userId, @role)", new { userId, role });
    }

    public static void SetDepartments(Tx tx, long userId, IReadOnlyList<long> before, IReadOnlyList<long> after)
    {
        foreach (var department in before.Except(after))
            tx.Add("DELETE FROM user_departments WHERE user_id = @userId AND department_id = @department", new { userId, department });
        foreach (var department in after.Except(before))
            tx.Add("INSERT INTO user_departments (user_id, department_id) VALUES (@userId, @department)", new { userId, department });
    }

    /// <summary>
    /// The lock under which the number of administrators may fall: whoever takes it second sees what the first left behind. On Galera the
    /// second commit fails its certification and is decided again.
    /// </summary>
    public static async Task LockAdminsAsync(Tx tx)
    {
        if (await tx.ExecuteAsync("UPDATE settings SET version = version + 1 WHERE name = 'admin_guard'") == 0)
            await tx.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('admin_guard', '')");
    }

    /// <summary>Active users who hold the active System Admin role and have a password to sign in with.</summary>
    public static async Task<int> CountAdminsAsync(Tx tx) => (int)(await tx.FindAsync<long>(
        """
        SELECT COUNT(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
        WHERE u.active = 1 AND u.password_hash IS NOT NULL AND r.code = @code AND r.active = 1
          AND NOT EXISTS (SELECT 1 FROM employees e WHERE e.id = u.employee_id AND e.active = 0)
        """, new { code = SeededRole.Admin }));

    public static async Task<bool> AnyAsync(Tx tx) => await tx.FindAsync<long?>("SELECT id FROM users LIMIT 1") is not null;

    /// <summary>Several may be in force at once: every node prints its own.</summary>
    public static void AddSetupCode(Tx tx, string hash, DateTimeOffset until) => tx.Add("INSERT INTO settings (name, value) VALUES (@name, @value)",
        new { name = SetupCode + hash[..40], value = until.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) });

    /// <summary>Until when the code is good; null if there is no such code.</summary>
    public static async Task<DateTimeOffset?> SetupCodeUntilAsync(Tx tx, string hash) =>
        await tx.FindAsync<string>("SELECT value FROM settings WHERE name = @name", new { name = SetupCode + hash[..40] }) is { } value
            ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(value, CultureInfo.InvariantCulture)) : null;

    public static Task<int> ClearSetupCodesAsync(Tx tx) => tx.ExecuteAsync("DELETE FROM settings WHERE name >= @from AND name < @to", new { from = SetupCode, to = SetupCode + "~" });
}
