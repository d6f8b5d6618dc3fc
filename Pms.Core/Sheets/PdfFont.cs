using System.Collections.Concurrent;
using System.Text;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.TrueType;
using UglyToad.PdfPig.Fonts.TrueType.Parser;
using UglyToad.PdfPig.Writer;

namespace Pms.Core.Sheets;

/// <summary>
/// One of the two faces that come with PMS, embedded as far as it is used. A face in a PDF holds 255 characters, so it is added again when more
/// are needed; a character that it lacks is shown as ¤, never left away.
/// </summary>
internal sealed class PdfFont(PdfDocumentBuilder pdf, PdfFace face)
{
    private const int InOne = 200;

    private readonly List<PdfDocumentBuilder.AddedFont> added = [];
    private readonly Dictionary<char, int> known = [];

    /// <summary>Puts the text on the page, its first letter's foot at (x, y).</summary>
    public void Write(PdfPageBuilder page, string text, double size, double x, double y)
    {
        var shown = face.Shown(text);
        for (int i = 0, j; i < shown.Length; i = j)
        {
            var part = PartOf(shown[i]);
            for (j = i + 1; j < shown.Length && PartOf(shown[j]) == part;)
                j++;
            page.AddText(shown[i..j], size, new PdfPoint(x, y), added[part]);
            x += face.Width(shown.AsSpan(i, j - i)) * size;
        }
    }

    /// <summary>The text in lines of at most a width, broken at blanks where there are any; the last of too many lines ends with an ellipsis.</summary>
    public IReadOnlyList<string> Wrap(string text, double size, double width, int most)
    {
        var lines = new List<string>();
        foreach (var paragraph in face.Shown(text).Split('\n'))
        {
            var rest = paragraph.AsSpan();
            do
            {
                var fits = face.Fits(rest, width / size);
                if (fits < rest.Length && rest[..(fits + 1)].LastIndexOf(' ') is > 0 and var blank)
                    fits = blank;
                lines.Add(rest[..fits].ToString());
                rest = rest[fits..].TrimStart(' ');
            }
            while (rest.Length > 0 && lines.Count <= most);
        }
        if (lines.Count <= most)
            return lines;
        lines[most - 1] = lines[most - 1] is { Length: > 1 } last ? last[..^1] + "…" : "…";
        return lines[..most];
    }

    private int PartOf(char c)
    {
        if (known.TryGetValue(c, out var part))
            return part;
        if (known.Count >= added.Count * InOne)
            added.Add(pdf.AddTrueTypeFont(face.Bytes));
        return known[c] = added.Count - 1;
    }
}

/// <summary>A face that comes with PMS: which characters it has and how wide they are.</summary>
internal sealed class PdfFace
{
    public static readonly PdfFace Plain = new("DejaVuSans.ttf"), Bold = new("DejaVuSans-Bold.ttf");

    private readonly ConcurrentDictionary<int, double> widths = new();
    private readonly TrueTypeFont font;
    private readonly Lock reading = new();

    private PdfFace(string file)
    {
        using var stream = typeof(PdfFace).Assembly.GetManifestResourceStream("Pms.Core.Sheets.Fonts." + file) ?? throw new InvalidOperationException(file + " is not embedded.");
        Bytes = new byte[stream.Length];
        stream.ReadExactly(Bytes);
        font = TrueTypeFontParser.Parse(new TrueTypeDataBytes(Bytes));
    }

    public byte[] Bytes { get; }

    /// <summary>The text with nothing in it that the face lacks.</summary>
    public string Shown(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n')
                shown.Append('\n');
            else if (Rune.IsWhiteSpace(rune))
                shown.Append(rune.Value == '\r' ? "" : " ");
            else
                shown.Append(rune.IsBmp && WidthOf(rune.Value) > 0 ? (char)rune.Value : '¤');
        }
        return shown.ToString();
    }

    /// <summary>In units of the size.</summary>
    public double Width(ReadOnlySpan<char> text)
    {
        var width = 0.0;
        foreach (var c in text)
            width += WidthOf(c);
        return width;
    }

    /// <summary>How many characters fit, at least one of what there is.</summary>
    public int Fits(ReadOnlySpan<char> text, double width)
    {
        var (x, n) = (0.0, 0);
        for (; n < text.Length && (x += WidthOf(text[n])) <= width; n++)
        {
        }
        return Math.Min(text.Length, Math.Max(1, n));
    }

    /// <summary>0 where the face has no such character.</summary>
    private double WidthOf(int c) => widths.GetOrAdd(c, code =>
    {
        lock (reading)
            return font.WindowsUnicodeCMap?.CharacterCodeToGlyphIndex(code) is > 0 and var glyph
                ? font.TableRegister.HorizontalMetricsTable.GetAdvanceWidth(glyph) / (double)font.GetUnitsPerEm() : 0;
    });
}
