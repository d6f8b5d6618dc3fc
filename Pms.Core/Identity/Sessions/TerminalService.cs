using Pms.Core.Audit;
using Pms.Core.Data;

namespace Pms.Core.Identity.Sessions;

/// <summary>Enrols and revokes shared terminals. The token is handed to the browser once; revoking ends every session at the terminal.</summary>
public sealed class TerminalService(Db db, TerminalRepository terminals, Rights rights, AuditLog audit, PlantClock clock)
{
    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => TerminalRepository.Shape;

    public Task<Page<Terminal>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminTerminals);
        return terminals.PageAsync(request, ct);
    }

    public async Task<Terminal> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminTerminals);
        return await terminals.FindAsync(id, ct) ?? throw new NotFoundException("terminal", id);
    }

    /// <summary>The terminal that a browser's token stands for; null if it is none, or revoked.</summary>
    public async Task<Terminal?> FindAsync(string? token, CancellationToken ct = default) => string.IsNullOrEmpty(token) ? null : await terminals.FindByTokenAsync(token, ct);

    /// <summary>Makes the asking device a terminal; returns the token for its cookie.</summary>
    public async Task<(Terminal Terminal, string Token)> EnrolAsync(Actor actor, EnrolTerminal request, CancellationToken ct = default)
    {
        var name = Text.Clean(request.Name);
        if (name.Length == 0)
            throw new InvalidException(nameof(request.Name), "required");
        if (name.Length > 64)
            throw new InvalidException(nameof(request.Name), "too_long", 64);
        rights.Demand(actor, Permissions.AdminTerminals);
        if (!await terminals.DepartmentExistsAsync(request.DepartmentId, ct))
            throw new InvalidException(nameof(request.DepartmentId), "required");
        var token = Token.New();
        var terminal = new Terminal { Name = name, DepartmentId = request.DepartmentId, EnrolledAt = clock.Now, Version = 1 };
        var id = await db.InTransactionAsync(async tx =>
        {
            var id = await terminals.InsertAsync(tx, terminal, token);
            audit.Write(tx, actor, "terminal.enrolled", "terminal", id, new Dictionary<string, object?[]> { ["Name"] = [null, name] }, request.DepartmentId);
            return id;
        }, ct);
        return (terminal with { Id = id }, token);
    }

    /// <summary>The device is no terminal any more; who is signed on there is signed off.</summary>
    public async Task RevokeAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminTerminals);
        var terminal = await terminals.FindAsync(id, ct) ?? throw new NotFoundException("terminal", id);
        await db.InTransactionAsync(async tx =>
        {
            if (!await TerminalRepository.RevokeAsync(tx, id, clock.Now))
                return;
            await SessionRepository.EndAllOfTerminalAsync(tx, id, clock.Now);
            audit.Write(tx, actor, "terminal.revoked", "terminal", id, departmentId: terminal.DepartmentId);
            tx.Raise(new SessionEnded(null));
        }, ct);
    }
}
