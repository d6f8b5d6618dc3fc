using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Machines;
using Pms.Core.Products;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Machines;

/// <summary>Employees, machines, allocations and products as people edit them.</summary>
public abstract class MasterDataTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task An_employee_keeps_departments_and_skills_and_the_list_finds_them()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<EmployeeService>();
        var thabo = await service.SaveAsync(Admin, plant.Thabo with
        {
            FurtherDepartments = [plant.Packing.Id, plant.Printing.Id], Skills = [new() { StageId = plant.Pack.Id, ExpiresOn = new(2026, 12, 31) }, new() { StageId = plant.Print.Id }], HiredOn = new(2020, 2, 29),
        });
        Assert.Equal([plant.Packing.Id], thabo.FurtherDepartments);
        Assert.Equal([(plant.Print.Id, null), (plant.Pack.Id, new DateOnly(2026, 12, 31))], thabo.Skills.Select(s => (s.StageId, s.ExpiresOn)));
        Assert.Equal((new DateOnly(2020, 2, 29), 2), (thabo.HiredOn, thabo.Version));
        Assert.Equal(thabo.Version, (await service.SaveAsync(Admin, thabo)).Version);

        foreach (var (name, value, found) in new[] { ("department", $"{plant.Packing.Id}", 1), ("stage", $"{plant.Print.Id}", 1), ("kind", "Cutter", 0), ("active", "true", 1) })
            Assert.Equal(found, (await service.ListAsync(Admin, new PageRequest { Search = "moko", Filters = new Dictionary<string, string> { [name] = value } })).Total);
        Assert.Equal("taken", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, thabo with { Id = 0, Number = "e001" }))).Faults[0].Why.Code);
        Assert.Equal("DepartmentId", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, thabo with { DepartmentId = 999 }))).Faults[0].Field);
        Assert.Equal("Email", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, thabo with { Email = "thabo@" }))).Faults[0].Field);
    }

    [Fact]
    public async Task An_absence_shows_in_the_list_while_it_lasts()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<EmployeeService>();
        var absence = await service.SaveAsync(Admin, new Absence { EmployeeId = plant.Thabo.Id, StartsAt = TestPms.Start.AddHours(1), EndsAt = TestPms.Start.AddHours(9), Kind = AbsenceKind.Sick });
        Assert.False((await service.ListAsync(Admin, new PageRequest())).Items[0].Absent);
        pms.Clock.Advance(TimeSpan.FromHours(2));
        Assert.True((await service.ListAsync(Admin, new PageRequest())).Items[0].Absent);
        Assert.Equal("before_start", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, absence with { EndsAt = absence.StartsAt }))).Faults[0].Why.Code);
        await service.RemoveAbsenceAsync(Admin, absence.Id, absence.Version);
        Assert.Empty(await service.AbsencesAsync(Admin, plant.Thabo.Id));
    }

    [Fact]
    public async Task A_machine_is_retired_and_comes_back_and_a_used_one_is_not_removed()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<MachineService>();
        Assert.Equal((1.25m, 1), (plant.Press.SpeedFactor, plant.Press.Stages.Count));
        await pms.Get<AllocationService>().SaveAsync(Admin, new Allocation { EmployeeId = plant.Thabo.Id, MachineId = plant.Press.Id, FromDay = new(2026, 1, 1) });
        Assert.Equal("in_use", (await Assert.ThrowsAsync<RuleException>(() => service.RemoveAsync(Admin, plant.Press.Id, plant.Press.Version))).Code);

        var retired = await service.RetireAsync(Admin, plant.Press.Id, plant.Press.Version, true);
        Assert.NotNull(retired.RetiredAt);
        Assert.Equal(MachineCondition.Retired, (await service.ListAsync(Admin, new PageRequest { Search = "m-01" })).Items[0].Condition);
        Assert.Equal(0, (await service.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["retired"] = "false" } })).Total);
        Assert.Equal("machine.retired", (await Assert.ThrowsAsync<RuleException>(() => pms.Get<AllocationService>().SaveAsync(Admin, new Allocation { EmployeeId = plant.Thabo.Id, MachineId = plant.Press.Id, FromDay = new(2026, 1, 1) }))).Code);
        Assert.Null((await service.RetireAsync(Admin, retired.Id, retired.Version, false)).RetiredAt);
        await Assert.ThrowsAsync<ConflictException>(() => service.SaveAsync(Admin, plant.Press with { Name = "Old copy" }));
    }

    [Fact]
    public async Task A_broken_machine_shows_as_such()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(
            """
            INSERT INTO maintenance_tickets (number, machine_id, department_id, description, severity, stands, status, reported_by, opened_at)
            VALUES ('T1', @Id, @DepartmentId, 'x', 'High', 1, 'Open', 'x', 1)
            """, new { plant.Press.Id, plant.Press.DepartmentId }));
        Assert.Equal((MachineCondition.Broken, false), (await pms.Get<MachineService>().ListAsync(Admin, new PageRequest())).Items.Select(m => (m.Condition, m.InUse)).Single());
    }

    [Fact]
    public async Task A_work_centre_and_a_meter_reading_are_kept()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<MachineService>();
        var centre = await service.SaveAsync(Admin, new WorkCentre { DepartmentId = plant.Printing.Id, Code = "WC1", Name = "Carousels" });
        Assert.Equal(centre.Id, (await service.SaveAsync(Admin, plant.Press with { WorkCentreId = centre.Id })).WorkCentreId);
        await service.ReadMeterAsync(Admin, new MeterReading { MachineId = plant.Press.Id, At = TestPms.Start, Kind = MeterKind.Hours, Value = 1234.5m });
        Assert.Equal(1234.5m, Assert.Single(await service.ReadingsAsync(Admin, plant.Press.Id)).Value);
        await Assert.ThrowsAsync<InvalidException>(() => service.ReadMeterAsync(Admin, new MeterReading { MachineId = plant.Press.Id, At = TestPms.Start.AddDays(1), Value = 1 }));
    }

    [Fact]
    public async Task One_primary_per_machine_shift_and_day()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var ana = await pms.Get<EmployeeService>().SaveAsync(Admin, plant.Thabo with { Id = 0, Number = "E002", FirstName = "Ana", Version = 0 });
        var service = pms.Get<AllocationService>();
        Allocation Of(long who, int from, int? to, long? shift = null, AllocationLevel level = AllocationLevel.Primary) =>
            new() { EmployeeId = who, MachineId = plant.Press.Id, Level = level, ShiftId = shift, FromDay = new(2026, 1, from), ToDay = to is { } t ? new(2026, 1, t) : null };
        var first = await service.SaveAsync(Admin, Of(plant.Thabo.Id, 5, 9));
        var refused = await Assert.ThrowsAsync<RuleException>(() => service.SaveAsync(Admin, Of(ana.Id, 9, null)));
        Assert.Equal(("allocation.primary_taken", "Thabo Mokoena"), (refused.Code, (string)refused.Args[0]!));
        var shift = await pms.Get<CalendarService>().SaveAsync(Admin, new Shift { DepartmentId = plant.Press.DepartmentId, Name = "Early", StartsMinute = 360, LengthMinutes = 480, Days = Shift.AllDays });
        await Assert.ThrowsAsync<RuleException>(() => service.SaveAsync(Admin, Of(ana.Id, 1, 5, shift.Id)));
        await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, Of(ana.Id, 1, 4, shift.Id + 1)));
        await service.SaveAsync(Admin, Of(ana.Id, 5, 9, level: AllocationLevel.Backup));
        await service.SaveAsync(Admin, Of(ana.Id, 10, null));
        first = await service.SaveAsync(Admin, first with { ToDay = new(2026, 1, 8) });
        Assert.Equal(3, (await service.ListAsync(Admin, new(2026, 1, 1), new(2026, 1, 31))).Count);
        Assert.Equal("Thabo Mokoena", (await service.ListAsync(Admin, new(2026, 1, 6), new(2026, 1, 6)))[0].Employee);
        await service.RemoveAsync(Admin, first.Id, first.Version);
        await Assert.ThrowsAsync<NotFoundException>(() => service.RemoveAsync(Admin, first.Id, first.Version));
    }

    [Fact]
    public async Task Of_many_primaries_saved_at_once_one_is_stored()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await using var other = await pms.AnotherNodeAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            try
            {
                await (i % 2 == 0 ? pms : other).Get<AllocationService>().SaveAsync(Admin, new Allocation { EmployeeId = plant.Thabo.Id, MachineId = plant.Press.Id, FromDay = new(2026, 1, 5) });
                return true;
            }
            catch (PmsException e) when (e is RuleException or ConflictException) { return false; }
        })));
        Assert.Single(outcomes, stored => stored);
        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM allocations"));
    }

    [Fact]
    public async Task A_product_keeps_the_ids_of_its_variants_and_the_order_of_its_path()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<ProductService>();
        var shirt = plant.Shirt;
        Assert.Equal([plant.Print.Id, plant.Pack.Id], shirt.Steps.Select(s => s.StageId));
        Assert.Equal((0.4m, 0.02m, 1m, 1), shirt.Steps.Select(s => (s.RunMinutes!.Value, s.ScrapShare, s.Factor, s.Crew)).First());
        Assert.Equal("Flash between colours.", shirt.Instructions[0].Text);

        var changed = await service.SaveAsync(Admin, shirt with { Variants = [shirt.Variants[1], new() { Size = "XL" }], Steps = [.. shirt.Steps.Reverse()], Unit = "m", Decimals = 2 });
        Assert.Equal([("M", true), ("XL", true), ("S", false)], changed.Variants.Select(v => (v.Size, v.Active)));
        Assert.Equal(shirt.Variants[1].Id, changed.Variants[0].Id);
        Assert.Equal([plant.Pack.Id, plant.Print.Id], changed.Steps.Select(s => s.StageId));
        Assert.Equal(2, (await service.ListAsync(Admin, new PageRequest { Search = "t-sh" })).Items[0].Variants);
        Assert.Empty((await service.ListAsync(Admin, new PageRequest { Search = "shirt" })).Items);   // by its beginning, for tens of thousands
        Assert.Equal("Variants", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, changed with { Variants = [new() { Id = 999, Size = "Q" }] }))).Faults[0].Field);
        Assert.Equal("Steps[0].StageId", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, changed with { Steps = [new() { StageId = 999 }] }))).Faults[0].Field);
        Assert.Equal("Instructions[0].Link", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, changed with { Instructions = [new() { Text = "x", Link = "javascript:alert(1)" }] }))).Faults[0].Field);
    }

    [Fact]
    public async Task A_category_is_never_below_itself()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<ProductService>();
        var top = await service.SaveAsync(Admin, new Category { Name = "Garments" });
        var below = await service.SaveAsync(Admin, new Category { Name = "Shirts", ParentId = top.Id });
        Assert.Equal("ParentId", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, top with { ParentId = below.Id }))).Faults[0].Field);
        Assert.Equal("ParentId", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, new Category { Name = "x", ParentId = 999 }))).Faults[0].Field);
        Assert.Equal(2, (await service.CategoriesAsync(Admin)).Count);
    }
}

public sealed class MasterDataTests_on_SQLite() : MasterDataTests(Engine.Sqlite);

public sealed class MasterDataTests_on_MariaDB() : MasterDataTests(Engine.MySql);
