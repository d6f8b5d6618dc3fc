using System.Globalization;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Planning;
using Pms.Web.Floor;
using Pms.Web.Shared;

namespace Pms.Web.Planning;

/// <summary>How the plan says its jobs: one state, its word, and the sentence behind a bar.</summary>
public sealed class PlanningWords(IStringLocalizer<PlanningTexts> words, FloorWords show, PlantClock plant)
{
    /// <summary>What is on hold comes before what is late; what runs late is shown running, with its end in red.</summary>
    public static PlantState Look(PlannedJob job) => job.Status switch
    {
        JobStatus.Running => job.Phase == JobPhase.Setup ? PlantState.SetUp : PlantState.Running,
        JobStatus.Paused => PlantState.Paused,
        JobStatus.Finished => PlantState.Done,
        _ when job.Held => PlantState.OnHold,
        _ when job.Late => PlantState.Late,
        _ => PlantState.Ready,
    };

    public string Word(PlannedJob job) => words["State_" + Look(job)];

    public static PlantState Look(BlockKind kind) => kind == BlockKind.Standing ? PlantState.Broken : PlantState.Maintenance;

    public string Word(BlockKind kind) => words["Block_" + kind];

    /// <summary>From–to; the day once where it is the same.</summary>
    public string Times(Span at) => plant.DateOf(at.Start) == plant.DateOf(at.End) ? $"{show.When(at.Start)}–{show.Time(at.End)}" : $"{show.When(at.Start)} – {show.When(at.End)}";

    /// <summary>What a bar says where there is room.</summary>
    public static string Short(PlannedJob job) => $"{job.Product} · {FloorWords.Number(job.Planned)}";

    /// <summary>All that a bar stands for, for who hovers or listens; what the bar says is in it as it stands there.</summary>
    public string Sentence(PlannedJob job, Span at) => string.Join(" · ", new[]
    {
        Word(job), job.Late && Look(job) != PlantState.Late ? words["State_Late"].Value : null, $"{job.OrderNumber} {Short(job)}", job.Stage,
        job.Good > 0 ? words["Done_Count", FloorWords.Number(job.Good)].Value : null, Times(at), job.DueOn is { } due ? words["Due_On", FloorWords.Day(due)].Value : null,
    }.OfType<string>());

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
