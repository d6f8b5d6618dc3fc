using System.Globalization;

namespace Pms.Core.Compliance;

/// <summary>What an auditor looks for; everything that is null narrows nothing. A span of time is always there, so that no search reads all years.</summary>
public sealed record AuditFilter
{
    /// <summary>From this instant on.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Before this instant.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>What this user did, and sign-ins that were tried in their name.</summary>
    public long? UserId { get; init; }

    /// <summary>What this employee did, or somebody did for them.</summary>
    public long? EmployeeId { get; init; }

    /// <summary>Part of the name as it was then.</summary>
    public string? Name { get; init; }
    public string? Entity { get; init; }
    public long? EntityId { get; init; }

    /// <summary>noun.verb, or noun. for all of the noun.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>Fields of which one changed, in words or as the audit names them: "Daily target".</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];
    public long? DepartmentId { get; init; }
    public Channel? Channel { get; init; }

    /// <summary>The fields as they stand in the entry's JSON, lower case.</summary>
    internal IEnumerable<string> FieldMarks => Fields.Where(f => !string.IsNullOrWhiteSpace(f)).Select(f => "\"" + string.Concat(f.Where(char.IsLetterOrDigit)).ToLowerInvariant() + "\":");
}

/// <summary>The place after which a page of the audit goes on: entries are ordered by time, then id, newest first.</summary>
public readonly record struct AuditCursor(long At, long Id)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At}-{Id}");

    /// <exception cref="InvalidException">It was not made here.</exception>
    public static AuditCursor? Parse(string? text) => string.IsNullOrEmpty(text) ? null
        : text.Split('-') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var a) && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
            ? new(a, i) : throw new InvalidException("before", "not_valid", text);
}

/// <summary>One entry of the audit as an auditor reads it.</summary>
public sealed record AuditEntry
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public long? UserId { get; init; }
    public long? EmployeeId { get; init; }
    public long? ForEmployeeId { get; init; }
    public long? TerminalId { get; init; }
    public string Actor { get; init; } = "";
    public Channel Channel { get; init; }
    public string? Ip { get; init; }
    public string? Agent { get; init; }
    public string? RequestId { get; init; }
    public string Action { get; init; } = "";
    public string Entity { get; init; } = "";
    public long EntityId { get; init; }
    public long? DepartmentId { get; init; }

    /// <summary>JSON: field → [before, after].</summary>
    public string? Changes { get; init; }
    public string? Reason { get; init; }

    /// <summary>The seal that holds it; null in its first second.</summary>
    public long? Seal { get; init; }

    public AuditCursor Cursor => new(At.ToUnixTimeMilliseconds(), Id);
}

/// <summary>A page of entries, whether more follow, and how many there are (exact up to 10 000).</summary>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, bool More, int Total);
