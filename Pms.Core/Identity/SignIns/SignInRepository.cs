using Pms.Core.Data;

namespace Pms.Core.Identity.SignIns;

/// <summary>Whoever a name, a number or a badge stands for, with what proves it. Nothing of it leaves the core.</summary>
internal sealed record Account
{
    public long? UserId { get; init; }
    public long? EmployeeId { get; init; }
    public string Name { get; init; } = "";
    public string? Hash { get; init; }
    public bool Active { get; init; }
    public bool MustChange { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A second factor is in force; only looked at where a password was shown.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>A role asks for one and there is none.</summary>
    public bool EnrolFirst { get; init; }

    /// <summary>How numbers are written and words chosen for them, where they chose.</summary>
    public string? Culture { get; init; }
    public string? Language { get; init; }

    public string Principal => UserId is { } user ? $"u:{user}" : $"e:{EmployeeId}";
}

/// <summary>Finds accounts to sign in, writes which devices signed whom in, and owns employee_credentials.</summary>
public sealed class SignInRepository(Db db)
{
    private const string User =
        """
        SELECT u.id AS user_id, u.employee_id, u.display_name AS name, u.password_hash AS hash, u.active, u.must_change_password AS must_change, u.password_expires_at AS expires_at, u.culture, u.language,
          CASE WHEN f.confirmed_at IS NULL THEN 0 ELSE 1 END AS second_factor,
          CASE WHEN f.confirmed_at IS NULL AND EXISTS (SELECT 1 FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.active = 1 AND r.needs_second_factor = 1) THEN 1 ELSE 0 END AS enrol_first
        FROM users u LEFT JOIN second_factors f ON f.user_id = u.id
        """;

    internal Task<Account?> FindByUserNameAsync(string key, CancellationToken ct) => db.FindAsync<Account>(User + " WHERE u.user_name_key = @key", new { key }, ct);

    internal Task<Account?> FindByUserAsync(long id, CancellationToken ct) => db.FindAsync<Account>(User + " WHERE u.id = @id", new { id }, ct);

    /// <summary>An employee whose linked user is disabled is not active either.</summary>
    private const string Employee =
        """
        SELECT u.id AS user_id, e.id AS employee_id, CONCAT(e.first_name, ' ', e.last_name) AS name, c.pin_hash AS hash, u.culture, u.language,
          CASE WHEN e.active = 1 AND COALESCE(u.active, 1) = 1 THEN 1 ELSE 0 END AS active
        FROM employees e LEFT JOIN employee_credentials c ON c.employee_id = e.id LEFT JOIN users u ON u.employee_id = e.id
        """;

    internal Task<Account?> FindByNumberAsync(string key, CancellationToken ct) => db.FindAsync<Account>(Employee + " WHERE e.number_key = @key", new { key }, ct);

    internal Task<Account?> FindByEmployeeAsync(long id, CancellationToken ct) => db.FindAsync<Account>(Employee + " WHERE e.id = @id", new { id }, ct);

    internal Task<Account?> FindByBadgeAsync(string token, CancellationToken ct) =>
        db.FindAsync<Account>(Employee + " WHERE c.badge_hash = @hash", new { hash = Token.Hash(token) }, ct);

    internal async Task<bool> IsKnownAsync(string deviceHash, string principal, CancellationToken ct) =>
        await db.FindAsync<string>("SELECT device_hash FROM known_devices WHERE device_hash = @deviceHash AND principal = @principal", new { deviceHash, principal }, ct) is not null;

    internal static async Task<bool> KnowAsync(Tx tx, string deviceHash, string principal, string? ip, string? agent, DateTimeOffset now)
    {
        var args = new { deviceHash, principal, now, ip, agent = agent?.Length > 200 ? agent[..200] : agent };
        if (await tx.ExecuteAsync("UPDATE known_devices SET last_seen_at = @now, ip = @ip, agent = @agent WHERE device_hash = @deviceHash AND principal = @principal", args) > 0)
            return false;
        await tx.ExecuteAsync("INSERT INTO known_devices (device_hash, principal, first_seen_at, last_seen_at, ip, agent) VALUES (@deviceHash, @principal, @now, @now, @ip, @agent)", args);
        return true;
    }

