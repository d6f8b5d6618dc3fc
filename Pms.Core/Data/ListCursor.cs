using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;

namespace Pms.Core.Data;

/// <summary>
/// A place in a list, handed to callers as one opaque word: the sort values of the last row shown and which list they belong to. Only values
/// travel in it, as parameters; a changed or foreign one is refused and can do no more than name another place of the same list.
/// </summary>
internal static class ListCursor
{
    private const int Longest = 4000;

    /// <summary>Names the list with its search, filters and order: a cursor of another one leads nowhere sensible.</summary>
    public static string List(PageRequest request, string sort)
    {
        var text = new StringBuilder(sort).Append('\n').Append(Text.Key(request.Search));
        foreach (var (name, value) in request.Filters.Where(f => f.Value.Length > 0).OrderBy(f => f.Key.ToLowerInvariant(), StringComparer.Ordinal))
            text.Append('\n').Append(name.ToLowerInvariant()).Append('=').Append(value);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }

    public static string Write(string list, object?[] last) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<object?[]>([list, .. last.Select(v => v switch
    {
        null or DBNull => null,
        string text => text,
        bool flag => flag ? 1L : 0L,
        decimal or double or float => Convert.ToDouble(v, CultureInfo.InvariantCulture),
        _ => (object)Convert.ToInt64(v, CultureInfo.InvariantCulture),
    })]));

    /// <summary>The values, or null for the beginning.</summary>
    /// <exception cref="InvalidException">cursor: not one of ours, or of another list.</exception>
    public static object?[]? Read(string cursor, string list, int count)
    {
        if (cursor.Length == 0)
            return null;
        var refused = new InvalidException("cursor", "bad_cursor");
        try
        {
            if (cursor.Length > Longest || JsonSerializer.Deserialize<JsonElement[]>(Base64Url.DecodeFromChars(cursor)) is not { } parts || parts.Length != count + 1)
                throw refused;
            if (parts[0].ValueKind != JsonValueKind.String || parts[0].GetString() != list)
                throw new InvalidException("cursor", "cursor_of_other_list");
            return [.. parts[1..].Select(p => p.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => p.GetString(),
                JsonValueKind.Number when p.TryGetInt64(out var whole) => whole,
                JsonValueKind.Number => (object)p.GetDouble(),
                _ => throw refused,
            })];
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            throw refused;
        }
    }

    /// <summary>Everything behind the place in an order that is ascending or descending throughout; both engines sort null before everything.</summary>
    public static string Behind(string[] keys, object?[] place, bool down, DynamicParameters args)
    {
        var condition = "1 = 0";
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            var (key, name) = (keys[i], "cursor" + i.ToString(CultureInfo.InvariantCulture));
            args.Add(name, place[i]);
            condition = (place[i], down) switch
            {
                (null, false) => $"({key} IS NOT NULL OR ({key} IS NULL AND {condition}))",
                (null, true) => $"({key} IS NULL AND {condition})",
                (_, false) => $"({key} > @{name} OR ({key} = @{name} AND {condition}))",
                _ => $"({key} < @{name} OR {key} IS NULL OR ({key} = @{name} AND {condition}))",
            };
        }
        return condition;
    }
}
