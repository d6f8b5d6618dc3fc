using System.IO.Compression;
using System.Text;
using Pms.Core;
using Pms.Core.Imports;
using Pms.Core.Sheets;
using Pms.Tests.Support;

namespace Pms.Tests.Sheets;

/// <summary>Workbooks as other programs write them, and as somebody makes them who means harm.</summary>
public sealed class SheetBookTests
{
    private const string Space = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";

    [Fact]
    public void Shared_texts_come_whole_without_how_they_are_spoken()
    {
        var rows = Rows("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" t=\"s\"><v>2</v></c><c r=\"D1\" t=\"s\"><v>3</v></c><c r=\"E1\" t=\"s\"><v>9</v></c></row>",
            shared: "<si><t>plain</t></si><si><r><t>two </t></r><r><rPr><b/></rPr><t>parts</t></r><rPh sb=\"0\" eb=\"1\"><t>spoken</t></rPh></si><si><t xml:space=\"preserve\"> line_x000A_break &amp; more </t></si><si/>");
        Assert.Equal(["plain", "two parts", "line\nbreak & more", null], rows[0]);   // one is empty, one isn't there
    }

    [Fact]
    public void Many_shared_texts_lie_beside_and_none_is_mistaken_for_another()
    {
        const int count = 60_000;
        var shared = string.Concat(Enumerable.Range(0, count).Select(i => $"<si><t>Text number {i} {new string((char)('a' + i % 26), 60)}é</t></si>"));
        var order = Enumerable.Range(0, 20_000).Select(i => i * 7919 % count).ToList();
        var rows = Rows(string.Concat(order.Select((n, i) => $"<row r=\"{i + 1}\"><c r=\"A{i + 1}\" t=\"s\"><v>{n}</v></c><c r=\"B{i + 1}\" t=\"s\"><v>{n % 5}</v></c></row>")), shared, out var cache);
        Assert.All(order.Zip(rows), r => Assert.Equal([$"Text number {r.First} {new string((char)('a' + r.First % 26), 60)}é", $"Text number {r.First % 5} {new string((char)('a' + r.First % 5), 60)}é"], r.Second));
        Assert.Empty(Directory.GetFiles(cache));   // gone with the file
    }

    [Fact]
    public void Days_and_times_are_known_by_their_format_and_nothing_else_is_taken_for_one()
    {
        const string formats = "<numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-409]d\\-mmm\\-yy;@\"/><numFmt numFmtId=\"165\" formatCode=\"0.00&quot; days&quot;\"/><numFmt numFmtId=\"166\" formatCode=\"[Red]#,##0\"/><numFmt numFmtId=\"167\" formatCode=\"[h]:mm\"/><numFmt numFmtId=\"168\" formatCode=\"mmm yyyy\"/></numFmts>"
            + "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"166\"/><xf numFmtId=\"167\"/><xf numFmtId=\"168\"/><xf numFmtId=\"22\"/></cellXfs>";
        var cells = string.Concat(new[] { (0, "46361"), (1, "46361"), (2, "46361"), (3, "2.5"), (4, "1250"), (5, "0.25"), (6, "46361"), (7, "46361.5"), (9, "7"), (1, "0.1"), (1, "99999999") }.Select((c, i) => $"<c r=\"{(char)('A' + i)}1\" s=\"{c.Item1}\"><v>{c.Item2}</v></c>"));
        var day = new DateTime(2026, 12, 5);
        Assert.Equal([46361m, day, day, 2.5m, 1250m, "06:00:00", day, day.AddHours(12), 7m, 0.1m, 99999999m], Rows($"<row r=\"1\">{cells}</row>", styles: formats)[0]);
        Assert.Equal(new DateTime(2026, 12, 5), Rows("<row r=\"1\"><c r=\"A1\" s=\"1\"><v>44899</v></c></row>", styles: formats, properties: "<workbookPr date1904=\"1\"/>")[0][0]);
        Assert.Equal([day.AddHours(8), "soon", "#N/A", true, "text"], Rows("<row><c t=\"d\"><v>2026-12-05T08:00:00</v></c><c t=\"d\"><v>soon</v></c><c t=\"e\"><v>#N/A</v></c><c t=\"b\"><v>1</v></c><c t=\"str\"><f>A1</f><v>text</v></c></row>")[0]);
    }

