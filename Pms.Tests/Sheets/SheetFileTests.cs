using System.IO.Compression;
using System.Text;
using Pms.Core;
using Pms.Core.Sheets;
using Pms.Tests.Support;

namespace Pms.Tests.Sheets;

public sealed class SheetFileTests
{
    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string> Encodings => ["utf-8", "utf-8 with mark", "utf-16", "utf-16 without mark", "big", "1252"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_text_file_is_read_in_the_encoding_it_was_written_in(string name)
    {
        const string text = "Nr;Name;Größe\r\n1;Käse & Co;1.249,50\r\n2;\"zwei\nZeilen; ja\";3\r\n";
        byte[] bytes = name switch
        {
            "utf-8" => new UTF8Encoding(false).GetBytes(text),
            "utf-8 with mark" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
            "utf-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
            "utf-16 without mark" => Encoding.Unicode.GetBytes(text),
            "big" => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)],
            _ => Western.GetBytes(text),
        };
        var file = Open(bytes);
        Assert.Equal(';', file.Separator);
        var rows = file.Rows().ToList();
        Assert.Equal(["Nr", "Name", "Größe"], rows[0].Cells);
        Assert.Equal("Käse & Co", rows[1].Cells[1]);
        Assert.Equal("zwei\nZeilen; ja", rows[2].Cells[1]);
    }

    [Theory]
    [InlineData("a,b,c\n1,2,3\n", ',')]
    [InlineData("a\tb\tc\n1,5\t2\t3\n", '\t')]
    [InlineData("a|b\n1|2\n", '|')]
    [InlineData("Name;Value\nSmith, John;1,5\nBrown, Ann;2,5\n", ';')]
    [InlineData("sep=;\na;b\n1;2\n", ';')]
    public void The_separator_is_found(string text, char separator)
    {
        var file = Open(Encoding.UTF8.GetBytes(text));
        Assert.Equal(separator, file.Separator);
        Assert.All(file.Rows(), r => Assert.True(r.Cells.Count > 1));
    }

    [Fact]
    public void A_workbook_gives_text_numbers_days_and_the_kept_value_of_formulas()
    {
        var file = Open(Workbook.Of([["Title"], [], ["No", "Name", "When", "Qty", "Sum", "On"], ["M-1", "Press", new DateOnly(2026, 3, 4), 12.5, "=kept", true], [null, null, null, null, null, null]], "<mergeCells count=\"1\"><mergeCell ref=\"A1:F1\"/></mergeCells>"));
        var rows = file.Rows().ToList();
        Assert.True(file.IsWorkbook);
        Assert.Equal("Title", rows[0].Cells[0]);
        Assert.Equal(4, rows[3].Number);
        Assert.Equal(["M-1", "Press", new DateTime(2026, 3, 4), 12.5m, "kept", true], rows[3].Cells);
    }

    [Fact]
    public void What_is_no_table_is_refused_by_its_content()
    {
        Refused("sheet.not_a_sheet", [.. "MZ"u8, 0x90, 0, 3, 0, 0, 0, 4, 0, .. new byte[200]]);
        Refused("sheet.not_a_sheet", [0x7F, .. "ELF"u8, 2, 1, 1, 0, .. new byte[100]]);
        Refused("sheet.not_a_sheet", [.. "%PDF-1.7\n"u8, .. new byte[50]]);
        Refused("sheet.not_a_sheet", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. new byte[50]]);
        Refused("sheet.old_excel", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[100]]);
        Refused("sheet.empty", []);
        Refused("sheet.broken", [.. "PK\x03\x04"u8, .. new byte[100]]);
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
            Workbook.Put(zip, "malware.txt", "not a workbook");
        Refused("sheet.not_a_sheet", memory.ToArray());
    }

    [Fact]
    public void A_workbook_made_to_burst_is_refused_before_it_is_unpacked()
    {
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Workbook.Put(zip, "[Content_Types].xml", "<Types/>");
            Workbook.Put(zip, "xl/workbook.xml", "<workbook/>");
            using var sheet = zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Optimal).Open();
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 30; i++)
                sheet.Write(zeros);
        }
        Refused("sheet.bomb", memory.ToArray());
    }

    [Fact]
    public void A_workbook_that_lies_about_its_sizes_gives_no_more_than_it_declares()
    {
        var book = Workbook.Of(Enumerable.Range(0, 20_000).Select(i => new object?[] { "No " + i, "Name of it", i }).Prepend(["Number", "Name", "Slots"]));
        // The size before packing stands in the part's own head and in the directory at the end: both say 1 000 now.
        using (var zip = new ZipArchive(new MemoryStream(book)))
        {
            var real = BitConverter.GetBytes((int)zip.GetEntry("xl/worksheets/sheet1.xml")!.Length);
            for (var i = 0; i < book.Length - 4; i++)
                if (book.AsSpan(i, 4).SequenceEqual(real))
                    BitConverter.GetBytes(1_000).CopyTo(book, i);
        }
        var file = Open(book);
        Assert.Equal("sheet.broken", Assert.Throws<RuleException>(() => file.Rows().Count()).Code);
    }

    [Fact]
    public void Markup_bombs_and_outside_entities_are_not_followed()
    {
        var book = Workbook.Of([["Number", "Name"], ["1", "x"]]);
        var memory = new MemoryStream();
        memory.Write(book);
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.GetEntry("xl/worksheets/sheet1.xml")!.Delete();
            Workbook.Put(zip, "xl/worksheets/sheet1.xml", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\"><!ENTITY l \"lol\"><!ENTITY m \"&l;&l;&l;\">]><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>&x;&m;</t></is></c></row></sheetData></worksheet>");
        }
        var file = Open(memory.ToArray());
        Assert.Equal("sheet.broken", Assert.Throws<RuleException>(() => file.Rows().Count()).Code);
    }

    [Fact]
    public void A_quote_that_never_ends_and_a_table_too_wide_are_refused_in_words()
    {
        var open = Open([.. "a;b\n"u8, .. Encoding.UTF8.GetBytes("\"" + new string('x', 5_000_000))]);
        Assert.Equal("sheet.cell_too_long", Assert.Throws<RuleException>(() => open.Rows().Count()).Code);
        var wide = Open(Encoding.UTF8.GetBytes(string.Join(';', Enumerable.Range(0, 500)) + "\n"));
        Assert.Equal("sheet.too_wide", Assert.Throws<RuleException>(() => wide.Rows().Count()).Code);
    }

    [Theory]
    [InlineData("1.249,50", 1249.50)]
    [InlineData("1,249.50", 1249.50)]
    [InlineData("1 249,5", 1249.5)]
    [InlineData("1'249.5", 1249.5)]
    [InlineData("1.234.567", 1234567)]
    [InlineData("0,125", 0.125)]
    [InlineData("12,5", 12.5)]
    [InlineData("(15)", -15)]
    [InlineData("-3", -3)]
    [InlineData("12 %", 0.12)]
    [InlineData("R 1 250.00", 1250)]
    [InlineData("€ 3,20", 3.2)]
    public void A_number_is_read_however_it_is_written(string text, double number) => Assert.Equal((decimal)number, SheetValues.Number(text, new SheetHabits()));

    [Fact]
    public void What_can_be_read_two_ways_follows_the_habit_of_the_file()
    {
        Assert.Equal(1234m, SheetValues.Number("1.234", new SheetHabits(DecimalComma: true)));
        Assert.Equal(1.234m, SheetValues.Number("1.234", new SheetHabits(DecimalComma: false)));
        Assert.Equal(new DateOnly(2026, 4, 3), SheetValues.Day("3/4/2026", new SheetHabits(DayFirst: true)));
        Assert.Equal(new DateOnly(2026, 3, 4), SheetValues.Day("3/4/2026", new SheetHabits(DayFirst: false)));
        Assert.Equal(new SheetHabits(DecimalComma: true, DayFirst: true), SheetHabits.Of(["1.249,50", "12,5", "13/01/2026", "7"], ','));
        Assert.Equal(new SheetHabits(DecimalComma: false, DayFirst: false), SheetHabits.Of(["1,249.50", "1/31/2026"], ','));
        Assert.True(SheetHabits.Of([], ';').DecimalComma);
    }

    [Theory]
    [InlineData("2026-12-05")]
    [InlineData("05.12.2026")]
    [InlineData("5/12/2026")]
    [InlineData("5-12-26")]
    [InlineData("5 Dec 2026")]
    [InlineData("05-Dec-26")]
    [InlineData("5. Dezember 2026")]
    [InlineData("Dec 5, 2026")]
    [InlineData("20261205")]
    [InlineData("46361")]
    [InlineData("2026-12-05T08:30:00")]
    [InlineData("05.12.2026 08:30")]
    public void A_day_is_read_however_it_is_written(string text) => Assert.Equal(new DateOnly(2026, 12, 5), SheetValues.Day(text, new SheetHabits()));

    [Theory]
    [InlineData("31.02.2026")]
    [InlineData("soon")]
    [InlineData("13/13/2026")]
    [InlineData("0")]
    [InlineData("99999999")]
    public void What_is_no_day_stays_unread(string text) => Assert.Null(SheetValues.Day(text, new SheetHabits()));

    private static void Refused(string code, byte[] content) => Assert.Equal(code, Assert.Throws<RuleException>(() => Open(content)).Code);

    private static SheetFile Open(byte[] content)
    {
        var path = TestRun.NewPath("sheet");
        File.WriteAllBytes(path, content);
        return SheetFile.Open(path, Directory.CreateDirectory(TestRun.NewPath("cache")).FullName);
    }
}
