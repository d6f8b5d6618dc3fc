using Pms.Core.Data;

namespace Pms.Core.Identity.Sessions;

/// <summary>The sessions table, read together with who the person is now.</summary>
public sealed class SessionRepository(Db db)
{
    private const string Select =
        """
        SELECT s.id, s.kind, s.method, s.user_id, s.employee_id, s.terminal_id, s.badge_only, s.created_at, s.last_seen_at, s.expires_at, s.ended_at, s.refresh_hash, s.ip, s.agent, s.device_hash, s.enrol_first,
          u.display_name, u.active AS user_active, COALESCE(u.must_change_password, 0) AS must_change_password, u.culture, u.language,
          e.first_name, e.last_name, e.number AS employee_number, e.active AS employee_active, e.department_id, d.name AS department_name, t.revoked_at AS terminal_revoked_at, t.name AS terminal_name, f.confirmed_at AS second_factor_at
        FROM sessions s LEFT JOIN users u ON u.id = s.user_id LEFT JOIN employees e ON e.id = s.employee_id
          LEFT JOIN departments d ON d.id = e.department_id LEFT JOIN terminals t ON t.id = s.terminal_id LEFT JOIN second_factors f ON f.user_id = s.user_id
        """;

    public Task<Session?> FindAsync(string id, CancellationToken ct = default) => db.FindAsync<Session>(Select + " WHERE s.id = @id", new { id }, ct);

    public Task<IReadOnlyList<Session>> ListAsync(IReadOnlyList<string> ids, CancellationToken ct = default) => db.ListAsync<Session>(Select + " WHERE s.id IN @ids", new { ids }, ct);

    /// <summary>The sessions of a person that are not ended, newest first.</summary>
    public Task<IReadOnlyList<Session>> ListOpenAsync(long? userId, long? employeeId, DateTimeOffset now, CancellationToken ct = default) => db.ListAsync<Session>(
        Select + " WHERE s.ended_at IS NULL AND s.expires_at > @now AND (s.user_id = @userId OR s.employee_id = @employeeId) ORDER BY s.created_at DESC LIMIT 50",
        new { userId, employeeId, now }, ct);

    public void Insert(Tx tx, Session session) => tx.Add(
        """
        INSERT INTO sessions (id, kind, method, user_id, employee_id, terminal_id, badge_only, created_at, last_seen_at, expires_at, refresh_hash, ip, agent, device_hash, enrol_first)
        VALUES (@Id, @Kind, @Method, @UserId, @EmployeeId, @TerminalId, @BadgeOnly, @CreatedAt, @LastSeenAt, @ExpiresAt, @RefreshHash, @Ip, @Agent, @DeviceHash, @EnrolFirst)
        """, new
        {
            session.Id, session.Kind, session.Method, session.UserId, session.EmployeeId, session.TerminalId, session.BadgeOnly, session.CreatedAt, session.LastSeenAt,
            session.ExpiresAt, session.RefreshHash, session.Ip, Agent = session.Agent?.Length > 200 ? session.Agent[..200] : session.Agent, session.DeviceHash, session.EnrolFirst,
        });

    public Task TouchAsync(IReadOnlyList<string> ids, DateTimeOffset now, CancellationToken ct = default) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("UPDATE sessions SET last_seen_at = @now WHERE id IN @ids AND ended_at IS NULL AND last_seen_at < @now", new { ids, now }), ct);

    /// <summary>Returns whether the session was open until now.</summary>
    public static async Task<bool> EndAsync(Tx tx, string id, DateTimeOffset now) =>
        await tx.ExecuteAsync("UPDATE sessions SET ended_at = @now WHERE id = @id AND ended_at IS NULL", new { id, now }) == 1;

    /// <summary>Ends all sessions of a person but one; returns how many there were.</summary>
    public static Task<int> EndAllAsync(Tx tx, long? userId, long? employeeId, string? except, DateTimeOffset now) => tx.ExecuteAsync(
        "UPDATE sessions SET ended_at = @now WHERE ended_at IS NULL AND (user_id = @userId OR employee_id = @employeeId) AND id <> @except",
        new { userId, employeeId, except = except ?? "", now });

    /// <summary>Ends what is open on one device of a person; returns how many there were.</summary>
    public static Task<int> EndAllOfDeviceAsync(Tx tx, long userId, string deviceHash, DateTimeOffset now) =>
        tx.ExecuteAsync("UPDATE sessions SET ended_at = @now WHERE ended_at IS NULL AND user_id = @userId AND device_hash = @deviceHash", new { now, userId, deviceHash });

    /// <summary>The session may do nothing before a second factor is set up.</summary>
    public static Task<int> EnrolFirstAsync(Tx tx, string id) => tx.ExecuteAsync("UPDATE sessions SET enrol_first = 1 WHERE id = @id", new { id });

    public static Task<int> EndAllOfTerminalAsync(Tx tx, long terminalId, DateTimeOffset now) =>
        tx.ExecuteAsync("UPDATE sessions SET ended_at = @now WHERE ended_at IS NULL AND terminal_id = @terminalId", new { terminalId, now });

    /// <summary>Replaces the refresh token if it is still the one in force; false means it was used before.</summary>
    public static async Task<bool> RotateAsync(Tx tx, string id, string before, string after, DateTimeOffset now) => await tx.ExecuteAsync(
        "UPDATE sessions SET refresh_hash = @after, last_seen_at = @now WHERE id = @id AND refresh_hash = @before AND ended_at IS NULL AND expires_at > @now",
        new { id, before, after, now }) == 1;

    /// <summary>Removes sessions that are over for longer than anybody looks at them.</summary>
    public Task<int> PurgeAsync(DateTimeOffset before, CancellationToken ct = default) =>
        db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM sessions WHERE expires_at < @before", new { before }), ct);
}
