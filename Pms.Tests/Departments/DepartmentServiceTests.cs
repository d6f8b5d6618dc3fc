using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Tests.Support;

namespace Pms.Tests.Departments;

/// <summary>Departments, stages, shifts and reasons as people edit them.</summary>
public abstract class DepartmentServiceTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    private static Task<Department> MakeAsync(TestPms pms, string code, string? name = null) =>
        pms.Get<DepartmentService>().SaveAsync(Admin, new Department { Code = code, Name = name ?? code + " hall", CapacityPerDay = 1200.5m });

    [Fact]
    public async Task A_department_comes_back_as_it_was_saved_with_its_audit()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var made = await service.SaveAsync(Admin, new Department { Code = " emb ", Name = "Stickerei Süd", Kind = DepartmentKind.Branding, DailyTarget = 900 });
        Assert.Equal(("emb", 1, true, 900m), (made.Code, made.Version, made.Active, made.DailyTarget));

        var changed = await service.SaveAsync(Admin, made with { Name = "Embroidery", DailyTarget = null });
        Assert.Equal(("Embroidery", 2, null), (changed.Name, changed.Version, changed.DailyTarget));
        var audit = await pms.Db.ListAsync<(string Action, string Changes)>("SELECT action, changes FROM audit WHERE entity = 'department' ORDER BY id");
        Assert.Equal(["department.create", "department.update"], audit.Select(a => a.Action));
        Assert.Equal("""{"Name":["Stickerei Süd","Embroidery"],"DailyTarget":[900,null]}""", audit[1].Changes);
    }

    [Fact]
    public async Task A_save_that_changes_nothing_writes_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var made = await MakeAsync(pms, "EMB");
        Assert.Equal(made, await pms.Get<DepartmentService>().SaveAsync(Admin, made));
        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM audit WHERE entity = 'department'"));
    }

    [Fact]
    public async Task The_second_to_save_is_told_who_was_first()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var made = await MakeAsync(pms, "EMB");
        await service.SaveAsync(Actor.System("Nomsa"), made with { Name = "One" });
        var refused = await Assert.ThrowsAsync<ConflictException>(() => service.SaveAsync(Admin, made with { Name = "Two" }));
        Assert.Equal("changed_by_other", refused.Code);
        Assert.Equal("Nomsa", refused.Args[0]);
        Assert.IsType<DateTimeOffset>(refused.Args[1]);
        Assert.Equal("One", (await service.GetAsync(Admin, made.Id)).Name);
    }

    [Fact]
    public async Task Of_many_saves_at_once_one_wins()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var made = await MakeAsync(pms, "EMB");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            try { await service.SaveAsync(Admin, made with { Name = $"Name {i}" }); return true; }
            catch (ConflictException) { return false; }
        }));
        Assert.Single(outcomes, won => won);
        Assert.Equal(2, (await service.GetAsync(Admin, made.Id)).Version);
    }

    [Fact]
    public async Task A_taken_code_is_said_beside_the_field_whatever_its_case_or_accents()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await MakeAsync(pms, "Émb");
        var refused = await Assert.ThrowsAsync<InvalidException>(() => MakeAsync(pms, "EMB"));
        Assert.Equal(("Code", "taken"), (refused.Faults[0].Field, refused.Faults[0].Why.Code));
    }

    [Theory]
    [InlineData("", "x", "Code")]
    [InlineData("x", " \t ", "Name")]
    [InlineData("123456789012345678901234567890123", "x", "Code")]
    public async Task Bad_fields_are_named(string code, string name, string field)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var refused = await Assert.ThrowsAsync<InvalidException>(() => pms.Get<DepartmentService>().SaveAsync(Admin, new Department { Code = code, Name = name }));
        Assert.Equal(field, Assert.Single(refused.Faults).Field);
    }

    [Fact]
    public async Task The_list_searches_filters_sorts_and_pages()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        for (var i = 1; i <= 12; i++)
            await service.SaveAsync(Admin, new Department { Code = $"D{i:00}", Name = i % 2 == 0 ? $"Printing {i}" : $"Größe {i}", Active = i != 12, Kind = i == 3 ? DepartmentKind.Quality : DepartmentKind.Branding });

        var page = await service.ListAsync(Admin, new PageRequest { Sort = "-code", Size = 5, Index = 1 });
        Assert.Equal((12, "D07"), (page.Total, page.Items[0].Code));
        Assert.Equal(6, (await service.ListAsync(Admin, new PageRequest { Search = "GRÖßE" })).Total);
        Assert.Equal(6, (await service.ListAsync(Admin, new PageRequest { Search = "rint" })).Total);
        Assert.Equal("D12", Assert.Single((await service.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["active"] = "false" } })).Items).Code);
        Assert.Equal("D03", Assert.Single((await service.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["kind"] = "quality,Finance" } })).Items).Code);
        Assert.Empty((await service.ListAsync(Admin, new PageRequest { Search = "100%_" })).Items);
    }

    [Theory]
    [InlineData("sort", "nope; DROP TABLE departments")]
    [InlineData("color", "red")]
    [InlineData("kind", "Purple")]
    [InlineData("active", "maybe")]
    public async Task A_list_refuses_what_it_does_not_know(string name, string value)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var request = name == "sort" ? new PageRequest { Sort = value } : new PageRequest { Filters = new Dictionary<string, string> { [name] = value } };
        var refused = await Assert.ThrowsAsync<InvalidException>(() => pms.Get<DepartmentService>().ListAsync(Admin, request));
        Assert.Equal(name, refused.Faults[0].Field);
    }

    [Fact]
    public async Task Stages_keep_their_order_when_one_moves()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var d = await MakeAsync(pms, "EMB");
        foreach (var (name, i) in new[] { "Hooping", "Stitching", "Trimming", "Packing" }.Select((n, i) => (n, i)))
            await service.SaveStageAsync(Admin, new Stage { DepartmentId = d.Id, Name = name, Position = i + 1, RunMinutes = 0.35m });
        var stages = await service.StagesAsync(Admin, d.Id);
        await service.MoveStageAsync(Admin, stages[3].Id, 1);
        Assert.Equal(["Hooping", "Packing", "Stitching", "Trimming"], (await service.StagesAsync(Admin, d.Id)).Select(s => s.Name));
        Assert.Equal(0.35m, stages[0].RunMinutes);
    }

    [Fact]
    public async Task What_is_referred_to_stays_and_what_is_not_goes()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var d = await MakeAsync(pms, "EMB");
        var stage = await service.SaveStageAsync(Admin, new Stage { DepartmentId = d.Id, Name = "Hooping" });
        Assert.Equal("in_use", (await Assert.ThrowsAsync<RuleException>(() => service.RemoveAsync(Admin, d.Id, d.Version))).Code);
        await service.RemoveStageAsync(Admin, stage.Id, stage.Version);
        await service.RemoveAsync(Admin, d.Id, d.Version);
        await Assert.ThrowsAsync<NotFoundException>(() => service.GetAsync(Admin, d.Id));
    }

    [Fact]
    public async Task A_person_without_the_right_reads_and_changes_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var d = await MakeAsync(pms, "EMB");
        var nobody = new Actor { Name = "Nobody", UserId = 999 };
        var service = pms.Get<DepartmentService>();
        await Assert.ThrowsAsync<ForbiddenException>(() => service.ListAsync(nobody, new PageRequest()));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.GetAsync(nobody, d.Id));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.SaveAsync(nobody, d with { Name = "x" }));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.RemoveAsync(nobody, d.Id, 1));
        await Assert.ThrowsAsync<ForbiddenException>(() => service.ActiveAsync(nobody));
    }

    [Fact]
    public async Task A_shift_is_in_force_once_saved_with_its_breaks()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<CalendarService>();
        var clock = pms.Get<PlantClock>();
        var d = await MakeAsync(pms, "EMB");
        var shift = await service.SaveAsync(Admin, new Shift { DepartmentId = d.Id, Name = "Night", StartsMinute = 22 * 60, LengthMinutes = 480, ValidFrom = new(2026, 1, 1), Breaks = [new() { AfterMinutes = 120, LengthMinutes = 30 }] });
        var at = clock.At(new(2026, 1, 6), 3 * 60);
        Assert.Equal(new DateOnly(2026, 1, 5), pms.Get<Calendars>().Now.ProductionDay(d.Id, null, at));
        Assert.Single(pms.Get<Calendars>().Now.ShiftAt(d.Id, null, at)!.Breaks);
        Assert.Null(pms.Get<Calendars>().Now.ShiftAt(d.Id + 1, null, at));

        var moved = await service.SaveAsync(Admin, shift with { StartsMinute = 23 * 60, Breaks = [] });
        Assert.Equal((2, 0), (moved.Version, moved.Breaks.Count));
        var closed = await service.SaveAsync(Admin, new CalendarException { DepartmentId = d.Id, OnDay = new(2026, 1, 5), Kind = ExceptionKind.Closed, Reason = "Inventory", StartsMinute = 5 });
        Assert.Null(closed.StartsMinute);
        Assert.Null(pms.Get<Calendars>().Now.ShiftAt(d.Id, null, at));
        await service.RemoveExceptionAsync(Admin, closed.Id, closed.Version);
        Assert.NotNull(pms.Get<Calendars>().Now.ShiftAt(d.Id, null, at));
        Assert.Equal(moved.Id, Assert.Single(await service.ShiftsAsync(Admin, d.Id, null)).Id);
        Assert.Empty(await service.ShiftsAsync(Admin, null, null));
        await service.RemoveAsync(Admin, moved.Id, moved.Version);
        Assert.Null(pms.Get<Calendars>().Now.ShiftAt(d.Id, null, at));
    }

    [Fact]
    public async Task Another_node_hears_of_a_new_shift_by_itself()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var calendars = pms.Get<Calendars>();
        await using var other = await pms.AnotherNodeAsync();
        await other.Get<CalendarService>().SaveAsync(Admin, new Shift { Name = "Day", StartsMinute = 360, LengthMinutes = 480 });
        pms.Clock.Advance(Calendars.Every);
        await Eventually.TrueAsync(() => calendars.Now.ShiftAt(1, null, pms.Get<PlantClock>().At(new(2026, 1, 6), 500)) is not null);
    }

    [Theory]
    [InlineData(0, 30, "Breaks[0]", false)]
    [InlineData(470, 30, "Breaks[0]", true)]
    public async Task A_break_lies_within_its_shift(int after, int length, string field, bool refused)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var shift = new Shift { Name = "Day", StartsMinute = 360, LengthMinutes = 480, Breaks = [new() { AfterMinutes = after, LengthMinutes = length }] };
        if (refused)
            Assert.Equal(field, (await Assert.ThrowsAsync<InvalidException>(() => pms.Get<CalendarService>().SaveAsync(Admin, shift))).Faults[0].Field);
        else
            await pms.Get<CalendarService>().SaveAsync(Admin, shift);
    }

    [Fact]
    public async Task A_new_plant_has_reasons_once_and_a_department_may_have_its_own()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<ReasonService>();
        await using var other = await pms.AnotherNodeAsync();
        await Task.WhenAll(service.SeedAsync(), other.Get<ReasonService>().SeedAsync());
        await service.SeedAsync();
        Assert.Equal(ReasonSeed.All.Count, (await service.AllAsync(Admin)).Count);

        var d = await MakeAsync(pms, "EMB");
        var stops = await service.PickAsync(Admin, ReasonList.Stop, d.Id);
        Assert.Equal("material", stops[0].Code);
        Assert.All(stops, s => Assert.NotNull(s.KpiClass));
        Assert.Contains(stops, s => s is { OpensTicket: true, KpiClass: KpiClass.Technical });

        var own = await service.SaveAsync(Admin, new Reason { List = ReasonList.Stop, DepartmentId = d.Id, Code = "material", Word = "Thread torn", Icon = "thread", KpiClass = KpiClass.Technical });
        Assert.Equal([own.Id], (await service.PickAsync(Admin, ReasonList.Stop, d.Id)).Select(r => r.Id));
        Assert.Equal("taken", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, own with { Id = 0, Code = "MATERIAL" }))).Faults[0].Why.Code);
        Assert.Equal("fixed", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, own with { List = ReasonList.Scrap }))).Faults[0].Why.Code);
    }

    [Fact]
    public void Every_seeded_reason_is_well_formed() => Assert.All(ReasonSeed.All, r => Assert.True(new ReasonValidator().Validate(r).IsValid, r.Code));
}

public sealed class DepartmentServiceTests_on_SQLite() : DepartmentServiceTests(Engine.Sqlite);

public sealed class DepartmentServiceTests_on_MariaDB() : DepartmentServiceTests(Engine.MySql);
