using System.Collections;
using System.Collections.Concurrent;
using System.Data;
using System.Reflection;
using System.Text.RegularExpressions;
using Dapper;

namespace Pms.Core.Data;

/// <summary>
/// Parameters of which some are lists: <c>IN @ids</c> becomes <c>IN (@ids1,@ids2)</c>. The text is written out once for each length and remembered,
/// because Dapper would look through all of it once for each list at every call, which costs a tap more than its reading does.
/// </summary>
internal sealed partial class ListArgs : SqlMapper.IDynamicParameters
{
    /// <summary>Longer lists come in too many lengths to remember a text for each.</summary>
    private const int Longest = 64;
    private const int MostTexts = 1_000;

    private static readonly ConcurrentDictionary<Type, Property[]> Types = new();
    private static readonly ConcurrentDictionary<(string Sql, string Lengths), Written> Texts = new();

    private readonly string sql;
    private readonly (Property Property, object? Value, List<object?>? List)[] values;

    private ListArgs(string sql, object args, Property[] properties) => (this.sql, values) = (sql, [.. properties.Select(p => (p, p.Info.GetValue(args))).Select(v => (v.p, v.Item2, v.p.IsList ? Items(v.Item2) : null))]);

    /// <summary>What to hand to Dapper for a text with these arguments: themselves, where none of them is a list.</summary>
    public static object? Of(string sql, object? args)
    {
        if (args is null or SqlMapper.IDynamicParameters or IEnumerable<KeyValuePair<string, object>>)
            return args;
        var properties = Types.GetOrAdd(args.GetType(), static t => [.. t.GetProperties().Where(p => p.GetIndexParameters().Length == 0).Select(p => new Property(p, IsList(p.PropertyType)))]);
        return Array.Exists(properties, p => p.IsList) ? new ListArgs(sql, args, properties) : args;
    }

    /// <inheritdoc />
    public void AddParameters(IDbCommand command, SqlMapper.Identity identity)
    {
        var written = Write();
        command.CommandText = written.Text;
        for (var i = 0; i < values.Length; i++)
        {
            if (!written.Used[i])
                continue;
            var (property, value, list) = values[i];
            if (list is not { Count: > 0 })
                Add(command, property.Name, list is null ? value : null);
            else
                for (var n = 0; n < list.Count; n++)
                    Add(command, Name(property, n), list[n]);
        }
    }

    private Written Write()
    {
        if (values.Sum(v => v.List?.Count ?? 0) > Longest)
            return Anew();
        var key = (sql, string.Join(',', values.Where(v => v.List is not null).Select(v => v.List!.Count)));
        if (Texts.TryGetValue(key, out var written))
            return written;
        if (Texts.Count >= MostTexts)
            Texts.Clear();
        return Texts[key] = Anew();
    }

    private Written Anew()
    {
        var used = new bool[values.Length];
        var text = Parameter().Replace(sql, match =>
        {
            var at = Array.FindIndex(values, v => v.Property.Name.Equals(match.Groups[1].Value, StringComparison.OrdinalIgnoreCase));
            if (at < 0)
                return match.Value;
            used[at] = true;
            var (property, _, list) = values[at];
            return list switch
            {
                null => match.Value,
                [] => $"(SELECT @{property.Name} WHERE 1 = 0)",
                _ => "(" + string.Join(',', Enumerable.Range(0, list.Count).Select(n => "@" + Name(property, n))) + ")",
            };
        });
        return new Written(text, used);
    }

    private static string Name(Property property, int n) => n < property.Names.Length ? property.Names[n] : property.Name + (n + 1);

    private static void Add(IDbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@" + name;
        parameter.Value = DbValue.Of(value) ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    private static List<object?> Items(object? list) => list is IEnumerable items ? [.. items.Cast<object?>()] : [];

    private static bool IsList(Type type) => type.IsAssignableTo(typeof(IEnumerable)) && type != typeof(string) && type != typeof(byte[]);

    [GeneratedRegex(@"@(\w+)")]
    private static partial Regex Parameter();

    private sealed record Property(PropertyInfo Info, bool IsList)
    {
        public string Name => Info.Name;
        public string[] Names { get; } = IsList ? [.. Enumerable.Range(1, Longest).Select(n => Info.Name + n)] : [];
    }

    /// <param name="Used">Which of the arguments the text names: others are not sent.</param>
    private sealed record Written(string Text, bool[] Used);
}
