using Pms.Core.Sheets;
using UglyToad.PdfPig;

namespace Pms.Tests.Sheets;

/// <summary>Reports on paper: every row on it, a head on every page, nothing that a text can break.</summary>
public sealed class PdfReportTests
{
    [Fact]
    public async Task A_report_has_every_row_and_its_head_on_every_page()
    {
        using var file = new MemoryStream();
        await PdfReport.WriteAsync(Of(200, i => [i, $"row {i} of an invented plant with a text that is rather long, so that it is broken into lines by the width of its column"]), "Page {0} of {1}", file);
        using var pdf = PdfDocument.Open(file.ToArray());
        Assert.True(pdf.NumberOfPages > 3);
        var pages = pdf.GetPages().Select(p => p.Text).ToList();
        Assert.All(pages, (text, i) => Assert.Contains($"Page {i + 1} of {pages.Count}", text));
        Assert.All(pages, text => Assert.Contains("Number", text));
        var all = string.Concat(pages);
        Assert.All(Enumerable.Range(0, 200), i => Assert.Contains($"row {i} of", all));
        Assert.Contains("Made by", pages[0]);
    }

    [Fact]
    public async Task Any_text_can_be_printed()
    {
        var many = string.Concat(Enumerable.Range(0x21, 1500).Select(c => (char)c));
        using var file = new MemoryStream();
        await PdfReport.WriteAsync(Of(3, i => [i, i == 0 ? "ä ß Ж → 👕 \u4e00 \ud800 a\0b\tc\r\nd" : i == 1 ? many : new string('x', 10_000)]), "{0}/{1}", file);
        using var pdf = PdfDocument.Open(file.ToArray());
        Assert.Contains("Ж", string.Concat(pdf.GetPages().Select(p => p.Text)));
    }

    private static Sheet Of(int rows, Func<int, object?[]> row) => new()
    {
        Name = "Changes", Columns = [new("Number", 10), new("Text", 40)], Rows = Enumerable.Range(0, rows).Select(row).ToAsyncEnumerable(), About = [("Made by", "Thabo"), ("Filter", "none")],
    };
}
