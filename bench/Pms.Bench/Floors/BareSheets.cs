using System.Globalization;
using System.Text;
using MiniExcelLibs;

namespace Pms.Bench.Floors;

/// <summary>Workbooks read and written by the library alone, and text by a plain stream: nothing is checked, cleaned or kept.</summary>
internal static class BareSheets
{
    /// <summary>Every cell of every row is taken up once.</summary>
    public static int Read(string path)
    {
        var cells = 0;
        foreach (IDictionary<string, object?> row in MiniExcel.Query(path, useHeaderRow: false, excelType: ExcelType.XLSX))
            foreach (var value in row.Values)
                if (value is not null)
                    cells++;
        return cells;
    }

    public static Task WriteWorkbookAsync(Stream to, IReadOnlyList<string> titles, IEnumerable<object?[]> rows) => MiniExcel.SaveAsAsync(to, rows.Select(row =>
    {
        var cells = new Dictionary<string, object?>(titles.Count);
        for (var i = 0; i < titles.Count; i++)
            cells.Add(titles[i], row[i]);
        return cells;
    }));

    /// <summary>Quotes where the text needs them, as any CSV must.</summary>
    public static async Task WriteTextAsync(Stream to, IReadOnlyList<string> titles, IEnumerable<object?[]> rows)
    {
        await using var writer = new StreamWriter(to, new UTF8Encoding(true), 64 * 1024, leaveOpen: true);
        await writer.WriteLineAsync(string.Join(',', titles));
        var line = new StringBuilder();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                if (i > 0)
                    line.Append(',');
                var text = row[i] switch { null => "", DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), IFormattable f => f.ToString(null, CultureInfo.InvariantCulture), var other => other.ToString()! };
                if (text.AsSpan().IndexOfAny(",\"\r\n") < 0)
                    line.Append(text);
                else
                    line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            }
            line.Append("\r\n");
            await writer.WriteAsync(line);
            line.Clear();
        }
    }
}
