using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Web.Resources;

namespace Pms.Web.Shared;

/// <summary>Turns a refusal's code and values into words of the reader: from RefusalTexts, instants in the plant's time, numbers in their culture.</summary>
public sealed partial class RefusalWords(IStringLocalizer<RefusalTexts> texts, PlantClock plant)
{
    public string Of(Refusal refusal) => Words(refusal.Code, refusal.Args);

    /// <summary>One sentence; for several faults or warnings, one after the other.</summary>
    public string Of(PmsException refused) => refused switch
    {
        InvalidException invalid => string.Join(" ", invalid.Faults.Select(f => Of(f.Why)).Distinct()),
        ReasonNeededException needed => string.Join(" ", needed.Warnings.Select(Of)),
        _ => Words(refused.Code, refused.Args),
    };

    /// <summary>What a code means, without the values of any one case, in English; for documentation.</summary>
    public string Meaning(string code)
    {
        var reader = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        try
        {
            return texts[code] is { ResourceNotFound: false } text ? Hole().Replace(Optional().Replace(text.Value, ""), "…").Trim() : code;
        }
        finally
        {
            CultureInfo.CurrentUICulture = reader;
        }
    }

    private string Words(string code, IReadOnlyList<object?> args)
    {
        var text = texts[code];
        // A code without words is a fault of ours (a test finds it); the reader still gets something to quote.
        return text.ResourceNotFound ? Words("unknown_refusal", [code]) : Filled(text.Value, [.. args.Select(Show)]);
    }

    /// <summary>Fills {0}, {1}, …; what stands in [ ] with a value falls away when there is none: "[ since {2}]".</summary>
    private static string Filled(string text, string[] shown)
    {
        string At(Match hole) => int.Parse(hole.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var i && i < shown.Length ? shown[i] : "";
        var kept = Optional().Replace(text, part => Hole().Matches(part.Value).All(h => At(h).Length > 0) ? part.Groups[1].Value : "");
        return Hole().Replace(kept, At);
    }

    private string Show(object? value) => value switch
    {
        null => "",
        Refusal inner => Of(inner),
        DateTimeOffset at => plant.Local(at) is var local && DateOnly.FromDateTime(local) == plant.Today
            ? local.ToString("HH:mm", CultureInfo.CurrentCulture) : local.ToString("ddd d MMM HH:mm", CultureInfo.CurrentCulture),
        DateOnly day => day.ToString("ddd d MMM", CultureInfo.CurrentCulture),
        TimeSpan time => string.Create(CultureInfo.CurrentCulture, $"{(long)time.TotalHours}:{time.Minutes:00}"),
        decimal or double => ((IFormattable)value).ToString("#,0.######", CultureInfo.CurrentCulture),
        IEnumerable<string> many => string.Join(", ", many),
        IFormattable number => number.ToString(null, CultureInfo.CurrentCulture),
        _ => value.ToString() ?? "",
    };

    [GeneratedRegex(@"\{(\d+)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\[([^\[\]]*\{\d+\}[^\[\]]*)\]")]
    private static partial Regex Optional();
}
