using Pms.Core.Data;

namespace Pms.Core.Jobs.Time;

/// <summary>The tables machine_runs, work_times and presences: the clocks that taps start and stop, and what people and Supervisors do to closed intervals.</summary>
public sealed partial class TimeRepository(Db db)
{
    private const string MachineColumns =
        """
        SELECT r.id, 'Machine' AS stream, r.kind, r.department_id, NULL AS employee_id, NULL AS employee, r.machine_id, m.number AS machine, r.job_id, o.number AS order_number, r.slot, r.started_at, r.ended_at, r.state
        """;
    private const string MachineFrom = "FROM machine_runs r JOIN machines m ON m.id = r.machine_id JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id";
    private const string Machine = MachineColumns + " " + MachineFrom;

    private const string WorkColumns =
        """
        SELECT r.id, 'Work' AS stream, r.kind, r.department_id, r.employee_id, CONCAT(e.first_name, ' ', e.last_name) AS employee, r.machine_id, m.number AS machine, r.job_id, o.number AS order_number, r.slot, r.started_at, r.ended_at, r.state
        """;
    private const string WorkFrom = "FROM work_times r JOIN employees e ON e.id = r.employee_id LEFT JOIN machines m ON m.id = r.machine_id LEFT JOIN jobs j ON j.id = r.job_id LEFT JOIN orders o ON o.id = j.order_id";
    private const string Work = WorkColumns + " " + WorkFrom;

    private const string PresenceColumns =
        """
        SELECT r.id, 'Presence' AS stream, 'Presence' AS kind, r.department_id, r.employee_id, CONCAT(e.first_name, ' ', e.last_name) AS employee, NULL AS machine_id, NULL AS machine, NULL AS job_id, NULL AS order_number, NULL AS slot, r.started_at, r.ended_at, r.state
        """;
    private const string PresenceFrom = "FROM presences r JOIN employees e ON e.id = r.employee_id";
    private const string Presence = PresenceColumns + " " + PresenceFrom;

    private static readonly Dictionary<TimeStream, ListQuery> Lists = new()
    {
        [TimeStream.Machine] = Listed(new ListQuery(MachineColumns, MachineFrom, "r.id")).Filter("machine", "r.machine_id = @machine", ListQuery.Number).Filter("job", "r.job_id = @job", ListQuery.Number),
        [TimeStream.Work] = Listed(new ListQuery(WorkColumns, WorkFrom, "r.id")).Filter("employee", "r.employee_id = @employee", ListQuery.Number).Filter("machine", "r.machine_id = @machine", ListQuery.Number).Filter("job", "r.job_id = @job", ListQuery.Number),
        [TimeStream.Presence] = Listed(new ListQuery(PresenceColumns, PresenceFrom, "r.id")).Filter("employee", "r.employee_id = @employee", ListQuery.Number),
    };

    private static ListQuery Listed(ListQuery list) => list.Filter("department", "r.department_id = @department", ListQuery.Number).Filter("state", "r.state IN @state", ListQuery.OneOf<IntervalState>)
        .Filter("from", "(r.ended_at IS NULL OR r.ended_at > @from)", ListQuery.Instant).Filter("until", "r.started_at < @until", ListQuery.Instant).Sort("started", "r.started_at").SortedBy("-started");

    public static ListShape Shape(TimeStream stream) => Lists[stream].Shape;

    public Task<Page<Interval>> PageAsync(TimeStream stream, PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct) =>
        Lists[stream].PageAsync<Interval>(db, request, scope is null ? null : ("r.department_id IN @scope", new { scope }), ct);

    public Task<PresentPerson?> FindPersonAsync(long employeeId, CancellationToken ct) => db.FindAsync<PresentPerson>(
        """
        SELECT e.id, CONCAT(e.first_name, ' ', e.last_name) AS name, e.department_id, e.active, p.id AS presence_id, p.started_at AS since
        FROM employees e LEFT JOIN presences p ON p.open_employee_id = e.id WHERE e.id = @employeeId
        """, new { employeeId }, ct);

