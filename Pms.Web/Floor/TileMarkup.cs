using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Pms.Core.Floor;
using Pms.Core.Jobs;
using Pms.Web.Shared;

namespace Pms.Web.Floor;

/// <summary>
/// The inside of a machine's tile as one piece of markup: an open board compares and keeps one string per tile instead of some forty elements,
/// and boards are open by the hundred. It is made once for all boards that show the machine in the same words.
/// Whatever people wrote is encoded here, because nobody does it afterwards.
/// </summary>
public sealed class TileMarkup(FloorWords show, IStringLocalizer<FloorTexts> words, ClockOrigin clocks)
{
    private readonly ConcurrentDictionary<(long Machine, string Numbers, string Language, bool Names, bool Rates), DrawnTile> last = new();

    /// <param name="names">Off on a board that strangers look at.</param>
    /// <param name="rates">Off where a person's rate is nobody's business.</param>
    public DrawnTile Of(MachineTile machine, bool names, bool rates)
    {
        var key = (machine.Id, CultureInfo.CurrentCulture.Name, CultureInfo.CurrentUICulture.Name, names, rates);
        if (last.TryGetValue(key, out var drawn) && ReferenceEquals(drawn.Machine, machine))
            return drawn;
        return last[key] = new DrawnTile(machine, Inside(machine, names, rates));
    }

    private MarkupString Inside(MachineTile machine, bool names, bool rates)
    {
        var look = FloorWords.Look(machine.State);
        var html = new StringBuilder(640);
        html.Append("<span class=\"row between\"><span class=\"name cut\">").Append(Text(machine.Number)).Append("</span><span class=\"state\" data-state=\"").Append(look.Css()).Append("\">")
            .Append(Pictogram.Of(look.Icon()).Value).Append(Text(show.Word(machine.State))).Append("</span></span>");
        if (machine.Ticket is { } ticket)
        {
            Small(html, Text(ticket.Reason ?? ticket.Description) + " · " + Clock(ticket.StandsFrom));
            Small(html, Text(ticket.Number + (names && ticket.Assigned is { } who ? " · " + who : null) + (ticket.ExpectedBack is { } back ? " · " + words["Back", show.When(back)] : null)));
        }
        else if (machine.Job is { } job)
        {
            Small(html, Text(job.Job.OrderNumber + (names && job.Job.OperatorFirst is { } name ? " · " + name : null) + (machine.Jobs.Count > 1 ? $" · +{machine.Jobs.Count - 1}" : null)), "cut");
            if (machine.State == MachineState.Stopped)
                Small(html, Text(job.Job.PauseReason ?? (job.Job.PauseCause is { } cause and not PauseCause.Operator ? words["Cause_" + cause] : words["NoReason"])) + " · " + Clock(job.Since));
            else
                html.Append(CultureInfo.InvariantCulture, $"<span class=\"bar\" data-state=\"{look.Css()}\" style=\"--done:{job.Progress:0.##}\"><i></i></span>");
            Small(html, "<span>" + Text($"{FloorWords.Number(job.Job.Good)} / {FloorWords.Number(job.Job.Planned)}{(rates && job.Rate is { } rate ? " · " + FloorWords.Percent(rate) : null)}") + "</span>"
                + (machine.State == MachineState.Stopped ? "" : Clock(job.Since)), "row between");
        }
        else
        {
            if (machine.Since is { } since)
                Small(html, Text(words["Since", show.When(since)]) + " · " + Clock(since));
            if (machine.Next is { } next)
                Small(html, Text(words["Next", next.OrderNumber, show.When(next.PlannedStart)]));
            if (names && machine.Allocated.Count > 0)
                Small(html, Text(string.Join(", ", machine.Allocated)), "cut");
        }
        return new MarkupString(html.ToString());
    }

    private string Clock(DateTimeOffset since) => $"<span class=\"clock hm\" style=\"--from:{clocks.From(since)}\"></span>";

    private static void Small(StringBuilder html, string inside, string? css = null) =>
        html.Append(css is null ? "<small>" : $"<small class=\"{css}\">").Append(inside).Append("</small>");

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A machine's tile as all boards draw it.</summary>
public sealed class DrawnTile(MachineTile machine, MarkupString inside)
{
    public MachineTile Machine => machine;
    public MarkupString Inside => inside;
    public string Id { get; } = machine.Id.ToString(CultureInfo.InvariantCulture);
    public string Look { get; } = FloorWords.Look(machine.State).Css();
}
