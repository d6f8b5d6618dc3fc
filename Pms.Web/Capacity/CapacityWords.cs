using System.Globalization;
using Microsoft.Extensions.Localization;
using Pms.Core.Capacity;

namespace Pms.Web.Capacity;

/// <summary>Load against capacity in words: the same on the capacity page, under the schedule and in the sheet of a cell.</summary>
public sealed class CapacityWords(IStringLocalizer<CapacityTexts> l)
{
    public string Said(Bucket b) => b.Capacity is { } c ? l["Of", Hours(b.Minutes), Hours(c)] : l["NoLimit", Hours(b.Minutes)];

    /// <summary>Never capped; hours where there is nothing to measure by.</summary>
    public string Percent(Bucket b) => b.Percent is { } percent ? Whole(percent) : Hours(b.Minutes);

    public string Hours(decimal minutes) => l["Hours_Short", (minutes / 60).ToString(minutes is > 0 and < 600 ? "0.#" : "#,0", CultureInfo.CurrentCulture)];

    public static string Whole(decimal percent) => percent.ToString("#,0", CultureInfo.CurrentCulture) + " %";
}
