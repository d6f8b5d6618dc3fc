using MudBlazor;

namespace Pms.Web.Shared;

/// <summary>What anything in the plant can be shown as; a page maps its own statuses to these and never to a colour.</summary>
public enum PlantState
{
    Idle, Ready, Waiting, SetUp, SetUpLong, Running, OnHold, Paused, Stopped, Broken, Late, Overbooked, Maintenance, NoData, Done,
}

/// <summary>One icon, one word and one colour for each state, everywhere the same; colour alone never says it.</summary>
public static class States
{
    private const string Diamond = """<path d="M12 2.5 21.5 12 12 21.5 2.5 12Z"/>""";

    /// <summary>Value of data-state, from which the style sheet takes ink, fill and edge.</summary>
    public static string Css(this PlantState state) => state switch
    {
        PlantState.Idle => "idle",
        PlantState.Ready => "ready",
        PlantState.Waiting => "waiting",
        PlantState.SetUp => "setup",
        PlantState.SetUpLong => "setup-long",
        PlantState.Running => "running",
        PlantState.OnHold => "hold",
        PlantState.Paused => "paused",
        PlantState.Stopped => "stopped",
        PlantState.Broken => "broken",
        PlantState.Late => "late",
        PlantState.Overbooked => "overbooked",
        PlantState.Maintenance => "maintenance",
        PlantState.NoData => "nodata",
        PlantState.Done => "done",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    public static string Icon(this PlantState state) => state switch
    {
        PlantState.Running => Icons.Material.Filled.PlayArrow,
        PlantState.SetUp or PlantState.SetUpLong => Icons.Material.Filled.Settings,
        PlantState.Ready or PlantState.Idle => Icons.Material.Outlined.Circle,
        PlantState.Waiting => Icons.Material.Filled.MoreHoriz,
        PlantState.OnHold => Icons.Material.Outlined.PauseCircle,
        PlantState.Paused or PlantState.Stopped => Icons.Material.Filled.Pause,
        PlantState.Broken or PlantState.Late or PlantState.Overbooked => Icons.Material.Filled.Close,
        PlantState.Maintenance => Diamond,
        PlantState.NoData => Icons.Material.Filled.QuestionMark,
        PlantState.Done => Icons.Material.Filled.Check,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    /// <summary>Key of the state's word in Texts.</summary>
    public static string TextKey(this PlantState state) => "State_" + state;
}
