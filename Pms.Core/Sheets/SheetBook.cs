using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Pms.Core.Sheets;

/// <summary>
/// The sheets of an .xlsx workbook, each read in one pass, cell by cell. What the file says of its own size is not believed: a declared area of a million rows costs nothing,
/// a text of a gigabyte is cut while it is read.
/// </summary>
internal sealed class SheetBook : IDisposable
{
    /// <summary>Excel's own limit.</summary>
    private const int LastRow = 1_048_576;

    private static readonly XmlReaderSettings Plain = new() { IgnoreComments = true, IgnoreWhitespace = true, IgnoreProcessingInstructions = true, XmlResolver = null, DtdProcessing = DtdProcessing.Prohibit, CloseInput = true };

    private readonly ZipArchive zip;
    private readonly string cache;
    private readonly List<(string Name, string? Part)> tabs = [];
    private readonly char[] text = new char[SheetFile.LongestCell];
    private readonly bool since1904;
    private SharedTexts? shared;
    private StyleKind[]? styles;

    /// <param name="cache">A folder for what doesn't fit into memory while reading.</param>
    public SheetBook(string path, string cache)
    {
        (zip, this.cache) = (ZipFile.OpenRead(path), cache);
        try
        {
            var parts = Relations();
            using var xml = Part("xl/workbook.xml") ?? throw new InvalidDataException("no workbook");
            while (xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element)
                    continue;
                if (xml.LocalName == "workbookPr")
                    since1904 = xml.GetAttribute("date1904") is "1" or "true";
                else if (xml.LocalName == "sheet")
                    tabs.Add((xml.GetAttribute("name") ?? "", parts.GetValueOrDefault(Relation(xml))));
            }
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    private enum StyleKind { Number, Day, Time }

    public IReadOnlyList<string> Tabs => [.. tabs.Select(t => t.Name)];

    public void Dispose()
    {
        shared?.Dispose();
        zip.Dispose();
    }

    /// <summary>The cells of each row up to its last filled one; rows that the file leaves out are empty.</summary>
    public IEnumerable<object?[]> Rows(string? tab)
    {
        var at = string.IsNullOrEmpty(tab) ? 0 : tabs.FindIndex(t => t.Name == tab);
        if (at < 0 || tabs[at].Part is not { } part)
            yield break;
        using var xml = Part(part);
        if (xml is null)
            yield break;
        var cells = new List<object?>();
        var number = 0;
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "sheetData")
                yield break;
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "row")
                continue;
            if (int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var told) && told <= LastRow)
                for (; number + 1 < told; number++)
                    yield return [];
            number++;
            cells.Clear();
            if (!xml.IsEmptyElement)
                ReadRow(xml, cells);
            yield return cells.ToArray();
        }
    }

    private void ReadRow(XmlReader xml, List<object?> cells)
    {
        var column = -1;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "row"))
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "c")
                continue;
            column = xml.GetAttribute("r") is { } told && ColumnOf(told) is >= 0 and var known ? known : column + 1;
            var (type, style) = (xml.GetAttribute("t"), xml.GetAttribute("s"));
            if (xml.IsEmptyElement || ReadCell(xml, type, style) is not { } value)
                continue;
            if (column >= SheetFile.MostColumns)
                throw new RuleException("sheet.too_wide", SheetFile.MostColumns);
            while (cells.Count <= column)
                cells.Add(null);
            cells[column] = value;
        }
    }

    private object? ReadCell(XmlReader xml, string? type, string? style)
    {
        object? value = null;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "c"))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "v" && !xml.IsEmptyElement)
                value = ReadText(xml, 0) is > 0 and var length ? Value(text.AsSpan(0, length), type, style) : null;
            else if (xml.LocalName == "is" && !xml.IsEmptyElement)
                value = Unescaped(text.AsSpan(0, ReadRuns(xml, "is")));
        }
        return value;
    }

    private object? Value(ReadOnlySpan<char> kept, string? type, string? style)
    {
        switch (type)
        {
            case "s":
                return int.TryParse(kept, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (shared ??= ReadShared())[index] : null;
            case "str" or "inlineStr":
                return Unescaped(kept);
            case "b":
                return kept is "1" or "true";
            case "e":
                return kept.ToString();
            case "d":
                return DateTime.TryParse(kept, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.RoundtripKind, out var iso) ? DateTime.SpecifyKind(iso, DateTimeKind.Unspecified) : kept.ToString();
        }
        if (!double.TryParse(kept, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return kept.ToString();
        return style is null ? number : KindOf(style) switch
        {
            StyleKind.Day when number + (since1904 ? 1_462 : 0) is >= 1 and < 2_958_466 and var day => DateTime.FromOADate(day),
            StyleKind.Time when number is >= 0 and < 1 => TimeSpan.FromSeconds(Math.Round(number * 86_400)),
            _ => number,
        };
    }

    /// <summary>Puts the text of the present element into <see cref="text"/> from <paramref name="from"/> on, cut where a cell may be no longer; answers where it ends.</summary>
    private int ReadText(XmlReader xml, int from)
    {
        var length = from;
        while (xml.Read() && xml.NodeType != XmlNodeType.EndElement)
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace)
                for (int more; length < text.Length && (more = xml.ReadValueChunk(text, length, text.Length - length)) > 0;)
                    length += more;
        return length;
    }

    /// <summary>A text with its formatted parts, without the hints on how it is spoken.</summary>
    private int ReadRuns(XmlReader xml, string end)
    {
        var (length, spoken) = (0, false);
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == end))
        {
            if (xml.LocalName == "rPh")
                spoken = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "t" && !spoken && !xml.IsEmptyElement)
                length = ReadText(xml, length);
        }
        return length;
    }

    private SharedTexts ReadShared()
    {
        var texts = new SharedTexts(cache, zip.GetEntry("xl/sharedStrings.xml")?.Length ?? 0);
        try
        {
            using var xml = Part("xl/sharedStrings.xml");
            while (xml is not null && xml.Read())
                if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "si")
                    texts.Add(xml.IsEmptyElement ? "" : Unescaped(text.AsSpan(0, ReadRuns(xml, "si"))));
            return texts;
        }
        catch
        {
            texts.Dispose();
            throw;
        }
    }

    private StyleKind KindOf(string style)
    {
        styles ??= ReadStyles();
        return int.TryParse(style, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < styles.Length ? styles[at] : StyleKind.Number;
    }

    private StyleKind[] ReadStyles()
    {
        var (own, kinds, inside) = (new Dictionary<int, StyleKind>(), new List<StyleKind>(), false);
        using var xml = Part("xl/styles.xml");
        while (xml is not null && xml.Read())
        {
            if (xml.LocalName == "cellXfs")
                inside = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "numFmt" && int.TryParse(xml.GetAttribute("numFmtId"), out var id))
                own[id] = KindOfFormat(xml.GetAttribute("formatCode") ?? "");
            else if (inside && xml.LocalName == "xf")
                kinds.Add(int.TryParse(xml.GetAttribute("numFmtId"), out var format) ? own.TryGetValue(format, out var kind) ? kind : KindOf(format) : StyleKind.Number);
        }
        return [.. kinds];
    }

    /// <summary>The formats that every spreadsheet knows by number.</summary>
    private static StyleKind KindOf(int format) => format switch
    {
        >= 14 and <= 17 or 22 or >= 27 and <= 31 or 36 or >= 50 and <= 54 or 57 or 58 => StyleKind.Day,
        >= 18 and <= 21 or >= 32 and <= 35 or >= 45 and <= 47 or 55 or 56 => StyleKind.Time,
        _ => StyleKind.Number,
    };

    /// <summary>By the letters of its first part that are neither quoted, escaped nor a colour or condition.</summary>
    private static StyleKind KindOfFormat(string code)
    {
        var (day, month, time) = (false, false, false);
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
        {
            switch (char.ToLowerInvariant(code[i]))
            {
                case '"' when code.IndexOf('"', i + 1) is > 0 and var quoted:
                    i = quoted;
                    break;
                case '[' when code.IndexOf(']', i + 1) is > 0 and var bracket:
                    time |= code.AsSpan(i + 1, bracket - i - 1) is ['h' or 'H' or 'm' or 'M' or 's' or 'S', ..] elapsed && elapsed.Trim("hHmMsS").IsEmpty;
                    i = bracket;
                    break;
                case '\\' or '_' or '*':
                    i++;
                    break;
                case 'y' or 'd':
                    day = true;
                    break;
                case 'h' or 's':
                    time = true;
                    break;
                case 'm':
                    month = true;
                    break;
            }
        }
        return day || month && !time ? StyleKind.Day : time ? StyleKind.Time : StyleKind.Number;
    }

    private Dictionary<string, string> Relations()
    {
        var parts = new Dictionary<string, string>();
        using var xml = Part("xl/_rels/workbook.xml.rels");
        while (xml is not null && xml.Read())
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "Relationship" && xml.GetAttribute("Id") is { } id && xml.GetAttribute("Target") is { } target)
                parts[id] = target.StartsWith('/') ? target[1..] : "xl/" + target;
        return parts;
    }

    /// <summary>The sheet's <c>r:id</c>, whatever the prefix.</summary>
    private static string Relation(XmlReader sheet)
    {
        var id = "";
        while (sheet.MoveToNextAttribute())
            if (sheet.LocalName == "id" && sheet.Prefix.Length > 0)
                id = sheet.Value;
        sheet.MoveToElement();
        return id;
    }

    private XmlReader? Part(string name) => (zip.GetEntry(name) ?? zip.Entries.FirstOrDefault(e => e.FullName.Equals(name, StringComparison.OrdinalIgnoreCase)))?.Open() is { } part
        ? XmlReader.Create(part, Plain) : null;

    /// <summary>From 0; −1 where it is no cell's name.</summary>
    private static int ColumnOf(string cell)
    {
        var column = 0;
        foreach (var c in cell)
        {
            if (c is >= 'A' and <= 'Z' && column < 1_000)
                column = column * 26 + c - 'A' + 1;
            else
                return char.IsAsciiDigit(c) ? column - 1 : -1;
        }
        return -1;
    }

    /// <summary>Characters that XML can't hold stand as _x000D_.</summary>
    private static string Unescaped(ReadOnlySpan<char> kept)
    {
        if (kept.IndexOf("_x", StringComparison.Ordinal) < 0)
            return kept.ToString();
        var plain = new StringBuilder(kept.Length);
        for (var i = 0; i < kept.Length; i++)
        {
            if (kept[i..] is ['_', 'x', _, _, _, _, '_', ..] && ushort.TryParse(kept.Slice(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                i += 6;
            }
            else
            {
                plain.Append(kept[i]);
            }
        }
        return plain.ToString();
    }

    /// <summary>The texts that cells name by number: in memory while there are few, else in a file that goes when it is closed.</summary>
    private sealed class SharedTexts : IDisposable
    {
        private const long MostInMemory = 4_000_000;

        /// <summary>A number costs memory even where its text doesn't.</summary>
        private const int MostTexts = 4_000_000;

        private const int Near = 4_096, ShortText = 100;

        private readonly List<string> all = [];
        private readonly List<long> ends = [];
        private readonly FileStream? file;
        private readonly (int Index, string Text)[] near = [];
        private byte[] buffer = new byte[1_024];

        public SharedTexts(string cache, long size)
        {
            if (size <= MostInMemory)
                return;
            near = new (int, string)[Near];
            file = new FileStream(Path.Combine(Directory.CreateDirectory(cache).FullName, Guid.NewGuid().ToString("N")), new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 64 * 1024,
            });
        }

        public void Add(string one)
        {
            if (file is null)
            {
                all.Add(one);
                return;
            }
            if (ends.Count >= MostTexts)
                throw new RuleException("sheet.bomb");
            file.Write(Encode(one));
            ends.Add(file.Position);
        }

        public string? this[int index]
        {
            get
            {
                if (file is null)
                    return index < all.Count ? all[index] : null;
                if (index >= ends.Count)
                    return null;
                ref var seen = ref near[index % Near];
                if (seen.Index == index && seen.Text is not null)
                    return seen.Text;
                file.Flush();   // nothing to do but the first time
                var from = index == 0 ? 0 : ends[index - 1];
                var part = Room((int)(ends[index] - from));
                RandomAccess.Read(file.SafeFileHandle, part, from);
                var one = Encoding.UTF8.GetString(part);
                if (one.Length <= ShortText)
                    seen = (index, one);
                return one;
            }
        }

        public void Dispose() => file?.Dispose();

        private ReadOnlySpan<byte> Encode(string one)
        {
            var room = Room(Encoding.UTF8.GetByteCount(one));
            Encoding.UTF8.GetBytes(one, room);
            return room;
        }

        private Span<byte> Room(int length)
        {
            if (buffer.Length < length)
                buffer = new byte[length];
            return buffer.AsSpan(0, length);
        }
    }
}
