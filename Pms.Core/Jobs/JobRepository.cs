using Pms.Core.Data;

namespace Pms.Core.Jobs;

/// <summary>The tables jobs and job_reports: reads for decisions, and writes that hold only while the decision does.</summary>
public sealed class JobRepository(Db db)
{
    internal const string Columns =
        """
        j.id, j.order_id, j.item_id, j.step_id, j.product_id, j.department_id, j.stage_id, j.work_centre_id, j.machine_id, j.employee_id, j.locked, j.kind, j.status, j.phase,
        j.planned, j.planned_start, j.planned_end, j.sequence, j.setup_minutes, j.run_minutes, j.last_step, j.good, j.scrap, j.rework, j.later_rejects, j.started_at, j.paused_at,
        j.pause_reason_id, j.pause_cause, j.finished_at, j.finish, j.operator_id, j.note, j.last_action, j.last_action_at, j.last_action_by,
        j.was_machine_id, j.was_operator_id, j.was_note, j.was_phase, j.released_at, j.freed_by, j.entered_at, j.entered_by, j.version
        """;

    /// <summary>The job by id, or null.</summary>
    public Task<Job?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Job>($"SELECT {Columns} FROM jobs j WHERE j.id = @id", new { id }, ct);

    /// <summary>The open jobs of an order, or of one of its items.</summary>
    public Task<IReadOnlyList<Job>> OpenOfItemsAsync(long orderId, long? itemId, CancellationToken ct) => db.ListAsync<Job>(
        $"SELECT {Columns} FROM jobs j WHERE j.order_id = @orderId AND (@itemId IS NULL OR j.item_id = @itemId) AND j.status IN ('Planned', 'Running', 'Paused') ORDER BY j.id", new { orderId, itemId }, ct);

    /// <summary>The sum of the versions of all jobs of an item, ended ones too: the same while none of them changed and none was made.</summary>
    public Task<long> VersionsOfItemAsync(long itemId, CancellationToken ct) => db.ScalarAsync<long>("SELECT COALESCE(SUM(version), 0) FROM jobs WHERE item_id = @itemId", new { itemId }, ct);

    /// <summary>The last end of each stretch that held a slot of the machine, and of the person, since <paramref name="since"/>: "started earlier" can't reach behind it.</summary>
    public async Task<DateTimeOffset?> LastEndAsync(long? machine, int? machineSlot, long? employee, int? personSlot, DateTimeOffset since, CancellationToken ct) => await db.FindAsync<long?>(
        """
        SELECT MAX(ended) FROM (
          SELECT MAX(r.ended_at) AS ended FROM machine_runs r WHERE r.machine_id = @machine AND r.slot = @machineSlot AND r.started_at >= @since AND r.state NOT IN ('Void', 'Superseded')
          UNION ALL
          SELECT MAX(w.ended_at) AS ended FROM work_times w WHERE w.employee_id = @employee AND w.slot = @personSlot AND w.started_at >= @since AND w.state NOT IN ('Void', 'Superseded')
        ) AS ends
        """, new { machine, machineSlot, employee, personSlot, since }, ct) is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null;

    /// <summary>The reports of one action: same job, same instant.</summary>
    public Task<IReadOnlyList<JobReport>> ReportsAtAsync(long jobId, DateTimeOffset at, CancellationToken ct) => db.ListAsync<JobReport>(
        "SELECT id, job_id, at, good, scrap, rework, scrap_reason_id, variant_id, employee_id, machine_id FROM job_reports WHERE job_id = @jobId AND at = @at AND corrects_id IS NULL", new { jobId, at }, ct);

    private const string InsertSql =
        """
        INSERT INTO jobs (order_id, item_id, step_id, product_id, department_id, stage_id, work_centre_id, machine_id, employee_id, locked, kind, status, planned, planned_start, planned_end,
                          sequence, setup_minutes, run_minutes, last_step, note, released_at, created_at)
        VALUES (@OrderId, @ItemId, @StepId, @ProductId, @DepartmentId, @StageId, @WorkCentreId, @MachineId, @EmployeeId, @Locked, @Kind, @Status, @Planned, @PlannedStart, @PlannedEnd,
                @Sequence, @SetupMinutes, @RunMinutes, @LastStep, @Note, @ReleasedAt, @now)
        """;

    /// <summary>Inserts a job; the id is needed at once, so this costs a round trip.</summary>
    public Task<long> InsertAsync(Tx tx, Job job, DateTimeOffset now) => tx.InsertAsync(InsertSql, Args(job, now));

