namespace Pms.Core.Identity.Sessions;

/// <summary>By what means a session is held: a browser's cookie, an API token, or the cookie at a shared terminal.</summary>
public enum SessionKind { Cookie, Api, Terminal }

/// <summary>How the person proved who they are.</summary>
public enum SignInMethod { Password, Pin, Badge }

/// <summary>
/// One sign-in of one person, with who they are as it is now. Its key is the SHA-256 of a random token that only the device holds;
/// it ends by itself after an idle time and after an absolute one, whatever happens on the device.
/// </summary>
public sealed record Session
{
    public string Id { get; init; } = "";
    public SessionKind Kind { get; init; }
    public SignInMethod Method { get; init; }
    public long? UserId { get; init; }
    public long? EmployeeId { get; init; }
    public long? TerminalId { get; init; }
    public bool BadgeOnly { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset LastSeenAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? RefreshHash { get; init; }
    public string? Ip { get; init; }
    public string? Agent { get; init; }

    /// <summary>The SHA-256 of the device's lasting token; null at shared terminals.</summary>
    public string? DeviceHash { get; init; }

    /// <summary>At the sign-in a role asked for a second factor and there was none.</summary>
    public bool EnrolFirst { get; init; }

    // Joined, as it is now
    public string? DisplayName { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public string? EmployeeNumber { get; init; }
    public long? DepartmentId { get; init; }
    public string? DepartmentName { get; init; }
    public bool? UserActive { get; init; }
    public bool? EmployeeActive { get; init; }
    public bool MustChangePassword { get; init; }
    public string? Culture { get; init; }
    public string? Language { get; init; }
    public DateTimeOffset? TerminalRevokedAt { get; init; }
    public string? TerminalName { get; init; }
    public DateTimeOffset? SecondFactorAt { get; init; }

    public string Name => DisplayName ?? $"{FirstName} {LastName}".Trim();

    /// <summary>An issued password was used: nothing but choosing a new one is possible.</summary>
    public bool ChangeFirst => MustChangePassword && Method == SignInMethod.Password;

    /// <summary>What must be done before anything else, as a code for words; null when nothing must. A PIN or a badge is asked for neither: it reaches no administration.</summary>
    public string? First => ChangeFirst ? "password.change_first" : EnrolFirst && SecondFactorAt is null && Method == SignInMethod.Password ? "mfa.enrol_first" : null;

    /// <summary>Why this session is over, as a code for words; null while it holds.</summary>
    public string? WhyOver(IdentitySettings settings, DateTimeOffset now) =>
        EndedAt is not null ? "session.ended"
        : UserActive == false || EmployeeActive == false || UserId is null && EmployeeId is null ? "session.disabled"
        : TerminalRevokedAt is not null ? "session.terminal_revoked"
        : now >= ExpiresAt || now - CreatedAt >= settings.SessionLimit ? "session.expired"
        : now - LastSeenAt >= (Kind == SessionKind.Terminal ? settings.TerminalIdle : settings.SessionIdle) ? "session.idle"
        : null;

    /// <summary>The actor behind a command of this session. A PIN or badge never reaches administration, whoever's it is.</summary>
    public Actor ToActor(Channel channel, string? ip, string? agent, string? requestId) => new()
    {
        UserId = UserId, EmployeeId = EmployeeId, Name = Name, TerminalId = TerminalId, BadgeOnly = BadgeOnly, SessionId = Id,
        Scopes = Method == SignInMethod.Password ? null : Permissions.WithoutPassword,
        Channel = channel, Ip = ip, Agent = agent, RequestId = requestId,
    };
}

/// <summary>Where a request comes from and what its device already carries.</summary>
public sealed record Origin
{
    public Channel Channel { get; init; } = Channel.Page;
    public string? Ip { get; init; }
    public string? Agent { get; init; }
    public string? RequestId { get; init; }

    /// <summary>The device's own lasting token, if it has one.</summary>
    public string? Device { get; init; }

    /// <summary>The token of the enrolled terminal, if the device is one.</summary>
    public string? Terminal { get; init; }

    /// <summary>The token of a session that this sign-in replaces.</summary>
    public string? Replaces { get; init; }

    /// <summary>An actor without a person, for what happens before one is known.</summary>
    public Actor Nobody(string name) => new() { Name = name, Channel = Channel, Ip = Ip, Agent = Agent, RequestId = RequestId };
}

/// <summary>A fresh session; the tokens are given to the device and kept nowhere else.</summary>
/// <param name="Token">Goes into the cookie, or is the first half of the refresh token.</param>
/// <param name="Device">Marks the device as one that signed this person in before.</param>
/// <param name="Refresh">For API sessions only.</param>
public sealed record SignedIn(Session Session, string Token, string Device, string? Refresh);
