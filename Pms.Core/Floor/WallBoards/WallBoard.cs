using Pms.Core.Audit;
using Pms.Core.Events;

namespace Pms.Core.Floor.WallBoards;

/// <summary>
/// A read-only link for a screen on the wall. Whoever holds the link sees the board and nothing else, until it is revoked;
/// the database keeps only the hash of its token.
/// </summary>
public sealed record WallBoard
{
    public long Id { get; init; }
    public string Name { get; init; } = "";

    /// <summary>Null shows the whole plant.</summary>
    public long? DepartmentId { get; init; }

    /// <summary>First names on the tiles; personal rates never.</summary>
    public bool ShowNames { get; init; }

    [NotAudited] public DateTimeOffset CreatedAt { get; init; }
    [NotAudited] public string CreatedBy { get; init; } = "";

    /// <summary>To the minute; null until it was opened.</summary>
    [NotAudited] public DateTimeOffset? LastSeenAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    [NotAudited] public int Version { get; init; }
}

/// <summary>What a new wall board is called and shows.</summary>
public sealed record CreateWallBoard(string Name, long? DepartmentId, bool ShowNames);

/// <summary>A new board with its token, which is shown this once and can't be asked for again.</summary>
public sealed record NewWallBoard(long Id, string Token);

/// <summary>A wall board was made or revoked; open ones look whether they may still show anything.</summary>
public sealed record WallBoardChanged(long BoardId) : IEvent;
