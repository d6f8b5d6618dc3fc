using System.Globalization;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Floor;
using Pms.Core.Identity;
using Pms.Web.Shared;

namespace Pms.Web.Floor;

/// <summary>How the boards say raw values: in the reader's culture and the plant's zone; a missing value is a dash, never a zero.</summary>
public sealed class FloorWords(IStringLocalizer<FloorTexts> words, PlantClock plant)
{
    public const string None = "–";

    public static string Number(decimal? value) => value is { } v ? v.ToString("#,0.##", CultureInfo.CurrentCulture) : None;

    public static string Percent(double? share, int places = 0) => share is { } s && double.IsFinite(s) ? (s * 100).ToString(places == 0 ? "0" : "0.0", CultureInfo.CurrentCulture) + " %" : None;

    /// <summary>Without the sign: A 84 · E 88 · Q 96.</summary>
    public static string Points(double? share) => share is { } s && double.IsFinite(s) ? (s * 100).ToString("0", CultureInfo.CurrentCulture) : None;

    public string Time(DateTimeOffset at) => plant.Local(at).ToString("HH:mm", CultureInfo.CurrentCulture);

    /// <summary>The time, with the day where it is another one.</summary>
    public string When(DateTimeOffset at) => Math.Abs(plant.DateOf(at).DayNumber - plant.Today.DayNumber) switch
    {
        0 => Time(at),
        <= 6 => plant.Local(at).ToString("ddd HH:mm", CultureInfo.CurrentCulture),
        _ => plant.Local(at).ToString("d MMM HH:mm", CultureInfo.CurrentCulture),
    };

    /// <summary>What isn't there or may not be seen is a dash.</summary>
    public static string Day(DateOnly? day) => day?.ToString("ddd d MMM", CultureInfo.CurrentCulture) ?? None;

    public static string Minutes(TimeSpan span) => string.Create(CultureInfo.CurrentCulture, $"{(long)span.TotalHours}:{span.Minutes:00}");

    /// <summary>How a machine's state looks; two of them share a look and differ by their word.</summary>
    public static PlantState Look(MachineState state) => state switch
    {
        MachineState.Broken => PlantState.Broken,
        MachineState.Maintenance => PlantState.Maintenance,
        MachineState.SetUp => PlantState.SetUp,
        MachineState.SetUpLong => PlantState.SetUpLong,
        MachineState.Running => PlantState.Running,
        MachineState.Stopped => PlantState.Stopped,
        MachineState.NoData => PlantState.NoData,
        _ => PlantState.Idle,
    };

    public string Word(MachineState state) => words["Machine_" + state];

    /// <summary>One line of <i>Needs a person</i>: what, the details, where it is solved.</summary>
    public NeedLine Line(NeedsPerson need) => new(
        need.Kind switch
        {
            NeedKind.LateOrder or NeedKind.MoreLateOrders or NeedKind.Stands or NeedKind.BackOverdue => PlantState.Broken,
            NeedKind.ToConfirm => PlantState.Waiting,
            _ => PlantState.Paused,
        },
        words["Need_" + need.Kind, need.Machine ?? need.Order ?? "", need.Count],
        string.Join(" · ", Details(need).Where(d => !string.IsNullOrEmpty(d))),
        need.Kind switch
        {
            NeedKind.ToConfirm => "/manager/to-confirm",
            NeedKind.MoreLateOrders or NeedKind.MoreOrdersAtRisk => "/manager/jobs?status=Late",
            NeedKind.Hold or NeedKind.LateOrder or NeedKind.OrderAtRisk => $"/manager/jobs?search={Uri.EscapeDataString(need.Order ?? "")}",
            _ when need.MachineId is { } machine => $"/manager/floor?machine={machine}",
            _ => $"/manager/jobs?search={Uri.EscapeDataString(need.Order ?? "")}",
        },
        need.Kind switch
        {
            NeedKind.ToConfirm => Permissions.TimeConfirm,
            NeedKind.Hold or NeedKind.LateOrder or NeedKind.MoreLateOrders or NeedKind.OrderAtRisk or NeedKind.MoreOrdersAtRisk => Permissions.JobsView,
            _ => need.MachineId is null ? Permissions.JobsView : Permissions.FloorView,
        });

    private IEnumerable<string?> Details(NeedsPerson need)
    {
        yield return need.Text;
        if (need.Machine is not null)
            yield return need.Order;
        if (need.Ticket is { } ticket)
            yield return need.Person is { } technician ? words["Need_TicketWith", ticket, technician] : words["Need_Ticket", ticket];
        else
            yield return need.Person;
        switch (need.Kind)
        {
            case NeedKind.LateOrder or NeedKind.OrderAtRisk:
                yield return need.Expected is { } forecast ? words["Need_Forecast", When(forecast)] : words["Need_NotPlanned"];
                yield return need.DueOn is { } due ? words["Need_Due", Day(due)].Value : null;
                break;
            case NeedKind.Hold:
                yield return need.DueOn is { } expected ? words["Need_HoldUntil", Day(expected)].Value : null;
                break;
            default:
                yield return need.Expected is { } back ? words["Need_Back", When(back)].Value : null;
                break;
        }
    }
}

/// <summary>A line as it is drawn; it leads on only for who may open what it leads to.</summary>
public sealed record NeedLine(PlantState State, string Title, string Details, string Link, string Permission);
