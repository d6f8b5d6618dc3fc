using System.Text.Json.Serialization;

namespace Pms.Core.Identity.Fields;

/// <summary>What a role may do with one field of an entity, from the most to the least.</summary>
public enum FieldAccess { Editable, ReadOnly, Hidden }

/// <summary>A state of the record itself under which a rule holds; names and values come from the entity's own closed list, never from an expression.</summary>
public sealed record FieldCondition(string Name, string Value);

/// <summary>
/// A role's rule for one field. Under a condition a restriction holds only while it is met and falls away outside; "editable" under a
/// condition is read-only outside.
/// </summary>
public sealed record FieldRule(FieldAccess Access, FieldCondition? When = null)
{
    public static readonly FieldRule Free = new(FieldAccess.Editable);

    /// <summary>What it says whatever the record's state may be; for questions about many records.</summary>
    [JsonIgnore] public FieldAccess Strictest => When is not null && Access == FieldAccess.Editable ? FieldAccess.ReadOnly : Access;

    /// <summary>What it says in every state.</summary>
    [JsonIgnore] public FieldAccess Mildest => When is null ? Access : FieldAccess.Editable;

    /// <summary>What it says of this record; where its state can't be told, the stricter of both.</summary>
    public FieldAccess For(FieldEntity entity, object record) => When is null ? Access
        : entity.StateOf(When.Name, record) is not { } state ? Strictest
        : InState(state);

    /// <summary>What it says where each state that conditions may name is known.</summary>
    internal FieldAccess In(IReadOnlyDictionary<string, string> states) => When is null ? Access : InState(states[When.Name]);

    private FieldAccess InState(string state) => (state == When!.Value) == (Access != FieldAccess.Editable) ? Strictest : FieldAccess.Editable;
}

/// <summary>
/// What one person may do with the fields of one entity. Of several roles the most permissive wins, reckoned over the roles that let the
/// person see the entity (for hidden) or edit it (for read-only): a role that opens nothing of it can't lift a restriction.
/// </summary>
public sealed class FieldView(FieldEntity entity, IReadOnlyDictionary<string, FieldView.Rules> rules)
{
    /// <summary>One rule for each role that counts.</summary>
    public sealed record Rules(IReadOnlyList<FieldRule> Seeing, IReadOnlyList<FieldRule> Editing);

    public FieldEntity Entity => entity;

    /// <summary>The fields that are restricted in some way; all others are editable.</summary>
    public IEnumerable<string> Fields => rules.Keys;

    /// <param name="record">Its present state decides conditions; without one only what always holds counts as hidden.</param>
    public FieldAccess Of(string field, object? record) =>
        record is null ? Of(field, r => r.Mildest, r => r.Strictest) : Of(field, r => r.For(entity, record), r => r.For(entity, record));

    private FieldAccess Of(string field, Func<FieldRule, FieldAccess> seen, Func<FieldRule, FieldAccess> edited) => !rules.TryGetValue(field, out var of) ? FieldAccess.Editable
        : of.Seeing.All(r => seen(r) == FieldAccess.Hidden) ? FieldAccess.Hidden
        : of.Editing.Any(r => edited(r) == FieldAccess.Editable) ? FieldAccess.Editable : FieldAccess.ReadOnly;

    /// <summary>True if the field is hidden in every record.</summary>
    public bool Hides(string field) => Of(field, null) == FieldAccess.Hidden;

    /// <summary>True if what holds for the field depends on the record's state.</summary>
    public bool Conditional(string field) => rules.TryGetValue(field, out var of) && of.Editing.Any(r => r.When is not null);

    /// <summary>True if the field is hidden in some record: asking for records by it would tell what it holds.</summary>
    public bool MayHide(string field) => rules.TryGetValue(field, out var of) && of.Seeing.All(r => r.Strictest == FieldAccess.Hidden);

    /// <summary>The first field that <paramref name="after"/> leaves freer, in some state of a record, than both this view and <paramref name="before"/> do; null views restrict nothing.</summary>
    internal string? Widened(FieldView? before, FieldView? after) => Fields.FirstOrDefault(field => States(field, before, after).Any(states =>
    {
        FieldAccess In(FieldView? view) => view?.Of(field, r => r.In(states), r => r.In(states)) ?? FieldAccess.Editable;
        return In(after) < In(this) && In(after) < In(before);
    }));

    /// <summary>Every combination of the states that rules for the field ask for.</summary>
    private IEnumerable<IReadOnlyDictionary<string, string>> States(string field, params FieldView?[] others) => others.Append(this).SelectMany(v => v?.ConditionsOf(field) ?? []).Distinct()
        .Aggregate<string, IEnumerable<Dictionary<string, string>>>([[]], (sofar, name) => sofar.SelectMany(s => entity.Conditions[name].Select(value => new Dictionary<string, string>(s) { [name] = value })));

    private IEnumerable<string> ConditionsOf(string field) => rules.TryGetValue(field, out var of) ? of.Seeing.Concat(of.Editing).Select(r => r.When?.Name).OfType<string>() : [];
}
