using System.Globalization;
using System.Text.RegularExpressions;

namespace Pms.Core.Sheets;

/// <summary>How a file's people write what can be read in two ways; found in what can be read in one.</summary>
/// <param name="DecimalComma">1.234 is a thousand and more.</param>
/// <param name="DayFirst">03/04 is the third of April.</param>
public sealed record SheetHabits(bool DecimalComma = false, bool DayFirst = true)
{
    /// <summary>Weighs the evidence of some cells; without any, a semicolon between columns stands for the comma as decimal mark.</summary>
    public static SheetHabits Of(IEnumerable<object?> cells, char? separator)
    {
        var (comma, point, day, month) = (0, 0, 0, 0);
        foreach (var text in cells.OfType<string>())
        {
            if (text.Length > 30)
                continue;
            switch (SheetValues.MarkOf(text))
            {
                case ',': comma++; break;
                case '.': point++; break;
            }
            if (SheetValues.Slashed(text) is { } parts)
            {
                if (parts.First > 12)
                    day++;
                else if (parts.Second > 12)
                    month++;
            }
        }
        return new SheetHabits(comma == point ? separator == ';' : comma > point, month <= day);
    }
}

/// <summary>Reads numbers, days and yes/no as people write them into tables. Null is "can't be read", never a guess at something else.</summary>
public static partial class SheetValues
{
    private static readonly CultureInfo[] Months = [CultureInfo.GetCultureInfo("en-GB"), CultureInfo.GetCultureInfo("de-DE"), CultureInfo.GetCultureInfo("fr-FR")];
    private static readonly string[] Named = ["d MMM yyyy", "d MMMM yyyy", "d-MMM-yyyy", "d-MMM-yy", "d MMM yy", "d. MMMM yyyy", "d. MMM yyyy", "MMM d, yyyy", "MMMM d, yyyy", "d MMM, yyyy"];

    private static readonly HashSet<string> Yes = ["YES", "Y", "TRUE", "1", "X", "JA", "J", "OUI", "SI", "ON", "WAHR", "✓", "✔"];
    private static readonly HashSet<string> No = ["NO", "N", "FALSE", "0", "NEIN", "NEE", "NON", "OFF", "FALSCH", "-"];

