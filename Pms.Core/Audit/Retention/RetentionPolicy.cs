namespace Pms.Core.Audit.Retention;

/// <summary>How long entries of the audit stay in the database before they move into a signed archive; one policy for the whole plant.</summary>
public sealed record RetentionPolicy : IVersioned
{
    public const int Least = 90, Most = 36_525;

    public long Id { get; init; } = 1;

    /// <summary>For every kind of record without a rule of its own; seven years at first.</summary>
    public int Days { get; init; } = 2557;

    public IReadOnlyList<RetentionRule> Exceptions { get; init; } = [];
    public int Version { get; init; }

    public bool Equals(RetentionPolicy? other) => other is not null && (Id, Days, Version) == (other.Id, other.Days, other.Version) && Exceptions.SequenceEqual(other.Exceptions);

    public override int GetHashCode() => HashCode.Combine(Id, Days, Version, Exceptions.Count);
}

/// <summary>One kind of record, by the audit's name of it, with days of its own.</summary>
public sealed record RetentionRule
{
    public string Entity { get; init; } = "";
    public int Days { get; init; }
}

/// <summary>The policy changed.</summary>
public sealed record RetentionChanged : Events.IEvent;

/// <summary>An archive as the database remembers it; the signed file beside it is the proof.</summary>
public sealed record AuditArchive
{
    public long Number { get; init; }
    public DateTimeOffset MadeAt { get; init; }

    /// <summary>Of the entries, under <c>audit/archives/</c> in the data folder; the signed description has the same name with <c>.json</c>.</summary>
    public string File { get; init; } = "";

    /// <summary>The kind of record, where it has a rule of its own.</summary>
    public string? Entity { get; init; }
    public int Entries { get; init; }
    public long FirstSeal { get; init; }
    public long LastSeal { get; init; }
    public DateTimeOffset OldestAt { get; init; }
    public DateTimeOffset NewestAt { get; init; }
}

/// <summary>An entry with its seal, as an archive holds it.</summary>
public sealed record ArchivedRow
{
    public long Seal { get; init; }
    public AuditRow Row { get; init; } = new();
}
