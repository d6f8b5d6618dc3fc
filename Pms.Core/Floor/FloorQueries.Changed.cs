using Dapper;

namespace Pms.Core.Floor;

// The part of the picture that some events named, by the ids they named: it costs the same in a plant of ten machines and of a thousand.
public sealed partial class FloorQueries
{
    /// <summary>A presence or a person's work is no older than this when it still counts in a production day.</summary>
    private static readonly TimeSpan LongestPresence = TimeSpan.FromDays(2);

    /// <summary>
    /// The rows of these jobs, machines, people, orders and departments, and of nothing else, in one round trip;
    /// the due orders among <see cref="FloorChanges.Orders"/> beside them.
    /// </summary>
    internal Task<(FloorRead Read, IReadOnlyList<DueOrder> Due)> LoadChangedAsync(FloorWindow window, FloorChanges changes, DateOnly dueUntil, CancellationToken ct = default) => db.ManyAsync(
        $"""
        SELECT {RunColumns} FROM machine_runs WHERE job_id IN @Jobs AND (ended_at > @From OR ended_at IS NULL) AND state NOT IN ('Superseded', 'Void');
        {StartedSelect} WHERE j.id IN @Jobs AND j.status IN ('Running', 'Paused');
        {NextSelect};
        SELECT department_id, COUNT(*) AS waiting, 0 AS late FROM jobs WHERE department_id IN @Departments AND status = 'Planned' AND planned_start < @Until GROUP BY department_id
        UNION ALL
        SELECT department_id, 0 AS waiting, COUNT(*) AS late FROM jobs WHERE department_id IN @Departments AND status IN ('Planned', 'Running', 'Paused') AND planned_end < @Now GROUP BY department_id;
        {ReportSelect} WHERE r.job_id IN @Jobs AND r.shift_day IN @Days ORDER BY r.job_id, r.at;
        {TicketSelect} WHERE t.standing_id IN @Machines
        UNION ALL
        {TicketSelect} WHERE t.machine_id IN @Machines AND t.released_at > @From AND t.stands = 1;
        SELECT {WorkColumns} FROM work_times WHERE job_id IN @Jobs AND started_at >= @From AND kind <> 'Break' AND state NOT IN ('Superseded', 'Void')
        UNION ALL
        SELECT {WorkColumns} FROM work_times WHERE employee_id IN @Employees AND started_at >= @From AND (job_id IS NULL OR job_id NOT IN @Jobs) AND kind <> 'Break' AND state NOT IN ('Superseded', 'Void');
        SELECT {PresenceColumns} FROM presences WHERE employee_id IN @Employees AND started_at > @Since AND ended_at > @From AND state NOT IN ('Superseded', 'Void')
        UNION ALL
        SELECT {PresenceColumns} FROM presences WHERE open_employee_id IN @Employees;
        {AllocationSelect};
        {LoadSelect};
        {ToConfirmSelect} AND department_id IN @Departments GROUP BY department_id;
        SELECT {DueColumns} FROM orders WHERE id IN @Orders AND {IsDue}
        """,
        new
        {
            window.Now,
            window.From,
            window.Until,
            window.Today,
            window.Days,
            Since = window.From - LongestPresence,
            dueUntil,
            Jobs = Few(changes.Jobs),
            Machines = Few(changes.Machines),
            Departments = Few(changes.Departments),
            Employees = Few(changes.Employees),
            Orders = Few(changes.Orders),
        },
        async grids => (new FloorRead
        {
            Runs = (await grids.ReadAsync<MachineRunRow>()).AsList(),
            Started = (await grids.ReadAsync<StartedJob>()).AsList(),
            Next = (await grids.ReadAsync<NextJob>()).AsList(),
            Counts = (await grids.ReadAsync<JobCounts>()).AsList(),
            Reports = (await grids.ReadAsync<ReportRow>()).AsList(),
            Tickets = (await grids.ReadAsync<StandingTicket>()).AsList(),
            Work = (await grids.ReadAsync<PersonSpan>()).AsList(),
            Presences = (await grids.ReadAsync<PersonSpan>()).AsList(),
            Allocations = (await grids.ReadAsync<AllocationRow>()).AsList(),
            Loads = (await grids.ReadAsync<OrderLoad>()).AsList(),
            ToConfirm = (await grids.ReadAsync<ToConfirm>()).AsList(),
        }, (IReadOnlyList<DueOrder>)(await grids.ReadAsync<DueOrder>()).AsList()), ct);

    /// <summary>Filled up with an id that nothing has to 1, 4, 16 or 64, so that a prepared text serves any number of taps.</summary>
    private static long[] Few(HashSet<long> ids)
    {
        var size = 1;
        while (size < ids.Count)
            size *= 4;
        var list = new long[size];
        Array.Fill(list, -1);
        ids.CopyTo(list);
        return list;
    }
}