    /// <summary>What the person works on now.</summary>
    public Task<IReadOnlyList<OpenLabour>> OpenLabourAsync(long employeeId, CancellationToken ct) =>
        db.ListAsync<OpenLabour>("SELECT id, job_id, started_at FROM work_times WHERE open_employee_id = @employeeId", new { employeeId }, ct);

    /// <summary>Intervals that wait for a word, oldest first; at most 500.</summary>
    public async Task<IReadOnlyList<Interval>> ToConfirmAsync(CancellationToken ct) => await db.ManyAsync(
        $"{Machine} WHERE r.state = 'ToConfirm' ORDER BY r.started_at LIMIT 500; {Work} WHERE r.state = 'ToConfirm' ORDER BY r.started_at LIMIT 500; {Presence} WHERE r.state = 'ToConfirm' ORDER BY r.started_at LIMIT 500",
        null, async g => (IReadOnlyList<Interval>)[.. await g.ReadAsync<Interval>(), .. await g.ReadAsync<Interval>(), .. await g.ReadAsync<Interval>()], ct);

    public Task<Interval?> FindAsync(TimeStream stream, long id, CancellationToken ct) => db.FindAsync<Interval>(Select(stream) + " WHERE r.id = @id", new { id }, ct);

    /// <summary>All intervals of a job, superseded and void ones too, in order.</summary>
    public Task<IReadOnlyList<Interval>> OfJobAsync(long jobId, CancellationToken ct) => db.ManyAsync(
        $"{Machine} WHERE r.job_id = @jobId ORDER BY r.started_at, r.id; {Work} WHERE r.job_id = @jobId ORDER BY r.started_at, r.id", new { jobId },
        async g => (IReadOnlyList<Interval>)[.. await g.ReadAsync<Interval>(), .. await g.ReadAsync<Interval>()], ct);

    /// <summary>Open intervals that began before <paramref name="before"/>, with the last sign of life of their job; stops are listed too.</summary>
    public Task<IReadOnlyList<OpenInterval>> OpenBeforeAsync(DateTimeOffset before, CancellationToken ct) => db.ListAsync<OpenInterval>(
        """
        SELECT 'Machine' AS stream, r.id, r.kind, r.department_id, r.machine_id, r.job_id, NULL AS employee_id, r.started_at, j.last_action_at,
               (SELECT MAX(q.at) FROM job_reports q WHERE q.job_id = r.job_id) AS last_report_at
        FROM machine_runs r JOIN jobs j ON j.id = r.job_id WHERE r.state = 'Open' AND r.started_at < @before
        UNION ALL
        SELECT 'Work', w.id, w.kind, w.department_id, w.machine_id, w.job_id, w.employee_id, w.started_at, j.last_action_at,
               (SELECT MAX(q.at) FROM job_reports q WHERE q.job_id = w.job_id)
        FROM work_times w LEFT JOIN jobs j ON j.id = w.job_id WHERE w.state = 'Open' AND w.started_at < @before
        UNION ALL
        SELECT 'Presence', p.id, 'Presence', p.department_id, NULL, NULL, p.employee_id, p.started_at,
               (SELECT MAX(w.started_at) FROM work_times w WHERE w.employee_id = p.employee_id AND w.started_at >= p.started_at), NULL
        FROM presences p WHERE p.ended_at IS NULL AND p.started_at < @before
        """, new { before }, ct);

    public void OpenPresence(Tx tx, long employeeId, long departmentId, DateTimeOffset at) => tx.Add(
        "INSERT INTO presences (employee_id, department_id, started_at, state) VALUES (@employeeId, @departmentId, @at, 'Open')", new { employeeId, departmentId, at }, raced: "presences");

    /// <summary>Holds only while the person is here: whoever clocks out at this moment is seen, and sees what begins.</summary>
    public void StillHere(Tx tx, long employeeId) => tx.Add("UPDATE presences SET state = state WHERE open_employee_id = @employeeId", new { employeeId });

    /// <summary>Work that somebody began meanwhile; read in the transaction that ends the presence, whose row they had to touch.</summary>
    public async Task<bool> WorksAsync(Tx tx, long employeeId) => await tx.FindAsync<long>("SELECT COUNT(*) FROM work_times WHERE open_employee_id = @employeeId", new { employeeId }) > 0;

