using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Imports;
using Pms.Core.Products;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Products;

/// <summary>Specifications, lifecycle and the category tree; and the skills that run out.</summary>
public abstract class ProductTests(Engine engine)
{
    private static readonly Actor Admin = TestPms.System;

    [Fact]
    public async Task Specifications_keep_their_order_and_each_name_is_there_once()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<ProductService>();
        var shirt = await service.SaveAsync(Admin, plant.Shirt with { Specifications = [new() { Name = " Weight ", Value = "180", Unit = "g/m²" }, new() { Name = "Fabric", Value = "Cotton", Unit = " " }] });
        Assert.Equal(["Weight: 180 g/m²", "Fabric: Cotton"], shirt.Specifications.Select(s => s.ToString()));
        shirt = await service.SaveAsync(Admin, shirt with { Specifications = [shirt.Specifications[1], shirt.Specifications[0]] });
        Assert.Equal(["Fabric", "Weight"], (await service.GetAsync(Admin, shirt.Id)).Specifications.Select(s => s.Name));
        Assert.Equal("twice", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, shirt with { Specifications = [new() { Name = "A", Value = "1" }, new() { Name = "a", Value = "2" }] }))).Faults[0].Why.Code);
        Assert.Equal("Specifications[0].Value", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, shirt with { Specifications = [new() { Name = "A" }] }))).Faults[0].Field);
        Assert.Empty((await service.SaveAsync(Admin, shirt with { Specifications = [] })).Specifications);
        Assert.Equal(0, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM product_specifications"));
    }

    [Fact]
    public async Task A_product_goes_from_draft_to_active_to_retired_and_is_never_a_draft_again()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<ProductService>();
        var cap = await service.SaveAsync(Admin, new Product { Code = "CAP", Name = "Cap" });
        Assert.Equal(Lifecycle.Draft, cap.Lifecycle);
        async Task RefusedAsync(Lifecycle to) => Assert.Equal("product_lifecycle", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, cap with { Lifecycle = to }))).Faults[0].Why.Code);
        await RefusedAsync(Lifecycle.Retired);
        cap = await service.SaveAsync(Admin, cap with { Lifecycle = Lifecycle.Active });
        await RefusedAsync(Lifecycle.Draft);
        cap = await service.SaveAsync(Admin, cap with { Lifecycle = Lifecycle.Retired });
        await RefusedAsync(Lifecycle.Draft);
        Assert.Equal(Lifecycle.Active, (await service.SaveAsync(Admin, cap with { Lifecycle = Lifecycle.Active })).Lifecycle);
    }

    [Fact]
    public async Task Categories_are_renamed_moved_and_removed_while_empty_and_a_filter_takes_what_is_below()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<ProductService>();
        var wear = await service.SaveAsync(Admin, new Category { Name = "Workwear" });
        var shirts = await service.SaveAsync(Admin, new Category { Name = "Shirts", ParentId = wear.Id });
        Assert.Equal("taken", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, new Category { Name = "shirts ", ParentId = wear.Id }))).Faults[0].Why.Code);
        var promo = await service.SaveAsync(Admin, new Category { Name = "Shirts" });   // at the top is another place
        await service.SaveAsync(Admin, plant.Shirt with { CategoryId = shirts.Id });
        async Task<int> InAsync(long category) => (await service.ListAsync(Admin, new PageRequest { Filters = new Dictionary<string, string> { ["category"] = $"{category}" } })).Total;
        Assert.Equal((1, 1, 0), (await InAsync(wear.Id), await InAsync(shirts.Id), await InAsync(promo.Id)));
        Assert.Equal((shirts.Id, 1), (await service.CategoryCountsAsync(Admin)).Select(c => (c.CategoryId, c.Products)).Single());
        foreach (var used in new[] { wear, shirts })
            Assert.Equal("in_use", (await Assert.ThrowsAsync<RuleException>(() => service.RemoveCategoryAsync(Admin, used.Id, used.Version))).Code);
        await service.RemoveCategoryAsync(Admin, promo.Id, promo.Version);
        shirts = await service.SaveAsync(Admin, shirts with { ParentId = null, Name = "T-shirts" });
        Assert.Equal((0, null, "T-shirts"), (await InAsync(wear.Id), shirts.ParentId, shirts.Name));
        Assert.Equal("ParentId", (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(Admin, shirts with { ParentId = shirts.Id }))).Faults[0].Field);
    }

    [Fact]
    public async Task Two_who_move_categories_below_each_other_at_once_make_no_ring()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var service = pms.Get<ProductService>();
        for (var round = 0; round < 5; round++)
        {
            var (a, b) = (await service.SaveAsync(Admin, new Category { Name = $"A{round}" }), await service.SaveAsync(Admin, new Category { Name = $"B{round}" }));
            var moved = await Task.WhenAll(MoveAsync(service, a, b), MoveAsync(other.Get<ProductService>(), b, a));
            Assert.True(moved.Count(m => m) <= 1, "a ring");
        }

        static Task<bool> MoveAsync(ProductService service, Category what, Category below) => Task.Run(async () =>
        {
            try
            {
                await service.SaveAsync(Admin, what with { ParentId = below.Id });
                return true;
            }
            catch (PmsException e) when (e is InvalidException or ConflictException) { return false; }
        });
    }

    [Fact]
    public async Task What_stood_as_one_text_becomes_the_first_specification()
    {
        await using var pms = await TestPms.StartAsync(engine);
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM schema_migrations WHERE version = 20");
            await tx.ExecuteAsync("INSERT INTO products (code, code_key, name, name_key, unit, specifications, lifecycle) VALUES ('OLD', 'OLD', 'Old', 'OLD', 'pcs', 'Cotton, 180 g', 'Active'), ('NONE', 'NONE', 'None', 'NONE', 'pcs', NULL, 'Active')");
            await tx.ExecuteAsync("DROP TABLE product_specifications");
        });
        Assert.True(await pms.Get<Migrator>().MigrateAsync() > 0);
        var service = pms.Get<ProductService>();
        var rows = (await service.ListAsync(Admin, new PageRequest())).Items;
        Assert.Equal(["Specification: Cotton, 180 g"], (await service.GetAsync(Admin, rows.Single(r => r.Code == "OLD").Id)).Specifications.Select(s => s.ToString()));
        Assert.Empty((await service.GetAsync(Admin, rows.Single(r => r.Code == "NONE").Id)).Specifications);
    }

    [Fact]
    public async Task Skills_that_run_out_are_listed_by_when()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var (service, today) = (pms.Get<EmployeeService>(), pms.Get<PlantClock>().Today);
        async Task<long> PersonAsync(string number, int days, bool active = true) =>
            (await service.SaveAsync(Admin, plant.Thabo with { Id = 0, Version = 0, Number = number, LastName = number, Active = active, Skills = [new() { StageId = plant.Print.Id, ExpiresOn = today.AddDays(days) }, new() { StageId = plant.Pack.Id }] })).Id;
        foreach (var (number, days) in new[] { ("P-1", -1), ("P0", 0), ("P30", 30), ("P31", 31), ("P60", 60), ("P90", 90), ("P91", 91) })
            await PersonAsync(number, days);
        await PersonAsync("Gone", 5, active: false);
        async Task<string[]> DueAsync(string? due, string name = "due") => [.. (await service.ListSkillsAsync(Admin, new PageRequest { Filters = due is null ? new Dictionary<string, string>() : new() { [name] = due } })).Items.Select(s => s.Number)];
        Assert.Equal(["P-1"], await DueAsync("Expired"));
        Assert.Equal(["P0", "P30"], await DueAsync("30"));
        Assert.Equal(["P0", "P30", "P31", "P60"], await DueAsync("60"));
        Assert.Equal(["P0", "P30", "P31", "P60", "P90"], await DueAsync("90"));
        Assert.Equal(7, (await DueAsync(null)).Length);
        Assert.Empty(await DueAsync($"{plant.Packing.Id}", "department"));
        Assert.Equal("not_valid", (await Assert.ThrowsAsync<InvalidException>(() => DueAsync("45"))).Faults[0].Why.Code);
        // By pages, too: the end of one is where the next begins.
        var first = await service.ListSkillsAsync(Admin, new PageRequest { Size = 3, Cursor = "" });
        Assert.Equal(3, first.Items.Count);
        Assert.Equal("P31", (await service.ListSkillsAsync(Admin, new PageRequest { Size = 3, Cursor = first.Next })).Items[0].Number);
    }
}

public sealed class ProductTests_on_SQLite() : ProductTests(Engine.Sqlite);

public sealed class ProductTests_on_MariaDB() : ProductTests(Engine.MySql);
