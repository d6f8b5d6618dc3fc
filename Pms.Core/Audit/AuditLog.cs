using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>
/// Appends who did what, in the transaction that does it: no change without its entry, no entry without its change.
/// Entries are never edited; secrets and hashes never appear (mark their properties with <see cref="SecretAttribute"/>).
/// </summary>
public sealed class AuditLog(TimeProvider time)
{
    private static readonly ConcurrentDictionary<Type, (PropertyInfo Property, bool Secret)[]> Properties = new();
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Converters = { new JsonStringEnumConverter() } };

    public const string InsertSql =
        """
        INSERT INTO audit (at, user_id, employee_id, for_employee_id, terminal_id, actor, channel, ip, agent, request_id, action, entity, entity_id, department_id, changes, reason)
        VALUES (@at, @UserId, @EmployeeId, @ForEmployeeId, @TerminalId, @Name, @Channel, @Ip, @Agent, @RequestId, @action, @entity, @entityId, @departmentId, @changes, @reason)
        """;

    /// <summary>Queues the entry. <paramref name="changes"/> are the fields that differ, as [before, after].</summary>
    public void Write(Tx tx, Actor actor, string action, string entity, long entityId, IReadOnlyDictionary<string, object?[]>? changes = null,
        long? departmentId = null, string? reason = null) => tx.Add(InsertSql, Args(actor, action, entity, entityId, changes, departmentId, reason));

    /// <summary>The arguments of <see cref="InsertSql"/>, for bulk writers.</summary>
    public object Args(Actor actor, string action, string entity, long entityId, IReadOnlyDictionary<string, object?[]>? changes = null,
        long? departmentId = null, string? reason = null, DateTimeOffset? at = null) => actor.SeenAs is not null ? throw new RuleException("preview.looks_only") : new
        {
            at = at ?? time.GetUtcNow(),
            actor.UserId,
            actor.EmployeeId,
            actor.ForEmployeeId,
            actor.TerminalId,
            Name = Cut(actor.Name, 120),
            actor.Channel,
            Ip = Cut(actor.Ip, 45),
            Agent = Cut(actor.Agent, 200),
            RequestId = Cut(actor.RequestId, 64),
            action,
            entity,
            entityId,
            departmentId,
            changes = changes is null or { Count: 0 } ? null : JsonSerializer.Serialize(changes, Json),
            reason = Cut(reason, 500),
        };

    /// <summary>
    /// The fields in which two states of one record differ, by property name, as [before, after]; either may be null (created, removed).
    /// Version columns don't count; secrets show only that they changed.
    /// </summary>
    public static Dictionary<string, object?[]> Diff<T>(T? before, T? after) where T : class
    {
        var changes = new Dictionary<string, object?[]>();
        foreach (var (property, secret) in Properties.GetOrAdd(typeof(T), Audited))
        {
            var (old, now) = (before is null ? null : property.GetValue(before), after is null ? null : property.GetValue(after));
            if (Equals(old, now) || old is System.Collections.IEnumerable a and not string && now is System.Collections.IEnumerable b && JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b))
                continue;
            changes[property.Name] = secret ? [old is null ? null : "•••", now is null ? null : "•••"] : [Shown(old), Shown(now)];
        }
        return changes;
    }

    /// <summary>Looked up once per type: asking for attributes costs more than comparing the values.</summary>
    private static (PropertyInfo, bool)[] Audited(Type type) => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.Name is not ("Version" or "Id") && p.GetIndexParameters().Length == 0 && !p.IsDefined(typeof(NotAuditedAttribute)))
        .Select(p => (p, p.IsDefined(typeof(SecretAttribute))))];

    private static object? Shown(object? value) => value switch
    {
        DateTimeOffset at => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        Enum e => e.ToString(),
        _ => value,
    };

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;
}

/// <summary>The value is a secret or a hash: the audit says that it changed, never what it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>Derived or joined for showing; not part of the record's own state.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotAuditedAttribute : Attribute;
