using Pms.Core.Data;

namespace Pms.Core.Jobs.Time;

// Intervals that come from paper: closed when they are written, so no unique index guards them; the transaction stands in line and looks.
public sealed partial class TimeRepository
{
    /// <summary>What holds a slot of the machine in the span, or is the job's own; read after this transaction's own writes.</summary>
    public Task<IReadOnlyList<SpanTaken>> MachineTakenAsync(Tx tx, long machineId, DateTimeOffset from, DateTimeOffset to) => tx.ListAsync<SpanTaken>(
        """
        SELECT r.slot, r.job_id, o.number AS order_number, r.started_at, r.ended_at FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id
        WHERE r.machine_id = @machineId AND r.started_at < @to AND (r.ended_at IS NULL OR r.ended_at > @from) AND r.slot IS NOT NULL AND r.state NOT IN ('Superseded', 'Void') ORDER BY r.started_at
        """, new { machineId, from, to });

    public Task<IReadOnlyList<SpanTaken>> PersonTakenAsync(Tx tx, long employeeId, DateTimeOffset from, DateTimeOffset to) => tx.ListAsync<SpanTaken>(
        """
        SELECT w.slot, w.job_id, o.number AS order_number, w.started_at, w.ended_at FROM work_times w LEFT JOIN jobs j ON j.id = w.job_id LEFT JOIN orders o ON o.id = j.order_id
        WHERE w.employee_id = @employeeId AND w.started_at < @to AND (w.ended_at IS NULL OR w.ended_at > @from) AND w.state NOT IN ('Superseded', 'Void') ORDER BY w.started_at
        """, new { employeeId, from, to });

    /// <summary>One closed stretch of a sheet, in both streams.</summary>
    public void InsertPaper(Tx tx, Job job, PaperStretch stretch, int? machineSlot, long employeeId, int personSlot)
    {
        if (machineSlot is not null)
            tx.Add(
                """
                INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, started_at, ended_at, state)
                VALUES (@MachineId, @DepartmentId, @machineSlot, @Id, @kind, @From, @To, 'Closed')
                """, new { job.MachineId, job.DepartmentId, machineSlot, job.Id, kind = stretch.Machine, stretch.From, stretch.To });
        tx.Add(
            """
            INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, ended_at, state)
            VALUES (@employeeId, @DepartmentId, @personSlot, @Id, @MachineId, @kind, @From, @To, 'Closed')
            """, new { employeeId, job.DepartmentId, personSlot, job.Id, job.MachineId, kind = stretch.Work, stretch.From, stretch.To });
    }
}
