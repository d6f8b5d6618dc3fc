using System.Data.Common;
using Dapper;
using Pms.Core.Data;
using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>Reads everything that a tap on a job is decided on, across features, in as few statements as can be.</summary>
public sealed class JobSituationQueries(Db db)
{
    // Servers pay for statements, for their text and most of all for their tables: so one, prepared, with a row for each job on the item's path, and of what rarely stands in the
    // way (holds, shortages, taken slots) only whether it is there. The versions that guard these facts are read in the same statement: read later they would let a finish pass
    // that another one, in between, made wrong. What is read behind them may only be newer: the order's other items and who holds the slots they still guard, names and what a machine is set up for they needn't.
    private const string Path =
        """
        SELECT ps.id, ps.position, ps.stage_id, ps.department_id, ps.required, ps.parallel, ps.factor, ps.scrap_share, CASE WHEN ps.accepted_short_at IS NULL THEN 0 ELSE 1 END AS accepted_short,
               pj.id AS job_id, pj.status, pj.planned, pj.good, pj.scrap, pj.rework, pj.later_rejects, pj.started_at,
        """ + "\n" + JobRepository.Columns + ",\n" +
        """
        o.number AS order_number, o.status AS order_status, o.version AS order_version, i.status AS item_status, i.version AS item_version, i.quantity AS item_quantity,
        i.over_tolerance, i.under_tolerance, p.decimals
        """;

    private const string Clocks =
        """
        ,
        r.id, r.slot, r.job_id, r.kind, r.started_at,
        m.id, m.number, m.department_id, m.version, m.slots, m.unattended, m.retired_at
        """;

    private const string Joined =
        """
        JOIN orders o ON o.id = i.order_id JOIN products p ON p.id = i.product_id JOIN order_steps ps ON ps.item_id = i.id LEFT JOIN jobs pj ON pj.step_id = ps.id
        LEFT JOIN machine_runs r ON r.open_job_id = j.id
        """ + "\n";

    private const string Going = Path + Clocks +
        """
        ,
        w.id, w.employee_id, w.slot, w.job_id, w.kind, w.started_at
        FROM jobs j JOIN order_items i ON i.id = j.item_id
        """ + "\n" + Joined +
        """
        LEFT JOIN machines m ON m.id = j.machine_id LEFT JOIN work_times w ON w.job_id = j.id AND w.ended_at IS NULL
        WHERE j.id = @job
        """;

    // Slots are taken from the first on, so a free first one is all that has to be known. What lies before the job in the plan is looked for only where some department wants to know.
    private const string Asked =
        """
        ,
        st.name AS stage, st.kind AS stage_kind,
        CASE WHEN tr.id IS NULL AND tw.id IS NULL AND h.id IS NULL AND rs.step_id IS NULL THEN 0 ELSE 1 END AS in_the_way,
        (SELECT COUNT(*) FROM departments d WHERE d.sequence_reason = 1) AS sequenced
        """;

    private const string Who =
        """
        , CASE WHEN ms.stage_id IS NULL THEN 0 ELSE 1 END AS runs_stage, t.number AS ticket, t.status AS ticket_status, t.expected_back,
        e.id, CONCAT(e.first_name, ' ', e.last_name) AS name, e.department_id, e.slots, e.active, CASE WHEN pr.id IS NULL THEN 0 ELSE 1 END AS clocked_in,
        CASE WHEN k.stage_id IS NULL THEN 0 ELSE 1 END AS has_skill, k.expires_on AS skill_expires_on
        """;

    private static readonly string Beginning = Begin("jobs j JOIN order_items i ON i.id = j.item_id", "j.step_id", "j.stage_id", "j.id = @job");
    private static readonly string BeginningOfNew = Begin("order_steps s LEFT JOIN jobs j ON j.id = 0 JOIN order_items i ON i.id = s.item_id", "s.id", "s.stage_id", "s.id = @step");

