using Pms.Core.Events;

namespace Pms.Core.Files;

/// <summary>What a file is for: the picture of its record, a document of it, or a picture or paper of its work instructions.</summary>
public enum FileRole { Photo, Document, Instruction }

/// <summary>A file was added to or taken from a record, after the commit.</summary>
public sealed record FilesChanged(string Entity, long EntityId) : IEvent;

/// <summary>Something that people uploaded to a record. Its content never changes: another content is another file.</summary>
public sealed record StoredFile
{
    public long Id { get; init; }

    /// <summary>The audit's name of what it belongs to.</summary>
    public string Entity { get; init; } = "";
    public long EntityId { get; init; }
    public FileRole Role { get; init; }
    public string Name { get; init; } = "";

    /// <summary>The media type its content has, whatever it was called.</summary>
    public string Kind { get; init; } = "";
    public string Hash { get; init; } = "";
    public long Size { get; init; }

    /// <summary>Of a picture, in pixels.</summary>
    public int? Width { get; init; }
    public int? Height { get; init; }
    public string Owner { get; init; } = "";
    public DateTimeOffset At { get; init; }

    public bool IsPicture => Kind.StartsWith("image/", StringComparison.Ordinal);

    /// <summary>Where browsers get it; the ending tells a page whether to show or to offer it.</summary>
    public string Path => $"/files/{Id}.{Extension}";

    public string ThumbnailPath => $"/files/{Id}/thumbnail";

    public string Extension => Kind switch { "image/jpeg" => "jpg", "image/png" => "png", _ => "pdf" };
}

/// <summary>What a feature brings so that its records can have files: who may see and who may change them.</summary>
public interface IFileOwner
{
    /// <summary>The audit's name of its records.</summary>
    string Entity { get; }

    /// <exception cref="ForbiddenException">Or <see cref="NotFoundException"/>.</exception>
    Task DemandViewAsync(Actor actor, long id, CancellationToken ct);

    /// <summary>The record's department, for the audit.</summary>
    /// <exception cref="ForbiddenException">Or <see cref="NotFoundException"/>.</exception>
    Task<long?> DemandEditAsync(Actor actor, long id, CancellationToken ct);
}
