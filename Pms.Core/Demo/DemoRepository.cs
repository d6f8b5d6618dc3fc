using System.Text.Json;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Demo.History;
using Pms.Core.Demo.Simulation;
using Pms.Core.Jobs;
using Pms.Core.Orders.Goods;

namespace Pms.Core.Demo;

/// <summary>
/// Writes the demo's orders, jobs, times, tickets and their audit rows in bulk, and remembers how far the seeding came; each call is a part of
/// one short transaction. Never used but by the demo.
/// </summary>
public sealed class DemoRepository(Db db, AuditLog audit)
{
    private const string Setting = "demo_plant";
    private static readonly Actor Demo = Actor.System("demo");

    /// <summary>How far the seeding came, or null in a database without the demo plant.</summary>
    internal async Task<DemoStamp?> FindStampAsync(CancellationToken ct) =>
        await db.FindAsync<string>("SELECT value FROM settings WHERE name = @Setting", new { Setting }, ct) is { } json ? JsonSerializer.Deserialize<DemoStamp>(json) : null;

    internal static async Task SetStampAsync(Tx tx, DemoStamp stamp)
    {
        var value = JsonSerializer.Serialize(stamp);
        if (await tx.ExecuteAsync("UPDATE settings SET value = @value, version = version + 1 WHERE name = @Setting", new { value, Setting }) == 0)
            await tx.ExecuteAsync("INSERT INTO settings (name, value) VALUES (@Setting, @value)", new { value, Setting });
    }

