using Pms.Core.Data;

namespace Pms.Core.Floor.WallBoards;

/// <summary>Writes the wall boards and finds them by their token's hash.</summary>
public sealed class WallBoardRepository(Db db)
{
    private const string Select = "SELECT id, name, department_id, show_names, created_at, created_by, last_seen_at, revoked_at, version FROM wall_boards";

    public Task<IReadOnlyList<WallBoard>> ListAsync(CancellationToken ct) => db.ListAsync<WallBoard>(Select + " WHERE revoked_at IS NULL ORDER BY name, id", ct: ct);

    public Task<WallBoard?> FindAsync(long id, CancellationToken ct) => db.FindAsync<WallBoard>(Select + " WHERE id = @id", new { id }, ct);

    /// <summary>The board of a token that was not revoked.</summary>
    public Task<WallBoard?> FindByTokenAsync(string hash, CancellationToken ct) =>
        db.FindAsync<WallBoard>(Select + " WHERE token_hash = @hash AND revoked_at IS NULL", new { hash }, ct);

    public Task<long> InsertAsync(Tx tx, WallBoard board, string hash) => tx.InsertAsync(
        """
        INSERT INTO wall_boards (name, department_id, token_hash, show_names, created_at, created_by)
        VALUES (@Name, @DepartmentId, @hash, @ShowNames, @CreatedAt, @CreatedBy)
        """, new { board.Name, board.DepartmentId, hash, board.ShowNames, board.CreatedAt, board.CreatedBy });

    public void Revoke(Tx tx, long id, DateTimeOffset at) =>
        tx.Add("UPDATE wall_boards SET revoked_at = @at, version = version + 1 WHERE id = @id AND revoked_at IS NULL", new { id, at });

    /// <summary>Touches no row when it was seen within the last minute: a hundred screens write no more than needed.</summary>
    public Task<int> SeenAsync(Tx tx, long id, DateTimeOffset at) =>
        tx.ExecuteAsync("UPDATE wall_boards SET last_seen_at = @at WHERE id = @id AND (last_seen_at IS NULL OR last_seen_at < @before)", new { id, at, before = at - TimeSpan.FromMinutes(1) });
}
