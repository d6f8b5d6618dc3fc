using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pms.Core.Audit.Retention;

/// <summary>
/// Archives as files: the entries as one JSON line each, by seal and id, compressed; beside them a description with the file's SHA-256,
/// signed, so that an archive that was changed is found. They lie under <c>audit/archives/</c> in the data folder.
/// </summary>
public sealed class ArchiveFiles(AuditKey key, CoreSettings settings)
{
    /// <summary>What the signed description says.</summary>
    public sealed record Description(long Number, long MadeAt, string File, int Entries, long FirstSeal, long LastSeal, string Sha256, string Signature)
    {
        internal string Text() => string.Create(CultureInfo.InvariantCulture, $"{Number}|{MadeAt}|{File}|{Entries}|{FirstSeal}|{LastSeal}|{Sha256}");
    }

    public string Folder => Path.Combine(settings.DataFolder, "audit", "archives");

    /// <summary>One more than the highest number there is, a file without its row in the database counted too.</summary>
    public long NextNumber(long highest) => Math.Max(highest, Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder).Select(f => long.TryParse(Path.GetFileName(f).Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).DefaultIfEmpty().Max() : 0) + 1;

    /// <summary>Writes the entries, then the signed description; an archive without a description doesn't count.</summary>
    public async Task<Description> WriteAsync(long number, DateTimeOffset now, IReadOnlyList<ArchivedRow> rows, CancellationToken ct)
    {
        Directory.CreateDirectory(Folder);
        var name = number.ToString("000000", CultureInfo.InvariantCulture) + ".ndjson.gz";
        var path = Path.Combine(Folder, name);
        await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, useAsync: true))
        {
            await using (var packed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
                foreach (var row in rows)
                {
                    await JsonSerializer.SerializeAsync(packed, row, cancellationToken: ct);
                    packed.WriteByte((byte)'\n');
                }
            file.Flush(flushToDisk: true);
        }
        var described = new Description(number, now.ToUnixTimeMilliseconds(), name, rows.Count, rows[0].Seal, rows[^1].Seal, await HashAsync(path, ct), "");
        described = described with { Signature = key.Sign(described.Text()) };
        var draft = Path.Combine(Folder, Path.GetFileNameWithoutExtension(Path.GetFileNameWithoutExtension(name)) + ".new");
        await File.WriteAllTextAsync(draft, JsonSerializer.Serialize(described), ct);
        File.Move(draft, Path.ChangeExtension(draft, ".json"));
        return described;
    }

    /// <summary>The archives here whose signature and content hold, by their first seal, and what is wrong with the first that doesn't.</summary>
    public async Task<(IReadOnlyList<Description> Good, string? Problem)> ReadAsync(CancellationToken ct)
    {
        var good = new List<Description>();
        if (!Directory.Exists(Folder))
            return (good, null);
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            Description? described;
            try { described = JsonSerializer.Deserialize<Description>(await File.ReadAllTextAsync(file, ct)); }
            catch (JsonException) { described = null; }
            if (described is null || Path.GetFileName(described.File) != described.File || !key.Verify(described.Text(), described.Signature))
                return (good, $"The archive description {name} has no valid signature.");
            var entries = Path.Combine(Folder, described.File);
            if (!File.Exists(entries))
                return (good, $"The archive {described.File} is not in the data folder: put it back under audit/archives to prove its {described.Entries} entries.");
            if (await HashAsync(entries, ct) != described.Sha256)
                return (good, $"The archive {described.File} was altered.");
            good.Add(described);
        }
        return ([.. good.OrderBy(d => d.FirstSeal).ThenBy(d => d.Number)], null);
    }

    /// <summary>The entries of one archive, by seal and id.</summary>
    public async IAsyncEnumerable<ArchivedRow> RowsAsync(Description archive, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var file = File.OpenRead(Path.Combine(Folder, archive.File));
        await using var packed = new GZipStream(file, CompressionMode.Decompress);
        using var lines = new StreamReader(packed);
        while (await lines.ReadLineAsync(ct) is { } line)
            if (line.Length > 0 && JsonSerializer.Deserialize<ArchivedRow>(line) is { } row)
                yield return row;
    }

    private static async Task<string> HashAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
    }
}
