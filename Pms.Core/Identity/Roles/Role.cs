using Pms.Core.Audit;

namespace Pms.Core.Identity.Roles;

/// <summary>A named set of permissions, each reaching all departments or the person's own. The code of a seeded one is fixed; System Admin always holds everything.</summary>
public sealed record Role : IVersioned
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public bool Seeded { get; init; }
    public bool Active { get; init; }

    /// <summary>Who holds it and signs in with a password proves a second factor too.</summary>
    public bool NeedsSecondFactor { get; init; }
    public int Version { get; init; }
    public IReadOnlyDictionary<string, Scope> Permissions { get; init; } = new Dictionary<string, Scope>();

    public bool IsAdmin => Code == SeededRole.Admin;
}

/// <summary>Creates a role (Id 0) or changes one; permissions are the whole set.</summary>
public sealed record SaveRole
{
    public long Id { get; init; }
    public int Version { get; init; }
    public string Name { get; init; } = "";
    public bool Active { get; init; } = true;
    public bool NeedsSecondFactor { get; init; }

    /// <summary>Of a new role, where one was chosen: lower case, fixed from then on.</summary>
    public string? Code { get; init; }

    /// <summary>Of a new role: whose field permissions it gets.</summary>
    public long? CloneOf { get; init; }
    public IReadOnlyDictionary<string, Scope> Permissions { get; init; } = new Dictionary<string, Scope>();
}
