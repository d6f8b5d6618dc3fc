using System.Globalization;
using System.Text;

namespace Pms.Core;

/// <summary>Both databases compare texts by bytes; what people mean by "the same name" is decided here, once.</summary>
public static class Text
{
    /// <summary>Trimmed, NFC, without control characters; what is stored of every code and name. Null or blank gives "".</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "";
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text.Trim();   // plain ASCII, as most codes are
        var kept = new StringBuilder(text.Length);
        // A lone surrogate can neither be normalised nor sent to a database as UTF-8.
        foreach (var rune in text.EnumerateRunes())
            if (rune != Rune.ReplacementChar && (!Rune.IsControl(rune) || rune.Value is '\n' or '\t'))
                kept.Append(rune.ToString());
        return kept.ToString().Normalize(NormalizationForm.FormC).Trim();
    }

    /// <summary>Cleaned; null where nothing is left.</summary>
    public static string? OrNull(string? text) => Clean(text) is { Length: > 0 } kept ? kept : null;

    /// <summary>
    /// The folded form of a code or name that serves uniqueness, prefix search and sort in a <c>…_key</c> column:
    /// cleaned, upper case, without accents, runs of blanks as one.
    /// </summary>
    public static string Key(string? text)
    {
        var clean = Clean(text);
        if (!clean.AsSpan().ContainsAnyExceptInRange(' ', '~') && !clean.Contains("  ", StringComparison.Ordinal))
            return clean.ToUpperInvariant();
        var decomposed = clean.Normalize(NormalizationForm.FormKD);
        var key = new StringBuilder(decomposed.Length);
        foreach (var c in decomposed)
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
                continue;
            if (!char.IsWhiteSpace(c))
                key.Append(char.ToUpperInvariant(c));
            else if (key.Length > 0 && key[^1] != ' ')
                key.Append(' ');
        }
        return key.ToString().TrimEnd();
    }

    /// <summary>The first key after all that start with <paramref name="prefix"/>: a prefix search is [prefix, end).</summary>
    public static string PrefixEnd(string prefix) => prefix + '\uffff';
}
