using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MiniExcelLibs;
using Pms.Bench.Floors;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Imports;
using Pms.Core.Products;

namespace Pms.Bench.Sheets;

/// <summary>An order book from .xlsx into the preview, and from there into orders, beside the library reading the same file and doing nothing with it.</summary>
internal sealed class ImportBench : Bench
{
    private const int Customers = 40;

    public override string Name => "import";
    public override string Usage => "import --engine sqlite|mysql [--rows 50000] [--connection STRING]";
    public override string What => "seconds to read, check and keep order rows from .xlsx, beside MiniExcel alone reading the file; the seconds to store them as orders; and the memory it takes";
    public override string NameFor(Options options) => $"import-{options.Text("engine", "sqlite")}";

    public override async Task RunAsync(Options options, Report report)
    {
        var rows = options.Number("rows", 50_000);
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var services = await Seed.StartAsync(database, 1);
        var db = services.GetRequiredService<Db>();
        await db.InTransactionAsync(async tx =>
        {
            for (var c = 2; c <= Customers; c++)
                await tx.ExecuteAsync("INSERT INTO customers (id, name, name_key) VALUES (@c, @name, @key)", new { c, name = $"Customer {c}", key = $"CUSTOMER {c}" });
            for (var stage = 1; stage <= Seed.Stages; stage++)
                await tx.ExecuteAsync("INSERT INTO product_steps (product_id, position, stage_id, crew, scrap_share, factor, required, parallel) VALUES (1, @stage, @stage, 1, 0, 1000000, 1, 0)", new { stage });
        });
        var book = 0;
        var actor = Actor.System("bench");
        var (imports, runner) = (services.GetRequiredService<ImportService>(), services.GetRequiredService<ImportRunner>());

        string File(int count) => Written(Path.Combine(database.Folder, $"book{++book}.xlsx"), book, count);
        async Task<Import> CheckAsync(string path)
        {
            await using var content = System.IO.File.OpenRead(path);
            var import = await imports.UploadAsync(actor, "order", path, content);
            await imports.CheckAsync(actor, import.Id, import.Version, new ImportSetup());
            await runner.RunAsync(null, default);
            import = await imports.GetAsync(actor, import.Id);
            return import.Open == import.RowsRead ? import : throw new InvalidOperationException($"{import.Status}: {import.Open} of {import.RowsRead} rows could be applied. {import.Error}");
        }
        async Task ApplyAsync(Import import)
        {
            await imports.ApplyAsync(actor, import.Id, import.Version);
            await runner.RunAsync(null, default);
        }

        await ApplyAsync(await CheckAsync(File(2_000)));   // both ways warm
        BareSheets.Read(File(2_000));
        var (check, whole, rates) = (new Comparison($"{database.Kind}, {rows:N0} rows read, checked and kept", "s", lessIsBetter: true), new Comparison($"{database.Kind}, the same and stored as orders", "s", lessIsBetter: true, judged: false), new List<double>());
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            var path = File(rows);
            var began = Stopwatch.GetTimestamp();
            var import = await CheckAsync(path);
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            began = Stopwatch.GetTimestamp();
            await ApplyAsync(import);
            var applied = Stopwatch.GetElapsedTime(began).TotalSeconds;
            began = Stopwatch.GetTimestamp();
            BareSheets.Read(path);
            var bare = Stopwatch.GetElapsedTime(began).TotalSeconds;
            check.Add(seconds, bare);
            whole.Add(seconds + applied, bare);
            rates.Add(rows / applied);
            System.IO.File.Delete(path);
        }
        report.Add(check);
        report.Add(whole);
        Report.Say($"  stored {Comparison.Median(rates):0} orders a second ({rates.Min():0}–{rates.Max():0})");
        foreach (var (what, path) in new[]
        {
            ($"{rows / 5:N0} rows", File(rows / 5)), ($"{rows:N0} rows", File(rows)),
            ($"{ImportRunner.MostRows:N0} rows of .csv", Text(Path.Combine(database.Folder, "long.csv"), ImportRunner.MostRows, 20)), ("50 MB of .csv, 18 000 characters a row", Text(Path.Combine(database.Folder, "wide.csv"), 2_750, 9_000)),
        })
        {
            var began = Stopwatch.GetTimestamp();
            var peak = await LiveMemory.PeakAsync(() => CheckAsync(path));
            Report.Say($"  live memory at its peak, checking {what} ({new FileInfo(path).Length / 1e6:0} MB): {peak / 1e6:0.0} MB, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s with all the collections");
            System.IO.File.Delete(path);
        }
    }

    /// <summary>Order rows as text, with a reference nobody asked for beside the notes.</summary>
    private static string Text(string path, int rows, int width)
    {
        using var file = System.IO.File.CreateText(path);
        file.WriteLine("Order No;Customer;SKU;Qty;Due date;Notes;Reference");
        for (var i = 1; i <= rows; i++)
            file.WriteLine($"T{rows}-{i:000000};Blue Gum Outfitters;CAP-6;{50 + i % 500};2027-01-{1 + i % 28:00};{new string((char)('a' + i % 26), width)};{new string('r', width)}");
        return path;
    }

    /// <summary>Headings below a title, one order per row, as real order books are.</summary>
    private static string Written(string path, int book, int rows)
    {
        MiniExcel.SaveAs(path, Enumerable.Range(1, rows).Select(i => new Dictionary<string, object?>
        {
            ["Order No"] = $"B{book}-{i:000000}", ["Customer PO"] = $"PO-{i}", ["Customer"] = i % Customers is var c && c < 2 ? "Blue Gum Outfitters" : $"Customer {c}", ["SKU"] = "CAP-6", ["Description"] = "Cap 6-panel",
            ["Qty"] = 50 + i % 500, ["Value (excl.)"] = 100.5 + i % 900, ["Start date"] = new DateTime(2026, 12, 1).AddDays(i % 20), ["Due date"] = new DateTime(2027, 1, 1).AddDays(i % 60), ["Priority"] = i % 9 == 0 ? "urgent" : "normal", ["Notes"] = i % 4 == 0 ? "Call before delivery" : null,
        }));
        return path;
    }
}
