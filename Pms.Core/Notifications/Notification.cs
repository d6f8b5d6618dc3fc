using System.Text.Json;
using Pms.Core.Events;

namespace Pms.Core.Notifications;

/// <summary>One person told of one event, once. Its words are made where it is shown, from <see cref="Kind"/> and the values.</summary>
public sealed record Notification
{
    public long Id { get; init; }

    /// <summary>As <c>noun.fact</c>; the key of its words.</summary>
    public string Kind { get; init; } = "";

    /// <summary>JSON array that fills the words.</summary>
    public string Args { get; init; } = "[]";

    /// <summary>Where it leads, a path of ours; null leads nowhere.</summary>
    public string? Link { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The values as texts and numbers.</summary>
    public object?[] Values => [.. (JsonSerializer.Deserialize<JsonElement[]>(Args) ?? []).Select(object? (v) => v.ValueKind switch
    {
        JsonValueKind.Number => v.GetDecimal(),
        JsonValueKind.Null => null,
        JsonValueKind.String => v.GetString(),
        _ => v.ToString(),
    })];
}

/// <summary>Somebody's notifications changed: told of something new, or read.</summary>
public sealed record NotificationsChanged(string Recipient) : IEvent;

/// <summary>
/// Who is told. A person is one recipient whatever way they sign in: the employee where there is one, else the user.
/// </summary>
public sealed record Recipient(long? UserId, long? EmployeeId)
{
    public string Key => EmployeeId is { } e ? $"e:{e}" : $"u:{UserId}";

    /// <summary>True for the same person, known by employee, by user or by both.</summary>
    public bool Is(Recipient other) => EmployeeId is not null && EmployeeId == other.EmployeeId || UserId is not null && UserId == other.UserId;

    /// <summary>All keys that this actor's notifications may stand under.</summary>
    public static IReadOnlyList<string> KeysOf(Actor actor) =>
    [
        .. actor.EmployeeId is { } e ? [$"e:{e}"] : Array.Empty<string>(),
        .. actor.UserId is { } u ? [$"u:{u}"] : Array.Empty<string>(),
    ];
}

/// <summary>The newest of a person's notifications, and how many are unread in all.</summary>
public sealed record NotificationList(IReadOnlyList<Notification> Items, int Unread);