    private static object Args(Job job, DateTimeOffset now) => new
    {
        job.OrderId, job.ItemId, job.StepId, job.ProductId, job.DepartmentId, job.StageId, job.WorkCentreId, job.MachineId, job.EmployeeId, job.Locked, Kind = job.Kind.ToString(),
        Status = job.Status.ToString(), job.Planned, job.PlannedStart, job.PlannedEnd, job.Sequence, job.SetupMinutes, job.RunMinutes, job.LastStep, job.Note, job.ReleasedAt, now,
    };

    /// <summary>Inserts many jobs, at most one for a step; answers them with their ids.</summary>
    public async Task<IReadOnlyList<Job>> InsertManyAsync(Tx tx, IReadOnlyList<Job> all, DateTimeOffset now)
    {
        await tx.BulkAsync(InsertSql, all.Select(job => Args(job, now)));
        var ids = new Dictionary<long, long>();
        // The item's row is locked by whoever inserts, so the step's newest job is this one; ids in a row are promised by no cluster.
        foreach (var steps in all.Select(j => j.StepId).Chunk(500))
            foreach (var (step, id) in await tx.ListAsync<(long Step, long Id)>("SELECT step_id, MAX(id) FROM jobs WHERE step_id IN @steps GROUP BY step_id", new { steps }))
                ids[step] = id;
        return [.. all.Select(j => j with { Id = ids[j.StepId], Version = 1 })];
    }

    /// <summary>Takes a job that nobody began out of the plan, because of a hold; it keeps its place, to be offered again.</summary>
    public void Free(Tx tx, Job job, long holdId) => tx.Add(
        "UPDATE jobs SET status = 'Cancelled', freed_by = @holdId, version = version + 1 WHERE id = @Id AND version = @Version AND status = 'Planned' AND started_at IS NULL", new { job.Id, job.Version, holdId });

    /// <summary>The jobs that a hold took out of the plan.</summary>
    public Task<IReadOnlyList<Job>> FreedAsync(long orderId, long holdId, CancellationToken ct) => db.ListAsync<Job>(
        $"SELECT {Columns} FROM jobs j WHERE j.order_id = @orderId AND j.status = 'Cancelled' AND j.freed_by = @holdId ORDER BY j.planned_start, j.id", new { orderId, holdId }, ct);

    /// <summary>Makes a command in flight on the job decide again, without changing the job.</summary>
    public void Touch(Tx tx, long id, int version) => tx.Add("UPDATE jobs SET version = version + 1 WHERE id = @id AND version = @version", new { id, version });

    /// <summary>Queues the job's new state; holds only while its version is the one that was read.</summary>
    public void Update(Tx tx, Job before, Job after)
    {
        // A count touches no index; SQLite rewrites the entries of every column that an UPDATE names.
        if (before with { Phase = after.Phase, Good = after.Good, Scrap = after.Scrap, Rework = after.Rework, WasPhase = after.WasPhase, LastAction = after.LastAction, LastActionAt = after.LastActionAt, LastActionBy = after.LastActionBy } == after)
            UpdateCounts(tx, before, after);
        else if (after with { EmployeeId = before.EmployeeId, Locked = before.Locked, Planned = before.Planned, PlannedStart = before.PlannedStart, PlannedEnd = before.PlannedEnd, Sequence = before.Sequence,
            SetupMinutes = before.SetupMinutes, RunMinutes = before.RunMinutes, Note = before.Note, WasNote = before.WasNote, EnteredAt = before.EnteredAt, EnteredBy = before.EnteredBy } == after)
            UpdateWork(tx, before, after);
        else
            UpdateAll(tx, before, after);
    }

    private static void UpdateCounts(Tx tx, Job before, Job after) => tx.Add(
        """
        UPDATE jobs SET phase = @Phase, good = @Good, scrap = @Scrap, rework = @Rework, was_phase = @WasPhase, last_action = @LastAction, last_action_at = @LastActionAt, last_action_by = @LastActionBy, version = version + 1
        WHERE id = @Id AND version = @Version AND status = @Was
        """, new { after.Phase, after.Good, after.Scrap, after.Rework, after.WasPhase, after.LastAction, after.LastActionAt, after.LastActionBy, before.Id, before.Version, Was = before.Status });

