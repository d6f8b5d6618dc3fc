using Pms.Core.Data;

namespace Pms.Tests.Demo;

/// <summary>The rules that hold on any floor, asked of the whole database: whatever seeded or worked it.</summary>
internal static class FloorRules
{
    private static readonly (string Rule, string Breach)[] Rules =
    [
        ("a job's quantities are the sums of its reports",
            "SELECT COUNT(*) FROM jobs j LEFT JOIN (SELECT job_id, SUM(good) AS g, SUM(scrap) AS s FROM job_reports GROUP BY job_id) r ON r.job_id = j.id WHERE j.good <> COALESCE(r.g, 0) OR j.scrap <> COALESCE(r.s, 0)"),
        ("nothing ends before it begins", "SELECT (SELECT COUNT(*) FROM machine_runs WHERE ended_at < started_at) + (SELECT COUNT(*) FROM work_times WHERE ended_at < started_at) + (SELECT COUNT(*) FROM presences WHERE ended_at < started_at)"),
        ("nothing begins or ends in the future",
            "SELECT (SELECT COUNT(*) FROM machine_runs WHERE started_at > @now OR ended_at > @now) + (SELECT COUNT(*) FROM work_times WHERE started_at > @now OR ended_at > @now) + (SELECT COUNT(*) FROM job_reports WHERE at > @now)"),
        ("one job at a time in a machine's slot", Overlap("machine_runs", "machine_id, slot", "slot IS NOT NULL AND ")),
        ("one job at a time in a person's slot", Overlap("work_times", "employee_id, slot", "slot IS NOT NULL AND ")),
        ("a job's machine time has no overlap", Overlap("machine_runs", "job_id", "")),
        ("no more slots than the machine has", "SELECT COUNT(*) FROM machine_runs r JOIN machines m ON m.id = r.machine_id WHERE r.slot > m.slots OR r.slot < 1"),
        ("no more slots than the person has", "SELECT COUNT(*) FROM work_times w JOIN employees e ON e.id = w.employee_id WHERE w.slot > e.slots OR w.slot < 1"),
        ("a stop holds no slot and all else holds one", "SELECT COUNT(*) FROM machine_runs WHERE (kind = 'Stop') <> (slot IS NULL)"),
        ("a running job on a machine has an open interval that is no stop",
            "SELECT COUNT(*) FROM jobs j WHERE j.status = 'Running' AND j.machine_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM machine_runs r WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.kind <> 'Stop')"),
        ("a paused job on a machine has an open stop",
            "SELECT COUNT(*) FROM jobs j WHERE j.status = 'Paused' AND j.machine_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM machine_runs r WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.kind = 'Stop')"),
        ("only running and paused jobs have open intervals",
            "SELECT (SELECT COUNT(*) FROM machine_runs r JOIN jobs j ON j.id = r.job_id WHERE r.ended_at IS NULL AND j.status NOT IN ('Running', 'Paused')) + (SELECT COUNT(*) FROM work_times w JOIN jobs j ON j.id = w.job_id WHERE w.ended_at IS NULL AND j.status <> 'Running')"),
        ("a finished job has a finish and its time lies before it",
            "SELECT COUNT(*) FROM jobs j WHERE j.status = 'Finished' AND (j.finished_at IS NULL OR j.finish IS NULL OR EXISTS (SELECT 1 FROM machine_runs r WHERE r.job_id = j.id AND r.ended_at > j.finished_at))"),
        ("a planned job has no time and no pieces", "SELECT COUNT(*) FROM jobs j WHERE j.status = 'Planned' AND (j.good + j.scrap <> 0 OR j.started_at IS NOT NULL)"),
        ("scrap has a reason", "SELECT COUNT(*) FROM job_reports WHERE scrap > 0 AND scrap_reason_id IS NULL"),
        ("a step puts out no more than it took in",
            """
            WITH made AS (SELECT s.id, s.item_id, s.position, COALESCE(SUM(j.good), 0) AS good, COALESCE(SUM(j.good + j.scrap), 0) AS made FROM order_steps s LEFT JOIN jobs j ON j.step_id = s.id GROUP BY s.id, s.item_id, s.position)
            SELECT COUNT(*) FROM made b JOIN made a ON a.item_id = b.item_id AND a.position = b.position - 1 WHERE b.made > a.good
            """),
        ("who has an open work time is clocked in", "SELECT COUNT(*) FROM work_times w WHERE w.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM presences p WHERE p.employee_id = w.employee_id AND p.ended_at IS NULL)"),
        ("a completed order has no open job", "SELECT COUNT(*) FROM orders o WHERE o.status IN ('Completed', 'Closed') AND EXISTS (SELECT 1 FROM jobs j WHERE j.order_id = o.id AND j.status IN ('Planned', 'Running', 'Paused'))"),
        ("an order with started work is in progress or done", "SELECT COUNT(*) FROM orders o WHERE o.status IN ('Unscheduled', 'Scheduled') AND EXISTS (SELECT 1 FROM jobs j WHERE j.order_id = o.id AND j.started_at IS NOT NULL)"),
    ];

    public static async Task HoldAsync(Db db, DateTimeOffset now)
    {
        foreach (var (rule, breach) in Rules)
            Assert.True(await db.ScalarAsync<long>(breach, new { now }) is 0 and var breaches, $"Broken: {rule}.");
    }

    private static string Overlap(string table, string partition, string only) =>
        $"""
        SELECT COUNT(*) FROM (SELECT started_at, MAX(COALESCE(ended_at, 9e15)) OVER (PARTITION BY {partition} ORDER BY started_at, COALESCE(ended_at, 9e15) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM {table} WHERE {only}state NOT IN ('Void', 'Superseded') AND (ended_at IS NULL OR ended_at > started_at)) AS x WHERE before > started_at
        """;
}
