using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Pms.Web.Configuration;

namespace Pms.Web.Security;

/// <summary>Wraps a key by AES-256-GCM under a fresh key, and that one by RSA-OAEP for the certificate; the element names the certificate by its thumbprint.</summary>
public sealed class CertificateEncryptor(X509Certificate2 certificate) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var (key, nonce, cipher, tag) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(12), new byte[plain.Length], new byte[16]);
        using var rsa = certificate.GetRSAPublicKey()!;
        using var aes = new AesGcm(key, tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag, Encoding.ASCII.GetBytes(certificate.Thumbprint));
        return new(new XElement("wrapped", new XAttribute("certificate", certificate.Thumbprint), new XElement("key", Convert.ToBase64String(rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256))),
            new XElement("nonce", Convert.ToBase64String(nonce)), new XElement("tag", Convert.ToBase64String(tag)), new XElement("value", Convert.ToBase64String(cipher))), typeof(CertificateDecryptor));
    }
}

/// <summary>Unwraps a key; made by the framework from the type name stored with it.</summary>
public sealed class CertificateDecryptor(IServiceProvider services) : IXmlDecryptor
{
    /// <exception cref="CryptographicException">Another certificate wrapped it, none is set, or it was changed.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        var thumbprint = (string?)encryptedElement.Attribute("certificate");
        if (services.GetRequiredService<PmsConfiguration>().Certificate is not { } certificate || certificate.Thumbprint != thumbprint)
            throw new CryptographicException($"The key was wrapped by the certificate {thumbprint}. Restore it as Security:CertificatePath from the backup that belongs to this database.");
        byte[] Bytes(string name) => Convert.FromBase64String(encryptedElement.Element(name)!.Value);
        var (cipher, tag) = (Bytes("value"), Bytes("tag"));
        var plain = new byte[cipher.Length];
        using var rsa = certificate.GetRSAPrivateKey()!;
        using var aes = new AesGcm(rsa.Decrypt(Bytes("key"), RSAEncryptionPadding.OaepSHA256), tag.Length);
        aes.Decrypt(Bytes("nonce"), cipher, tag, plain, Encoding.ASCII.GetBytes(certificate.Thumbprint));
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
