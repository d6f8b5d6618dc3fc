using Pms.Core;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>What the service found wrong, in words, by field: shown beside the field it belongs to.</summary>
public sealed class FieldFaults
{
    public static readonly FieldFaults None = new([]);

    private readonly Dictionary<string, string> byField;

    private FieldFaults(Dictionary<string, string> byField) => this.byField = byField;

    public bool Any => byField.Count > 0;

    /// <summary>The words for one field, or null.</summary>
    public string? Of(string field) => byField.GetValueOrDefault(field);

    public static FieldFaults Of(InvalidException invalid, RefusalWords words) =>
        new(invalid.Faults.GroupBy(f => f.Field).ToDictionary(f => f.Key, f => string.Join(" ", f.Select(x => words.Of(x.Why)).Distinct())));
}
