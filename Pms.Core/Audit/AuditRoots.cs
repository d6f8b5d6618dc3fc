using System.Globalization;
using System.Text.Json;

namespace Pms.Core.Audit;

/// <summary>
/// Daily roots: the last seal of each day, in a signed file outside the database, since whoever owns the database could recompute the
/// chain or cut its tail. Files lie under <c>audit/</c> in the data folder, the signing key beside them under <c>keys/</c>.
/// </summary>
public sealed class AuditRoots(AuditChainRepository chain, AuditKey key, CoreSettings settings, PlantClock clock)
{
    private DateOnly written;

    /// <summary>What a root file holds; the signature is ECDSA P-256 over the other fields joined by '|'.</summary>
    public sealed record Root(string Day, long Number, string Hash, string Signature);

    private string Folder => Path.Combine(settings.DataFolder, "audit");

    /// <summary>Writes yesterday's root if it is missing and something was sealed by then.</summary>
    public async Task WriteAsync(CancellationToken ct)
    {
        var day = clock.Today.AddDays(-1);
        if (written == day)
            return;
        var file = Path.Combine(Folder, $"{day:yyyy-MM-dd}.json");
        if (!File.Exists(file) && await chain.LastBeforeAsync(clock.At(day.AddDays(1), 0), ct) is { } seal)
        {
            Directory.CreateDirectory(Folder);
            var named = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var root = new Root(named, seal.Number, seal.Hash, key.Sign(Text(named, seal.Number, seal.Hash)));
            var draft = file + ".new";
            await File.WriteAllTextAsync(draft, JsonSerializer.Serialize(root), ct);
            File.Move(draft, file, overwrite: true);
        }
        written = day;
    }

    /// <summary>All roots whose signature holds, and the names of files whose signature does not.</summary>
    public async Task<(IReadOnlyList<Root> Good, IReadOnlyList<string> Bad)> ReadAsync(CancellationToken ct)
    {
        var (good, bad) = (new List<Root>(), new List<string>());
        if (!Directory.Exists(Folder))
            return (good, bad);
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                var root = JsonSerializer.Deserialize<Root>(await File.ReadAllTextAsync(file, ct));
                if (root is not null && key.Verify(Text(root.Day, root.Number, root.Hash), root.Signature))
                    good.Add(root);
                else
                    bad.Add(Path.GetFileName(file));
            }
            catch (JsonException)
            {
                bad.Add(Path.GetFileName(file));
            }
        }
        return (good, bad);
    }

    private static string Text(string day, long number, string hash) => string.Create(CultureInfo.InvariantCulture, $"{day}|{number}|{hash}");
}
