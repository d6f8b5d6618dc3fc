using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Identity.Fields;
using Pms.Web.Compliance;

namespace Pms.Web.Shared.Lists;

/// <summary>A tab that lists the parts of a record and edits one at a time in place: stages, shifts, reasons, absences.</summary>
public abstract class PartEditor<TPart> : PmsPage where TPart : class
{
    private readonly Dictionary<string, string> _faults = [];
    private Func<TPart, Task>? _store;
    private TPart? _theirs, _first;

    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private IDialogService Ask { get; set; } = default!;
    [Inject] private AuditWords Said { get; set; } = default!;

    [Inject] private FieldRules Rules { get; set; } = default!;

    protected override bool ShowsFields => true;

    [Parameter] public bool CanEdit { get; set; }

    /// <summary>What the reader may do with the fields of the part in the form, by its stored state.</summary>
    protected FieldSight PartSight => SightOf(_first);

    protected FieldSight SightOf<T>(T? record) where T : class => new(Me.Actor is { } actor ? Rules.Of(actor, typeof(T)) : null, record, record is Core.Audit.IVersioned { Id: 0 });

    /// <summary>The part in the form; null while only the list is shown.</summary>
    protected TPart? Edited { get; private set; }

    /// <summary>Something was typed that is not stored.</summary>
    protected bool Dirty => Edited is not null && (AlsoTyped || !Equals(Edited, _first));

    /// <summary>True while something is typed that is no field of the part yet.</summary>
    protected virtual bool AlsoTyped => false;

    protected bool Busy { get; private set; }

    /// <summary>What somebody saved meanwhile, beside one's own; null when nobody did.</summary>
    protected Clash? Conflict { get; private set; }

    /// <summary>The part as it is stored now; null where it can't be read again (then a conflict is only told).</summary>
    protected virtual Task<TPart?> TheirsAsync(TPart mine, CancellationToken ct) => Task.FromResult<TPart?>(null);

    protected string? Fault(string field) => _faults.GetValueOrDefault(field);

    protected void Edit(TPart? part)
    {
        (Edited, _first, Conflict, _theirs) = (part, part, null, null);
        _faults.Clear();
    }

    protected void Set(TPart part) => Edited = part;

    /// <summary>What follows when the part is stored: the list is read again; a sheet closes.</summary>
    protected virtual Task StoredAsync() => ReloadAsync();

    /// <summary>Stores the part; the form closes when it is stored.</summary>
    protected async Task StoreAsync(Func<TPart, Task> store)
    {
        if (Edited is null || Busy)
            return;
        (Busy, _store) = (true, store);
        _faults.Clear();
        var stored = false;
        await TryAsync(async () =>
        {
            try
            {
                await store(Edited);
                stored = true;
            }
            catch (InvalidException invalid)
            {
                foreach (var field in invalid.Faults.GroupBy(f => f.Field))
                    _faults[field.Key] = string.Join(" ", field.Select(f => Refused.Of(f.Why)).Distinct());
                Say(Words["Form_Wrong"], Severity.Warning);
            }
            catch (ConflictException conflict)
            {
                if (await TheirsAsync(Edited, Left) is not { } theirs)
                    throw;
                (Conflict, _theirs) = (await Clash.OfAsync(Refused.Of(conflict), Said, Me.Who, _first!, Edited, theirs, Left), theirs);
            }
        });
        Busy = false;
        if (!stored)
            return;
        Edit(null);
        Say(Words["Saved"], Severity.Success);
        await StoredAsync();
    }

    /// <summary>Gives up one's own for what was saved meanwhile.</summary>
    protected void LoadTheirs() => Edit(_theirs ?? Edited);

    /// <summary>Saves one's own changes onto what was saved meanwhile, as chosen for the fields that both changed; the audit shows both.</summary>
    protected Task KeepMineAsync()
    {
        if (Edited is null || _store is null)
            return Task.CompletedTask;
        if (_theirs is not null && Conflict is not null)
            (Edited, _first) = (Conflict.Merged(Edited, _theirs), _theirs);
        (Conflict, _theirs) = (null, null);
        return StoreAsync(_store);
    }

    protected async Task RemoveAsync(string title, string text, Func<Task> remove)
    {
        if (!await Ask.AskAsync(title, text, Words["Remove"], danger: true) || !await TryAsync(remove, Words["Removed"]))
            return;
        Edit(null);
        await ReloadAsync();
    }
}
