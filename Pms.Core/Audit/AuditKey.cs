using System.Security.Cryptography;
using System.Text;

namespace Pms.Core.Audit;

/// <summary>
/// Signs what leaves the database (daily roots, archives) with ECDSA P-256. The key lies in the data folder under <c>keys/</c>, where a
/// database administrator doesn't get; nodes that check each other's files share it.
/// </summary>
public sealed class AuditKey(CoreSettings settings)
{
    public string Sign(string text)
    {
        using var key = Key();
        return Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256));
    }

    /// <summary>True if this key signed exactly this text.</summary>
    public bool Verify(string text, string? signature)
    {
        if (string.IsNullOrEmpty(signature))
            return false;
        using var key = Key();
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length) && key.VerifyData(Encoding.UTF8.GetBytes(text), bytes.AsSpan(0, length), HashAlgorithmName.SHA256);
    }

    private ECDsa Key()
    {
        var folder = Directory.CreateDirectory(Path.Combine(settings.DataFolder, "keys")).FullName;
        var file = Path.Combine(folder, "audit-signing.pem");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(file))
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new StreamWriter(file, options);
        stream.Write(key.ExportPkcs8PrivateKeyPem());
        return key;
    }
}
