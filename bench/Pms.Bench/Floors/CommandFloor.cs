using System.Data.Common;
using System.Text.RegularExpressions;
using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Floors;

/// <summary>
/// The bare program beside the job engine: knows every id beforehand, reads nothing, checks nothing but the sum of rows, and writes the rows of
/// <see cref="CommandSql"/> in one transaction. On MySQL a tap is one text from START TRANSACTION to COMMIT, so one round trip, on a connection
/// of a pool like PMS's. On SQLite, which has no trips, the statements are prepared once on one open connection and writers queue for it.
/// </summary>
internal abstract class CommandFloor : IAsyncDisposable
{
    public static async Task<CommandFloor> OpenAsync(DbSettings settings)
    {
        var source = settings.Dialect.Connect(settings);
        return settings.Dialect.OneWriter ? new OneConnection(source, await source.OpenConnectionAsync()) : new OneTrip(source, settings.Dialect);
    }

    public abstract Task TapAsync(Tap tap, long order, int stage, long person, string key, bool reported = true);

    public abstract ValueTask DisposeAsync();

    private static DbCommand Command(DbConnection connection, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    private static DbCommand WithParameters(DbCommand command, int[] parameters)
    {
        foreach (var i in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + CommandSql.Parameters[i];
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <param name="parameters">Which of the values the command takes; null: all.</param>
    private static void Bind(DbCommand command, int[]? parameters, object[] values)
    {
        for (var i = 0; i < command.Parameters.Count; i++)
            command.Parameters[i].Value = values[parameters?[i] ?? i];
    }

    private static void Demand(int touched, int expected)
    {
        if (touched != expected)
            throw new InvalidOperationException($"The floor touched {touched} rows instead of {expected}: it no longer writes what the engine writes.");
    }

    private sealed class OneTrip(DbDataSource source, Dialect dialect) : CommandFloor
    {
        private static readonly Dictionary<(Tap, int), (string Text, int Rows)> Texts = (
            from tap in Enum.GetValues<Tap>()
            from stage in Enumerable.Range(1, Seed.Stages)
            let sql = CommandSql.Of(tap, stage)
            select (Key: (tap, stage), Value: ($"START TRANSACTION;\n{string.Join(";\n", sql)};\nCOMMIT", sql.Count))).ToDictionary(e => e.Key, e => e.Value);

        public override async Task TapAsync(Tap tap, long order, int stage, long person, string key, bool reported = true)
        {
            var (text, rows) = Texts[(tap, stage)];
            await using var connection = await source.OpenConnectionAsync();
            await using var command = WithParameters(Command(connection, text), [.. Enumerable.Range(0, CommandSql.Parameters.Count)]);
            Bind(command, null, CommandSql.Values(tap, order, stage, person, key, reported));
            for (; ; )
            {
                try
                {
                    Demand(await command.ExecuteNonQueryAsync(), rows);
                    return;
                }
                catch (DbException e) when (dialect.IsTransient(e))
                {
                    // A deadlock has rolled all of it back; what is left open of it may not stay.
                    await using var rollback = Command(connection, "ROLLBACK");
                    await rollback.ExecuteNonQueryAsync();
                }
            }
        }

        public override ValueTask DisposeAsync() => source.DisposeAsync();
    }

    private sealed class OneConnection : CommandFloor
    {
        private readonly DbDataSource source;
        private readonly DbConnection connection;
        private readonly SemaphoreSlim turn = new(1);
        private readonly DbCommand begin;
        private readonly DbCommand commit;
        private readonly Dictionary<(Tap, int), List<(DbCommand Command, int[] Parameters)>> commands;
        private readonly Dictionary<string, (DbCommand Command, int[] Parameters)> prepared = [];

        public OneConnection(DbDataSource source, DbConnection connection)
        {
            (this.source, this.connection) = (source, connection);
            (begin, commit) = (Command(connection, "BEGIN IMMEDIATE"), Command(connection, "COMMIT"));
            commands = (
                from tap in Enum.GetValues<Tap>()
                from stage in Enumerable.Range(1, Seed.Stages)
                let sql = CommandSql.Of(tap, stage)
                select (Key: (tap, stage), Value: sql.Select(Prepared).ToList())).ToDictionary(e => e.Key, e => e.Value);
        }

        /// <summary>Each statement binds only its own parameters: looking up those of others by name would slow the floor.</summary>
        private (DbCommand, int[]) Prepared(string sql)
        {
            if (!prepared.TryGetValue(sql, out var known))
            {
                int[] parameters = [.. Enumerable.Range(0, CommandSql.Parameters.Count).Where(i => Regex.IsMatch(sql, $@"@{CommandSql.Parameters[i]}\b"))];
                prepared[sql] = known = (WithParameters(Command(connection, sql), parameters), parameters);
            }
            return known;
        }

        public override async Task TapAsync(Tap tap, long order, int stage, long person, string key, bool reported = true)
        {
            var values = CommandSql.Values(tap, order, stage, person, key, reported);
            await turn.WaitAsync();
            try
            {
                begin.ExecuteNonQuery();
                var rows = 0;
                foreach (var (command, parameters) in commands[(tap, stage)])
                {
                    Bind(command, parameters, values);
                    rows += command.ExecuteNonQuery();
                }
                Demand(rows, commands[(tap, stage)].Count);
                commit.ExecuteNonQuery();
            }
            finally
            {
                turn.Release();
            }
        }

        public override async ValueTask DisposeAsync()
        {
            foreach (var (command, _) in prepared.Values)
                await command.DisposeAsync();
            await begin.DisposeAsync();
            await commit.DisposeAsync();
            await connection.DisposeAsync();
            await source.DisposeAsync();
            turn.Dispose();
        }
    }
}
