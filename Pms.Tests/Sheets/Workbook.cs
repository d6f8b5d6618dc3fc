using System.IO.Compression;
using System.Security;
using System.Text;

namespace Pms.Tests.Sheets;

/// <summary>Makes workbooks by hand, so that a test has exactly the mess it wants.</summary>
internal static class Workbook
{
    /// <summary>Cells: text, number, day (with a date format), "=value" as a formula with its kept value, null is no cell.</summary>
    public static byte[] Of(IEnumerable<object?[]> rows, string more = "", string tab = "Sheet 1", IEnumerable<object?[]>? second = null)
    {
        var sheets = second is null ? [rows] : new[] { rows, second };
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Put(zip, "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>");
            Put(zip, "_rels/.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
            Put(zip, "xl/workbook.xml", "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>"
                + string.Concat(sheets.Select((_, i) => $"<sheet name=\"{(i == 0 ? tab : "Second")}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>")) + "</sheets></workbook>");
            Put(zip, "xl/_rels/workbook.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                + string.Concat(sheets.Select((_, i) => $"<Relationship Id=\"rId{i + 1}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>"))
                + "<Relationship Id=\"rId9\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>");
            Put(zip, "xl/styles.xml", "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd\"/></numFmts><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>");
            for (var i = 0; i < sheets.Length; i++)
                Put(zip, $"xl/worksheets/sheet{i + 1}.xml", "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
                    + string.Concat(sheets[i].Select((cells, r) => $"<row r=\"{r + 1}\">{string.Concat(cells.Select((c, n) => Cell(c, n, r + 1)))}</row>")) + "</sheetData>" + (i == 0 ? more : "") + "</worksheet>");
        }
        return memory.ToArray();
    }

    public static void Put(ZipArchive zip, string name, string content)
    {
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(Encoding.UTF8.GetBytes(content));
    }

    private static string Cell(object? value, int column, int row)
    {
        var at = $"{(char)('A' + column)}{row}";
        return value switch
        {
            null => "",
            string text when text.StartsWith('=') => $"<c r=\"{at}\" t=\"str\"><f>CONCATENATE(1)</f><v>{SecurityElement.Escape(text[1..])}</v></c>",
            string text => $"<c r=\"{at}\" t=\"inlineStr\"><is><t>{SecurityElement.Escape(text)}</t></is></c>",
            DateOnly day => $"<c r=\"{at}\" s=\"1\"><v>{day.ToDateTime(TimeOnly.MinValue).ToOADate()}</v></c>",
            bool yes => $"<c r=\"{at}\" t=\"b\"><v>{(yes ? 1 : 0)}</v></c>",
            IFormattable number => $"<c r=\"{at}\"><v>{number.ToString(null, System.Globalization.CultureInfo.InvariantCulture)}</v></c>",
            _ => throw new ArgumentException("no cell"),
        };
    }
}
