using Pms.Core.Data;

namespace Pms.Core.Identity.Sessions;

/// <summary>The terminals table.</summary>
public sealed class TerminalRepository(Db db)
{
    private const string Columns = "SELECT t.id, t.name, t.department_id, d.name AS department_name, t.enrolled_at, t.last_seen_at, t.revoked_at, t.version";
    private const string From = "FROM terminals t LEFT JOIN departments d ON d.id = t.department_id";
    private const string Select = Columns + " " + From;

    private static readonly ListQuery List = new ListQuery(Columns, From, "t.id")
        .ContainsText("t.name")
        .Filter("department", "t.department_id = @department", ListQuery.Number)
        .Filter("revoked", "(CASE WHEN t.revoked_at IS NULL THEN 0 ELSE 1 END) = @revoked", ListQuery.Flag)
        .Sort("department", "d.name_key", "t.name").Sort("name", "t.name").Sort("enrolled", "t.enrolled_at").Sort("seen", "t.last_seen_at");

    public static ListShape Shape => List.Shape;

    public Task<Page<Terminal>> PageAsync(PageRequest request, CancellationToken ct = default) => List.PageAsync<Terminal>(db, request, null, ct);

    public Task<Terminal?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Terminal>(Select + " WHERE t.id = @id", new { id }, ct);

    /// <summary>The terminal that holds this token and isn't revoked.</summary>
    public Task<Terminal?> FindByTokenAsync(string token, CancellationToken ct = default) =>
        db.FindAsync<Terminal>(Select + " WHERE t.token_hash = @hash AND t.revoked_at IS NULL", new { hash = Token.Hash(token) }, ct);

    public Task<bool> DepartmentExistsAsync(long id, CancellationToken ct = default) => db.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM departments WHERE id = @id)", new { id }, ct);

    public Task<long> InsertAsync(Tx tx, Terminal terminal, string token) => tx.InsertAsync(
        "INSERT INTO terminals (name, department_id, token_hash, enrolled_at, version) VALUES (@Name, @DepartmentId, @hash, @EnrolledAt, 1)",
        new { terminal.Name, terminal.DepartmentId, hash = Token.Hash(token), terminal.EnrolledAt });

    public static async Task<bool> RevokeAsync(Tx tx, long id, DateTimeOffset now) =>
        await tx.ExecuteAsync("UPDATE terminals SET revoked_at = @now, version = version + 1 WHERE id = @id AND revoked_at IS NULL", new { id, now }) == 1;

    public static void Seen(Tx tx, long id, DateTimeOffset now) => tx.Add("UPDATE terminals SET last_seen_at = @now WHERE id = @id", new { id, now });
}
