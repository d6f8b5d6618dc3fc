using System.Diagnostics;
using Pms.Bench.Floors;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Sheets;

namespace Pms.Bench.Sheets;

/// <summary>Rows to a finished file, PMS's way (made harmless to open, whole or not at all) beside the library alone and a plain stream.</summary>
internal sealed class ExportBench : Bench
{
    private static readonly string[] Titles = ["Number", "Customer", "Product", "Quantity", "Value", "Due", "Priority", "Status", "Late", "Notes"];

    public override string Name => "export";
    public override string Usage => "export [--rows 100000]";
    public override string What => "seconds to write rows of ten columns as .xlsx and .csv, beside MiniExcel alone and a plain stream; and the memory it takes";

    public override async Task RunAsync(Options options, Report report)
    {
        var rows = options.Number("rows", 100_000);
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(options.Text("data", Path.GetTempPath())), $"pms-bench-{Guid.NewGuid():N}"[..18])).FullName;
        try
        {
            var export = new SheetExport(new CoreSettings { Database = new DbSettings { Dialect = Dialect.Sqlite, ConnectionString = "Data Source=:memory:" }, Zone = TimeZoneInfo.Utc, DataFolder = folder });
            foreach (var format in Enum.GetValues<SheetFormat>())
            {
                async Task<double> PmsAsync(int count) => await SecondsAsync(() => export.ToFileAsync(new Sheet { Name = "orders", Columns = [.. Titles.Select(t => new SheetColumn(t))], Rows = Rows(count).ToAsyncEnumerable() }, format));
                Task<double> FloorAsync() => SecondsAsync(async () =>
                {
                    var file = export.NewFile();
                    await (format == SheetFormat.Csv ? BareSheets.WriteTextAsync(file, Titles, Rows(rows)) : BareSheets.WriteWorkbookAsync(file, Titles, Rows(rows)));
                    return file;
                });
                for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < options.Warm(format == SheetFormat.Csv);)
                {
                    await FloorAsync();
                    await PmsAsync(rows);
                }
                var comparison = new Comparison($"{rows:N0} rows to .{format.ToString().ToLowerInvariant()}", "s", lessIsBetter: true);
                for (var pair = 0; pair < options.Pairs; pair++)
                    comparison.Add(await PmsAsync(rows), await FloorAsync());
                report.Add(comparison);
                var (tenth, whole) = (await LiveMemory.PeakAsync(() => PmsAsync(rows / 10)), await LiveMemory.PeakAsync(() => PmsAsync(rows)));
                Report.Say($"  live memory at its peak: {rows / 10:N0} rows {tenth / 1e6:0.0} MB, {rows:N0} rows {whole / 1e6:0.0} MB");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> SecondsAsync(Func<Task<FileStream>> write)
    {
        var began = Stopwatch.GetTimestamp();
        await using var file = await write();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static IEnumerable<object?[]> Rows(int count)
    {
        for (var i = 0; i < count; i++)
            yield return [$"SO{i:000000}", i % 7 == 0 ? "ACME, Tools" : "Blue Gum Outfitters", "Cap 6-panel", 250m + i % 100, 1249.5m + i, new DateOnly(2026, 1, 1).AddDays(i % 365), "Normal", "Scheduled", i % 11 == 0, i % 5 == 0 ? "Call before delivery" : null];
    }
}
