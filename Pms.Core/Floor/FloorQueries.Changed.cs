using Dapper;

namespace Pms.Core.Floor;

// The part of the picture that some events named, by the ids they named: it costs the same in a plant of ten machines and of a thousand.
public sealed partial class FloorQueries
{
    /// <summary>A presence or a person's work is no older than this when it still counts in a production day.</summary>
    private static readonly TimeSpan LongestPresence = TimeSpan.FromDays(2);

    /// <summary>
    /// The rows of what the changes name and of nothing else, in one round trip; the due orders among <see cref="FloorChanges.Orders"/> beside them.
    /// What nothing was named of is not asked for.
    /// </summary>
    internal Task<(FloorRead Read, IReadOnlyList<DueOrder> Due)> LoadChangedAsync(FloorWindow window, FloorChanges changes, DateOnly dueUntil, CancellationToken ct = default)
    {
        var read = new FloorRead();
        IReadOnlyList<DueOrder> due = [];
        List<string> texts = [];
        List<Func<SqlMapper.GridReader, Task>> takes = [];

        void Ask<T>(HashSet<long> named, string sql, Action<IReadOnlyList<T>> take)
        {
            if (named.Count == 0)
                return;
            texts.Add(sql);
            takes.Add(async grids => take((await grids.ReadAsync<T>()).AsList()));
        }

        Ask<MachineRunRow>(changes.Jobs, $"SELECT {RunColumns} FROM machine_runs WHERE job_id IN @Jobs AND (ended_at > @From OR ended_at IS NULL) AND state NOT IN ('Superseded', 'Void')", rows => read = read with { Runs = rows });
        Ask<StartedJob>(changes.Jobs, $"{StartedSelect} WHERE j.id IN @Jobs AND j.status IN ('Running', 'Paused')", rows => read = read with { Started = rows });
        Ask<NextJob>(changes.Queues, NextSelect, rows => read = read with { Next = rows });
        Ask<JobCounts>(changes.Departments,
            """
            SELECT department_id, COUNT(*) AS waiting, 0 AS late FROM jobs WHERE department_id IN @Departments AND status = 'Planned' AND planned_start < @Until GROUP BY department_id
            UNION ALL
            SELECT department_id, 0 AS waiting, COUNT(*) AS late FROM jobs WHERE department_id IN @Departments AND status IN ('Planned', 'Running', 'Paused') AND planned_end < @Now GROUP BY department_id
            """, rows => read = read with { Counts = rows });
        Ask<ReportRow>(changes.Jobs, $"{ReportSelect} WHERE r.job_id IN @Jobs AND r.shift_day IN @Days ORDER BY r.job_id, r.at", rows => read = read with { Reports = rows });
        Ask<StandingTicket>(changes.Stands,
            $"""
            {TicketSelect} WHERE t.standing_id IN @Stands
            UNION ALL
            {TicketSelect} WHERE t.machine_id IN @Stands AND t.released_at > @From AND t.stands = 1
            """, rows => read = read with { Tickets = rows });
        Ask<PersonSpan>(changes.Jobs, $"SELECT {WorkColumns} FROM work_times WHERE job_id IN @Jobs AND started_at >= @From AND kind <> 'Break' AND state NOT IN ('Superseded', 'Void')", rows => read = read with { Work = rows });
        Ask<PersonSpan>(changes.Employees, $"SELECT {WorkColumns} FROM work_times WHERE employee_id IN @Employees AND started_at >= @From AND (job_id IS NULL OR job_id NOT IN @Jobs) AND kind <> 'Break' AND state NOT IN ('Superseded', 'Void')",
            rows => read = read with { Work = [.. read.Work, .. rows] });
        Ask<PersonSpan>(changes.Clocks,
            $"""
            SELECT {PresenceColumns} FROM presences WHERE employee_id IN @Clocks AND started_at > @Since AND ended_at > @From AND state NOT IN ('Superseded', 'Void')
            UNION ALL
            SELECT {PresenceColumns} FROM presences WHERE open_employee_id IN @Clocks
            """, rows => read = read with { Presences = rows });
        Ask<AllocationRow>(changes.Given, AllocationSelect + " AND a.machine_id IN @Given", rows => read = read with { Allocations = rows });
        Ask<OrderLoad>(changes.Orders, LoadSelect, rows => read = read with { Loads = rows });
        Ask<ToConfirm>(changes.Confirms, $"{ToConfirmSelect} AND department_id IN @Confirms GROUP BY department_id", rows => read = read with { ToConfirm = rows });
        Ask<DueOrder>(changes.Orders, $"SELECT {DueColumns} FROM orders WHERE id IN @Orders AND {IsDue}", rows => due = rows);
        return db.ManyAsync(
            string.Join(";\n", texts),
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
                Machines = Few(changes.Queues),
                Departments = Few(changes.Departments),
                Employees = Few(changes.Employees),
                Orders = Few(changes.Orders),
                Stands = Few(changes.Stands),
                Given = Few(changes.Given),
                Clocks = Few(changes.Clocks),
                Confirms = Few(changes.Confirms),
            },
            async grids =>
            {
                foreach (var take in takes)
                    await take(grids);
                return (read, due);
            }, ct);
    }

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
