using MudBlazor;

namespace Pms.Web.Shared;

/// <summary>Asking in one line: <c>if (await Dialogs.AskAsync(…))</c>.</summary>
public static class Dialogs
{
    private static readonly DialogOptions Small = new() { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true, CloseOnEscapeKey = true };

    /// <summary>True when the person agreed; closing or Escape is a no.</summary>
    public static async Task<bool> AskAsync(this IDialogService dialogs, string title, string text, string yes, bool danger = false) =>
        await Show(dialogs, title, text, yes, danger, null) is not null;

    /// <summary>The reason given, trimmed and not empty; null when the person went back.</summary>
    public static Task<string?> AskReasonAsync(this IDialogService dialogs, string title, string text, string yes, string reasonLabel, bool danger = false) =>
        Show(dialogs, title, text, yes, danger, reasonLabel);

    private static async Task<string?> Show(IDialogService dialogs, string title, string text, string yes, bool danger, string? reasonLabel)
    {
        var asked = await dialogs.ShowAsync<ConfirmDialog>(title, new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, title }, { d => d.Text, text }, { d => d.Yes, yes }, { d => d.Danger, danger }, { d => d.ReasonLabel, reasonLabel },
        }, Small);
        return await asked.Result is { Canceled: false } answer ? answer.Data as string ?? "" : null;
    }
}
