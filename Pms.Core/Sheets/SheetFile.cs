using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using Sylvan.Data.Csv;

namespace Pms.Core.Sheets;

/// <summary>One row of a sheet with the number a spreadsheet shows; a cell is text, a number, a bool, an instant without a zone, or null where it is empty.</summary>
public readonly record struct SheetRow(int Number, IReadOnlyList<object?> Cells)
{
    public bool IsBlank => Cells.All(c => c is null);
}

/// <summary>
/// A table that somebody handed in, told apart by its content and never by its name, and read row by row, so that its length costs no memory.
/// A workbook is looked at before it is unpacked: one that would grow beyond all reason is refused.
/// </summary>
public sealed class SheetFile : IDisposable
{
    public const int MostColumns = 300, LongestCell = 32_767;

    /// <summary>What the parts of a workbook may unpack to, together.</summary>
    public const long MostUnpacked = 1L << 30;

    /// <summary>XML of a real table packs 10 to 60 times; beyond this it is made to burst.</summary>
    private const int MostRatio = 120;

    private readonly string path;
    private readonly SheetBook? book;

    private SheetFile(string path, SheetBook? book = null) => (this.path, this.book) = (path, book);

    public bool IsWorkbook => Separator is null;

    /// <summary>Of a text file; null for a workbook.</summary>
    public Encoding? Encoding { get; private init; }

    /// <summary>Of a text file; null for a workbook.</summary>
    public char? Separator { get; private init; }

    /// <summary>The sheets of a workbook in their order; a text file has one without a name.</summary>
    public IReadOnlyList<string> Tabs { get; private init; } = [""];

    /// <param name="cache">A folder for what doesn't fit into memory while reading.</param>
    /// <exception cref="RuleException">sheet.not_a_sheet, sheet.old_excel, sheet.bomb, sheet.broken, sheet.empty.</exception>
    public static SheetFile Open(string path, string cache)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[8];
        var read = file.ReadAtLeast(head, 8, throwOnEndOfStream: false);
        head = head[..read];
        if (read == 0)
            throw new RuleException("sheet.empty");
        if (head.StartsWith("PK\x03\x04"u8))
            return Workbook(path, cache);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            throw new RuleException("sheet.old_excel");
        if (head.StartsWith("%PDF"u8) || head.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F']) || head.StartsWith("MZ"u8) && HasZeros(file))
            throw new RuleException("sheet.not_a_sheet");
        var encoding = SheetText.EncodingOf(file) ?? throw new RuleException("sheet.not_a_sheet");
        file.Position = 0;
        return new SheetFile(path) { Encoding = encoding, Separator = SheetText.SeparatorOf(file, encoding) };
    }

    public void Dispose() => book?.Dispose();

    /// <summary>All rows of one sheet, blank ones too; the file stays open while they are read.</summary>
    /// <exception cref="RuleException">sheet.broken, sheet.cell_too_long, sheet.too_wide.</exception>
    public IEnumerable<SheetRow> Rows(string? tab = null)
    {
        var number = 0;
        using var rows = (book?.Rows(tab).Select(Clean) ?? TextRows()).GetEnumerator();
        while (true)
        {
            object?[] cells;
            try
            {
                if (!rows.MoveNext())
                    yield break;
                cells = rows.Current;
            }
            catch (CsvRecordTooLargeException)
            {
                throw new RuleException("sheet.cell_too_long", number + 1);
            }
            catch (Exception e) when (e is InvalidDataException or XmlException or FormatException or KeyNotFoundException or IndexOutOfRangeException or ArgumentException or OverflowException or NullReferenceException or InvalidOperationException or EndOfStreamException)
            {
                throw new RuleException("sheet.broken", number + 1);
            }
            number++;
            if (cells.Length > MostColumns && cells.Skip(MostColumns).Any(c => c is not null))
                throw new RuleException("sheet.too_wide", MostColumns);
            yield return new SheetRow(number, cells);
        }
    }

    private static SheetFile Workbook(string path, string cache)
    {
        try
        {
            using var zip = ZipFile.OpenRead(path);
            // What is declared decides: while unpacking, .NET gives no byte more of a part than is declared here.
            if (zip.Entries.Count > 2_000 || zip.Entries.Sum(e => e.Length) > MostUnpacked
                || zip.Entries.Any(e => e.Length > 20_000_000 && e.Length / Math.Max(1, e.CompressedLength) > MostRatio))
                throw new RuleException("sheet.bomb");
            if (zip.GetEntry("[Content_Types].xml") is null || zip.GetEntry("xl/workbook.xml") is null)
                throw new RuleException("sheet.not_a_sheet");
            zip.Dispose();
            var book = new SheetBook(path, cache);
            if (book.Tabs.Count > 0)
                return new SheetFile(path, book) { Tabs = book.Tabs };
            book.Dispose();
            throw new RuleException("sheet.empty");
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or NullReferenceException or ArgumentException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new RuleException("sheet.broken", (object?)null);
        }
    }

    private IEnumerable<object?[]> TextRows()
    {
        using var reader = new StreamReader(path, Encoding!, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024);
        using var parser = CsvDataReader.Create(reader, new CsvDataReaderOptions
        {
            HasHeaders = false, Delimiter = Separator!.Value, CsvStyle = CsvStyle.Lax, BufferSize = 64 * 1024, MaxBufferSize = 4 * 1024 * 1024,
        });
        while (parser.Read())
        {
            if (parser.RowNumber == 1 && parser.GetString(0).StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
                continue;
            var cells = new object?[parser.RowFieldCount];
            for (var i = 0; i < cells.Length; i++)
                cells[i] = Cell(SheetCell.Restored(parser.GetString(i)));
            yield return cells;
        }
    }

    private static object?[] Clean(object?[] cells)
    {
        for (var i = 0; i < cells.Length; i++)
            cells[i] = Cell(cells[i]);
        return cells;
    }

    private static object? Cell(object? value) => value switch
    {
        null => null,
        string text => Text.OrNull(text) is { } clean ? clean.Length <= LongestCell ? clean : clean[..LongestCell] : null,
        double number => double.IsFinite(number) && Math.Abs(number) < 1e15 ? (object)(decimal)number : number.ToString(CultureInfo.InvariantCulture),
        int or long or float or decimal => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
        bool or DateTime => value,
        TimeSpan time => time.ToString(null, CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static bool HasZeros(FileStream file)
    {
        var buffer = new byte[4096];
        var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return buffer.AsSpan(0, read).Contains((byte)0);
    }
}
