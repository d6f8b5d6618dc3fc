using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Pms.Core.Identity.SecondFactors;

/// <summary>
/// What of the second factor must not be read where it lies: secrets, encrypted for one user each, so that a row copied to another opens
/// nothing, and the ticket between the two steps of a sign-in, which only this plant can make.
/// </summary>
public sealed class SecondFactorSecrets(IDataProtectionProvider protection, PlantClock clock)
{
    /// <summary>How long somebody may look for the phone.</summary>
    public static readonly TimeSpan TicketLife = TimeSpan.FromMinutes(5);

    private readonly IDataProtector tickets = protection.CreateProtector("Pms.SecondFactor.Ticket");

    public string Close(long userId, string secret) => Of(userId).Protect(secret);

    /// <exception cref="UnauthenticatedException"><c>mfa.unreadable</c>: the keys that wrote it are gone.</exception>
    public string Open(SecondFactor factor)
    {
        try { return Of(factor.UserId).Unprotect(factor.Secret); }
        catch (CryptographicException) { throw new UnauthenticatedException("mfa.unreadable"); }
    }

    /// <summary>Stands for the right password of this user; a changed password makes it worthless.</summary>
    internal string NewTicket(long userId, string subject, string passwordHash) =>
        tickets.Protect(string.Create(CultureInfo.InvariantCulture, $"{userId}|{subject}|{(clock.Now + TicketLife).ToUnixTimeMilliseconds()}|{Token.Hash(passwordHash)}"));

    /// <summary>Null where it is none of ours or too old.</summary>
    internal (long UserId, string Subject, string Password)? ReadTicket(string? ticket)
    {
        if (ticket is not { Length: > 0 and < 2000 })
            return null;
        try
        {
            return tickets.Unprotect(ticket).Split('|') is [var user, var subject, var until, var password] && clock.Now.ToUnixTimeMilliseconds() < long.Parse(until, CultureInfo.InvariantCulture)
                ? (long.Parse(user, CultureInfo.InvariantCulture), subject, password) : null;
        }
        catch (CryptographicException) { return null; }
    }

    private IDataProtector Of(long userId) => protection.CreateProtector("Pms.SecondFactor", userId.ToString(CultureInfo.InvariantCulture));
}
