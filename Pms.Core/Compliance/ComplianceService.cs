using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pms.Core.Audit;
using Pms.Core.Audit.Retention;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Compliance;

/// <summary>
/// The audit for who may read it: everything, or the entries of one's own departments. Whoever takes entries out of the house leaves an
/// entry about it.
/// </summary>
public sealed class ComplianceService(ComplianceQueries queries, AuditKeeping keeping, AuditChecks checks, SecurityEvents security, FieldRules fields, Rights rights, TimeProvider time)
{
    public const int PageSize = 50;
    private const int AtOnce = 1000;
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    /// <summary>The nouns of <see cref="SecurityKind"/>, as actions begin.</summary>
    private static readonly Dictionary<SecurityKind, string[]> Nouns = new()
    {
        [SecurityKind.SignIns] = ["signin.", "pin.", "session.", "totp.", "badge."],
        [SecurityKind.Refusals] = ["access."],
        [SecurityKind.Exports] = ["export."],
        [SecurityKind.Permissions] = ["role.", "user.", "terminal.", "field_permission.", "api_key.", "wall_board."],
        [SecurityKind.Audit] = ["audit.", "audit_retention."],
    };

    private (long At, IReadOnlyList<string> Entities, IReadOnlyList<string> Actions)? names;

    /// <summary>True if the actor sees every department's entries, and may verify, keep and remove.</summary>
    public bool SeesAll(Actor actor) => rights.Allows(actor, Permissions.AdminAudit);

    /// <summary>One page before a place, newest first.</summary>
    public async Task<AuditPage> ListAsync(Actor actor, AuditFilter filter, AuditCursor? before = null, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.AdminAudit);
        var entries = await queries.ListAsync(filter, departments, before, PageSize + 1, ct);
        return new([.. entries.Take(PageSize).Select(e => Told(actor, e))], entries.Count > PageSize, await queries.CountAsync(filter, departments, null, Page<AuditEntry>.CountLimit, ct));
    }

    /// <summary>How many came since a place, at most 1 000.</summary>
    public Task<int> NewAsync(Actor actor, AuditFilter filter, AuditCursor since, CancellationToken ct = default) =>
        queries.CountAsync(filter, rights.DemandDepartments(actor, Permissions.AdminAudit), since, 1000, ct);

    /// <exception cref="NotFoundException">There is no such entry, or it is of a department one may not see.</exception>
    public async Task<AuditEntry> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.AdminAudit);
        return await queries.FindAsync(id, ct) is { } entry && (departments is null || entry.DepartmentId is { } d && departments.Contains(d)) ? Told(actor, entry) : throw new NotFoundException("audit", id);
    }

    /// <summary>True if the entry is what its seal holds, false if not, null while it has none. The chain as a whole is what a verification proves.</summary>
    public async Task<bool?> FitsSealAsync(AuditEntry entry, CancellationToken ct = default) => entry.Seal is { } seal ? await keeping.FitsSealAsync(entry.Id, seal, ct) : null;

    /// <summary>What can be chosen: kinds of records and actions there are entries of.</summary>
    public async Task<(IReadOnlyList<string> Entities, IReadOnlyList<string> Actions)> ChoicesAsync(Actor actor, CancellationToken ct = default)
    {
        rights.DemandDepartments(actor, Permissions.AdminAudit);
        return await NamesAsync(ct);
    }

    /// <summary>The actions that are security events of a kind, or of any.</summary>
    public static IReadOnlyList<string> ActionsOf(SecurityKind? kind) => [.. Nouns.Where(n => kind is null || n.Key == kind).SelectMany(n => n.Value)];

    /// <summary>What kind of security event an action is; null for the plant's own work.</summary>
    public static SecurityKind? KindOf(string action) => Nouns.Where(n => n.Value.Any(p => action.StartsWith(p, StringComparison.Ordinal))).Select(n => (SecurityKind?)n.Key).FirstOrDefault();

    /// <summary>All entries of the filter, newest first, read as they are taken. Writes that they were exported.</summary>
    public async Task<IAsyncEnumerable<AuditEntry>> ExportAsync(Actor actor, AuditFilter filter, string format, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.AdminAudit);
        await security.WriteAsync(actor, "export.audit", "audit", 0, new Dictionary<string, object?[]>
        {
            ["Format"] = [null, format], ["Filter"] = [null, JsonSerializer.Serialize(filter, WithoutNulls)],
        }, ct);
        return Read(actor, filter, departments, ct);
    }

    /// <summary>How many the export will hold, counted to one more than <paramref name="most"/>.</summary>
    public Task<int> CountAsync(Actor actor, AuditFilter filter, int most, CancellationToken ct = default) =>
        queries.CountAsync(filter, rights.DemandDepartments(actor, Permissions.AdminAudit), null, most, ct);

    /// <summary>Begins a verification that goes on by itself.</summary>
    public Task StartCheckAsync(Actor actor, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminAudit);
        return checks.StartAsync(actor, ct);
    }

    /// <summary>The last verifications, newest first; the first may be running.</summary>
    public Task<IReadOnlyList<AuditCheck>> ChecksAsync(Actor actor, int most = 10, CancellationToken ct = default)
    {
        rights.DemandDepartments(actor, Permissions.AdminAudit);
        return keeping.ChecksAsync(most, ct);
    }

    /// <summary>The last verification that came to its end.</summary>
    public Task<AuditCheck?> LastCheckAsync(Actor actor, CancellationToken ct = default)
    {
        rights.DemandDepartments(actor, Permissions.AdminAudit);
        return keeping.LastCheckAsync(ct);
    }

    /// <summary>Policy, archives and signed roots.</summary>
    public Task<AuditStore> StoreAsync(Actor actor, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminAudit);
        return keeping.StoreAsync(ct);
    }

    /// <inheritdoc cref="AuditKeeping.SetRetentionAsync"/>
    public Task SetRetentionAsync(Actor actor, RetentionPolicy policy, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminAudit);
        return keeping.SetRetentionAsync(actor, policy, ct);
    }

    /// <summary>An auditor reads no field that is hidden from them elsewhere.</summary>
    private AuditEntry Told(Actor actor, AuditEntry entry) => entry with { Changes = fields.Told(actor, entry.Entity, entry.Changes) };

    private async IAsyncEnumerable<AuditEntry> Read(Actor actor, AuditFilter filter, IReadOnlySet<long>? departments, [EnumeratorCancellation] CancellationToken ct)
    {
        AuditCursor? before = null;
        while (true)
        {
            var some = await queries.ListAsync(filter, departments, before, AtOnce, ct);
            foreach (var entry in some)
                yield return Told(actor, entry);
            if (some.Count < AtOnce)
                yield break;
            before = some[^1].Cursor;
        }
    }

    private async Task<(IReadOnlyList<string> Entities, IReadOnlyList<string> Actions)> NamesAsync(CancellationToken ct)
    {
        if (names is { } known && time.GetElapsedTime(known.At) < Remembered)
            return (known.Entities, known.Actions);
        var (entities, actions) = (await queries.EntitiesAsync(ct), await queries.ActionsAsync(ct));
        names = (time.GetTimestamp(), entities, actions);
        return (entities, actions);
    }
}

/// <summary>What a security event is about.</summary>
public enum SecurityKind { SignIns, Refusals, Exports, Permissions, Audit }
