using System.Security.Cryptography;

namespace Pms.Core.Imports;

/// <summary>The files of imports, outside the web root, named by what is in them: the same file twice is one.</summary>
public sealed class ImportFiles(CoreSettings settings, TimeProvider time)
{
    private string Folder => Directory.CreateDirectory(Path.Combine(settings.DataFolder, "imports")).FullName;

    /// <summary>For what a reader can't keep in memory.</summary>
    public string Cache => Directory.CreateDirectory(Path.Combine(settings.DataFolder, "tmp")).FullName;

    public string PathOf(string hash) => Path.Combine(Folder, hash);

    public bool Has(string hash) => File.Exists(PathOf(hash));

    /// <summary>Stores what the stream holds.</summary>
    /// <exception cref="RuleException">file.too_large (MB).</exception>
    public async Task<(string Hash, long Size)> KeepAsync(Stream content, long most, CancellationToken ct)
    {
        var draft = Path.Combine(Cache, Guid.NewGuid().ToString("N"));
        try
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            await using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, useAsync: true))
            {
                var buffer = new byte[64 * 1024];
                for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;)
                {
                    if ((size += read) > most)
                        throw new RuleException("file.too_large", most / 1_000_000);
                    sha.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), ct);
                }
            }
            var hash = Convert.ToHexStringLower(sha.GetHashAndReset());
            File.Move(draft, PathOf(hash), overwrite: true);
            File.SetLastWriteTimeUtc(PathOf(hash), time.GetUtcNow().UtcDateTime);
            return (hash, size);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Removes files that no import names; a fresh one may be about to be named.</summary>
    public async Task SweepAsync(Func<string, Task<bool>> isUsed, CancellationToken ct)
    {
        var fresh = time.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var file in Directory.EnumerateFiles(Folder).Where(f => File.GetLastWriteTimeUtc(f) < fresh))
        {
            ct.ThrowIfCancellationRequested();
            if (!await isUsed(Path.GetFileName(file)))
                File.Delete(file);
        }
    }
}
