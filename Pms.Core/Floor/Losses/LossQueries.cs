using Dapper;
using Pms.Core.Data;

namespace Pms.Core.Floor.Losses;

/// <summary>Reads a period's machine time and pieces of some departments, in one round trip, by their indexes.</summary>
public sealed class LossQueries(Db db)
{
    /// <param name="before">An interval that began up to this long before the period may reach into it.</param>
    public Task<LossRead> LoadAsync(IReadOnlyCollection<long> departments, IReadOnlyList<string> days, DateTimeOffset from, DateTimeOffset to, DateTimeOffset before, CancellationToken ct) => db.ManyAsync(
        """
        SELECT id, number, name, department_id, slots FROM machines WHERE department_id IN @departments AND retired_at IS NULL ORDER BY number_key;

        SELECT machine_id, slot, job_id, kind, kpi_class, started_at, ended_at FROM machine_runs
        WHERE department_id IN @departments AND started_at >= @before AND started_at < @to AND (ended_at > @from OR ended_at IS NULL) AND state NOT IN ('Superseded', 'Void');

        SELECT t.id, t.number, t.machine_id, t.status, t.description, r.word AS reason, r.kpi_class, COALESCE(t.stands_from, t.opened_at) AS stands_from, t.released_at
        FROM maintenance_tickets t LEFT JOIN reasons r ON r.id = t.reason_id
        WHERE t.stands = 1 AND t.department_id IN @departments AND t.opened_at < @to AND (t.released_at > @from OR t.standing_id > 0);

        SELECT employee_id, department_id, machine_id, job_id, started_at, ended_at FROM work_times
        WHERE department_id IN @departments AND started_at >= @before AND started_at < @to AND machine_id IS NOT NULL AND state NOT IN ('Superseded', 'Void');

        SELECT employee_id, department_id, started_at, ended_at FROM presences WHERE department_id IN @departments AND ended_at > @from AND started_at < @to AND state NOT IN ('Superseded', 'Void')
        UNION ALL
        SELECT employee_id, department_id, started_at, ended_at FROM presences WHERE open_employee_id > 0;

        SELECT r.machine_id, j.product_id, r.run_minutes, SUM(r.good) AS good, SUM(r.scrap) AS scrap, SUM(r.rework) AS rework
        FROM job_reports r JOIN jobs j ON j.id = r.job_id
        WHERE r.shift_day IN @days AND r.department_id IN @departments AND r.machine_id IS NOT NULL AND j.kind <> 'Rework' GROUP BY r.machine_id, j.product_id, r.run_minutes;

        SELECT s.machine_id, x.word AS reason, s.started_at, s.ended_at FROM machine_runs s LEFT JOIN reasons x ON x.id = s.reason_id
        WHERE s.department_id IN @departments AND s.started_at >= @before AND s.started_at < @to AND s.kind = 'Stop' AND (s.ended_at > @from OR s.ended_at IS NULL) AND s.state NOT IN ('Superseded', 'Void')
        """, new { departments = departments.Count > 0 ? departments : [-1], days, from, to, before }, async grids => new LossRead(
            (await grids.ReadAsync<FloorMachine>()).AsList(), (await grids.ReadAsync<MachineRunRow>()).AsList(), (await grids.ReadAsync<StandingTicket>()).AsList(),
            (await grids.ReadAsync<PersonSpan>()).AsList(), (await grids.ReadAsync<PersonSpan>()).AsList(), (await grids.ReadAsync<MachinePieces>()).AsList(), (await grids.ReadAsync<StopRow>()).AsList()), ct);
}
