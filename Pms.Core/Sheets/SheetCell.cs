using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pms.Core.Sheets;

/// <summary>One value as a cell. Text that a spreadsheet would calculate is given an apostrophe in front; what is no text is never touched.</summary>
public static class SheetCell
{
    /// <summary>Excel's own limit.</summary>
    public const int Longest = 32_767;

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\"\r\n\t");

    private const string Dangerous = "=+-@\t\r\n＝＋－＠";

    /// <summary>Text that shows itself and does nothing: no formula, no character that a file can't hold, not longer than a cell.</summary>
    public static string Safe(string text)
    {
        var clean = Clean(text);
        if (Formula(clean))
            clean = "'" + clean;
        return clean.Length <= Longest ? clean : string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[Longest - 2]) ? Longest - 2 : Longest - 1), "…");
    }

    /// <summary>For readers of files that PMS wrote: the text before <see cref="Safe"/> put its apostrophe.</summary>
    public static string Restored(string text) => text.Length > 1 && text[0] == '\'' && Formula(text[1..]) ? text[1..] : text;

    /// <summary>The value as a spreadsheet holds it.</summary>
    internal static object? Value(object? value) => value switch
    {
        null or bool or DateTime or DateOnly or decimal or int or long or double => value,
        string text => Safe(text),
        Enum name => Safe(name.ToString()),
        TimeSpan span => Math.Round((decimal)span.TotalHours, 4),
        IFormattable other => Safe(other.ToString(null, CultureInfo.InvariantCulture)),
        _ => Safe(value.ToString() ?? ""),
    };

    /// <summary>Appends the value as a CSV field; what is no text is written in place, and holds nothing that would need quotes.</summary>
    internal static void AppendCsv(StringBuilder line, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case bool yes:
                line.Append(yes ? "true" : "false");
                break;
            case DateTime at:
                line.Append(CultureInfo.InvariantCulture, $"{at:yyyy-MM-dd HH:mm:ss}");
                break;
            case DateOnly day:
                line.Append(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}");
                break;
            case decimal or int or long or double:
                line.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            default:
                AppendText(line, Value(value) switch { string text => text, var number => ((IFormattable)number!).ToString(null, CultureInfo.InvariantCulture) });
                break;
        }
    }

    private static void AppendText(StringBuilder line, string text)
    {
        if (!text.AsSpan().ContainsAny(Quoted) && (text.Length == 0 || text[0] != ' ' && text[^1] != ' '))
            line.Append(text);
        else
            line.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    private static bool Formula(string text)
    {
        var first = text.AsSpan().TrimStart(' ');   // some programs calculate " =1+1" too
        return first.Length > 0 && Dangerous.Contains(first[0]);
    }

    private static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '\uD7FF'))
            return text;   // most are
        for (var i = 0; i < text.Length; i++)
            if (Bad(text, i))
                return Cleaned(text);
        return text;
    }

    private static string Cleaned(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            if (!Bad(text, i))
                clean.Append(text[i]);
        return clean.ToString();
    }

    /// <summary>What XML can't hold: control characters and half of a surrogate pair.</summary>
    private static bool Bad(string text, int i)
    {
        var c = text[i];
        if (char.IsHighSurrogate(c))
            return i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1]);
        if (char.IsLowSurrogate(c))
            return i == 0 || !char.IsHighSurrogate(text[i - 1]);
        return c is < ' ' and not '\t' and not '\r' and not '\n' or '\uFFFE' or '\uFFFF';
    }
}
