using Dapper;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>
/// What the operator's page shows: the person once (<see cref="ScopeAsync"/>), then every picture of it in one round trip (<see cref="LoadAsync"/>).
/// Open jobs only, by (department, status, time), so that it costs the same after ten years.
/// </summary>
public sealed class JobQueries(Db db, FieldRules fields, Rights rights, PlantClock clock, LiveSettings live)
{
    /// <summary>Planned cards shown at first, and added by each "show more".</summary>
    public const int PageSize = 50;
    public const int MaxCards = 200;

    // The columns of OperatorJob. A paused job's open machine interval is its stop: it doesn't tick.
    private const string Columns =
        """
        SELECT j.id, j.order_id, j.item_id, j.step_id, j.product_id, j.department_id, j.stage_id, j.work_centre_id, j.machine_id, j.employee_id, j.locked, j.kind, j.status, j.phase,
               j.planned, j.planned_start, j.planned_end, j.setup_minutes, j.run_minutes, j.good, j.scrap, j.rework, j.paused_at, j.pause_reason_id, j.pause_cause,
               j.operator_id, j.note, j.last_action, j.last_action_at, j.last_action_by,
               o.number AS order_number, COALESCE(i.due_on, o.due_on) AS due_on, o.priority, p.code AS product_code, p.name AS product_name, (SELECT MAX(fi.id) FROM files fi WHERE fi.entity = 'product' AND fi.entity_id = j.product_id AND fi.role = 'Photo') AS photo_id, p.unit, p.decimals, i.quantity AS item_quantity, s.name AS stage,
               m.number AS machine_number, m.name AS machine_name, w.name AS work_centre, CASE WHEN e.id IS NOT NULL THEN CONCAT(e.first_name, ' ', e.last_name) END AS operator,
               CASE WHEN f.id IS NOT NULL THEN CONCAT(f.first_name, ' ', f.last_name) END AS meant_for, pr.word AS pause_reason,
               (SELECT MIN(t.stands_from) FROM maintenance_tickets t WHERE t.standing_id = j.machine_id) AS stands_since,
               (SELECT MAX(t.expected_back) FROM maintenance_tickets t WHERE t.standing_id = j.machine_id) AS expected_back,
               (SELECT MIN(h.kind) FROM holds h WHERE h.order_id = j.order_id AND h.state = 'Open'
                  AND (h.scope = 'Order' OR h.scope = 'Item' AND h.item_id = j.item_id OR h.scope = 'Step' AND h.step_id = j.step_id OR h.scope = 'Job' AND h.job_id = j.id)) AS hold_kind,
               (SELECT MIN(h.note) FROM holds h WHERE h.order_id = j.order_id AND h.state = 'Open'
                  AND (h.scope = 'Order' OR h.scope = 'Item' AND h.item_id = j.item_id OR h.scope = 'Step' AND h.step_id = j.step_id OR h.scope = 'Job' AND h.job_id = j.id)) AS hold_note,
               (SELECT MIN(x.what) FROM step_readiness x WHERE x.step_id = j.step_id AND x.state = 'Short') AS short,
               COALESCE(CASE WHEN j.machine_id IS NULL
                 THEN (SELECT SUM(l.ended_at - l.started_at) FROM work_times l WHERE l.job_id = j.id AND l.kind = 'Setup' AND l.ended_at IS NOT NULL AND l.state NOT IN ('Superseded', 'Void'))
                 ELSE (SELECT SUM(r.ended_at - r.started_at) FROM machine_runs r WHERE r.job_id = j.id AND r.kind = 'Setup' AND r.ended_at IS NOT NULL AND r.state NOT IN ('Superseded', 'Void')) END, 0) AS setup_ms,
               COALESCE(CASE WHEN j.machine_id IS NULL
                 THEN (SELECT SUM(l.ended_at - l.started_at) FROM work_times l WHERE l.job_id = j.id AND l.kind IN ('Run', 'Rework') AND l.ended_at IS NOT NULL AND l.state NOT IN ('Superseded', 'Void'))
                 ELSE (SELECT SUM(r.ended_at - r.started_at) FROM machine_runs r WHERE r.job_id = j.id AND r.kind IN ('Run', 'Rework') AND r.ended_at IS NOT NULL AND r.state NOT IN ('Superseded', 'Void')) END, 0) AS run_ms,
               CASE WHEN j.status <> 'Running' THEN NULL
                 WHEN j.machine_id IS NULL THEN (SELECT MIN(l.started_at) FROM work_times l WHERE l.job_id = j.id AND l.ended_at IS NULL)
                 ELSE (SELECT MIN(r.started_at) FROM machine_runs r WHERE r.open_job_id = j.id AND r.kind <> 'Stop') END AS open_since,
               (SELECT MIN(l.started_at) FROM work_times l WHERE l.job_id = j.id AND l.employee_id = @Me AND l.ended_at IS NULL) AS mine_since
        """;