    public void Close(Tx tx, TimeStream stream, long id, DateTimeOffset at, IntervalState state) => tx.Add(stream switch
    {
        TimeStream.Machine => "UPDATE machine_runs SET ended_at = @at, state = @state WHERE id = @id AND ended_at IS NULL AND started_at <= @at",
        TimeStream.Work => "UPDATE work_times SET ended_at = @at, state = @state WHERE id = @id AND ended_at IS NULL AND started_at <= @at",
        _ => "UPDATE presences SET ended_at = @at, state = @state WHERE id = @id AND ended_at IS NULL AND started_at <= @at",
    }, new { at, state, id });

    /// <summary>Moves a closed interval on, if it is still as it was read.</summary>
    public void SetState(Tx tx, Interval interval, IntervalState state) => tx.Add(interval.Stream switch
    {
        TimeStream.Machine => "UPDATE machine_runs SET state = @state WHERE id = @Id AND state = @was",
        TimeStream.Work => "UPDATE work_times SET state = @state WHERE id = @Id AND state = @was",
        _ => "UPDATE presences SET state = @state WHERE id = @Id AND state = @was",
    }, new { state, interval.Id, was = interval.State });

    /// <summary>The corrected copy of an interval, closed.</summary>
    public void InsertCorrected(Tx tx, Interval of, DateTimeOffset startedAt, DateTimeOffset endedAt) => tx.Add(of.Stream switch
    {
        TimeStream.Machine => """
            INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, reason_id, kpi_class, started_at, ended_at, state, replaces_id)
            SELECT machine_id, department_id, slot, job_id, kind, reason_id, kpi_class, @startedAt, @endedAt, 'Closed', id FROM machine_runs WHERE id = @Id
            """,
        TimeStream.Work => """
            INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, activity, share, started_at, ended_at, state, replaces_id)
            SELECT employee_id, department_id, slot, job_id, machine_id, kind, activity, share, @startedAt, @endedAt, 'Closed', id FROM work_times WHERE id = @Id
            """,
        _ => """
            INSERT INTO presences (employee_id, department_id, started_at, ended_at, state)
            SELECT employee_id, department_id, @startedAt, @endedAt, 'Closed' FROM presences WHERE id = @Id
            """,
    }, new { startedAt, endedAt, of.Id });

    /// <summary>An interval of the same slot that overlaps the span, other than the one that is replaced; read in the transaction, after its own writes.</summary>
    public async Task<bool> OverlapsAsync(Tx tx, Interval of, DateTimeOffset startedAt, DateTimeOffset endedAt)
    {
        if (of.Stream != TimeStream.Presence && of.Slot is null)
            return false;
        return await tx.FindAsync<long>(of.Stream switch
        {
            TimeStream.Machine => "SELECT COUNT(*) FROM machine_runs WHERE machine_id = @MachineId AND slot = @Slot AND started_at < @endedAt AND (ended_at IS NULL OR ended_at > @startedAt) AND state NOT IN ('Superseded', 'Void')",
            TimeStream.Work => "SELECT COUNT(*) FROM work_times WHERE employee_id = @EmployeeId AND slot = @Slot AND started_at < @endedAt AND (ended_at IS NULL OR ended_at > @startedAt) AND state NOT IN ('Superseded', 'Void')",
            _ => "SELECT COUNT(*) FROM presences WHERE employee_id = @EmployeeId AND started_at < @endedAt AND (ended_at IS NULL OR ended_at > @startedAt) AND state NOT IN ('Superseded', 'Void')",
        }, new { of.MachineId, of.EmployeeId, of.Slot, startedAt, endedAt }) > 1;   // the corrected copy itself is one
    }

    public Task<JobReport?> FindReportAsync(long id, CancellationToken ct) => db.FindAsync<JobReport>(
        "SELECT id, job_id, at, good, scrap, rework, scrap_reason_id, variant_id, employee_id, machine_id, corrects_id FROM job_reports WHERE id = @id", new { id }, ct);

