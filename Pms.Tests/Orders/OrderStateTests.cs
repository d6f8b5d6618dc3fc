using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Orders.Goods;
using Pms.Tests.Jobs;
using Pms.Tests.Support;
using S = Pms.Core.Orders.OrderStatus;

namespace Pms.Tests.Orders;

/// <summary>The tables of order, item and hold, walked cell by cell: every command in every state ends in the state the table names or is refused by the code it names.</summary>
public abstract class OrderStateTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    /// <summary>Columns: Unscheduled, Scheduled, InProgress, Completed, Closed, Cancelled. A status is the order's afterwards, "=" the one it had; anything else is the code of the refusal.</summary>
    private static readonly Dictionary<string, string> Orders = new()
    {
        ["plan what is needed"] = "Scheduled | job.more_than_needed | = | job.more_than_needed | order.closed | job.order_cancelled",
        ["take a planned job back"] = "= | Unscheduled | = | job.already_finished | job.already_finished | job.is_cancelled",
        ["start"] = "InProgress | InProgress | = | job.order_completed | job.order_completed | job.order_cancelled",
        ["undo the only start"] = "Unscheduled | Scheduled | = | job.undo_nothing | job.undo_nothing | job.undo_nothing",
        ["finish the rest"] = "Completed | Completed | Completed | job.order_completed | job.order_completed | job.order_cancelled",
        ["accept all steps short"] = "Completed | Completed | Completed | step.complete | order.closed | job.order_cancelled",
        ["withdraw a short step"] = "step.not_short | step.not_short | step.not_short | InProgress | order.closed | job.order_cancelled",
        ["quantity up"] = "= | Unscheduled | = | InProgress | order.closed | order.not_open",
        ["quantity up, no reason"] = "= | Unscheduled | = | invalid | order.closed | order.not_open",
        ["quantity down"] = "= | = | = | order.not_open | order.not_open | order.not_open",
        ["another item"] = "= | Unscheduled | = | order.not_open | order.closed | order.not_open",
        ["change the head"] = "= | = | = | order.not_open | order.not_open | order.not_open",
        ["change the path"] = "= | = | = | order.not_open | order.not_open | order.not_open",
        ["undo the last finish"] = "job.undo_nothing | job.undo_nothing | job.undo_nothing | InProgress | job.order_completed | job.undo_nothing",
        ["correct a report down"] = "none | none | = | InProgress | job.order_completed | none",
        ["close, not dispatched"] = "order.close_not_completed | order.close_not_completed | order.close_not_completed | order.close_not_dispatched | order.closed | order.close_not_completed",
        ["close, dispatched"] = "order.close_not_completed | order.close_not_completed | order.close_not_completed | Closed | order.closed | order.close_not_completed",
        ["cancel"] = "Cancelled | Cancelled | Cancelled | order.not_open | order.not_open | order.not_open",
        ["cancel, no reason"] = "invalid | invalid | invalid | invalid | invalid | invalid",
        ["cancel the item"] = "Cancelled | Cancelled | Cancelled | order.not_open | order.not_open | order.not_open",
        ["reopen"] = "order.not_cancelled | order.not_cancelled | order.not_cancelled | order.not_cancelled | order.closed | Unscheduled",
        ["reopen, no reason"] = "invalid | invalid | invalid | invalid | invalid | invalid",
        ["reopen the item"] = "order.item_not_cancelled | order.item_not_cancelled | order.item_not_cancelled | order.item_not_cancelled | order.closed | Unscheduled",
        ["hold"] = "= | = | = | order.not_open | order.not_open | order.not_open",
        ["hold the item"] = "= | = | = | order.not_open | order.not_open | order.not_open",
        ["mark readiness"] = "= | = | = | order.item_not_open | order.item_not_open | order.item_not_open",
        ["move material"] = "= | = | = | = | order.closed | =",
        ["dispatch more than is there"] = "= | = | = | = | order.closed | =",
    };

    private static readonly long[] Stages = [JobFloor.Cut, JobFloor.Sew, JobFloor.Pack];

    private static readonly S[] States = [S.Unscheduled, S.Scheduled, S.InProgress, S.Completed, S.Closed, S.Cancelled];

    [Fact]
    public async Task Every_cell_of_the_order_ends_as_its_table_says()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var wrong = new List<string>();
        foreach (var (command, row) in Orders)
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries);
            for (var i = 0; i < States.Length; i++)
            {
                await FreeAsync(floor);
                var thing = await MakeAsync(floor, States[i], command);
                var wanted = cells[i] is "=" ? States[i].ToString() : cells[i];
                var (ended, item) = await DoAsync(floor, thing, command);
                if (ended != wanted)
                    wrong.Add($"{States[i]}, {command}: {ended}, not {wanted}");
                // The item goes as the order does; only orders are closed, and another one keeps its order open.
                else if (Enum.TryParse<S>(ended, out var order) && command != "another item" && item != (order == S.Closed ? S.Completed : order))
                    wrong.Add($"{States[i]}, {command}: the item is {item}");
                if (!Enum.TryParse<S>(ended, out _) && await StatusAsync(floor, thing) is var kept && kept != (States[i], States[i] == S.Closed ? S.Completed : States[i]))
                    wrong.Add($"{States[i]}, {command} was refused and left {kept}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Every_cell_of_the_hold_ends_as_its_table_says()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var holds = floor.Pms.Get<HoldService>();
        var planner = await ActorAsync(floor, "planner");
        var quality = await ActorAsync(floor, "qc");
        var sup = JobFloor.Sue;
        var wrong = new List<string>();
        // Columns: Open, Lifted, Voided.
        var table = new Dictionary<string, string>
        {
            ["change"] = "Open | changed_by_other | changed_by_other", ["change, no reason"] = "invalid | changed_by_other | changed_by_other", ["lift"] = "Lifted | changed_by_other | changed_by_other",
            ["cancel the order"] = "Voided | Lifted | Voided", ["complete the order"] = "Voided | Lifted | Voided", ["lift another"] = "Open | Lifted | Voided",
        };
        foreach (var (command, row) in table)
            foreach (var (state, wanted) in new[] { "Open", "Lifted", "Voided" }.Zip(row.Split('|', StringSplitOptions.TrimEntries)))
            {
                var thing = await MakeAsync(floor, S.Scheduled, command);
                var other = await holds.OpenAsync(Admin, new OpenHoldRequest(thing.Order, HoldKind.Customer, "Ask again", false));
                var id = await holds.OpenAsync(Admin, new OpenHoldRequest(thing.Order, HoldKind.Material, "No thread", false, ItemId: thing.Item));
                var hold = await holds.GetAsync(Admin, thing.Order, id);
                if (state == "Lifted")
                    await holds.LiftAsync(Admin, id, hold.Version);
                else if (state == "Voided")
                    await floor.Pms.Get<CancelService>().CancelAsync(Admin, new CancelItems(thing.Order, null, "Not wanted"));
                hold = await holds.GetAsync(Admin, thing.Order, id);
                var ended = await RefusalAsync(async () =>
                {
                    switch (command)
                    {
                        case "change": await holds.ChangeAsync(Admin, id, hold.Version, "Still none", new(2026, 1, 9)); break;
                        case "change, no reason": await holds.ChangeAsync(Admin, id, hold.Version, " ", null); break;
                        case "lift": await holds.LiftAsync(Admin, id, hold.Version); break;
                        case "lift another": if (state != "Voided") await holds.LiftAsync(Admin, other, (await holds.GetAsync(Admin, thing.Order, other)).Version); break;
                        case "cancel the order": if (state != "Voided") await floor.Pms.Get<CancelService>().CancelAsync(Admin, new CancelItems(thing.Order, null, "Not wanted")); break;
                        default:
                            if (state == "Voided")
                                break;
                            await EndJobsAsync(floor, thing);
                            foreach (var stage in Stages)
                                await floor.Pms.Get<JobPlanningService>().AcceptShortAsync(Admin, new AcceptShort(thing.Steps[stage], "Enough"));
                            break;
                    }
                }) ?? (await holds.GetAsync(Admin, thing.Order, id)).State.ToString();
                if (ended != wanted)
                    wrong.Add($"{state}, {command}: {ended}, not {wanted}");
            }

        // Who may: planners and supervisors open and lift; a quality hold only quality lifts; for want of stock it is waived with a reason.
        foreach (var (who, kind, opens, lifts) in new[]
        {
            (planner, HoldKind.Material, "", ""), (sup, HoldKind.Machine, "", ""), (quality, HoldKind.Quality, "", ""), (planner, HoldKind.Quality, "", "forbidden"), (JobFloor.Ann, HoldKind.Material, "forbidden", "forbidden"),
            (planner, HoldKind.NoStock, "", "invalid"),
        })
        {
            var thing = await MakeAsync(floor, S.Scheduled, "hold");
            long id = 0;
            // A supervisor's right ends at the department: a step's hold.
            var request = new OpenHoldRequest(thing.Order, kind, "Because", false, StepId: thing.Steps[JobFloor.Cut]);
            var opened = await RefusalAsync(async () => id = await holds.OpenAsync(who, request)) ?? "";
            if (id == 0)
                id = await holds.OpenAsync(Admin, request);
            var lifted = await RefusalAsync(() => holds.LiftAsync(who, id, 1)) ?? "";
            if ((opened, lifted) != (opens, lifts))
                wrong.Add($"{who.Name}, {kind}: opening '{opened}', lifting '{lifted}'");
            if (kind == HoldKind.NoStock)
                await holds.LiftAsync(who, id, 1, "Bought elsewhere");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_reopened_order_takes_its_stock_back_and_is_planned_anew()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var (orders, cancel, planning) = (floor.Pms.Get<OrderService>(), floor.Pms.Get<CancelService>(), floor.Pms.Get<JobPlanningService>());
        var thing = await MakeAsync(floor, S.InProgress, "reopen");   // four cut
        await cancel.CancelAsync(Admin, new CancelItems(thing.Order, null, "Not wanted", Disposition.Stock));
        await orders.ReopenAsync(Admin, new ReopenItems(thing.Order, null, "Wanted after all"), "again");
        await orders.ReopenAsync(Admin, new ReopenItems(thing.Order, null, "Wanted after all"), "again");
        var row = (await orders.GetAsync(Admin, thing.Order)).Items[0];
        Assert.Equal((S.InProgress, null, 6m, 10m), (row.Status, row.Disposition, row.Flow().Need(row.Steps[0].Id), row.Flow().Need(row.Steps[1].Id)));
        await planning.PlanAsync(Admin, new PlanJob(row.Steps[0].Id, 6, floor.Now, End: floor.Now.AddHours(1)));

        // Cancelled once more, the pieces go to scrap: gone, and so the order stays as it is.
        await cancel.CancelAsync(Admin, new CancelItems(thing.Order, null, "Not wanted", Disposition.Scrap));
        Assert.Equal("order.pieces_gone", (await Assert.ThrowsAsync<RuleException>(() => orders.ReopenAsync(Admin, new ReopenItems(thing.Order, null, "Once more")))).Code);
        Assert.Equal(1, await floor.CountAsync("audit WHERE action = 'order.reopen'"));
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    private sealed record Thing(long Order, long Item, IReadOnlyDictionary<long, long> Jobs, IReadOnlyDictionary<long, long> Steps);

    /// <summary>An order of ten over three steps in the state, as its commands bring it there; what the command itself needs is prepared.</summary>
    private static async Task<Thing> MakeAsync(JobFloor floor, S state, string command)
    {
        var jobs = await floor.OrderAsync(10);
        var first = (await floor.JobAsync(jobs[JobFloor.Cut]))!;
        var steps = new Dictionary<long, long>();
        foreach (var (stage, job) in jobs)
            steps[stage] = (await floor.JobAsync(job))!.StepId;
        var thing = new Thing(first.OrderId, first.ItemId, jobs, steps);
        if (state is S.Unscheduled || state is S.InProgress && command == "plan what is needed")
            await CancelJobAsync(floor, jobs[JobFloor.Pack]);
        if (state is S.InProgress)
        {
            await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Cut]));
            await floor.Jobs.ReportAsync(JobFloor.Ann, new ReportJob(jobs[JobFloor.Cut], 4));
            await floor.Jobs.PauseAsync(JobFloor.Ann, new PauseJob(jobs[JobFloor.Cut], JobFloor.StopReason));
            floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
            await floor.Jobs.SetPauseReasonAsync(JobFloor.Ann, new SetPauseReason(jobs[JobFloor.Cut], JobFloor.StopReason));
        }
        else if (state is S.Completed or S.Closed)
        {
            var last = command == "withdraw a short step" ? 9 : 10;
            // The steps before are done as if counted; the last one really is.
            await floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("UPDATE jobs SET status = 'Finished', good = planned, started_at = @Now, finished_at = @Now WHERE order_id = @Order AND stage_id <> 3", new { floor.Now, thing.Order }); });
            await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(jobs[JobFloor.Pack]));
            await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(jobs[JobFloor.Pack], last, Answer: last < 10 ? ShortAnswer.ThatIsAll : null));
            if (last < 10)
                await floor.Pms.Get<JobPlanningService>().AcceptShortAsync(Admin, new AcceptShort(steps[JobFloor.Pack], "Enough"));
            if (state is S.Closed || command == "close, dispatched")
                await floor.Pms.Get<GoodsService>().DispatchAsync(Admin, thing.Order, new DispatchGoods(thing.Item, last));
            if (state is S.Closed)
                await floor.Pms.Get<CloseService>().CloseAsync(Admin, thing.Order);
        }
        else if (state is S.Cancelled)
            await floor.Pms.Get<CancelService>().CancelAsync(Admin, new CancelItems(thing.Order, null, "Not wanted"));
        return thing;
    }

    /// <summary>Ends what is open of the order's jobs: without work cancelled, with work finished short.</summary>
    private static async Task EndJobsAsync(JobFloor floor, Thing t)
    {
        foreach (var job in await floor.Db.ListAsync<long>("SELECT id FROM jobs WHERE order_id = @Order AND status IN ('Planned', 'Paused')", new { t.Order }))
            if ((await floor.JobAsync(job))!.Status == JobStatus.Planned)
                await CancelJobAsync(floor, job);
            else
                await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job, Answer: ShortAnswer.ThatIsAll));
    }

    /// <summary>Whoever still works on the last cell's order leaves the machines to the next one.</summary>
    private static Task FreeAsync(JobFloor floor) => floor.Db.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync("UPDATE machine_runs SET ended_at = @Now, state = 'Closed' WHERE ended_at IS NULL", new { floor.Now });
        await tx.ExecuteAsync("UPDATE work_times SET ended_at = @Now, state = 'Closed' WHERE ended_at IS NULL", new { floor.Now });
        await tx.ExecuteAsync("UPDATE jobs SET status = 'Cancelled' WHERE status = 'Planned'");   // lest the next one be out of its machine's sequence
    });

    private static async Task CancelJobAsync(JobFloor floor, long id) =>
        await floor.Pms.Get<JobPlanningService>().CancelAsync(Admin, new CancelJob(id, "Planned twice", (await floor.JobAsync(id))!.Version));

    private static async Task<(string Ended, S Item)> DoAsync(JobFloor floor, Thing t, string command)
    {
        var refused = await RefusalAsync(() => RunAsync(floor, t, command));
        var (order, item) = await StatusAsync(floor, t);
        return (refused ?? order.ToString(), item);
    }

    private static async Task RunAsync(JobFloor floor, Thing t, string command)
    {
        var pms = floor.Pms;
        var (orders, items, planning, goods) = (pms.Get<OrderService>(), pms.Get<ItemService>(), pms.Get<JobPlanningService>(), pms.Get<GoodsService>());
        var row = (await orders.GetAsync(Admin, t.Order)).Items.First(i => i.Id == t.Item);
        OrderItem Item(decimal quantity, string? reason = "They want more") => new() { Id = t.Item, OrderId = t.Order, Line = row.Line, ProductId = row.ProductId, Quantity = quantity, Version = row.Version, Reason = reason, Surplus = Disposition.Stock };
        switch (command)
        {
            case "plan what is needed": await planning.PlanAsync(Admin, new PlanJob(t.Steps[JobFloor.Pack], 10, floor.Now, End: floor.Now.AddHours(1))); break;
            case "take a planned job back":
                if (row.Status == S.Unscheduled)
                    await CancelJobAsync(floor, t.Jobs[JobFloor.Sew]);
                else
                    await CancelJobAsync(floor, t.Jobs[JobFloor.Pack]);
                break;
            case "start":
                if (row.Status is S.Unscheduled)
                    await StartManualAsync();
                else if (row.Status is S.Completed or S.Cancelled)
                    await StartManualAsync();
                else
                    await floor.Jobs.StartAsync(JobFloor.Ben, new StartJob(t.Jobs[JobFloor.Sew], Reason: "Pieces are here"));
                break;
            case "undo the only start":
                if (row.Status is S.Unscheduled or S.Scheduled)
                    await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(t.Jobs[JobFloor.Cut]));
                else
                    floor.Pms.Clock.Advance(TimeSpan.FromMinutes(1));
                await floor.Jobs.UndoAsync(JobFloor.Ann, new UndoJob(t.Jobs[row.Status is S.Completed or S.Cancelled ? JobFloor.Sew : JobFloor.Cut]));
                break;
            case "finish the rest":
                if (row.Status is S.Completed or S.Cancelled)
                {
                    await StartManualAsync();
                    break;
                }
                if (row.Status is S.Unscheduled)
                    await planning.PlanAsync(Admin, new PlanJob(t.Steps[JobFloor.Pack], 10, floor.Now, End: floor.Now.AddHours(1)));
                foreach (var stage in Stages)
                {
                    var job = (await floor.JobAsync(await floor.Db.ScalarAsync<long>("SELECT MAX(id) FROM jobs WHERE step_id = @step AND status <> 'Cancelled'", new { step = t.Steps[stage] })))!;
                    if (job.Status == JobStatus.Paused)
                        await floor.Jobs.ResumeAsync(JobFloor.Ann, new ResumeJob(job.Id));
                    else
                        await floor.Jobs.StartAsync(JobFloor.Ann, new StartJob(job.Id, MachineId: job.MachineId ?? stage, Reason: "Next"));
                    await floor.Jobs.FinishAsync(JobFloor.Ann, new FinishJob(job.Id, job.Rest));
                }
                break;
            case "accept all steps short":
                if (row.IsOpen)
                    await EndJobsAsync(floor, t);   // accepting ends no job: what is planned or paused still holds the item open
                foreach (var stage in Stages)
                    await planning.AcceptShortAsync(Admin, new AcceptShort(t.Steps[stage], "Enough"));
                break;
            case "withdraw a short step": await planning.WithdrawShortAsync(Admin, new WithdrawShort(t.Steps[JobFloor.Pack], "They want all")); break;
            case "quantity up": await items.SaveAsync(Admin, Item(12)); break;
            case "quantity up, no reason": await items.SaveAsync(Admin, Item(12, null)); break;
            case "quantity down": await items.SaveAsync(Admin, Item(8)); break;
            case "another item": await items.SaveAsync(Admin, await SecondAsync()); break;
            case "change the head":
                var head = (await orders.GetAsync(Admin, t.Order)).Order;
                await orders.SaveAsync(Admin, head with { DueOn = new(2026, 3, 1), Priority = OrderPriority.Urgent });
                Assert.Equal((new DateOnly(2026, 3, 1), OrderPriority.Urgent), (await orders.GetAsync(Admin, t.Order)).Order is var kept ? (kept.DueOn, kept.Priority) : default);
                break;
            case "change the path":
                await orders.SetPathAsync(Admin, new SetPath(t.Item, row.Version, [.. row.Steps.Select(s => new OrderStep
                {
                    Id = s.Id, StageId = s.StageId, SetupMinutes = s.SetupMinutes, RunMinutes = s.StartedJobs > 0 ? s.RunMinutes : 0.7m, Crew = s.Crew, ScrapShare = s.ScrapShare, Factor = s.Factor, TransferQuantity = s.TransferQuantity,
                    Required = s.Required, Parallel = s.Parallel,
                })]));
                break;
            case "undo the last finish": await floor.Jobs.UndoAsync(JobFloor.Ann, new UndoJob(t.Jobs[JobFloor.Pack])); break;
            case "correct a report down":
                var report = await floor.Db.ScalarAsync<long?>("SELECT MAX(r.id) FROM job_reports r JOIN jobs j ON j.id = r.job_id WHERE j.order_id = @order AND r.good > 0", new { order = t.Order }) ?? throw new RuleException("none");
                await pms.Get<Core.Jobs.Time.TimeService>().CorrectReportAsync(Admin, new(report, 2, 0, 0, "Miscounted"));
                break;
            case "close, not dispatched" or "close, dispatched": await pms.Get<CloseService>().CloseAsync(Admin, t.Order); break;
            case "cancel" or "cancel, no reason" or "cancel the item":
                await pms.Get<CancelService>().CancelAsync(Admin, new CancelItems(t.Order, command == "cancel the item" ? t.Item : null, command == "cancel, no reason" ? " " : "Not wanted", Disposition.Stock));
                break;
            case "reopen" or "reopen, no reason" or "reopen the item": await orders.ReopenAsync(Admin, new ReopenItems(t.Order, command == "reopen the item" ? t.Item : null, command == "reopen, no reason" ? "" : "Wanted after all")); break;
            case "hold" or "hold the item": await pms.Get<HoldService>().OpenAsync(Admin, new OpenHoldRequest(t.Order, HoldKind.Material, "No thread", false, ItemId: command == "hold" ? null : t.Item)); break;
            case "mark readiness": await pms.Get<ReadinessService>().SetAsync(Admin, new SetReadiness(ReadinessCheck.Material, ReadinessState.Short, [t.Steps[JobFloor.Sew]])); break;
            case "move material": await goods.MoveAsync(Admin, t.Order, new MoveMaterial(t.Item, MaterialKind.Received, 10)); break;
            case "dispatch more than is there": await goods.DispatchAsync(Admin, t.Order, new DispatchGoods(t.Item, 11, Reason: "Counted at the gate")); break;
            default: throw new NotSupportedException(command);
        }

        Task StartManualAsync() => floor.Jobs.StartManualAsync(JobFloor.Ben, new StartManualJob(t.Steps[JobFloor.Pack], 1, 4, "Nobody planned it"));

        async Task<OrderItem> SecondAsync()
        {
            await floor.Db.InTransactionAsync(async tx =>
            {
                await tx.ExecuteAsync("DELETE FROM product_steps WHERE product_id = 1");
                await tx.ExecuteAsync("INSERT INTO product_steps (product_id, position, stage_id, crew, scrap_share, factor, required, parallel) VALUES (1, 1, 1, 1, 0, 1000000, 1, 0)");
            });
            return new OrderItem { OrderId = t.Order, ProductId = 1, Quantity = 5 };
        }
    }

    private static async Task<(S Order, S Item)> StatusAsync(JobFloor floor, Thing t) =>
        (Enum.Parse<S>((await floor.Db.ScalarAsync<string>("SELECT status FROM orders WHERE id = @Order", new { t.Order }))!), Enum.Parse<S>((await floor.Db.ScalarAsync<string>("SELECT status FROM order_items WHERE id = @Item", new { t.Item }))!));

    private static async Task<string?> RefusalAsync(Func<Task> command)
    {
        try
        {
            await command();
            return null;
        }
        catch (PmsException e)
        {
            return e.Code;
        }
    }

    private static async Task<Actor> ActorAsync(JobFloor floor, string role)
    {
        var user = await floor.Db.InTransactionAsync(async tx =>
        {
            var id = await tx.InsertAsync("INSERT INTO users (user_name, user_name_key, display_name, active, created_at) VALUES (@role, @role, @role, 1, 0)", new { role });
            await tx.ExecuteAsync("INSERT INTO user_roles (user_id, role_id) SELECT @id, r.id FROM roles r WHERE r.code = @role", new { id, role });
            return id;
        });
        await floor.Pms.Get<Rights>().LoadAsync();
        return new Actor { UserId = user, Name = role };
    }
}

public sealed class OrderStateTests_on_SQLite() : OrderStateTests(Engine.Sqlite);

public sealed class OrderStateTests_on_MariaDB() : OrderStateTests(Engine.MySql);
