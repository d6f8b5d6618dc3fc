using System.Data.Common;
using Pms.Bench.Live;
using Pms.Core.Data;

namespace Pms.Bench.Floors.Live;

/// <summary>
/// The rows that a pause and a resume leave behind (key, job, intervals, audit, outbox), written bare: every id is known beforehand and nothing
/// is checked but the number of rows. On MySQL one text and one round trip on a pooled connection; on SQLite prepared statements on one connection.
/// </summary>
internal sealed class BareTaps : IAsyncDisposable
{
    private static readonly string[] Parameters = ["job", "person", "department", "at", "principal", "key", "hash", "result", "actor", "changes", "payload"];
    private static readonly string Pause = string.Join(";\n", Key("pause"),
        "UPDATE machine_runs SET ended_at = @at, state = 'Closed' WHERE open_job_id = @job",
        "UPDATE work_times SET ended_at = @at, state = 'Closed' WHERE open_employee_id = @person AND slot = 1",
        "INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, state) VALUES (@person, @department, NULL, @job, 'Stop', @at, 'Open')",
        "UPDATE jobs SET status = 'Paused', paused_at = @at, pause_cause = 'Operator', last_action = 'Pause', last_action_at = @at, last_action_by = @person, version = version + 1 WHERE id = @job AND status = 'Running'",
        Audit("pause"), Outbox("pause"));
    private static readonly string Resume = string.Join(";\n", Key("resume"),
        "UPDATE machine_runs SET ended_at = @at, state = 'Closed' WHERE open_job_id = @job",
        "INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, state) VALUES (@person, @department, 1, @job, 'Run', @at, 'Open')",
        "INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, state) VALUES (@person, @department, 1, @job, @person, 'Run', @at, 'Open')",
        "UPDATE jobs SET status = 'Running', paused_at = NULL, pause_cause = NULL, operator_id = @person, last_action = 'Resume', last_action_at = @at, last_action_by = @person, version = version + 1 WHERE id = @job AND status = 'Paused'",
        Audit("resume"), Outbox("resume"));
    private const int Rows = 7;

    private readonly DbDataSource source;
    private readonly DbConnection? one;
    private readonly DbCommand? begin, commit, pause, resume;
    private readonly SemaphoreSlim turn = new(1);

    private BareTaps(DbDataSource source, DbConnection? one)
    {
        (this.source, this.one) = (source, one);
        if (one is not null)
            (begin, commit, pause, resume) = (Command(one, "BEGIN IMMEDIATE", false), Command(one, "COMMIT", false), Command(one, Pause, true), Command(one, Resume, true));
    }

    public static async Task<BareTaps> OpenAsync(DbSettings settings)
    {
        var source = settings.Dialect.Connect(settings);
        return new BareTaps(source, settings.Dialect.OneWriter ? await source.OpenConnectionAsync() : null);
    }

    public async Task TapAsync(long person, bool pauses)
    {
        var values = Values(person, pauses);
        if (one is null)
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = Command(connection, $"START TRANSACTION;\n{(pauses ? Pause : Resume)};\nCOMMIT", true);
            Demand(await Bind(command, values).ExecuteNonQueryAsync());
            return;
        }
        await turn.WaitAsync();
        try
        {
            begin!.ExecuteNonQuery();
            Demand(Bind(pauses ? pause! : resume!, values).ExecuteNonQuery());
            commit!.ExecuteNonQuery();
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in new IAsyncDisposable?[] { begin, commit, pause, resume, one, source })
            if (each is not null)
                await each.DisposeAsync();
        turn.Dispose();
    }

    private static object[] Values(long person, bool pauses)
    {
        var (now, job, department) = (DateTimeOffset.UtcNow, LivePlant.JobOf(person), LivePlant.DepartmentOf(person));
        var changes = pauses
            ? $$"""{"Status":["Running","Paused"],"PausedAt":[null,"{{now:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"],"PauseCause":[null,"Operator"]}"""
            : $$"""{"Status":["Paused","Running"],"PausedAt":["{{now:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}",null],"PauseCause":["Operator",null]}""";
        var payload = $$"""{"jobId":{{job}},"orderId":{{job}},"order":"SO{{job}}","itemId":{{job}},"stepId":{{job}},"departmentId":{{department}},"machineId":{{person}},"machine":"{{LivePlant.MachineOf(person)}}","employeeId":{{person}},"by":"Ann Arendse {{person}}","at":"{{now:O}}","more":null}""";
        return [job, person, department, now.ToUnixTimeMilliseconds(), $"e:{person}", Guid.NewGuid().ToString("N"), new string('a', 64), $$"""{"JobId":{{job}},"Status":2,"Phase":1,"Version":2}""", $"Ann Arendse {person}", changes, payload];
    }

    private static DbCommand Command(DbConnection connection, string text, bool parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters ? Parameters : [])
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private static DbCommand Bind(DbCommand command, object[] values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }

    private static void Demand(int touched)
    {
        if (touched != Rows)
            throw new InvalidOperationException($"The floor touched {touched} rows instead of {Rows}: it no longer writes what the engine writes.");
    }

    private static string Key(string verb) => $"INSERT INTO idempotency (principal, request_key, command, request_hash, result, at) VALUES (@principal, @key, 'job.{verb}', @hash, @result, @at)";

    private static string Audit(string verb) => $"INSERT INTO audit (at, employee_id, actor, channel, action, entity, entity_id, department_id, changes) VALUES (@at, @person, @actor, 'Page', 'job.{verb}', 'job', @job, @department, @changes)";

    private static string Outbox(string verb) => $"INSERT INTO outbox (at, kind, payload, next_at) VALUES (@at, 'job.{verb}', @payload, @at)";
}
