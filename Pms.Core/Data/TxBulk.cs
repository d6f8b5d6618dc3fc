using System.Collections.Concurrent;
using System.Reflection;

namespace Pms.Core.Data;

public sealed partial class Tx
{
    private static readonly ConcurrentDictionary<(Type Row, string Sql), PropertyInfo[]> BulkColumns = new();

    /// <summary>
    /// Sends what is queued, then one prepared statement once per row; for those who write thousands of rows. Its parameters are properties of
    /// the row; all rows are of one type. Keep a transaction of this short: every other writer waits for it.
    /// </summary>
    internal async Task BulkAsync(string sql, IEnumerable<object> rows)
    {
        await FlushAsync(final: false);
        await using var command = (await OpenAsync()).CreateCommand();
        command.CommandText = sql;
        PropertyInfo[]? columns = null;
        foreach (var row in rows)
        {
            if (columns is null)
            {
                columns = BulkColumns.GetOrAdd((row.GetType(), sql), static key => [.. Parameter().Matches(key.Sql).Select(m => m.Groups[1].Value).Distinct()
                    .Select(name => key.Row.GetProperty(name) ?? throw new ArgumentException($"{key.Row.Name} has no {name}."))]);
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
}
