using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Departments;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Core.Planning.Exceptions;
using Pms.Core.Planning.Promises;
using Pms.Core.Planning.Releases;
using Pms.Core.Planning.Suggestions;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Planning;

public sealed class PlanningInputTests_on_SQLite() : PlanningInputTests(Engine.Sqlite);

public sealed class PlanningInputTests_on_MariaDB() : PlanningInputTests(Engine.MySql);

/// <summary>What can't be meant is named, field by field, and nothing is stored; a plant that is not set up yet answers, too.</summary>
public abstract class PlanningInputTests(Engine engine) : JobFloorTests(engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Theory]
    [InlineData(0, "not_positive")]
    [InlineData(-1, "not_positive")]
    [InlineData(1_000_000_000_000, "too_large")]
    public async Task A_quantity_of_nothing_or_of_a_million_million_is_refused_by_name(long quantity, string code)
    {
        await Floor.PlannerAsync();
        var step = await Floor.StepOfAsync(await Floor.NeedAsync(), JobFloor.Cut);
        var answers = new[]
        {
            await FaultAsync(() => Floor.Pms.Get<JobPlanningService>().PlanAsync(Admin, new PlanJob(step, quantity, PlanningFloor.Tuesday, 1))),
            await FaultAsync(() => Floor.Pms.Get<SuggestionService>().DatesAsync(Admin, new AskDates(step, quantity))),
            await FaultAsync(() => Floor.Pms.Get<PromiseService>().AskAsync(Admin, new AskPromise(1, quantity))),
            await FaultAsync(() => Floor.Pms.Get<PromiseService>().DateAsync(Admin, new AskPromise(1, quantity))),
        };
        Assert.All(answers, a => Assert.Equal("Quantity:" + code, a));
        Assert.Equal("Items[0].Quantity", (await FaultAsync(() => Floor.Pms.Get<OrderService>().CreateAsync(Admin, new CreateOrder(
            new Order { Number = "SO-1", CustomerId = 1, DueOn = new(2026, 2, 1) }, [new OrderItem { ProductId = 1, Quantity = quantity }])))).Split(':')[0]);
        Assert.Equal(0, await Floor.CountAsync("jobs"));
    }

    [Fact]
    public async Task An_order_due_before_it_starts_a_path_without_a_step_to_do_and_a_shift_of_no_hours_are_refused_by_name()
    {
        Assert.Equal("Order.DueOn:before_start", await FaultAsync(() => Floor.Pms.Get<OrderService>().CreateAsync(Admin, new CreateOrder(
            new Order { Number = "SO-1", CustomerId = 1, StartsOn = new(2026, 2, 2), DueOn = new(2026, 2, 1) }, [new OrderItem { ProductId = 1, Quantity = 10 }]))));

        var item = await Floor.ItemOfAsync(await Floor.NeedAsync());
        var orders = Floor.Pms.Get<OrderService>();
        Assert.Equal("Steps:no_required_step", await FaultAsync(() => PathAsync(new OrderStep { StageId = JobFloor.Cut, Required = false })));
        Assert.Equal("Steps:between", await FaultAsync(() => PathAsync()));
        await Floor.ExecuteAsync("INSERT INTO stages (id, department_id, name, name_key, position, kind, active) VALUES (8, 1, 'Dye', 'DYE', 8, 'Bench', 0), (9, 2, 'Print', 'PRINT', 1, 'Bench', 1)");
        await Floor.ExecuteAsync("UPDATE departments SET active = 0 WHERE id = 2");
        Assert.Equal("Steps[1].StageId:stage_not_active", await FaultAsync(() => PathAsync(new OrderStep { StageId = JobFloor.Cut }, new OrderStep { StageId = 8 })));
        Assert.Equal("Steps[0].StageId:stage_not_active", await FaultAsync(() => PathAsync(new OrderStep { StageId = 9 })));

        var calendar = Floor.Pms.Get<CalendarService>();
        Assert.Equal("LengthMinutes:between", await FaultAsync(() => calendar.SaveAsync(Admin, new Shift { Name = "Nothing", Days = Shift.AllDays, LengthMinutes = 0 })));
        Assert.Equal("Days:required", await FaultAsync(() => calendar.SaveAsync(Admin, new Shift { Name = "Never", Days = 0, LengthMinutes = 480 })));

        async Task<bool> PathAsync(params OrderStep[] steps)
        {
            await orders.SetPathAsync(Admin, new SetPath(item, 1, steps));
            return true;
        }
    }

    [Fact]
    public async Task A_step_that_nobody_works_any_more_is_not_planned_and_no_job_stands_before_itself()
    {
        var planning = Floor.Pms.Get<JobPlanningService>();
        var order = await Floor.NeedAsync();
        var (cut, sew) = (await Floor.StepOfAsync(order, JobFloor.Cut), await Floor.StepOfAsync(order, JobFloor.Sew));
        var job = await planning.PlanAsync(Admin, new PlanJob(cut, 100, PlanningFloor.Tuesday, 1));
        await Assert.ThrowsAsync<NotFoundException>(() => planning.SequenceAsync(Admin, new SequenceJob(job.JobId, job.JobId, job.Version)));

        // A step before the one it takes from may be planned, and both jobs show it.
        var early = await planning.PlanAsync(Admin, new PlanJob(sew, 100, PlanningFloor.Tuesday.AddHours(-2), 2));
        Assert.True((await Floor.Pms.Get<ScheduleService>().JobAsync(Admin, early.JobId)).Wrong);
        Assert.True((await Floor.Pms.Get<ScheduleService>().JobAsync(Admin, job.JobId)).Wrong);

        var pack = await Floor.StepOfAsync(order, JobFloor.Pack);
        await Floor.ExecuteAsync("UPDATE stages SET active = 0 WHERE id = @Pack", new { JobFloor.Pack });
        Assert.Equal("release.stage_off", await TryAsync(() => planning.PlanAsync(Admin, new PlanJob(pack, 100, PlanningFloor.Tuesday.AddHours(6), 3))));
        await Floor.ExecuteAsync("UPDATE departments SET active = 0 WHERE id = 1");
        Assert.Equal("release.department_off", await TryAsync(() => planning.PlanAsync(Admin, new PlanJob(pack, 100, PlanningFloor.Tuesday.AddHours(6), 3))));
    }

    [Fact]
    public async Task A_start_or_end_out_of_all_time_is_refused()
    {
        var planning = Floor.Pms.Get<JobPlanningService>();
        var step = await Floor.StepOfAsync(await Floor.NeedAsync(), JobFloor.Cut);
        Assert.Equal("plan.past", await TryAsync(() => planning.PlanAsync(Admin, new PlanJob(step, 100, DateTimeOffset.MinValue, 1))));
        Assert.Equal("Start:too_far", await FaultAsync(() => planning.PlanAsync(Admin, new PlanJob(step, 100, DateTimeOffset.MaxValue, 1))));
        Assert.Equal("End:too_far", await FaultAsync(() => planning.PlanAsync(Admin, new PlanJob(step, 100, PlanningFloor.Tuesday, 1, End: DateTimeOffset.MaxValue))));
        Assert.Equal("End:before_start", await FaultAsync(() => planning.PlanAsync(Admin, new PlanJob(step, 100, PlanningFloor.Tuesday, 1, End: DateTimeOffset.MinValue))));
        var job = await planning.PlanAsync(Admin, new PlanJob(step, 100, PlanningFloor.Tuesday, 1));
        Assert.Equal("plan.past", await TryAsync(() => planning.MoveAsync(Admin, new MoveJob(job.JobId, DateTimeOffset.MinValue, job.Version))));
        Assert.Equal("Start:too_far", await FaultAsync(() => planning.MoveAsync(Admin, new MoveJob(job.JobId, DateTimeOffset.MaxValue, job.Version))));
    }

    [Fact]
    public async Task A_plant_without_any_calendar_says_so_wherever_a_place_is_asked()
    {
        await Floor.ExecuteAsync("DELETE FROM shifts");
        await Floor.Pms.Get<Calendars>().LoadAsync();
        var order = await Floor.NeedAsync();
        var step = await Floor.StepOfAsync(order, JobFloor.Cut);

        Assert.Equal("calendar.no_working_time", await TryAsync(() => Floor.Pms.Get<JobPlanningService>().PlanAsync(Admin, new PlanJob(step, 100, PlanningFloor.Tuesday, 1))));
        var dates = await Floor.Pms.Get<SuggestionService>().DatesAsync(Admin, new AskDates(step, 100));
        Assert.Equal((0, "capacity.no_time"), (dates.Days.Count, dates.Proof?.Code));
        var promise = await Floor.Pms.Get<PromiseService>().AskAsync(Admin, new AskPromise(OrderId: order));
        Assert.Equal(((DateOnly?)null, "capacity.no_time"), (promise.On, promise.Proof?.Code));
        var line = (await Floor.Pms.Get<ReleaseService>().ReleaseAsync(Admin, new([order], EvenLate: true))).Lines.Single();
        Assert.Equal((ReleaseOutcome.NoRoom, "capacity.no_time"), (line.Outcome, line.Proof?.Code));
        Assert.All((await Floor.Pms.Get<CapacityService>().ReadAsync(Admin)).Rows.SelectMany(r => r.Days), d => Assert.Equal(0, d.Capacity));
        var risk = Assert.Single((await Floor.Pms.Get<IssueService>().ListAsync(Admin, new PageRequest())).Items);
        Assert.Equal((IssueKind.AtRisk, (DateTimeOffset?)null), (risk.Kind, risk.Until));
        Assert.Empty((await Floor.Pms.Get<ScheduleService>().WindowAsync(Admin, new(new Span(Floor.Now, Floor.Now.AddDays(7))))).Jobs);
        Assert.Equal(0, await Floor.CountAsync("jobs"));
    }

    /// <summary>"Field:code" of the first fault.</summary>
    private static async Task<string> FaultAsync<T>(Func<Task<T>> command)
    {
        var fault = (await Assert.ThrowsAsync<InvalidException>(command)).Faults[0];
        return $"{fault.Field}:{fault.Why.Code}";
    }
}