    public async Task<bool> IsCorrectedAsync(long reportId, CancellationToken ct) =>
        await db.ScalarAsync<long>("SELECT COUNT(*) FROM job_reports r JOIN job_reports c ON c.job_id = r.job_id AND c.corrects_id = r.id WHERE r.id = @reportId", new { reportId }, ct) > 0;

    public async Task<bool> IsApprovedAsync(long departmentId, DateOnly day, long shiftId, CancellationToken ct) =>
        await db.ScalarAsync<long>("SELECT COUNT(*) FROM shift_approvals WHERE department_id = @departmentId AND shift_day = @day AND shift_id = @shiftId", new { departmentId, day, shiftId }, ct) > 0;

    public void InsertApproval(Tx tx, ApproveShift shift, DateTimeOffset at, string by) => tx.Add(
        "INSERT INTO shift_approvals (department_id, shift_day, shift_id, approved_at, approved_by) VALUES (@DepartmentId, @Day, @ShiftId, @at, @by)",
        new { shift.DepartmentId, shift.Day, shift.ShiftId, at, by });

    /// <summary>Locks the closed intervals that began in the shift; returns how many.</summary>
    public async Task<int> LockAsync(Tx tx, long departmentId, DateTimeOffset from, DateTimeOffset to)
    {
        var args = new { departmentId, from, to };
        return await tx.ExecuteAsync("UPDATE machine_runs SET state = 'Locked' WHERE department_id = @departmentId AND started_at >= @from AND started_at < @to AND state = 'Closed'", args)
            + await tx.ExecuteAsync("UPDATE work_times SET state = 'Locked' WHERE department_id = @departmentId AND started_at >= @from AND started_at < @to AND state = 'Closed'", args)
            + await tx.ExecuteAsync("UPDATE presences SET state = 'Locked' WHERE department_id = @departmentId AND started_at >= @from AND started_at < @to AND state = 'Closed'", args);
    }

    /// <summary>Locks the closed intervals of the orders' jobs.</summary>
    public async Task LockAsync(Tx tx, IReadOnlyList<long> orders)
    {
        await tx.ExecuteAsync("UPDATE machine_runs SET state = 'Locked' WHERE job_id IN (SELECT j.id FROM jobs j WHERE j.order_id IN @orders) AND state = 'Closed'", new { orders });
        await tx.ExecuteAsync("UPDATE work_times SET state = 'Locked' WHERE job_id IN (SELECT j.id FROM jobs j WHERE j.order_id IN @orders) AND state = 'Closed'", new { orders });
    }

    /// <summary>Intervals of the shift that still wait for a word or run on.</summary>
    public async Task<int> UnclearAsync(long departmentId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => (int)await db.ScalarAsync<long>(
        """
        SELECT (SELECT COUNT(*) FROM machine_runs WHERE department_id = @departmentId AND started_at >= @from AND started_at < @to AND state = 'ToConfirm')
             + (SELECT COUNT(*) FROM work_times WHERE department_id = @departmentId AND started_at >= @from AND started_at < @to AND state IN ('ToConfirm', 'Open'))
             + (SELECT COUNT(*) FROM presences WHERE department_id = @departmentId AND started_at >= @from AND started_at < @to AND state IN ('ToConfirm', 'Open'))
        """, new { departmentId, from, to }, ct);

    private static string Select(TimeStream stream) => stream switch { TimeStream.Machine => Machine, TimeStream.Work => Work, _ => Presence };
}

public sealed record PresentPerson
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public bool Active { get; init; }
    public long? PresenceId { get; init; }
    public DateTimeOffset? Since { get; init; }
}

public sealed record OpenLabour
{
    public long Id { get; init; }
    public long? JobId { get; init; }
    public DateTimeOffset StartedAt { get; init; }
}

/// <summary>An interval nobody has ended, with the last evidence that somebody was there.</summary>
public sealed record OpenInterval
{
    public TimeStream Stream { get; init; }
    public long Id { get; init; }
    public string Kind { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? MachineId { get; init; }
    public long? JobId { get; init; }
    public long? EmployeeId { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? LastActionAt { get; init; }
    public DateTimeOffset? LastReportAt { get; init; }

    public DateTimeOffset? Evidence => LastActionAt > LastReportAt || LastReportAt is null ? LastActionAt : LastReportAt;
}
