using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pms.Web.Configuration;

/// <summary>
/// The certificate that may wrap the Data Protection keys instead of the master key: a .pfx, or a .pem that holds certificate and key. Only its RSA key
/// counts; it is tried once at start, so that a wrong one is told then and not at the first sign-in.
/// </summary>
internal static class WrappingCertificate
{
    private const string Setting = "Security:CertificatePath";

    /// <summary>Null where none is set, or it can't be used (then the fault is told).</summary>
    public static X509Certificate2? Read(SettingsReader read)
    {
        var path = read.Text(Setting);
        var password = read.Text("Security:CertificatePassword", secret: true);
        if (path is null)
        {
            if (password is not null)
                read.Fault("Security:CertificatePassword", $"is set, but {Setting} is not.", $"Set {Setting} too, or remove the password.", stops: false);
            return null;
        }
        try
        {
            var certificate = Load(path, password);
            if (Secrets.OthersCanRead(path))
                read.Fault(Setting, $"{path} can be read by others than its owner.", $"Run: chmod 600 {path}", stops: false);
            if (Weakness(certificate) is not { } why)
            {
                read.Note("  in force", certificate.Thumbprint, Setting);
                return certificate;
            }
            certificate.Dispose();
            read.Fault(Setting, $"{path} {why}", "Name a certificate with an RSA key of 2048 bits or more, for example from: openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -keyout k.pem -out c.pem");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            read.Fault(Setting, $"{path} can't be read ({e.Message.TrimEnd('.')}).", "Name a file that the account running PMS may read.");
        }
        catch (CryptographicException)
        {
            read.Fault(Setting, $"{path} can't be opened: it is no .pfx or .pem with its private key, or Security:CertificatePassword is not its password.", "Check the file and the password.");
        }
        return null;
    }

    private static X509Certificate2 Load(string path, string? password)
    {
        if (!File.ReadAllBytes(path).AsSpan().StartsWith("-----"u8) && !Path.GetExtension(path).Equals(".pem", StringComparison.OrdinalIgnoreCase))
            return X509CertificateLoader.LoadPkcs12FromFile(path, password, X509KeyStorageFlags.EphemeralKeySet);
        return password is null ? X509Certificate2.CreateFromPemFile(path) : X509Certificate2.CreateFromEncryptedPemFile(path, password);
    }

    private static string? Weakness(X509Certificate2 certificate)
    {
        using var opens = certificate.GetRSAPrivateKey();
        using var wraps = certificate.GetRSAPublicKey();
        if (opens is null || wraps is null)
            return certificate.HasPrivateKey ? "has no RSA key." : "has no private key.";
        if (opens.KeySize < 2048)
            return $"has an RSA key of {opens.KeySize} bits.";
        var probe = RandomNumberGenerator.GetBytes(32);
        return opens.Decrypt(wraps.Encrypt(probe, RSAEncryptionPadding.OaepSHA256), RSAEncryptionPadding.OaepSHA256).AsSpan().SequenceEqual(probe) ? null : "has a private key that is not its own.";
    }
}