    private static string Begin(string from, string step, string stage, string where) => Path + Asked + Clocks + Who + $"\nFROM {from}\n" + Joined +
        $"""
        JOIN stages st ON st.id = {stage} LEFT JOIN holds h ON h.order_id = o.id AND h.state = 'Open' LEFT JOIN step_readiness rs ON rs.step_id = {step} AND rs.state = 'Short'
        LEFT JOIN machines m ON m.id = COALESCE(@machine, j.machine_id) LEFT JOIN maintenance_tickets t ON t.standing_id = m.id
        LEFT JOIN machine_stages ms ON ms.machine_id = m.id AND ms.stage_id = {stage} LEFT JOIN machine_runs tr ON tr.open_machine_id = m.id AND tr.slot = 1
        LEFT JOIN employees e ON e.id = @employee LEFT JOIN presences pr ON pr.open_employee_id = @employee
        LEFT JOIN employee_skills k ON k.employee_id = @employee AND k.stage_id = {stage} LEFT JOIN work_times tw ON tw.open_employee_id = @employee AND tw.slot = 1
        WHERE {where}
        """;

    private const string InTheWay =
        """
        SELECT r.id, r.slot, r.job_id, r.kind, r.started_at, o.number AS order_number, CONCAT(e.first_name, ' ', e.last_name) AS operator
        FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id LEFT JOIN employees e ON e.id = j.operator_id
        WHERE r.open_machine_id = @machine AND r.slot IS NOT NULL;
        SELECT w.id, w.employee_id, w.slot, w.job_id, w.kind, w.started_at, CONCAT(e.first_name, ' ', e.last_name) AS name, o.number AS order_number, m.number AS machine
        FROM work_times w JOIN employees e ON e.id = w.employee_id LEFT JOIN jobs j ON j.id = w.job_id LEFT JOIN orders o ON o.id = j.order_id LEFT JOIN machines m ON m.id = w.machine_id
        WHERE w.open_employee_id = @employee;
        SELECT w.id, w.employee_id, w.slot, w.job_id, w.kind, w.started_at, CONCAT(e.first_name, ' ', e.last_name) AS name
        FROM work_times w JOIN employees e ON e.id = w.employee_id WHERE w.job_id = @job AND w.ended_at IS NULL ORDER BY w.started_at;
        SELECT h.scope, h.kind, h.note, h.opened_at FROM holds h WHERE h.order_id = @order AND h.state = 'Open'
          AND (h.scope = 'Order' OR h.item_id = @item AND h.scope = 'Item' OR h.step_id = @step AND h.scope = 'Step' OR h.job_id = @job AND h.scope = 'Job') ORDER BY h.opened_at;
        SELECT what FROM step_readiness WHERE step_id = @step AND state = 'Short';
        SELECT o.number FROM jobs x JOIN departments d ON d.id = x.department_id AND d.sequence_reason = 1 JOIN orders o ON o.id = x.order_id
        WHERE x.machine_id = @machine AND x.status = 'Planned' AND x.released_at IS NOT NULL AND x.sequence < @Sequence
          AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.order_id = x.order_id AND h.state = 'Open'
            AND (h.scope = 'Order' OR h.item_id = x.item_id AND h.scope = 'Item' OR h.step_id = x.step_id AND h.scope = 'Step' OR h.job_id = x.id AND h.scope = 'Job'))
        ORDER BY x.sequence, x.id LIMIT 1
        """;   // ahead counts only what operators see and could start: released, and not on hold

    /// <summary>The job with all that a beginning is decided on: one round trip, and a second where something may stand in the way of it or the job already runs.</summary>
    /// <param name="machine">The machine asked for; null: the job's own.</param>
    /// <param name="employee">Who would act.</param>
    public Task<JobSituation?> ReadAsync(long id, long? machine, long? employee, CancellationToken ct) => ReadAsync(Beginning, null, new { job = id, machine, employee }, ct);

    /// <summary>The same around a job that does not exist yet (a manual one).</summary>
    public Task<JobSituation?> ReadAsync(Job job, long? machine, long? employee, CancellationToken ct) => ReadAsync(BeginningOfNew, job, new { step = job.StepId, machine, employee }, ct);

