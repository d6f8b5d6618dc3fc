using System.Globalization;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Writer;

namespace Pms.Core.Sheets;

/// <summary>
/// A report as a PDF on A4 across: what it is and by which filters on top, then a table whose head stands on every page, with page numbers.
/// A report is read by people, so it is made in memory and its length is limited by whoever asks for it.
/// </summary>
public static class PdfReport
{
    public const string ContentType = "application/pdf";

    private const double Width = 841.89, Height = 595.28, Margin = 34, Size = 7.5, Line = 9.6, Pad = 3;

    /// <summary>Writes the table; <see cref="SheetColumn.Width"/> shares out the page. <paramref name="pageOf"/> fills {0} and {1}: "Page {0} of {1}".</summary>
    public static async Task WriteAsync(Sheet sheet, string pageOf, Stream to, CancellationToken ct = default)
    {
        using var pdf = new PdfDocumentBuilder(to, disposeStream: false, PdfWriterType.Default, 1.7, null) { DocumentInformation = { Title = sheet.Name, Producer = "PMS" } };
        var (plain, bold) = (new PdfFont(pdf, PdfFace.Plain), new PdfFont(pdf, PdfFace.Bold));
        var pages = new List<PdfPageBuilder>();
        var shared = sheet.Columns.Sum(c => c.Width);
        double[] widths = [.. sheet.Columns.Select(c => c.Width / shared * (Width - 2 * Margin))];
        PdfPageBuilder page = null!;
        var y = 0.0;

        void NewPage()
        {
            page = pdf.AddPage(Width, Height);
            pages.Add(page);
            y = Height - Margin;
        }
        void Row(PdfFont font, IReadOnlyList<IReadOnlyList<string>> cells)
        {
            var x = Margin;
            for (var i = 0; i < cells.Count; i++)
            {
                for (var l = 0; l < cells[i].Count; l++)
                    font.Write(page, cells[i][l], Size, x, y - Line * (l + 1) + 2);
                x += widths[i];
            }
            y -= Line * cells.Max(c => c.Count) + Pad;
            page.SetStrokeColor(200, 206, 212);
            page.DrawLine(new PdfPoint(Margin, y + 1), new PdfPoint(Width - Margin, y + 1), 0.4);
            y -= Pad;
        }
        IReadOnlyList<IReadOnlyList<string>> Cut(PdfFont font, IEnumerable<string> texts) => [.. texts.Select((t, i) => font.Wrap(t, Size, widths[i] - 6, 12))];
        var head = Cut(bold, sheet.Columns.Select(c => c.Title));

        NewPage();
        bold.Write(page, sheet.Name, 15, Margin, y - 14);
        y -= 26;
        foreach (var (label, value) in sheet.About)
        {
            bold.Write(page, label, Size + 0.5, Margin, y - Line);
            foreach (var line in plain.Wrap(value, Size + 0.5, Width - 2 * Margin - 130, 6))
            {
                plain.Write(page, line, Size + 0.5, Margin + 130, y - Line);
                y -= Line + 1;
            }
        }
        y -= 8;
        Row(bold, head);
        await foreach (var row in sheet.Rows.WithCancellation(ct))
        {
            var cells = Cut(plain, row.Select(Shown));
            if (y - Line * cells.Max(c => c.Count) < Margin + 14)
            {
                NewPage();
                Row(bold, head);
            }
            Row(plain, cells);
        }
        for (var i = 0; i < pages.Count; i++)
            plain.Write(pages[i], string.Format(CultureInfo.CurrentCulture, pageOf, i + 1, pages.Count), Size, Margin, Margin - 14);
    }

    private static string Shown(object? value) => value switch
    {
        null => "",
        string text => text,
        DateTime at => at.ToString("g", CultureInfo.CurrentCulture),
        DateOnly day => day.ToString("d", CultureInfo.CurrentCulture),
        IFormattable number => number.ToString(null, CultureInfo.CurrentCulture),
        _ => value.ToString() ?? "",
    };
}
