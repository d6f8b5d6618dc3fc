using System.Text;
using System.Text.Json;

namespace Pms.Core.Imports;

/// <summary>
/// How a row's values and changes lie in the database: field and text behind each other, parted by characters that no cleaned text has. A change to the row's own value is
/// its field alone, so that a new row isn't written twice. Texts that have such characters, and rows of earlier versions, are JSON.
/// </summary>
internal static class ImportPack
{
    private const char Next = '\u001e', Part = '\u001f';

    private static readonly System.Buffers.SearchValues<char> Parting = System.Buffers.SearchValues.Create([Next, Part]);

    public static string Of(IReadOnlyDictionary<string, string> values)
    {
        var packed = new StringBuilder(values.Count * 20);
        foreach (var (field, text) in values)
        {
            if (text.AsSpan().ContainsAny(Parting))
                return JsonSerializer.Serialize(values);
            packed.Append(field).Append(Part).Append(text).Append(Next);
        }
        return packed.ToString();
    }

    public static string? Of(IReadOnlyList<ImportChange> changes, IReadOnlyDictionary<string, string> values)
    {
        if (changes.Count == 0)
            return null;
        var packed = new StringBuilder(changes.Count * 12);
        foreach (var c in changes)
        {
            if (c.Before.AsSpan().ContainsAny(Parting) || c.After.AsSpan().ContainsAny(Parting))
                return JsonSerializer.Serialize(changes);
            packed.Append(c.Field);
            if (c.Asks || c.Before.Length > 0 || values.GetValueOrDefault(c.Field) != c.After)
                packed.Append(Part).Append(c.Before).Append(Part).Append(c.After).Append(c.Asks ? "\u001f?" : "");
            packed.Append(Next);
        }
        return packed.ToString();
    }

    public static IReadOnlyDictionary<string, string> Values(string packed)
    {
        if (packed.StartsWith('{'))
            return JsonSerializer.Deserialize<Dictionary<string, string>>(packed)!;
        var values = new Dictionary<string, string>();
        foreach (var one in packed.Split(Next, StringSplitOptions.RemoveEmptyEntries))
            if (one.IndexOf(Part, StringComparison.Ordinal) is >= 0 and var at)
                values[one[..at]] = one[(at + 1)..];
        return values;
    }

    public static IReadOnlyList<ImportChange> Changes(string? packed, IReadOnlyDictionary<string, string> values) => packed is null ? [] : packed.StartsWith('[') ? JsonSerializer.Deserialize<List<ImportChange>>(packed)!
        : [.. packed.Split(Next, StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split(Part) switch
        {
            [var field, var before, var after, ..] parts => new ImportChange(field, before, after, parts.Length > 3),
            [var field, ..] => new ImportChange(field, "", values.GetValueOrDefault(field, "")),
            _ => throw new InvalidDataException("no change"),
        })];
}
