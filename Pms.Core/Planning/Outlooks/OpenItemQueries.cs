using Dapper;
using Pms.Core.Data;
using Pms.Core.Planning.Releases;

namespace Pms.Core.Planning.Outlooks;

/// <summary>Reads items of open orders for planning: three statements, by the orders' status or ids, so finished work costs nothing.</summary>
public sealed class OpenItemQueries(Db db)
{
    private const string Open = "('Unscheduled', 'Scheduled', 'InProgress')";

    private const string Items =
        """
        SELECT i.id, i.order_id, o.number AS order_number, o.status AS order_status, o.version AS order_version, o.priority, COALESCE(i.due_on, o.due_on) AS due_on, i.line, i.status, i.version, i.quantity,
               p.id AS product_id, p.name AS product, p.category_id, p.unit, p.decimals
        FROM orders o JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id

        """;

    private const string Steps =
        """
        SELECT t.id, t.item_id, t.position, t.stage_id, g.name AS stage, g.kind AS stage_kind, g.active AS stage_active, t.department_id, d.name AS department, d.active AS department_active, t.setup_minutes, t.run_minutes,
               t.crew, COALESCE(t.transfer_quantity, g.transfer_quantity) AS transfer_quantity, t.required, t.parallel, t.factor, t.scrap_share, CASE WHEN t.accepted_short_at IS NULL THEN 0 ELSE 1 END AS accepted_short,
               EXISTS (SELECT 1 FROM step_readiness r WHERE r.step_id = t.id AND r.state = 'Short') AS short,
               COALESCE(x.good, 0) AS good, COALESCE(x.scrap, 0) AS scrap, COALESCE(x.rework, 0) AS rework, COALESCE(x.later_rejects, 0) AS later_rejects, COALESCE(x.open_rest, 0) AS open_rest,
               COALESCE(x.open_jobs, 0) AS open_jobs, COALESCE(x.started_jobs, 0) AS started_jobs, x.open_until, x.open_from
        FROM orders o JOIN order_items i ON i.order_id = o.id JOIN order_steps t ON t.item_id = i.id JOIN stages g ON g.id = t.stage_id JOIN departments d ON d.id = t.department_id
        LEFT JOIN (
          SELECT j.step_id, SUM(j.good) AS good, SUM(j.scrap) AS scrap, SUM(j.rework) AS rework, SUM(j.later_rejects) AS later_rejects,
                 SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') AND j.planned > j.good THEN j.planned - j.good ELSE 0 END) AS open_rest,
                 SUM(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') THEN 1 ELSE 0 END) AS open_jobs, SUM(CASE WHEN j.started_at IS NULL THEN 0 ELSE 1 END) AS started_jobs,
                 MAX(CASE WHEN j.status IN ('Planned', 'Running', 'Paused') THEN j.planned_end END) AS open_until, MIN(CASE WHEN j.status = 'Planned' AND j.started_at IS NULL THEN j.planned_start END) AS open_from
          FROM jobs j WHERE j.status <> 'Cancelled'
        """;

    private const string Holds =
        """
        SELECT h.id, h.order_id, h.item_id, COALESCE(h.step_id, j.step_id) AS step_id, h.kind, h.note, h.expected_on, h.opened_at FROM orders o JOIN holds h ON h.order_id = o.id AND h.state = 'Open' LEFT JOIN jobs j ON j.id = h.job_id

        """;

    private const string OfOpen = $"WHERE o.status IN {Open}";
    private const string OpenItems = $"{Items} {OfOpen} AND i.status IN {Open} ORDER BY i.id";
    private const string OpenSteps = $"{Steps} AND j.order_id IN (SELECT q.id FROM orders q WHERE q.status IN {Open}) GROUP BY j.step_id) x ON x.step_id = t.id {OfOpen} AND i.status IN {Open} ORDER BY t.item_id, t.position";
    private const string OpenHolds = $"{Holds} {OfOpen} ORDER BY h.opened_at, h.id";
    private const string ItemsOf = $"{Items} WHERE o.id IN @orders ORDER BY o.id, i.line, i.id";
    private const string StepsOf = $"{Steps} AND j.order_id IN @orders GROUP BY j.step_id) x ON x.step_id = t.id WHERE o.id IN @orders ORDER BY t.item_id, t.position";
    private const string HoldsOf = $"{Holds} WHERE o.id IN @orders ORDER BY h.opened_at, h.id";
    private const string AllOf = $"{ItemsOf};\n{StepsOf};\n{HoldsOf}";

