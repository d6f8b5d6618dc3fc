using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Pms.Core.Settings;

/// <summary>Seals secrets that PMS must be able to read again by the key ring, so that a copy of the database alone tells nothing.</summary>
public sealed class SecretBox(IDataProtectionProvider keys)
{
    private readonly IDataProtector protector = keys.CreateProtector("Pms.Settings");

    public string Seal(string plain) => protector.Protect(plain);

    /// <summary>Null where it was sealed with keys that are gone, or changed since.</summary>
    public string? Open(string sealedText)
    {
        try
        {
            return protector.Unprotect(sealedText);
        }
        catch (CryptographicException)
        {
            return null;   // the caller says that it must be typed in again
        }
    }
}