    /// <summary>True where something other than the demo plant lives in the database.</summary>
    internal Task<bool> IsInUseAsync(CancellationToken ct) => db.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM departments) OR EXISTS (SELECT 1 FROM employees) OR EXISTS (SELECT 1 FROM users)", null, ct);

    /// <summary>One slice of the plant's past or present with its audit rows.</summary>
    internal async Task WriteAsync(Tx tx, DemoPlant plant, PlantSlice slice)
    {
        await OrdersAsync(tx, slice.Orders);
        var jobs = slice.Orders.SelectMany(o => o.Jobs).ToList();
        await JobsAsync(tx, jobs);
        await TimesAsync(tx, plant, jobs);
        await GoodsAsync(tx, plant, slice.Orders);
        await tx.BulkAsync("INSERT INTO presences (employee_id, department_id, started_at, ended_at, state) VALUES (@EmployeeId, @DepartmentId, @Start, @End, @State)",
            slice.Presences.Select(p => new { p.EmployeeId, p.DepartmentId, p.Start, p.End, State = p.End is null ? IntervalState.Open : IntervalState.Closed }));
        await TicketsAsync(tx, plant, slice.Tickets);
        await AuditAsync(tx, slice, jobs);
    }

    /// <summary>A new order that nobody has planned yet; <paramref name="make"/> gets its id. Returns its items.</summary>
    internal Task<IReadOnlyList<StepToPlan>> InsertOrderAsync(Func<long, PlantOrder> make, Actor actor, CancellationToken ct) => db.InTransactionAsync<IReadOnlyList<StepToPlan>>(async tx =>
    {
        // Ids are counted within the one write transaction that SQLite allows.
        var last = (await tx.FindAsync<LastIds>("SELECT (SELECT MAX(id) FROM orders) AS orders, (SELECT MAX(id) FROM order_items) AS items, (SELECT MAX(id) FROM order_steps) AS steps"))!;
        var (item, step) = (last.Items, last.Steps);
        var order = make(last.Orders + 1);
        foreach (var i in order.Items)
        {
            i.Id = ++item;
            foreach (var s in i.Steps)
                s.Id = ++step;
        }
        await OrdersAsync(tx, [order]);
        audit.Write(tx, actor, "order.create", "order", order.Id, new Dictionary<string, object?[]> { ["Number"] = [null, order.Number], ["Quantity"] = [null, order.Items.Sum(i => i.Quantity)] });
        return [.. order.Items.Select(i => new StepToPlan { ItemId = i.Id, Quantity = i.Quantity })];
    }, ct);

    private sealed record LastIds
    {
        public long Orders { get; init; }
        public long Items { get; init; }
        public long Steps { get; init; }
    }

    private static async Task OrdersAsync(Tx tx, IReadOnlyList<PlantOrder> orders)
    {
        await tx.BulkAsync(
            """
            INSERT INTO orders (id, number, number_key, sales_order_number, customer_id, value, starts_on, due_on, priority, status, notes, created_at, completed_at)
            VALUES (@Id, @Number, @Number, @Sales, @CustomerId, @Value, @StartsOn, @DueOn, @Priority, @Status, @Notes, @CreatedAt, @CompletedAt)
            """,
            orders.Select(o => new { o.Id, o.Number, Sales = FormattableString.Invariant($"SO-{48000 + o.Id}"), o.CustomerId, o.Value, o.StartsOn, o.DueOn, o.Priority, o.Status, o.Notes, o.CreatedAt, o.CompletedAt }));
        var items = orders.SelectMany(o => o.Items).ToList();
        await tx.BulkAsync(
            "INSERT INTO order_items (id, order_id, line, product_id, quantity, unit_price, status) VALUES (@Id, @Order, @Line, @Product, @Quantity, @UnitPrice, @Status)",
            items.Select(i => new { i.Id, Order = i.Order.Id, Line = i.Order.Items.IndexOf(i) + 1, Product = i.Product.Id, Quantity = (decimal)i.Quantity, i.UnitPrice, i.Status }));
        await tx.BulkAsync("INSERT INTO order_item_variants (item_id, variant_id, quantity) VALUES (@Item, @Variant, @Quantity)",
            items.SelectMany(i => i.Variants.Select(v => new { Item = i.Id, Variant = v.Variant.Id, Quantity = (decimal)v.Quantity })));
        var steps = items.SelectMany(i => i.Steps).ToList();
        await tx.BulkAsync(
            """
            INSERT INTO order_steps (id, item_id, position, stage_id, department_id, setup_minutes, run_minutes, scrap_share, transfer_quantity, accepted_short_at, accepted_short_by, accepted_short_why)
            VALUES (@Id, @Item, @Position, @Stage, @Department, @Setup, @RunMinutes, @ScrapShare, @Transfer, @ShortAt, @ShortBy, @ShortWhy)
            """,
            steps.Select(s => new
            {
                s.Id, Item = s.Item.Id, s.Path.Position, Stage = s.Path.Stage.Id, Department = s.Path.Stage.DepartmentId, Setup = (decimal)s.Path.SetupMinutes, s.Path.RunMinutes, s.Path.ScrapShare,
                Transfer = (decimal?)s.Path.Stage.Transfer, ShortAt = s.AcceptedShort?.At, ShortBy = s.AcceptedShort?.By, ShortWhy = s.AcceptedShort?.Why,
            }));
        await tx.BulkAsync("INSERT INTO step_readiness (step_id, what, state, on_day, by_name, at) VALUES (@Id, @What, @State, @Day, 'Planner', @CreatedAt)",
            steps.Where(s => s.Item.Order.CompletedAt is null && !s.IsDone).SelectMany(s => s.Path.Stage.Checks.Split(' ').Where(c => c is "material" or "artwork" or "tool").Select(c => new
            {
                s.Id, What = char.ToUpperInvariant(c[0]) + c[1..], State = (s.Id * 13 + c.Length) % 11 is 0 && s.Jobs.TrueForAll(j => j.StartedAt is null) ? "Short" : "Ok", Day = s.Item.Order.StartsOn, s.Item.Order.CreatedAt,
            })));
        await tx.BulkAsync(
            """
            INSERT INTO holds (scope, order_id, kind, note, expected_on, stop_now, state, opened_at, opened_by)
            VALUES ('Order', @Id, @Kind, @Note, @ExpectedOn, 0, 'Open', @OpenedAt, @OpenedBy)
            """, orders.Where(o => o.Hold is not null).Select(o => new { o.Id, o.Hold!.Kind, o.Hold.Note, o.Hold.ExpectedOn, o.Hold.OpenedAt, o.Hold.OpenedBy }));
    }

    /// <summary>Material of what is or was lately worked on, and finished pieces: all of closed orders left, of completed ones some or none.</summary>
    private static async Task GoodsAsync(Tx tx, DemoPlant plant, IReadOnlyList<PlantOrder> orders)
    {
        var now = plant.Now.ToUnixTimeMilliseconds();
        object Move(PlantItem i, MaterialKind kind, int quantity, long at, string? note = null) =>
            new { OrderId = i.Order.Id, ItemId = i.Id, Kind = kind.ToString(), Quantity = (decimal)quantity, Note = note, At = Math.Min(at, now), ByName = "Warehouse" };
        await tx.BulkAsync("INSERT INTO material_moves (order_id, item_id, kind, quantity, note, at, by_name) VALUES (@OrderId, @ItemId, @Kind, @Quantity, @Note, @At, @ByName)",
            orders.Where(o => o.CompletedAt is null || o.CompletedAt > plant.Now.AddDays(-14)).SelectMany(o => o.Items).Where(i => i.Steps[0].Jobs.Exists(j => j.StartedAt is not null)).SelectMany(i =>
            {
                var (started, needed) = (i.Steps[0].Jobs.Min(j => j.StartedAt ?? long.MaxValue), i.Steps[0].Required);
                var came = needed + 6 + needed / 50;
                List<object> moves = [Move(i, MaterialKind.Received, came, started - 180 * 60_000, FormattableString.Invariant($"Delivery note {20_000 + i.Id}")), Move(i, MaterialKind.Issued, needed, started - 45 * 60_000)];
                if (i.Id % 7 == 3)
                    moves.Add(Move(i, MaterialKind.Scrapped, 2, started - 30 * 60_000, "Stained in the carton"));
                if (i.Id % 9 == 4)
                    moves.Add(Move(i, MaterialKind.Returned, Math.Min(6, needed), started + 60 * 60_000));
                return moves;
            }));
        await tx.BulkAsync("INSERT INTO dispatches (order_id, item_id, kind, quantity, on_day, note, at, by_name) VALUES (@OrderId, @ItemId, 'Customer', @Quantity, @Day, @Note, @At, 'Warehouse')",
            orders.SelectMany(o => o.Items).Where(i => i.IsDone).Select(i => (Item: i, Quantity: i.Order.Status == Orders.OrderStatus.Closed || i.Id % 3 == 2 ? i.Steps[^1].Good : i.Id % 3 == 1 ? i.Steps[^1].Good / 2 : 0)).Where(d => d.Quantity > 0).Select(d =>
            {
                var at = DemoPlant.Instant(Math.Min(now, d.Item.Steps[^1].Jobs.Max(j => j.FinishedAt ?? 0) + 5 * 60 * 60_000));
                return new { OrderId = d.Item.Order.Id, ItemId = d.Item.Id, Quantity = (decimal)d.Quantity, Day = plant.Clock.DateOf(at), Note = FormattableString.Invariant($"Waybill {70_000 + d.Item.Id}"), At = at };
            }));
    }

    private static async Task JobsAsync(Tx tx, IReadOnlyList<PlantJob> jobs)
    {
        await tx.BulkAsync(
            """
            INSERT INTO jobs (id, order_id, item_id, step_id, product_id, department_id, stage_id, work_centre_id, machine_id, employee_id, kind, status, phase, planned, planned_start, planned_end, sequence,
                              setup_minutes, run_minutes, last_step, good, scrap, started_at, paused_at, pause_reason_id, pause_cause, finished_at, finish, operator_id, note, last_action, last_action_at,
                              last_action_by, released_at, created_at)
            VALUES (@Id, @OrderId, @ItemId, @StepId, @ProductId, @DepartmentId, @StageId, @WorkCentreId, @MachineId, @EmployeeId, 'Normal', @Status, @Phase, @Planned, @PlannedStart, @PlannedEnd, @Sequence,
                    @SetupMinutes, @RunMinutes, @LastStep, @Good, @Scrap, @StartedAt, @PausedAt, @PauseReasonId, @PauseCause, @FinishedAt, @Finish, @OperatorId, @Note, @LastAction, @LastActionAt,
                    @OperatorId, @CreatedAt, @CreatedAt)
            """,
            jobs.Select(j => new
            {
                j.Id, OrderId = j.Order.Id, ItemId = j.Step.Item.Id, StepId = j.Step.Id, ProductId = j.Step.Item.Product.Id, j.Stage.DepartmentId, StageId = j.Stage.Id, j.Place.WorkCentreId, j.MachineId, j.EmployeeId,
                j.Status, j.Phase, Planned = (decimal)j.Planned, j.PlannedStart, j.PlannedEnd, j.Sequence, SetupMinutes = (decimal)j.Step.Path.SetupMinutes, j.Step.Path.RunMinutes, LastStep = j.Step.IsLast,
                Good = (decimal)j.Good, Scrap = (decimal)j.Scrap, j.StartedAt, j.PausedAt, PauseReasonId = j.PauseReason?.Id, j.PauseCause, j.FinishedAt, j.Finish, j.OperatorId, j.Note, j.LastAction, j.LastActionAt, j.CreatedAt,
            }));
        await tx.BulkAsync("INSERT INTO job_variants (job_id, variant_id, planned) VALUES (@Id, @Variant, @Planned)",
            jobs.Where(j => j.Status != JobStatus.Finished).SelectMany(j => Variants(j).Select(v => new { j.Id, Variant = v.Id, Planned = (decimal)v.Planned })));
    }

    /// <summary>The job's quantity spread over the item's sizes; the last takes what rounding leaves.</summary>
    private static IEnumerable<(long Id, int Planned)> Variants(PlantJob job)
    {
        var (item, rest) = (job.Step.Item, job.Planned);
        for (var i = 0; i < item.Variants.Count; i++)
        {
            var planned = i == item.Variants.Count - 1 ? rest : job.Planned * item.Variants[i].Quantity / item.Quantity;
            rest -= planned;
            if (planned > 0)
                yield return (item.Variants[i].Variant.Id, planned);
        }
    }

    private static async Task TimesAsync(Tx tx, DemoPlant plant, IReadOnlyList<PlantJob> jobs)
    {
        IntervalState State(PlantJob job, long? end, bool confirm = false) =>
            end is null ? IntervalState.Open : confirm ? IntervalState.ToConfirm : job.Order.Status == Orders.OrderStatus.Closed ? IntervalState.Locked : IntervalState.Closed;
        await tx.BulkAsync(
            """
            INSERT INTO job_reports (job_id, step_id, department_id, stage_id, machine_id, employee_id, at, good, scrap, scrap_reason_id, run_minutes, last_step, shift_day, shift_id)
            VALUES (@Id, @StepId, @DepartmentId, @StageId, @MachineId, @EmployeeId, @At, @Good, @Scrap, @ReasonId, @RunMinutes, @LastStep, @Day, @ShiftId)
            """,
            jobs.SelectMany(j => j.Reports.Select(r => (Job: j, Report: r, Shift: plant.ShiftOf(j.Stage.DepartmentId, r.At)))).Select(r => new
            {
                r.Job.Id, StepId = r.Job.Step.Id, r.Job.Stage.DepartmentId, StageId = r.Job.Stage.Id, r.Job.MachineId, r.Report.EmployeeId, r.Report.At, Good = (decimal)r.Report.Good, Scrap = (decimal)r.Report.Scrap,
                ReasonId = r.Report.ScrapReason?.Id, r.Job.Step.Path.RunMinutes, LastStep = r.Job.Step.IsLast, r.Shift.Day, r.Shift.ShiftId,
            }));
        await tx.BulkAsync(
            """
            INSERT INTO machine_runs (machine_id, department_id, slot, job_id, kind, reason_id, kpi_class, started_at, ended_at, state)
            VALUES (@MachineId, @DepartmentId, @Slot, @Id, @Kind, @ReasonId, @KpiClass, @Start, @End, @State)
            """,
            jobs.Where(j => j.MachineId is not null).SelectMany(j => j.Machine.Select(m => new
            {
                j.MachineId, j.Stage.DepartmentId, Slot = m.Kind == MachineTimeKind.Stop ? (int?)null : j.Place.Slot, j.Id, m.Kind, ReasonId = m.Reason?.Id, m.Reason?.KpiClass, m.Start, m.End, State = State(j, m.End),
            })));
        await tx.BulkAsync(
            """
            INSERT INTO work_times (employee_id, department_id, slot, job_id, machine_id, kind, started_at, ended_at, state)
            VALUES (@EmployeeId, @DepartmentId, @Slot, @Id, @MachineId, @Kind, @Start, @End, @State)
            """,
            jobs.SelectMany(j => j.Labour.Select(l => new { l.EmployeeId, j.Stage.DepartmentId, Slot = j.Place.EmployeeSlot, j.Id, j.MachineId, l.Kind, l.Start, l.End, State = State(j, l.End, l.ToConfirm) })));
    }

    private static Task TicketsAsync(Tx tx, DemoPlant plant, IReadOnlyList<PlantTicket> tickets) => tx.BulkAsync(
        """
        INSERT INTO maintenance_tickets (id, number, machine_id, department_id, reason_id, description, severity, stands, status, reported_by, reporter_employee_id, assigned_employee_id, opened_at, stands_from,
                                         expected_back, started_at, completed_at, released_at, work_done)
        VALUES (@Id, @Number, @MachineId, @DepartmentId, @ReasonId, @Description, @Severity, @Stands, @Status, @Reporter, @ReporterId, @TechnicianId, @OpenedAt, @StandsFrom, @ExpectedBack, @StartedAt, @CompletedAt,
                @ReleasedAt, @WorkDone)
        """,
        tickets.Select(t => new
        {
            Id = plant.IdOf(t), Number = FormattableString.Invariant($"MT-{plant.IdOf(t):00000}"), t.MachineId, t.DepartmentId, t.ReasonId, t.Description, t.Severity, t.Stands, t.Status,
            Reporter = t.ReporterId is { } r ? plant.People.All[(int)r - 1].Name : "demo", t.ReporterId, t.TechnicianId, t.OpenedAt, t.StandsFrom, t.ExpectedBack, t.StartedAt, t.CompletedAt, t.ReleasedAt, t.WorkDone,
        }));

    private Task AuditAsync(Tx tx, PlantSlice slice, IReadOnlyList<PlantJob> jobs)
    {
        Dictionary<string, object?[]> Status(string? before, string after) => new() { ["Status"] = [before, after] };
        object Row(string action, string entity, long id, long? department, long at, long? employee, Dictionary<string, object?[]> changes, string? reason = null) =>
            audit.Args(Demo with { EmployeeId = employee }, action, entity, id, changes, department, reason, DemoPlant.Instant(at));
        var rows = slice.Orders.Select(o => Row("order.create", "order", o.Id, null, o.CreatedAt.ToUnixTimeMilliseconds(), null, new() { ["Number"] = [null, o.Number], ["Quantity"] = [null, o.Items.Sum(i => i.Quantity)] }))
            .Concat(jobs.Where(j => j.Overbooked is not null).Select(j => Row("job.move", "job", j.Id, j.Stage.DepartmentId, Math.Max(j.CreatedAt, j.Order.CreatedAt.ToUnixTimeMilliseconds()), null,
                new() { ["Exceeded"] = [null, j.Overbooked] }, "The fair opens a week earlier; overtime is agreed")))
            .Concat(jobs.Where(j => j.StartedAt is not null).Select(j => Row("job.started", "job", j.Id, j.Stage.DepartmentId, j.StartedAt!.Value, j.Labour.FirstOrDefault()?.EmployeeId, Status("Planned", "Running"))))
            .Concat(jobs.Where(j => j.PausedAt is not null).Select(j => Row("job.paused", "job", j.Id, j.Stage.DepartmentId, j.PausedAt!.Value, j.OperatorId, Status("Running", "Paused"))))
            .Concat(jobs.Where(j => j.FinishedAt is not null).Select(j => Row("job.finished", "job", j.Id, j.Stage.DepartmentId, j.FinishedAt!.Value, j.OperatorId,
                new() { ["Status"] = ["Running", "Finished"], ["Good"] = [0, j.Good], ["Scrap"] = [0, j.Scrap] })))
            .Concat(slice.Orders.Where(o => o.CompletedAt is not null).Select(o => Row("order.update", "order", o.Id, null, o.CompletedAt!.Value.ToUnixTimeMilliseconds(), null, Status("InProgress", "Completed"))));
        return tx.BulkAsync(AuditLog.InsertSql, rows);
    }
}

/// <summary>What was seeded and how far: with seed and moment the same plant can be imagined again.</summary>
internal sealed record DemoStamp(int Seed, int HistoryDays, int OpenOrders, long Now, int Done, int Present, int All)
{
    public bool IsComplete => Done == All;
}