    /// <summary>Every open item of every open order.</summary>
    public Task<IReadOnlyList<OpenItem>> AllAsync(CancellationToken ct = default) => db.ManyAsync($"{OpenItems};\n{OpenSteps};\n{OpenHolds}", null, JoinedAsync, ct);

    /// <summary>The items of these orders, open or not.</summary>
    public async Task<IReadOnlyList<OpenItem>> OfAsync(IReadOnlyCollection<long> orders, CancellationToken ct = default)
    {
        var found = new List<OpenItem>();
        foreach (var some in orders.Chunk(500))
            found.AddRange(await db.ManyAsync(AllOf, new { orders = some }, JoinedAsync, ct));
        return found;
    }

    /// <summary>The same within a transaction that has taken the departments' turns.</summary>
    public Task<IReadOnlyList<OpenItem>> OfAsync(Tx tx, IReadOnlyCollection<long> orders) => tx.ManyAsync(AllOf, new { orders }, JoinedAsync);

    /// <summary>The versions of open jobs, for commands on them.</summary>
    public async Task<IReadOnlyDictionary<long, int>> VersionsAsync(IReadOnlyCollection<long> jobs, CancellationToken ct = default) => jobs.Count == 0 ? new Dictionary<long, int>()
        : (await db.ListAsync<(long Id, int Version)>("SELECT id, version FROM jobs WHERE id IN @jobs", new { jobs }, ct)).ToDictionary(j => j.Id, j => j.Version);

    /// <summary>Jobs as the steps that a release placed.</summary>
    public async Task<IReadOnlyList<(long ItemId, ReleasedStep Step)>> StepsOfAsync(IReadOnlyCollection<long> jobs, CancellationToken ct = default) => jobs.Count == 0 ? []
        : [.. (await db.ListAsync<JobRow>(
            """
            SELECT j.id, j.item_id, j.step_id, g.name AS stage, j.department_id, j.machine_id, m.number AS machine, j.planned_start, j.planned_end, j.planned
            FROM jobs j JOIN stages g ON g.id = j.stage_id LEFT JOIN machines m ON m.id = j.machine_id WHERE j.id IN @jobs ORDER BY j.id
            """, new { jobs }, ct)).Select(j => (j.ItemId, new ReleasedStep(j.StepId, j.Stage, j.DepartmentId, j.MachineId, j.Machine, j.PlannedStart, j.PlannedEnd, j.Planned, j.Id)))];

    private sealed record JobRow
    {
        public long Id { get; init; }
        public long ItemId { get; init; }
        public long StepId { get; init; }
        public string Stage { get; init; } = "";
        public long DepartmentId { get; init; }
        public long? MachineId { get; init; }
        public string? Machine { get; init; }
        public DateTimeOffset PlannedStart { get; init; }
        public DateTimeOffset PlannedEnd { get; init; }
        public decimal Planned { get; init; }
    }

    private static async Task<IReadOnlyList<OpenItem>> JoinedAsync(SqlMapper.GridReader grids) => Joined(await grids.ReadAsync<OpenItem>(), await grids.ReadAsync<OpenStep>(), await grids.ReadAsync<ItemHold>());

    private static IReadOnlyList<OpenItem> Joined(IEnumerable<OpenItem> items, IEnumerable<OpenStep> steps, IEnumerable<ItemHold> holds)
    {
        var (stepsOf, holdsOf) = (steps.ToLookup(s => s.ItemId), holds.ToLookup(h => h.OrderId));
        return [.. items.Select(i =>
        {
            var mine = stepsOf[i.Id].ToList();
            return i with
            {
                Steps = mine, Flow = new(i.Quantity, [.. mine.Select(s => s.Flow)], i.Decimals),
                Holds = [.. holdsOf[i.OrderId].Where(h => h.StepId is { } s ? mine.Exists(x => x.Id == s) : h.ItemId is null || h.ItemId == i.Id)],
            };
        })];
    }
}
