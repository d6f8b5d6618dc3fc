using System.Security.Cryptography;

namespace Pms.Core.Files;

/// <summary>Contents under the data folder, outside the web root, named by their hash and never by what a person called them; the same content is kept once.</summary>
public sealed class FileStore(CoreSettings settings, TimeProvider time)
{
    private string Folder => Path.Combine(settings.DataFolder, "files");

    public string PathOf(string hash, bool thumbnail = false) => Path.Combine(Folder, hash[..2], thumbnail ? hash + ".t" : hash);

    /// <summary>Keeps the content; its hash.</summary>
    public async Task<string> KeepAsync(byte[] content, byte[]? thumbnail, CancellationToken ct)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(hash))!);
        if (thumbnail is not null)
            await WriteAsync(PathOf(hash, thumbnail: true), thumbnail, ct);
        await WriteAsync(PathOf(hash), content, ct);
        return hash;
    }

    /// <summary>Removes what no record names; fresh ones may be about to be named.</summary>
    public async Task SweepAsync(Func<string, Task<bool>> isUsed, CancellationToken ct)
    {
        if (!Directory.Exists(Folder))
            return;
        var fresh = time.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(f => File.GetLastWriteTimeUtc(f) < fresh))
        {
            ct.ThrowIfCancellationRequested();
            if (Path.GetFileName(file).Split('.')[0] is { Length: 64 } hash && await isUsed(hash))
                continue;
            File.Delete(file);
        }
    }

    /// <summary>Written aside and moved into place, so that no half of a file is ever read.</summary>
    private async Task WriteAsync(string path, byte[] content, CancellationToken ct)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await File.WriteAllBytesAsync(draft, content, ct);
            File.SetLastWriteTimeUtc(draft, time.GetUtcNow().UtcDateTime);
            File.Move(draft, path, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
