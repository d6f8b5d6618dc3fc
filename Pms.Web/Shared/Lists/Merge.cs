using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Pms.Core.Audit;

namespace Pms.Web.Shared.Lists;

/// <summary>Brings two drafts of one record together, field by field: what one side alone changed is that side's.</summary>
public static class Merge
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    private static readonly Func<object, object> Copy = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    /// <summary>The names of the fields that differ; number and version aside.</summary>
    public static IReadOnlyList<string> Changed<T>(T before, T after) where T : class =>
        [.. Fields(typeof(T)).Where(p => !Same(p.GetValue(before), p.GetValue(after))).Select(p => p.Name)];

    /// <summary>The other's record with some fields of one's own.</summary>
    public static T Onto<T>(T theirs, T mine, IEnumerable<string> fields) where T : class
    {
        var merged = (T)Copy(theirs);
        var wanted = fields.ToHashSet(StringComparer.Ordinal);
        foreach (var field in Fields(typeof(T)).Where(p => wanted.Contains(p.Name)))
            field.SetValue(merged, field.GetValue(mine));
        return merged;
    }

    private static PropertyInfo[] Fields(Type type) => Known.GetOrAdd(type, static t => [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.CanWrite && p.GetIndexParameters().Length == 0 && p.Name is not (nameof(IVersioned.Id) or nameof(IVersioned.Version)))]);

    private static bool Same(object? one, object? other) =>
        Equals(one, other) || one is System.Collections.IEnumerable and not string && other is not null && JsonSerializer.Serialize(one) == JsonSerializer.Serialize(other);
}
