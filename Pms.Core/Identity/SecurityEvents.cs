using Microsoft.Extensions.Logging;
using Pms.Core.Audit;
using Pms.Core.Data;

namespace Pms.Core.Identity;

/// <summary>
/// Sign-ins, refusals and the like: written to the audit and to the security log, never with a secret, and never with a name that nobody has
/// (people type passwords into the wrong field).
/// </summary>
public sealed class SecurityEvents(Db db, AuditLog audit, ILoggerFactory loggers)
{
    /// <summary>The logger's name; logging settings give it a file of its own.</summary>
    public const string Category = "Pms.Security";

    private readonly ILogger log = loggers.CreateLogger(Category);

    /// <summary>Within a transaction that changes something too.</summary>
    public void Write(Tx tx, Actor actor, string action, string entity, long entityId, IReadOnlyDictionary<string, object?[]>? changes = null, long? departmentId = null)
    {
        audit.Write(tx, actor, action, entity, entityId, changes, departmentId);
        Log(actor, action, entity, entityId);
    }

    /// <summary>By itself, where nothing was changed: a refusal must leave a trace though it is rolled back.</summary>
    public async Task WriteAsync(Actor actor, string action, string entity, long entityId, IReadOnlyDictionary<string, object?[]>? changes = null, CancellationToken ct = default)
    {
        Log(actor, action, entity, entityId);
        await db.InTransactionAsync(tx => { audit.Write(tx, actor, action, entity, entityId, changes); return Task.CompletedTask; }, ct);
    }

    /// <summary>Somebody was refused for want of a permission.</summary>
    public Task RefusedAsync(Actor actor, ForbiddenException refusal, CancellationToken ct = default) => WriteAsync(actor, "access.refused", "permission", refusal.DepartmentId ?? 0,
        new Dictionary<string, object?[]> { ["Permission"] = [null, refusal.Permission] }, ct);

    private void Log(Actor actor, string action, string entity, long entityId) =>
        log.LogInformation("{Action} {Entity} {EntityId} by {UserId}/{EmployeeId} from {Ip} over {Channel}", action, entity, entityId, actor.UserId, actor.EmployeeId, actor.Ip, actor.Channel);
}
