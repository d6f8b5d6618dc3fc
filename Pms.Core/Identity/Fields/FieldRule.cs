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
        : (state == When.Value) == (Access != FieldAccess.Editable) ? Strictest : FieldAccess.Editable;
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
    public FieldAccess Of(string field, object? record)
    {
        if (!rules.TryGetValue(field, out var of))
            return FieldAccess.Editable;
        if (of.Seeing.All(r => (record is null ? r.Mildest : r.For(entity, record)) == FieldAccess.Hidden))
            return FieldAccess.Hidden;
        return of.Editing.Any(r => (record is null ? r.Strictest : r.For(entity, record)) == FieldAccess.Editable) ? FieldAccess.Editable : FieldAccess.ReadOnly;
    }

    /// <summary>True if the field is hidden in every record.</summary>
    public bool Hides(string field) => Of(field, null) == FieldAccess.Hidden;

    /// <summary>True if what holds for the field depends on the record's state.</summary>
    public bool Conditional(string field) => rules.TryGetValue(field, out var of) && of.Editing.Any(r => r.When is not null);

    /// <summary>True if the field is hidden in some record: asking for records by it would tell what it holds.</summary>
    public bool MayHide(string field) => rules.TryGetValue(field, out var of) && of.Seeing.All(r => r.Strictest == FieldAccess.Hidden);
}
