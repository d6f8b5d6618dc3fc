using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Imports;
using Pms.Core.Machines;
using Pms.Core.Products;
using Pms.Tests.Identity;
using Pms.Tests.Sheets;
using Pms.Tests.Support;

namespace Pms.Tests.Imports;

/// <summary>Files into master data: what is found, what is refused, and that nothing is ever stored twice.</summary>
public abstract class ImportTests(Engine engine) : IAsyncLifetime
{
    private TestPms pms = default!;
    private Department cutting = default!;

    private ImportService Imports => pms.Get<ImportService>();

    public async Task InitializeAsync()
    {
        pms = await TestPms.StartAsync(engine);
        cutting = await pms.Get<DepartmentService>().SaveAsync(TestPms.System, new Department { Code = "CUT", Name = "Cutting" });
        await pms.Get<DepartmentService>().SaveAsync(TestPms.System, new Department { Code = "SEW", Name = "Sewing" });
        await pms.Get<DepartmentService>().SaveStageAsync(TestPms.System, new Stage { DepartmentId = cutting.Id, Name = "Laser" });
    }

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task A_messy_workbook_becomes_machines_and_again_changes_nothing()
    {
        byte[] book = Workbook.Of(
        [
            ["Machine list 2026"], ["printed 05.01.2026"], [],
            ["Machine No", "Description", "Dept", "Purchase Date", "Heads", "Speed", "Runs unattended", "Processes", "Remarks"],
            ["M-1", "Laser one", "cut", new DateOnly(2020, 5, 6), 4, "1,5", "yes", "Laser", "old"],
            [],
            ["M-2", "Laser two", "Cutting", "31/12/2021", "=6", 1, "no", null, null],
            ["M-3", "No department", "Moon", "soon", 1.5, "fast", "maybe", "Flying", null],
            ["M-1", "Twice", "cut", null, null, null, null, null, null],
            [null, null, null, null, 10, null, null, null, "Total"],
        ], "<mergeCells count=\"1\"><mergeCell ref=\"A1:F1\"/></mergeCells>");
        var import = await UploadAsync("machine", "machines.xlsx", book);
        Assert.Equal(4, import.Shape.HeaderRow);
        Assert.Equal(["Department", "Name", "Number", "PiecesPerCycle", "PurchasedOn", "SpeedFactor", "Stages", "Unattended"], import.Mapping.Keys.Order());
        import = await CheckAsync(import);
        Assert.Equal((2, 2), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong)));
        Assert.Equal(4, import.RowsRead);

        var wrong = await Imports.RowsAsync(TestPms.System, import.Id, ImportRowStatus.Wrong);
        Assert.Equal(["Department:import.unknown", "PiecesPerCycle:import.not_whole", "PurchasedOn:import.not_a_day", "SpeedFactor:import.not_a_number", "Stages:import.unknown", "Unattended:import.not_yes_no"], wrong[0].Faults.Select(f => f.Field + ":" + f.Why.Code).Order());
        Assert.Equal("import.twice", Assert.Single(wrong[1].Faults).Why.Code);
        Assert.Equal(5m, Assert.Single(wrong[1].Faults).Why.Args[0]);
        Assert.Empty((await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items);

        import = await ApplyAsync(import);
        Assert.Equal((ImportStatus.Done, 2, 2), (import.Status, import.Count(ImportRowStatus.Done), import.Count(ImportRowStatus.Wrong)));
        var rows = (await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items;
        Assert.Equal(["M-1", "M-2"], rows.Select(m => m.Number));
        var one = await pms.Get<MachineService>().GetAsync(TestPms.System, rows[0].Id);
        Assert.Equal((cutting.Id, new DateOnly(2020, 5, 6), 4, 1.5m, true, 1), (one.DepartmentId, one.PurchasedOn!.Value, one.PiecesPerCycle, one.SpeedFactor, one.Unattended, one.Stages.Count));
        Assert.Equal(6, (await pms.Get<MachineService>().GetAsync(TestPms.System, rows[1].Id)).PiecesPerCycle);

        var audits = await AuditsAsync("machine");
        var again = await CheckAsync(await UploadAsync("machine", "machines again.xlsx", book));
        Assert.Equal((2, 2, 0), (again.Count(ImportRowStatus.Unchanged), again.Count(ImportRowStatus.Wrong), again.Open));
        Assert.Equal("import.nothing_to_apply", (await Assert.ThrowsAsync<RuleException>(() => Imports.ApplyAsync(TestPms.System, again.Id, again.Version))).Code);
        Assert.Equal(audits, await AuditsAsync("machine"));
    }

    [Fact]
    public async Task A_changed_file_shows_before_and_after_and_empty_cells_change_nothing()
    {
        await ApplyAsync(await CheckAsync(await UploadAsync("machine", "a.csv", "Number;Name;Dept;Type\nM-1;One;CUT;laser\n")));
        var import = await CheckAsync(await UploadAsync("machine", "b.csv", "Number;Name;Dept;Type\nm-1;One and only;CUT;\n"));
        var row = Assert.Single(await Imports.RowsAsync(TestPms.System, import.Id));
        Assert.Equal(ImportRowStatus.Changed, row.Status);
        Assert.Equal(new ImportChange("Name", "One", "One and only"), Assert.Single(row.Changes));
        await ApplyAsync(import);
        var machine = await MachineAsync();
        Assert.Equal(("M-1", "One and only", "laser"), (machine.Number, machine.Name, machine.Type));
    }

    [Fact]
    public async Task A_row_is_corrected_in_the_preview_and_applied_after_the_others()
    {
        var import = await CheckAsync(await UploadAsync("machine", "a.csv", "Number;Name;Dept;Slots\nM-1;One;CUT;1\nM-2;Two;Nowhere;x\n"));
        import = await ApplyAsync(import);
        Assert.Equal((1, 1), (import.Count(ImportRowStatus.Done), import.Count(ImportRowStatus.Wrong)));
        var row = await Imports.CorrectAsync(TestPms.System, import.Id, 3, new Dictionary<string, string> { ["Department"] = "SEW", ["Slots"] = "2" });
        Assert.Equal(ImportRowStatus.New, row.Status);
        Assert.Equal("import.row_done", (await Assert.ThrowsAsync<RuleException>(() => Imports.CorrectAsync(TestPms.System, import.Id, 2, new Dictionary<string, string> { ["Name"] = "x" }))).Code);
        Assert.Equal(ImportRowStatus.Wrong, (await Imports.CorrectAsync(TestPms.System, import.Id, 3, new Dictionary<string, string> { ["Number"] = "M-1" })).Status);
        await Imports.CorrectAsync(TestPms.System, import.Id, 3, new Dictionary<string, string> { ["Number"] = "M-2" });
        import = await ApplyAsync(await Imports.GetAsync(TestPms.System, import.Id));
        Assert.Equal(2, import.Count(ImportRowStatus.Done));
        Assert.Equal(2, (await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items.Count);
    }

    [Fact]
    public async Task A_row_that_fails_while_its_batch_is_stored_falls_out_alone()
    {
        var import = await CheckAsync(await UploadAsync("machine", "a.csv", "Number;Name;Dept\nM-1;One;CUT\nM-2;Two;SEW\nM-3;Three;CUT\n"));
        Assert.Equal(3, import.Count(ImportRowStatus.New));
        var sewing = (await pms.Get<DepartmentService>().ActiveAsync(TestPms.System)).Single(d => d.Code == "SEW");
        await pms.Get<DepartmentService>().SaveAsync(TestPms.System, (await pms.Get<DepartmentService>().GetAsync(TestPms.System, sewing.Id)) with { Active = false });
        import = await ApplyAsync(import);
        Assert.Equal((ImportStatus.Done, 2, 1), (import.Status, import.Count(ImportRowStatus.Done), import.Count(ImportRowStatus.Failed)));
        Assert.Equal("import.unknown", Assert.Single(Assert.Single(await Imports.RowsAsync(TestPms.System, import.Id, ImportRowStatus.Wrong)).Faults).Why.Code);
        Assert.Equal(["M-1", "M-3"], (await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items.Select(m => m.Number));
        Assert.Equal(2, await AuditsAsync("machine"));
    }

    [Fact]
    public async Task A_long_file_is_paged_through_stopped_and_gone_on_with()
    {
        const int count = 20_000;
        var text = new StringBuilder("Number;Name;Dept\n");
        for (var i = 1; i <= count; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"M-{i:00000};Machine {i};{(i == 15_000 ? "Moon" : "CUT")}\n");
        var import = await CheckAsync(await UploadAsync("machine", "long.csv", text.ToString()));
        Assert.Equal((count - 1, 1, count), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong), import.RowsRead));

        // Row 1 holds the headings.
        Assert.Equal(15_001, await Imports.FirstWrongAsync(TestPms.System, import.Id));
        var page = await Imports.PageAsync(TestPms.System, import.Id, null, 15_000, 50);
        Assert.Equal((15_001, 14_999, 14_950, true), (page.Rows[0].Number, page.Before, page.Previous!.Value, page.More));
        var before = await Imports.PageAsync(TestPms.System, import.Id, null, page.Previous!.Value, 50);
        Assert.Equal((14_951, 15_000), (before.Rows[0].Number, before.Rows[^1].Number));
        var last = await Imports.PageAsync(TestPms.System, import.Id, ImportRowStatus.New, count - 10, 50);
        Assert.Equal((11, count - 12, false), (last.Rows.Count, last.Before, last.More));
        Assert.Null((await Imports.PageAsync(TestPms.System, import.Id, ImportRowStatus.Wrong, 0, 50)).Previous);

        // Stopped by a person after some batches: what is stored stays, and the rest comes when it is applied again.
        await Imports.ApplyAsync(TestPms.System, import.Id, import.Version);
        using var stop = new CancellationTokenSource();
        var work = Task.Run(() => pms.Get<ImportRunner>().RunAsync(null, stop.Token));
        await Eventually.TrueAsync(async () => (await Imports.GetAsync(TestPms.System, import.Id)).Count(ImportRowStatus.Done) > 0, "some are stored");
        import = await Imports.CancelAsync(TestPms.System, import.Id);
        await work;
        var done = (await Imports.GetAsync(TestPms.System, import.Id)).Count(ImportRowStatus.Done);
        Assert.InRange(done, 1, count - 2);
        Assert.Equal(done, (int)await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM machines"));
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_field_that_is_kept_from_somebody_is_not_filled_by_their_file()
    {
        var eva = await pms.EditorAsync("eva", [], new() { [Permissions.MachinesEdit] = Scope.All, [Permissions.MachinesView] = Scope.All });
        var role = (await pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Name == "Role of eva").Id;
        var rules = pms.Get<FieldPermissionService>();
        await rules.SaveAsync(TestPms.System, await rules.GetAsync(TestPms.System, role, "machine") with
        {
            Rules = new Dictionary<string, FieldRule> { ["Serial"] = new(FieldAccess.Hidden), ["Type"] = new(FieldAccess.ReadOnly) },
        });
        await ApplyAsync(await CheckAsync(await UploadAsync("machine", "a.csv", "Number;Name;Dept;Type;Serial\nM-1;One;CUT;laser;S-1\n")));
        const string text = "Number;Name;Dept;Type;Serial\nM-1;First;CUT;plotter;S-9\n";
        var import = await Imports.UploadAsync(eva, "machine", "b.csv", new MemoryStream(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(["Department", "Name", "Number"], import.Mapping.Keys.Order());
        foreach (var (field, at) in new[] { ("Serial", 4), ("Type", 3) })
            Assert.Equal("field.read_only", (await Assert.ThrowsAsync<InvalidException>(() => Imports.CheckAsync(eva, import.Id, import.Version, new ImportSetup { Mapping = new Dictionary<string, int>(import.Mapping) { [field] = at } }))).Faults.Single().Why.Code);
        await Imports.CheckAsync(eva, import.Id, import.Version, new ImportSetup());
        await pms.Get<ImportRunner>().RunAsync(null, default);
        Assert.Equal("field.read_only", (await Assert.ThrowsAsync<InvalidException>(() => Imports.CorrectAsync(eva, import.Id, 2, new Dictionary<string, string> { ["Type"] = "plotter" }))).Faults.Single().Why.Code);
        var row = Assert.Single(await Imports.RowsAsync(eva, import.Id));
        Assert.Equal("Name", Assert.Single(row.Changes).Field);
        await Imports.ApplyAsync(eva, import.Id, (await Imports.GetAsync(eva, import.Id)).Version);
        await pms.Get<ImportRunner>().RunAsync(null, default);
        var machine = await MachineAsync();
        Assert.Equal(("First", "laser", "S-1"), (machine.Name, machine.Type, machine.Serial));
    }

    [Fact]
    public async Task The_same_file_twice_at_once_on_two_nodes_makes_each_record_once()
    {
        var text = "Number,Name,Dept\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"M-{i},Machine {i},CUT\n"));
        var one = await CheckAsync(await UploadAsync("machine", "one.csv", text));
        var two = await CheckAsync(await UploadAsync("machine", "two.csv", text));
        await Imports.ApplyAsync(TestPms.System, one.Id, one.Version);
        await Imports.ApplyAsync(TestPms.System, two.Id, two.Version);
        await using var node = await pms.AnotherNodeAsync();
        await Task.WhenAll(Task.Run(() => pms.Get<ImportRunner>().RunAsync(null, default)), Task.Run(() => node.Get<ImportRunner>().RunAsync(null, default)));
        foreach (var id in new[] { one.Id, two.Id })
        {
            var import = await Imports.GetAsync(TestPms.System, id);
            Assert.Equal((ImportStatus.Done, 120), (import.Status, import.Count(ImportRowStatus.Done)));
        }
        Assert.Equal(120, (await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Total);
        Assert.Equal(120, await AuditsAsync("machine"));
    }

    [Fact]
    public async Task Killed_between_storing_and_noting_it_goes_on_without_doubles()
    {
        var text = "Number,Name,Dept\n" + string.Concat(Enumerable.Range(0, 70).Select(i => $"M-{i},Machine {i},CUT\n"));
        var import = await CheckAsync(await UploadAsync("machine", "one.csv", text));
        await Imports.ApplyAsync(TestPms.System, import.Id, import.Version);
        // What the killed node had stored but not written down yet:
        var target = await Imports.Definition("machine").OpenAsync(TestPms.System, default);
        await target.StoreAsync(await Imports.RowsAsync(TestPms.System, import.Id, limit: 30), together: false, default);
        await pms.Get<ImportRunner>().RunAsync(null, default);
        import = await Imports.GetAsync(TestPms.System, import.Id);
        Assert.Equal((ImportStatus.Done, 70), (import.Status, import.Count(ImportRowStatus.Done)));
        Assert.Equal(70, await AuditsAsync("machine"));
    }

    [Fact]
    public async Task Killed_while_reading_it_starts_again()
    {
        var import = await UploadAsync("machine", "one.csv", "Number,Name,Dept\nM-1,One,CUT\nM-2,Two,CUT\n");
        await Imports.CheckAsync(TestPms.System, import.Id, import.Version, new ImportSetup());
        await pms.Db.InTransactionAsync(tx => { tx.Add("INSERT INTO import_rows (import_id, row_no, row_key, status, cells) VALUES (@id, 2, 'M-1', 'New', '{}')", new { id = import.Id }); return Task.CompletedTask; });
        await pms.Get<ImportRunner>().RunAsync(null, default);
        import = await Imports.GetAsync(TestPms.System, import.Id);
        Assert.Equal((ImportStatus.Ready, 2), (import.Status, import.Count(ImportRowStatus.New)));
    }

    [Fact]
    public async Task More_rows_than_a_file_may_have_are_refused_in_words_and_a_smaller_file_goes()
    {
        var import = await UploadAsync("machine", "long.csv", "Number,Name,Dept\n" + string.Concat(Enumerable.Range(0, 1_301).Select(i => $"M-{i},Machine {i},CUT\n")));
        await Imports.CheckAsync(TestPms.System, import.Id, import.Version, new ImportSetup());
        var runner = ActivatorUtilities.CreateInstance<ImportRunner>(pms.Get<IServiceProvider>());
        runner.Most = 1_300;
        await runner.RunAsync(null, default);
        import = await Imports.GetAsync(TestPms.System, import.Id);
        Assert.Equal((ImportStatus.Failed, "import.too_many_rows", 1_300m), (import.Status, import.Error?.Code, import.Error?.Args[0]));
        import = await CheckAsync(import);
        Assert.Equal((ImportStatus.Ready, 1_301), (import.Status, import.Count(ImportRowStatus.New)));
    }

    [Fact]
    public async Task Headings_merged_over_two_rows_are_one_and_a_group_above_them_is_none()
    {
        byte[] book = Workbook.Of(
        [
            ["Machines", null, null, "Where", null],
            ["Number", "Name", "Purchase Date", "Dept", "Slots"],
            ["M-1", "One", "5 Dec 2026", "CUT", 2], ["M-2", "Two", "12/31/2026", "SEW", 1], ["M-3", "Three", "20260105", "SEW", "1"],
        ], "<mergeCells count=\"2\"><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"D1:E1\"/></mergeCells>");
        var import = await CheckAsync(await UploadAsync("machine", "merged.xlsx", book));
        Assert.Equal(["Number", "Name", "Purchase Date", "Dept", "Slots"], import.Shape.Columns);
        Assert.Equal(3, import.Count(ImportRowStatus.New));
        Assert.Equal(["2026-12-05", "2026-12-31", "2026-01-05"], (await Imports.RowsAsync(TestPms.System, import.Id)).Select(r => r.Values["PurchasedOn"]));

        book = Workbook.Of([["Number", "Machine", null, "Dept"], [null, "Name", "Type", null], ["M-1", "One", "laser", "CUT"]], "<mergeCells count=\"2\"><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"D1:D2\"/></mergeCells>");
        import = await UploadAsync("machine", "tall.xlsx", book);
        import = await Imports.ReshapeAsync(TestPms.System, import.Id, import.Version, null, 2);
        Assert.Equal(["Number", "Name", "Type", "Dept"], import.Shape.Columns);
        Assert.Equal(1, (await CheckAsync(import)).Count(ImportRowStatus.New));
    }

    [Fact]
    public async Task What_rows_hold_comes_back_as_it_was_whatever_is_in_it()
    {
        var import = await CheckAsync(await UploadAsync("machine", "a.csv", "Number;Name;Dept\nM-1;One;CUT\n"));
        var rows = new[]
        {
            new ImportRow { Number = 10, Key = "A", Status = ImportRowStatus.New, Values = new Dictionary<string, string> { ["Number"] = "A", ["Name"] = "{\"a\":[1]}", ["Notes"] = "one\ntwo\t三😀" }, Changes = [new("Number", "", "A"), new("Name", "", "{\"a\":[1]}"), new("Slots", "", "1")] },
            new ImportRow { Number = 11, Key = "B", Status = ImportRowStatus.Changed, Values = new Dictionary<string, string> { ["Name"] = "same" }, Changes = [new("Name", "other", "same"), new("Type", "x", ""), new("Quantity", "", "5", Asks: true)] },
            new ImportRow { Number = 12, Key = "C", Status = ImportRowStatus.Changed, Values = new Dictionary<string, string> { ["Name"] = "a\u001fb\u001ec" }, Changes = [new("Name", "a\u001f", "a\u001fb\u001ec")] },
            new ImportRow { Number = 13, Key = "", Status = ImportRowStatus.Wrong, Faults = [new Fault("Number", new Refusal("required"))] },
        };
        var repository = pms.Get<ImportRepository>();
        await pms.Db.InTransactionAsync(tx => repository.InsertRowsAsync(tx, import.Id, rows));
        // As an earlier version kept it:
        await pms.Db.InTransactionAsync(tx => { tx.Add("INSERT INTO import_rows (import_id, row_no, row_key, status, cells, changes) VALUES (@id, 14, 'D', 'Changed', @cells, @changes)", new { id = import.Id, cells = "{\"Name\":\"D\"}", changes = "[{\"Field\":\"Name\",\"Before\":\"\",\"After\":\"D\",\"Asks\":false}]" }); return Task.CompletedTask; });
        var read = await repository.RowsAsync(import.Id, [], 9, 10);
        foreach (var (row, back) in rows.Zip(read))
        {
            Assert.Equal(row.Values, back.Values);
            Assert.Equal(row.Changes, back.Changes);
            Assert.Equal(row.Faults.Count, back.Faults.Count);
        }
        Assert.Equal(("D", new ImportChange("Name", "", "D")), (read[4].Values["Name"], Assert.Single(read[4].Changes)));
    }

    [Fact]
    public async Task A_cancelled_import_stops_and_can_be_applied_later()
    {
        var import = await CheckAsync(await UploadAsync("machine", "one.csv", "Number,Name,Dept\nM-1,One,CUT\n"));
        import = await Imports.ApplyAsync(TestPms.System, import.Id, import.Version);
        import = await Imports.CancelAsync(TestPms.System, import.Id);
        await pms.Get<ImportRunner>().RunAsync(null, default);
        Assert.Equal(ImportStatus.Cancelled, (await Imports.GetAsync(TestPms.System, import.Id)).Status);
        Assert.Empty((await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items);
        Assert.Equal(ImportStatus.Done, (await ApplyAsync(import)).Status);
        Assert.Equal("M-1", (await MachineAsync()).Number);
    }

    [Fact]
    public async Task People_come_with_names_skills_and_departments()
    {
        const string text = "Personalnummer;Mitarbeiter;Abteilung;Type;Eintritt;Skills;Handy;Mail\n1001;Brandt, Anna;Cutting;Shift leader;01.03.2019;Laser (2027-01-31);+49 1;a@plant.test\n1002;Jan Paul Meyer;SEW;operator;;;;\n1003;Solo;SEW;pilot;;;;wrong\n";
        var import = await CheckAsync(await UploadAsync("employee", "people.csv", text));
        Assert.Equal((2, 1), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong)));
        await ApplyAsync(import);
        var rows = (await pms.Get<EmployeeService>().ListAsync(TestPms.System, new PageRequest { Sort = "number" })).Items;
        var anna = await pms.Get<EmployeeService>().GetAsync(TestPms.System, rows[0].Id);
        Assert.Equal(("Anna", "Brandt", EmployeeKind.Supervisor, new DateOnly(2019, 3, 1)), (anna.FirstName, anna.LastName, anna.Kind, anna.HiredOn!.Value));
        Assert.Equal(new DateOnly(2027, 1, 31), Assert.Single(anna.Skills).ExpiresOn);
        Assert.Equal("Jan Paul Meyer", rows[1].Name);
        Assert.Equal(2, (await CheckAsync(await UploadAsync("employee", "people.csv", text))).Count(ImportRowStatus.Unchanged));
    }

    [Fact]
    public async Task Products_make_their_categories_and_paths()
    {
        const string text = "SKU,Description,Product Group,UoM,Status,Route\nT-1,Towel,Textile / Towels,pcs,active,Laser\nT-2,Big towel,Towels,pcs,,\nT-3,Hand towel,textile/towels,m,draft,Laser > Flying\n";
        var import = await CheckAsync(await UploadAsync("product", "products.csv", text));
        Assert.Equal((2, 1), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong)));
        await ApplyAsync(import);
        var products = pms.Get<ProductService>();
        var towel = await products.GetAsync(TestPms.System, (await products.ListAsync(TestPms.System, new PageRequest())).Items[0].Id);
        Assert.Equal((Lifecycle.Active, 1), (towel.Lifecycle, towel.Steps.Count));
        Assert.Equal(["Textile", "Towels"], (await products.CategoriesAsync(TestPms.System)).Select(c => c.Name).Distinct());
        // A name alone means the one category of that name, wherever it hangs.
        var again = await CheckAsync(await UploadAsync("product", "products.csv", text));
        Assert.Equal(2, again.Count(ImportRowStatus.Unchanged));
        Assert.Equal(0, (await CheckAsync(await UploadAsync("department", "d.csv", "Code;Name;Tagesziel\nCUT;Cutting;1.200\n"))).Count(ImportRowStatus.Wrong));
    }

    [Fact]
    public async Task The_mapping_of_a_layout_is_remembered()
    {
        const string text = "A;B;C\nM-1;One;CUT\n";
        var import = await UploadAsync("machine", "x.csv", text);
        Assert.Empty(import.Mapping);
        await Assert.ThrowsAsync<InvalidException>(() => Imports.CheckAsync(TestPms.System, import.Id, import.Version, new ImportSetup()));
        await Assert.ThrowsAsync<InvalidException>(() => Imports.CheckAsync(TestPms.System, import.Id, import.Version, new ImportSetup { Mapping = new Dictionary<string, int> { ["Number"] = 7 } }));
        await CheckAsync(import, new ImportSetup { Mapping = new Dictionary<string, int> { ["Number"] = 0, ["Name"] = 1, ["Department"] = 2 } });
        Assert.Equal(3, (await UploadAsync("machine", "y.csv", text)).Mapping.Count);
        Assert.Empty((await UploadAsync("product", "y.csv", text)).Mapping);
    }

    [Fact]
    public async Task Rights_are_asked_at_the_door_and_at_each_row()
    {
        var nobody = new Actor { Name = "nobody", UserId = 4711 };
        await Assert.ThrowsAsync<ForbiddenException>(() => Imports.UploadAsync(nobody, "machine", "x.csv", new MemoryStream("a;b\n"u8.ToArray())));
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.UploadAsync(TestPms.System, "secrets", "x.csv", new MemoryStream("a;b\n"u8.ToArray())));
        var import = await UploadAsync("machine", "x.csv", "Number;Name;Dept\nM-1;One;CUT\n");
        await Assert.ThrowsAsync<ForbiddenException>(() => Imports.GetAsync(nobody, import.Id));
        var target = await Imports.Definition("machine").OpenAsync(TestPms.System, default);
        Assert.Equal(ImportRowStatus.New, (await target.JudgeAsync([new ImportRow { Key = "M-1", Values = new Dictionary<string, string> { ["Number"] = "M-1", ["Name"] = "One", ["Department"] = "CUT" } }], default))[0].Status);
    }

    [Fact]
    public async Task Who_edits_only_the_own_department_sees_only_the_own_files()
    {
        var permissions = new Dictionary<string, Scope> { [Permissions.EmployeesEdit] = Scope.Own };
        var (mine, theirs) = (await pms.EditorAsync("cutter", [cutting.Id], permissions), await pms.EditorAsync("sewer", [cutting.Id], permissions));
        var import = await Imports.UploadAsync(mine, "employee", "x.csv", new MemoryStream("Number;First name;Last name;Dept\n9;Ayo;Bello;CUT\n"u8.ToArray()));
        Assert.Equal(import.Id, (await Imports.GetAsync(mine, import.Id)).Id);
        Assert.Equal(import.Id, Assert.Single(await Imports.ListAsync(TestPms.System, "employee")).Id);
        Assert.Empty(await Imports.ListAsync(theirs, "employee"));
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.GetAsync(theirs, import.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.CheckAsync(theirs, import.Id, import.Version, new ImportSetup()));
    }

    [Fact]
    public async Task Bad_input_is_refused_in_words()
    {
        var nasty = "\"><img src=x onerror=1>😀ابجد";
        var import = await CheckAsync(await UploadAsync("machine", "../../etc/x.csv", $"Number;Name;Dept\nM-1;\"{nasty.Replace("\"", "\"\"")}\";CUT\nM-2;{new string('n', 10_000)};CUT\nM\0-3;x;CUT\n".Replace("\0", "")));
        Assert.Equal("x.csv", import.FileName);
        Assert.Equal("too_long", Assert.Single(Assert.Single(await Imports.RowsAsync(TestPms.System, import.Id, ImportRowStatus.Wrong)).Faults).Why.Code);
        await ApplyAsync(import);
        Assert.Contains((await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items, m => m.Name == nasty);
        var none = await UploadAsync("machine", "none.csv", "Number;Name;Dept\n\n");
        none = await CheckAsync(none);
        Assert.Equal((ImportStatus.Failed, "import.no_rows"), (none.Status, none.Error?.Code));
        var stale = await UploadAsync("machine", "x.csv", "Number;Name;Dept\nM-1;One;CUT\n");
        await Assert.ThrowsAsync<ConflictException>(() => Imports.CheckAsync(TestPms.System, stale.Id, stale.Version + 1, new ImportSetup()));
        await Assert.ThrowsAsync<InvalidException>(() => Imports.RowsAsync(TestPms.System, stale.Id, limit: 1_000_000));
        await Assert.ThrowsAsync<RuleException>(() => Imports.ApplyAsync(TestPms.System, stale.Id, stale.Version));
    }

    [Fact]
    public async Task Old_imports_and_files_nobody_names_are_removed()
    {
        var import = await CheckAsync(await UploadAsync("machine", "x.csv", "Number;Name;Dept\nM-1;One;CUT\n"));
        pms.Clock.Advance(TimeSpan.FromDays(31));
        await pms.Get<ImportRunner>().PurgeAsync(default);
        await Assert.ThrowsAsync<NotFoundException>(() => Imports.GetAsync(TestPms.System, import.Id));
        Assert.Empty(Directory.GetFiles(Path.Combine(pms.Get<CoreSettings>().DataFolder, "imports")));
        Assert.Equal(0, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM import_rows"));
    }

    private Task<Import> UploadAsync(string entity, string name, string text) => UploadAsync(entity, name, Encoding.UTF8.GetBytes(text));

    private Task<Import> UploadAsync(string entity, string name, byte[] content) => Imports.UploadAsync(TestPms.System, entity, name, new MemoryStream(content));

    private async Task<Import> CheckAsync(Import import, ImportSetup? setup = null)
    {
        await Imports.CheckAsync(TestPms.System, import.Id, import.Version, setup ?? new ImportSetup());
        await pms.Get<ImportRunner>().RunAsync(null, default);
        return await Imports.GetAsync(TestPms.System, import.Id);
    }

    private async Task<Import> ApplyAsync(Import import)
    {
        await Imports.ApplyAsync(TestPms.System, import.Id, import.Version);
        await pms.Get<ImportRunner>().RunAsync(null, default);
        return await Imports.GetAsync(TestPms.System, import.Id);
    }

    private async Task<Machine> MachineAsync() =>
        await pms.Get<MachineService>().GetAsync(TestPms.System, Assert.Single((await pms.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Items).Id);

    private Task<int> AuditsAsync(string entity) => pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM audit WHERE entity = @entity", new { entity })!;
}

public sealed class ImportTests_on_SQLite() : ImportTests(Engine.Sqlite);

public sealed class ImportTests_on_MariaDB() : ImportTests(Engine.MySql);
