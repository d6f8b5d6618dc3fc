using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

public sealed class JobQueriesTests
{
    public static TheoryData<Engine> Engines => [Engine.Sqlite, Engine.MySql];

    [Theory, MemberData(nameof(Engines))]
    public async Task An_operator_sees_the_planned_sequence_of_the_allocated_machine_and_nothing_else(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        var first = await floor.OrderAsync("SO260117");
        var second = await floor.OrderAsync("SO260122");
        await floor.OrderAsync("SO260123", machine: floor.M15);
        await floor.OrderAsync("SO260199", startsInHours: 24 * 7);

        var scope = await ScopeAsync(pms, floor.AsNomsa);
        Assert.Equal(("Nomsa Dube", "Embroidery", false, null), (scope.Name, scope.Department, scope.WholeDepartment, scope.ClockedInAt));
        Assert.Equal(["M-14"], scope.Machines.Select(m => m.Number));
        Assert.Equal(["Thread break", "Material missing", "Break"], scope.StopReasons.Select(r => r.Word));
        Assert.Equal(["Wrong colour", "Stain or dirt"], scope.ScrapReasons.Select(r => r.Word));

        var jobs = await LoadAsync(pms, scope);
        Assert.Equal([first, second], jobs.Next.Select(j => j.Id));
        Assert.False(jobs.More);
        var card = jobs.Jobs[0];
        Assert.Equal(("SO260117", "Cap 6-panel", "Embroidery", "M-14", 250m, 0m, null), (card.OrderNumber, card.ProductName, card.Stage, card.MachineNumber, card.Rest, card.Good, card.Operator));
        Assert.Equal(new Readiness(ReadinessKind.Ready, 250, 250), card.Readiness);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Who_is_allocated_nowhere_sees_all_of_the_department(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        long[] planned = [await floor.OrderAsync("SO260117"), await floor.OrderAsync("SO260123", machine: floor.M15), await floor.OrderAsync("SO260124", anyMachine: true)];

        var scope = await ScopeAsync(pms, floor.AsThabo);
        Assert.True(scope.WholeDepartment);
        Assert.Equal(planned, (await LoadAsync(pms, scope)).Next.Select(j => j.Id));

        var scanned = (await pms.Get<JobQueries>().ScopeAsync(floor.AsThabo, Today(pms), floor.M15))!;
        Assert.Equal([planned[1]], (await LoadAsync(pms, scanned)).Next.Select(j => j.Id));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_scanned_machine_that_is_not_mine_shows_no_more_than_no_scan_at_all(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        var mine = await floor.OrderAsync("SO260117");
        await floor.OrderAsync("SO260123", machine: floor.M15);
        var foreign = await floor.InsertAsync("machines", new { number = "P-1", number_key = "P-1", name = "Sealer", name_key = "SEALER", department_id = floor.Packing });

        foreach (var machine in new[] { foreign, 9_999 })
        {
            var scope = (await pms.Get<JobQueries>().ScopeAsync(floor.AsNomsa, Today(pms), machine))!;
            Assert.False(scope.WholeDepartment);
            Assert.Equal([mine], (await LoadAsync(pms, scope)).Next.Select(j => j.Id));
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_code_of_another_department_and_one_that_is_not_there_get_the_same_answer(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        var job = await floor.OrderAsync("SO 1");
        await floor.InsertAsync("machines", new { number = "P-1", number_key = "P-1", name = "Sealer", name_key = "SEALER", department_id = floor.Packing });
        var finance = await floor.InsertAsync("departments", new { code = "FIN", code_key = "FIN", name = "Finance", name_key = "FINANCE", kind = "Finance" });
        var far = new Actor { Name = "Far Fourie", EmployeeId = await floor.InsertAsync("employees", new { number = "1009", number_key = "1009", first_name = "Far", last_name = "Fourie", name_key = "FAR FOURIE", department_id = finance, kind = "Operator" }) };
        await pms.Get<Rights>().LoadAsync();
        var queries = pms.Get<JobQueries>();

        foreach (var code in new[] { "M-14", $"J{job}", "SO 1", "P-1", "nothing" })
            Assert.Null(await queries.ScanAsync(far, code));
        Assert.Null(await queries.ScanAsync(floor.AsNomsa, "P-1"));
        Assert.Equal(ScanKind.Order, (await queries.ScanAsync(floor.AsNomsa, "SO 1"))?.Kind);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Readiness_says_the_gravest_thing_first(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        await floor.OrderAsync("SO1", 1000, cut: 120);
        await floor.OrderAsync("SO2", 1000, cut: 0);
        await floor.OrderAsync("SO3", 100);
        await floor.InsertAsync("step_readiness", new { step_id = await floor.StepOfAsync("SO3", 2), what = "Material", state = "Short", by_name = "Store", at = pms.Get<PlantClock>().Now });
        await floor.HoldAsync(await floor.OrderAsync("SO4", 100), "Order", "Quality");
        await floor.HoldAsync(await floor.OrderAsync("SO5", 100), "Item", "Customer");
        await floor.OrderAsync("SO6", 100, machine: floor.M15);
        await floor.InsertAsync("maintenance_tickets", new
        {
            number = "T-1", machine_id = floor.M15, department_id = floor.Embroidery, description = "", severity = "High", stands = true, status = "Open", reported_by = "Thabo",
            opened_at = pms.Get<PlantClock>().Now, stands_from = pms.Get<PlantClock>().Now,
        });

        var jobs = (await LoadAsync(pms, await ScopeAsync(pms, floor.AsThabo))).Jobs.ToDictionary(j => j.OrderNumber, j => j.Readiness);
        Assert.Equal(new Readiness(ReadinessKind.ReadyForSome, 120, 1000, "Cutting"), jobs["SO1"]);
        Assert.Equal(new Readiness(ReadinessKind.WaitingFor, 0, 1000, "Cutting"), jobs["SO2"]);
        Assert.Equal(new Readiness(ReadinessKind.Short, 100, 100, "Material"), jobs["SO3"]);
        Assert.Equal(new Readiness(ReadinessKind.OnHold, 100, 100, "Quality"), jobs["SO4"]);
        Assert.Equal(new Readiness(ReadinessKind.OnHold, 100, 100, "Customer"), jobs["SO5"]);
        Assert.Equal(ReadinessKind.MachineStands, jobs["SO6"].Kind);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_running_job_is_on_top_and_its_clock_goes_on_after_a_pause(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        var job = await floor.OrderAsync("SO260117");
        await floor.OrderAsync("SO260122");
        var (service, nomsa) = (pms.Get<JobService>(), floor.AsNomsa);

        await service.StartAsync(nomsa, new StartJob(job));
        pms.Clock.Advance(TimeSpan.FromMinutes(10));
        await service.ReportAsync(nomsa, new ReportJob(job, 40, 2, 0, floor.WrongColour));
        await service.PauseAsync(nomsa, new PauseJob(job, floor.ThreadBreak));
        pms.Clock.Advance(TimeSpan.FromHours(2));
        var scope = await ScopeAsync(pms, nomsa);
        var paused = Assert.Single((await LoadAsync(pms, scope)).Mine(scope.EmployeeId));
        Assert.Equal((JobStatus.Paused, null, "Thread break", "Nomsa Dube"), (paused.Status, paused.OpenSince, paused.PauseReason, paused.Operator));
        Assert.Equal(TimeSpan.FromMinutes(10), paused.Before);
        Assert.Null(paused.MineSince);
        Assert.NotNull(scope.ClockedInAt);

        await service.ResumeAsync(nomsa, new ResumeJob(job));
        var resumedAt = pms.Get<PlantClock>().Now;
        pms.Clock.Advance(TimeSpan.FromMinutes(4));
        var jobs = await LoadAsync(pms, scope);
        var running = jobs.Jobs[0];
        Assert.Equal((job, JobStatus.Running, JobPhase.Run, resumedAt, resumedAt), (running.Id, running.Status, running.Phase, running.OpenSince, running.MineSince));
        Assert.Equal(TimeSpan.FromMinutes(14), running.RunTime(pms.Get<PlantClock>().Now));
        Assert.Equal(42 * 0.25m / 14, running.Rate(pms.Get<PlantClock>().Now));
        Assert.Equal(job, jobs.ToUndo(floor.Nomsa, pms.Get<PlantClock>().Now)?.Id);
        Assert.Null(jobs.ToUndo(floor.Thabo, pms.Get<PlantClock>().Now));

        pms.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(jobs.ToUndo(floor.Nomsa, pms.Get<PlantClock>().Now));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_finished_job_stays_for_undo_and_a_colleague_sees_who_runs_what(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        long[] jobs = [await floor.OrderAsync("SO1", 10), await floor.OrderAsync("SO2", 10, machine: floor.M15)];
        var service = pms.Get<JobService>();
        await service.StartAsync(floor.AsNomsa, new StartJob(jobs[0]));
        await service.FinishAsync(floor.AsNomsa, new FinishJob(jobs[0], 10));
        await service.StartAsync(floor.AsNomsa, new StartJob(jobs[1]));

        var (nomsa, thabo) = (await ScopeAsync(pms, floor.AsNomsa), await ScopeAsync(pms, floor.AsThabo));
        var mine = await LoadAsync(pms, nomsa);
        Assert.Contains(mine.Jobs, j => j.Id == jobs[0] && j.Status == JobStatus.Finished);
        Assert.Equal([jobs[1]], mine.Mine(floor.Nomsa).Select(j => j.Id));   // mine, though on a machine I am not allocated to
        var other = Assert.Single((await LoadAsync(pms, thabo)).RunningByOthers(floor.Thabo));
        Assert.Equal((jobs[1], "Nomsa Dube", null), (other.Id, other.Operator, other.MineSince));

        var busy = (await pms.Get<JobQueries>().MachinesAsync([floor.Embroidery], floor.EmbroiderStage)).ToDictionary(m => m.Number);
        Assert.Equal((true, false, "SO2", "Nomsa Dube"), (busy["M-14"].Free, busy["M-15"].Free, busy["M-15"].BusyWith, busy["M-15"].BusyBy));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_card_opens_to_instructions_path_and_counts_but_only_in_ones_own_department(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        var job = await floor.OrderAsync("SO1", 100, cut: 60);
        var service = pms.Get<JobService>();
        await service.StartAsync(floor.AsNomsa, new StartJob(job));
        await service.ReportAsync(floor.AsNomsa, new ReportJob(job, 10, 1, 0, floor.WrongColour));

        var details = await pms.Get<JobQueries>().DetailsAsync(floor.AsNomsa, job);
        Assert.Equal("Front logo, 12 cm above the seam.", Assert.Single(details.Instructions).Text);
        Assert.Equal(["Cutting", "Embroidery", "Packing"], details.Flow.Steps.Select(s => s.Stage));
        Assert.Equal(49, details.Flow.Available(details.Job.StepId));
        var report = Assert.Single(details.Reports);
        Assert.Equal((10m, 1m, "Wrong colour", "Nomsa Dube"), (report.Good, report.Scrap, report.ScrapReason, report.Who));

        var cutting = await pms.Db.ScalarAsync<long>("SELECT MIN(id) FROM jobs WHERE stage_id = @CutStage", new { floor.CutStage });
        await Assert.ThrowsAsync<NotFoundException>(() => pms.Get<JobQueries>().DetailsAsync(floor.AsNomsa, cutting));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task An_orders_steps_in_my_department_can_be_made_by_hand_and_codes_lead_to_their_things(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        var job = await floor.OrderAsync("SO 1", 100, cut: 60);
        var queries = pms.Get<JobQueries>();
        var scope = await ScopeAsync(pms, floor.AsNomsa);

        var step = Assert.Single(await queries.ManualStepsAsync(scope, " so  1 "));
        Assert.Equal(("Embroidery", 100m, 100m, 0m), (step.Stage, step.Quantity, step.Open, step.Suggested));
        Assert.Empty(await queries.ManualStepsAsync(scope, "SO9"));

        Assert.Equal(new ScanHit(ScanKind.Machine, floor.M14, "M-14"), await queries.ScanAsync(floor.AsNomsa, "m-14"));
        Assert.Equal(new ScanHit(ScanKind.Job, job, "SO 1"), await queries.ScanAsync(floor.AsNomsa, $"J{job}"));
        Assert.Equal(ScanKind.Order, (await queries.ScanAsync(floor.AsNomsa, "SO 1"))?.Kind);
        Assert.Null(await queries.ScanAsync(floor.AsNomsa, "1001"));   // a person is never a code
        Assert.Null(await queries.ScanAsync(floor.AsNomsa, " "));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task More_than_a_page_is_said_and_not_loaded(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = await PlantAsync(pms);
        for (var i = 0; i < 4; i++)
            await floor.OrderAsync($"SO{i}");
        var jobs = await LoadAsync(pms, await ScopeAsync(pms, floor.AsNomsa), take: 3);
        Assert.Equal((3, true), (jobs.Next.Count(), jobs.More));
    }

    private static Task<OperatorFloor> PlantAsync(TestPms pms) => new OperatorFloor(pms.Db, pms.Get<PlantClock>()).PlantAsync(pms.Get<Rights>(), pms.Get<Calendars>());

    private static DateOnly Today(TestPms pms) => pms.Get<PlantClock>().Today;

    private static async Task<OperatorScope> ScopeAsync(TestPms pms, Actor actor) => (await pms.Get<JobQueries>().ScopeAsync(actor, Today(pms)))!;

    private static Task<OperatorJobs> LoadAsync(TestPms pms, OperatorScope scope, int take = JobQueries.PageSize) =>
        pms.Get<JobQueries>().LoadAsync(TestPms.System, scope, pms.Get<PlantClock>().Now.AddDays(2), take);
}
