using Pms.Core.Data;

namespace Pms.Core.Identity.Sessions;

/// <summary>When, from where and how somebody tried to sign in, as the audit tells it.</summary>
public sealed class AccessQueries(Db db)
{
    /// <summary>The newest first, right and wrong ones.</summary>
    public Task<IReadOnlyList<SignInEntry>> ListSignInsAsync(long userId, int limit, CancellationToken ct = default) => db.ListAsync<SignInEntry>(
        """
        SELECT id, at, action, channel, ip, agent, changes FROM audit
        WHERE entity = 'user' AND entity_id = @userId AND action IN ('signin.ok', 'signin.failed') ORDER BY id DESC LIMIT @limit
        """, new { userId, limit }, ct);
}

/// <summary>One try to sign in, right or wrong.</summary>
public sealed record SignInEntry
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string Action { get; init; } = "";
    public Channel Channel { get; init; }
    public string? Ip { get; init; }
    public string? Agent { get; init; }

    /// <summary>JSON: Method, and where it applies SecondFactor, Step and NewDevice.</summary>
    public string? Changes { get; init; }

    public bool Succeeded => Action == "signin.ok";

    /// <summary>The password was right and the second factor was not.</summary>
    public bool FailedAtCode => !Succeeded && Changes?.Contains("\"Step\"", StringComparison.Ordinal) == true;

    /// <summary>The first time on this device.</summary>
    public bool OnNewDevice => Changes?.Contains("\"NewDevice\"", StringComparison.Ordinal) == true;
}
