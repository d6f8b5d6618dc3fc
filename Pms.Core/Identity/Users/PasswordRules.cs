using System.Reflection;
using System.Text;

namespace Pms.Core.Identity.Users;

/// <summary>
/// What a password must be: long, and not one that everybody tries first. No rules of composition (NIST SP 800-63B §3.1.1.2).
/// </summary>
public static class PasswordRules
{
    public const int Shortest = 12;
    public const int Longest = 128;
    public const int ShortestPin = 6;
    public const int LongestPin = 12;

    private static readonly HashSet<string> Common = Load();

    /// <summary>Why this password is refused, or null. <paramref name="names"/> are the person's own (user name, shown name, address).</summary>
    public static Refusal? Check(string? password, params IEnumerable<string?> names) => Check(password, Shortest, names);

    /// <inheritdoc cref="Check(string?, IEnumerable{string?})"/>
    /// <param name="shortest">Characters at least; never fewer than <see cref="Shortest"/>.</param>
    public static Refusal? Check(string? password, int shortest, params IEnumerable<string?> names)
    {
        shortest = Math.Max(shortest, Shortest);
        if (password is null || password.Length < shortest)
            return new("password.too_short", shortest);
        if (password.Length > Longest)
            return new("password.too_long", Longest);
        var folded = password.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        foreach (var name in names)
            if (name?.Split('@')[0].Trim().ToLowerInvariant() is { Length: >= 3 } n && folded.Contains(n, StringComparison.Ordinal))
                return new("password.contains_name");
        return folded.Distinct().Count() < 5 || IsCommon(folded) ? new("password.common") : null;
    }

    /// <summary>Why this PIN is refused, or null: digits only, not the employee number, no run and no repetition.</summary>
    public static Refusal? CheckPin(string? pin, string employeeNumber)
    {
        if (pin is null || pin.Length is < ShortestPin or > LongestPin || !pin.All(char.IsAsciiDigit))
            return new("pin.not_digits", ShortestPin, LongestPin);
        var number = new string([.. employeeNumber.Where(char.IsAsciiDigit)]);
        if (number.Length >= 3 && (pin.Contains(number, StringComparison.Ordinal) || number.TrimStart('0') is { Length: >= 3 } bare && pin.Contains(bare, StringComparison.Ordinal)))
            return new("pin.is_number");
        return pin.Distinct().Count() < 3 || IsRun(pin) || HasPeriod(pin) ? new("pin.simple") : null;
    }

    /// <summary>
    /// Listed, or made of listed words alone: with digits and signs before, between or behind them, letters written as figures (p4ssw0rd),
    /// twice, or two in a row. That is how people stretch a weak password to twelve characters.
    /// </summary>
    private static bool IsCommon(string folded)
    {
        if (Common.Contains(folded) || IsRun(folded) || HasPeriod(folded))
            return true;
        foreach (var candidate in new[] { folded, Unleet(TrimSigns(folded, both: false)), Unleet(TrimSigns(folded, both: true)) })
        {
            var letters = new string([.. candidate.Where(char.IsLetter)]);
            // Mostly something else than letters: judge what is left of the figures too.
            if (letters.Length < 4)
                return IsRun(new string([.. candidate.Where(char.IsAsciiDigit)])) || Common.Contains(letters);
            if (IsWords(letters, 2))
                return true;
        }
        return false;
    }

    private static bool IsWords(string letters, int most)
    {
        if (letters.Length == 0)
            return true;
        if (most == 0)
            return false;
        for (var length = Math.Min(letters.Length, 24); length >= 4; length--)
            if (Common.Contains(letters[..length]) && IsWords(letters[length..], letters.Length % length == 0 && letters == Repeat(letters[..length], letters.Length) ? int.MaxValue : most - 1))
                return true;
        return false;
    }

    private static string TrimSigns(string text, bool both)
    {
        var end = text.Length;
        while (end > 0 && !char.IsLetter(text[end - 1]))
            end--;
        var start = 0;
        while (both && start < end && !char.IsLetter(text[start]))
            start++;
        return text[start..end];
    }

    private static string Repeat(string word, int length) => string.Concat(Enumerable.Repeat(word, length / word.Length));

    private static string Unleet(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = source[i] switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', '8' => 'b', '9' => 'g', '!' => 'i', _ => source[i] };
    });

    /// <summary>Every character one above, or one below, the one before (9 to 0 counts), or a row of the keyboard.</summary>
    private static bool IsRun(string text)
    {
        if (text.Length < 5)
            return false;
        var (up, down) = (true, true);
        for (var i = 1; i < text.Length && (up || down); i++)
        {
            var step = text[i] - text[i - 1];
            up &= step == 1 || text[i - 1] == '9' && text[i] == '0';
            down &= step == -1 || text[i - 1] == '0' && text[i] == '9';
        }
        return up || down;
    }

    /// <summary>A short piece over and over: <c>abcabcabcabc</c>, <c>121212</c>.</summary>
    private static bool HasPeriod(string text) => Enumerable.Range(1, Math.Min(4, text.Length / 2)).Any(period =>
        text.Length % period == 0 && Enumerable.Range(period, text.Length - period).All(i => text[i] == text[i - period]));

    private static HashSet<string> Load()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Pms.Core.Identity.Users.common-passwords.txt")!);
        return [.. reader.ReadToEnd().Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
    }
}
