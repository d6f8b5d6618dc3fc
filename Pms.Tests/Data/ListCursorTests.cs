using Pms.Core;
using Pms.Core.Departments;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>A list read by cursor shows every row once, in order, whatever is made meanwhile; a foreign or broken cursor is refused.</summary>
public abstract class ListCursorTests(Engine engine)
{
    [Theory]
    [InlineData("position"), InlineData("-position"), InlineData("target"), InlineData("-target"), InlineData("kind"), InlineData("-name")]
    public async Task Every_row_comes_once_and_in_order(string sort)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        for (var i = 0; i < 17; i++)
            await service.SaveAsync(TestPms.System, new Department { Code = $"D{i}", Name = $"Hall {i % 5}", Position = i % 3, Kind = (DepartmentKind)(i % 4), DailyTarget = i % 4 == 0 ? null : i % 6 });
        var whole = (await service.ListAsync(TestPms.System, new PageRequest { Sort = sort, Size = 200 })).Items.Select(d => d.Id).ToList();

        var (paged, cursor, pages) = (new List<long>(), (string?)"", 0);
        while (cursor is not null)
        {
            var page = await service.ListAsync(TestPms.System, new PageRequest { Sort = sort, Size = 4, Cursor = cursor });
            paged.AddRange(page.Items.Select(d => d.Id));
            Assert.Equal(17, page.Total);
            (cursor, pages) = (page.Next, pages + 1);
        }
        Assert.Equal(whole, paged);
        Assert.Equal(5, pages);
    }

    [Fact]
    public async Task Rows_made_or_removed_meanwhile_shift_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var made = new List<Department>();
        foreach (var code in (string[])["B", "D", "F", "H"])
            made.Add(await service.SaveAsync(TestPms.System, new Department { Code = code, Name = code }));
        var first = await service.ListAsync(TestPms.System, new PageRequest { Sort = "code", Size = 2, Cursor = "" });
        await service.SaveAsync(TestPms.System, new Department { Code = "A", Name = "A" });
        await service.RemoveAsync(TestPms.System, made[1].Id, 1);
        var second = await service.ListAsync(TestPms.System, new PageRequest { Sort = "code", Size = 2, Cursor = first.Next });
        Assert.Equal(["B", "D", "F", "H"], first.Items.Concat(second.Items).Select(d => d.Code));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_cursor_that_is_not_of_this_list_is_refused()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        foreach (var code in (string[])["A", "B", "C"])
            await service.SaveAsync(TestPms.System, new Department { Code = code, Name = code });
        var next = (await service.ListAsync(TestPms.System, new PageRequest { Sort = "code", Size = 1, Cursor = "" })).Next!;
        foreach (var (cursor, sort, code) in new[] { ("nonsense!", "code", "bad_cursor"), ("AAAA", "code", "bad_cursor"), (new string('A', 9000), "code", "bad_cursor"), ("WzEsMl0", "code", "bad_cursor"), (next, "-code", "cursor_of_other_list") })
        {
            var refused = await Assert.ThrowsAsync<InvalidException>(() => service.ListAsync(TestPms.System, new PageRequest { Sort = sort, Size = 1, Cursor = cursor }));
            Assert.Equal(("cursor", code), (refused.Faults[0].Field, refused.Faults[0].Why.Code));
        }
    }

    [Fact]
    public async Task An_unknown_order_or_filter_is_refused_with_those_that_are_known()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var sort = await Assert.ThrowsAsync<InvalidException>(() => service.ListAsync(TestPms.System, new PageRequest { Sort = "colour" }));
        Assert.Equal(["position", "code", "name", "kind", "target"], (string[])sort.Faults[0].Why.Args[1]!);
        var filter = await Assert.ThrowsAsync<InvalidException>(() => service.ListAsync(TestPms.System, new PageRequest { Filters = new Dictionary<string, string> { ["colour"] = "red" } }));
        Assert.Equal(["active", "kind"], (string[])filter.Faults[0].Why.Args[1]!);
    }

    [Fact]
    public async Task A_save_that_comes_again_under_its_key_is_one_save()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var service = pms.Get<DepartmentService>();
        var anna = TestPms.System with { CommandKey = "k1" };
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => service.SaveAsync(anna, new Department { Code = "EMB", Name = "Embroidery" }))));
        Assert.Single(made.Select(d => d.Id).Distinct());
        await Assert.ThrowsAsync<KeyReusedException>(() => service.SaveAsync(anna, new Department { Code = "EMB", Name = "Other" }));

        var renaming = TestPms.System with { CommandKey = "k2" };
        var renamed = await service.SaveAsync(renaming, made[0] with { Name = "Stitching" });
        Assert.Equal(renamed, await service.SaveAsync(renaming, made[0] with { Name = "Stitching" }));
    }
}

public sealed class ListCursorTests_on_SQLite() : ListCursorTests(Engine.Sqlite);

public sealed class ListCursorTests_on_MariaDB() : ListCursorTests(Engine.MySql);