    /// <summary>The job where work goes on: who and what is free, holds, readiness, names, whether the machine stands and what it is set up for are not read then and look empty.</summary>
    public Task<JobSituation?> ReadGoingAsync(long id, CancellationToken ct) => PartsAsync(Going, null, new { job = id }, begins: false, ct);

    /// <summary>True if the machine is set up for the stage.</summary>
    public async Task<bool> RunsStageAsync(long machineId, long stageId, CancellationToken ct) =>
        await db.ScalarAsync<long>("SELECT COUNT(*) FROM machine_stages WHERE machine_id = @machineId AND stage_id = @stageId", new { machineId, stageId }, ct) > 0;

    /// <summary>The order's other items and whether anything of the order is on hold; needed only where the item's own status doesn't settle the order's.</summary>
    public Task<OtherItems> OthersAsync(long orderId, long itemId, CancellationToken ct) => db.PreparedAsync(
        """
        SELECT COALESCE(MAX(CASE WHEN status IN ('Completed', 'Cancelled') THEN 0 ELSE 1 END), 0) AS open, COALESCE(MAX(CASE WHEN status IN ('InProgress', 'Completed') THEN 1 ELSE 0 END), 0) AS started,
               COALESCE(MAX(CASE WHEN status = 'Unscheduled' THEN 1 ELSE 0 END), 0) AS unscheduled, (SELECT COUNT(*) FROM holds h WHERE h.order_id = @orderId AND h.state = 'Open') AS holds
        FROM order_items WHERE order_id = @orderId AND id <> @itemId
        """, new { orderId, itemId }, static async (rows, token) => await rows.ReadAsync(token) ? rows.GetRowParser<OtherItems>()(rows) : new(), ct);

    /// <summary>An employee as refusals name them.</summary>
    public Task<string?> NameAsync(long employeeId, CancellationToken ct) => db.FindAsync<string>("SELECT CONCAT(first_name, ' ', last_name) FROM employees WHERE id = @employeeId", new { employeeId }, ct);

    /// <summary>The stage that the job's pieces would come from, as refusals name it; null where none does.</summary>
    public async Task<string?> WaitsForAsync(JobSituation s, CancellationToken ct) => s.Flow.WaitsFor(s.Job.StepId) is not { StageId: var stageId } ? null
        : await db.FindAsync<string>("SELECT name FROM stages WHERE id = @stageId", new { stageId }, ct);

    private async Task<JobSituation?> ReadAsync(string sql, Job? job, object args, CancellationToken ct)
    {
        var s = await PartsAsync(sql, job, args, begins: true, ct);
        if (s is null or { Place.InTheWay: false, MayPass: false, Job.Status: not JobStatus.Running })
            return s;
        return await db.ManyAsync(InTheWay, new { job = s.Job.Id, order = s.Job.OrderId, item = s.Job.ItemId, step = s.Job.StepId, machine = s.Machine?.Id, employee = s.Person?.Id, s.Job.Sequence }, async grids => s with
        {
            MachineRuns = (await grids.ReadAsync<OpenRun>()).AsList(),
            PersonWork = (await grids.ReadAsync<OpenWork>()).AsList(),
            JobWork = (await grids.ReadAsync<OpenWork>()).AsList(),
            Holds = (await grids.ReadAsync<OpenHold>()).AsList(),
            Short = (await grids.ReadAsync<string>()).AsList(),
            Ahead = s.Job.Id == 0 ? null : await grids.ReadFirstOrDefaultAsync<string>(),
        }, ct);
    }

    private Task<JobSituation?> PartsAsync(string sql, Job? job, object args, bool begins, CancellationToken ct) => db.PreparedAsync<JobSituation?>(sql, args, async (rows, token) =>
    {
        if (!await rows.ReadAsync(token))
            return null;
        var (read, parts) = (new Row(rows, job, begins), new List<PathRow>());
        var work = new Dictionary<long, OpenWork>();
        do
        {
            parts.Add(read.Path());
            if (read.Work() is { } open)
                work[open.Id] = open;
        }
        while (await rows.ReadAsync(token));
        return read.Situation(parts, [.. work.Values.OrderBy(w => w.StartedAt)]);
    }, ct);