    [Fact]
    public void Other_programs_prefixes_gaps_and_missing_names_of_cells_do_no_harm()
    {
        var rows = Rows("<x:row r=\"2\"><x:c r=\"B2\"><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row><x:row/><x:row r=\"6\"><x:c r=\"C6\" t=\"inlineStr\"><x:is><x:t>c</x:t></x:is></x:c><x:c r=\"A6\"><x:v>0.30000000000000004</x:v></x:c><x:extLst/></x:row>", prefix: "x:");
        Assert.Equal([[], [null, 1m, 2m], [], [], [], [0.3m, null, "c"]], rows);
    }

    [Fact]
    public void What_the_sheet_says_of_its_own_size_costs_nothing()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var rows = Count("<dimension ref=\"A1:XFD1048576\"/>", "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"A1048576\"><v>2</v></c></row>");
        Assert.Equal(1_048_576, rows);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        Assert.Equal("sheet.too_wide", Assert.Throws<RuleException>(() => Rows("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>")).Code);
        Assert.Empty(Rows("<row r=\"1\"><c r=\"XFD1\" s=\"1\"/></row>")[0]);   // formatted, but nothing in it
    }

    [Fact]
    public void A_text_beyond_all_reason_is_cut_while_it_is_read()
    {
        var random = new Random(1);
        var text = new string([.. Enumerable.Range(0, 6_000_000).Select(_ => (char)('a' + random.Next(26)))]);
        var path = Written("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>", $"<si><t>{text}</t></si><si><t>short</t></si>");
        using var file = SheetFile.Open(path, TestRun.NewPath("cache"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var cells = file.Rows().Single().Cells;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Equal((SheetFile.LongestCell, "short"), (((string)cells[0]!).Length, cells[1]));
    }

    [Fact]
    public void Only_so_much_of_a_file_is_kept_to_judge_its_habits_by()
    {
        var slices = ImportRunner.Slices(Enumerable.Range(1, 100).Select(n => new ImportRow { Number = n, Values = new Dictionary<string, string> { ["Notes"] = new('n', 30_000) } })).ToList();
        Assert.All(slices, s => Assert.InRange(s.Count, 1, 17));
        Assert.Equal(Enumerable.Range(1, 100), slices.SelectMany(s => s).Select(r => r.Number));
        Assert.Equal([500, 500, 200], ImportRunner.Slices(Enumerable.Range(1, 1_200).Select(n => new ImportRow { Number = n })).Select(s => s.Count));
    }

    private static List<object?[]> Rows(string rows, string? shared = null, string styles = "", string properties = "", string prefix = "") => Read(Written(rows, shared, styles, properties, prefix), TestRun.NewPath("cache"));

    private static List<object?[]> Rows(string rows, string shared, out string cache) => Read(Written(rows, shared), cache = TestRun.NewPath("cache"));

    private static List<object?[]> Read(string path, string cache)
    {
        using var file = SheetFile.Open(path, cache);
        return [.. file.Rows().Select(r => r.Cells.ToArray())];
    }

    private static int Count(string before, string rows)
    {
        using var file = SheetFile.Open(Written(rows, before: before), TestRun.NewPath("cache"));
        return file.Rows().Count();
    }

    private static string Written(string rows, string? shared = null, string styles = "", string properties = "", string prefix = "", string before = "")
    {
        var path = TestRun.NewPath("book");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        var space = prefix.Length == 0 ? Space : Space.Replace("xmlns", "xmlns:" + prefix.TrimEnd(':'));
        Workbook.Put(zip, "[Content_Types].xml", "<Types/>");
        Workbook.Put(zip, "xl/workbook.xml", $"<workbook {Space} xmlns:o=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">{properties}<sheets><sheet name=\"One\" sheetId=\"1\" o:id=\"r1\"/></sheets></workbook>");
        Workbook.Put(zip, "xl/_rels/workbook.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Target=\"/xl/worksheets/any.xml\"/></Relationships>");
        Workbook.Put(zip, "xl/styles.xml", $"<styleSheet {Space}>{styles}</styleSheet>");
        Workbook.Put(zip, "xl/worksheets/any.xml", $"<{prefix}worksheet {space}>{before}<{prefix}sheetData>{rows}</{prefix}sheetData></{prefix}worksheet>");
        if (shared is not null)
            Workbook.Put(zip, "xl/sharedStrings.xml", $"<sst {Space}>{shared}</sst>");
        return path;
    }
}