    private const string Joins =
        """

        JOIN orders o ON o.id = j.order_id
        JOIN order_items i ON i.id = j.item_id
        JOIN products p ON p.id = j.product_id
        JOIN stages s ON s.id = j.stage_id
        LEFT JOIN machines m ON m.id = j.machine_id
        LEFT JOIN work_centres w ON w.id = j.work_centre_id
        LEFT JOIN employees e ON e.id = j.operator_id
        LEFT JOIN employees f ON f.id = j.employee_id
        LEFT JOIN reasons pr ON pr.id = j.pause_reason_id

        """;

    // Active jobs of my machines (or of all the department), what I finished just now (Undo), and the planned ones in their order.
    private const string Pick =
        """
        SELECT a.id, 0 AS rank_no, a.planned_start AS by_time, a.sequence AS by_sequence, a.item_id FROM jobs a
         WHERE a.department_id IN @Departments AND a.status IN ('Running', 'Paused')
           AND (a.operator_id = @Me OR @Whole = 1 OR a.machine_id IN @Machines OR a.machine_id IS NULL AND a.work_centre_id IN @WorkCentres OR a.employee_id = @Me)
        UNION ALL
        SELECT b.id, 1, b.planned_start, b.sequence, b.item_id FROM jobs b
         WHERE b.department_id IN @Departments AND b.finished_at >= @UndoFrom AND b.last_action_by = @Me
        UNION ALL
        SELECT n.id, 2, n.planned_start, n.sequence, n.item_id FROM (
        SELECT c.id, c.planned_start, c.sequence, c.item_id FROM jobs c
         WHERE c.department_id IN @Departments AND c.status = 'Planned' AND c.planned_start < @Horizon AND (c.released_at IS NOT NULL OR c.kind <> 'Normal')
           AND (@Whole = 1 OR c.machine_id IN @Machines OR c.machine_id IS NULL AND c.work_centre_id IN @WorkCentres OR c.employee_id = @Me)
        """;

    // A machine has one sequence; across machines only the time compares.
    private const string BySequence = "\n ORDER BY c.sequence, c.planned_start, c.id LIMIT @Take) n\n";
    private const string ByTime = "\n ORDER BY c.planned_start, c.sequence, c.id LIMIT @Take) n\n";

    private const string Path =
        """
        SELECT t.item_id, t.id, t.position, t.stage_id, t.department_id, g.name AS stage, t.required, t.parallel, t.factor, t.scrap_share,
               CASE WHEN t.accepted_short_at IS NULL THEN 0 ELSE 1 END AS accepted_short,
               COALESCE(SUM(x.good), 0) AS good, COALESCE(SUM(x.scrap), 0) AS scrap, COALESCE(SUM(x.rework), 0) AS rework, COALESCE(SUM(x.later_rejects), 0) AS later_rejects,
               COALESCE(SUM(CASE WHEN x.status IN ('Planned', 'Running', 'Paused') AND x.planned > x.good THEN x.planned - x.good ELSE 0 END), 0) AS open_rest
        FROM order_steps t JOIN stages g ON g.id = t.stage_id LEFT JOIN jobs x ON x.step_id = t.id

        """;

    private const string PathEnd =
        """

        GROUP BY t.item_id, t.id, t.position, t.stage_id, t.department_id, g.name, t.required, t.parallel, t.factor, t.scrap_share, t.accepted_short_at
        ORDER BY t.item_id, t.position
        """;

