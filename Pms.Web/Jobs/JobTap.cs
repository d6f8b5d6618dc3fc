using MudBlazor;
using Pms.Core.Jobs;
using Pms.Web.Shared;

namespace Pms.Web.Jobs;

/// <summary>What a card can be tapped for.</summary>
public enum JobVerb { Start, RunNow, Pause, Why, Resume, Report, Finish, TakeOver, More }

/// <summary>One tap on one job's card.</summary>
public sealed record JobTap(JobVerb Verb, OperatorJob Job);

/// <summary>Which sheet lies over the page.</summary>
public enum SheetKind { None, PickMachine, Why, Report, Finish, TakeOver, More, Manual, Stop, Clock, Keys, Reason }

/// <summary>Everything a person has typed into the sheet that is open; what the draft keeps.</summary>
public sealed class SheetState
{
    public SheetKind Kind { get; set; }
    public long JobId { get; set; }
    public decimal Good { get; set; }
    public decimal Scrap { get; set; }
    public decimal Rework { get; set; }
    public long? ScrapReasonId { get; set; }
    public long? VariantId { get; set; }
    public long? MachineId { get; set; }
    public long? StepId { get; set; }

    /// <summary>Typed order number, note or description.</summary>
    public string Text { get; set; } = "";

    /// <summary>"Started earlier": minutes before the tap.</summary>
    public int Earlier { get; set; }

    public bool Typed => Good != 0 || Scrap != 0 || Rework != 0 || Text.Length > 0;
}

/// <summary>A job's state as colour, icon and word.</summary>
public static class JobStates
{
    /// <summary>A set-up beyond this much of its standard needs a look.</summary>
    private const decimal LongSetup = 1.5m;

    public static PlantState Of(OperatorJob job, DateTimeOffset now) => job.Status switch
    {
        JobStatus.Running when job.Phase == JobPhase.Setup =>
            job.SetupMinutes > 0 && job.OpenSince is { } since && (decimal)(job.Before + (now - since)).TotalMinutes > LongSetup * job.SetupMinutes ? PlantState.SetUpLong : PlantState.SetUp,
        JobStatus.Running => PlantState.Running,
        JobStatus.Paused when job.HoldKind is not null => PlantState.OnHold,
        JobStatus.Paused when job.StandsSince is not null => PlantState.Broken,
        JobStatus.Paused => PlantState.Paused,
        JobStatus.Finished => PlantState.Done,
        JobStatus.Cancelled => PlantState.NoData,
        _ => job.Readiness.Kind switch
        {
            ReadinessKind.OnHold => PlantState.OnHold,
            ReadinessKind.MachineStands => PlantState.Broken,
            ReadinessKind.Short or ReadinessKind.WaitingFor => PlantState.Waiting,
            _ => PlantState.Ready,
        },
    };

    /// <summary>The tile's icon for a reason; the lists name Material icons, an unknown name shows none.</summary>
    public static string? Icon(string name) => Named.GetValueOrDefault(name);

    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["build"] = Icons.Material.Filled.Build, ["cleaning"] = Icons.Material.Filled.CleaningServices, ["clock"] = Icons.Material.Filled.Schedule,
        ["coffee"] = Icons.Material.Filled.Coffee, ["color"] = Icons.Material.Filled.Palette, ["crack"] = Icons.Material.Filled.BrokenImage,
        ["cut"] = Icons.Material.Filled.ContentCut, ["damage"] = Icons.Material.Filled.BrokenImage, ["dirt"] = Icons.Material.Filled.Grain,
        ["document"] = Icons.Material.Filled.Description, ["help"] = Icons.Material.Filled.HelpOutline, ["hourglass"] = Icons.Material.Filled.HourglassEmpty,
        ["inventory"] = Icons.Material.Filled.Inventory2, ["machine"] = Icons.Material.Filled.PrecisionManufacturing, ["material"] = Icons.Material.Filled.Inventory2,
        ["meeting"] = Icons.Material.Filled.Groups, ["people"] = Icons.Material.Filled.PersonOff, ["quality"] = Icons.Material.Filled.FactCheck,
        ["question"] = Icons.Material.Filled.QuestionMark, ["ruler"] = Icons.Material.Filled.Straighten, ["school"] = Icons.Material.Filled.School,
        ["stain"] = Icons.Material.Filled.WaterDrop, ["swap"] = Icons.Material.Filled.SwapHoriz, ["thread"] = Icons.Material.Filled.Cable,
        ["tool"] = Icons.Material.Filled.Handyman, ["truck"] = Icons.Material.Filled.LocalShipping, ["tune"] = Icons.Material.Filled.Tune, ["warning"] = Icons.Material.Filled.Warning,
    };
}
