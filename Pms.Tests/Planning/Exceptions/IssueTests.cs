using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Planning.Exceptions;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Planning.Exceptions;

/// <summary>Each kind of exception is found when it comes and gone when it is solved; what may not be seen is not there.</summary>
public abstract class IssueTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task Each_kind_comes_and_goes_with_its_cause()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var issues = floor.Pms.Get<IssueService>();
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);

        // Planned ahead on this early shift, due in two weeks: nothing to say.
        var jobs = await OrderAsync(floor, floor.Now.AddMinutes(10));
        var (order, number) = await NameAsync(floor, jobs[JobFloor.Cut]);
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);

        // On hold, of a step, until it is lifted.
        var step = (await floor.JobAsync(jobs[JobFloor.Sew]))!.StepId;
        var hold = await floor.Pms.Get<HoldService>().OpenAsync(Admin, new OpenHoldRequest(order, HoldKind.Material, "No thread", false, new(2026, 1, 9), StepId: step));
        var held = Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.OnHold, number, "Sew", HoldKind.Material, "No thread", (DateTimeOffset?)floor.Now, (long?)JobFloor.Department), (held.Kind, held.OrderNumber, held.Stage!, held.Hold!.Value, held.Note!, held.Since, held.DepartmentId));
        await floor.Pms.Get<HoldService>().LiftAsync(Admin, hold, 1);
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);

        // A quantity that an order book wants of it, until somebody decides.
        var decisions = floor.Pms.Get<OrderDecisionService>();
        await decisions.AskAsync(Admin, order, (await floor.JobAsync(jobs[JobFloor.Cut]))!.ItemId, 250, 300, default);
        var wanted = Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.NeedsDecision, number, (decimal?)300), (wanted.Kind, wanted.OrderNumber, wanted.Pieces));
        var decision = Assert.Single(await decisions.OfOrderAsync(Admin, order));
        await decisions.DismissAsync(Admin, new DismissDecision(decision.Id, decision.Version, "Agreed by telephone"));
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);

        // Meant for Ann, who is away then; or who is no longer there.
        await SetAsync(floor, "UPDATE jobs SET employee_id = 1 WHERE id = @id", jobs[JobFloor.Cut]);
        await floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("INSERT INTO absences (employee_id, starts_at, ends_at, kind) VALUES (1, @from, @to, 'Sick')", new { from = floor.Now, to = floor.Now.AddDays(2) }); });
        var away = Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.ToReassign, IssueCause.Absent, "Ann Arendse", (DateTimeOffset?)floor.Now.AddDays(2), (long?)jobs[JobFloor.Cut]), (away.Kind, away.Cause, away.Person, away.Until, away.JobId));
        await SetAsync(floor, "UPDATE absences SET ends_at = starts_at WHERE @id > 0", 1);
        await SetAsync(floor, "UPDATE employees SET active = 0 WHERE id = @id", 1);
        Assert.Equal(IssueCause.Left, Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items).Cause);
        await SetAsync(floor, "UPDATE employees SET active = 1 WHERE id = @id", 1);

        // The machine stands, is taken out of service, or is closed by the calendar.
        await floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("INSERT INTO maintenance_tickets (number, machine_id, department_id, description, severity, stands, status, reported_by, opened_at) VALUES ('MT-1', 2, 1, 'Belt', 'High', 1, 'Open', 'Ann', @Now)", new { floor.Now }); });
        var lost = Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.LostCapacity, IssueCause.Stands, "M-02", "MT-1", (long?)jobs[JobFloor.Sew]), (lost.Kind, lost.Cause, lost.Machine, lost.Note, lost.JobId));
        await SetAsync(floor, "UPDATE maintenance_tickets SET released_at = @id WHERE id > 0", floor.Now.ToUnixTimeMilliseconds());
        await SetAsync(floor, "UPDATE machines SET retired_at = 0 WHERE id = @id", 3);
        Assert.Equal((IssueCause.Retired, "M-03"), Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items) is var gone ? (gone.Cause, gone.Machine) : default);
        await SetAsync(floor, "UPDATE machines SET retired_at = NULL WHERE id = @id", 3);
        await floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("INSERT INTO calendar_exceptions (machine_id, on_day, kind, reason) VALUES (1, '2026-01-05', 'Closed', 'New floor')"); });
        await floor.Pms.Get<Calendars>().LoadAsync();
        Assert.Equal((IssueCause.Closed, "New floor", "M-01"), Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items) is var shut ? (shut.Cause, shut.Note, shut.Machine) : default);
        await SetAsync(floor, "DELETE FROM calendar_exceptions WHERE id >= @id", 0);
        await floor.Pms.Get<Calendars>().LoadAsync();
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);

        // Pieces rejected later; the job's end passed; the order's day passed.
        await SetAsync(floor, "UPDATE jobs SET later_rejects = 3000000 WHERE id = @id", jobs[JobFloor.Cut]);
        Assert.Equal((IssueKind.Rejected, 3m), Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items) is var bad ? (bad.Kind, bad.Pieces!.Value) : default);
        await SetAsync(floor, "UPDATE jobs SET later_rejects = 0 WHERE id = @id", jobs[JobFloor.Cut]);
        floor.Pms.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal([IssueKind.LateJob, IssueKind.LateJob, IssueKind.LateJob], (await issues.ListAsync(Admin, new PageRequest())).Items.Select(i => i.Kind));
        Assert.Equal([new IssueCount(IssueKind.LateJob, 3)], await issues.CountsAsync(Admin, new PageRequest()));
        await MoveAsync(floor, order, floor.Now.AddMinutes(10));
        await SetAsync(floor, "UPDATE orders SET due_on = '2026-01-04' WHERE id = @id", order);
        var late = Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.LateOrder, new DateOnly(2026, 1, 4)), (late.Kind, late.DueOn!.Value));
        await SetAsync(floor, "UPDATE order_items SET due_on = '2026-01-20' WHERE order_id = @id", order);   // its only item has a day of its own
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);

        // At risk: expected to be done after the last shift of its day. The forecast is half a minute old at most.
        void Later() => floor.Pms.Clock.Advance(TimeSpan.FromSeconds(61));
        var tomorrow = new DateTimeOffset(2026, 1, 6, 9, 0, 0, TimeSpan.Zero);
        await SetAsync(floor, "UPDATE order_items SET due_on = '2026-01-05' WHERE order_id = @id", order);
        Later();
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);
        await SetAsync(floor, "UPDATE jobs SET planned_start = @id, planned_end = @id + 3600000 WHERE last_step = 1", tomorrow.ToUnixTimeMilliseconds());
        Later();
        var risk = Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.AtRisk, IssueCause.PlannedLate, (DateOnly?)new DateOnly(2026, 1, 5)), (risk.Kind, risk.Cause, risk.DueOn));
        Assert.True(risk.Until > tomorrow);
        await SetAsync(floor, "UPDATE jobs SET planned_start = @id, planned_end = @id + 3600000 WHERE stage_id = 2", tomorrow.ToUnixTimeMilliseconds());
        await SetAsync(floor, "UPDATE jobs SET status = 'Cancelled' WHERE id = @id", jobs[JobFloor.Pack]);
        Later();
        Assert.Equal((IssueCause.Unplanned, "Pack", 250m), Assert.Single((await issues.ListAsync(Admin, new PageRequest())).Items) is var open ? (open.Cause, open.Stage, open.Pieces!.Value) : default);
        await SetAsync(floor, "UPDATE order_items SET due_on = '2026-01-12' WHERE order_id = @id", order);
        Later();
        Assert.Empty((await issues.ListAsync(Admin, new PageRequest())).Items);
    }

    [Fact]
    public async Task It_is_searched_filtered_sorted_and_paged_and_shows_only_what_one_may_see()
    {
        await using var floor = await JobFloor.StartAsync(engine);
        var issues = floor.Pms.Get<IssueService>();
        var numbers = new List<string>();
        for (var n = 0; n < 5; n++)
        {
            var jobs = await OrderAsync(floor, floor.Now.AddHours(-n - 3));
            numbers.Add((await NameAsync(floor, jobs[JobFloor.Cut])).Number);
        }
        await SetAsync(floor, "UPDATE jobs SET department_id = 2 WHERE stage_id = @id", JobFloor.Pack);
        var all = await issues.ListAsync(Admin, new PageRequest());
        Assert.Equal((15, numbers[4], floor.Now.AddHours(-7).AddMinutes(15)), (all.Total, all.Items[0].OrderNumber, all.Items[0].Since));
        Assert.Equal(numbers[0], (await issues.ListAsync(Admin, new PageRequest { Sort = "-since" })).Items[0].OrderNumber);
        Assert.Equal(3, (await issues.ListAsync(Admin, new PageRequest { Search = numbers[2].ToLowerInvariant() })).Total);
        Assert.Equal(5, (await issues.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["department"] = "2", ["kind"] = "LateJob,OnHold" } })).Total);
        Assert.Equal(0, (await issues.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["kind"] = "OnHold" } })).Total);
        var walked = new List<long>();
        for (var next = ""; next is not null;)
        {
            var page = await issues.ListAsync(Admin, new PageRequest { Cursor = next, Size = 4, Sort = "-order" });
            walked.AddRange(page.Items.Select(i => i.Id));
            next = page.Next;
        }
        Assert.Equal((await issues.ListAsync(Admin, new PageRequest { Sort = "-order" })).Items.Select(i => i.Id), walked);
        Assert.Equal("kind", (await Assert.ThrowsAsync<InvalidException>(() => issues.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["kind"] = "Nonsense" } }))).Faults[0].Field);
        await Assert.ThrowsAsync<InvalidException>(() => issues.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["colour"] = "red" } }));
        await Assert.ThrowsAsync<InvalidException>(() => issues.ListAsync(Admin, new PageRequest { Sort = "colour" }));
        await Assert.ThrowsAsync<ForbiddenException>(() => issues.ListAsync(JobFloor.Ann, new PageRequest()));
        // Who asks while it is read shares the next reading. SQLite reads without letting go of the thread, so there nobody asks meanwhile.
        var readings = floor.Pms.Get<IssueBoard>().Readings;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => issues.ListAsync(Admin, new PageRequest())));
        Assert.InRange(floor.Pms.Get<IssueBoard>().Readings - readings, 1, engine == Engine.MySql ? 10 : 40);

        // Figures beside the pages: read once a minute for all who watch, counted once for all who may see the same.
        var told = 0;
        using (var one = issues.Watch(() => Interlocked.Increment(ref told)))
        using (var other = issues.Watch(() => Interlocked.Increment(ref told)))
        {
            readings = floor.Pms.Get<IssueBoard>().Readings;
            floor.Pms.Clock.Advance(IssueBoard.Every);
            await Eventually.TrueAsync(() => Volatile.Read(ref told) == 2);
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () => Assert.Equal(15, await issues.CountAsync(Admin)))));
            Assert.Equal(1, floor.Pms.Get<IssueBoard>().Readings - readings);
        }

        // A supervisor sees the own department's.
        var user = await floor.Db.InTransactionAsync(async tx =>
        {
            var id = await tx.InsertAsync("INSERT INTO users (user_name, user_name_key, display_name, employee_id, active, created_at) VALUES ('sue', 'SUE', 'Sue', 5, 1, 0)", new { });
            await tx.ExecuteAsync("INSERT INTO user_roles (user_id, role_id) SELECT @id, r.id FROM roles r WHERE r.code = 'supervisor'", new { id });
            return id;
        });
        await floor.Pms.Get<Rights>().LoadAsync();
        var sue = new Actor { UserId = user, EmployeeId = 5, Name = "Sue" };
        Assert.Equal((10, 10), ((await issues.ListAsync(sue, new PageRequest())).Total, await issues.CountAsync(sue)));
        Assert.Equal(0, (await issues.ListAsync(sue, new PageRequest { Filters = new Dictionary<string, string> { ["department"] = "2" } })).Total);
    }

    /// <summary>An order of 250 whose three steps are planned one after the other, each for a quarter of an hour.</summary>
    private static async Task<Dictionary<long, long>> OrderAsync(JobFloor floor, DateTimeOffset from)
    {
        var jobs = await floor.OrderAsync();
        await MoveAsync(floor, (await floor.JobAsync(jobs[JobFloor.Cut]))!.OrderId, from);
        return jobs;
    }

    private static Task MoveAsync(JobFloor floor, long order, DateTimeOffset from) => floor.Db.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync("UPDATE jobs SET planned_start = @from + (stage_id - 1) * 900000, planned_end = @from + stage_id * 900000 WHERE order_id = @order", new { from = from.ToUnixTimeMilliseconds(), order });
    });

    private static async Task<(long Id, string Number)> NameAsync(JobFloor floor, long job)
    {
        var id = (await floor.JobAsync(job))!.OrderId;
        return (id, (await floor.Db.ScalarAsync<string>("SELECT number FROM orders WHERE id = @id", new { id }))!);
    }

    private static Task SetAsync(JobFloor floor, string sql, long id) => floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync(sql, new { id }); });
}

public sealed class IssueTests_on_SQLite() : IssueTests(Engine.Sqlite);

public sealed class IssueTests_on_MariaDB() : IssueTests(Engine.MySql);
