using System.Collections;
using System.Reflection;
using System.Text.Json;
using Pms.Core.Audit;

namespace Pms.Core.Identity.Fields;

/// <summary>One field of an entity that rules can be made for.</summary>
/// <param name="Names">People find the record by it, so it is never hidden.</param>
/// <param name="Needed">A new record can't be without it: never hidden from who may edit, and given at creation even where it is read-only afterwards.</param>
/// <param name="Settled">Set by commands and the work itself, never by a form: it can only be hidden or shown.</param>
public sealed record EntityField(string Name, bool Names, bool Needed, bool Settled);

/// <summary>
/// An entity whose fields roles may be kept from: its record's own properties, the other types that show them, and the states that
/// conditions may name. Each feature declares its own; <see cref="FieldCatalog"/> collects them.
/// </summary>
public sealed class FieldEntity
{
    private static readonly Func<object, object> Copy = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly Dictionary<Type, (PropertyInfo Property, string Field)[]> shapes = [];
    private readonly Dictionary<Type, object> blanks = [];
    private readonly Dictionary<string, string> words = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (IReadOnlyList<string> Values, Func<object, object?> Read)> conditions = [];

    private FieldEntity(string name, string view, string edit, Type record, IReadOnlyList<EntityField> fields) => (Name, View, Edit, Record, Fields) = (name, view, edit, record, fields);

    /// <summary>The audit's name of it.</summary>
    public string Name { get; }

    /// <summary>The permission to see its records, and the one to change them.</summary>
    public string View { get; }
    public string Edit { get; }
    public Type Record { get; }

    /// <summary>Whoever is signed in may read it: every picker needs it.</summary>
    public bool ForAll { get; private set; }
    public IReadOnlyList<EntityField> Fields { get; }
    public IEnumerable<Type> Types => shapes.Keys;

    /// <summary>The names of the states a condition may ask for, each with its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Conditions => conditions.ToDictionary(c => c.Key, c => c.Value.Values);

    /// <summary>The list's own order and the one that takes its place where its field is hidden.</summary>
    public (string Own, string Instead) Order { get; private set; } = ("", "");

    /// <param name="without">Properties that are no fields of their own: ids of what the record belongs to, secrets.</param>
    /// <param name="apart">Fields that are saved by a command of their own and are no property of the record.</param>
    public static FieldEntity Of<T>(string name, string view, string edit, string[] names, string[]? needed = null, string[]? settled = null, string[]? without = null, string[]? apart = null) where T : class
    {
        EntityField[] fields = [.. typeof(T).GetProperties().Where(p => p.CanWrite && p.Name is not ("Id" or "Version") && !p.IsDefined(typeof(NotAuditedAttribute)) && !p.IsDefined(typeof(SecretAttribute)) && without?.Contains(p.Name) != true)
            .Select(p => new EntityField(p.Name, names.Contains(p.Name), names.Contains(p.Name) || needed?.Contains(p.Name) == true, settled?.Contains(p.Name) == true)),
            .. (apart ?? []).Select(name => new EntityField(name, false, false, false))];
        return new FieldEntity(name, view, edit, typeof(T), fields).Also<T>();
    }

    /// <summary>Another type that shows the same fields: by their names, by their names without "Id", or as said.</summary>
    public FieldEntity Also<T>(params (string Property, string Field)[] aliases)
    {
        shapes[typeof(T)] = [.. typeof(T).GetProperties().Where(p => p.CanWrite)
            .Select(p => (p, Field: aliases.FirstOrDefault(a => a.Property == p.Name).Field ?? FieldOf(p.Name)))
            .Where(p => p.Field is not null).Select(p => (p.p, p.Field!))];
        blanks[typeof(T)] = Activator.CreateInstance(typeof(T))!;
        foreach (var (property, field) in aliases)
            words[property] = field;
        return this;
    }

    /// <summary>Words that lists are filtered and sorted by, where they are not the field's own name.</summary>
    public FieldEntity Asked(params (string Word, string Field)[] said)
    {
        foreach (var (word, field) in said)
            words[word] = field;
        return this;
    }

    public FieldEntity Ordered(string own, string instead)
    {
        Order = (own, instead);
        return this;
    }

    public FieldEntity ReadByAll()
    {
        ForAll = true;
        return this;
    }

    /// <summary>A state that conditions may ask for; read from any of the types, null where it can't be told.</summary>
    public FieldEntity When(string name, IReadOnlyList<string> values, Func<object, object?> read)
    {
        conditions[name] = (values, read);
        return this;
    }