    /// <summary>The parts of a row, one behind the other; but for the path and the work they are the same in all of them, and read from the first alone.</summary>
    private sealed class Row
    {
        private readonly DbDataReader rows;
        private readonly Func<DbDataReader, PathRow> path;
        private readonly Func<DbDataReader, OpenWork?>? work;
        private readonly Job job;
        private readonly JobPlace place;
        private readonly MachineAtStart? machine;
        private readonly OpenRun? run;
        private readonly Person? person;

        public Row(DbDataReader rows, Job? made, bool begins)
        {
            this.rows = rows;
            // Each part begins with its id, but for the place, which begins with the order's number.
            var starts = Enumerable.Range(0, rows.FieldCount).Where(i => rows.GetName(i) is "id" or "order_number").Append(rows.FieldCount).ToArray();
            Func<DbDataReader, T> Part<T>(int n, bool mayMiss = true) => rows.GetRowParser<T>(startIndex: starts[n], length: starts[n + 1] - starts[n], returnNullIfFirstMissing: mayMiss);
            path = Part<PathRow>(0, mayMiss: false);
            job = made ?? Part<Job>(1)(rows);
            place = Part<JobPlace>(2, mayMiss: false)(rows);
            run = Part<OpenRun?>(3)(rows);
            machine = Part<MachineAtStart?>(4)(rows);
            work = begins ? null : Part<OpenWork?>(5);
            person = begins ? Part<Person?>(5)(rows) : null;
        }

        public PathRow Path() => path(rows);

        public OpenWork? Work() => work?.Invoke(rows);

        public JobSituation Situation(List<PathRow> all, IReadOnlyList<OpenWork> clocks) => new()
        {
            Job = job,
            Place = place,
            Flow = new ItemFlow(place.ItemQuantity, [.. all.DistinctBy(p => (p.Id, p.JobId)).GroupBy(p => p.Id).Select(PathRow.Step).OrderBy(p => p.Position)], place.Decimals),
            Machine = machine,
            JobRun = run,
            JobWork = clocks,
            Person = person,
        };
    }

    /// <summary>A step of the item with one of its jobs; a step without jobs has no status.</summary>
    private sealed record PathRow
    {
        public long Id { get; init; }
        public long? JobId { get; init; }
        public int Position { get; init; }
        public long StageId { get; init; }
        public long DepartmentId { get; init; }
        public bool Required { get; init; }
        public bool Parallel { get; init; }
        public decimal Factor { get; init; }
        public decimal ScrapShare { get; init; }
        public bool AcceptedShort { get; init; }
        public JobStatus? Status { get; init; }
        public decimal Planned { get; init; }
        public decimal Good { get; init; }
        public decimal Scrap { get; init; }
        public decimal Rework { get; init; }
        public decimal LaterRejects { get; init; }
        public DateTimeOffset? StartedAt { get; init; }

        private bool IsOpen => Status is JobStatus.Planned or JobStatus.Running or JobStatus.Paused;

        public static FlowStep Step(IEnumerable<PathRow> jobs)
        {
            var (all, s) = (jobs.ToList(), jobs.First());
            return new()
            {
                Id = s.Id,
                Position = s.Position,
                StageId = s.StageId,
                DepartmentId = s.DepartmentId,
                Required = s.Required,
                Parallel = s.Parallel,
                Factor = s.Factor,
                ScrapShare = s.ScrapShare,
                AcceptedShort = s.AcceptedShort,
                Good = all.Sum(j => j.Good),
                Scrap = all.Sum(j => j.Scrap),
                Rework = all.Sum(j => j.Rework),
                LaterRejects = all.Sum(j => j.LaterRejects),
                OpenRest = all.Sum(j => j.IsOpen && j.Planned > j.Good ? j.Planned - j.Good : 0),
                OpenJobs = all.Count(j => j.IsOpen),
                StartedJobs = all.Count(j => j.StartedAt is not null),
            };
        }
    }

