using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Planning;
using Pms.Web.Shared;

namespace Pms.Web.Planning;

/// <summary>
/// The ground of a line and the inside of a bar, each as one piece of markup: a board has thousands of pieces, and its page compares and keeps one string
/// of each instead. Whatever people wrote is encoded here, because nobody does it afterwards.
/// </summary>
public sealed class ScheduleMarkup(PlanningWords show, IStringLocalizer<PlanningTexts> words, PlantClock plant)
{
    /// <summary>Below this share of the window a break is not worth drawing.</summary>
    private const double Least = 1 / 400d;

    /// <summary>The shares of a board from which a bar has room for its icon, and for words.</summary>
    private const double ForIcon = 0.018, ForWords = 0.065;

    /// <summary>Shaded where nobody works, what keeps the machine from its plan, and the due days of its orders.</summary>
    public MarkupString Ground(PlanRow row, PlanScale scale, IReadOnlyList<Span> working)
    {
        var html = new StringBuilder(512);
        html.Append("<svg class=\"plan-off\" viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\"><path d=\"");
        foreach (var off in new[] { scale.Window }.Subtract(working))
        {
            var (at, end) = (scale.At(off.Start), scale.At(off.End));
            if (end - at >= Least)
                html.Append(CultureInfo.InvariantCulture, $"M{at * 1000:0.#} 0H{end * 1000:0.#}V1H{at * 1000:0.#}Z");
        }
        html.Append("\"/></svg>");
        foreach (var block in row.Blocks.Where(b => new Span(b.From, b.To).Overlaps(scale.Window)))
            Block(html, block, scale);
        foreach (var due in row.Jobs.Where(j => j.Job is { IsOpen: true, DueOn: not null }).GroupBy(j => j.Job.DueOn!.Value).Select(g => (At: plant.At(g.Key.AddDays(1), 0), Jobs: g)).Where(d => d.At > scale.Window.Start && d.At <= scale.Window.End))
            html.Append("<i class=\"plan-due").Append(due.Jobs.Any(j => j.At.End > due.At) ? " missed" : "").Append("\" style=\"--at:").Append(scale.Begin(due.At)).Append("\" title=\"")
                .Append(Text(words["Due_Orders", string.Join(", ", due.Jobs.Select(j => j.Job.OrderNumber).Distinct().Order(StringComparer.Ordinal))])).Append("\"></i>");
        return new MarkupString(html.ToString());
    }

    /// <summary>Icon, order, product and quantity, as far as there is room; the sentence is the link's own.</summary>
    public MarkupString Bar(LaidJob laid, PlanScale scale)
    {
        var (job, share) = (laid.Job, scale.At(laid.At.End) - scale.At(laid.At.Start));
        if (share < ForIcon)
            return default;
        var html = new StringBuilder(256).Append(Pictogram.Of(PlanningWords.Look(job).Icon()).Value);
        if (share >= ForWords)
            html.Append("<span><b>").Append(Text(job.OrderNumber)).Append("</b> ").Append(Text(PlanningWords.Short(job))).Append("</span>");
        return new MarkupString(html.ToString());
    }

    private void Block(StringBuilder html, MachineBlock block, PlanScale scale)
    {
        var (look, span) = (PlanningWords.Look(block.Kind), new Span(block.From, block.To));
        var said = $"{show.Word(block.Kind)} · {block.Title}{(block.Number is { } number ? " · " + number : null)} · {show.Times(span)}";
        html.Append("<span class=\"plan-block\" data-state=\"").Append(look.Css()).Append("\" style=\"--at:").Append(scale.Begin(span)).Append(";--long:").Append(scale.Long(span)).Append("\" title=\"").Append(Text(said)).Append("\"><span class=\"sr-only\">").Append(Text(said)).Append("</span>");
        if (scale.At(block.To) - scale.At(block.From) >= ForIcon)
            html.Append(Pictogram.Of(look.Icon()).Value).Append("<span aria-hidden=\"true\">").Append(Text(block.Title)).Append("</span>");
        html.Append("</span>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
