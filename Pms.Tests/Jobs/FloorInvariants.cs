using Pms.Core.Data;

namespace Pms.Tests.Jobs;

/// <summary>What must hold on the floor whatever was tapped in whatever order, and whatever broke meanwhile.</summary>
public static class FloorInvariants
{
    /// <summary>Those that don't hold, with how often; an empty list is good.</summary>
    public static async Task<IReadOnlyList<string>> BrokenAsync(Db db)
    {
        var broken = new List<string>();
        async Task None(string what, string sql)
        {
            if (await db.ScalarAsync<long>($"SELECT COUNT(*) FROM ({sql}) AS x") is > 0 and var n)
                broken.Add($"{what}: {n}");
        }
        await None("sums differ from reports", "SELECT j.id FROM jobs j LEFT JOIN job_reports r ON r.job_id = j.id GROUP BY j.id, j.good, j.scrap, j.rework HAVING COALESCE(SUM(r.good), 0) <> j.good OR COALESCE(SUM(r.scrap), 0) <> j.scrap OR COALESCE(SUM(r.rework), 0) <> j.rework");
        await None("negative sums", "SELECT id FROM jobs WHERE good < 0 OR scrap < 0 OR rework < 0");
        await None("running without labour", "SELECT j.id FROM jobs j WHERE j.status = 'Running' AND NOT EXISTS (SELECT 1 FROM work_times w WHERE w.job_id = j.id AND w.ended_at IS NULL)");
        await None("running without machine time", "SELECT j.id FROM jobs j WHERE j.status = 'Running' AND j.machine_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM machine_runs r WHERE r.open_job_id = j.id AND r.kind <> 'Stop')");
        await None("clock runs on a job that does not", "SELECT j.id FROM jobs j WHERE j.status <> 'Running' AND (EXISTS (SELECT 1 FROM work_times w WHERE w.job_id = j.id AND w.ended_at IS NULL) OR EXISTS (SELECT 1 FROM machine_runs r WHERE r.open_job_id = j.id AND r.kind <> 'Stop'))");
        await None("labour without presence", "SELECT w.id FROM work_times w WHERE w.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM presences p WHERE p.open_employee_id = w.employee_id)");
        await None("stop without pause", "SELECT j.id FROM jobs j JOIN machine_runs r ON r.open_job_id = j.id WHERE r.kind = 'Stop' AND j.status <> 'Paused'");
        await None("ends before it starts", "SELECT id FROM machine_runs WHERE ended_at < started_at UNION ALL SELECT id FROM work_times WHERE ended_at < started_at");
        await None("machine slot used twice at once", "SELECT a.id FROM machine_runs a JOIN machine_runs b ON b.machine_id = a.machine_id AND b.slot = a.slot AND b.id > a.id AND a.started_at < COALESCE(b.ended_at, 9999999999999) AND b.started_at < COALESCE(a.ended_at, 9999999999999) WHERE a.state NOT IN ('Void', 'Superseded') AND b.state NOT IN ('Void', 'Superseded')");
        await None("person's slot used twice at once", "SELECT a.id FROM work_times a JOIN work_times b ON b.employee_id = a.employee_id AND b.slot = a.slot AND b.id > a.id AND a.started_at < COALESCE(b.ended_at, 9999999999999) AND b.started_at < COALESCE(a.ended_at, 9999999999999) WHERE a.state NOT IN ('Void', 'Superseded') AND b.state NOT IN ('Void', 'Superseded')");
        await None("version without audit", "SELECT y.id FROM (SELECT j.id, j.order_id, j.version - 1 AS changes, (SELECT COUNT(*) FROM audit a WHERE a.entity = 'job' AND a.entity_id = j.id AND a.action NOT IN ('job.manual', 'job.planned', 'job.split_off')) AS rows_ FROM jobs j) y WHERE y.changes < y.rows_ OR y.changes > y.rows_ AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.order_id = y.order_id)");   // a hold touches jobs and changes nothing of them
        await None("item complete with open jobs", "SELECT i.id FROM order_items i JOIN jobs j ON j.item_id = i.id WHERE i.status = 'Completed' AND j.status IN ('Planned', 'Running', 'Paused')");
        await None("work on an item that has not begun", "SELECT i.id FROM order_items i JOIN jobs j ON j.item_id = i.id WHERE i.status IN ('Scheduled', 'Unscheduled') AND (j.started_at IS NOT NULL OR j.good > 0)");
        return broken;
    }
}
