using System.Text;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Imports;
using Pms.Core.Jobs.Planning;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Products;
using Pms.Tests.Identity;
using Pms.Tests.Orders;
using Pms.Tests.Sheets;
using Pms.Tests.Support;

namespace Pms.Tests.OrderBooks;

/// <summary>Order books become orders: what is one order, what is wrong, what is laid before a planner, and that nothing comes twice.</summary>
public abstract class OrderImportTests(Engine engine) : IAsyncLifetime
{
    private const string Heads = "Order No;Customer PO;Customer;Line;SKU;Qty;Value;Start date;Due date;Priority;Notes\n";

    private TestPms pms = default!;
    private Plant plant = default!;

    private ImportService Imports => pms.Get<ImportService>();

    public async Task InitializeAsync()
    {
        pms = await TestPms.StartAsync(engine);
        plant = await Plant.MakeAsync(pms);
        await Plant.WorksAsync(pms);
        await pms.Get<ProductService>().SaveAsync(TestPms.System, new Product { Code = "CAP-22", Name = "Cap", Lifecycle = Lifecycle.Active, Steps = [new() { StageId = plant.Print.Id }] });
    }

    public async Task DisposeAsync() => await pms.DisposeAsync();

    [Fact]
    public async Task A_messy_workbook_with_its_headings_on_row_4_becomes_orders()
    {
        byte[] book = Workbook.Of(
        [
            ["Open order book"], ["Printed 22/11/2026 06:12"], [],
            ["Order No", "Customer PO", "Customer", "SKU", "Description", "Qty", "Value (excl.)", "Start date", "Due date", "Priority", "Notes"],
            ["SO1", "PO-1", "Blue Crane Outfitters", "TS-100", "T-shirt", 250, 1987.5, new DateOnly(2026, 12, 8), "19/12/2026", "urgent", "<b>rush</b>\nsecond line"],
            ["SO2", "PO-2", "blue crane  outfitters", "CAP-22", "Cap", 48, 312.5, new DateOnly(2026, 12, 5), new DateOnly(2026, 12, 9), "normal", ""],
            [],
            ["SO3", "PO-3", "Blue Crane Outfitters", "UMB-3", "Umbrella", -5, 312.5, new DateOnly(2026, 12, 9), "2026-12-20", "ASAP!!", null],
            ["SO2", "PO-9", "Blue Crane Outfitters", "CAP-22", "Cap", 12, 150, new DateOnly(2026, 12, 5), "18/12/2026", "low", ""],
            ["SO4", "PO-4", "Łódź Textil", "CAP-22", "Cap", 12, 150, new DateOnly(2026, 12, 5), "18/12/2026", "high", ""],
            [null, null, null, null, "Total", "=552"],
        ], second: [["not data"]]);
        var import = await CheckAsync(await UploadAsync("orders.xlsx", book));
        Assert.Equal((4, "Sheet 1"), (import.Shape.HeaderRow, import.Shape.Tab));
        Assert.Equal((2, 3, 5), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong), import.RowsRead));
        Assert.Equal(["8 Priority:import.not_one_of", "8 Product:import.unknown", "8 Quantity:between", "9 SalesOrderNumber:import.other_po", "10 Customer:import.unknown"], await FaultsAsync(import));
        import = await ApplyAsync(import);
        Assert.Equal((ImportStatus.Done, 2), (import.Status, import.Count(ImportRowStatus.Done)));

        var one = await OrderAsync("SO1");
        Assert.Equal((plant.Customer.Id, "PO-1", 1987.5m, new DateOnly(2026, 12, 8), new DateOnly(2026, 12, 19), OrderPriority.Urgent, "<b>rush</b>\nsecond line", OrderStatus.Unscheduled),
            (one.Order.CustomerId, one.Order.SalesOrderNumber, one.Order.Value!.Value, one.Order.StartsOn!.Value, one.Order.DueOn, one.Order.Priority, one.Order.Notes, one.Order.Status));
        var item = Assert.Single(one.Items);
        Assert.Equal((250m, 2, 10), (item.Quantity, item.Steps.Count, item.Line));
        Assert.Equal(new DateOnly(2026, 12, 9), (await OrderAsync("SO2")).Order.DueOn);

        var audits = await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE entity IN ('order', 'order_item')");
        var again = await CheckAsync(await UploadAsync("again.xlsx", book));
        Assert.Equal((2, 3, 0), (again.Count(ImportRowStatus.Unchanged), again.Count(ImportRowStatus.Wrong), again.Open));
        Assert.Equal(audits, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE entity IN ('order', 'order_item')"));
    }

    [Fact]
    public async Task A_cp1252_file_with_semicolons_and_decimal_commas_goes_through_once_its_unknowns_are_made()
    {
        const string text = "Auftrag;Bestellnr.;Kunde;Artikel;Bezeichnung;Menge;Wert;Start;Liefertermin;Prio;Bemerkung\r\n"
            + "SO260004;PO-89283;Städtische Werke;CAP-22;Cap 6-panel;144;3.598,56;26.12.2026;08.01.2027;high;\r\n"
            + "SO260006;PO-68950;\"ACME; Tools\";MUG-330;Mug 330 ml;2500;31.250,00;26.11.2026;01.12.2026;niedrig;\"<b>rush</b>\nsecond line\"\r\n"
            + "SO260008;PO-38576;\"\"\"Quoted\"\" Brands\";MUG-330;Mug 330 ml;25;624,75;20.12.2026;09.01.2027;dringend;\r\n";
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var import = await CheckAsync(await UploadAsync("orders.csv", Encoding.GetEncoding(1252).GetBytes(text)));
        Assert.Equal(("windows-1252", ";", 3), (import.Shape.Encoding, import.Shape.Separator, import.Count(ImportRowStatus.Wrong)));
        Assert.Equal([new("Customer", "\"Quoted\" Brands", 1), new("Customer", "ACME; Tools", 1), new("Customer", "Städtische Werke", 1), new("Product", "MUG-330", 2)], await Imports.MissingAsync(TestPms.System, import.Id));

        // Who may edit orders but no products makes customers only.
        var planner = await pms.EditorAsync("planner", [], new() { [Permissions.OrdersEdit] = Scope.All });
        Assert.All(await Imports.MissingAsync(planner, import.Id), m => Assert.Equal("Customer", m.Field));
        await Assert.ThrowsAsync<ForbiddenException>(() => Imports.MakeAsync(planner, import.Id, "Product", ["MUG-330"], new Dictionary<string, string> { ["Path"] = "Packing" }));
        await Imports.MakeAsync(planner, import.Id, "Customer", ["acme; tools", "Städtische Werke", "\"Quoted\" Brands"], new Dictionary<string, string>());
        Assert.Equal(1, (await Imports.GetAsync(TestPms.System, import.Id)).Count(ImportRowStatus.New));

        var path = Imports.Definition("order").Makes.Single(m => m.Field == "Product").Asks.Single();
        Assert.Equal(["Printing / Screen print", "Printing / Screen print > Packing / Packing"], await path.Offers(TestPms.System, default));
        await Assert.ThrowsAsync<InvalidException>(() => Imports.MakeAsync(TestPms.System, import.Id, "Product", ["MUG-330"], new Dictionary<string, string> { ["Path"] = "Moon" }));
        await Imports.MakeAsync(TestPms.System, import.Id, "Product", ["MUG-330"], new Dictionary<string, string> { ["Path"] = "Printing / Screen print > Packing" });
        import = await ApplyAsync(await Imports.GetAsync(TestPms.System, import.Id));
        Assert.Equal((3, 0), (import.Count(ImportRowStatus.Done), import.Count(ImportRowStatus.Wrong)));
        var mug = Assert.Single((await OrderAsync("SO260006")).Items);
        Assert.Equal(("MUG-330", "Mug 330 ml", 2500m, 2), (mug.Code, mug.Product, mug.Quantity, mug.Steps.Count));
        Assert.Equal((31_250m, OrderPriority.Low, new DateOnly(2026, 12, 1)), ((await OrderAsync("SO260006")).Order.Value!.Value, (await OrderAsync("SO260006")).Order.Priority, (await OrderAsync("SO260006")).Order.DueOn));
        Assert.Equal(3, (await CheckAsync(await UploadAsync("orders.csv", Encoding.GetEncoding(1252).GetBytes(text)))).Count(ImportRowStatus.Unchanged));
    }

    [Fact]
    public async Task Rows_with_one_number_are_the_items_of_one_order_and_a_row_left_out_changes_nothing()
    {
        const string text = Heads + "A1;P1;Blue Crane Outfitters;;TS-100;100;500;;2026-03-01;normal;\nA1;P1;Blue Crane Outfitters;;TS-100;50;250;;2026-03-08;high;\nA1;;;;CAP-22;10;25;;2026-03-01;;\n"
            + "B1;P2;Blue Crane Outfitters;30;TS-100;7;;;2026-03-01;;\nB1;P2;Blue Crane Outfitters;20;CAP-22;8;;;2026-03-01;;\nB1;P2;Blue Crane Outfitters;20;CAP-22;9;;;2026-03-01;;\n";
        var import = await CheckAsync(await UploadAsync(text));
        Assert.Equal(["7 Line:import.twice"], await FaultsAsync(import));
        await ApplyAsync(import);
        var a = await OrderAsync("A1");
        Assert.Equal((775m, new DateOnly(2026, 3, 1), OrderPriority.High), (a.Order.Value!.Value, a.Order.DueOn, a.Order.Priority));
        Assert.Equal([(10, 100m, null), (20, 50m, new DateOnly(2026, 3, 8)), (30, 10m, (DateOnly?)null)], a.Items.Select(i => (i.Line, i.Quantity, i.DueOn)));
        Assert.Equal([(20, 8m), (30, 7m)], (await OrderAsync("B1")).Items.Select(i => (i.Line, i.Quantity)));
        Assert.Equal(5, (await CheckAsync(await UploadAsync(text))).Count(ImportRowStatus.Unchanged));

        // One row of three: its item changes, the others and the head stay. A new line is a new item.
        import = await CheckAsync(await UploadAsync(Heads + "A1;P1;Blue Crane Outfitters;;TS-100;120;600;;2026-04-01;urgent;\nB1;P2;;40;CAP-22;5;;;2026-03-01;;\n"));
        Assert.Equal((1, 1), (import.Count(ImportRowStatus.Changed), import.Count(ImportRowStatus.New)));
        await ApplyAsync(import);
        a = await OrderAsync("A1");
        Assert.Equal((775m, new DateOnly(2026, 3, 1), OrderPriority.High), (a.Order.Value!.Value, a.Order.DueOn, a.Order.Priority));
        Assert.Equal([(10, 120m, new DateOnly(2026, 4, 1)), (20, 50m, new DateOnly(2026, 3, 8)), (30, 10m, (DateOnly?)null)], a.Items.Select(i => (i.Line, i.Quantity, i.DueOn)));
        Assert.Equal(3, (await OrderAsync("B1")).Items.Count);

        // All open items named: due date and priority of the order follow.
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "B1;;;20;;;;;2026-05-01;low;\nB1;;;30;;;;;2026-05-01;;\nB1;;;40;;;;;2026-05-01;;\n")));
        var b = await OrderAsync("B1");
        Assert.Equal((new DateOnly(2026, 5, 1), OrderPriority.Low), (b.Order.DueOn, b.Order.Priority));
        Assert.All(b.Items, i => Assert.Null(i.DueOn));
    }

    [Fact]
    public async Task A_quantity_of_a_begun_item_waits_for_a_planner_and_is_asked_once()
    {
        var order = await plant.OrderAsync(pms, "SO7", 100);
        await StartAsync(order);
        const string more = Heads + "SO7;;;10;;130;;;2026-02-10;urgent;\n";
        var import = await CheckAsync(await UploadAsync(more));
        var row = Assert.Single(await Imports.RowsAsync(TestPms.System, import.Id));
        Assert.Contains(new ImportChange("Quantity", "100", "130", Asks: true), row.Changes);
        await ApplyAsync(import);
        var detail = await OrderAsync("SO7");
        Assert.Equal((100m, new DateOnly(2026, 2, 10), OrderPriority.Urgent), (detail.Items[0].Quantity, detail.Order.DueOn, detail.Order.Priority));
        var decisions = pms.Get<OrderDecisionService>();
        var open = Assert.Single(await decisions.OfOrderAsync(TestPms.System, order));
        Assert.Equal((100m, 130m, 10), (open.Quantity!.Value, open.Wanted!.Value, open.Line));
        Assert.Equal(1, (await CheckAsync(await UploadAsync(more))).Count(ImportRowStatus.Unchanged));

        // Left as it is: the same is not asked again, another quantity is.
        await Assert.ThrowsAsync<InvalidException>(() => decisions.DismissAsync(TestPms.System, new DismissDecision(open.Id, open.Version, " ")));
        await decisions.DismissAsync(TestPms.System, new DismissDecision(open.Id, open.Version, "The cloth is cut"));
        await Assert.ThrowsAsync<ConflictException>(() => decisions.AcceptAsync(TestPms.System, new AcceptDecision(open.Id, open.Version + 1)));
        Assert.Equal(1, (await CheckAsync(await UploadAsync(more))).Count(ImportRowStatus.Unchanged));
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "SO7;;;10;;150;;;2026-02-10;urgent;\n")));
        open = Assert.Single(await decisions.OfOrderAsync(TestPms.System, order));
        // A later file wants less, then what is there: the question changes, then goes.
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "SO7;;;10;;140;;;;;\n")));
        var changed = Assert.Single(await decisions.OfOrderAsync(TestPms.System, order));
        Assert.Equal((open.Id, 140m), (changed.Id, changed.Wanted!.Value));
        await Assert.ThrowsAsync<ConflictException>(() => decisions.AcceptAsync(TestPms.System, new AcceptDecision(open.Id, open.Version)));
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "SO7;;;10;;100;;;;;\n")));
        Assert.Empty(await decisions.OfOrderAsync(TestPms.System, order));

        // Taken over: as if it were typed on the order's page.
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "SO7;;;10;;160;;;;;\n")));
        open = Assert.Single(await decisions.OfOrderAsync(TestPms.System, order));
        var accepted = await decisions.AcceptAsync(TestPms.System, new AcceptDecision(open.Id, open.Version));
        Assert.Equal(OrderDecisionState.Accepted, accepted.State);
        Assert.Equal(OrderDecisionState.Accepted, (await decisions.AcceptAsync(TestPms.System, new AcceptDecision(open.Id, open.Version))).State);
        Assert.Equal(160m, (await OrderAsync("SO7")).Items[0].Quantity);
        Assert.Equal(1, (await CheckAsync(await UploadAsync(Heads + "SO7;;;10;;160;;;;;\n"))).Count(ImportRowStatus.Unchanged));
        // Another product at a begun line is refused in its row.
        Assert.Equal(["2 Product:order.product_planned"], await FaultsAsync(await CheckAsync(await UploadAsync(Heads + "SO7;;;10;CAP-22;160;;;;;\n"))));
    }

    [Fact]
    public async Task A_quantity_that_is_less_than_made_asks_where_the_pieces_go_and_is_taken_whole_or_not()
    {
        var order = await plant.OrderAsync(pms, "SO8", 100);
        await StartAsync(order, good: 90);
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "SO8;;;10;;40;;;;;\n")));
        var decisions = pms.Get<OrderDecisionService>();
        var open = Assert.Single(await decisions.OfOrderAsync(TestPms.System, order));
        Assert.Equal("Surplus", (await Assert.ThrowsAsync<InvalidException>(() => decisions.AcceptAsync(TestPms.System, new AcceptDecision(open.Id, open.Version)))).Faults.Single().Field);
        Assert.Equal(OrderDecisionState.Open, (await decisions.GetAsync(TestPms.System, open.Id)).State);
        await decisions.AcceptAsync(TestPms.System, new AcceptDecision(open.Id, open.Version, Disposition.Stock));
        Assert.Equal(40m, (await OrderAsync("SO8")).Items[0].Quantity);
    }

    [Fact]
    public async Task A_quantity_that_is_planned_but_not_begun_is_applied_with_its_jobs()
    {
        var order = await plant.OrderAsync(pms, "SO9", 100);
        await PlanAsync(order);
        await ApplyAsync(await CheckAsync(await UploadAsync(Heads + "SO9;;;10;;60;;;;;\n")));
        var detail = await OrderAsync("SO9");
        Assert.Equal(60m, detail.Items[0].Quantity);
        Assert.True(detail.Jobs[0].Planned < 80, "the job shrank with it");
        Assert.Empty(await pms.Get<OrderDecisionService>().OfOrderAsync(TestPms.System, order));
    }

    [Fact]
    public async Task What_can_not_be_is_said_in_its_row()
    {
        var done = await plant.OrderAsync(pms, "DONE", 5);
        await pms.Db.InTransactionAsync(tx => { tx.Add("UPDATE orders SET status = 'Completed' WHERE id = @done", new { done }); tx.Add("UPDATE order_items SET status = 'Completed' WHERE order_id = @done", new { done }); return Task.CompletedTask; });
        await pms.Get<ProductService>().SaveAsync(TestPms.System, new Product { Code = "DRAFT", Name = "Draft", Steps = [new() { StageId = plant.Print.Id }] });
        await pms.Get<ProductService>().SaveAsync(TestPms.System, new Product { Code = "BARE", Name = "Bare", Lifecycle = Lifecycle.Active });
        const string c = "Blue Crane Outfitters";
        var import = await CheckAsync(await UploadAsync(Heads
            + $"X1;;{c};;TS-100;0;;;2026-03-01;;\nX2;;{c};;TS-100;-1;;;2026-03-01;;\nX3;;{c};;TS-100;1000000000000;;;2026-03-01;;\nX4;;{c};;TS-100;1,5;;;2026-03-01;;\n"
            + $"X5;;{c};;TS-100;5;;2026-03-02;2026-03-01;;\nX6;;{c};;TS-100;5;;;31.02.2026;;\n;;{c};;TS-100;5;;;2026-03-01;;\nX8;;{c};;DRAFT;5;;;2026-03-01;;\nX9;;{c};;BARE;5;;;2026-03-01;;\n"
            + $"X10;;{c};;;;;;;;\nDONE;;;10;;6;;;;;\n{new string('N', 65)};;{c};;TS-100;5;;;2026-03-01;;\nOK;;{c};;TS-100;5;;;2026-03-01;;\"=1+1\"\"><img src=x>\"\n"));
        Assert.Equal(["2 Quantity:between", "3 Quantity:between", "4 Quantity:between", "5 Quantity:too_many_decimals", "6 DueOn:before_start", "7 DueOn:import.not_a_day", "8 Number:required", "9 Product:product_not_active", "10 Product:product_without_path",
            "11 DueOn:required", "11 Product:required", "11 Quantity:required", "12 :order.not_open", "13 Number:too_long"], await FaultsAsync(import));
        await ApplyAsync(import);
        Assert.Equal("=1+1\"><img src=x>", (await OrderAsync("OK")).Order.Notes);

        // A correction judges the rows of its number together.
        import = await CheckAsync(await UploadAsync(Heads + $"Y1;P1;{c};;TS-100;5;;;2026-03-01;;\nY1;P2;{c};;CAP-22;6;;;2026-03-01;;\n"));
        Assert.Equal(ImportRowStatus.New, (await Imports.CorrectAsync(TestPms.System, import.Id, 3, new Dictionary<string, string> { ["SalesOrderNumber"] = "P1" })).Status);
        await Imports.CorrectAsync(TestPms.System, import.Id, 2, new Dictionary<string, string> { ["SalesOrderNumber"] = "P3" });
        Assert.Equal(["3 SalesOrderNumber:import.other_po"], await FaultsAsync(import));
    }

    [Fact]
    public async Task The_same_book_twice_at_once_on_two_nodes_and_stopped_in_the_middle_makes_each_order_once()
    {
        var text = new StringBuilder(Heads);
        for (var i = 0; i < 90; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"N{i / 2:000};P;Blue Crane Outfitters;;{(i % 2 == 0 ? "TS-100" : "CAP-22")};{i + 1};;;2026-03-01;;\n");
        var one = await CheckAsync(await UploadAsync(text.ToString()));
        var two = await CheckAsync(await UploadAsync(text.ToString()));
        // A third was stored in part, but its node was killed before it could note it.
        var target = await Imports.Definition("order").OpenAsync(TestPms.System, default);
        await target.StoreAsync(await Imports.RowsAsync(TestPms.System, one.Id, limit: 30), together: true, default);
        await Imports.ApplyAsync(TestPms.System, one.Id, one.Version);
        await Imports.ApplyAsync(TestPms.System, two.Id, two.Version);
        await using var node = await pms.AnotherNodeAsync();
        await Task.WhenAll(Task.Run(() => pms.Get<ImportRunner>().RunAsync(null, default)), Task.Run(() => node.Get<ImportRunner>().RunAsync(null, default)));
        foreach (var id in new[] { one.Id, two.Id })
            Assert.Equal((ImportStatus.Done, 90), ((await Imports.GetAsync(TestPms.System, id)).Status, (await Imports.GetAsync(TestPms.System, id)).Count(ImportRowStatus.Done)));
        Assert.Equal((45L, 90L), (await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM orders"), await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM order_items")));
        Assert.Equal(45, await pms.CountAuditAsync("order.create"));
    }

    [Fact]
    public async Task A_node_killed_while_it_stores_leaves_the_rest_to_another_and_nothing_twice()
    {
        var import = await CheckAsync(await UploadAsync(Heads + string.Concat(Enumerable.Range(0, 400).Select(i => $"K{i:000};P;Blue Crane Outfitters;;TS-100;{i + 1};;;2026-03-01;;\n"))));
        await Imports.ApplyAsync(TestPms.System, import.Id, import.Version);
        using var kill = new CancellationTokenSource();
        var work = Task.Run(() => pms.Get<ImportRunner>().RunAsync(null, kill.Token));
        await Eventually.TrueAsync(async () => (await Imports.GetAsync(TestPms.System, import.Id)).Count(ImportRowStatus.Done) > 0, "some are stored");
        await kill.CancelAsync();
        await Record.ExceptionAsync(() => work);
        Assert.Equal(await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM orders"), (await Imports.GetAsync(TestPms.System, import.Id)).Count(ImportRowStatus.Done));
        await using var node = await pms.AnotherNodeAsync();
        await node.Get<ImportRunner>().RunAsync(null, default);
        Assert.Equal((ImportStatus.Done, 400), ((await Imports.GetAsync(TestPms.System, import.Id)).Status, (await Imports.GetAsync(TestPms.System, import.Id)).Count(ImportRowStatus.Done)));
        Assert.Equal((400L, 400), (await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM orders"), await pms.CountAuditAsync("order.create")));
    }

    [Fact]
    public async Task A_number_of_more_rows_than_an_order_can_have_is_refused_in_each_of_them()
    {
        var import = await CheckAsync(await UploadAsync(Heads + "Y;;Blue Crane Outfitters;;TS-100;1;;;2026-03-01;;\n" + string.Concat(Enumerable.Range(0, 1_001).Select(i => $"X;;Blue Crane Outfitters;;TS-100;{i + 1};;;2026-03-01;;\n"))));
        Assert.Equal((1, 1_001), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong)));
        Assert.All(await Imports.RowsAsync(TestPms.System, import.Id, ImportRowStatus.Wrong, limit: 1_000), r => Assert.Equal("import.too_many_of_one", Assert.Single(r.Faults).Why.Code));
        Assert.Equal("import.too_many_of_one", (await Imports.CorrectAsync(TestPms.System, import.Id, 2, new Dictionary<string, string> { ["Number"] = "X" })).Faults.Single().Why.Code);
        Assert.Equal(ImportRowStatus.New, (await Imports.CorrectAsync(TestPms.System, import.Id, 3, new Dictionary<string, string> { ["Number"] = "Z" })).Status);
    }

    [Theory]
    [InlineData("order-book-semicolon-cp1252.csv", "windows-1252", 1, 404, 16)]
    [InlineData("order-book-header-on-row-4.xlsx", null, 4, 586, 14)]
    public async Task A_whole_order_book_becomes_orders_once_what_it_names_is_there_and_again_changes_nothing(string name, string? encoding, int headerRow, int good, int wrong)
    {
        var book = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "OrderBooks", "Samples", name));
        var import = await CheckAsync(await UploadAsync(name, book));
        Assert.Equal((encoding, headerRow, good + wrong), (import.Shape.Encoding, import.Shape.HeaderRow, import.RowsRead));
        foreach (var missing in (await Imports.MissingAsync(TestPms.System, import.Id)).GroupBy(m => m.Field))
            await Imports.MakeAsync(TestPms.System, import.Id, missing.Key, [.. missing.Select(m => m.Text)], new Dictionary<string, string> { ["Path"] = "Printing / Screen print > Packing / Packing" });
        import = await Imports.GetAsync(TestPms.System, import.Id);
        Assert.Equal((good, wrong), (import.Count(ImportRowStatus.New), import.Count(ImportRowStatus.Wrong)));
        import = await ApplyAsync(import);
        Assert.Equal((ImportStatus.Done, good), (import.Status, import.Count(ImportRowStatus.Done)));
        Assert.Equal(good, (int)await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM order_items"));
        import = await CheckAsync(await UploadAsync(name, book));
        Assert.Equal((good, wrong, 0), (import.Count(ImportRowStatus.Unchanged), import.Count(ImportRowStatus.Wrong), import.Open));
    }

    private async Task StartAsync(long order, decimal good = 0)
    {
        var job = await PlanAsync(order);
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE jobs SET status = 'Paused', started_at = created_at, good = @good, version = version + 1 WHERE id = @job", new { job, good });
            await tx.ExecuteAsync("UPDATE order_items SET status = 'InProgress', version = version + 1 WHERE order_id = @order", new { order });
            await tx.ExecuteAsync("UPDATE orders SET status = 'InProgress', version = version + 1 WHERE id = @order", new { order });
        });
    }

    private async Task<long> PlanAsync(long order)
    {
        var step = (await pms.Get<OrderService>().GetAsync(TestPms.System, order)).Items[0].Steps[0];
        return (await pms.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(step.Id, 100, TestPms.Start.AddDays(1), End: TestPms.Start.AddDays(1).AddHours(2)))).JobId;
    }

    private async Task<List<string>> FaultsAsync(Import import) => [.. (await Imports.RowsAsync(TestPms.System, import.Id, ImportRowStatus.Wrong)).SelectMany(r => r.Faults.Select(f => $"{r.Number} {f.Field}:{f.Why.Code}").Order(StringComparer.Ordinal))];

    private async Task<OrderDetail> OrderAsync(string number) =>
        await pms.Get<OrderService>().GetAsync(TestPms.System, (await pms.Get<OrderService>().ListAsync(TestPms.System, new PageRequest { Search = number })).Items.Single(o => o.Number == number).Id);

    private Task<Import> UploadAsync(string text) => UploadAsync("book.csv", Encoding.UTF8.GetBytes(text));

    private Task<Import> UploadAsync(string name, byte[] content) => Imports.UploadAsync(TestPms.System, "order", name, new MemoryStream(content));

    private async Task<Import> CheckAsync(Import import)
    {
        await Imports.CheckAsync(TestPms.System, import.Id, import.Version, new ImportSetup());
        await pms.Get<ImportRunner>().RunAsync(null, default);
        return await Imports.GetAsync(TestPms.System, import.Id);
    }

    private async Task<Import> ApplyAsync(Import import)
    {
        await Imports.ApplyAsync(TestPms.System, import.Id, import.Version);
        await pms.Get<ImportRunner>().RunAsync(null, default);
        return await Imports.GetAsync(TestPms.System, import.Id);
    }
}

public sealed class OrderImportTests_on_SQLite() : OrderImportTests(Engine.Sqlite);

public sealed class OrderImportTests_on_MariaDB() : OrderImportTests(Engine.MySql);
