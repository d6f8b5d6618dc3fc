using Pms.Core.Audit;

namespace Pms.Core.Identity.Users;

/// <summary>A person who signs in by user name and password; never deleted, only deactivated. May be linked to one employee.</summary>
public sealed record User : IVersioned
{
    public long Id { get; init; }
    public string UserName { get; init; } = "";
    public string DisplayName { get; init; } = "";
    public string? Email { get; init; }
    [Secret] public string? PasswordHash { get; init; }
    public bool MustChangePassword { get; init; }
    public DateTimeOffset? PasswordExpiresAt { get; init; }
    public long? EmployeeId { get; init; }
    public string? Culture { get; init; }

    /// <summary>Two letters; null: as the plant or the browser has it.</summary>
    public string? Language { get; init; }
    public bool Active { get; init; }
    [NotAudited] public DateTimeOffset CreatedAt { get; init; }
    public int Version { get; init; }

    /// <summary>Ids, ascending.</summary>
    public IReadOnlyList<long> RoleIds { get; init; } = [];

    /// <summary>Ids, ascending; an employee's own departments count beside these.</summary>
    public IReadOnlyList<long> DepartmentIds { get; init; } = [];
}

/// <summary>A user as a list shows it.</summary>
public sealed record UserRow
{
    public long Id { get; init; }
    public string UserName { get; init; } = "";
    public string DisplayName { get; init; } = "";
    public string? Email { get; init; }
    public bool Active { get; init; }
    public bool MustChangePassword { get; init; }
    public long? EmployeeId { get; init; }
    public string? EmployeeNumber { get; init; }
    public DateTimeOffset? LastSignInAt { get; init; }

    /// <summary>In force; <see cref="NeedsSecondFactor"/>: one of the roles asks for it.</summary>
    public bool HasSecondFactor { get; init; }
    public bool NeedsSecondFactor { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
}

/// <summary>A new user; the first sign-in with the issued password forces a change.</summary>
public sealed record CreateUser
{
    public string UserName { get; init; } = "";
    public string DisplayName { get; init; } = "";
    public string? Email { get; init; }
    public long? EmployeeId { get; init; }
    public IReadOnlyList<long> RoleIds { get; init; } = [];
    public IReadOnlyList<long> DepartmentIds { get; init; } = [];
}

/// <summary>What an administrator may change of a user; the user name stays, because the audit quotes it.</summary>
public sealed record UpdateUser
{
    public long Id { get; init; }
    public int Version { get; init; }
    public string DisplayName { get; init; } = "";
    public string? Email { get; init; }
    public string? Culture { get; init; }

    /// <summary>Two letters of <see cref="PlantSettings.Languages"/>; null: as the plant or the browser has it.</summary>
    public string? Language { get; init; }
    public long? EmployeeId { get; init; }
    public IReadOnlyList<long> RoleIds { get; init; } = [];
    public IReadOnlyList<long> DepartmentIds { get; init; } = [];
}

/// <summary>A password that is shown once and must be changed at the first sign-in.</summary>
public sealed record IssuedPassword(long UserId, string Password, DateTimeOffset ExpiresAt);