    private const string SequenceSql =
        $"{Columns} FROM ({Pick}{BySequence}) k JOIN jobs j ON j.id = k.id{Joins}ORDER BY k.rank_no, k.by_sequence, k.by_time, k.id;\n" +
        $"{Path}JOIN (SELECT DISTINCT k.item_id FROM ({Pick}{BySequence}) k) q ON q.item_id = t.item_id{PathEnd}";

    private const string TimeSql =
        $"{Columns} FROM ({Pick}{ByTime}) k JOIN jobs j ON j.id = k.id{Joins}ORDER BY k.rank_no, k.by_time, k.by_sequence, k.id;\n" +
        $"{Path}JOIN (SELECT DISTINCT k.item_id FROM ({Pick}{ByTime}) k) q ON q.item_id = t.item_id{PathEnd}";

    private const string MachineColumns =
        """
        SELECT m.id, m.number, m.name, m.department_id, m.work_centre_id, m.slots,
               (SELECT COUNT(*) FROM machine_runs r WHERE r.open_machine_id = m.id AND r.slot IS NOT NULL) AS busy,
               (SELECT MIN(o.number) FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id WHERE r.open_machine_id = m.id AND r.slot IS NOT NULL) AS busy_with,
               (SELECT MIN(CONCAT(e.first_name, ' ', e.last_name)) FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN employees e ON e.id = j.operator_id WHERE r.open_machine_id = m.id AND r.slot IS NOT NULL) AS busy_by,
               (SELECT MIN(r.started_at) FROM machine_runs r WHERE r.open_machine_id = m.id AND r.slot IS NOT NULL) AS busy_since,
               (SELECT MIN(t.stands_from) FROM maintenance_tickets t WHERE t.standing_id = m.id) AS stands_since,
               (SELECT MAX(t.expected_back) FROM maintenance_tickets t WHERE t.standing_id = m.id) AS expected_back
        FROM machines m

        """;

    /// <summary>
    /// Who stands at the screen. <paramref name="machineId"/> is a scanned machine of their departments, which then counts as theirs; another one
    /// is as if none had been scanned, so that a foreign number opens nothing and tells nothing.
    /// </summary>
    /// <returns>Null when the actor is no active employee.</returns>
    /// <exception cref="ForbiddenException">May work on jobs in no department.</exception>
    public async Task<OperatorScope?> ScopeAsync(Actor actor, DateOnly productionDay, long? machineId = null, CancellationToken ct = default)
    {
        if (actor.EmployeeId is not { } me)
            return null;
        var allowed = rights.DemandDepartments(actor, Permissions.JobsExecute);
        var day = DbValue.Of(productionDay);
        const string sql =
            """
            SELECT e.id AS employee_id, CONCAT(e.first_name, ' ', e.last_name) AS name, e.department_id, d.name AS department, e.slots,
                   (SELECT MIN(p.started_at) FROM presences p WHERE p.open_employee_id = e.id) AS clocked_in_at
            FROM employees e JOIN departments d ON d.id = e.department_id WHERE e.id = @me AND e.active = 1;
            SELECT department_id FROM employees WHERE id = @me UNION SELECT department_id FROM employee_departments WHERE employee_id = @me;
            """ + MachineColumns +
            """
             WHERE m.retired_at IS NULL AND (m.id = @machine OR @machine IS NULL AND m.id IN
               (SELECT a.machine_id FROM allocations a WHERE a.employee_id = @me AND a.from_day <= @day AND (a.to_day IS NULL OR a.to_day >= @day)))
             ORDER BY m.number_key;
            SELECT r.id, r.list, r.word, r.icon, r.position,
                   CASE WHEN r.list <> 'Stop' THEN 0 ELSE
                   (SELECT COUNT(*) FROM (SELECT x.reason_id FROM machine_runs x WHERE x.department_id = (SELECT z.department_id FROM employees z WHERE z.id = @me)
                      ORDER BY x.started_at DESC LIMIT 500) u WHERE u.reason_id = r.id) END AS uses
            FROM reasons r
            WHERE r.active = 1 AND r.list IN ('Stop', 'Scrap') AND (r.department_id IS NULL OR r.department_id = (SELECT y.department_id FROM employees y WHERE y.id = @me))
            ORDER BY r.position, r.id
            """;
        var found = await db.ManyAsync(sql, new { me, day, machine = machineId }, async grids =>
        {
            var scope = await grids.ReadFirstOrDefaultAsync<OperatorScope>();
            var departments = (await grids.ReadAsync<long>()).Where(d => allowed is null || allowed.Contains(d)).ToList();
            var machines = (await grids.ReadAsync<MachineChoice>()).Where(m => departments.Contains(m.DepartmentId)).ToList();
            var reasons = (await grids.ReadAsync<ReasonChoice>()).AsList();
            return scope is null ? null : scope with
            {
                Departments = departments,
                Machines = machines,
                WholeDepartment = machines.Count == 0 || machineId is null && rights.Allows(actor, Permissions.JobsDepartment, scope.DepartmentId),
                StopReasons = [.. reasons.Where(r => r.List == "Stop").OrderByDescending(r => r.Uses).ThenBy(r => r.Position)],
                ScrapReasons = [.. reasons.Where(r => r.List == "Scrap")],
            };
        }, ct);
        return machineId is not null && found is { Machines.Count: 0 } ? await ScopeAsync(actor, productionDay, null, ct) : found;
    }

