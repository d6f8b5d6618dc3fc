using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;

namespace Pms.Core.Floor.WallBoards;

/// <summary>Makes and revokes the links of wall boards, and says whether a token still opens one.</summary>
public sealed class WallBoardService(Db db, WallBoardRepository boards, AuditLog audit, Rights rights, PlantClock clock)
{
    private const string Entity = "wall_board";

    /// <summary>The boards that were not revoked, of the departments the actor may make boards for.</summary>
    public async Task<IReadOnlyList<WallBoard>> ListAsync(Actor actor, CancellationToken ct = default)
    {
        var scope = rights.DemandDepartments(actor, Permissions.WallBoards);
        return [.. (await boards.ListAsync(ct)).Where(b => scope is null || b.DepartmentId is { } d && scope.Contains(d))];
    }

    /// <summary>A board for the whole plant needs the permission for all departments.</summary>
    public Task<NewWallBoard> CreateAsync(Actor actor, CreateWallBoard request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.WallBoards, request.DepartmentId);
        var name = Text.Clean(request.Name);
        if (name.Length == 0)
            throw new InvalidException(nameof(request.Name), "required");
        if (name.Length > 64)
            throw new InvalidException(nameof(request.Name), "too_long", 64);
        var board = new WallBoard { Name = name, DepartmentId = request.DepartmentId, ShowNames = request.ShowNames, CreatedAt = clock.Now, CreatedBy = actor.Name };
        var token = Token.New();
        return db.InTransactionAsync(async tx =>
        {
            var id = await boards.InsertAsync(tx, board, Token.Hash(token));
            audit.Write(tx, actor, "wall_board.create", Entity, id, AuditLog.Diff(null, board), board.DepartmentId);
            tx.Raise(new WallBoardChanged(id));
            return new NewWallBoard(id, token);
        }, ct);
    }

    /// <summary>Its open screens go dark within a second; the link is worth nothing from then on.</summary>
    public Task RevokeAsync(Actor actor, long id, CancellationToken ct = default) => db.InTransactionAsync(async tx =>
    {
        var board = await boards.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        rights.Demand(actor, Permissions.WallBoards, board.DepartmentId);
        if (board.RevokedAt is not null)
            return;
        var now = clock.Now;
        boards.Revoke(tx, id, now);
        audit.Write(tx, actor, "wall_board.revoke", Entity, id, AuditLog.Diff(board, board with { RevokedAt = now }), board.DepartmentId);
        tx.Raise(new WallBoardChanged(id));
    }, ct);

    /// <summary>The board a token opens; null for one that is unknown or revoked, which look the same from outside.</summary>
    public async Task<WallBoard?> OpenAsync(string? token, CancellationToken ct = default)
    {
        if (token is not { Length: > 20 and < 100 })
            return null;
        var board = await boards.FindByTokenAsync(Token.Hash(token), ct);
        if (board is not null && (board.LastSeenAt is not { } seen || clock.Now - seen > TimeSpan.FromMinutes(1)))
            await db.InTransactionAsync(async tx => { await boards.SeenAsync(tx, board.Id, clock.Now); }, ct);
        return board;
    }
}
