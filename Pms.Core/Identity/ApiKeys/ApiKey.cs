using System.Collections.Frozen;
using System.Globalization;
using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Identity.ApiKeys;

/// <summary>A key was made, revoked or restored; the nodes forget what they know of it.</summary>
public sealed record ApiKeyChanged(long Id) : IEvent;

/// <summary>What a key is worth now.</summary>
public enum ApiKeyState { Active, Expired, Revoked, OwnerDisabled }

/// <summary>
/// A program's way in: it acts for the user who made it, with some of that user's permissions in some of their departments and never more,
/// until it expires, is revoked or the user is disabled. The key itself is shown once; only its hash is kept.
/// </summary>
public sealed record ApiKey : IVersioned
{
    /// <summary>How every key begins, so that one found in a file is known for what it is.</summary>
    public const string Begin = "pms_";

    public long Id { get; init; }
    public string Name { get; init; } = "";

    /// <summary>The first characters of the key, enough to tell which one is meant.</summary>
    public string Prefix { get; init; } = "";
    public long UserId { get; init; }
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Empty: all departments that the user has.</summary>
    public IReadOnlyList<long> Departments { get; init; } = [];

    /// <summary>Requests a minute.</summary>
    public int PerMinute { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public int Version { get; init; }

    [NotAudited] public DateTimeOffset? LastUsedAt { get; init; }
    [NotAudited] public string? LastIp { get; init; }

    // Joined, as it is now
    [NotAudited] public string UserName { get; init; } = "";
    [NotAudited] public long? EmployeeId { get; init; }
    [NotAudited] public bool UserActive { get; init; }

    public ApiKeyState StateAt(DateTimeOffset now) =>
        RevokedAt is not null ? ApiKeyState.Revoked : !UserActive ? ApiKeyState.OwnerDisabled : now >= ExpiresAt ? ApiKeyState.Expired : ApiKeyState.Active;

    /// <summary>The user as this key may act for them; administration stays out of reach, whatever the row says.</summary>
    public Actor ToActor(string? ip, string? agent, string? requestId) => new()
    {
        UserId = UserId, EmployeeId = EmployeeId, Name = $"{UserName} · {Name}", ApiKeyId = Id, SessionId = "key:" + Id.ToString(CultureInfo.InvariantCulture),
        Scopes = Permissions.Where(Identity.Permissions.ForKeys.Contains).ToFrozenSet(), OnlyDepartments = Departments.Count == 0 ? null : Departments.ToFrozenSet(),
        Channel = Channel.Api, Ip = ip, Agent = agent, RequestId = requestId,
    };
}

/// <summary>What a new key may do, where, until when and how often.</summary>
public sealed record CreateApiKey
{
    public const int MostPerMinute = 6000, MostDays = 3 * 366;

    public string Name { get; init; } = "";
    public IReadOnlyList<string> Permissions { get; init; } = [];
    public IReadOnlyList<long> Departments { get; init; } = [];
    public int PerMinute { get; init; } = 600;

    /// <summary>It works through this day of the plant.</summary>
    public DateOnly ExpiresOn { get; init; }
}
