using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using Pms.Core.Data;
using Pms.Web.Configuration;

namespace Pms.Web.Security;

/// <summary>
/// The keys of cookies and stored secrets lie in the database, so that every node shares them and a backup holds them,
/// each wrapped by a certificate or the master key that lies elsewhere: neither part alone opens anything.
/// </summary>
public static class KeyRing
{
    public static IServiceCollection AddPmsKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("pms");
        services.AddSingleton<KeyTable>().AddSingleton<IConfigureOptions<KeyManagementOptions>>(sp => new ConfigureOptions<KeyManagementOptions>(o =>
        {
            o.XmlRepository = new DatabaseKeys(sp.GetRequiredService<KeyTable>());
            var configuration = sp.GetRequiredService<PmsConfiguration>();
            o.XmlEncryptor = configuration.Certificate is { } certificate ? new CertificateEncryptor(certificate) : new MasterKeyEncryptor(configuration.MasterKey!);
        }));
        return services;
    }
}

/// <summary>Reads and adds keys. The framework asks synchronously; on a pool thread, so that a page's own context is never waited for.</summary>
public sealed class DatabaseKeys(KeyTable keys) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. Task.Run(() => keys.ListAsync()).GetAwaiter().GetResult().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName) =>
        Task.Run(() => keys.InsertAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting))).GetAwaiter().GetResult();
}

/// <summary>Wraps a key by AES-256-GCM under the master key; the element names which master key by a fingerprint.</summary>
public sealed class MasterKeyEncryptor(byte[] master) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var (nonce, cipher, tag) = (RandomNumberGenerator.GetBytes(12), new byte[plain.Length], new byte[16]);
        using var aes = new AesGcm(master, tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag, Encoding.ASCII.GetBytes(Fingerprint(master)));
        return new(new XElement("wrapped", new XAttribute("master", Fingerprint(master)),
            new XElement("nonce", Convert.ToBase64String(nonce)), new XElement("tag", Convert.ToBase64String(tag)), new XElement("value", Convert.ToBase64String(cipher))), typeof(MasterKeyDecryptor));
    }

    /// <summary>Tells master keys apart without telling anything about them.</summary>
    public static string Fingerprint(byte[] master) => Convert.ToHexStringLower(SHA256.HashData([.. "pms master key"u8, .. master]))[..16];
}

/// <summary>Unwraps a key; made by the framework from the type name stored with it.</summary>
public sealed class MasterKeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    /// <exception cref="CryptographicException">Another master key wrapped it, or it was changed.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        var master = services.GetRequiredService<PmsConfiguration>().MasterKey
            ?? throw new CryptographicException("The key was wrapped by a master key. Set Security:MasterKey besides the certificate until the keys it wrapped have run out.");
        var fingerprint = (string?)encryptedElement.Attribute("master");
        if (fingerprint != MasterKeyEncryptor.Fingerprint(master))
            throw new CryptographicException("The key was wrapped by another master key. Restore Security:MasterKey (or data/keys/master.key) from the backup that belongs to this database.");
        byte[] Bytes(string name) => Convert.FromBase64String(encryptedElement.Element(name)!.Value);
        var (cipher, tag) = (Bytes("value"), Bytes("tag"));
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(master, tag.Length);
        aes.Decrypt(Bytes("nonce"), cipher, tag, plain, Encoding.ASCII.GetBytes(fingerprint));
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
