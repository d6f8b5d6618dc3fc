namespace Pms.Core.Identity.Sessions;

/// <summary>A shared screen on the shop floor that an administrator enrolled for a department: there a badge alone is enough for job taps.</summary>
public sealed record Terminal
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public string? DepartmentName { get; init; }
    public DateTimeOffset EnrolledAt { get; init; }
    public DateTimeOffset? LastSeenAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public int Version { get; init; }
}

/// <summary>The browser that asks becomes this terminal.</summary>
public sealed record EnrolTerminal
{
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
}
