using OtpNet;

namespace Pms.Core.Identity.SecondFactors;

/// <summary>Codes of RFC 6238 as all authenticator apps make them: SHA-1, six digits, thirty seconds; one step early or late is taken for clocks that differ.</summary>
public static class TimeCodes
{
    public const int Digits = 6;

    private const int SecretBytes = 20;   // as long as the hash (RFC 4226, 4)

    public static string NewSecret() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(SecretBytes)).TrimEnd('=');

    /// <summary>The time step that the code belongs to; null if it is of none near <paramref name="now"/>.</summary>
    public static long? StepOf(string secret, string code, DateTimeOffset now) =>
        new Totp(Base32Encoding.ToBytes(secret)).VerifyTotp(now.UtcDateTime, code, out var step, new VerificationWindow(previous: 1, future: 1)) ? step : null;

    /// <summary>The code of this moment, as an app would show it.</summary>
    public static string At(string secret, DateTimeOffset now) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(now.UtcDateTime);
}