    /// <summary>The whole page in one round trip: active jobs, what can be undone, and the planned sequence up to <paramref name="horizon"/>.</summary>
    public async Task<OperatorJobs> LoadAsync(Actor actor, OperatorScope scope, DateTimeOffset horizon, int take = PageSize, CancellationToken ct = default)
    {
        if (scope.Departments.Count == 0)
            return OperatorJobs.None;
        take = Math.Clamp(take, 1, MaxCards);
        var sight = OrderSight.Of(fields, actor);
        var args = new
        {
            Me = scope.EmployeeId,
            Departments = scope.Departments,
            Machines = Ids(scope.Machines.Select(m => m.Id)),
            WorkCentres = Ids(scope.Machines.Where(m => m.WorkCentreId is not null).Select(m => m.WorkCentreId!.Value)),
            Whole = scope.WholeDepartment ? 1 : 0,
            Horizon = horizon,
            UndoFrom = clock.Now - live.Now.Undo,
            Take = take + 1,
        };
        return await db.ManyAsync(scope.WholeDepartment ? TimeSql : SequenceSql, args, async grids =>
        {
            var jobs = (await grids.ReadAsync<OperatorJob>()).DistinctBy(j => j.Id).ToList();
            var paths = (await grids.ReadAsync<PathRow>()).ToLookup(s => s.ItemId, s => s.Step);
            var more = jobs.Count(j => j.Status == JobStatus.Planned) > take;
            if (more)
                jobs.RemoveAt(jobs.FindLastIndex(j => j.Status == JobStatus.Planned));
            return new OperatorJobs([.. jobs.Select(j => j.As(sight) with { UndoFor = live.Now.Undo, Readiness = Readiness.For(j, Flow(j, paths[j.ItemId])) })], more);
        }, ct);
    }