    /// <summary>The field that a word of a list, a file or a validator means; null if it means none.</summary>
    public string? FieldOf(string word) => words.GetValueOrDefault(word)
        ?? (Fields.FirstOrDefault(f => f.Name.Equals(word, StringComparison.OrdinalIgnoreCase)) ?? Fields.FirstOrDefault(f => f.Name.Equals(word + "Id", StringComparison.OrdinalIgnoreCase)))?.Name;

    public string? StateOf(string condition, object record) => conditions.TryGetValue(condition, out var c) ? c.Read(record)?.ToString() : null;

    /// <summary>The properties of a type that show fields.</summary>
    public IReadOnlyList<(PropertyInfo Property, string Field)> ShapeOf(Type type) => shapes[type];

    /// <summary>A copy of the record with these properties as a new one has them.</summary>
    internal object Blanked(object record, IEnumerable<PropertyInfo> properties) => Taken(record, blanks[record.GetType()], properties);

    /// <summary>A copy of the record with these properties as another one of its type has them.</summary>
    internal static object Taken(object record, object from, IEnumerable<PropertyInfo> properties)
    {
        var copy = Copy(record);
        foreach (var property in properties)
            property.SetValue(copy, property.GetValue(from));
        return copy;
    }

    /// <summary>A new record, as it is before anybody fills it in.</summary>
    internal object Blank(Type type) => blanks[type];

    internal static bool Same(PropertyInfo property, object a, object b) => (property.GetValue(a), property.GetValue(b)) switch
    {
        (null or "", null or "") => true,
        (IEnumerable x and not string, IEnumerable y and not string) => JsonSerializer.Serialize(x) == JsonSerializer.Serialize(y),
        var (x, y) => Equals(x, y),
    };
}

/// <summary>Every entity with field rules, by its name and by the types that show it.</summary>
public sealed class FieldCatalog
{
    private readonly Dictionary<string, FieldEntity> names;
    private readonly Dictionary<Type, FieldEntity> types;

    public FieldCatalog(IEnumerable<FieldEntity> entities)
    {
        All = [.. entities];
        names = All.ToDictionary(e => e.Name);
        types = All.SelectMany(e => e.Types.Select(t => (t, e))).ToDictionary(p => p.t, p => p.e);
    }

    public IReadOnlyList<FieldEntity> All { get; }

    public FieldEntity? Find(string name) => names.GetValueOrDefault(name);

    public FieldEntity? Find(Type type) => types.GetValueOrDefault(type);

    /// <summary>What roles together leave a person of the fields; entities that are not named are free. See <see cref="FieldView"/> for how several roles add up.</summary>
    internal IReadOnlyDictionary<string, FieldView> Views(IReadOnlyList<RoleFields> roles)
    {
        var views = new Dictionary<string, FieldView>();
        foreach (var entity in All.Where(e => roles.Any(r => r.Rules.Keys.Any(k => k.Entity == e.Name))))
        {
            var seeing = roles.Where(r => r.Permissions.Contains(entity.View) || r.Permissions.Contains(entity.Edit)).ToList();
            if (seeing.Count == 0)
                seeing = [.. roles];
            var editing = seeing.Where(r => r.Permissions.Contains(entity.Edit)).ToList();
            if (editing.Count == 0)
                editing = seeing;
            var rules = entity.Fields.Where(f => seeing.Any(r => r.Rules.ContainsKey((entity.Name, f.Name))))
                .ToDictionary(f => f.Name, f => new FieldView.Rules([.. seeing.Select(r => RuleOf(r, entity, f))], [.. editing.Select(r => RuleOf(r, entity, f))]));
            if (rules.Count > 0)
                views[entity.Name] = new FieldView(entity, rules);
        }
        return views;
    }

    /// <summary>A rule that was made before the role could edit hides nothing that editing needs.</summary>
    private static FieldRule RuleOf(RoleFields role, FieldEntity entity, EntityField field)
    {
        var rule = role.Rules.GetValueOrDefault((entity.Name, field.Name), FieldRule.Free);
        return rule.Access == FieldAccess.Hidden && (field.Names || field.Needed && role.Permissions.Contains(entity.Edit)) ? rule with { Access = FieldAccess.ReadOnly } : rule;
    }
}

/// <summary>A role as far as field rules are concerned.</summary>
internal sealed record RoleFields(IReadOnlySet<string> Permissions, IReadOnlyDictionary<(string Entity, string Field), FieldRule> Rules)
{
    public static readonly RoleFields None = new(new HashSet<string>(), new Dictionary<(string, string), FieldRule>());
}
