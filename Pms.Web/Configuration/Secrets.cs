using System.Security.Cryptography;

namespace Pms.Web.Configuration;

/// <summary>Judges secrets, and makes missing ones in development: random, in files that only their owner may read.</summary>
public static class Secrets
{
    public const int ShortestJwtSecret = 32;

    private static readonly string[] WellKnown =
        ["changeme", "change-me", "change_me", "changethis", "secret", "password", "passw0rd", "default", "example", "your-", "your_", "jwt_secret", "jwt-secret", "supersecret", "development", "placeholder", "12345678", "qwerty", "letmein"];

    private static readonly string[] WellKnownPasswords = ["root", "admin", "mysql", "mariadb", "pms", "test", "user", "1234", "12345", "123456", "1234567", "toor", "guest"];

    /// <summary>Why a signing secret is weak, or null. Weak: short, on everybody's list, or hardly varied.</summary>
    public static string? WeaknessOfKey(string secret) =>
        secret.Length < ShortestJwtSecret ? $"has {secret.Length} characters; {ShortestJwtSecret} are the least."
        : WellKnown.Any(w => secret.Contains(w, StringComparison.OrdinalIgnoreCase)) ? "is, or contains, a word that stands in examples everywhere."
        : secret.Distinct().Count() < 12 ? "repeats a few characters."
        : null;

    /// <summary>Why a database password is weak, or null.</summary>
    public static string? WeaknessOfPassword(string? password, string? user) =>
        string.IsNullOrEmpty(password) ? "is empty."
        : password.Equals(user, StringComparison.OrdinalIgnoreCase) ? "is the user's own name."
        : WellKnownPasswords.Contains(password, StringComparer.OrdinalIgnoreCase) || WellKnown.Any(w => password.Contains(w, StringComparison.OrdinalIgnoreCase)) ? "is one that everybody tries first."
        : password.Length < 8 ? "has fewer than 8 characters."
        : null;

    /// <summary>The secret in the file; made at random when there is none. Two processes that start at once get the same one.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public static string TakeOrMake(string file, int bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (!File.Exists(file))
        {
            // Written beside and moved into place, so that nobody ever reads half of it.
            var fresh = $"{file}.{Guid.NewGuid():N}";
            using (var stream = new FileStream(fresh, OwnerOnly()))
            using (var writer = new StreamWriter(stream))
                writer.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes)));
            try
            {
                File.Move(fresh, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(fresh);   // another process was faster
            }
        }
        return File.ReadAllText(file).Trim();
    }

    /// <summary>True when others than the owner can read the file.</summary>
    public static bool OthersCanRead(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    private static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