    /// <summary>One card with all that it opens to.</summary>
    /// <exception cref="NotFoundException">No such job, or not in a department the actor may see.</exception>
    public async Task<JobDetails> DetailsAsync(Actor actor, long jobId, CancellationToken ct = default)
    {
        var (seen, sight) = (rights.DemandDepartments(actor, Permissions.JobsView), OrderSight.Of(fields, actor));
        var (noNotes, noSpecifications) = (fields.Of(actor, typeof(Order))?.MayHide(nameof(Order.Notes)) == true, fields.Of(actor, typeof(OrderItem))?.MayHide(nameof(OrderItem.Specifications)) == true);
        var details = await db.ManyAsync(
            Columns + " FROM jobs j" + Joins + " WHERE j.id = @id;\n" +
            Path + " WHERE t.item_id = (SELECT item_id FROM jobs WHERE id = @id)" + PathEnd + ";\n" +
            """
            SELECT i.text, i.link FROM work_instructions i JOIN jobs j ON j.product_id = i.product_id
             WHERE j.id = @id AND (i.stage_id IS NULL OR i.stage_id = j.stage_id) ORDER BY i.position, i.id;
            SELECT v.id, v.size, v.colour, COALESCE(jv.planned, iv.quantity) AS planned,
                   COALESCE((SELECT SUM(r.good) FROM job_reports r WHERE r.job_id = j.id AND r.variant_id = v.id), 0) AS good
              FROM jobs j JOIN order_item_variants iv ON iv.item_id = j.item_id JOIN product_variants v ON v.id = iv.variant_id
              LEFT JOIN job_variants jv ON jv.job_id = j.id AND jv.variant_id = v.id
             WHERE j.id = @id ORDER BY v.position, v.id;
            SELECT r.at, CASE WHEN e.id IS NOT NULL THEN CONCAT(e.first_name, ' ', e.last_name) END AS who, r.good, r.scrap, r.rework, w.word AS scrap_reason
              FROM job_reports r LEFT JOIN employees e ON e.id = r.employee_id LEFT JOIN reasons w ON w.id = r.scrap_reason_id
             WHERE r.job_id = @id ORDER BY r.at DESC, r.id DESC LIMIT 20;
            SELECT o.notes FROM jobs j JOIN orders o ON o.id = j.order_id WHERE j.id = @id;
            SELECT i.specifications FROM jobs j JOIN order_items i ON i.id = j.item_id WHERE j.id = @id;
            SELECT s.name, s.value, s.unit FROM product_specifications s JOIN jobs j ON j.product_id = s.product_id WHERE j.id = @id ORDER BY s.position
            """,
            new { id = jobId, Me = actor.EmployeeId ?? 0 },
            async grids =>
            {
                var job = await grids.ReadFirstOrDefaultAsync<OperatorJob>();
                var path = await grids.ReadAsync<PathRow>();
                if (job is null)
                    return null;
                var flow = Flow(job, path.Select(s => s.Step));
                return new JobDetails(
                    job.As(sight) with { UndoFor = live.Now.Undo, Readiness = Readiness.For(job, flow) },
                    (await grids.ReadAsync<Instruction>()).AsList(), flow, (await grids.ReadAsync<VariantCount>()).AsList(), (await grids.ReadAsync<ReportLine>()).AsList(),
                    await grids.ReadFirstOrDefaultAsync<string?>(), await grids.ReadFirstOrDefaultAsync<string?>(), (await grids.ReadAsync<Products.Specification>()).AsList());
            }, ct);
        return details is not null && (seen is null || seen.Contains(details.Job.DepartmentId)) ? details with { OrderNotes = noNotes ? null : details.OrderNotes, Specifications = noSpecifications ? null : details.Specifications } : throw new NotFoundException("job", jobId);
    }

    /// <summary>The machines that can run a stage, with what each is doing; of all stages when null.</summary>
    public Task<IReadOnlyList<MachineChoice>> MachinesAsync(IReadOnlyList<long> departments, long? stageId, CancellationToken ct = default) =>
        departments.Count == 0 ? Task.FromResult<IReadOnlyList<MachineChoice>>([]) : db.ListAsync<MachineChoice>(
            MachineColumns + " WHERE m.department_id IN @departments AND m.retired_at IS NULL AND (@stageId IS NULL OR EXISTS (SELECT 1 FROM machine_stages x WHERE x.machine_id = m.id AND x.stage_id = @stageId)) ORDER BY m.number_key",
            new { departments, stageId }, ct);

