using Pms.Core.Data;

namespace Pms.Core.Jobs.Time;

// The clocks of a tap: intervals that open and close with a job's status.
public sealed partial class TimeRepository
{
    public void OpenRun(Tx tx, Job job, int? slot, MachineTimeKind kind, DateTimeOffset at, long? reasonId = null, string? kpiClass = null) => tx.Add(
        """
        INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, reason_id, kpi_class, started_at, state)
        VALUES (@MachineId, @DepartmentId, @slot, @Id, @kind, @reasonId, @kpiClass, @at, 'Open')
        """, new { job.MachineId, job.DepartmentId, slot, job.Id, kind, reasonId, kpiClass, at }, raced: "machine_runs");

    /// <summary>Ends an interval. <paramref name="state"/>: Closed, ToConfirm, or Void for one that never was.</summary>
    public void CloseRun(Tx tx, long id, DateTimeOffset at, IntervalState state = IntervalState.Closed) => tx.Add(
        "UPDATE machine_runs SET ended_at = @at, state = @state WHERE id = @id AND ended_at IS NULL AND started_at <= @at", new { id, at, state });

    public void SetStopReason(Tx tx, long runId, long reasonId, string? kpiClass) => tx.Add(
        "UPDATE machine_runs SET reason_id = @reasonId, kpi_class = @kpiClass WHERE id = @runId AND kind = 'Stop'", new { runId, reasonId, kpiClass });

    /// <summary>Holds only while the reason is the one that was read.</summary>
    public void CorrectStopReason(Tx tx, long runId, long? was, long reasonId, string? kpiClass) => tx.Add(
        "UPDATE machine_runs SET reason_id = @reasonId, kpi_class = @kpiClass WHERE id = @runId AND kind = 'Stop' AND COALESCE(reason_id, 0) = @was", new { runId, was = was ?? 0, reasonId, kpiClass });

    public void OpenWork(Tx tx, Job job, long employeeId, int slot, WorkTimeKind kind, DateTimeOffset at) => tx.Add(
        """
        INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, state)
        VALUES (@employeeId, @DepartmentId, @slot, @Id, @MachineId, @kind, @at, 'Open')
        """, new { employeeId, job.DepartmentId, slot, job.Id, job.MachineId, kind, at }, raced: "work_times");

    /// <summary>Who worked on the job until that instant.</summary>
    public Task<IReadOnlyList<OpenWork>> WorkEndedAsync(long jobId, DateTimeOffset at, CancellationToken ct) => db.ListAsync<OpenWork>(
        "SELECT id, employee_id, slot, job_id, kind, started_at FROM work_times WHERE job_id = @jobId AND ended_at = @at AND state IN ('Closed', 'Locked') ORDER BY id", new { jobId, at }, ct);

    public void CloseWork(Tx tx, long id, DateTimeOffset at, IntervalState state = IntervalState.Closed) => tx.Add(
        "UPDATE work_times SET ended_at = @at, state = @state WHERE id = @id AND ended_at IS NULL AND started_at <= @at", new { id, at, state });
}
