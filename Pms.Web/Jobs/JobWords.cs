using System.Globalization;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Web.Resources;

namespace Pms.Web.Jobs;

/// <summary>A job's figures and states in the plant's own short words and the plant's own time.</summary>
public sealed class JobWords(IStringLocalizer<JobsTexts> texts, PlantClock plant)
{
    public string Figure(decimal value) => value.ToString("#,0.######", CultureInfo.CurrentCulture);

    /// <summary>The time of day; another day than today is named.</summary>
    public string Time(DateTimeOffset at) =>
        plant.Local(at).ToString(plant.DateOf(at) == plant.Today ? "HH:mm" : "ddd HH:mm", CultureInfo.CurrentCulture);

    public string Day(DateOnly day) => day == plant.Today ? texts["Today"] : day.ToString("ddd d MMM", CultureInfo.CurrentCulture);

    /// <summary>"M-14 Tajima 12-head", else the work centre, else nothing.</summary>
    public string Place(OperatorJob job) => job.MachineNumber is null ? job.WorkCentre ?? "" : $"{job.MachineNumber} {job.MachineName}".Trim();

    /// <summary>"Embroidery · 500 pieces · due Fri 27 Nov"</summary>
    public string Under(OperatorJob job) => job.DueOn is not { } due ? job.IsActive ? job.Stage : $"{job.Stage} · {Pieces(job.Rest, job.Unit)}"
        : job.IsActive ? texts["Card_Under", job.Stage, Day(due)]
        : texts["Card_UnderNext", job.Stage, Pieces(job.Rest, job.Unit), Day(due)];

    public string Pieces(decimal quantity, string unit) => texts.GetString("Unit_" + unit) is { ResourceNotFound: false } word ? $"{Figure(quantity)} {word.Value}" : $"{Figure(quantity)} {unit}";

    /// <summary>"2 scrap · 98 % of rate"</summary>
    public string Counts(OperatorJob job, DateTimeOffset now)
    {
        var parts = new List<string>();
        if (job.Scrap != 0)
        {
            parts.Add(texts["Count_Scrap", Figure(job.Scrap)]);
        }

        if (job.Rework != 0)
        {
            parts.Add(texts["Count_Rework", Figure(job.Rework)]);
        }

        if (job.Rate(now) is { } rate)
        {
            parts.Add(texts["Count_Rate", decimal.Round(rate * 100).ToString("0", CultureInfo.CurrentCulture)]);
        }

        return parts.Count > 0 ? string.Join(" · ", parts) : texts["Count_Left", Figure(job.Rest)];
    }

    public string Ready(Readiness ready) => ready.Kind switch
    {
        ReadinessKind.OnHold => texts["Ready_OnHold", Named("Hold_", ready.Word)],
        ReadinessKind.MachineStands => texts["Ready_MachineStands"],
        ReadinessKind.Short => texts["Ready_Short", Named("Short_", ready.Word)],
        ReadinessKind.WaitingFor => texts["Ready_WaitingFor", ready.Word ?? ""],
        ReadinessKind.ReadyForSome => texts["Ready_Some", Figure(ready.Available ?? 0), Figure(ready.Of)],
        _ => texts["Ready_Ready"],
    };

    /// <summary>"Stopped since 10:20: Thread break", or who or what stopped it.</summary>
    public string Paused(OperatorJob job)
    {
        var since = job.PausedAt is { } at ? Time(at) : "";
        if (job.HoldKind is { } hold)
        {
            return texts["Paused_Hold", since, Named("Hold_", hold), job.HoldNote ?? ""];
        }

        if (job.PauseReason is { } reason)
        {
            return texts["Paused_Why", since, reason];
        }

        return job.PauseCause is { } cause and not PauseCause.Operator ? texts["Paused_" + cause, since] : texts["Paused_NoReason", since];
    }

    /// <summary>Three letters where a product has no picture.</summary>
    public string Picture(OperatorJob job)
    {
        var letters = string.Concat((job.ProductCode + job.ProductName).Where(char.IsLetterOrDigit).Take(3));
        return letters.ToUpperInvariant();
    }

    private string Named(string prefix, string? word) => texts.GetString(prefix + word) is { ResourceNotFound: false } known ? known.Value : word ?? "";
}
