using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Pms.Core.Identity;

/// <summary>Random secrets that are handed out once; the database keeps only their SHA-256, which is enough for what can't be guessed.</summary>
public static class Token
{
    /// <summary>Without look-alikes (0 O, 1 l I), because people read these aloud.</summary>
    private const string Readable = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>256 random bits, safe in a URL.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>26 random digits (86 bits): what a badge carries. Digits only, because a scanner types by the keyboard's layout.</summary>
    public static string NewBadge() => RandomNumberGenerator.GetString("0123456789", 26);

    /// <summary>Groups of readable characters, e.g. <c>k7wm-x3fp-…</c>; about 20 bits a group.</summary>
    public static string NewReadable(int groups) => string.Join('-', Enumerable.Range(0, groups).Select(_ => RandomNumberGenerator.GetString(Readable, 4)));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