    /// <summary>What a tap changes, which leaves the plan alone.</summary>
    private static void UpdateWork(Tx tx, Job before, Job after) => tx.Add(
        """
        UPDATE jobs SET machine_id = @MachineId, status = @Status, phase = @Phase, good = @Good, scrap = @Scrap, rework = @Rework, started_at = @StartedAt, paused_at = @PausedAt, pause_reason_id = @PauseReasonId,
               pause_cause = @PauseCause, finished_at = @FinishedAt, finish = @Finish, operator_id = @OperatorId, last_action = @LastAction, last_action_at = @LastActionAt, last_action_by = @LastActionBy,
               was_machine_id = @WasMachineId, was_operator_id = @WasOperatorId, was_phase = @WasPhase, released_at = @ReleasedAt, version = version + 1
        WHERE id = @Id AND version = @Version AND status = @Was
        """,
        new
        {
            after.MachineId, after.Status, after.Phase, after.Good, after.Scrap, after.Rework, after.StartedAt, after.PausedAt, after.PauseReasonId, after.PauseCause, after.FinishedAt, after.Finish, after.OperatorId,
            after.LastAction, after.LastActionAt, after.LastActionBy, after.WasMachineId, after.WasOperatorId, after.WasPhase, after.ReleasedAt, before.Id, before.Version, Was = before.Status,
        });

    private static void UpdateAll(Tx tx, Job before, Job after) => tx.Add(
        """
        UPDATE jobs SET machine_id = @MachineId, employee_id = @EmployeeId, locked = @Locked, status = @Status, phase = @Phase, planned = @Planned, planned_start = @PlannedStart, planned_end = @PlannedEnd,
               sequence = @Sequence, setup_minutes = @SetupMinutes, run_minutes = @RunMinutes, good = @Good, scrap = @Scrap, rework = @Rework, started_at = @StartedAt, paused_at = @PausedAt, pause_reason_id = @PauseReasonId, pause_cause = @PauseCause,
               finished_at = @FinishedAt, finish = @Finish, operator_id = @OperatorId, note = @Note, last_action = @LastAction, last_action_at = @LastActionAt, last_action_by = @LastActionBy,
               was_machine_id = @WasMachineId, was_operator_id = @WasOperatorId, was_note = @WasNote, was_phase = @WasPhase, released_at = @ReleasedAt, entered_at = @EnteredAt, entered_by = @EnteredBy, version = version + 1
        WHERE id = @Id AND version = @Version AND status = @Was
        """,
        new
        {
            after.MachineId, after.EmployeeId, after.Locked, after.Status, after.Phase, after.Planned, after.PlannedStart, after.PlannedEnd, after.Sequence, after.SetupMinutes, after.RunMinutes, after.Good, after.Scrap, after.Rework,
            after.StartedAt, after.PausedAt, after.PauseReasonId, after.PauseCause, after.FinishedAt, after.Finish, after.OperatorId, after.Note, after.LastAction, after.LastActionAt,
            after.LastActionBy, after.WasMachineId, after.WasOperatorId, after.WasNote, after.WasPhase, after.ReleasedAt, after.EnteredAt, after.EnteredBy, before.Id, before.Version, Was = before.Status,
        });

    public void Report(Tx tx, Job job, JobReport report, DateOnly shiftDay, long? shiftId) => tx.Add(
        """
        INSERT INTO job_reports (job_id, step_id, department_id, stage_id, machine_id, employee_id, variant_id, at, good, scrap, rework, scrap_reason_id, over_input_why, corrects_id, run_minutes, last_step, shift_day, shift_id)
        VALUES (@Id, @StepId, @DepartmentId, @StageId, @MachineId, @EmployeeId, @VariantId, @At, @Good, @Scrap, @Rework, @ScrapReasonId, @OverInputWhy, @CorrectsId, @RunMinutes, @LastStep, @shiftDay, @shiftId)
        """,
        new
        {
            job.Id, job.StepId, job.DepartmentId, job.StageId, report.MachineId, report.EmployeeId, report.VariantId, report.At, report.Good, report.Scrap, report.Rework, report.ScrapReasonId,
            report.OverInputWhy, report.CorrectsId, job.RunMinutes, job.LastStep, shiftDay, shiftId,
        });
}

/// <summary>One increment of a job's quantities, or its counter-entry.</summary>
public sealed record JobReport
{
    public long Id { get; init; }
    public long JobId { get; init; }
    public DateTimeOffset At { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
    public long? ScrapReasonId { get; init; }
    public long? VariantId { get; init; }
    public long? EmployeeId { get; init; }
    public long? MachineId { get; init; }
    public string? OverInputWhy { get; init; }
    public long? CorrectsId { get; init; }
}
