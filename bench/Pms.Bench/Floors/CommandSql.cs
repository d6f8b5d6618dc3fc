using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Floors;

internal enum Tap { Start, Report, Finish }

/// <summary>
/// The rows that a start, a report and a finish leave behind, as statements with named parameters: exactly the rows the job engine writes
/// (the key, the job, its intervals, the count, item and order where they move, the audit row, the outbox rows), decided on nothing.
/// </summary>
internal static class CommandSql
{
    public static readonly IReadOnlyList<string> Parameters =
        ["order", "job", "stage", "person", "version", "itemVersion", "at", "made", "total", "day", "principal", "key", "command", "hash", "result", "actor", "action", "changes", "kind", "payload"];

    /// <summary>The statements, each of which touches one row. The first start moves item and order, the last finish completes them, every finish touches the item.</summary>
    public static List<string> Of(Tap tap, int stage)
    {
        var (first, last) = (stage == 1, stage == Seed.Stages);
        List<string> statements = [Key];
        switch (tap)
        {
            case Tap.Start:
                statements.AddRange([Run, Work]);
                if (first)
                    statements.AddRange([Item("InProgress"), Order("InProgress", "NULL"), Outbox("'order.inprogress'")]);
                statements.Add("UPDATE jobs SET status = 'Running', phase = 'Run', machine_id = @person, operator_id = @person, started_at = @at, last_action = 'Start', last_action_at = @at, last_action_by = @person, version = version + 1 WHERE id = @job AND version = @version");
                break;
            case Tap.Report:
                statements.AddRange([Count, "UPDATE jobs SET good = @total, last_action = 'Report', last_action_at = @at, last_action_by = @person, version = version + 1 WHERE id = @job AND version = @version"]);
                break;
            default:
                statements.AddRange([Count,
                    "UPDATE machine_runs SET ended_at = @at, state = 'Closed' WHERE open_job_id = @job",
                    "UPDATE work_times SET ended_at = @at, state = 'Closed' WHERE open_employee_id = @person AND slot = 1",
                    Item(last ? "Completed" : "InProgress")]);
                if (last)
                    statements.AddRange([Order("Completed", "@at"), Outbox("'order.completed'")]);
                statements.Add("UPDATE jobs SET status = 'Finished', phase = NULL, good = @total, finished_at = @at, finish = 'Complete', last_action = 'Finish', last_action_at = @at, last_action_by = @person, version = version + 1 WHERE id = @job AND version = @version");
                break;
        }
        statements.AddRange([Audit, Outbox("@kind")]);
        return statements;
    }

    /// <summary>The values of one tap, in the order of <see cref="Parameters"/>.</summary>
    /// <param name="reported">False where the pieces all come with the finish.</param>
    public static object[] Values(Tap tap, long order, int stage, long person, string key, bool reported = true)
    {
        var (now, job, verb) = (DateTimeOffset.UtcNow, Seed.JobOf(order, stage), tap.ToString().ToLowerInvariant());
        var (made, total) = tap == Tap.Report ? (100, 100) : (reported ? 150 : Seed.Quantity, Seed.Quantity);
        var version = tap == Tap.Finish && !reported ? 2 : (int)tap + 1;
        var changes = tap switch
        {
            Tap.Start => $$"""{"MachineId":[null,{{person}}],"Status":["Planned","Running"],"Phase":[null,"Run"],"StartedAt":[null,"{{now:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"],"OperatorId":[null,{{person}}]}""",
            Tap.Report => """{"Good":[0,100]}""",
            _ => $$"""{"Status":["Running","Finished"],"Phase":["Run",null],"Good":[100,250],"FinishedAt":[null,"{{now:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"],"Finish":[null,"Complete"]}""",
        };
        var payload = $$"""{"jobId":{{job}},"orderId":{{order}},"order":"SO{{order}}","itemId":{{order}},"stepId":{{job}},"departmentId":1,"machineId":{{person}},"machine":"M-{{person:0000}}","employeeId":{{person}},"by":"Ann Arendse","at":"{{now:O}}","more":null}""";
        return
        [
            order, job, stage, person, version, tap == Tap.Start ? 1 : stage + 1, now.ToUnixTimeMilliseconds(), made * DbValue.Scale, total * DbValue.Scale, $"{now:yyyy-MM-dd}",
            $"e:{person}", key, "job." + verb, Hash, $$"""{"JobId":{{job}},"Status":1,"Phase":1,"Version":{{version + 1}}}""", "Ann Arendse", "job." + verb, changes, "job." + verb, payload,
        ];
    }

    private const string Hash = "0f3c8a5de7b14a6f9c2d8e1b7a6f5d4c3b2a190807f6e5d4c3b2a19080706050";

    private const string Key = "INSERT INTO idempotency (principal, request_key, command, request_hash, result, at) VALUES (@principal, @key, @command, @hash, @result, @at)";

    private const string Run = "INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, state) VALUES (@person, 1, 1, @job, 'Run', @at, 'Open')";

    private const string Work = "INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, state) VALUES (@person, 1, 1, @job, @person, 'Run', @at, 'Open')";

    private static readonly string Count =
        $"INSERT INTO job_reports (job_id, step_id, department_id, stage_id, machine_id, employee_id, at, good, run_minutes, last_step, shift_day, shift_id) VALUES (@job, @job, 1, @stage, @person, @person, @at, @made, {DbValue.Scale / 2}, CASE WHEN @stage = {Seed.Stages} THEN 1 ELSE 0 END, @day, 1)";

    private const string Audit = "INSERT INTO audit (at, employee_id, actor, channel, action, entity, entity_id, department_id, changes) VALUES (@at, @person, @actor, 'Api', @action, 'job', @job, 1, @changes)";

    private static string Item(string status) => $"UPDATE order_items SET status = '{status}', version = version + 1 WHERE id = @order AND version = @itemVersion";

    private static string Order(string status, string completed) => $"UPDATE orders SET status = '{status}', completed_at = {completed}, version = version + 1 WHERE id = @order";

    private static string Outbox(string kind) => $"INSERT INTO outbox (at, kind, payload, next_at) VALUES (@at, {kind}, @payload, @at)";
}
