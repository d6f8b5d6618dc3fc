using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using MudBlazor.Services;
using Pms.Core.Jobs;

namespace Pms.Web.Jobs;

// Full keyboard operation: one letter per main action, heard with nothing focused, silent while a sheet is open (there one types).
public sealed partial class OperatorBoard
{
    /// <summary>Id of the html element.</summary>
    private const string Page = "page";

    private bool _keysHeard;

    [Inject] private IKeyInterceptorService Keys { get; set; } = default!;

    private async Task ListenToKeysAsync()
    {
        await Keys.SubscribeAsync(Page, new KeyInterceptorOptions([.. "srpfumxc?".Select(k => new KeyOptions(k.ToString(), subscribeDown: true))]), keyDown: e => InvokeAsync(() => KeyAsync(e)));
        _keysHeard = true;
    }

    private async Task KeyAsync(KeyboardEventArgs e)
    {
        if (e.CtrlKey || e.AltKey || e.MetaKey || Sheet.Kind != SheetKind.None || Warnings.Count > 0 || _locked || _scope is null)
            return;
        var mine = _jobs.Mine(Me2).FirstOrDefault();
        switch (e.Key)
        {
            case "s" when _jobs.Next.FirstOrDefault(j => j.Id == FirstReady) is { } next:
                await TapAsync(new JobTap(JobVerb.Start, next));
                break;
            case "r" when mine is not null:
                await TapAsync(new JobTap(JobVerb.Report, mine));
                break;
            case "p" when mine is not null:
                await TapAsync(new JobTap(mine.Status == JobStatus.Running ? JobVerb.Pause : JobVerb.Resume, mine));
                break;
            case "f" when mine is not null:
                await TapAsync(new JobTap(JobVerb.Finish, mine));
                break;
            case "u" when _jobs.ToUndo(Me2, Now) is { } undo:
                await UndoAsync(undo);
                break;
            case "m":
                await OpenAsync(SheetKind.Manual);
                break;
            case "x":
                await OpenAsync(SheetKind.Stop);
                break;
            case "c":
                await OpenAsync(SheetKind.Clock);
                break;
            case "?":
                await OpenAsync(SheetKind.Keys);
                break;
        }

        StateHasChanged();
    }
}
