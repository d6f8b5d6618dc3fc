using Pms.Core.Data;

namespace Pms.Core.Files;

/// <summary>Writes which files belong to which record, and reads it.</summary>
public sealed class FileRepository(Db db)
{
    private const string Select = "SELECT id, entity, entity_id, role, name, kind, hash, size, width, height, owner, at FROM files";

    public Task<StoredFile?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<StoredFile>(Select + " WHERE id = @id", new { id }, ct);

    /// <summary>The first 200 in the order they came.</summary>
    public Task<IReadOnlyList<StoredFile>> ListAsync(string entity, long entityId, CancellationToken ct = default) =>
        db.ListAsync<StoredFile>(Select + " WHERE entity = @entity AND entity_id = @entityId ORDER BY id LIMIT 200", new { entity, entityId }, ct);

    public Task<int> CountAsync(string entity, long entityId, CancellationToken ct = default) =>
        db.ScalarAsync<int>("SELECT COUNT(*) FROM files WHERE entity = @entity AND entity_id = @entityId", new { entity, entityId }, ct);

    public Task<bool> UsesAsync(string hash, CancellationToken ct = default) => db.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM files WHERE hash = @hash)", new { hash }, ct);

    public Task<long> InsertAsync(Tx tx, StoredFile f) => tx.InsertAsync(
        """
        INSERT INTO files (entity, entity_id, role, name, kind, hash, size, width, height, owner, at)
        VALUES (@Entity, @EntityId, @Role, @Name, @Kind, @Hash, @Size, @Width, @Height, @Owner, @At)
        """, new { f.Entity, f.EntityId, Role = f.Role.ToString(), f.Name, f.Kind, f.Hash, f.Size, f.Width, f.Height, f.Owner, f.At });

    public Task<int> DeleteAsync(Tx tx, long id) => tx.ExecuteAsync("DELETE FROM files WHERE id = @id", new { id });
}
