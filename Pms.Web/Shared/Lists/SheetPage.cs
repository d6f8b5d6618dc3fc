using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Web.Compliance;

namespace Pms.Web.Shared.Lists;

/// <summary>
/// A list with a sheet beside it that edits one record: <c>?id=7</c> or <c>?id=new</c>. What is typed is a draft until it is saved;
/// who saved meanwhile is named, and theirs can be loaded or one's own kept. Faults stand beside their fields.
/// </summary>
public abstract class SheetPage<TRow, TRecord> : ListPage<TRow> where TRecord : class, IVersioned
{
    private readonly Dictionary<string, string> _faults = [];
    private TRecord? _theirs;
    private string? _openId;
    private int _opening;   // counts what was opened: the same record closed and opened again is another draft

    [SupplyParameterFromQuery(Name = "id")] public string? Id { get; set; }
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private IDialogService Ask { get; set; } = default!;
    [Inject] private AuditWords Said { get; set; } = default!;

    /// <summary>What the form shows; null while no sheet is open.</summary>
    public TRecord? Draft { get; private set; }

    /// <summary>As it was read or saved last.</summary>
    protected TRecord? Original { get; private set; }

    /// <summary>What the reader may do with the open record's fields, by its stored state.</summary>
    protected FieldSight RecordSight => new(View(typeof(TRecord)), Original, IsNew);

    public bool IsNew => Draft is { Id: 0 };

    public bool Dirty => Draft is not null && (AlsoTyped || !Equals(Draft, Original));

    /// <summary>True while something is typed that is no field of the record yet.</summary>
    protected virtual bool AlsoTyped => false;

    public bool Busy { get; private set; }

    /// <summary>What somebody saved meanwhile, beside one's own draft; null when nobody did.</summary>
    public Clash? Conflict { get; private set; }

    protected abstract TRecord Blank();

    protected abstract Task<TRecord> ReadAsync(long id, CancellationToken ct);

    protected abstract Task<TRecord> StoreAsync(TRecord draft, CancellationToken ct);

    /// <summary>Another record is opened, or none: what was typed beside the last one is forgotten.</summary>
    protected virtual void Forget()
    {
    }

    /// <summary>What else the open record's sheet shows.</summary>
    protected virtual Task OpenedAsync(TRecord record, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Words for the field, or null.</summary>
    public string? Fault(string field) => _faults.GetValueOrDefault(field);

    public void Set(TRecord next)
    {
        Draft = next;
        StateHasChanged();
    }

    public string Opened(long id) => Href(("id", id), ("tab", null));

    public string OpenedNew() => Href(("id", "new"), ("tab", null));

    public string Closed() => Href(("id", (string?)null), ("tab", null));

    protected override async Task LoadAsync(CancellationToken ct)
    {
        await base.LoadAsync(ct);
        if (Id != _openId)
        {
            (_openId, _opening, Draft, Original, _theirs, Conflict) = (Id, _opening + 1, null, null, null, null);
            _faults.Clear();
            Forget();
            if (Id == "new")
                Draft = Original = Blank();
        }
        if (!long.TryParse(Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return;
        var stored = await ReadAsync(id, ct);
        if (Dirty && stored.Version != Original!.Version)
        {
            await ClashAsync(Conflict?.Text ?? Words["Conflict_Somebody"], stored, ct);
        }
        else if (!Dirty)
        {
            Draft = Original = stored;
        }
        await OpenedAsync(stored, ct);
    }

    /// <summary>Saves the draft; true when it is stored.</summary>
    public async Task<bool> SaveAsync()
    {
        if (Draft is null || Busy)
            return false;
        Busy = true;
        _faults.Clear();
        var (sent, opening, stored) = (Draft, _opening, false);
        await TryAsync(async () =>
        {
            try
            {
                var saved = await StoreAsync(sent, Left);
                stored = true;
                if (_opening == opening && Draft is { } typed)   // what was typed meanwhile stays
                    (Original, Draft, _theirs, Conflict) = (saved, ReferenceEquals(typed, sent) ? saved : Merge.Onto(saved, typed, Merge.Changed(sent, typed)), null, null);
            }
            catch (InvalidException invalid) when (_opening == opening)
            {
                foreach (var field in invalid.Faults.GroupBy(f => f.Field))
                    _faults[field.Key] = string.Join(" ", field.Select(f => Refused.Of(f.Why)).Distinct());
                Say(Words["Form_Wrong"], Severity.Warning);
            }
            catch (ConflictException conflict) when (sent.Id != 0 && _opening == opening)
            {
                await ClashAsync(Refused.Of(conflict), await ReadAsync(sent.Id, Left), Left);
            }
        });
        Busy = false;
        if (!stored)
            return false;
        Say(Words["Saved"], Severity.Success);
        if (Id == "new" && _opening == opening)
        {
            _openId = Draft!.Id.ToString(CultureInfo.InvariantCulture);
            Go(Href(("id", Draft.Id)), replace: true);
        }
        else
        {
            await ReloadAsync();
        }
        return true;
    }

    private async Task ClashAsync(string text, TRecord theirs, CancellationToken ct)
    {
        if (Conflict is not null && _theirs?.Version == theirs.Version)
        {
            Conflict.Text = text;   // what was chosen so far stays
            return;
        }
        (_theirs, Conflict) = (theirs, await Clash.OfAsync(text, Said, Me.Who, Original!, Draft!, theirs, ct));
    }

    /// <summary>Gives up one's own draft for what was saved meanwhile.</summary>
    public void LoadTheirs()
    {
        if (_theirs is not null)
            Draft = Original = _theirs;
        (_theirs, Conflict) = (null, null);
        Forget();
        _faults.Clear();
    }

    /// <summary>Saves one's own changes onto what was saved meanwhile, as chosen for the fields that both changed; the audit shows both.</summary>
    public Task KeepMineAsync()
    {
        if (_theirs is not null && Draft is not null && Conflict is not null)
            (Draft, Original) = (Conflict.Merged(Draft, _theirs), _theirs);
        (_theirs, Conflict) = (null, null);
        return SaveAsync();
    }

    /// <summary>Removes the open record after asking, and closes the sheet.</summary>
    protected async Task RemoveAsync(string title, string text, Func<TRecord, Task> remove)
    {
        if (Original is null || !await Ask.AskAsync(title, text, Words["Remove"], danger: true))
            return;
        if (await TryAsync(() => remove(Original), Words["Removed"]))
        {
            Draft = Original;
            Forget();
            Go(Closed(), replace: true);
        }
    }

    /// <summary>For NavigationLock: leaving the open record with unsaved changes asks first.</summary>
    public async Task LeavingAsync(LocationChangingContext leaving)
    {
        if (!Dirty)
            return;
        var target = new Uri(Nav.ToAbsoluteUri(leaving.TargetLocation).ToString());
        var here = new Uri(Nav.Uri);
        var same = target.AbsolutePath == here.AbsolutePath
            && Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(target.Query).GetValueOrDefault("id") == _openId;   // a new record that was just stored is the one under its number
        if (!same && !await Ask.AskAsync(Words["Unsaved_Title"], Words["Unsaved_Text"], Words["Unsaved_Leave"], danger: true))
            leaving.PreventNavigation();
    }
}
