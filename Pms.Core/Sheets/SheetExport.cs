using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MiniExcelLibs;
using MiniExcelLibs.Attributes;
using MiniExcelLibs.OpenXml;

namespace Pms.Core.Sheets;

/// <summary>
/// Writes tables as files: row by row, so that memory stays flat whatever the length, and harmless to open (see <see cref="SheetCell"/>).
/// A file is made under the data folder first: what fails on the way never arrives as half a file.
/// </summary>
public sealed class SheetExport(CoreSettings settings)
{
    /// <summary>More rows don't fit into a sheet of Excel with its head.</summary>
    public const int MostRows = 1_048_575;

    /// <summary>So many characters of a text file are collected before they are sent on.</summary>
    private const int Held = 16 * 1024;

    public static string ContentType(SheetFormat format) => format == SheetFormat.Csv ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>The finished file, open at its start; it is gone when the stream is closed.</summary>
    /// <exception cref="RuleException">export.too_long: narrow it.</exception>
    public async Task<FileStream> ToFileAsync(Sheet sheet, SheetFormat format, CancellationToken ct = default)
    {
        var file = NewFile();
        try
        {
            await WriteAsync(sheet, format, file, ct);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>An empty file that is gone when it is closed.</summary>
    public FileStream NewFile() => new(Path.Combine(Directory.CreateDirectory(Path.Combine(settings.DataFolder, "tmp")).FullName, Guid.NewGuid().ToString("N")), new FileStreamOptions
    {
        Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous, BufferSize = 64 * 1024,
    });

    /// <summary>Writes the table to a stream that can be sought.</summary>
    /// <exception cref="RuleException">export.too_long: narrow it.</exception>
    public static Task WriteAsync(Sheet sheet, SheetFormat format, Stream to, CancellationToken ct = default) =>
        format == SheetFormat.Csv ? CsvAsync(sheet, to, ct) : XlsxAsync(sheet, to, MostRows, ct);

    private static async Task CsvAsync(Sheet sheet, Stream to, CancellationToken ct)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 64 * 1024, leaveOpen: true);
        var lines = new StringBuilder(2 * Held);
        async Task SendAsync()
        {
            await writer.WriteAsync(lines, ct);
            lines.Clear();
        }
        void Add(object?[] cells)
        {
            foreach (var cell in cells)
            {
                SheetCell.AppendCsv(lines, cell);
                lines.Append(',');
            }
            lines.Length -= cells.Length > 0 ? 1 : 0;
            lines.Append("\r\n");
        }
        Add([.. sheet.Columns.Select(c => c.Title)]);
        await foreach (var row in sheet.Rows.WithCancellation(ct))
        {
            Add(row);
            if (lines.Length > Held)
                await SendAsync();
        }
        await SendAsync();
    }

    internal static async Task XlsxAsync(Sheet sheet, Stream to, int most, CancellationToken ct)
    {
        var titles = Unique(sheet.Columns);
        var sheets = new Dictionary<string, object>();
        await using var rows = sheet.Rows.GetAsyncEnumerator(ct);
        sheets[TabName(sheet.Name)] = await rows.MoveNextAsync() ? Cells(rows, titles, most, ct) : NoRows(titles);
        if (sheet.About.Count > 0)
            sheets["About"] = sheet.About.Select(a => new Dictionary<string, object?> { [" "] = SheetCell.Safe(a.Label), ["  "] = SheetCell.Safe(a.Value) }).ToList();
        await MiniExcel.SaveAsAsync(to, sheets, configuration: new OpenXmlConfiguration
        {
            Culture = CultureInfo.InvariantCulture,
            EnableWriteFilePath = false,   // a text that looks like a path is a text
            DynamicColumns = [.. titles.Select((title, i) => new DynamicExcelColumn(title) { Width = sheet.Columns[i].Width }),
                new DynamicExcelColumn(" ") { Width = 28 }, new DynamicExcelColumn("  ") { Width = 90 }],
        }, cancellationToken: ct);
    }

    private static async IAsyncEnumerable<IDictionary<string, object?>> Cells(IAsyncEnumerator<object?[]> rows, string[] titles, int most, [EnumeratorCancellation] CancellationToken ct)
    {
        var count = 0;
        do
        {
            ct.ThrowIfCancellationRequested();
            if (++count > most)
                throw new RuleException("export.too_long", most);
            var row = rows.Current;
            var cells = new Dictionary<string, object?>(titles.Length);
            for (var i = 0; i < titles.Length; i++)
                cells.Add(titles[i], SheetCell.Value(i < row.Length ? row[i] : null));
            yield return cells;
        }
        while (await rows.MoveNextAsync());
    }

    private static DataTable NoRows(string[] titles)
    {
        var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        foreach (var title in titles)
            table.Columns.Add(title);
        return table;
    }

    /// <summary>Two columns may have one title in some language; a workbook's columns are told apart by it.</summary>
    private static string[] Unique(IReadOnlyList<SheetColumn> columns)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. columns.Select(c =>
        {
            var title = SheetCell.Safe(c.Title);
            for (var n = 2; !seen.Add(title); n++)
                title = $"{c.Title} ({n})";
            return title;
        })];
    }

    /// <summary>Excel's rules for the name of a tab.</summary>
    private static string TabName(string name) => string.Concat(name.Where(c => !"[]:*?/\\'".Contains(c))) is { Length: > 0 } clean ? clean[..Math.Min(31, clean.Length)] : "Sheet";
}
