using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using MiniExcelLibs;
using Pms.Core;
using Pms.Core.Sheets;

namespace Pms.Tests.Sheets;

/// <summary>Files that people open in a spreadsheet: what is text stays text, what is a number stays a number.</summary>
public sealed class SheetExportTests
{
    [Theory]
    [InlineData("=1+1")]
    [InlineData("+27 31 555")]
    [InlineData("-2+3")]
    [InlineData("@SUM(A1)")]
    [InlineData("\tx")]
    [InlineData("\rx")]
    [InlineData("  =cmd|' /C calc'!A0")]
    [InlineData("＝1+1")]
    public void A_text_that_would_calculate_gets_an_apostrophe_and_loses_it_when_read_back(string text)
    {
        Assert.Equal("'" + text, SheetCell.Safe(text));
        Assert.Equal(text, SheetCell.Restored(SheetCell.Safe(text)));
    }

    [Theory]
    [InlineData("Press 4")]
    [InlineData("'tis")]
    [InlineData("")]
    [InlineData("a=b")]
    public void Any_other_text_stays_as_it_is(string text)
    {
        Assert.Equal(text, SheetCell.Safe(text));
        Assert.Equal(text, SheetCell.Restored(text));
    }

    [Fact]
    public void A_text_no_file_can_hold_is_cleaned_and_cut()
    {
        Assert.Equal("ab", SheetCell.Safe("a\0\u0001\ud800b\uffff"));
        Assert.Equal("👕", SheetCell.Safe("👕"));
        var cut = SheetCell.Safe(new string('x', 40_000));
        Assert.Equal(SheetCell.Longest, cut.Length);
        Assert.EndsWith("x…", cut);
    }

    [Fact]
    public async Task A_csv_file_quotes_what_it_must_and_leaves_numbers_alone()
    {
        using var file = new MemoryStream();
        await SheetExport.WriteAsync(Of([null, "a,\"b\"\nc", -5, 1.50m, new DateTime(2026, 1, 5, 6, 7, 8), new DateOnly(2026, 1, 5), true, "-5"]), SheetFormat.Csv, file);
        Assert.Equal([0xEF, 0xBB, 0xBF], file.ToArray()[..3]);
        Assert.Equal("0,1,2,3,4,5,6,7\r\n,\"a,\"\"b\"\"\nc\",-5,1.50,2026-01-05 06:07:08,2026-01-05,true,'-5\r\n", Encoding.UTF8.GetString(file.ToArray()[3..]));
    }

    [Fact]
    public async Task A_workbook_holds_typed_cells_no_formula_and_who_made_it()
    {
        using var file = new MemoryStream();
        await SheetExport.WriteAsync(Of(["=1+1", -5, 1.5m, new DateTime(2026, 1, 5, 6, 0, 0), null, "<b>&\u0001"]) with { About = [("Made by", "=Thabo")] }, SheetFormat.Xlsx, file);
        file.Position = 0;
        var row = (IDictionary<string, object?>)(await MiniExcel.QueryAsync(file, useHeaderRow: true)).Cast<object>().Single();
        Assert.Equal(["'=1+1", -5d, 1.5d, new DateTime(2026, 1, 5, 6, 0, 0), null, "<b>&"], row.Values);
        Assert.Equal(["Rows", "About"], MiniExcel.GetSheetNames(file));
        using var zip = new ZipArchive(file);
        var sheets = zip.Entries.Where(e => e.FullName.StartsWith("xl/worksheets/sheet", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, sheets.Count);
        Assert.All(sheets, s =>
        {
            using var xml = s.Open();
            Assert.DoesNotContain(XDocument.Load(xml).Descendants(), e => e.Name.LocalName == "f");
        });
    }

    [Fact]
    public async Task An_empty_workbook_has_its_head_and_two_columns_may_share_a_title()
    {
        using var file = new MemoryStream();
        await SheetExport.WriteAsync(new Sheet { Name = "a/b", Columns = [new("Name"), new("name")], Rows = Rows(0) }, SheetFormat.Xlsx, file);
        file.Position = 0;
        Assert.Equal(["Name", "name (2)"], ((IDictionary<string, object?>)MiniExcel.Query(file).Cast<object>().Single()).Values);
    }

    [Fact]
    public async Task A_long_table_is_written_while_it_is_read_and_takes_no_memory_for_its_length()
    {
        const int Many = 100_000;
        long highest = 0;
        async IAsyncEnumerable<object?[]> Watched()
        {
            await foreach (var row in Rows(Many))
            {
                if (row[0] is int n && n % 10_000 == 0)
                    highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true));
                yield return row;
            }
        }
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SheetExport.WriteAsync(new Sheet { Name = "Long", Columns = [new("N"), new("Text")], Rows = Watched() }, SheetFormat.Xlsx, new Sink());
        Assert.InRange(highest - before, long.MinValue, 60_000_000);   // kept as rows it would be several times that; other tests run beside this one
    }

    [Fact]
    public async Task What_does_not_fit_into_a_sheet_is_refused()
    {
        var refused = await Assert.ThrowsAsync<RuleException>(() => SheetExport.XlsxAsync(new Sheet { Name = "x", Columns = [new("N"), new("Text")], Rows = Rows(11) }, new Sink(), 10, default));
        Assert.Equal("export.too_long", refused.Code);
    }

    private static Sheet Of(object?[] row) => new() { Name = "Rows", Columns = [.. row.Select((_, i) => new SheetColumn($"{i}"))], Rows = new[] { row }.ToAsyncEnumerable() };

    private static async IAsyncEnumerable<object?[]> Rows(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (i % 1000 == 0)
                await Task.Yield();
            yield return [i, $"row {i} of an invented plant"];
        }
    }

    /// <summary>Takes everything and keeps nothing, but knows where it is.</summary>
    private sealed class Sink : Stream
    {
        private long length;

        public override bool CanRead => false;
        public override bool CanSeek => true;
        public override bool CanWrite => true;
        public override long Length => length;
        public override long Position { get; set; }
        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => length + offset };
        public override void SetLength(long value) => length = value;
        public override void Write(byte[] buffer, int offset, int count) => length = Math.Max(length, Position += count);
    }
}