    /// <summary>The steps of an order that lie in my departments, for a manual job.</summary>
    public Task<IReadOnlyList<ManualStep>> ManualStepsAsync(OperatorScope scope, string orderNumber, CancellationToken ct = default) =>
        scope.Departments.Count == 0 ? Task.FromResult<IReadOnlyList<ManualStep>>([]) : db.ListAsync<ManualStep>(
            """
            SELECT t.id AS step_id, i.line, o.number AS order_number, p.name AS product_name, p.unit, p.decimals, s.name AS stage, s.id AS stage_id, t.department_id, i.quantity,
                   COALESCE((SELECT SUM(x.good - x.later_rejects) FROM jobs x WHERE x.step_id = t.id), 0) AS net_good,
                   COALESCE((SELECT SUM(CASE WHEN x.planned > x.good THEN x.planned - x.good ELSE 0 END) FROM jobs x WHERE x.step_id = t.id AND x.status IN ('Planned', 'Running', 'Paused')), 0) AS open
              FROM orders o JOIN order_items i ON i.order_id = o.id JOIN order_steps t ON t.item_id = i.id JOIN products p ON p.id = i.product_id JOIN stages s ON s.id = t.stage_id
             WHERE o.number_key = @key AND t.department_id IN @departments ORDER BY i.line, t.position
            """, new { key = Text.Key(orderNumber), departments = scope.Departments }, ct);

    /// <summary>
    /// What a code on a machine, a job sheet or an order says: a machine's number, "J" and a job's number, or an order's number. Null for what is
    /// not there and for what is in none of the actor's departments alike.
    /// </summary>
    /// <exception cref="ForbiddenException">May work on jobs in no department.</exception>
    public async Task<ScanHit?> ScanAsync(Actor actor, string code, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.JobsExecute);
        var key = Text.Key(code);
        if (key.Length is 0 or > 64)
            return null;
        var job = key[0] == 'J' && long.TryParse(key.AsSpan(1), out var id) ? id : 0;
        var hit = await db.FindAsync<(string Kind, long Id, string Text)>(
            """
            SELECT x.kind, x.id, x.text FROM (
              SELECT 0 AS rank_no, 'Machine' AS kind, id, number AS text FROM machines WHERE number_key = @key AND retired_at IS NULL AND (@all = 1 OR department_id IN @departments)
              UNION ALL SELECT 1, 'Order', q.id, q.number FROM orders q WHERE q.number_key = @key AND (@all = 1
                OR EXISTS (SELECT 1 FROM order_items i JOIN order_steps t ON t.item_id = i.id WHERE i.order_id = q.id AND t.department_id IN @departments))
              UNION ALL SELECT 2, 'Job', j.id, o.number FROM jobs j JOIN orders o ON o.id = j.order_id WHERE j.id = @job AND (@all = 1 OR j.department_id IN @departments)) x
            ORDER BY x.rank_no LIMIT 1
            """, new { key, job, all = departments is null ? 1 : 0, departments = Ids(departments ?? new HashSet<long>()) }, ct);
        return hit.Kind is null ? null : new ScanHit(Enum.Parse<ScanKind>(hit.Kind), hit.Id, hit.Text);
    }

    private static ItemFlow Flow(OperatorJob job, IEnumerable<FlowStep> steps) => new(job.ItemQuantity, [.. steps], job.Decimals);

    private sealed record PathRow
    {
        public long ItemId { get; init; }
        public long Id { get; init; }
        public int Position { get; init; }
        public long StageId { get; init; }
        public long DepartmentId { get; init; }
        public string Stage { get; init; } = "";
        public bool Required { get; init; }
        public bool Parallel { get; init; }
        public decimal Factor { get; init; }
        public decimal ScrapShare { get; init; }
        public bool AcceptedShort { get; init; }
        public decimal Good { get; init; }
        public decimal Scrap { get; init; }
        public decimal Rework { get; init; }
        public decimal LaterRejects { get; init; }
        public decimal OpenRest { get; init; }

        public FlowStep Step => new()
        {
            Id = Id, Position = Position, StageId = StageId, DepartmentId = DepartmentId, Stage = Stage, Required = Required, Parallel = Parallel, Factor = Factor,
            ScrapShare = ScrapShare, AcceptedShort = AcceptedShort, Good = Good, Scrap = Scrap, Rework = Rework, LaterRejects = LaterRejects, OpenRest = OpenRest,
        };
    }

    // No database takes an empty list; ids begin at 1.
    private static List<long> Ids(IEnumerable<long> ids) => [.. ids.Distinct().DefaultIfEmpty(0)];
}