    /// <summary>The devices that signed this user in, the last used first.</summary>
    internal Task<IReadOnlyList<KnownDevice>> ListDevicesAsync(long userId, CancellationToken ct) => db.ListAsync<KnownDevice>(
        "SELECT device_hash AS id, first_seen_at, last_seen_at, ip, agent FROM known_devices WHERE principal = @principal ORDER BY last_seen_at DESC, device_hash LIMIT 50", new { principal = Principal(userId) }, ct);

    internal static async Task<bool> ForgetDeviceAsync(Tx tx, long userId, string deviceHash) =>
        await tx.ExecuteAsync("DELETE FROM known_devices WHERE device_hash = @deviceHash AND principal = @principal", new { deviceHash, principal = Principal(userId) }) == 1;

    private static string Principal(long userId) => new Account { UserId = userId }.Principal;

    /// <summary>Devices nobody used for so long are strangers again.</summary>
    public Task<int> PurgeDevicesAsync(DateTimeOffset before, CancellationToken ct = default) =>
        db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM known_devices WHERE last_seen_at < @before", new { before }), ct);

    internal static async Task SetPinAsync(Tx tx, long employeeId, string? hash, DateTimeOffset now)
    {
        var args = new { employeeId, hash, now };
        if (await tx.ExecuteAsync("UPDATE employee_credentials SET pin_hash = @hash, pin_set_at = @now, version = version + 1 WHERE employee_id = @employeeId", args) == 0)
            await tx.ExecuteAsync("INSERT INTO employee_credentials (employee_id, pin_hash, pin_set_at) VALUES (@employeeId, @hash, @now)", args);
    }

    internal static async Task SetBadgeAsync(Tx tx, long employeeId, string? token, DateTimeOffset now)
    {
        var args = new { employeeId, hash = token is null ? null : Token.Hash(token), now };
        if (await tx.ExecuteAsync("UPDATE employee_credentials SET badge_hash = @hash, badge_issued_at = @now, version = version + 1 WHERE employee_id = @employeeId", args) == 0)
            await tx.ExecuteAsync("INSERT INTO employee_credentials (employee_id, badge_hash, badge_issued_at) VALUES (@employeeId, @hash, @now)", args);
    }

    internal Task<CredentialState?> FindCredentialsAsync(long employeeId, CancellationToken ct) => db.FindAsync<CredentialState>(
        """
        SELECT e.id AS employee_id, e.number AS employee_number, e.department_id, e.kind, e.active, u.id AS user_id, c.pin_set_at, c.badge_issued_at,
          CASE WHEN c.pin_hash IS NULL THEN 0 ELSE 1 END AS has_pin, CASE WHEN c.badge_hash IS NULL THEN 0 ELSE 1 END AS has_badge
        FROM employees e LEFT JOIN employee_credentials c ON c.employee_id = e.id LEFT JOIN users u ON u.employee_id = e.id WHERE e.id = @employeeId
        """, new { employeeId }, ct);
}

/// <summary>A browser that signed this person in before; failures elsewhere don't slow it. Forgotten, it is a stranger again.</summary>
public sealed record KnownDevice
{
    /// <summary>The SHA-256 of what the device carries.</summary>
    public string Id { get; init; } = "";

    /// <summary>Null where that was before PMS wrote it down.</summary>
    public DateTimeOffset? FirstSeenAt { get; init; }
    public DateTimeOffset LastSeenAt { get; init; }
    public string? Ip { get; init; }
    public string? Agent { get; init; }
}

/// <summary>Whether an employee has a PIN and a badge, and since when; never what they are.</summary>
public sealed record CredentialState
{
    public long EmployeeId { get; init; }
    public string EmployeeNumber { get; init; } = "";
    public long DepartmentId { get; init; }
    public bool Active { get; init; }
    public string Kind { get; init; } = "";
    public long? UserId { get; init; }
    public bool HasPin { get; init; }
    public DateTimeOffset? PinSetAt { get; init; }
    public bool HasBadge { get; init; }
    public DateTimeOffset? BadgeIssuedAt { get; init; }
}
