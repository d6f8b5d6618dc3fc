using Dapper;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>A database's tables, columns and indexes in words that are the same for both engines.</summary>
internal static class Schema
{
    private const string Sqlite =
        """
        SELECT 'column ' || m.name || '.' || c.name || CASE WHEN c.type LIKE '%INT%' THEN ' number' ELSE ' text' END
               || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN ' needed' ELSE '' END || CASE WHEN c.hidden IN (2, 3) THEN ' derived' ELSE '' END
               || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
        FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
        UNION ALL
        SELECT 'index ' || m.name || '.' || i.name || CASE WHEN i."unique" = 1 THEN ' unique' ELSE '' END || ' ' || (c.seqno + 1) || ' ' || c.name
        FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c WHERE m.type = 'table' AND i.origin = 'c'
        """;

    private const string MySql =
        """
        SELECT CONCAT('column ', c.table_name, '.', c.column_name, CASE WHEN c.data_type LIKE '%int%' THEN ' number' ELSE ' text' END,
               CASE WHEN c.is_nullable = 'NO' THEN ' needed' ELSE '' END, CASE WHEN COALESCE(c.generation_expression, '') <> '' THEN ' derived' ELSE '' END,
               COALESCE(CONCAT(' key ', k.ordinal_position), ''))
        FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
        LEFT JOIN information_schema.key_column_usage k
          ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
        WHERE c.table_schema = DATABASE()
        UNION ALL
        SELECT CONCAT('index ', table_name, '.', index_name, CASE WHEN non_unique = 0 THEN ' unique' ELSE '' END, ' ', seq_in_index, ' ', column_name)
        FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY'
        """;

    public static async Task<IReadOnlyList<string>> ReadAsync(TestDatabase database)
    {
        if (database.Engine == Engine.Sqlite)
        {
            await using var file = new SqliteConnection(database.ConnectionString + ";Pooling=False");
            return [.. (await file.QueryAsync<string>(Sqlite)).Order(StringComparer.Ordinal)];
        }
        await using var server = new MySqlConnection(database.ConnectionString + ";Pooling=False");
        return [.. (await server.QueryAsync<string>(MySql)).Order(StringComparer.Ordinal)];
    }
}
