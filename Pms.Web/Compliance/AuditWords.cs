using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Compliance;
using Pms.Core.Identity;

namespace Pms.Web.Compliance;

/// <summary>The audit in words: what was done, to which record, and each field before and after, with names instead of numbers and the plant's time.</summary>
public sealed class AuditWords(IStringLocalizer<AuditTexts> texts, HistoryService history, PlantClock plant)
{
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["DepartmentId"] = "department", ["MachineId"] = "machine", ["StageId"] = "stage", ["ShiftId"] = "shift", ["OrderId"] = "order", ["ProductId"] = "product", ["UserId"] = "user",
        ["ManagerUserId"] = "user", ["WorkCentreId"] = "work_centre", ["CustomerId"] = "customer", ["CategoryId"] = "category", ["TerminalId"] = "terminal", ["EmployeeId"] = "employee",
        ["OperatorId"] = "employee", ["WorkerId"] = "employee", ["ForEmployeeId"] = "employee", ["AssignedEmployeeId"] = "employee", ["ReporterEmployeeId"] = "employee",
        ["ReasonId"] = "reason", ["PauseReasonId"] = "reason", ["ScrapReasonId"] = "reason",
    };

    private const string FieldKey = "Field_";

    /// <summary>Fields that hold one of a few words of the program's; in all others a text is what somebody wrote.</summary>
    private static readonly HashSet<string> States = [.. typeof(AuditEntry).Assembly.GetTypes().SelectMany(t => t.GetProperties()).Where(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType).IsEnum).Select(p => p.Name)];

    /// <summary>A field before and after; null where there was nothing.</summary>
    public sealed record Change(string Field, string? Before, string? After);

    /// <summary>Names of the records that some entries are about or mention, read once for all of them.</summary>
    public Task<Names> NamesAsync(Actor actor, IReadOnlyCollection<AuditEntry> entries, CancellationToken ct = default) => NamesAsync(actor,
        entries.Where(e => e.EntityId > 0).Select(e => (Kind: e.Entity, Id: e.EntityId)).Concat(entries.Where(e => e.DepartmentId is not null).Select(e => (Kind: "department", Id: e.DepartmentId!.Value)))
            .Concat(entries.Where(e => e.ForEmployeeId is not null).Select(e => (Kind: "employee", Id: e.ForEmployeeId!.Value)))
            .Concat(entries.Where(e => e.TerminalId is not null).Select(e => (Kind: "terminal", Id: e.TerminalId!.Value)))
            .Concat(Mentioned(entries.Select(e => e.Changes))), ct);

    /// <summary>Names of the records that some changes (field → [before, after]) mention.</summary>
    public Task<Names> NamesAsync(Actor actor, IEnumerable<string?> changes, CancellationToken ct = default) => NamesAsync(actor, Mentioned(changes), ct);

    private static IEnumerable<(string Kind, long Id)> Mentioned(IEnumerable<string?> changes) => changes.SelectMany(c => Read(c).Where(f => Kinds.ContainsKey(f.Name))
        .SelectMany(f => new[] { f.Before, f.After }.Where(v => v.ValueKind == JsonValueKind.Number).Select(v => (Kinds[f.Name], v.GetInt64()))));

    private async Task<Names> NamesAsync(Actor actor, IEnumerable<(string Kind, long Id)> wanted, CancellationToken ct)
    {
        var names = new Dictionary<(string, long), string>();
        foreach (var kind in wanted.Distinct().GroupBy(w => w.Kind))
            foreach (var (id, name) in await history.NamesAsync(actor, kind.Key, [.. kind.Select(k => k.Id)], ct))
                names[(kind.Key, id)] = name;
        return new(names);
    }

    /// <summary>What happened: "Signed in", "Machine changed".</summary>
    public string Action(string action)
    {
        if (texts["Action_" + action] is { ResourceNotFound: false } whole)
            return whole;
        var (noun, verb) = action.Split('.', 2) is [var n, var v] ? (n, v) : (action, "");
        return $"{Entity(noun)}: {(texts["Verb_" + verb] is { ResourceNotFound: false } known ? known.Value : verb.Replace('_', ' '))}";
    }

    public string Entity(string entity) => texts["Entity_" + entity] is { ResourceNotFound: false } known ? known : Upper(entity.Replace('_', ' '));

    /// <summary>The record by its name of today: "Machine M-14 · Press", or by its number where it has none.</summary>
    public string Record(AuditEntry entry, Names names) => entry.EntityId <= 0 ? Entity(entry.Entity)
        : names.Of(entry.Entity, entry.EntityId) is { } name ? $"{Entity(entry.Entity)} {name}" : string.Create(CultureInfo.CurrentCulture, $"{Entity(entry.Entity)} #{entry.EntityId}");

    /// <summary>Who did it, and for whom.</summary>
    public string Who(AuditEntry entry, Names names) => entry.ForEmployeeId is { } other && other != entry.EmployeeId ? texts["For", entry.Actor, names.Of("employee", other) ?? $"#{other}"] : entry.Actor;

    public string At(AuditEntry entry) => plant.Local(entry.At).ToString("ddd d MMM yyyy HH:mm:ss", CultureInfo.CurrentCulture);

    /// <summary>Every field that differs.</summary>
    public IReadOnlyList<Change> Changes(string? changes, Names names) => [.. Read(changes).Select(f => new Change(Field(f.Name), Value(f.Name, f.Before, names), Value(f.Name, f.After, names)))
        .Where(c => c.Before is not null || c.After is not null)];

    /// <summary>All of it in one text, for reports.</summary>
    public string Told(AuditEntry entry, Names names) => string.Join("; ", Changes(entry.Changes, names).Select(c => (c.Before, c.After) switch
    {
        (null, var now) => $"{c.Field}: {now}",
        (var old, null) => $"{c.Field}: {old} → –",
        var (old, now) => $"{c.Field}: {old} → {now}",
    }));

    /// <summary>DailyTarget → Daily target.</summary>
    public string Field(string name) => texts[FieldKey + name] is { ResourceNotFound: false } known ? known
        : string.Concat((name.EndsWith("Id", StringComparison.Ordinal) && name.Length > 2 ? name[..^2] : name).Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>What fields are called, each word once.</summary>
    public IReadOnlyList<string> Fields => [.. Words().Select(t => t.Value).Distinct().Order(StringComparer.CurrentCulture)];

    /// <summary>The fields that are called so, by the names they have in the audit; what nobody calls so is taken as such a name itself.</summary>
    public IReadOnlyList<string> Named(string word) => Words().Where(t => t.Value.Equals(word.Trim(), StringComparison.OrdinalIgnoreCase)).Select(t => t.Name[FieldKey.Length..]).ToList() is { Count: > 0 } named ? named : [word];

    private IEnumerable<LocalizedString> Words() => texts.GetAllStrings().Where(t => t.Name.StartsWith(FieldKey, StringComparison.Ordinal));

    private string? Value(string field, JsonElement value, Names names) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.True => texts["Yes"],
        JsonValueKind.False => texts["No"],
        JsonValueKind.Number when Kinds.TryGetValue(field, out var kind) && value.TryGetInt64(out var id) => names.Of(kind, id) ?? $"#{id}",
        JsonValueKind.Number => value.TryGetDecimal(out var number) ? number.ToString("#,0.######", CultureInfo.CurrentCulture) : value.GetRawText(),
        JsonValueKind.String when States.Contains(field) && texts["Value_" + value.GetString()] is { ResourceNotFound: false } word => word,
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.Array when value.GetArrayLength() == 0 => null,
        JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind is JsonValueKind.String or JsonValueKind.Number) => Cut(string.Join(", ", value.EnumerateArray().Select(v => Value(field, v, names)))),
        JsonValueKind.Array => Cut(string.Join(" · ", value.EnumerateArray().Select(v => Parts(v, names)))),
        _ => Cut(Parts(value, names)),
    };

    private string Parts(JsonElement value, Names names) => value.ValueKind != JsonValueKind.Object ? Value("", value, names) ?? "–"
        : string.Join(", ", value.EnumerateObject().Select(p => (p.Name, Value: Value(p.Name, p.Value, names))).Where(p => p.Value is not null && p.Name is not ("Id" or "Version")).Select(p => $"{Field(p.Name)} {p.Value}"));

    private string? Text(string text)
    {
        if (text.Length == 0)
            return null;
        return text.Length is >= 20 and <= 30 && text[^1] == 'Z' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? plant.Local(at).ToString("ddd d MMM yyyy HH:mm:ss", CultureInfo.CurrentCulture) : Cut(text);
    }

    private static string Cut(string text) => text.Length > 2000 ? text[..2000] + "…" : text;

    private static IEnumerable<(string Name, JsonElement Before, JsonElement After)> Read(string? changes)
    {
        if (changes is null)
            return [];
        using var json = JsonDocument.Parse(changes);
        return [.. json.RootElement.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array && p.Value.GetArrayLength() == 2).Select(p => (p.Name, p.Value[0].Clone(), p.Value[1].Clone()))];
    }

    private static string Upper(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Names of records, by kind and number.</summary>
    public sealed class Names(IReadOnlyDictionary<(string Kind, long Id), string> names)
    {
        public static readonly Names None = new(new Dictionary<(string, long), string>());

        public string? Of(string kind, long id) => names.GetValueOrDefault((kind, id));
    }
}
