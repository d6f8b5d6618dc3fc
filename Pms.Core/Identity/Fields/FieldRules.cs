using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Pms.Core.Identity.Fields;

/// <summary>
/// The one place that applies field rules. A service masks what it answers, so that page, API, export and search can't differ, and asks here
/// before it stores; who has no restriction pays one look-up. Which fields of a masked record are blank is remembered beside it.
/// </summary>
public sealed class FieldRules(Rights rights, FieldCatalog catalog)
{
    private readonly ConditionalWeakTable<object, FrozenSet<string>> masked = [];

    /// <summary>What restricts the actor in this type's entity; null if nothing does.</summary>
    public FieldView? Of(Actor actor, Type type) => actor.IsSystem || catalog.Find(type) is not { } entity ? null : Of(actor, entity.Name);

    /// <inheritdoc cref="Of(Actor, Type)"/>
    public FieldView? Of(Actor actor, string entity) => actor.IsSystem ? null : rights.Now.Of(actor)?.Fields.GetValueOrDefault(entity);

    /// <summary>True if this property of a record that went through <see cref="Masked{T}(Actor, T)"/> was blanked.</summary>
    public bool Blanked(object record, string property) => masked.TryGetValue(record, out var blank) && blank.Contains(property);

    /// <summary>The record with hidden fields as a new one has them; the record itself where nothing is hidden.</summary>
    public T Masked<T>(Actor actor, T record) where T : class => Of(actor, typeof(T)) is { } view ? Masked(view, record) : record;

    public Page<T> Masked<T>(Actor actor, Page<T> page) where T : class => Of(actor, typeof(T)) is { } view ? page.Select(r => Masked(view, r)) : page;

    public IReadOnlyList<T> Masked<T>(Actor actor, IReadOnlyList<T> records) where T : class => Of(actor, typeof(T)) is { } view ? [.. records.Select(r => Masked(view, r))] : records;

    /// <summary>The list as it may be asked: hidden fields are neither searched nor ordered by.</summary>
    /// <exception cref="InvalidException">field.hidden: a filter or order names a hidden field, and would tell what it holds.</exception>
    public PageRequest Asked<TRow>(Actor actor, PageRequest request)
    {
        if (Of(actor, typeof(TRow)) is not { } view)
            return request;
        bool Hidden(string word) => view.Entity.FieldOf(word) is { } field && view.MayHide(field);
        if (request.Filters.FirstOrDefault(f => f.Value.Length > 0 && Hidden(f.Key)).Key is { } filter)
            throw new InvalidException(filter, "field.hidden", filter);
        var sort = request.Sort;
        if (string.IsNullOrWhiteSpace(sort) && view.Entity.Order is { Own.Length: > 0 } order && Hidden(order.Own))
            sort = order.Instead;
        else if (sort is not null && Hidden(sort.TrimStart('-')))
            throw new InvalidException("sort", "field.hidden", sort.TrimStart('-'));
        return request with { Sort = sort, Unsearched = view.Fields.Where(view.MayHide).ToFrozenSet() };
    }

    /// <summary>
    /// What the actor sends, with the hidden fields as they are stored: a form that never saw them can't send them. A new record keeps its
    /// defaults; a needed field may be given once even where it is read-only.
    /// </summary>
    /// <param name="stored">Null for a new record.</param>
    /// <param name="path">Before the field's name in a refusal, where the record is a part of the request.</param>
    /// <exception cref="InvalidException">field.read_only: a new record sets a field that the actor may not set.</exception>
    public T Filled<T>(Actor actor, T? stored, T sent, string path = "") where T : class
    {
        if (Of(actor, typeof(T)) is not { } view)
            return sent;
        var blank = view.Entity.Blank(typeof(T));
        if (stored is null)
        {
            Refuse(view.Entity.ShapeOf(typeof(T)).Where(p => view.Entity.Fields.First(f => f.Name == p.Field) is { Needed: false, Settled: false }
                && view.Of(p.Field, sent) != FieldAccess.Editable && !FieldEntity.Same(p.Property, blank, sent)).Select(p => p.Field), path);
            return sent;
        }
        var hidden = view.Entity.ShapeOf(typeof(T)).Where(p => view.Of(p.Field, stored) == FieldAccess.Hidden && FieldEntity.Same(p.Property, blank, sent)).Select(p => p.Property).ToList();
        return hidden.Count == 0 ? sent : (T)FieldEntity.Taken(sent, stored, hidden);
    }

    /// <inheritdoc cref="Filled{T}(Actor, T?, T, string)"/>
    /// <param name="find">Reads the stored record; asked only where the actor is restricted.</param>
    public async Task<T> FilledAsync<T>(Actor actor, T sent, Func<Task<T?>> find) where T : class, Audit.IVersioned =>
        Of(actor, typeof(T)) is null ? sent : sent.Id == 0 ? Filled(actor, null, sent) : await find() is { } stored ? Filled(actor, stored, sent) : sent;

    /// <summary>Inside the transaction, with the record as it is stored and as it shall be.</summary>
    /// <exception cref="InvalidException">field.read_only: a field differs that the actor may not change.</exception>
    public void Demand<T>(Actor actor, T before, T after) where T : class
    {
        if (Of(actor, typeof(T)) is { } view)
            Refuse(view.Entity.ShapeOf(typeof(T)).Where(p => !view.Entity.Fields.First(f => f.Name == p.Field).Settled
                && view.Of(p.Field, before) != FieldAccess.Editable && !FieldEntity.Same(p.Property, before, after)).Select(p => p.Field), "");
    }

    /// <summary>For a field that is saved by a command of its own.</summary>
    /// <exception cref="InvalidException">field.read_only: the actor may not change it.</exception>
    public void DemandField<T>(Actor actor, T record, string field) where T : class
    {
        if (Of(actor, typeof(T)) is { } view && view.Of(field, record) != FieldAccess.Editable)
            Refuse([field], "");
    }

    /// <summary>True if a file may fill this field of the entity; whatever depends on a record's state is decided row by row.</summary>
    public bool MayFill(Actor actor, string entity, string word) => Of(actor, entity) is not { } view || view.Entity.FieldOf(word) is not { } field
        || !view.MayHide(field) && (view.Of(field, null) == FieldAccess.Editable || view.Conditional(field));

    /// <summary>An audit entry's changes (JSON: field → [before, after]) without the hidden fields; null where none is left.</summary>
    public string? Told(Actor actor, string entity, string? changes)
    {
        if (changes is null || Of(actor, entity) is not { } view || JsonNode.Parse(changes) is not JsonObject fields)
            return changes;
        foreach (var name in fields.Select(f => f.Key).Where(n => view.Entity.FieldOf(n) is { } field && view.MayHide(field)).ToList())
            fields.Remove(name);
        return fields.Count == 0 ? null : fields.ToJsonString(Plain);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private T Masked<T>(FieldView view, T record) where T : class
    {
        var hidden = view.Entity.ShapeOf(typeof(T)).Where(p => view.Of(p.Field, record) == FieldAccess.Hidden).Select(p => p.Property).ToList();
        if (hidden.Count == 0)
            return record;
        var copy = (T)view.Entity.Blanked(record, hidden);
        masked.AddOrUpdate(copy, hidden.Select(p => p.Name).ToFrozenSet());
        return copy;
    }

    private static void Refuse(IEnumerable<string> fields, string path)
    {
        Fault[] faults = [.. fields.Distinct().Select(f => new Fault(path + f, new Refusal("field.read_only", f)))];
        if (faults.Length > 0)
            throw new InvalidException(faults);
    }
}
