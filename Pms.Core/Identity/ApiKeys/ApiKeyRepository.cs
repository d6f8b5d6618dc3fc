using System.Globalization;
using Pms.Core.Data;

namespace Pms.Core.Identity.ApiKeys;

/// <summary>The api_keys table, read together with whose they are.</summary>
public sealed class ApiKeyRepository(Db db, PlantClock clock)
{
    private const string Columns =
        """
        SELECT k.id, k.name, k.prefix, k.user_id, k.permissions, k.departments, k.per_minute, k.created_at, k.expires_at, k.last_used_at, k.last_ip, k.revoked_at, k.version,
          COALESCE(u.display_name, '') AS user_name, u.employee_id, COALESCE(u.active, 0) AS user_active
        """;
    private const string From = "FROM api_keys k LEFT JOIN users u ON u.id = k.user_id";
    private const string Select = Columns + " " + From;

    private static readonly ListQuery List = new ListQuery(Columns, From, "k.id")
        .ContainsText("k.name", "u.display_name")
        .Filter("state", "(CASE WHEN k.revoked_at IS NOT NULL THEN 'Revoked' WHEN COALESCE(u.active, 0) = 0 THEN 'OwnerDisabled' WHEN k.expires_at <= @now THEN 'Expired' ELSE 'Active' END) IN @state", ListQuery.OneOf<ApiKeyState>)
        .Sort("state", "(CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END)", "k.name").Sort("name", "k.name").Sort("owner", "u.display_name", "k.name").Sort("expires", "k.expires_at").Sort("used", "k.last_used_at");

    public static ListShape Shape => List.Shape;

    public async Task<Page<ApiKey>> PageAsync(PageRequest request, CancellationToken ct = default) =>
        (await List.PageAsync<Row>(db, request, ("1 = 1", new { now = clock.Now }), ct)).Select(Of);

    public async Task<ApiKey?> FindAsync(long id, CancellationToken ct = default) => Found(await db.FindAsync<Row>(Select + " WHERE k.id = @id", new { id }, ct));

    public async Task<ApiKey?> FindByTokenAsync(string token, CancellationToken ct = default) =>
        Found(await db.FindAsync<Row>(Select + " WHERE k.token_hash = @hash", new { hash = Token.Hash(token) }, ct));

    public Task<int> KnownDepartmentsAsync(IReadOnlyList<long> ids, CancellationToken ct = default) =>
        db.ScalarAsync<int>("SELECT COUNT(*) FROM departments WHERE id IN @ids", new { ids }, ct);

    public Task<long> InsertAsync(Tx tx, ApiKey key, string token) => tx.InsertAsync(
        """
        INSERT INTO api_keys (name, prefix, token_hash, user_id, permissions, departments, per_minute, created_at, expires_at)
        VALUES (@Name, @Prefix, @hash, @UserId, @permissions, @departments, @PerMinute, @CreatedAt, @ExpiresAt)
        """, new
        {
            key.Name, key.Prefix, hash = Token.Hash(token), key.UserId, permissions = string.Join(',', key.Permissions), departments = string.Join(',', key.Departments),
            key.PerMinute, key.CreatedAt, key.ExpiresAt,
        });

    public static async Task<bool> RevokeAsync(Tx tx, long id, DateTimeOffset now) =>
        await tx.ExecuteAsync("UPDATE api_keys SET revoked_at = @now, version = version + 1 WHERE id = @id AND revoked_at IS NULL", new { id, now }) == 1;

    /// <summary>Takes a revocation back that is not older than <paramref name="since"/>.</summary>
    public static async Task<bool> RestoreAsync(Tx tx, long id, DateTimeOffset since) =>
        await tx.ExecuteAsync("UPDATE api_keys SET revoked_at = NULL, version = version + 1 WHERE id = @id AND revoked_at >= @since", new { id, since }) == 1;

    public Task TouchAsync(long id, DateTimeOffset now, string? ip, CancellationToken ct = default) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("UPDATE api_keys SET last_used_at = @now, last_ip = @ip WHERE id = @id", new { id, now, ip }), ct);

    private static ApiKey? Found(Row? row) => row is null ? null : Of(row);

    private static ApiKey Of(Row r) => new()
    {
        Id = r.Id, Name = r.Name, Prefix = r.Prefix, UserId = r.UserId, PerMinute = r.PerMinute, CreatedAt = r.CreatedAt, ExpiresAt = r.ExpiresAt, LastUsedAt = r.LastUsedAt, LastIp = r.LastIp, RevokedAt = r.RevokedAt,
        Version = r.Version, UserName = r.UserName, EmployeeId = r.EmployeeId, UserActive = r.UserActive,
        Permissions = r.Permissions.Split(',', StringSplitOptions.RemoveEmptyEntries),
        Departments = [.. r.Departments.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(d => long.Parse(d, CultureInfo.InvariantCulture))],
    };

    private sealed record Row
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public string Prefix { get; init; } = "";
        public long UserId { get; init; }
        public string Permissions { get; init; } = "";
        public string Departments { get; init; } = "";
        public int PerMinute { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
        public DateTimeOffset? LastUsedAt { get; init; }
        public string? LastIp { get; init; }
        public DateTimeOffset? RevokedAt { get; init; }
        public int Version { get; init; }
        public string UserName { get; init; } = "";
        public long? EmployeeId { get; init; }
        public bool UserActive { get; init; }
    }
}
