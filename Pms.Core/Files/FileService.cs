using System.Collections.Frozen;
using Pms.Core.Audit;
using Pms.Core.Data;

namespace Pms.Core.Files;

/// <summary>Pictures and papers of records: taken in by what they are and not by what they are called, seen and changed by who may see and change the record.</summary>
public sealed class FileService(IEnumerable<IFileOwner> owners, FileRepository files, FileStore store, LiveSettings live, Commands commands, AuditLog audit, Db db, PlantClock clock)
{
    /// <summary>Files that one record may have.</summary>
    public const int MostFiles = 200;

    private readonly FrozenDictionary<string, IFileOwner> known = owners.ToFrozenDictionary(o => o.Entity);

    public long MostBytes => live.Now.UploadBytes;

    /// <exception cref="RuleException">file.too_large, file.empty, file.not_allowed, file.too_many, file.broken_picture, file.too_many_pixels.</exception>
    public async Task<StoredFile> AddAsync(Actor actor, string entity, long entityId, FileRole role, string name, Stream content, CancellationToken ct = default)
    {
        var department = await Owner(entity).DemandEditAsync(actor, entityId, ct);
        if (await files.CountAsync(entity, entityId, ct) >= MostFiles)
            throw new RuleException("file.too_many", MostFiles);
        var bytes = await ReadAsync(content, ct);
        var picture = Pictures.IsPicture(bytes) ? await Task.Run(() => Pictures.Draw(bytes), ct) : null;
        if (picture is null && (role == FileRole.Photo || !bytes.AsSpan().StartsWith("%PDF-"u8)))
            throw new RuleException("file.not_allowed");
        var kept = picture?.Content ?? bytes;
        var clean = Text.Clean(Path.GetFileName(name.Replace('\\', '/')));
        var file = new StoredFile
        {
            Entity = entity, EntityId = entityId, Role = role, Name = clean.Length == 0 ? "file" : clean.Length > 200 ? clean[..200] : clean, Kind = picture?.Kind ?? "application/pdf",
            Hash = await store.KeepAsync(kept, picture?.Thumbnail, ct), Size = kept.Length, Width = picture?.Width, Height = picture?.Height, Owner = actor.Name, At = clock.Now,
        };
        var id = await commands.RunAsync(actor, "file.add", actor.CommandKey, new { entity, entityId, role, file.Name, file.Hash }, async tx =>
        {
            var made = await files.InsertAsync(tx, file);
            audit.Write(tx, actor, "file.add", entity, entityId, new Dictionary<string, object?[]> { ["File"] = [null, file.Name] }, department);
            tx.Raise(new FilesChanged(entity, entityId));
            return made;
        }, ct);
        return file with { Id = id };
    }

    public async Task<IReadOnlyList<StoredFile>> ListAsync(Actor actor, string entity, long entityId, CancellationToken ct = default)
    {
        await Owner(entity).DemandViewAsync(actor, entityId, ct);
        return await files.ListAsync(entity, entityId, ct);
    }

    /// <summary>The file with where its content lies; a picture's thumbnail where it is asked for.</summary>
    /// <exception cref="NotFoundException">There is none, or the actor may not see its record.</exception>
    public async Task<(StoredFile File, string Path)> OpenAsync(Actor actor, long id, bool thumbnail, CancellationToken ct = default)
    {
        var file = await files.FindAsync(id, ct) ?? throw new NotFoundException("file", id);
        try
        {
            await Owner(file.Entity).DemandViewAsync(actor, file.EntityId, ct);
        }
        catch (ForbiddenException)
        {
            throw new NotFoundException("file", id);
        }
        var path = store.PathOf(file.Hash, thumbnail && file.IsPicture);
        return File.Exists(path) ? (file, path) : throw new NotFoundException("file", id);
    }

    public async Task RemoveAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var file = await files.FindAsync(id, ct) ?? throw new NotFoundException("file", id);
        var department = await Owner(file.Entity).DemandEditAsync(actor, file.EntityId, ct);
        await db.InTransactionAsync(async tx =>
        {
            if (await files.DeleteAsync(tx, id) == 0)
                return;
            audit.Write(tx, actor, "file.remove", file.Entity, file.EntityId, new Dictionary<string, object?[]> { ["File"] = [file.Name, null] }, department);
            tx.Raise(new FilesChanged(file.Entity, file.EntityId));
        }, ct);
    }

    /// <summary>Removes contents that no record names any more.</summary>
    public Task PurgeAsync(CancellationToken ct) => store.SweepAsync(hash => files.UsesAsync(hash, ct), ct);

    private IFileOwner Owner(string entity) => known.GetValueOrDefault(entity) ?? throw new NotFoundException("file", entity);

    private async Task<byte[]> ReadAsync(Stream content, CancellationToken ct)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;)
        {
            if (memory.Length + read > MostBytes)
                throw new RuleException("file.too_large", MostBytes / 1_000_000);
            memory.Write(buffer, 0, read);
        }
        return memory.Length == 0 ? throw new RuleException("file.empty") : memory.ToArray();
    }
}
