using System.Collections.Concurrent;
using System.Reflection;
using System.Text;

namespace Pms.Core.Data;

public sealed partial class Tx
{
    private static readonly ConcurrentDictionary<(Type Row, string Sql), PropertyInfo[]> BulkColumns = new();

    /// <summary>So many rows travel in one text to a server, or fewer where their texts are long.</summary>
    private const int RowsSent = 500, TextSent = 500_000;

    /// <summary>
    /// Sends what is queued, then one statement once per row, prepared where the database is in this process and joined where each would be a round trip; for those who write
    /// thousands of rows. Its parameters are properties of the row; all rows are of one type. Keep a transaction of this short: every other writer waits for it.
    /// </summary>
    internal async Task BulkAsync(string sql, IEnumerable<object> rows)
    {
        await FlushAsync(final: false);
        if (!db.Dialect.OneWriter)
        {
            await JoinedAsync(sql, rows);
            return;
        }
        await using var command = (await OpenAsync()).CreateCommand();
        command.CommandText = sql;
        PropertyInfo[]? columns = null;
        foreach (var row in rows)
        {
            if (columns is null)
            {
                columns = Columns(row.GetType(), sql);
                foreach (var column in columns)
                {
                    var parameter = command.CreateParameter();
                    parameter.ParameterName = "@" + column.Name;
                    command.Parameters.Add(parameter);
                }
            }
            for (var i = 0; i < columns.Length; i++)
                command.Parameters[i].Value = DbValue.Of(columns[i].GetValue(row)) ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private async Task JoinedAsync(string sql, IEnumerable<object> rows)
    {
        // INSERT … VALUES (…) takes many tuples; anything else is said once per row.
        var values = sql.StartsWith("INSERT", StringComparison.Ordinal) ? sql.LastIndexOf("VALUES", StringComparison.Ordinal) : -1;
        var (head, each, between) = values < 0 ? ("", sql, ";\n") : (sql[..(values + "VALUES".Length)], sql[(values + "VALUES".Length)..], ",");
        using var all = rows.GetEnumerator();
        for (var more = all.MoveNext(); more;)
        {
            await using var command = (await OpenAsync()).CreateCommand();
            var (text, length) = (new StringBuilder(head), 0);
            for (var i = 0; more && i < RowsSent && length < TextSent; i++, more = all.MoveNext())
            {
                if (i > 0)
                    text.Append(between);
                var (placed, columns) = Places.GetOrAdd((each, all.Current.GetType()), static key => Place(key.Sql, key.Args));
                text.Append(placed);
                foreach (var column in columns)
                    length += Add(command, column.GetValue(all.Current)) is string value ? value.Length : 8;
            }
            command.CommandText = text.ToString();
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static PropertyInfo[] Columns(Type row, string sql) => BulkColumns.GetOrAdd((row, sql), static key => [.. Parameter().Matches(key.Sql).Select(m => m.Groups[1].Value).Distinct()
        .Select(name => key.Row.GetProperty(name) ?? throw new ArgumentException($"{key.Row.Name} has no {name}."))]);
}
