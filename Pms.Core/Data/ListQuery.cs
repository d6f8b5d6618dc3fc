using System.Globalization;
using System.Text;
using Dapper;

namespace Pms.Core.Data;

/// <summary>
/// One list that people search, filter, sort and page through. It is declared once from fixed fragments; what a caller sends only chooses
/// among their names, values travel as parameters. Totals are exact to <see cref="Page{T}.CountLimit"/>, then one more.
/// </summary>
/// <param name="select">The columns, from <c>SELECT</c> on.</param>
/// <param name="from">The tables, from <c>FROM</c> on, joins included.</param>
/// <param name="id">The column that makes every order total, e.g. <c>d.id</c>.</param>
public sealed class ListQuery(string select, string from, string id)
{
    private readonly Dictionary<string, (Func<object, string> Fragment, Func<string, object?> Parse)> filters = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string[]> sorts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string? Field, string Condition)> searched = [];
    private string standing = "";

    /// <summary>The order without a wish; a name given to <see cref="Sort"/>, '-' before it for descending.</summary>
    private string first = "";

    /// <summary>Searches a <c>…_key</c> column from its beginning, by its index.</summary>
    public ListQuery Search(params string[] keys) => Searched(keys, "({0} >= @q AND {0} < @qEnd)");

    /// <summary>Searches a <c>…_key</c> column anywhere; for tables of at most some thousand rows.</summary>
    public ListQuery Contains(params string[] keys) => Searched(keys, "INSTR({0}, @q) > 0");

    /// <summary>Searches a text that has no <c>…_key</c> column anywhere, without accents in upper case or exactly as typed; for small tables.</summary>
    public ListQuery ContainsText(params string[] columns) => Searched(columns, "(INSTR(UPPER({0}), @q) > 0 OR INSTR({0}, @qText) > 0)");

    /// <summary>Searches a <c>…_key</c> column from its beginning, unless the asker may not see its field.</summary>
    public ListQuery SearchOf(string field, string key) => Searched([key], "({0} >= @q AND {0} < @qEnd)", field);

    /// <summary>The same for a key of another table: <paramref name="within"/> is the condition on this list's rows, with {0} where the search stands.</summary>
    public ListQuery SearchOf(string field, string key, string within)
    {
        searched.Add((field, string.Format(CultureInfo.InvariantCulture, within, $"{key} >= @q AND {key} < @qEnd")));
        return this;
    }

    /// <summary>Searches a <c>…_key</c> column anywhere, unless the asker may not see its field.</summary>
    public ListQuery ContainsOf(string field, string key) => Searched([key], "INSTR({0}, @q) > 0", field);

    /// <summary>Allows a filter by name; the fragment uses the parameter <c>@name</c>.</summary>
    public ListQuery Filter(string name, string fragment, Func<string, object?> parse)
    {
        filters[name] = (_ => fragment, parse);
        return this;
    }

    /// <summary>Allows a filter of true and false, each a condition of its own that an index may serve.</summary>
    public ListQuery Either(string name, string whenTrue, string whenFalse)
    {
        filters[name] = (value => value is 1 ? whenTrue : whenFalse, Flag);
        return this;
    }

    /// <summary>Allows an order by name; the first one declared is the order without a wish.</summary>
    public ListQuery Sort(string name, params string[] columns)
    {
        sorts[name] = columns;
        if (first.Length == 0)
            first = name;
        return this;
    }

    /// <summary>The order without a wish, where it isn't the first one declared ascending.</summary>
    public ListQuery SortedBy(string name)
    {
        first = name;
        return this;
    }

    /// <summary>A condition that always holds.</summary>
    public ListQuery Where(string fragment)
    {
        standing = fragment;
        return this;
    }

    /// <summary>The names callers may use.</summary>
    public ListShape Shape => new([.. filters.Keys.Order(StringComparer.Ordinal)], [.. sorts.Keys], first, searched.Count > 0);

    /// <summary>Reads one page and its total in one round trip.</summary>
    /// <param name="scope">A further fixed condition with its arguments, e.g. the departments the reader may see.</param>
    /// <exception cref="InvalidException">An unknown filter or sort, a value that doesn't parse, a page that doesn't exist.</exception>
    public Task<Page<T>> PageAsync<T>(Db db, PageRequest request, (string Fragment, object Args)? scope = null, CancellationToken ct = default)
    {
        if (request.Index < 0 || (long)request.Index * request.Size > int.MaxValue)
            throw new InvalidException("index", "between", 0, int.MaxValue);
        if (request.Size is < 1 or > PageRequest.MaxSize)
            throw new InvalidException("size", "between", 1, PageRequest.MaxSize);

        var args = new DynamicParameters(scope?.Args);
        var where = Conditions(request, args, scope?.Fragment);
        if (request.Cursor is not null)
            return ByCursorAsync<T>(db, request, where, args, ct);
        args.Add("limit", request.Size);
        args.Add("offset", request.Index * request.Size);
        var sql = $"{select} {from}{where} ORDER BY {Order(request.Sort)} LIMIT @limit OFFSET @offset;\n"
            + $"SELECT COUNT(*) FROM (SELECT 1 AS one {from}{where} LIMIT {Page<T>.CountLimit + 1}) c";
        return db.ManyAsync(sql, args, async grids => new Page<T>((await grids.ReadAsync<T>()).AsList(), await grids.ReadSingleAsync<int>()), ct);
    }

    /// <summary>One row more than asked tells whether there is a next page; the last row's own sort values are where it begins.</summary>
    private Task<Page<T>> ByCursorAsync<T>(Db db, PageRequest request, string where, DynamicParameters args, CancellationToken ct)
    {
        var (columns, down) = Sorted(request.Sort);
        string[] keys = [.. columns, id];
        var list = ListCursor.List(request, string.IsNullOrWhiteSpace(request.Sort) ? first : request.Sort);
        var behind = ListCursor.Read(request.Cursor!, list, keys.Length) is { } place ? ListCursor.Behind(keys, place, down, args) : null;
        args.Add("limit", request.Size + 1);
        args.Add("counted", request.Counted ? Page<T>.CountLimit + 1 : 0);
        var marks = string.Concat(keys.Select((key, i) => $", {key} AS cursor_{i.ToString(CultureInfo.InvariantCulture)}"));
        var rows = behind is null ? where : where.Length == 0 ? " WHERE " + behind : where + " AND " + behind;
        var sql = $"{select}{marks} {from}{rows} ORDER BY {Order(request.Sort)} LIMIT @limit;\n"
            + $"SELECT COUNT(*) FROM (SELECT 1 AS one {from}{where} LIMIT @counted) c";
        return db.RowsAsync(sql, args, async (reader, token) =>
        {
            var (items, parse, more) = (new List<T>(), reader.GetRowParser<T>(), false);
            var last = new object?[keys.Length];
            while (await reader.ReadAsync(token))
            {
                more = items.Count == request.Size;
                if (more)
                    continue;
                items.Add(parse(reader));
                for (var i = 0; i < last.Length; i++)
                    last[i] = reader.GetValue(reader.FieldCount - last.Length + i);
            }
            await reader.NextResultAsync(token);
            await reader.ReadAsync(token);
            return new Page<T>(items, Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture)) { Next = more ? ListCursor.Write(list, last) : null };
        }, ct);
    }

    private string Conditions(PageRequest request, DynamicParameters args, string? scope)
    {
        var conditions = new List<string>();
        if (standing.Length > 0)
            conditions.Add(standing);
        if (scope is not null)
            conditions.Add(scope);
        if (Text.Key(request.Search) is { Length: > 0 } key && searched.Count > 0)
        {
            conditions.Add($"({string.Join(" OR ", searched.Where(s => s.Field is null || !request.Unsearched.Contains(s.Field)).Select(s => s.Condition).DefaultIfEmpty("1 = 0"))})");
            args.Add("q", key);
            args.Add("qEnd", Text.PrefixEnd(key));
            args.Add("qText", Text.Clean(request.Search));
        }
        foreach (var (name, value) in request.Filters)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            if (!filters.TryGetValue(name, out var filter))
                throw new InvalidException(name, "unknown_filter", name, filters.Keys.Order(StringComparer.Ordinal).ToArray());
            var parsed = filter.Parse(value) ?? throw new InvalidException(name, "not_valid", value);
            conditions.Add(filter.Fragment(parsed));
            args.Add(name.ToLowerInvariant(), DbValue.Of(parsed));
        }
        return conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
    }

    private string Order(string? wish)
    {
        var (columns, down) = Sorted(wish);
        var order = new StringBuilder();
        foreach (var column in columns)
            order.Append(column).Append(down ? " DESC, " : ", ");
        return order.Append(id).Append(down ? " DESC" : "").ToString();
    }

    private (string[] Columns, bool Down) Sorted(string? wish)
    {
        var name = string.IsNullOrWhiteSpace(wish) ? first : wish;
        return sorts.TryGetValue(name.TrimStart('-'), out var columns) ? (columns, name.StartsWith('-'))
            : throw new InvalidException("sort", "unknown_sort", name.TrimStart('-'), sorts.Keys.ToArray());
    }

    private ListQuery Searched(string[] keys, string form, string? field = null)
    {
        searched.AddRange(keys.Select(k => (field, string.Format(CultureInfo.InvariantCulture, form, k))));
        return this;
    }

    /// <summary>A whole number, for ids.</summary>
    public static object? Number(string value) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    /// <summary>true or false.</summary>
    public static object? Flag(string value) => bool.TryParse(value, out var flag) ? flag ? 1 : 0 : null;

    /// <summary>One or more names of an enum, by commas; the fragment says <c>IN @name</c>.</summary>
    public static object? OneOf<TEnum>(string value) where TEnum : struct, Enum
    {
        var names = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var known = names.Select(n => Enum.GetNames<TEnum>().FirstOrDefault(e => e.Equals(n, StringComparison.OrdinalIgnoreCase))).ToArray();
        return known.Length == 0 || known.Contains(null) ? null : known;
    }

    /// <summary>An instant as ISO 8601 with its offset, or as milliseconds since 1970.</summary>
    public static object? Instant(string value) => Number(value) ?? (DateTimeOffset.TryParseExact(value, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"],
        CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.ToUnixTimeMilliseconds() : null);

    /// <summary>A day as yyyy-MM-dd.</summary>
    public static object? Day(string value) => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
