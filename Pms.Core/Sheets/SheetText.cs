using System.Buffers;
using System.Text;

namespace Pms.Core.Sheets;

/// <summary>Finds out how a text file was written: its encoding from its bytes, its separator from what gives the same number of columns on most lines.</summary>
internal static class SheetText
{
    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
    private static readonly char[] Separators = [';', ',', '\t', '|'];

    /// <summary>UTF-8 or UTF-16 by mark or by look, else UTF-8 where all of it is valid, else Windows-1252. Null where the content is no text.</summary>
    public static Encoding? EncodingOf(FileStream file)
    {
        file.Position = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var head = buffer.AsSpan(0, read);
            if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                return Encoding.UTF8;
            if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
                return Encoding.Unicode;
            if (head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
                return Encoding.BigEndianUnicode;
            if (head.Contains((byte)0))
                return Wide(head);
            var utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
            var valid = true;
            var odd = 0L;
            var chars = new char[buffer.Length + 4];
            for (var total = 0L; read > 0; read = file.Read(buffer))
            {
                var part = buffer.AsSpan(0, read);
                total += read;
                if (part.Contains((byte)0))
                    return null;
                foreach (var b in part)
                    if (b < 32 && b is not (9 or 10 or 12 or 13 or 26))
                        odd++;
                if (odd > 8 && odd > total / 500)
                    return null;
                if (!valid)
                    continue;
                try { utf8.GetChars(part, chars, flush: false); }
                catch (DecoderFallbackException) { valid = false; }
            }
            if (valid)
            {
                try { utf8.GetChars([], chars, flush: true); }
                catch (DecoderFallbackException) { valid = false; }   // ends within a letter
            }
            return valid ? Encoding.UTF8 : Western;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What parts most lines into the same number of columns; a line <c>sep=;</c> at the top says it itself.</summary>
    public static char SeparatorOf(FileStream file, Encoding encoding)
    {
        using var reader = new StreamReader(file, encoding, true, 4096, leaveOpen: true);
        var buffer = new char[64 * 1024];
        var text = buffer.AsSpan(0, reader.ReadBlock(buffer, 0, buffer.Length));
        if (text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 4)
            return text[4];
        var best = (Lines: 0, Columns: 0, Separator: ',');
        foreach (var separator in Separators)
        {
            var counts = Counts(text, separator).Where(n => n > 0).GroupBy(n => n).Select(g => (Lines: g.Count(), Columns: g.Key)).OrderByDescending(g => g.Lines).ThenByDescending(g => g.Columns).FirstOrDefault();
            if (counts.Lines > best.Lines || counts.Lines == best.Lines && counts.Columns > best.Columns)
                best = (counts.Lines, counts.Columns, separator);
        }
        return best.Separator;
    }

    /// <summary>How often it stands on each line, outside quotes.</summary>
    private static List<int> Counts(ReadOnlySpan<char> text, char separator)
    {
        var counts = new List<int>();
        var (n, quoted) = (0, false);
        foreach (var c in text)
        {
            if (c == '"')
                quoted = !quoted;
            else if (!quoted && c == separator)
                n++;
            else if (!quoted && c == '\n')
            {
                counts.Add(n);
                n = 0;
            }
        }
        if (n > 0)
            counts.Add(n);
        return counts;
    }

    /// <summary>Zeros on one side of each pair are UTF-16; anywhere else they are no text.</summary>
    private static Encoding? Wide(ReadOnlySpan<byte> head)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i < head.Length; i++)
            if (head[i] == 0)
                _ = (i & 1) == 0 ? even++ : odd++;
        var half = Math.Max(1, head.Length / 2);
        return odd > half * 0.4 && even < half * 0.02 ? Encoding.Unicode : even > half * 0.4 && odd < half * 0.02 ? Encoding.BigEndianUnicode : null;
    }
}
