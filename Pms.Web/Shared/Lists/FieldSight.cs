using Microsoft.AspNetCore.Components;
using Pms.Core.Identity.Fields;

namespace Pms.Web.Shared.Lists;

/// <summary>What the reader may do with the fields of the record shown: cascaded by forms and lists, asked by each field and cell. Comfort only, the services decide.</summary>
/// <param name="view">Null where nothing is restricted.</param>
/// <param name="record">As it is stored, for conditions; null for the head of a list.</param>
public sealed class FieldSight(FieldView? view, object? record, bool isNew = false)
{
    public static readonly FieldSight Whole = new(null, null);

    /// <summary>Not shown at all.</summary>
    public bool Hides(string? field) => Of(field) == FieldAccess.Hidden;

    /// <summary>Shown, but not to be changed; what a new record needs may be given once.</summary>
    public bool Locks(string? field) => Of(field) == FieldAccess.ReadOnly && !(isNew && view!.Entity.Fields.Any(f => f.Name == field && f.Needed));

    /// <summary>False in a list whose column is left out.</summary>
    public bool HasColumn(string? field) => view is null || field is null || !view.Hides(field);

    private FieldAccess Of(string? field) => view is null || field is null ? FieldAccess.Editable : view.Of(field, record);
}

/// <summary>A field of a form that knows which field of the record it is.</summary>
public abstract class FieldPart : ComponentBase
{
    [CascadingParameter] public FieldSight Sight { get; set; } = FieldSight.Whole;

    /// <summary>The record's own name of the field; without it no rule applies.</summary>
    [Parameter] public string? For { get; set; }

    protected bool Hidden => Sight.Hides(For);

    protected bool Locked => Sight.Locks(For);
}
