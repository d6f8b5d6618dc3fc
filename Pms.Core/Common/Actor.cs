namespace Pms.Core;

/// <summary>By which door a command came in; kept in the audit.</summary>
public enum Channel { Page, Api, Import, Scheduler, System, Console }

/// <summary>
/// Who does it, from where: the first argument of every command. On a shared terminal it is the person who taps, never the station.
/// It names identities only; what they may do is read from the rights snapshot at each command.
/// </summary>
public sealed record Actor
{
    /// <summary>The signed-in user, or the user linked to the employee; null for an operator without an account.</summary>
    public long? UserId { get; init; }

    /// <summary>The employee who acts; null for users who are not on the shop floor.</summary>
    public long? EmployeeId { get; init; }

    /// <summary>Kept in the audit as it was at the time.</summary>
    public required string Name { get; init; }

    /// <summary>The enrolled shared terminal the tap came from.</summary>
    public long? TerminalId { get; init; }

    /// <summary>True where only the badge was shown at a terminal: enough for job taps, not for overrides.</summary>
    public bool BadgeOnly { get; init; }

    /// <summary>Set when somebody acts for another person (jobs.act_for); both names are kept.</summary>
    public long? ForEmployeeId { get; init; }

    public string? SessionId { get; init; }

    /// <summary>Permissions an API key is limited to; null means all that the user has.</summary>
    public IReadOnlySet<string>? Scopes { get; init; }

    /// <summary>Departments an API key is limited to; null means all that the user has.</summary>
    public IReadOnlySet<long>? OnlyDepartments { get; init; }

    /// <summary>The API key that speaks for the user; null where the person acts.</summary>
    public long? ApiKeyId { get; init; }

    /// <summary>The caller's own key for this command (Idempotency-Key): a repeat gets the first answer again.</summary>
    public string? CommandKey { get; init; }

    public Channel Channel { get; init; }
    public string? Ip { get; init; }
    public string? Agent { get; init; }
    public string? RequestId { get; init; }

    /// <summary>Set while somebody only looks at pages as a role would see them: identity's picture of that role. Nothing is stored under it.</summary>
    public object? SeenAs { get; init; }

    /// <summary>The system itself (scheduler, migrations, demo); passes every permission check.</summary>
    public bool IsSystem { get; private init; }

    /// <summary>Who an idempotency key belongs to: the same key of two people is two keys.</summary>
    public string Principal => IsSystem ? "s:" + Name : ApiKeyId is { } k ? $"k:{k}" : EmployeeId is { } e ? $"e:{e}" : $"u:{UserId}";

    /// <summary>The system as actor, under a name that says which part of it (<c>simulator</c>, <c>sealer</c>, …).</summary>
    public static Actor System(string name, Channel channel = Channel.System) => new() { Name = name, Channel = channel, IsSystem = true };
}