    /// <summary>The cell as text that shows it: what a person would type.</summary>
    public static string Shown(object? cell) => cell switch
    {
        null => "",
        string text => text,
        decimal number => number.ToString("0.##########", CultureInfo.InvariantCulture),
        DateTime { TimeOfDay.Ticks: 0 } day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime at => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        bool yes => yes ? "true" : "false",
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>1249.5 · 1.249,50 · 1,249.50 · 1 249,5 · 1'249.50 · (5) · 12 % is 0.12 · R 12.50.</summary>
    public static decimal? Number(object? cell, SheetHabits habits)
    {
        if (cell is decimal number)
            return number;
        if (cell is not string raw)
            return null;
        var text = Noise().Replace(raw, "");
        var negative = text.StartsWith('(') && text.EndsWith(')') || text.EndsWith('-');
        text = text.Trim('(', ')').TrimEnd('-');
        var percent = text.EndsWith('%');
        text = Money().Replace(text.TrimEnd('%'), "");
        if (!Figures().IsMatch(text))
            return null;
        var mark = MarkOf(text) ?? (Ambiguous().IsMatch(text) ? habits.DecimalComma ? ',' : '.' : '.');
        var other = mark == ',' ? '.' : ',';
        var plain = text.Replace(other.ToString(), "", StringComparison.Ordinal);
        if (plain.Count(c => c == mark) > 1)
            plain = plain.Replace(mark.ToString(), "", StringComparison.Ordinal);
        if (!decimal.TryParse(plain.Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return null;
        return (negative ? -value : value) / (percent ? 100 : 1);
    }

    /// <summary>2026-12-05 · 05.12.2026 · 5/12/2026 by the file's habit · 5 Dec 2026 · 20261205 · a spreadsheet's day number. Between 1950 and 2199.</summary>
    public static DateOnly? Day(object? cell, SheetHabits habits)
    {
        DateOnly? day = cell switch
        {
            DateTime at => DateOnly.FromDateTime(at),
            decimal serial => OfSerial(serial),
            string text => OfText(text.Trim(), habits),
            _ => null,
        };
        return day is { Year: >= 1950 and < 2200 } ? day : null;
    }

    public static bool? YesNo(object? cell) => cell switch
    {
        bool yes => yes,
        decimal number => number switch { 1 => true, 0 => false, _ => null },
        string text => Text.Key(text) is var key && Yes.Contains(key) ? true : No.Contains(key) ? false : null,
        _ => null,
    };

    /// <summary>The decimal mark, where the text itself tells it; null where it has none or could be read both ways.</summary>
    internal static char? MarkOf(string text)
    {
        if (!Figures().IsMatch(text))
            return null;
        var (comma, point) = (text.LastIndexOf(','), text.LastIndexOf('.'));
        if (comma >= 0 && point >= 0)
            return comma > point ? ',' : '.';
        var at = Math.Max(comma, point);
        if (at < 0)
            return null;
        var mark = text[at];
        if (text.IndexOf(mark, StringComparison.Ordinal) != at)
            return mark == ',' ? '.' : ',';   // it groups thousands, so the other one is the mark
        return text.Length - at - 1 == 3 && at is > 0 and <= 3 && text.TrimStart('-', '+')[0] != '0' ? null : mark;
    }

    internal static (int First, int Second)? Slashed(string text) => Slashes().Match(text) is { Success: true } m
        ? (int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(m.Groups[2].ValueSpan, CultureInfo.InvariantCulture)) : null;

    private static DateOnly? OfSerial(decimal serial) => serial is >= 18_264 and < 110_000 ? DateOnly.FromDateTime(DateTime.FromOADate((double)serial)) : serial is >= 19_500_101 and < 22_000_101 && decimal.Truncate(serial) == serial
        ? OfText(((long)serial).ToString(CultureInfo.InvariantCulture), new SheetHabits()) : null;

    private static DateOnly? OfText(string text, SheetHabits habits)
    {
        if (TimeOfDay().Match(text) is { Success: true } time)
            text = text[..time.Index].TrimEnd();
        if (DateOnly.TryParseExact(text, ["yyyy-M-d", "yyyy/M/d", "yyyy.M.d", "yyyyMMdd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var iso))
            return iso;
        if (Numbered().Match(text) is { Success: true } m)
        {
            var (a, b, year) = (Part(m, 1), Part(m, 2), Part(m, 3));
            if (year < 100)
                year += year < 70 ? 2000 : 1900;
            // Dots are written day first everywhere; slashes and hyphens by habit, unless only one way makes a day.
            var dayFirst = text.Contains('.', StringComparison.Ordinal) || a > 12 || b <= 12 && habits.DayFirst;
            var (day, month) = dayFirst ? (a, b) : (b, a);
            return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
        }
        foreach (var culture in Months)
            if (DateOnly.TryParseExact(text, Named, culture, DateTimeStyles.AllowWhiteSpaces, out var named))
                return named;
        return decimal.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var serial) ? OfSerial(serial) : null;
    }

    private static int Part(Match m, int group) => int.Parse(m.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"[\s\u00A0\u202F'’_]")]
    private static partial Regex Noise();

    [GeneratedRegex(@"^(R|ZAR|EUR|USD|GBP|[€$£])|(R|ZAR|EUR|USD|GBP|[€$£])$", RegexOptions.IgnoreCase)]
    private static partial Regex Money();

    [GeneratedRegex(@"^[-+]?\d*[\d.,]*\d$")]
    private static partial Regex Figures();

    [GeneratedRegex(@"^[-+]?\d{1,3}[.,]\d{3}$")]
    private static partial Regex Ambiguous();

    [GeneratedRegex(@"^\s*(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})\b")]
    private static partial Regex Slashes();

    [GeneratedRegex(@"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})$")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"(T|\s+)\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*(AM|PM)|Z)?$", RegexOptions.IgnoreCase)]
    private static partial Regex TimeOfDay();
}