    /// <summary>The step as the beginning of a manual job, or null.</summary>
    public Task<Job?> FindStepAsJobAsync(long stepId, CancellationToken ct) => db.FindAsync<Job>(
        """
        SELECT 0 AS id, i.order_id, s.item_id, s.id AS step_id, i.product_id, s.department_id, s.stage_id, 'Manual' AS kind, 'Planned' AS status, s.setup_minutes, s.run_minutes,
               CASE WHEN s.position = (SELECT MAX(x.position) FROM order_steps x WHERE x.item_id = s.item_id AND x.required = 1) THEN 1 ELSE 0 END AS last_step
        FROM order_steps s JOIN order_items i ON i.id = s.item_id WHERE s.id = @stepId
        """, new { stepId }, ct);

    /// <summary>True if the employee is active and works in the department.</summary>
    public async Task<bool> IsEmployeeAsync(long employeeId, long departmentId, CancellationToken ct) => await db.ScalarAsync<long>(
        """
        SELECT COUNT(*) FROM employees e WHERE e.id = @employeeId AND e.active = 1
          AND (e.department_id = @departmentId OR EXISTS (SELECT 1 FROM employee_departments d WHERE d.employee_id = e.id AND d.department_id = @departmentId))
        """, new { employeeId, departmentId }, ct) > 0;

    private const string PlannedOthers = "FROM jobs WHERE machine_id = @MachineId AND status = 'Planned' AND id <> @Id";

    /// <summary>The sequence numbers between which a job comes to lie: right before another Planned job of its machine, or after the last.</summary>
    public async Task<(long? Before, long? After)> SequenceAroundAsync(Job job, long? beforeJobId, CancellationToken ct)
    {
        if (beforeJobId is null)
            return (await db.FindAsync<long?>($"SELECT MAX(sequence) {PlannedOthers}", new { job.MachineId, job.Id }, ct), null);
        var after = await db.FindAsync<long?>($"SELECT sequence {PlannedOthers} AND id = @beforeJobId", new { job.MachineId, job.Id, beforeJobId }, ct) ?? throw new NotFoundException("job", beforeJobId);
        return (await db.FindAsync<long?>($"SELECT MAX(sequence) {PlannedOthers} AND sequence < @after", new { job.MachineId, job.Id, after }, ct), after);
    }

    /// <summary>The ticket that says the machine stood somewhere in the span, or null.</summary>
    public Task<string?> StoodAsync(long machineId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => db.FindAsync<string>(
        """
        SELECT number FROM maintenance_tickets WHERE machine_id = @machineId AND stands = 1 AND status <> 'Cancelled' AND COALESCE(stands_from, opened_at) < @to AND (released_at IS NULL OR released_at > @from)
        ORDER BY id LIMIT 1
        """, new { machineId, from, to }, ct);

    /// <summary>True if the product has the variant.</summary>
    public async Task<bool> HasVariantAsync(long productId, long variantId, CancellationToken ct) =>
        await db.ScalarAsync<long>("SELECT COUNT(*) FROM product_variants WHERE id = @variantId AND product_id = @productId AND active = 1", new { variantId, productId }, ct) > 0;

    /// <summary>A reason of a list that holds for the department, or null.</summary>
    public Task<ReasonRow?> FindReasonAsync(long id, string list, long departmentId, CancellationToken ct) => db.FindAsync<ReasonRow>(
        "SELECT id, word, kpi_class, opens_ticket FROM reasons WHERE id = @id AND list = @list AND active = 1 AND (department_id IS NULL OR department_id = @departmentId)", new { id, list, departmentId }, ct);
}

/// <summary>A stop, scrap or hold reason as a command needs it.</summary>
public sealed record ReasonRow
{
    public long Id { get; init; }
    public string Word { get; init; } = "";
    public string? KpiClass { get; init; }
    public bool OpensTicket { get; init; }
}
