using Pms.Core.Audit;

namespace Pms.Core.Identity.SecondFactors;

/// <summary>What a user proves besides the password: codes of an app that shares one secret with PMS (TOTP, RFC 6238). Counts once a code of it was shown.</summary>
public sealed record SecondFactor
{
    public long UserId { get; init; }

    /// <summary>Encrypted for this user; what it says leaves the core only while it is set up.</summary>
    [Secret] public string Secret { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The last time step that was used; an older one, or the same again, is refused.</summary>
    public long LastStep { get; init; }
}

/// <summary>How a user stands with the second factor: since when they have it, how many recovery codes are left, whether a role of theirs asks for it.</summary>
public sealed record SecondFactorState
{
    public DateTimeOffset? Since { get; init; }
    public int CodesLeft { get; init; }
    public bool Required { get; init; }

    public bool IsOn => Since is not null;
}

/// <summary>A secret that was just made, to be brought into an app and proven by a code of it; shown only now.</summary>
/// <param name="Secret">Base32, as apps take it when it is typed.</param>
public sealed record Enrolment(string Secret, string UserName)
{
    /// <summary>In groups of four, because people read it from one screen and type it on another.</summary>
    public string Spaced => string.Join(' ', Secret.Chunk(4).Select(c => new string(c)));

    /// <summary>The address that authenticator apps read from a QR code.</summary>
    public string Address(string issuer) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(UserName)}?secret={Secret}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={TimeCodes.Digits}&period=30";
}

/// <summary>The password was right and a code is asked for: the ticket stands for the first step for five minutes, for the page that goes on with it.</summary>
public sealed class SecondFactorNeededException(string ticket) : UnauthenticatedException("mfa.needed")
{
    public string Ticket => ticket;
}
